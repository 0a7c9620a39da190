"""The part of the book that is about whose money moved, beyond the exchange's savings records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from earnd.domain.ids import Coin, CycleId
from earnd.domain.strategy import Strategy
from earnd.domain.walletflow import Booked, Flow, KeptAccount, News, Switch, WalletAccount
from earnd.ledger import limits, wallet, walletkeeping
from earnd.ledger.standing import Standing


@dataclass(frozen=True, slots=True)
class Accounts(Standing):
    """The part of `earnd.ledger.book.Book` that keeps account of what no record tells."""

    def record_limits(self, at: datetime, strategy: Strategy) -> None:
        """The limits that this run lives under; written where they differ from the last word."""
        with self.store.reading() as connection:
            news = limits.news_of(strategy, limits.last_word(connection))
        if news:
            with self.store.writing() as connection:
                limits.record(connection, self.run_id, at, news)

    def wallet_account(self) -> KeptAccount | None:
        """The wallet's account as it was left, or `None` before the first look."""
        with self.store.reading() as connection:
            return wallet.kept(connection)

    def wallet_news(self, record_upto: int, status_upto: int) -> News:
        """What the history told since."""
        with self.store.reading() as connection:
            return wallet.news(connection, record_upto, status_upto)

    def flows_since(self, since: datetime) -> tuple[Booked, ...]:
        """Flows booked for looks at or after `since` that nothing has taken back."""
        with self.store.reading() as connection:
            return wallet.flows_since(connection, since)

    def redeems_before(self, opened_at: datetime) -> Mapping[Coin, Sequence[Decimal]]:
        """Redeems of the last day before the first look, whose money may have come after it."""
        with self.store.reading() as connection:
            return wallet.redeems_before(connection, opened_at)

    def keep_wallet(
        self,
        cycle_id: CycleId,
        account: WalletAccount,
        flows: Sequence[Flow],
        switches: Sequence[Switch],
    ) -> None:
        """The account as it stands now, and what was booked; what did not change is not written."""
        with self.store.writing() as connection:
            walletkeeping.keep(connection, cycle_id, account, flows, switches)
