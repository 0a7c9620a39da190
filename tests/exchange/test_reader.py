from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from earnd.domain.ids import Coin, ProductId
from earnd.domain.snapshot import RecordKind
from earnd.errors import (
    EarndError,
    ExchangeClosed,
    ExchangeRefusedUs,
    ExchangeUnavailable,
    SurprisingReply,
)
from earnd.exchange.bitmart.asking import BadParameter
from earnd.exchange.bitmart.client import BitmartClient
from earnd.exchange.bitmart.fields import milliseconds, moment
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.ports import ExchangeReader
from tests.exchange.conftest import ACCESS, MEMO, SECRET
from tests.exchange.hostile import (
    FakeClock,
    HostileServer,
    Received,
    always,
    envelope,
    reply,
    reset,
)
from tests.exchange.samples import POSITION, PRODUCT, RECORD


@pytest.fixture
def reader(client: BitmartClient) -> BitmartReader:
    return BitmartReader(client)


def satisfies_the_port(reader: BitmartReader) -> ExchangeReader:
    return reader


def products(count: int, *, first: int = 1) -> list[dict[str, Any]]:
    return [PRODUCT | {"productId": str(first + number)} for number in range(count)]


class Listing:
    """Pages of rows as the exchange would cut them, with a change before a given request."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.rows = rows
        self.asked = 0
        self.changes: dict[int, list[dict[str, Any]]] = {}
        self.totals: dict[int, int] = {}

    def __call__(self, sock: socket.socket, received: Received) -> bool:
        self.asked += 1
        self.rows = self.changes.get(self.asked, self.rows)
        size, number = int(received.query["sizePage"]), int(received.query["currentPage"])
        rows = self.rows[size * (number - 1) : size * number]
        total = self.totals.get(self.asked, len(self.rows))
        sock.sendall(reply(envelope({"total": total, "list": rows})))
        return True


@pytest.mark.parametrize(
    ("count", "pages"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (250, 3)]
)
def test_reads_all_pages_and_no_more(
    count: int, pages: int, server: HostileServer, reader: BitmartReader
) -> None:
    """X30."""
    server.answer = Listing(products(count))

    assert [each.product_id for each in reader.products()] == [str(n + 1) for n in range(count)]
    assert [(each.query["currentPage"], each.query["sizePage"]) for each in server.received] == [
        (str(number + 1), "100") for number in range(pages)
    ]


def test_a_listing_that_changes_under_way_is_asked_for_again_once(
    server: HostileServer, reader: BitmartReader
) -> None:
    """X29."""
    listing = Listing(products(150))
    listing.changes[2] = products(149, first=2)
    server.answer = listing

    assert len(reader.products()) == 149
    assert [each.query["currentPage"] for each in server.received] == ["1", "2", "1", "2"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({2: products(149), 4: products(148)}, id="shrinks"),
        pytest.param({2: products(151), 4: products(152)}, id="grows"),
        pytest.param(
            {
                2: [*products(1, first=998), *products(149)],
                3: products(150),
                4: products(150, first=0),
            },
            id="slides",
        ),
    ],
)
def test_a_listing_that_keeps_changing_is_surprising(
    changes: dict[int, list[dict[str, Any]]], server: HostileServer, reader: BitmartReader
) -> None:
    """X29."""
    listing = Listing(products(150))
    listing.changes = changes
    server.answer = listing

    with pytest.raises(SurprisingReply, match="twice"):
        reader.products()
    assert listing.asked == 4


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        pytest.param(products(3), 2, id="more rows than the total"),
        pytest.param(products(3), 4, id="fewer rows than the total"),
        pytest.param([], 1, id="no rows"),
        pytest.param(products(1), 0, id="rows of nothing"),
        pytest.param(products(2) + products(1), 3, id="an id twice"),
        pytest.param(products(101), 101, id="the page size is not kept"),
    ],
)
def test_pages_that_do_not_add_up_are_surprising(
    rows: list[dict[str, Any]], total: int, server: HostileServer, reader: BitmartReader
) -> None:
    """X29, X30."""
    server.answer = always(reply(envelope({"total": total, "list": rows})))

    with pytest.raises(SurprisingReply, match="twice"):
        reader.products()
    assert len(server.received) == 2


def test_a_total_that_is_right_the_second_time_is_right(
    server: HostileServer, reader: BitmartReader
) -> None:
    listing = Listing(products(3))
    listing.totals[1] = 5
    server.answer = listing

    assert len(reader.products()) == 3


def test_an_absurd_total_is_surprising_at_once(
    server: HostileServer, reader: BitmartReader
) -> None:
    server.answer = always(reply(envelope({"total": 10**15, "list": products(100)})))

    with pytest.raises(SurprisingReply, match="a total of"):
        reader.products()
    assert len(server.received) == 1


def test_a_malformed_row_is_surprising_by_page_and_path(
    server: HostileServer, reader: BitmartReader
) -> None:
    rows = products(150)
    rows[103]["apy"] = "5.00"
    server.answer = Listing(rows)

    with pytest.raises(SurprisingReply) as caught:
        reader.products()
    assert str(caught.value).startswith(
        "GET /newearn/cloud/v1/saving/product, page 2, data.list[3].apy:"
        " not a rate with a percent sign: '5.00'"
    )


def test_reads_positions_by_id(server: HostileServer, reader: BitmartReader) -> None:
    rows = [POSITION | {"earnId": number} for number in ("200", "9", "1000")]
    server.answer = Listing(rows)

    assert [each.earn_id for each in reader.positions()] == ["9", "200", "1000"]
    assert server.received[0].path == "/newearn/cloud/v1/saving/earn"


def test_records_come_oldest_first_and_then_by_id(
    server: HostileServer, reader: BitmartReader
) -> None:
    times = {"20": 1681701557000, "9": 1681701557000, "1": 1681701559000, "5": 1681701556000}
    server.answer = Listing([RECORD | {"recordId": key, "time": at} for key, at in times.items()])

    found = reader.records(RecordKind.SUBSCRIBE, since=None)

    assert [each.record_id for each in found] == ["5", "9", "20", "1"]
    assert "startTime" not in server.received[0].query


def test_records_are_asked_for_between_two_pinned_moments(
    server: HostileServer, reader: BitmartReader, clock: FakeClock
) -> None:
    """X29."""
    since = moment(RECORD["time"]) - timedelta(microseconds=1)
    first = clock.now()
    listing = Listing([RECORD | {"recordId": str(number + 1)} for number in range(120)])
    server.answer = listing
    reader.records(RecordKind.SUBSCRIBE, since=since)

    for asked in server.received:
        assert asked.query["type"] == "subscribe"
        assert asked.query["startTime"] == str(RECORD["time"] - 1)
        assert asked.query["endTime"] == str(milliseconds(first))


def test_records_until_now_means_the_exchanges_now_once_it_is_known(
    server: HostileServer, reader: BitmartReader, clock: FakeClock
) -> None:
    ahead = milliseconds(clock.now()) + 3000
    server.answer = always(reply(envelope({"server_time": ahead})))
    assert 3000 <= reader.clock_skew_ms() < 4000
    server.answer = Listing([])
    reader.records(RecordKind.REDEEM, since=None)

    assert int(server.received[-1].query["endTime"]) >= ahead


def test_a_listing_is_asked_for_whole_unless_a_filter_is_given(
    server: HostileServer, reader: BitmartReader
) -> None:
    server.answer = Listing([])
    reader.products()
    reader.positions()
    reader.records(RecordKind.REDEEM, since=None)
    for asked in server.received:
        assert not {"coinName", "productId"} & set(asked.query)


def test_filters_are_sent_by_the_names_of_the_api_page_with_every_page(
    server: HostileServer, reader: BitmartReader
) -> None:
    usdt = Coin("USDT")
    server.answer = Listing(products(150))
    assert len(reader.products(coin=usdt)) == 150
    server.answer = Listing([POSITION])
    assert len(reader.positions(product_id=ProductId("1001"))) == 1
    assert len(reader.positions(coin=usdt, product_id=ProductId("1001"))) == 1
    server.answer = Listing([RECORD])
    assert len(reader.records(RecordKind.SUBSCRIBE, since=None, coin=usdt)) == 1

    sent = [
        {name: each.query[name] for name in ("coinName", "productId") if name in each.query}
        for each in server.received
    ]
    both = {"coinName": "USDT", "productId": "1001"}
    only_coin, only_product = {"coinName": "USDT"}, {"productId": "1001"}
    assert sent == [only_coin, only_coin, only_product, both, only_coin]


def test_a_row_that_a_filter_does_not_fit_is_surprising(
    server: HostileServer, reader: BitmartReader
) -> None:
    server.answer = Listing(products(1))
    with pytest.raises(SurprisingReply, match=r"data\.list\[0\]\.coinName: not BTC"):
        reader.products(coin=Coin("BTC"))
    server.answer = Listing([POSITION])
    with pytest.raises(SurprisingReply, match=r"data\.list\[0\]\.productId: not 7"):
        reader.positions(product_id=ProductId("7"))
    server.answer = Listing([RECORD])
    with pytest.raises(SurprisingReply, match=r"data\.list\[0\]\.coinName: not BTC"):
        reader.records(RecordKind.SUBSCRIBE, since=None, coin=Coin("BTC"))


@pytest.mark.parametrize(
    "row", [RECORD | {"type": "redeem"}, RECORD | {"time": RECORD["time"] - 5000}]
)
def test_a_record_that_was_not_asked_for_is_surprising(
    row: dict[str, Any], server: HostileServer, reader: BitmartReader
) -> None:
    server.answer = Listing([row])

    with pytest.raises(SurprisingReply):
        reader.records(RecordKind.SUBSCRIBE, since=moment(RECORD["time"]))


@pytest.mark.parametrize(
    ("wallet", "path", "key"),
    [("spot", "/spot/v1/wallet", "id"), ("account", "/account/v1/wallet", "currency")],
)
def test_reads_the_wallet_that_was_chosen(
    wallet: str, path: str, key: str, server: HostileServer, client: BitmartClient
) -> None:
    row = {key: "USDT", "available": "5", "frozen": "1"}
    server.answer = always(reply(envelope({"wallet": [row]})))

    found = BitmartReader(client, wallet=wallet).balances()

    assert found[Coin("USDT")].available == Decimal(5)
    assert server.received[0].path == path


def test_an_unknown_wallet_is_refused(client: BitmartClient) -> None:
    with pytest.raises(ValueError, match="futures"):
        BitmartReader(client, wallet="futures")


@pytest.mark.parametrize(
    "raw",
    [
        reply("<html>", 404),
        reply({"msg": "Not found", "code": 30000, "trace": "x"}, 404),
        reply({"message": "Deprecated", "code": 30031, "trace": "x"}),
        reply({"message": "No permission", "code": 30012, "trace": "x"}, 403),
        reply(envelope({"totalUserSum": "7"})),
        reply(envelope(None)),
    ],
)
def test_totals_that_the_exchange_does_not_give_are_none(
    raw: bytes, server: HostileServer, reader: BitmartReader
) -> None:
    server.answer = always(raw)

    assert reader.totals() is None


def test_totals_are_per_coin(server: HostileServer, reader: BitmartReader) -> None:
    server.answer = always(reply(envelope([{"coinName": "USDT", "totalUserSum": "7.5"}])))

    assert reader.totals() == {"USDT": Decimal("7.5")}
    assert server.received[0].target == "/newearn/cloud/v1/earn"


@pytest.mark.parametrize("ahead_ms", [-90_000, 0, 90_000])
def test_the_skew_is_theirs_minus_ours_at_the_middle_of_the_round_trip(
    ahead_ms: int, server: HostileServer, reader: BitmartReader, clock: FakeClock
) -> None:
    server.answer = always(reply(envelope({"server_time": milliseconds(clock.now()) + ahead_ms})))

    # The fake clock stands still, so half of the real latency is all that is added.
    assert ahead_ms <= reader.clock_skew_ms() < ahead_ms + 1000
    assert "x-bm-key" not in server.received[0].headers


def test_reads_running_maintenance(server: HostileServer, reader: BitmartReader) -> None:
    row = {"title": "Spot API Stop", "service_type": "spot", "status": "1", "end_time": 0}
    server.answer = always(reply(envelope({"service": [row]})))

    assert [each.title for each in reader.maintenance()] == ["Spot API Stop"]


def test_a_keyed_read_carries_the_key_and_no_signature(
    server: HostileServer, reader: BitmartReader
) -> None:
    """X36."""
    server.answer = Listing([])
    reader.products()
    headers = server.received[0].headers

    assert headers["x-bm-key"] == ACCESS
    assert "x-bm-sign" not in headers
    assert "x-bm-timestamp" not in headers


# Trouble.


def flaky(bad: bytes, times: int) -> Callable[[socket.socket, Received], bool]:
    left: Iterator[int] = iter(range(times))

    def answer(sock: socket.socket, _received: Received) -> bool:
        good = reply(envelope({"total": 0, "list": []}))
        sock.sendall(bad if next(left, None) is not None else good)
        return True

    return answer


@pytest.mark.parametrize(
    "bad", [reply("oops", 500), reply("", 502), reply(envelope({}, code=30014), 503)]
)
def test_a_read_is_repeated_after_a_server_error(
    bad: bytes, server: HostileServer, reader: BitmartReader, clock: FakeClock
) -> None:
    server.answer = flaky(bad, 2)

    assert reader.products() == ()
    assert len(server.received) == 3
    assert clock.slept == [0.5, 1.0]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_keeps_failing_is_unavailable_after_three_tries(
    status: int, server: HostileServer, reader: BitmartReader
) -> None:
    server.answer = always(reply("oops", status))

    with pytest.raises(ExchangeUnavailable):
        reader.products()
    assert len(server.received) == 3


def test_no_answer_three_times_is_unavailable(server: HostileServer, reader: BitmartReader) -> None:
    server.answer = reset

    with pytest.raises(ExchangeUnavailable, match="reset"):
        reader.products()
    assert len(server.received) == 3


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (reply(envelope({}, code=30002), 401), ExchangeRefusedUs),
        (reply(envelope({}, code=30003), 401), ExchangeRefusedUs),
        (reply(envelope({}, code=30007), 401), ExchangeRefusedUs),
        (reply(envelope({}, code=30010), 403), ExchangeRefusedUs),
        (reply(envelope({}, code=30011), 403), ExchangeRefusedUs),
        (reply(envelope({}, code=30019), 200), ExchangeRefusedUs),
        (reply(envelope({}, code=53000), 403), ExchangeRefusedUs),
        (reply("no", 401), ExchangeRefusedUs),
        (reply(envelope({}, code=30013), 429), ExchangeUnavailable),
        (reply(envelope({}, code=30016), 200), ExchangeClosed),
        (reply(envelope({}, code=30017), 418), ExchangeClosed),
        (reply(envelope({}, code=80005), 400), ExchangeUnavailable),
        (reply(envelope({}, code=80016), 400), ExchangeUnavailable),
        (reply("<html>", 403), ExchangeUnavailable),
        (reply("<html>", 200), ExchangeUnavailable),
        (reply("<html>", 503), ExchangeUnavailable),
        (reply("no", 418), ExchangeClosed),
        (reply("no", 429), ExchangeUnavailable),
        (reply({"msg": "Not found", "code": 30000, "trace": "x"}, 404), SurprisingReply),
        (reply(envelope({}, code=30031), 200), SurprisingReply),
        (reply(envelope({}, code=80012), 400), BadParameter),
        (reply(envelope({}, code=80023), 400), SurprisingReply),
        (reply(envelope({"total": 0, "list": []}), 201), SurprisingReply),
        (reply("no", 404), SurprisingReply),
        (reply("", 302, headers={"Location": "/"}), SurprisingReply),
        (reply("not JSON"), SurprisingReply),
        (reply(""), SurprisingReply),
        (reply("[]"), SurprisingReply),
        (reply('{"message":"OK","code":1000,"trace":"x"}'), SurprisingReply),
        (reply('{"message":"OK","code":1000,"code":1000,"trace":"x","data":{}}'), SurprisingReply),
        (reply(envelope(None)), SurprisingReply),
        (reply(envelope(data=True)), SurprisingReply),
    ],
)
def test_what_is_not_a_yes_is_an_error_that_says_what_happens_next(
    raw: bytes, error: type[EarndError], server: HostileServer, reader: BitmartReader
) -> None:
    server.answer = always(raw)

    with pytest.raises(error) as caught:
        reader.products()
    assert type(caught.value) is error
    assert caught.value.what
    assert caught.value.where
    assert caught.value.todo
    for secret in (ACCESS, SECRET, MEMO):
        assert secret not in str(caught.value)
    assert len(server.received) == 1


def test_nothing_listening_is_unavailable(
    server: HostileServer, reader: BitmartReader, clock: FakeClock
) -> None:
    server.close()

    with pytest.raises(ExchangeUnavailable, match="refused") as caught:
        reader.products()
    assert caught.value.where == "GET /newearn/cloud/v1/saving/product"
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert clock.slept == [0.5, 1.0]
