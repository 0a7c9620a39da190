"""The part of `earnd.ports.Ledger` that keeps account of the wallet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from earnd.domain.ids import Coin, CycleId
from earnd.domain.walletflow import Booked, Flow, KeptAccount, News, Switch, WalletAccount


class Wallets(Protocol):
    """What the wallet did beside the savings records, and what was made of it."""

    def wallet_account(self) -> KeptAccount | None:
        """The account as it was left, or `None` before the first look."""
        ...

    def wallet_news(self, record_upto: int, status_upto: int) -> News:
        """What the history told since."""
        ...

    def flows_since(self, since: datetime) -> tuple[Booked, ...]:
        """Flows booked for looks at or after `since` that nothing has taken back."""
        ...

    def redeems_before(self, opened_at: datetime) -> Mapping[Coin, Sequence[Decimal]]:
        """Redeems of the last day before the first look, whose money may have come after it."""
        ...

    def keep_wallet(
        self,
        cycle_id: CycleId,
        account: WalletAccount,
        flows: Sequence[Flow],
        switches: Sequence[Switch],
    ) -> None:
        """The account as it stands now, and what was booked; what did not change is not written."""
        ...
