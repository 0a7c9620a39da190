"""Copies of the ledger on a schedule: made between two cycles, and never a reason to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from earnd.errors import EarndError, LedgerError
from earnd.ledger import backup, copies
from earnd.ports import Clock, Log

RETRY = timedelta(hours=1)
"""After a copy that failed the next is tried so much later: a disk that has no room for it now is
not to be filled up to the brim in every cycle."""


@dataclass(slots=True)
class Backups:
    """Copies `source` into `folder` when the newest copy there is older than `every`.

    `may_make` says that the folder may be made; otherwise it must be there. `every` of `None` is
    never. Used by the thread of the cycles.
    """

    source: backup.Source
    ledger: Path
    folder: Path
    may_make: bool
    every: timedelta | None
    keep: int
    clock: Clock
    log: Log
    _rests_until: float = field(default=0.0, init=False)

    def make_if_due(self) -> None:
        """A verified copy, and older ones deleted, if it is time; what fails is told."""
        if self.every is None or self.clock.monotonic() < self._rests_until:
            return
        now = self.clock.now()
        try:
            there = copies.copies_in(self.folder, self.ledger)
            if not copies.is_due(there[0] if there else None, now, self.every):
                return
            folder = copies.ready(self.folder, may_make=self.may_make)
            made = backup.back_up(self.source, folder / copies.name_of(self.ledger, now))
            self.log.info("backup.made", path=str(made.path), rows=made.rows, anchor=made.anchor)
            for old in copies.rotate(folder, self.ledger, keep=self.keep, new=made.path):
                self.log.info("backup.deleted", path=str(old), keep=self.keep)
        except EarndError as error:
            self._rests_until = self.clock.monotonic() + RETRY.total_seconds()
            # A copy that is not sound was made of a ledger that is not: more than a warning.
            tell = self.log.error if isinstance(error, LedgerError) else self.log.warning
            tell("backup.failed", error=str(error), again_in_s=round(RETRY.total_seconds()))
