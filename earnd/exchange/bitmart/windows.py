"""The history in one piece, or window by window where BitMart refuses so long a span.

Nobody documents a longest span for Earn's records. Other endpoints of BitMart's have one of 90
days, so one may come, and a span that is refused must not be taken for an empty history.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from earnd.domain.snapshot import Record
from earnd.exchange.bitmart.asking import BadParameter

Read = Callable[[datetime | None, datetime], tuple[Record, ...]]
"""All records of one kind between two times, both included; from the first on if there is none."""

IsSilent = Callable[[datetime, datetime], bool]
"""Whether there is no record of any kind between two times."""

SIZES: Final = (timedelta(days=30), timedelta(days=7), timedelta(days=1))
"""What is tried, largest first. A day that is refused is refused for another reason."""

QUIET: Final = timedelta(days=180)
"""After so long without a record of any kind there is none before: interest is paid every day."""

LONGEST: Final = timedelta(days=5 * 365)
"""BitMart's Earn API is younger than that, and so is any history that it shows."""

_EDGE: Final = timedelta(milliseconds=1)
"""Windows overlap by this much on either side of an edge, whether or not the exchange counts the
edge itself in; what both show is one record."""


class Windows:
    """How much of the history is asked for at once.

    `size` sets it. Without one it is found out: all at once first, and what is refused is asked
    for again in smaller windows. What worked is remembered for the life of the process.
    """

    def __init__(self, size: timedelta | None = None) -> None:
        self._set, self._size = size, size

    def read(
        self, since: datetime | None, until: datetime, read: Read, is_silent: IsSilent
    ) -> tuple[Record, ...]:
        """Everything from `since` (from the first record if `None`) to `until`, each record once.

        Without `since` windows are walked backwards until one of them, and all before it for
        `QUIET`, shows no record of any kind, or for `LONGEST`. Raises what `read` raises.
        """
        if self._set is not None:
            try:
                return _in_windows(self._set, since, until, read, is_silent)
            except BadParameter as refusal:
                todo = "Set exchange.history_window to a shorter time, or to auto."
                raise BadParameter(refusal.what, where=refusal.where, todo=todo) from None
        smaller = [size for size in SIZES if self._size is None or size < self._size]
        for size in (self._size, *smaller):
            if (
                size is not None
                and since is not None
                and size != self._size
                and size >= until - since
            ):
                continue  # the same question once more
            try:
                found = _in_windows(size, since, until, read, is_silent)
            except BadParameter:
                if size == SIZES[-1] or (since is not None and until - since <= SIZES[-1]):
                    raise
            else:
                self._size = size
                break
        return found


def _in_windows(
    size: timedelta | None,
    since: datetime | None,
    until: datetime,
    read: Read,
    is_silent: IsSilent,
) -> tuple[Record, ...]:
    if size is None or (since is not None and until - since <= size):
        return read(since, until)
    first = until - LONGEST if since is None else since
    found: dict[str, Record] = {}
    end = heard = until
    while True:
        start = max(first, end - size)
        records = read(start, end)
        found.update(
            {record.record_id: record for record in records if record.record_id not in found}
        )
        if since is None and (records or not is_silent(start, end)):
            heard = start
        if start == first or (since is None and heard - start >= QUIET):
            return tuple(found.values())
        end = start + _EDGE
