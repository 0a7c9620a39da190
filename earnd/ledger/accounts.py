"""The part of the book that is about whose money moved, beyond the exchange's savings records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from earnd.domain.strategy import Strategy
from earnd.ledger import limits
from earnd.ledger.memory import Memory


@dataclass(frozen=True, slots=True)
class Accounts(Memory):
    """The part of `earnd.ledger.book.Book` that keeps account of what no record tells."""

    def record_limits(self, at: datetime, strategy: Strategy) -> None:
        """The limits that this run lives under; written where they differ from the last word."""
        with self.store.reading() as connection:
            news = limits.news_of(strategy, limits.last_word(connection))
        if news:
            with self.store.writing() as connection:
                limits.record(connection, self.run_id, at, news)
