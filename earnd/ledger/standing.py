"""The part of the book that is about the exchange's records and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import CycleId
from earnd.domain.snapshot import Position, RecordKind
from earnd.domain.sums import Beyond, Key, Opening, Sums
from earnd.ledger import gone, history, openings, records
from earnd.ledger.memo import Memo
from earnd.ledger.memory import Memory


@dataclass(frozen=True, slots=True)
class Standing(Memory):
    """The part of `earnd.ledger.book.Book` that holdings rest on."""

    _records: records.Records = field(init=False, default_factory=records.Records)
    _memo: Memo = field(init=False, default_factory=Memo)

    def watermark(self, kind: RecordKind) -> datetime | None:
        """The time of the newest record of this kind that we have, or `None`."""
        return self._memo.answer(
            self.store, ("watermark", kind), lambda moment: history.watermark(moment, kind)
        )

    def known_upto(self) -> int:
        """The highest `SeenRecord.seq`; 0 while there is none."""
        with self.store.reading() as connection:
            return history.known_upto(connection)

    def records(self) -> tuple[SeenRecord, ...]:
        """The records that may be asked about one by one, in the order in which they were seen.

        All of the last `earnd.ledger.records.KEPT`, all that nobody is attributed to or that are
        not final, all seen since the oldest action that is open or was lately was planned, and of
        each kind the newest, so that what records carry is known. The sums of all others are in
        `beyond`.
        """
        return self._divided()[0]

    def beyond(self) -> Beyond:
        """What holdings rest on beyond `records`."""
        return self._memo.answer(
            self.store,
            "beyond",
            lambda moment: Beyond(
                self._records.read(moment)[1], openings.openings(moment), gone.gone(moment)
            ),
        )

    def known_since(self, kind: RecordKind, since: datetime) -> tuple[SeenRecord, ...]:
        """All known records of a kind that are dated then or later."""
        with self.store.reading() as connection:
            return records.known_since(connection, kind, since)

    def record_gone(
        self, cycle_id: CycleId, at: datetime, *, gone_now: Sequence[int], back: Sequence[int]
    ) -> None:
        """Records that the exchange lists no longer, and those that it lists again, by `seq`."""
        if gone_now or back:
            with self.store.writing() as connection:
                gone.record(connection, cycle_id, at, gone_now, is_gone=True)
                gone.record(connection, cycle_id, at, back, is_gone=False)

    def positions_listed(self) -> tuple[Position, ...]:
        """The positions that the last complete look showed."""
        with self.store.reading() as connection:
            return gone.positions_listed(connection)

    def account(self) -> str:
        """The label of the account that this ledger is of."""
        with self.store.reading() as connection:
            return gone.account(connection)

    def open_with(self, at: datetime, word: Opening, *, because: str) -> None:
        """A person says what was held in a product before its first record; once for each."""
        with self.store.writing() as connection:
            openings.open_with(connection, at, word, because)

    def _divided(self) -> tuple[tuple[SeenRecord, ...], Mapping[Key, Sums]]:
        return self._memo.answer(self.store, "records", self._records.read)
