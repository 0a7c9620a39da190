"""The part of `earnd.ports.Ledger` that holds interest against what was promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from earnd.domain.ids import Coin, CycleId, ProductId
from earnd.domain.promise import Promise, Rule
from earnd.domain.regime import Regime


class Promised(Protocol):
    """What payments of interest should have been, and how products pay."""

    def known_before(self, cycle_id: CycleId) -> int:
        """The highest `SeenRecord.seq` that was known before this cycle; 0 if none was."""
        ...

    def full_looks(self, since: datetime) -> tuple[datetime, ...]:
        """The complete looks from the last one up to `since` on, oldest first."""
        ...

    def promised(self, least: int) -> frozenset[int]:
        """Which records from this `SeenRecord.seq` on have their promise."""
        ...

    def wallet_change(self, cycle_id: CycleId, coin: Coin) -> Decimal | None:
        """The first change of a coin's wallet in a cycle, or `None` where none was seen."""
        ...

    def regimes(self) -> Mapping[ProductId, Regime]:
        """How each product pays interest, as last found."""
        ...

    def record_interest(
        self,
        cycle_id: CycleId,
        at: datetime,
        promises: Mapping[int, tuple[Promise, Rule]],
        regimes: Sequence[Regime],
    ) -> None:
        """What payments should have been, by their `seq` and with the reading that is gone by, and
        how products pay where that changed."""
        ...
