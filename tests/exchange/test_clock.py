"""Signing with the exchange's time on a machine whose clock is wrong."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

import pytest

from earnd.domain.answer import Answer, Outcome
from earnd.domain.ids import ProductId, RequestNo
from earnd.domain.snapshot import RecordKind
from earnd.errors import ExchangeUnavailable
from earnd.exchange.bitmart.client import TIME, BitmartClient
from earnd.exchange.bitmart.fields import milliseconds
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.signing import Credentials, sign
from earnd.exchange.bitmart.writer import BitmartWriter
from earnd.sandbox import ApiKey, Books, CoinSpec, ProductSpec, VirtualClock, serve
from tests.exchange.conftest import ACCESS, MEMO, SECRET
from tests.exchange.hostile import FakeClock, HostileServer, Received, always, envelope, reply

FAST = timedelta(seconds=3)
HOUR = timedelta(hours=1)


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
@pytest.mark.parametrize("set_by", [-HOUR, timedelta(0), HOUR], ids=["back", "not set", "forward"])
def test_a_request_bears_the_exchanges_time_and_never_a_later_one(
    ahead_ms: int,
    set_by: timedelta,
    server: HostileServer,
    client: BitmartClient,
    clock: FakeClock,
) -> None:
    """K1, K2, K3: whatever our clock says, and whatever it is set to meanwhile."""
    started, began = milliseconds(clock.now()), clock.monotonic()

    def theirs() -> int:
        return started + round(1000 * (clock.monotonic() - began)) + ahead_ms

    def answer(sock: socket.socket, received: Received) -> bool:
        data = True if received.path != TIME else {"server_time": theirs()}
        if received.path == TIME and ahead_ms:
            time.sleep(0.3)
        sock.sendall(reply(envelope(data)))
        return True

    server.answer = answer
    BitmartReader(client).clock_skew_ms()
    clock.sleep(60)
    clock.at += set_by
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


def told_and_dated(
    server: HostileServer,
    client: BitmartClient,
    told: datetime,
    date: str,
    **headers: str,
) -> BitmartReader:
    """A reader that was told the time, and then got another reply with this `Date`."""
    reader = BitmartReader(client)
    server.answer = always(reply(envelope({"server_time": milliseconds(told)})))
    reader.clock_skew_ms()
    every = {"Date": date, **headers}
    server.answer = always(reply(envelope([]), headers=every))
    reader.totals()
    return reader


def dated(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


@pytest.mark.parametrize(
    ("ahead_s", "most_s"),
    [(0, 0.5), (30, 30), (400 * 86_400, 400 * 86_400), (-30, -28), (-400 * 86_400, -34_559_998)],
)
def test_the_date_of_any_reply_shows_that_a_clock_is_off(
    ahead_s: int, most_s: float, server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """K1, K8: no more than it proves, for it is to the second, and somewhere in the round trip."""
    date = dated(clock.now() + timedelta(seconds=ahead_s))
    reader = told_and_dated(server, client, clock.now(), date)
    assert ahead_s * 1000 <= reader.latest_skew_ms() <= most_s * 1000


def test_a_date_at_the_end_of_time_is_far_off_and_no_failure(
    server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    reader = told_and_dated(server, client, clock.now(), "Fri, 31 Dec 9999 23:59:59 GMT")
    assert reader.latest_skew_ms() > 10**14


@pytest.mark.parametrize("late_ms", [0, 1, 500, 999])
def test_a_date_that_is_cut_to_the_second_proves_nothing(
    late_ms: int, server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    clock.at += timedelta(milliseconds=late_ms)
    reader = told_and_dated(server, client, clock.now(), dated(clock.now()))
    assert 0 <= reader.latest_skew_ms() < 500


def test_the_worse_of_the_two_witnesses_counts_in_either_direction(
    server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    minute = timedelta(minutes=1)
    told = told_and_dated(server, client, clock.now() - minute, dated(clock.now()))
    assert -60_000 <= told.latest_skew_ms() < -59_000
    both = told_and_dated(server, client, clock.now() - minute, dated(clock.now() + 2 * minute))
    assert both.latest_skew_ms() == 120_000


def test_a_wrong_date_changes_no_signature_and_hides_no_record(
    server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """K8: it can only stop a sending."""
    day = timedelta(days=1)
    reader = told_and_dated(server, client, clock.now(), dated(clock.now() - day))
    server.answer = always(
        reply(
            envelope({"total": 0, "list": [], "currentPage": 1, "sizePage": 100}),
            headers={"Date": dated(clock.now() + day)},
        )
    )
    reader.records(RecordKind.SUBSCRIBE, since=None)
    assert 0 <= int(server.received[-1].query["endTime"]) - milliseconds(clock.now()) < 500
    server.answer = always(reply(envelope(True)))
    subscribe(client)
    assert int(server.received[-1].headers["x-bm-timestamp"]) == milliseconds(clock.now())


@pytest.mark.parametrize("set_by", [-HOUR, timedelta(minutes=-1), timedelta(minutes=1), HOUR])
def test_a_clock_that_is_set_shows_without_another_reply_and_hides_no_record(
    set_by: timedelta, server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """K2, K3: what was told is carried on by the clock that nobody sets."""
    reader = told_and_dated(server, client, clock.now(), dated(clock.now()))
    right = clock.now()
    clock.at += set_by
    expected = -set_by / timedelta(milliseconds=1)
    assert expected <= reader.latest_skew_ms() < expected + 2500

    server.answer = always(
        reply(envelope({"total": 0, "list": [], "currentPage": 1, "sizePage": 100}))
    )
    reader.records(RecordKind.SUBSCRIBE, since=None)
    assert int(server.received[-1].query["endTime"]) >= milliseconds(right)


@pytest.mark.parametrize(
    ("date", "more"),
    [
        ("Sun, 22 Nov 2020 12:00:00 GMT", {"Age": "0"}),
        ("Sun, 22 Nov 2020 12:00:00 GMT", {"Age": "315360000"}),
        ("Sun, 22 Nov 2020 12:00:00 +0900", {}),
        ("Sunday, 22-Nov-20 12:00:00 GMT", {}),
        ("Sun Nov 22 12:00:00 2020", {}),
        ("Sun, 31 Feb 2020 12:00:00 GMT", {}),
        ("Sun, 22 Nov 2020 25:00:00 GMT", {}),
        ("soon", {}),
        ("", {}),
    ],
)
def test_a_reply_from_a_cache_or_without_a_proper_date_proves_nothing(
    date: str, more: dict[str, str], server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """H29."""
    reader = told_and_dated(server, client, clock.now(), date, **more)
    assert 0 <= reader.latest_skew_ms() < 500


def test_before_the_exchange_told_the_time_nothing_is_known_of_it(
    server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """K5: a `Date` alone is no proof that our clock is right."""
    reader = BitmartReader(client)
    server.answer = always(reply(envelope([]), headers={"Date": dated(clock.now())}))
    reader.totals()
    with pytest.raises(ExchangeUnavailable):
        reader.latest_skew_ms()


def test_the_steady_clock_counts_while_the_machine_is_suspended() -> None:
    """K4: in a time namespace whose machine spent ten days of its uptime asleep."""
    asleep = ["unshare", "-r", "-T", "--boottime", str(10 * 86_400), "--fork"]
    if shutil.which("unshare") is None or subprocess.run([*asleep, "true"], check=False).returncode:
        pytest.skip("no time namespaces here")
    program = (
        "import time; from earnd.clock import SystemClock;"
        " print(round((SystemClock().monotonic() - time.monotonic()) / 86400))"
    )
    done = subprocess.run(
        [*asleep, sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True
    )
    assert done.stdout == "10\n"
