"""What the exchange's replies prove about its clock, and so about ours.

Two witnesses. A reply about the time says it to the millisecond; its word is what requests are
signed with. Every other reply bears a `Date`, to the second; it comes so often that it notices
when one of the clocks is set in the midst of a cycle, and its word can only stop a sending.

What was heard is carried on by the clock that nobody sets, so a wall clock that jumps shows
without any further reply, and changes no signature.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from earnd.ports import Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZERO = timedelta(0)
_SECOND = timedelta(seconds=1)
# The one form that a server may send (RFC 9110); the others leave the time zone to guessing.
_DATE = re.compile(r"[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Heard:
    """Theirs was between the two, counted from 1970, when our steady clock was at `steady`.

    Spans, because the last second of the year 9999 has no moment after it.
    """

    least: timedelta
    most: timedelta
    steady: float


class TheirClock:
    """The exchange's clock by its own replies, beside `clock`, which is ours. Threads share one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: _Heard | None = None
        self._dated: _Heard | None = None

    def told(self, theirs: datetime, latency: timedelta) -> None:
        """A reply that just came, after so long, says that theirs is `theirs`."""
        since = theirs - _EPOCH
        heard = _Heard(since, since + latency, self._clock.monotonic())
        with self._lock:
            self._told = heard

    def dated(self, headers: Mapping[str, str], latency: timedelta) -> None:
        """A reply that just came, after so long, with these headers; their names in lower case.

        One that says it was kept somewhere (`Age`) is not from now, and one whose `Date` cannot
        be read says nothing.
        """
        theirs = _read(headers.get("date", ""))
        if theirs is None or "age" in headers:
            return
        since = theirs - _EPOCH
        heard = _Heard(since, since + _SECOND + latency, self._clock.monotonic())
        with self._lock:
            self._dated = heard

    def least_now(self) -> datetime:
        """The earliest that theirs can be now by what it told; ours while it told nothing."""
        return self._clock.now() + (self._ahead(self._told)[0] if self._told else _ZERO)

    def skew(self) -> timedelta | None:
        """Theirs minus ours as it was told, at the middle of the doubt; `None` if it was not."""
        if self._told is None:
            return None
        least, most = self._ahead(self._told)
        return (least + most) / 2

    def worst_skew(self) -> timedelta | None:
        """The skew as it was told, or what the newest `Date` proves if that is further off.

        `None` while the exchange told nothing about its time.
        """
        told = self.skew()
        if told is None or self._dated is None:
            return told
        least, most = self._ahead(self._dated)
        proven = max(least, _ZERO) or min(most, _ZERO)
        return max(told, proven, key=abs)

    def _ahead(self, heard: _Heard) -> tuple[timedelta, timedelta]:
        """How far theirs is ahead of ours by now, at least and at most."""
        ours = self._clock.now() - _EPOCH
        passed = timedelta(seconds=self._clock.monotonic() - heard.steady)
        return heard.least + passed - ours, heard.most + passed - ours


def _read(date: str) -> datetime | None:
    if not _DATE.fullmatch(date):
        return None
    try:
        return parsedate_to_datetime(date).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
