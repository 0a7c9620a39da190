"""The part of the book that is about whose money moved, beyond the exchange's savings records."""

from __future__ import annotations

from dataclasses import dataclass

from earnd.ledger.memory import Memory


@dataclass(frozen=True, slots=True)
class Accounts(Memory):
    """The part of `earnd.ledger.book.Book` that keeps account of what no record tells."""
