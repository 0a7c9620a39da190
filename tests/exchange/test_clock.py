"""Signing with the exchange's time on a machine whose clock is wrong."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from earnd.domain.answer import Answer, Outcome
from earnd.domain.ids import ProductId, RequestNo
from earnd.exchange.bitmart.client import TIME, BitmartClient
from earnd.exchange.bitmart.fields import milliseconds
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.signing import Credentials, sign
from earnd.exchange.bitmart.writer import BitmartWriter
from earnd.sandbox import ApiKey, Books, CoinSpec, ProductSpec, VirtualClock, serve
from tests.exchange.conftest import ACCESS, MEMO, SECRET
from tests.exchange.hostile import FakeClock, HostileServer, Received, envelope, reply

FAST = timedelta(seconds=3)


def subscribe(client: BitmartClient, number: int = 1) -> Answer:
    writer = BitmartWriter(client)
    request_no = RequestNo(str(20000009000000300000 + number))
    return writer.send(writer.subscribe_request(ProductId("1001"), Decimal(100), request_no))


@pytest.fixture
def practised(clock: FakeClock, credentials: Credentials) -> Iterator[BitmartClient]:
    """A client whose clock is three seconds ahead of the practice exchange's."""
    exchange_clock = VirtualClock(clock.now() - FAST)
    usdt = CoinSpec("USDT", "Tether USD", 1, 8, Decimal(1))
    product = ProductSpec(
        product_id="1001",
        coin="USDT",
        apy=Decimal("0.05"),
        minimum=Decimal(1),
        maximum=Decimal(100_000),
    )
    books = Books(exchange_clock, coins=[usdt], products=[product])
    books.deposit("USDT", "1000")
    key = ApiKey(access_key=ACCESS, secret_key=SECRET, memo=MEMO)
    with (
        serve(books, keys=(key,)) as server,
        BitmartClient(server.base_url, credentials, clock, jitter=lambda: 0.5) as client,
    ):
        yield client


def test_a_fast_clock_is_refused_until_the_exchange_was_asked_for_its_time(
    practised: BitmartClient,
) -> None:
    refused = subscribe(practised)
    assert (refused.outcome, refused.code) == (Outcome.NOT_EXECUTED, 30007)

    assert -3000 <= BitmartReader(practised).clock_skew_ms() < -2000
    assert subscribe(practised, 2).outcome is Outcome.YES


@pytest.mark.parametrize("ahead_ms", [-3000, 0, 3000])
@pytest.mark.parametrize("slow_s", [0, 0.3])
def test_a_request_bears_the_exchanges_time_and_never_a_later_one(
    ahead_ms: int, slow_s: float, server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    def theirs() -> int:
        return milliseconds(clock.now()) + ahead_ms

    def answer(sock: socket.socket, received: Received) -> bool:
        data = True if received.path != TIME else {"server_time": theirs()}
        if received.path == TIME:
            time.sleep(slow_s)
        sock.sendall(reply(envelope(data)))
        return True

    server.answer = answer
    BitmartReader(client).clock_skew_ms()
    clock.at += timedelta(minutes=1)
    assert subscribe(client).outcome is Outcome.YES

    sent = server.received[-1]
    timestamp_ms = int(sent.headers["x-bm-timestamp"])
    assert theirs() - 1000 < timestamp_ms <= theirs()
    assert sent.headers["x-bm-sign"] == sign(SECRET, timestamp_ms, MEMO, sent.body)


def test_the_last_time_that_was_learned_counts(
    server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    for ahead_ms in (-3000, 2000):
        ahead = milliseconds(clock.now()) + ahead_ms

        def answer(sock: socket.socket, received: Received, said: int = ahead) -> bool:
            data = True if received.path != TIME else {"server_time": said}
            sock.sendall(reply(envelope(data)))
            return True

        server.answer = answer
        BitmartReader(client).clock_skew_ms()
        subscribe(client)
        assert int(server.received[-1].headers["x-bm-timestamp"]) == ahead
