"""The documented replies of BitMart as domain objects.

Unknown fields are tolerated, for APIs grow. A documented field of an Earn row is of the documented
form, whether earnd uses it or not, or the reply is refused with the field's path (`BadField`): a
missing number is never zero, and a row that is odd in one field is not trusted in the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from earnd.domain.ids import Coin, EarnId, ProductId, RecordId, RequestNo
from earnd.domain.money import NO_RATE, Rate
from earnd.domain.product import Product, Tier
from earnd.domain.snapshot import (
    Balance,
    Position,
    Record,
    RecordKind,
    RecordStatus,
    ServiceNotice,
    SubscribeType,
)
from earnd.exchange.bitmart.envelope import printable
from earnd.exchange.bitmart.fields import Node, is_coin

_STATUS_WORDS: Mapping[str, RecordStatus] = MappingProxyType(
    {
        "SUCCESS": RecordStatus.DONE,
        "SUCCEEDED": RecordStatus.DONE,
        "COMPLETED": RecordStatus.DONE,
        "DONE": RecordStatus.DONE,
        "PENDING": RecordStatus.PENDING,
        "PROCESSING": RecordStatus.PENDING,
        "FAIL": RecordStatus.FAILED,
        "FAILED": RecordStatus.FAILED,
        "REJECTED": RecordStatus.FAILED,
    }
)
"""Nobody documents the words; these cannot mean anything else, and all others stay unclear."""

_SERVICES = ("spot", "account")
"""No service type is documented for Earn; these two are what it stands on."""

_WAITING, _RUNNING, _OVER = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing: how many rows there are over all pages, and this page's."""

    total: int
    rows: tuple[Node, ...]


def page(data: Any) -> Page:
    """`data` of a listing; `list` may be null only where `total` says that there is nothing."""
    node = Node(data, "data")
    total = node.field("total").whole()
    rows = node.optional("list")
    if rows is None and total == 0:
        return Page(0, ())
    return Page(total, tuple((rows or node.field("list")).items()))


def product(row: Node) -> Product:
    """A row of Get Product List."""
    tiered, tiers = _tier_rates(row)
    return Product(
        product_id=ProductId(row.field("productId").id()),
        coin=row.field("coinName").coin(),
        rate=row.field("apy").rate(),
        additional_rate=_additional_rate(row),
        minimum=row.field("minPurchaseAmount").amount(),
        maximum=row.field("maxPurchaseAmount").amount(),
        tiers=tiers,
        has_tiers=tiered,
        tag=printable(row.field("productTag").text()),
    )


def position(row: Node) -> Position:
    """A row of Get Earn Positions; `amount` is not documented and read if it is there."""
    # Checked, not kept: the product's own row has the tag and the tiers.
    row.field("coinId").whole()
    row.field("productTag").text()
    _tier_rates(row)
    amount = row.optional("amount")
    return Position(
        earn_id=EarnId(row.field("earnId").id()),
        product_id=ProductId(row.field("productId").id()),
        coin=row.field("coinName").coin(),
        rate=row.field("apy").rate(),
        additional_rate=_additional_rate(row),
        total_profit=row.field("totalProfit").amount(),
        auto_subscribe=row.field("autoSubscribe").flag(),
        amount=amount.amount() if amount else None,
    )


def record(row: Node, *, kind: RecordKind, since: datetime | None) -> Record:
    """A row of Get History Records that was asked for as `kind`, from `since` on."""
    if row.field("type").text() != kind:
        raise row.field("type").bad(f"not {kind}, which was asked for")
    at = row.field("time").time()
    if since is not None and at < since:
        raise row.field("time").bad(f"before {since:%Y-%m-%dT%H:%M:%SZ}, which was asked for")
    row.field("productTag").text()
    number = row.optional("requestNo")
    status = row.optional("status")
    return Record(
        record_id=RecordId(row.field("recordId").id()),
        kind=kind,
        product_id=ProductId(row.field("productId").id()),
        coin=row.field("coinName").coin(),
        amount=row.field("amount").amount(),
        at=at,
        subscribe_type=_subscribe_type(row, kind),
        request_no=_request_no(number) if number else None,
        status=_status(status) if status else None,
    )


def balances(data: Any, *, key: str) -> dict[Coin, Balance]:
    """`data` of a wallet; `key` is the field with the symbol, which differs by endpoint."""
    found: dict[Coin, Balance] = {}
    for row in Node(data, "data").field("wallet").items():
        symbol = row.field(key)
        text = symbol.text()
        if not is_coin(text):
            if is_coin(text.strip().upper()):
                # Skipping "usdt" would make the USDT in the wallet look gone.
                raise symbol.bad("not a coin's symbol in capitals")
            # A wallet holds coins of any name; one that Earn cannot have is nobody's business.
            continue
        coin = symbol.coin()
        if coin in found:
            raise symbol.bad("listed twice")
        available = row.field("available").amount()
        found[coin] = Balance(coin, available, row.field("frozen").amount())
    return found


def totals(data: Any) -> dict[Coin, Decimal] | None:
    """`data` of the Earn assets: what is held per coin, or `None` where it does not say.

    Public sources disagree on its shape: a list with a row per coin, or one object that may be a
    sum over all coins. The latter says nothing about a coin. An object with other fields is the
    reply to another request.
    """
    if data is None or data == {}:
        return None
    node = Node(data, "data")
    if isinstance(data, list):
        rows = list(node.items())
    elif node.optional("coinName") is None:
        node.field("totalUserSum")
        return None
    else:
        rows = [node]
    found: dict[Coin, Decimal] = {}
    for row in rows:
        coin = row.field("coinName").coin()
        if coin in found:
            raise row.field("coinName").bad("listed twice")
        found[coin] = row.field("totalUserSum").amount()
    return found


def server_time(data: Any) -> datetime:
    """`data` of the system's time."""
    return Node(data, "data").field("server_time").time()


def notices(data: Any) -> tuple[ServiceNotice, ...]:
    """`data` of the system's status: the maintenance that is running on what Earn stands on.

    The status is that of the maintenance and not of the service: 2 is over, hence healthy.
    """
    found = []
    for row in Node(data, "data").field("service").items():
        service = row.field("service_type").text().lower()
        if service not in _SERVICES or _maintenance_status(row.field("status")) != _RUNNING:
            continue
        title, end = row.optional("title"), row.optional("end_time")
        until = end.time() if end and end.value != 0 else None
        found.append(ServiceNotice(service, printable(title.text()) if title else "", until))
    return tuple(found)


def _additional_rate(row: Node) -> Rate:
    # Absent, null and "" all say that there is no bonus. That is not the missing number that must
    # never be read as zero: it only makes an offer look worse than it may be.
    extra = row.optional("additionalApy")
    return NO_RATE if extra is None or extra.value == "" else extra.rate()


def _tier_rates(row: Node) -> tuple[bool, tuple[Tier, ...]]:
    """Whether the row has tiers, and they; `tierRate` may be anything where it has none."""
    if not row.field("hasTierRate").flag():
        return False, ()
    return True, tuple(
        Tier(
            tier.field("minPurchaseAmount").amount(),
            tier.field("maxPurchaseAmount").amount(),
            tier.field("apy").rate(),
        )
        for tier in row.field("tierRate").items()
    )


def _subscribe_type(row: Node, kind: RecordKind) -> SubscribeType | None:
    found = row.optional("subscribeType")
    # Required where it decides whether a subscription can be ours.
    if found is None and kind is not RecordKind.SUBSCRIBE:
        return None
    found = found or row.field("subscribeType")
    try:
        return SubscribeType(found.text())
    except ValueError:
        raise found.bad("neither AUTO nor NORMAL") from None


def _request_no(node: Node) -> RequestNo | None:
    # Not refused when it is not of our form: other programs and the web page write it too.
    return RequestNo(printable(node.text())) if node.text() else None


def _status(node: Node) -> RecordStatus:
    word = node.value.strip().upper() if isinstance(node.value, str) else ""
    return _STATUS_WORDS.get(word, RecordStatus.UNCLEAR)


def _maintenance_status(node: Node) -> int:
    text = node.value if isinstance(node.value, str) else str(node.whole())
    if text not in {str(_WAITING), str(_RUNNING), str(_OVER)}:
        raise node.bad("not a maintenance's status")
    return int(text)
