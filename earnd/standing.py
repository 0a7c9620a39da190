"""The part of `earnd.ports.Ledger` that holdings rest on: records, their sums, a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import CycleId
from earnd.domain.snapshot import Position, RecordKind
from earnd.domain.sums import Beyond


class Standing(Protocol):
    """What the exchange's history has shown so far, and what it shows no longer."""

    def watermark(self, kind: RecordKind) -> datetime | None:
        """The time of the newest record of this kind that we have, or `None`."""
        ...

    def known_upto(self) -> int:
        """The highest `SeenRecord.seq`; 0 while there is none."""
        ...

    def records(self) -> tuple[SeenRecord, ...]:
        """The records that may be asked about one by one, in the order in which they were seen.

        All of the last 120 days, all that nobody is attributed to or that are not final, all seen
        since the oldest action that is open or was lately was planned, and of each kind the
        newest, so that what records carry is known. The sums of all others are in `beyond`.
        """
        ...

    def beyond(self) -> Beyond:
        """What holdings rest on beyond `records`."""
        ...

    def known_since(self, kind: RecordKind, since: datetime) -> tuple[SeenRecord, ...]:
        """All known records of a kind that are dated then or later."""
        ...

    def record_gone(
        self, cycle_id: CycleId, at: datetime, *, gone_now: Sequence[int], back: Sequence[int]
    ) -> None:
        """Records that the exchange lists no longer, and those that it lists again, by `seq`."""
        ...

    def positions_listed(self) -> tuple[Position, ...]:
        """The positions that the last complete look showed."""
        ...

    def account(self) -> str:
        """The label of the account that this ledger is of."""
        ...
