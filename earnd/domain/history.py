"""What earnd itself did lately, as the limits and the cool-downs need to know it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from earnd.domain.action import Verb
from earnd.domain.ids import Coin, ProductId


class CycleOutcome(StrEnum):
    """How a cycle ended."""

    DONE = "done"
    """Everything was looked at and decided, and what was decided was carried out."""
    FAILED_LOOK = "failed_look"
    """The look was not complete or not believable; nothing was moved."""
    REFUSED = "refused"
    """The exchange refuses our key, permission, address or clock."""
    INTERRUPTED = "interrupted"
    """We were asked to stop; what was in flight is recorded."""
    FAILED = "failed"
    """Something unforeseen; the log has it."""


@dataclass(frozen=True, slots=True)
class CycleEnd:
    """The close of a cycle: `moves` counts what was sent, `holds` what was held."""

    at: datetime
    outcome: CycleOutcome
    moves: int
    holds: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class SentAmount:
    """One action that was sent, whatever became of it, and why it was."""

    verb: Verb
    coin: Coin
    product_id: ProductId
    amount: Decimal
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class PastRefusal:
    """One answer that was not success, and the amount that had been asked for."""

    verb: Verb
    coin: Coin
    product_id: ProductId
    amount: Decimal
    code: int | None
    consequence: str
    at: datetime
