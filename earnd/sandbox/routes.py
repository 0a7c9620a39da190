"""The endpoints: where they are, who may call them, and what of the books they show.

Unknown parameters and fields are ignored, as the exchange does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from earnd.sandbox.books import Books
from earnd.sandbox.codes import Refusal
from earnd.sandbox.gateway import Gate, Request
from earnd.sandbox.history import RecordFilter
from earnd.sandbox.rows import Row
from earnd.sandbox.settings import Gateway

EARN = "/newearn/cloud/v1"
SAVING = f"{EARN}/saving"
MOST_PER_PAGE = 100
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Listing:
    """All rows of a list, and the page of them that was asked for."""

    rows: list[Row]
    page: int
    size: int

    def data(self) -> dict[str, object]:
        """The `data` of the reply; beyond the last page the list is empty."""
        begin = (self.page - 1) * self.size
        return {"total": len(self.rows), "list": self.rows[begin : begin + self.size]}


@dataclass(frozen=True, slots=True)
class Call:
    """One admitted request, and what it may ask of."""

    books: Books
    gateway: Gateway
    now_ms: int
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `answer` gives the reply's `data`, or a listing to be cut into pages."""

    gate: Gate
    method: str
    path: str
    answer: Callable[[Call], object]

    @property
    def name(self) -> str:
        return self.gate.name

    @property
    def moves_money(self) -> bool:
        return self.name in {"subscribe", "redeem"}


def find(request: Request) -> Route | None:
    """The endpoint of this method and path; None is a 404."""
    return _BY_ADDRESS.get((request.method, request.path))


def page_of(request: Request) -> int:
    """The page a request asks for, one if it does not say or cannot be understood."""
    text = request.query.get("currentPage", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 1


def _product(call: Call) -> Listing:
    return _listing(call, call.books.product_rows(_text(call, "coinName")))


def _subscribe(call: Call) -> bool:
    fields = _fields(call)
    call.books.subscribe(fields.get("productId"), fields.get("amount"), fields.get("requestNo"))
    return True


def _redeem(call: Call) -> bool:
    fields = _fields(call)
    call.books.redeem(fields.get("earnId"), fields.get("amount"), fields.get("requestNo"))
    return True


def _earn(call: Call) -> Listing:
    return _listing(
        call, call.books.position_rows(_text(call, "coinName"), _text(call, "productId"))
    )


def _record(call: Call) -> Listing:
    wanted = RecordFilter(
        kind=call.query.get("type", ""),
        coin=_text(call, "coinName"),
        start_ms=_whole(call, "startTime"),
        end_ms=_whole(call, "endTime"),
    )
    return _listing(call, call.books.record_rows(wanted))


def _spot_wallet(call: Call) -> Row:
    return {"wallet": call.books.spot_wallet_rows()}


def _account_wallet(call: Call) -> Row:
    in_usd = call.query.get("needUsdValuation", "").lower() == "true"
    return {"wallet": call.books.account_wallet_rows(_text(call, "currency"), in_usd=in_usd)}


def _total(call: Call) -> object:
    rows, settings = call.books.total_rows(), call.books.settings
    if settings.total_shape == "absent":
        raise Refusal(30000)
    if settings.total_shape == "list":
        return rows
    coin = settings.total_object_coin
    empty: Row = dict.fromkeys(("totalUserSum", "totalProfit", "previousProfit"), "0")
    return next((row for row in rows if row["coinName"] == coin), {"coinName": coin} | empty)


def _time(call: Call) -> Row:
    return {"server_time": call.now_ms}


def _service(call: Call) -> Row:
    # The spot service's status is text and the others' a number: samples of both are public.
    return {
        "service": [
            {
                "title": notice.title,
                "service_type": notice.service_type,
                "status": str(notice.status) if notice.service_type == "spot" else notice.status,
                "start_time": notice.start_ms,
                "end_time": notice.end_ms,
            }
            for notice in call.gateway.notices
        ]
    }


def _auto_all(call: Call) -> Row:
    return {"batchSubscribeStatus": "ON" if call.books.auto_status() else "OFF"}


def _auto_one(call: Call) -> Row:
    product_id = _text(call, "productId")
    if product_id is None:
        raise Refusal(80012)
    return {"subscribeStatus": "ON" if call.books.auto_status(product_id) else "OFF"}


def _switch_all(call: Call) -> bool:
    call.books.set_auto(_switch(_fields(call)))
    return True


def _switch_one(call: Call) -> bool:
    fields = _fields(call)
    product_id = fields.get("productId")
    if not isinstance(product_id, str) or not product_id:
        raise Refusal(80012)
    call.books.set_auto(_switch(fields), product_id)
    return True


def _switch(fields: Mapping[str, object]) -> bool:
    match fields.get("autoSubscribe"):
        case "open":
            return True
        case "close":
            return False
        case _:
            raise Refusal(80012)


def _listing(call: Call, rows: list[Row]) -> Listing:
    """80000 for a page or size that is no number, 80012 for one that is out of range."""
    page, size = _whole(call, "currentPage"), _whole(call, "sizePage")
    page = 1 if page is None else page
    size = 1 if size is None else size  # the documented default is one row
    if page < 1 or not 1 <= size <= MOST_PER_PAGE:
        raise Refusal(80012)
    return Listing(rows, page, size)


def _text(call: Call, name: str) -> str | None:
    """A parameter; an empty one is as good as none."""
    return call.query.get(name) or None


def _whole(call: Call, name: str) -> int | None:
    text = call.query.get(name)
    if not text:
        return None
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
        raise Refusal(80000)
    return int(text)


def _fields(call: Call) -> dict[str, object]:
    """The body's fields: 80000 if it is empty or no object, 30018 if it is not JSON."""
    if not call.body.strip():
        raise Refusal(80000)
    try:
        fields = json.loads(call.body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal(30018) from None
    if not isinstance(fields, dict):
        raise Refusal(80000)
    return fields


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _keyed(name: str, path: str, answer: Callable[[Call], object]) -> Route:
    return Route(Gate(name, "keyed", "earn"), "GET", path, answer)


def _signed(name: str, path: str, answer: Callable[[Call], object]) -> Route:
    return Route(Gate(name, "signed", "earn"), "POST", path, answer)


def _wallet(path: str, answer: Callable[[Call], object]) -> Route:
    return Route(Gate("wallet", "keyed", "wallet"), "GET", path, answer)


def _system(name: str, path: str, answer: Callable[[Call], object]) -> Route:
    return Route(Gate(name, "none", "system"), "GET", path, answer)


ROUTES: tuple[Route, ...] = (
    _keyed("product", f"{SAVING}/product", _product),
    _signed("subscribe", f"{SAVING}/subscribe", _subscribe),
    _signed("redeem", f"{SAVING}/redeem", _redeem),
    _keyed("earn", f"{SAVING}/earn", _earn),
    _keyed("record", f"{SAVING}/record", _record),
    _wallet("/spot/v1/wallet", _spot_wallet),
    _wallet("/account/v1/wallet", _account_wallet),
    _system("time", "/system/time", _time),
    _system("service", "/system/service", _service),
    _keyed("total", f"{EARN}/earn", _total),
    _keyed("auto_all", f"{SAVING}/subscribe/batch", _auto_all),
    _signed("switch_all", f"{SAVING}/subscribe/batch/operate", _switch_all),
    _keyed("auto_one", f"{SAVING}/subscribe/status", _auto_one),
    _signed("switch_one", f"{SAVING}/subscribe/operate", _switch_one),
)

NAMES = tuple(dict.fromkeys(route.name for route in ROUTES))
"""Every endpoint by name. The two wallets share theirs."""

_BY_ADDRESS = {(route.method, route.path): route for route in ROUTES}
