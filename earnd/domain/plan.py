"""What the strategy wants of one cycle: moves, and holds for everything left undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from earnd.domain.action import Verb
from earnd.domain.ids import Coin, EarnId, ProductId
from earnd.domain.reason import Reason


@dataclass(frozen=True, slots=True)
class Move:
    """Subscribe or redeem so much, with the reason and the numbers it rests on.

    `earn_id` is set for a redeem. `detail` holds the reason's data as text, ready for SQL.
    """

    verb: Verb
    coin: Coin
    product_id: ProductId
    amount: Decimal
    reason: Reason
    earn_id: EarnId | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hold:
    """The decision to leave a coin, or one of its products, alone.

    `amount` is what was left undone, where that is a number.
    """

    coin: Coin
    reason: Reason
    product_id: ProductId | None = None
    amount: Decimal | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """The moves and holds of one cycle, in the order in which they are carried out."""

    moves: tuple[Move, ...]
    holds: tuple[Hold, ...]

    def redeems(self) -> tuple[Move, ...]:
        """The moves that bring money home; they go first."""
        return tuple(move for move in self.moves if move.verb is Verb.REDEEM)

    def subscribes(self) -> tuple[Move, ...]:
        """The moves that put money to work."""
        return tuple(move for move in self.moves if move.verb is Verb.SUBSCRIBE)
