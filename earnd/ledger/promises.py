"""The part of the book that is about interest: what was promised, and how it is paid."""

from __future__ import annotations

from dataclasses import dataclass

from earnd.ledger.accounts import Accounts


@dataclass(frozen=True, slots=True)
class Promises(Accounts):
    """The part of `earnd.ledger.book.Book` that holds interest against what was promised."""
