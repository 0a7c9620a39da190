"""The time that the sandbox lives in: one that only a test moves, or the machine's own.

Everything else here is told the time by one of these and never asks the machine.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970, cut, as every time of the API is written."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


class SandboxClock(Protocol):
    """What the sandbox asks of a clock."""

    def now(self) -> datetime:
        """The moment, in UTC."""
        ...

    def now_ms(self) -> int:
        """The moment in milliseconds since 1970."""
        ...


class VirtualClock:
    """Stands still until it is told to move, and never goes back. Safe to share between threads."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at a moment with a time zone")
        self._now = start.astimezone(UTC)
        self._lock = Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def now_ms(self) -> int:
        return to_ms(self.now())

    def advance(self, by: timedelta) -> datetime:
        """The moment after `by` has passed; refuses to go back."""
        if by < timedelta(0):
            raise ValueError(f"time does not go back: {by}")
        with self._lock:
            self._now += by
            return self._now

    def advance_to(self, moment: datetime) -> datetime:
        """`moment`, once it is that late; a moment already past changes nothing."""
        with self._lock:
            self._now = max(self._now, moment.astimezone(UTC))
            return self._now


class RealClock:
    """The machine's clock, for practising in real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the sandbox's one door to the wall clock

    def now_ms(self) -> int:
        return to_ms(self.now())
