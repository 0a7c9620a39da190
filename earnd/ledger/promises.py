"""The part of the book that is about interest: what was promised, and how it is paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from earnd.domain.ids import Coin, CycleId, ProductId
from earnd.domain.promise import Promise, Rule
from earnd.domain.regime import Regime
from earnd.ledger import paid
from earnd.ledger.accounts import Accounts


@dataclass(frozen=True, slots=True)
class Promises(Accounts):
    """The part of `earnd.ledger.book.Book` that holds interest against what was promised."""

    def known_before(self, cycle_id: CycleId) -> int:
        """The highest `SeenRecord.seq` that was known before this cycle; 0 if none was."""
        with self.store.reading() as connection:
            return paid.known_before(connection, cycle_id)

    def full_looks(self, since: datetime) -> tuple[datetime, ...]:
        """The complete looks from the last one up to `since` on, oldest first."""
        with self.store.reading() as connection:
            return paid.full_looks(connection, since)

    def promised(self, least: int) -> frozenset[int]:
        """Which records from this `SeenRecord.seq` on have their promise."""
        with self.store.reading() as connection:
            return paid.promised(connection, least)

    def wallet_change(self, cycle_id: CycleId, coin: Coin) -> Decimal | None:
        """The first change of a coin's wallet in a cycle, or `None` where none was seen."""
        with self.store.reading() as connection:
            return paid.wallet_change(connection, cycle_id, coin)

    def regimes(self) -> Mapping[ProductId, Regime]:
        """How each product pays interest, as last found."""
        with self.store.reading() as connection:
            return paid.regimes(connection)

    def record_interest(
        self,
        cycle_id: CycleId,
        at: datetime,
        promises: Mapping[int, tuple[Promise, Rule]],
        regimes: Sequence[Regime],
    ) -> None:
        """What payments should have been, and how products pay where that changed."""
        with self.store.writing() as connection:
            paid.record(connection, cycle_id, at, promises, regimes)
