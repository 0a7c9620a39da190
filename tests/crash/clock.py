"""One clock for two processes: the practice exchange reads it, and so does the earnd it serves.

It stands still but for what either of them moves it by, so that a case takes the same path each
time it is run, and half an hour of patience costs nothing.
"""

from __future__ import annotations

import mmap
from datetime import datetime, timedelta
from pathlib import Path

from earnd.sandbox.clock import EPOCH, to_ms

CELL = 8
MICROSECOND = timedelta(microseconds=1)


class SharedClock:
    """The time that lies in a file; satisfies the sandbox's clock and `earnd.ports.Clock`.

    A moment is one aligned machine word, so a reader never sees half of one. Only one process
    moves it at a time: earnd while it lives, and the test while none does.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(CELL))
        with path.open("r+b") as file:
            self._cell = memoryview(mmap.mmap(file.fileno(), CELL)).cast("q")

    def now(self) -> datetime:
        """The moment, in UTC."""
        return EPOCH + self._cell[0] * MICROSECOND

    def now_ms(self) -> int:
        """The moment in milliseconds since 1970."""
        return to_ms(self.now())

    def monotonic(self) -> float:
        """Seconds since 1970: this clock is never set back."""
        return self._cell[0] / 1_000_000

    def sleep(self, seconds: float) -> None:
        """Nobody waits: it is later at once."""
        self.advance(timedelta(seconds=seconds))

    def advance(self, by: timedelta) -> datetime:
        """The moment after `by` has passed."""
        return self.advance_to(self.now() + by)

    def advance_to(self, moment: datetime) -> datetime:
        """`moment`, once it is that late; a moment already past changes nothing."""
        self._cell[0] = max(self._cell[0], (moment - EPOCH) // MICROSECOND)
        return self.now()
