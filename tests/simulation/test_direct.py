"""The transport without sockets gives every fault the fate that the real one gives it."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from earnd.exchange.bitmart.client import GETS, POSTS
from earnd.exchange.bitmart.signing import Credentials
from earnd.exchange.transport import Limits, NoAnswer, NotSent, RawReply, Reply, Transport
from earnd.sandbox import APPLIES, Books, CoinSpec, Fault, Gateway, VirtualClock, serve
from earnd.sandbox.clock import to_ms
from earnd.sandbox.face import Face
from tests.support.direct import REFUSED, Direct
from tests.support.practice import KEY, START, PracticeClock, flexible

QUICK = Limits(connect_s=2, read_s=0.4, total_s=0.9)
SUBSCRIBE = "/newearn/cloud/v1/saving/subscribe"
PRODUCT = "/newearn/cloud/v1/saving/product"
RECORD = "/newearn/cloud/v1/saving/record"
CREDENTIALS = Credentials(KEY.access_key, KEY.secret_key, KEY.memo)

VARIANTS: dict[str, list[dict[str, object]]] = {
    "dribble": [
        {"pause": timedelta(0)},
        {"pause": timedelta(milliseconds=20)},
        {"pause": timedelta(milliseconds=3)},
        {"pause": timedelta(milliseconds=600)},
    ],
    "cut_body": [{"cut_at": 0}, {"cut_at": 7}, {"cut_at": 100_000}],
    "cut_close_framed": [{"cut_at": 0}, {"cut_at": 7}, {"cut_at": 100_000}],
    "status": [{"status": 500}, {"status": 404, "code": 30000}, {"status": 429}, {"status": 520}],
    "html": [{}, {"status": 200}, {"status": 503}],
    "code": [{"code": 80002}, {"code": 30013}, {"code": 30016}],
    "redirect": [{}, {"status": 308}],
    "gzip_bomb": [{"size": 2000}],
    "malformed_field": [{"path": "code", "value": "1000"}, {"path": "data"}],
    "data_value": [{"value": 1}, {}],
    "endless": [{}],
}
CASES = [
    (endpoint, kind, more)
    for kind in APPLIES
    for more in VARIANTS.get(kind, [{}])
    for endpoint in ("subscribe", "product", "record")
]


@dataclass(frozen=True)
class Seen:
    """What a client learns, without what only time tells."""

    kind: str
    why: str | None
    status: int | None
    headers: Mapping[str, str] | None
    body: bytes | None


def seen(reply: Reply) -> Seen:
    match reply:
        case RawReply(status, headers, body):
            return Seen("RawReply", None, status, dict(headers), body)
        case NotSent(why):
            return Seen("NotSent", why, None, None, None)
        case NoAnswer(why, status=status, headers=headers):
            return Seen("NoAnswer", why, status, None if headers is None else dict(headers), None)


def world() -> tuple[Books, VirtualClock]:
    clock = VirtualClock(START)
    books = Books(
        clock,
        coins=[CoinSpec("USDT", "Tether USD", 1, 8, Decimal(1))],
        products=[flexible(str(number)) for number in range(1001, 1121)],
    )
    books.deposit("USDT", "1000")
    books.subscribe_by_hand("1001", "5")
    return books, clock


def ask(transport: Transport | Direct, endpoint: str, clock: VirtualClock, page: str) -> Reply:
    if endpoint == "subscribe":
        body = json.dumps(
            {"productId": "1001", "amount": "10", "requestNo": f"9{page:0>19}"}
        ).encode()
        return transport.post(SUBSCRIBE, body, CREDENTIALS.signed(to_ms(clock.now()), body))
    query = {"currentPage": page, "sizePage": "100"}
    if endpoint == "record":
        query["type"] = "subscribe"
    path = PRODUCT if endpoint == "product" else RECORD
    return transport.get(path, query, CREDENTIALS.keyed())


def story(
    transport: Transport | Direct, face: Face, clock: VirtualClock, fault: Fault
) -> list[Seen | int]:
    """Before the fault, under it, and after it; and what has been received and applied by then."""
    told: list[Seen | int] = [seen(ask(transport, fault.endpoint, clock, "1"))]
    face.faults.add(fault)
    struck = seen(ask(transport, fault.endpoint, clock, "2"))
    if fault.kind == "dribble" and struck.kind == "NoAnswer":
        # How much of it the real one had read by its deadline is a matter of the machine.
        struck = replace(struck, status=None, headers=None)
    told.append(struck)
    face.faults.clear()
    told.append(seen(ask(transport, fault.endpoint, clock, "3")))
    told += [len(face.received), len(face.books.records()), len(face.deliver_parked())]
    return [*told, len(face.books.records())]


@pytest.mark.parametrize(("endpoint", "kind", "more"), CASES)
def test_a_fault_has_the_same_fate_without_sockets(
    endpoint: str, kind: str, more: dict[str, object]
) -> None:
    fault = Fault(endpoint, kind, **more)  # type: ignore[arg-type]  # rows of a table, by name
    books, clock = world()
    with (
        serve(books, keys=(KEY,)) as server,
        Transport(
            server.base_url,
            gets=GETS,
            posts=POSTS,
            user_agent="earnd/test",
            clock=PracticeClock(clock),
            limits=QUICK,
        ) as real,
    ):
        expected = story(real, server.face, clock, fault)

    books, clock = world()
    face = Face(books, clock, (KEY,), Gateway())
    direct = Direct(face, PracticeClock(clock), gets=GETS, posts=POSTS, limits=QUICK)

    assert story(direct, face, clock, fault) == expected


def test_where_nothing_listens_nothing_is_sent_without_sockets_either() -> None:
    books, clock = world()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with Transport(
        f"http://127.0.0.1:{port}",
        gets=GETS,
        posts=POSTS,
        user_agent="earnd/test",
        clock=PracticeClock(clock),
        limits=QUICK,
    ) as real:
        expected = seen(ask(real, "subscribe", clock, "1"))
    face = Face(books, clock, (KEY,), Gateway())
    direct = Direct(face, PracticeClock(clock), gets=GETS, posts=POSTS, unreachable=lambda: REFUSED)

    assert seen(ask(direct, "subscribe", clock, "1")) == expected
    assert not face.arrivals


def test_only_listed_paths_are_asked_for_without_sockets_either() -> None:
    books, clock = world()
    face = Face(books, clock, (KEY,), Gateway())
    direct = Direct(face, PracticeClock(clock), gets=GETS, posts=POSTS)

    with pytest.raises(ValueError, match="never asks"):
        direct.get(SUBSCRIBE)
    with pytest.raises(ValueError, match="never asks"):
        direct.post(PRODUCT, b"{}", {})


def test_a_reply_that_takes_time_moves_the_clock_by_it() -> None:
    books, clock = world()
    face = Face(books, clock, (KEY,), Gateway())
    mine = PracticeClock(clock)
    direct = Direct(
        face,
        mine,
        gets=GETS,
        posts=POSTS,
        limits=QUICK,
        passes=mine.sleep,
        latency=lambda: 0.25,
    )
    face.faults.add(Fault("product", "stall_before", nth=2))

    first = ask(direct, "product", clock, "1")
    second = ask(direct, "product", clock, "1")

    assert (first.latency_ms, second.latency_ms) == (500, 900)
    assert clock.now() - datetime(2026, 5, 1, 12, tzinfo=UTC) == timedelta(milliseconds=1400)
