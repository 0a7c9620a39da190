"""Everything the exchange holds for the customer, and the few moves that change it.

The moves check nothing but arithmetic: whether an order is allowed is for `orders`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from earnd.domain.money import EXACT, ZERO, minus, total
from earnd.sandbox.history import Numbers, Record, RecordKind
from earnd.sandbox.products import CoinSpec, ProductSpec
from earnd.sandbox.settings import Account, Settings
from earnd.sandbox.wallet import Entry, Kind, Sums, Wallet

FIRST_EARN_ID = 200001
FIRST_RECORD_ID = 300001


@dataclass(slots=True)
class Position:
    """What the customer holds in one product. It keeps its id for ever, also when empty."""

    earn_id: str
    product_id: str
    coin: str
    amount: Decimal = ZERO
    lowest: Decimal = ZERO
    """The least held since the running period began: what came later does not earn in it,
    and what left forfeits it."""
    profit: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Due:
    """Money that is certain to come at a moment: earned interest, or a redemption on its way."""

    at: datetime
    product_id: str
    coin: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a move happens: who wants it, when, and by which number."""

    at: datetime
    by: Literal["api", "person", "exchange"]
    request_no: str | None = None
    subscribe_type: Literal["NORMAL", "AUTO"] = "NORMAL"


@dataclass(slots=True)
class State:
    """The exchange's memory of one account."""

    settings: Settings
    account: Account
    wallet: Wallet = field(default_factory=Wallet)
    coins: dict[str, CoinSpec] = field(default_factory=dict)
    products: dict[str, ProductSpec] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    """By product id: one position per product and customer."""
    records: list[Record] = field(default_factory=list)
    numbers: Numbers = field(default_factory=Numbers)
    auto_on: set[str] = field(default_factory=set)
    auto_for_all: bool = False
    interest_due: list[Due] = field(default_factory=list)
    redemptions_due: list[Due] = field(default_factory=list)

    def coin(self, symbol: str) -> CoinSpec:
        """What is known of a coin; one never heard of gets the defaults, once."""
        if symbol not in self.coins:
            places = self.settings.default_precision
            self.coins[symbol] = CoinSpec(symbol, symbol, len(self.coins) + 1, places)
        return self.coins[symbol]

    def held(self, product_id: str) -> Decimal:
        position = self.positions.get(product_id)
        return position.amount if position else ZERO

    def position_by_earn_id(self, earn_id: str) -> Position | None:
        return next((p for p in self.positions.values() if p.earn_id == earn_id), None)

    def sums(self, coin: str) -> Sums:
        """Both sides of the equation of one coin."""
        return self.wallet.sums(
            coin,
            total(p.amount for p in self.positions.values() if p.coin == coin),
            total(due.amount for due in self.redemptions_due if due.coin == coin),
        )

    def subscribe(self, spec: ProductSpec, amount: Decimal, cause: Cause) -> Record:
        """Move from the wallet into the product. It begins to earn with the next period."""
        position = self.positions.get(spec.product_id)
        if position is None:
            earn_id = str(FIRST_EARN_ID + len(self.positions))
            position = Position(earn_id, spec.product_id, spec.coin)
        record = self._record("subscribe", spec.product_id, spec.coin, amount, cause)
        self._post(Kind.SUBSCRIBE, record, available=amount.copy_negate(), held=amount)
        self.positions[spec.product_id] = position
        position.amount = EXACT.add(position.amount, amount)
        self._change_quota(spec, amount.copy_negate())
        return self._keep(record)

    def redeem(self, position: Position, amount: Decimal, cause: Cause) -> Record:
        """Move from the position to the wallet, or on its way there if that takes time."""
        takes = self.settings.redeem_takes
        record = self._record("redeem", position.product_id, position.coin, amount, cause)
        if takes:
            self._post(Kind.REDEEM, record, held=amount.copy_negate(), in_transit=amount)
            due = Due(cause.at + takes, position.product_id, position.coin, amount)
            self.redemptions_due.append(due)
        else:
            self._post(Kind.REDEEM, record, held=amount.copy_negate(), available=amount)
        position.amount = minus(position.amount, amount)
        position.lowest = min(position.lowest, position.amount)
        self._change_quota(self.products[position.product_id], amount)
        return self._keep(record)

    def arrive(self, due: Due) -> None:
        """Redeemed money reaches the wallet."""
        self.redemptions_due.remove(due)
        self.wallet.post(
            Entry(
                at=due.at,
                kind=Kind.ARRIVE,
                coin=due.coin,
                available=due.amount,
                in_transit=due.amount.copy_negate(),
                product_id=due.product_id,
            )
        )

    def pay_interest(self, due: Due) -> Record:
        """Pay what was earned, to the wallet or into the position."""
        self.interest_due.remove(due)
        cause = Cause(at=due.at, by="exchange")
        record = self._record("interest", due.product_id, due.coin, due.amount, cause)
        position = self.positions[due.product_id]
        if self.settings.interest_paid == "product":
            self._post(Kind.INTEREST, record, held=due.amount)
            position.amount = EXACT.add(position.amount, due.amount)
            if not self.settings.payout_delay:
                # Paid at the very beginning of a period it was there all period: it compounds.
                position.lowest = EXACT.add(position.lowest, due.amount)
        else:
            self._post(Kind.INTEREST, record, available=due.amount)
        position.profit = EXACT.add(position.profit, due.amount)
        return self._keep(record)

    def _record(
        self, kind: RecordKind, product_id: str, coin: str, amount: Decimal, cause: Cause
    ) -> Record:
        return Record(
            record_id=str(FIRST_RECORD_ID + len(self.records)),
            kind=kind,
            product_id=product_id,
            coin=coin,
            amount=amount,
            at=cause.at,
            visible_at=cause.at + self.settings.record_lag,
            subscribe_type=cause.subscribe_type,
            request_no=cause.request_no,
            by=cause.by,
        )

    def _keep(self, record: Record) -> Record:
        self.records.append(record)
        return record

    def _post(
        self,
        kind: Kind,
        record: Record,
        *,
        available: Decimal = ZERO,
        held: Decimal = ZERO,
        in_transit: Decimal = ZERO,
    ) -> None:
        self.wallet.post(
            Entry(
                at=record.at,
                kind=kind,
                coin=record.coin,
                available=available,
                held=held,
                in_transit=in_transit,
                product_id=record.product_id,
                record_id=record.record_id,
                request_no=record.request_no,
            )
        )

    def _change_quota(self, spec: ProductSpec, change: Decimal) -> None:
        if spec.quota is not None:
            left = max(ZERO, EXACT.add(spec.quota, change))
            self.products[spec.product_id] = replace(spec, quota=left)
