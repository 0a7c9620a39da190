"""The rows H of the catalogue of failures that need a scene of their own, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from earnd.domain.answer import Consequence, Outcome
from earnd.domain.history import CycleOutcome
from earnd.errors import EarndError, ExchangeUnavailable, SurprisingReply
from earnd.exchange import transport as module
from earnd.exchange.bitmart.client import BitmartClient
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.writer import BitmartWriter
from earnd.exchange.resolver import Resolver
from earnd.exchange.transport import Limits, RawReply, Transport
from earnd.sandbox import Fault, Gateway, Settings
from earnd.sandbox import Received as Arrived
from tests.exchange.conftest import ACCESS, MEMO, SECRET
from tests.exchange.hostile import (
    Behaviour,
    FakeClock,
    HostileServer,
    Received,
    always,
    envelope,
    reply,
    then_close,
)
from tests.exchange.replies import MONEY, NUMBERS, PATHS, READS, captured, subscribe
from tests.support.practice import Practice, flexible, practice

Serve = Callable[[Behaviour], HostileServer]

MINUTE = timedelta(minutes=1)
REDIRECTS = (300, 301, 302, 303, 305, 307, 308)
CHALLENGE = "<!DOCTYPE html><html><title>Just a moment...</title>Error code: 1010</html>"
HTML = {"Content-Type": "text/html; charset=UTF-8"}


def asks(client: BitmartClient) -> Iterator[Callable[[], object]]:
    """Every request that earnd makes."""
    reader, writer = BitmartReader(client), BitmartWriter(client)
    for read in READS.values():
        yield lambda read=read: read(reader)  # type: ignore[misc] # mypy knows no such default
    for send in MONEY.values():
        yield lambda send=send: send(writer)  # type: ignore[misc] # likewise


@pytest.mark.parametrize("status", REDIRECTS)
@pytest.mark.parametrize("where", ["{thief}/look", "//127.0.0.1:{port}/look", "/elsewhere", "\\"])
def test_nothing_follows_a_redirect(
    status: int, where: str, server: HostileServer, serve: Serve, client: BitmartClient
) -> None:
    """H10, H11: neither a look nor a send goes to the other host, which stays silent."""
    thief = serve(always(captured()["subscribe"].whole))
    location = where.format(thief=thief.url, port=thief.port)
    body = captured()["product"].body
    server.answer = always(reply(body, status, headers={"Location": location}))
    for number, ask in enumerate(asks(client), start=1):
        with suppress(SurprisingReply):
            answer: Any = ask()
            # A look with such a reply is an error; a send is not known to have been done.
            assert (answer.outcome, answer.http_status) == (Outcome.UNCLEAR, status)
            assert answer.consequence is Consequence.STOP_ALL
        assert len(server.received) == number

    assert thief.connections == 0
    assert {each.path for each in server.received} == set(PATHS.values())


@pytest.mark.parametrize("header", ["Refresh", "Content-Location", "Link", "Alt-Svc", "Set-Cookie"])
def test_no_other_header_leads_anywhere_either(
    header: str, server: HostileServer, serve: Serve, client: BitmartClient
) -> None:
    """H10, E9: what a reply says about other places is no business of ours."""
    thief = serve(always(reply("{}")))
    value = f'0; url={thief.url}; h2="127.0.0.1:{thief.port}"'
    server.answer = always(reply(captured()["wallet"].body, headers={header: value}))
    reader = BitmartReader(client)
    for _ in range(2):
        assert reader.balances()["USDT"].available == Decimal("949.75")  # type: ignore[index] # a coin's name is text

    assert thief.connections == 0
    assert all("cookie" not in each.headers for each in server.received)


@pytest.mark.parametrize("status", [200, 403, 503])
def test_a_page_of_the_network_in_front_is_unclear_and_stops_everything_for_a_while(
    status: int, server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """H20: no crash on HTML, no "failed"; and nothing knocks while the page is up."""
    server.answer = always(reply(CHALLENGE, status, HTML))
    writer, reader = BitmartWriter(client), BitmartReader(client)
    assert subscribe(writer).outcome is Outcome.UNCLEAR
    for _ in range(3):
        assert subscribe(writer).outcome is Outcome.NOT_SENT
        with pytest.raises(ExchangeUnavailable):
            reader.products()
    assert len(server.received) == 1

    # It is asked again after minutes, not seconds, and ever more seldom.
    asked_after: list[float] = []
    began = clock.monotonic()
    for _ in range(180):
        clock.sleep(60)
        with suppress(ExchangeUnavailable):
            reader.products()
        if len(server.received) > 1 + len(asked_after):
            asked_after.append(clock.monotonic() - began)
    gaps = [later - earlier for earlier, later in pairwise(asked_after)]
    assert 3 <= len(asked_after) <= 12
    assert min(gaps) >= 60
    assert max(gaps) >= 1800


def test_the_libraries_own_names_are_not_used(server: HostileServer, client: BitmartClient) -> None:
    """H21: a guard that refuses the names of HTTP libraries lets earnd through."""

    def guard(sock: socket.socket, received: Received) -> bool:
        agent = received.headers.get("user-agent", "")
        known = not agent or any(
            word in agent.lower() for word in ("python", "urllib", "requests", "bitmart-python")
        )
        body = captured()["subscribe" if received.method == "POST" else "wallet"].body
        sock.sendall(reply(CHALLENGE, 403, HTML) if known else reply(body))
        return True

    server.answer = guard
    assert subscribe(BitmartWriter(client)).outcome is Outcome.YES
    assert BitmartReader(client).balances()
    assert len({each.headers["user-agent"] for each in server.received}) == 1


@pytest.mark.parametrize("headers", [{}, {"X-BM-RateLimit-Reset": "7"}, {"Retry-After": "0"}])
@pytest.mark.parametrize("body", ["slow down", '{"code":30013,"message":"x","trace":"x"}'])
def test_asked_too_often_the_endpoint_is_left_alone_as_long_as_it_says_or_for_a_minute(
    headers: dict[str, str],
    body: str,
    server: HostileServer,
    client: BitmartClient,
    clock: FakeClock,
) -> None:
    """H22, H25: whoever used the quota up, not one packet more before the time is over."""
    server.answer = always(reply(body, 429, headers))
    with pytest.raises(ExchangeUnavailable):
        BitmartReader(client).products()
    closed_at, wait = clock.monotonic(), 7 if "X-BM-RateLimit-Reset" in headers else 60
    server.answer = always(captured()["product"].whole)
    while clock.monotonic() < closed_at + wait - 5:
        with pytest.raises(ExchangeUnavailable):
            BitmartReader(client).products()
        clock.sleep(1)
        assert len(server.received) == 1

    clock.sleep(wait)
    assert len(BitmartReader(client).products()) == 2


def test_a_blocked_address_is_silent(
    server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """H23: not one packet, for whatever purpose, for a quarter of an hour; then longer."""
    server.answer = always(reply(envelope({}, code=30017), 418))
    asked_at: list[float] = []
    began = clock.monotonic()
    while clock.monotonic() - began < 4 * 3600:
        for ask in asks(client):
            with suppress(EarndError):
                ask()
        if len(server.received) > len(asked_at):
            asked_at.append(clock.monotonic() - began)
        assert len(server.received) == len(asked_at)
        assert server.connections <= len(asked_at)
        clock.sleep(30)

    gaps = [later - earlier for earlier, later in pairwise(asked_at)]
    assert gaps[0] >= 15 * 60
    assert gaps[1] >= 30 * 60
    assert len(asked_at) <= 5


def test_remaining_is_read_as_what_was_used(
    server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """H24: a fresh window is not waited for, a spent one is."""
    body, reader = captured()["wallet"].body, BitmartReader(client)
    limits = {"X-BM-RateLimit-Limit": "12", "X-BM-RateLimit-Reset": "2"}
    server.answer = always(reply(body, headers={**limits, "X-BM-RateLimit-Remaining": "0"}))
    reader.balances()
    reader.balances()
    assert clock.slept == []

    server.answer = always(reply(body, headers={**limits, "X-BM-RateLimit-Remaining": "12"}))
    reader.balances()
    reader.balances()
    assert sum(clock.slept) == pytest.approx(2)


def test_every_look_asks_for_a_fresh_reply(server: HostileServer, client: BitmartClient) -> None:
    """H29: no cache on the way may answer for the exchange."""
    for name, read in READS.items():
        server.answer = always(captured()[name].whole)
        read(BitmartReader(client))

    assert {each.headers["cache-control"] for each in server.received} == {"no-cache"}


def _dead(family: socket.AddressFamily, host: str, stack: ExitStack) -> Any:
    """An address on which a connection is never accepted, or at least never made."""
    with suppress(OSError):
        full = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        full.bind((host, 0))
        full.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        return full.getsockname()
    # Without IPv6 the family fails at once, which is a dead address as well.
    return (host, 9, 0, 0)


def test_a_dead_ipv6_address_costs_a_part_of_the_time_once(
    server: HostileServer, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H31: the living IPv4 address is reached within the limit, and is the first one from then."""
    server.answer = always(reply("{}"))
    with ExitStack() as stack:
        dead = _dead(socket.AF_INET6, "::1", stack)

        def both(*_: object, **__: object) -> list[Any]:
            return [
                (socket.AF_INET6, socket.SOCK_STREAM, 6, "", dead),
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port)),
            ]

        monkeypatch.setattr(
            module, "Resolver", lambda host, port: Resolver(host, port, lookup=both)
        )
        # Were the dead one waited for as long as may be, no time would be left for the other.
        limits = Limits(connect_s=3, read_s=3, total_s=3)
        one = frozenset({"/one"})
        transport = stack.enter_context(
            Transport(
                f"http://localhost:{server.port}",
                gets=one,
                posts=one,
                user_agent="x",
                clock=clock,
                limits=limits,
            )
        )
        first = transport.post("/one", b"{}", {})
        later = [transport.post("/one", b"{}", {}) for _ in range(2)]

    assert isinstance(first, RawReply)
    for each in later:
        assert isinstance(each, RawReply)
        assert each.latency_ms < 1000
    assert len(server.received) == 3


@pytest.mark.parametrize("raw", [b"", b"HTTP/1.1 200 OK\r\n\r\n", reply("no", 404), reply("", 302)])
def test_no_address_and_no_error_holds_a_secret(
    raw: bytes, server: HostileServer, client: BitmartClient
) -> None:
    """H32, E3: secrets are in headers only, and the errors that quote addresses quote none."""
    server.answer = then_close(raw)
    said = []
    for ask in asks(client):
        try:
            said.append(repr(ask()))
        except EarndError as error:
            said.append(f"{error} {error!r} {error.__dict__}")

    signatures = [each.headers.get("x-bm-sign", "x-bm-sign") for each in server.received]
    seen = " ".join([*said, *(each.target for each in server.received)])
    for secret in (ACCESS, SECRET, MEMO, *signatures):
        assert secret not in seen
    assert all(SECRET not in str(each.headers) for each in server.received)


# The network and the exchange's memory, with the whole program.


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as ready:
        yield ready


def carried_out(account: Practice) -> list[str | None]:
    return [row.request_no for row in account.books.records() if row.kind == "subscribe"]


@pytest.mark.slow
@pytest.mark.parametrize("window", ["0s", "2m"])
@pytest.mark.parametrize("endpoint", ["record", "product", "wallet", "earn", "total"])
def test_a_stale_page_moves_nothing_twice(endpoint: str, window: str, account: Practice) -> None:
    """H29: for a while every reply of an endpoint is the one before it, once more."""
    account.more = f"settling: {{replay_window: {window}}}"
    account.cycle()
    account.books.deposit("USDT", "500")
    account.server.faults.add(
        Fault("subscribe", "drop_after"), Fault(endpoint, "stale", nth=2, times=8)
    )
    account.cycles(3, apart=4 * MINUTE)
    account.server.faults.clear()
    account.cycles(6, apart=15 * MINUTE)

    numbers = carried_out(account)
    assert len(set(numbers)) == len(numbers)
    assert account.idle() >= 100
    assert account.held() + account.idle() == 1500
    known = {row[0] for row in account.sql("SELECT request_no FROM action_now")}
    assert set(numbers) <= known


@pytest.mark.slow
@pytest.mark.parametrize("window", ["0s", "2m"])
@pytest.mark.parametrize("after_s", [1, 30, 59, 61, 900])
def test_a_request_that_arrives_late_is_found_or_never_done(
    after_s: int, window: str, account: Practice
) -> None:
    """H28, X5: the network keeps a request and delivers it after we have given up waiting."""
    account.more = f"settling: {{replay_window: {window}}}"
    account.server.faults.add(Fault("subscribe", "park"))
    account.cycle()
    account.clock.advance(timedelta(seconds=after_s))
    account.server.deliver_parked()
    account.cycles(8, apart=15 * MINUTE)

    numbers = carried_out(account)
    assert len(set(numbers)) == len(numbers)
    assert account.held() + account.idle() == 1000
    states = dict(account.sql("SELECT request_no, state FROM action_now"))
    for number, state in states.items():
        assert (state in {"settled", "late"}) == (number in numbers), (number, state)


def test_a_request_that_arrives_after_it_was_written_off_is_late_and_counted(
    account: Practice,
) -> None:
    """H28: an exchange that checks no timestamps carries it out hours later."""
    account.server.gateway = Gateway(age_ms=10**9)
    account.more = "settling: {replay_window: 0s}"
    account.server.faults.add(Fault("subscribe", "park"))
    account.cycle()
    account.cycles(5, apart=12 * MINUTE)
    assert account.states() == ["rejected", "settled"]
    account.books.deposit("USDT", "1000")
    account.server.deliver_parked()
    account.cycles(3, apart=15 * MINUTE)

    assert account.states()[:2] == ["late", "settled"]
    numbers = carried_out(account)
    assert len(set(numbers)) == len(numbers)
    assert account.held() + account.idle() == 2000


def test_a_number_that_a_lost_refusal_used_up_is_for_a_person(tmp_path: Path) -> None:
    """X3, X5: the second sending hears 80013, which says "seen" and not "done"."""
    burning = Settings(burn_refused=True)
    with practice(tmp_path, flexible("1001", "0.05"), settings=burning) as account:

        def sold_out(_: Arrived) -> None:
            account.books.stop_product("1001")

        account.server.on_receive = sold_out
        account.server.faults.add(Fault("subscribe", "drop_after"))
        account.cycle()
        attempts = account.sql("SELECT code, outcome FROM attempt_log ORDER BY attempt")
        assert attempts == [(None, "unclear"), (80013, "seen")]
        account.cycles(12, apart=60 * MINUTE)

        assert account.states() == ["needs_operator"]
        assert len({each.request_no for each in account.server.received}) == 1
        assert len(account.server.received) == 2
        assert account.idle() == 1000


@pytest.mark.slow
@pytest.mark.parametrize("other", [3, 8, 10])
def test_another_program_that_uses_the_same_key_slows_us_down_and_gets_nobody_blocked(
    other: int, account: Practice
) -> None:
    """H25: the quota is per user; a stranger's requests make 429s, which earnd does not feed."""
    account.server.gateway = Gateway(
        earn_limit=max(1, 10 - other), knocks_to_block=20, limit_headers=False
    )
    report = account.cycle()
    account.cycles(4, apart=5 * MINUTE)

    statuses = [f"{each.endpoint}" for each in account.server.arrivals]
    assert len(statuses) < 200
    assert report.outcome in CycleOutcome
    assert account.held() + account.idle() == 1000
    assert len(set(carried_out(account))) == len(carried_out(account)) <= 1


def test_the_numbers_of_these_tests_are_numbers() -> None:
    """X35: every number is text of 20 digits, on the wire too."""
    for number in NUMBERS:
        assert len(number) == 20
        assert number.isdigit()
