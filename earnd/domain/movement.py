"""One movement of money, as whoever keeps books wants it: what, when, how much, whose doing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from earnd.domain.money import ZERO, minus

FLOWS: Final = ("deposit", "withdrawal", "trade", "correction")
"""Kinds that change the wallet from outside, without a record in the savings history."""


class Direction(StrEnum):
    """Seen from the account as a whole for flows and interest, else from the wallet."""

    IN = "in"
    OUT = "out"


class Place(NamedTuple):
    """Where money of a coin lies: in a product, or in the wallet where that is `None`."""

    coin: str
    product_id: str | None


@dataclass(frozen=True, slots=True)
class Movement:
    """A row of the export; money and times are the ledger's own text, so no digit can change.

    `id` names the movement for good: the record's kind and id at the exchange, or the ledger's
    number of the wallet's change. `kind` is that of the record, or one of `FLOWS`. `compounds`
    says of interest that the product keeps it instead of paying it into the wallet.
    """

    id: str
    at: str
    kind: str
    direction: Direction
    coin: str
    amount: str
    product_id: str | None
    attributed_to: str
    action_id: int | None
    record_id: str | None
    compounds: bool = False

    @property
    def signed(self) -> Decimal:
        """The amount, negative where it goes out."""
        amount = Decimal(self.amount)
        return amount if self.direction is Direction.IN else minus(ZERO, amount)

    @property
    def wallet(self) -> Place:
        """The wallet in this coin."""
        return Place(self.coin, None)

    @property
    def product(self) -> Place:
        """The product of a savings record."""
        return Place(self.coin, self.product_id)

    @property
    def effects(self) -> tuple[tuple[Place, Decimal], ...]:
        """What it changes within the account, and by how much."""
        if self.kind in FLOWS:
            return ((self.wallet, self.signed),)
        if self.kind == "interest":
            return ((self.product if self.compounds else self.wallet, self.signed),)
        return ((self.wallet, self.signed), (self.product, minus(ZERO, self.signed)))
