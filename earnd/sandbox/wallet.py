"""The customer's coins, and a journal of everything that ever changed them.

Nothing but `Wallet.post` changes a balance, and it writes the journal in the same breath,
so the journal is enough to prove that no coin was made or lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from earnd.domain.money import EXACT, ZERO, minus, total


class Kind(StrEnum):
    """Why money moved."""

    DEPOSIT = "deposit"
    WITHDRAW = "withdraw"
    SUBSCRIBE = "subscribe"
    REDEEM = "redeem"
    ARRIVE = "arrive"
    """Redeemed money that was on its way reaches the wallet."""
    INTEREST = "interest"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One change: what it did to each place where a coin can be."""

    at: datetime
    kind: Kind
    coin: str
    available: Decimal = ZERO
    frozen: Decimal = ZERO
    held: Decimal = ZERO
    """The change of what is in positions."""
    in_transit: Decimal = ZERO
    product_id: str | None = None
    record_id: str | None = None
    request_no: str | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What lies in the spot wallet in one coin."""

    available: Decimal = ZERO
    frozen: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Everything about one coin on the two sides of the equation that must always hold."""

    wallet: Decimal
    held: Decimal
    in_transit: Decimal
    deposited: Decimal
    withdrawn: Decimal
    interest: Decimal

    @property
    def balanced(self) -> bool:
        """Whether wallet + positions + in transit = deposits - withdrawals + interest, exactly."""
        here = total((self.wallet, self.held, self.in_transit))
        return here == minus(EXACT.add(self.deposited, self.interest), self.withdrawn)


class Wallet:
    """Balances by coin; see the module about the journal."""

    def __init__(self) -> None:
        self._balances: dict[str, Balance] = {}
        self._brought: dict[tuple[str, Kind], Decimal] = {}
        self.journal: list[Entry] = []

    def balance(self, coin: str) -> Balance:
        return self._balances.get(coin, Balance())

    def coins(self) -> list[str]:
        """Every coin that has a balance above zero, in order."""
        return sorted(
            coin for coin, held in self._balances.items() if held.available > 0 or held.frozen > 0
        )

    def post(self, entry: Entry) -> None:
        """Apply one change and write it down; refuses to go below zero, changing nothing."""
        before = self.balance(entry.coin)
        after = Balance(
            EXACT.add(before.available, entry.available), EXACT.add(before.frozen, entry.frozen)
        )
        if after.available < 0 or after.frozen < 0:
            raise ValueError(f"{entry.kind} of {entry.coin} would leave {after}")
        self._balances[entry.coin] = after
        net = total((entry.available, entry.frozen, entry.held, entry.in_transit))
        self._brought[entry.coin, entry.kind] = EXACT.add(self.brought(entry.coin, entry.kind), net)
        self.journal.append(entry)

    def brought(self, coin: str, kind: Kind) -> Decimal:
        """The net change that entries of this kind brought from outside; zero for mere moves."""
        return self._brought.get((coin, kind), ZERO)

    def sums(self, coin: str, held: Decimal, in_transit: Decimal) -> Sums:
        """The equation of one coin, given what its positions say they hold."""
        balance = self.balance(coin)
        return Sums(
            wallet=EXACT.add(balance.available, balance.frozen),
            held=held,
            in_transit=in_transit,
            deposited=self.brought(coin, Kind.DEPOSIT),
            withdrawn=self.brought(coin, Kind.WITHDRAW).copy_abs(),
            interest=self.brought(coin, Kind.INTEREST),
        )
