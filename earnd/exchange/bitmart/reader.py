"""Looks at BitMart; every list is complete, or an error is raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from earnd.domain.ids import Coin, ProductId
from earnd.domain.priority import Priority
from earnd.domain.product import Product
from earnd.domain.snapshot import Balance, Position, Record, RecordKind, ServiceNotice
from earnd.errors import ExchangeUnavailable, SurprisingReply
from earnd.exchange.bitmart import client as api
from earnd.exchange.bitmart import wire
from earnd.exchange.bitmart.asking import OK, answered, ask, trouble
from earnd.exchange.bitmart.envelope import open_envelope
from earnd.exchange.bitmart.fields import BadField, Node, milliseconds, moment
from earnd.exchange.bitmart.windows import Windows

if TYPE_CHECKING:
    from earnd.exchange.bitmart.client import BitmartClient

_T = TypeVar("_T")

PAGE_SIZE = 100
"""The API page's maximum; its default is 1."""

MOST_ROWS = 1_000_000
"""A total beyond this is a mistake: it is ten years of hourly interest in eleven coins."""

_NO_TOTALS = frozenset({30000, 30012, 30019, 30031})
"""The endpoint of totals is not on the API page: what is not there or not ours is not a fault."""

_TODO = "Nothing is moved. If it lasts, see whether BitMart changed its API, and report it."


_NOTHING = timedelta(0)


class Wallet(StrEnum):
    """Which account's wallet is looked at."""

    SPOT = "spot"
    """`/spot/v1/wallet`: what savings are documented to be paid to."""
    ACCOUNT = "account"
    """`/account/v1/wallet`."""


class BitmartReader:
    """Satisfies `earnd.ports.ExchangeReader`.

    A listing is asked for page by page; if its pages do not add up, or it changes under way, it
    is asked for once more from the beginning, and then it is a `SurprisingReply`. With `ask_totals`
    false the exchange's sum per coin is never asked for.

    `coin` and `product_id` let the exchange filter a listing; a row that they do not fit is a
    `SurprisingReply` too. The cycle never uses them. Its listings must be complete, for what is
    not listed counts as not there: with a filter, a coin that earnd does not know of, or a product
    that went off sale with our money in it, would be unseen instead of a surprise.
    """

    def __init__(
        self,
        client: BitmartClient,
        *,
        wallet: Wallet | str = Wallet.SPOT,
        ask_totals: bool = True,
        history_window: timedelta | None = None,
    ) -> None:
        self._client = client
        self._ask_totals = ask_totals
        self._wallet = Wallet(wallet)
        self._windows = Windows(history_window)

    def products(self, *, coin: Coin | None = None) -> tuple[Product, ...]:
        """All flexible-savings offers, by id."""
        query = _filters(coin)
        rows = self._listing(api.PRODUCTS, query, wire.product, lambda each: each.product_id)
        return tuple(sorted(rows, key=lambda each: int(each.product_id)))

    def positions(
        self, *, coin: Coin | None = None, product_id: ProductId | None = None
    ) -> tuple[Position, ...]:
        """All our positions in them, by id."""
        query = _filters(coin, product_id)
        rows = self._listing(api.POSITIONS, query, wire.position, lambda each: each.earn_id)
        return tuple(sorted(rows, key=lambda each: int(each.earn_id)))

    def balances(self) -> Mapping[Coin, Balance]:
        """The wallet; a coin that is not listed has nothing in it."""
        path, key = {
            Wallet.SPOT: (api.SPOT_WALLET, "id"),
            Wallet.ACCOUNT: (api.ACCOUNT_WALLET, "currency"),
        }[self._wallet]
        data = ask(self._client, path)
        return _understood(path, lambda: wire.balances(data, key=key))

    def totals(self) -> Mapping[Coin, Decimal] | None:
        """What we hold per coin by the exchange's own sum, or `None` where it does not say.

        It may include fixed savings; nobody documents it.
        """
        if not self._ask_totals:
            return None
        reply = answered(self._client, api.TOTALS)
        envelope = open_envelope(reply.body)
        if reply.status == 404 or envelope.code in _NO_TOTALS:
            return None
        if reply.status != 200 or envelope.code != OK:
            raise trouble(api.TOTALS, reply, envelope)
        return _understood(api.TOTALS, lambda: wire.totals(envelope.data))

    def records(
        self,
        kind: RecordKind,
        *,
        since: datetime | None,
        coin: Coin | None = None,
        priority: Priority = Priority.LOOK,
    ) -> tuple[Record, ...]:
        """The history of one kind from `since` (everything if `None`) until now, oldest first.

        "Now" is by the exchange's clock where it was asked for (`clock_skew_ms`), and the same on
        every page, so that a record that is made meanwhile does not push others to another page.
        What is too long for the exchange to answer at once is read in windows.
        """
        if since is not None:
            since = moment(milliseconds(since))
        # An old reply about the time would put "now" into the past and hide the newest records; an
        # end that is late by our own clock hides none.
        ahead = max(self._client.theirs.skew() or _NOTHING, _NOTHING)
        now = moment(milliseconds(self._client.clock.now() + ahead))

        def read(first: datetime | None, last: datetime) -> tuple[Record, ...]:
            rows = self._listing(
                api.RECORDS,
                {**_span(kind, first, last), **_filters(coin)},
                lambda row: wire.record(row, kind=kind, since=first),
                lambda each: each.record_id,
                priority,
            )
            return tuple(rows)

        rows = self._windows.read(since, now, read, partial(self._is_silent, priority))
        return tuple(sorted(rows, key=lambda each: (each.at, int(each.record_id))))

    def _is_silent(self, priority: Priority, first: datetime, last: datetime) -> bool:
        """Whether there is no record of any kind in between."""
        for kind in RecordKind:
            asked = {**_span(kind, first, last), "currentPage": "1", "sizePage": "1"}
            data = ask(self._client, api.RECORDS, asked, priority=priority)
            if _understood(api.RECORDS, partial(wire.page, data), 1).total:
                return False
        return True

    def clock_skew_ms(self) -> int:
        """The exchange's clock minus ours at the middle of the round trip.

        From now on the client signs with the exchange's time.
        """
        reply = answered(self._client, api.TIME, keyed=False)
        envelope = open_envelope(reply.body)
        if reply.status != 200 or envelope.code != OK:
            raise trouble(api.TIME, reply, envelope)
        theirs = _understood(api.TIME, lambda: wire.server_time(envelope.data))
        self._client.theirs.told(theirs, timedelta(milliseconds=reply.latency_ms))
        return _in_ms(self._client.theirs.skew() or _NOTHING)

    def latest_skew_ms(self) -> int:
        """The exchange's clock minus ours at this moment, by the worst that its replies prove.

        Asks nothing. It is what `clock_skew_ms` last found, plus what our clock was set by since;
        or what the newest reply's `Date` proves, if that is further off. Raises
        `ExchangeUnavailable` while `clock_skew_ms` has found nothing.
        """
        worst = self._client.theirs.worst_skew()
        if worst is None:
            raise ExchangeUnavailable(
                "the exchange has not told the time yet", where=f"GET {api.TIME}"
            )
        return _in_ms(worst)

    def maintenance(self) -> tuple[ServiceNotice, ...]:
        """The maintenance that is running now on the spot or the account service."""
        data = ask(self._client, api.SERVICE, keyed=False)
        return _understood(api.SERVICE, lambda: wire.notices(data))

    def _listing(
        self,
        path: str,
        query: Mapping[str, str],
        read: Callable[[Node], _T],
        identify: Callable[[_T], str],
        priority: Priority = Priority.LOOK,
    ) -> list[_T]:
        problem = ""
        for _ in range(2):
            try:
                return self._pages(path, query, read, identify, priority)
            except _PagesDisagreeError as disagreement:
                problem = str(disagreement)
        raise SurprisingReply(f"{problem}, twice", where=f"GET {path}", todo=_TODO)

    def _pages(
        self,
        path: str,
        query: Mapping[str, str],
        read: Callable[[Node], _T],
        identify: Callable[[_T], str],
        priority: Priority,
    ) -> list[_T]:
        found: dict[str, _T] = {}
        total: int | None = None
        number = 1
        while total is None or len(found) < total:
            asked = {**query, "currentPage": str(number), "sizePage": str(PAGE_SIZE)}
            data = ask(self._client, path, asked, priority=priority)
            page = _understood(path, partial(wire.page, data), number)
            total = _same_total(total, page.total, path, number)
            expected = min(PAGE_SIZE, total - len(found))
            if len(page.rows) != expected:
                raise _PagesDisagreeError(
                    f"page {number} has {len(page.rows)} rows instead of {expected} of {total}"
                )
            for row in page.rows:
                _understood(path, partial(_check_filters, row, query), number)
                item = _understood(path, partial(read, row), number)
                if identify(item) in found:
                    raise _PagesDisagreeError(f"{identify(item)} is listed twice")
                found[identify(item)] = item
            number += 1
        return list(found.values())


class _PagesDisagreeError(Exception):
    """The pages of one pass are not parts of one list."""


def _in_ms(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))


def _span(kind: RecordKind, first: datetime | None, last: datetime) -> dict[str, str]:
    start = {} if first is None else {"startTime": str(milliseconds(first))}
    return {"type": str(kind), **start, "endTime": str(milliseconds(last))}


def _filters(coin: Coin | None, product_id: ProductId | None = None) -> dict[str, str]:
    """The API page calls a filter as it calls the field of a row."""
    wanted = {"coinName": coin, "productId": product_id}
    return {name: value for name, value in wanted.items() if value is not None}


def _check_filters(row: Node, query: Mapping[str, str]) -> None:
    for name in ("coinName", "productId"):
        if name in query and row.field(name).value != query[name]:
            raise row.field(name).bad(f"not {query[name]}, which was asked for")


def _same_total(known: int | None, now: int, path: str, number: int) -> int:
    if now > MOST_ROWS:
        raise SurprisingReply(
            f"a total of {now} rows", where=f"GET {path}, page {number}", todo=_TODO
        )
    if known is not None and known != now:
        raise _PagesDisagreeError(f"the total changed from {known} to {now} on page {number}")
    return now


def _understood(path: str, read: Callable[[], _T], page: int | None = None) -> _T:
    """What `read` finds; a field it cannot read is a `SurprisingReply` with the field's path."""
    try:
        return read()
    except BadField as bad:
        on_page = "" if page is None else f", page {page}"
        raise SurprisingReply(
            bad.what, where=f"GET {path}{on_page}, {bad.path}", todo=_TODO
        ) from None
