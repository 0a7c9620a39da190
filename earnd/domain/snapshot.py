"""Everything seen in one look at the exchange, with the moment it was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from earnd.domain.ids import Coin, EarnId, ProductId, RecordId, RequestNo
from earnd.domain.money import ZERO, Rate
from earnd.domain.product import Product


class RecordKind(StrEnum):
    """The three lists of the exchange's history, by the API's own names."""

    SUBSCRIBE = "subscribe"
    REDEEM = "redeem"
    INTEREST = "interest"


class SubscribeType(StrEnum):
    """Who caused a subscribe record: a request, or the exchange's own auto-subscribe."""

    NORMAL = "NORMAL"
    AUTO = "AUTO"


class RecordStatus(StrEnum):
    """What a record says of itself, where the newer API says anything."""

    DONE = "done"
    PENDING = "pending"
    FAILED = "failed"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Balance:
    """What lies in the wallet in one coin."""

    coin: Coin
    available: Decimal
    frozen: Decimal


@dataclass(frozen=True, slots=True)
class Position:
    """The exchange's row for what we hold in a product.

    It carries no amount on the API page; `amount` is set only if the exchange begins to send one.
    """

    earn_id: EarnId
    product_id: ProductId
    coin: Coin
    rate: Rate
    additional_rate: Rate
    total_profit: Decimal
    auto_subscribe: bool
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the exchange's history.

    `request_no` and `status` exist only in replies newer than the API page.
    """

    record_id: RecordId
    kind: RecordKind
    product_id: ProductId
    coin: Coin
    amount: Decimal
    at: datetime
    subscribe_type: SubscribeType | None = None
    request_no: RequestNo | None = None
    status: RecordStatus | None = None


@dataclass(frozen=True, slots=True)
class ServiceNotice:
    """A running maintenance of one of the exchange's services."""

    service: str
    title: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One complete look: every page of every list, or there is no snapshot at all.

    A coin without a row in `balances` has nothing in the wallet: the exchange lists only what is
    there. `totals` is what the exchange says we hold per coin over all products; it is `None`
    where it does not say. `clock_skew` is the exchange's clock minus ours.
    """

    seen_at: datetime
    products: tuple[Product, ...]
    positions: tuple[Position, ...]
    balances: Mapping[Coin, Balance]
    totals: Mapping[Coin, Decimal] | None = None
    clock_skew_ms: int = 0
    maintenance: tuple[ServiceNotice, ...] = field(default=())

    def available(self, coin: Coin) -> Decimal:
        """What lies idle in the wallet; nothing where the coin is not listed."""
        balance = self.balances.get(coin)
        return ZERO if balance is None else balance.available
