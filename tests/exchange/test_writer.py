from __future__ import annotations

import json
import logging
from collections.abc import Callable
from decimal import Decimal

import pytest

from earnd.domain.answer import Answer, Consequence, Outcome
from earnd.domain.ids import EarnId, ProductId, RequestNo
from earnd.errors import ExchangeUnavailable
from earnd.exchange.bitmart.bodies import redeem_body, subscribe_body
from earnd.exchange.bitmart.client import BitmartClient
from earnd.exchange.bitmart.fields import milliseconds
from earnd.exchange.bitmart.signing import sign
from earnd.exchange.bitmart.writer import BitmartWriter
from earnd.ports import ExchangeWriter
from tests.exchange.conftest import ACCESS, MEMO, SECRET
from tests.exchange.hostile import (
    Behaviour,
    FakeClock,
    HostileServer,
    always,
    envelope,
    reply,
    reset,
    then_close,
)

NUMBER = RequestNo("20000009000000300000")
YES_BODY = json.dumps(envelope(data=True)).encode()
YES = reply(YES_BODY)


@pytest.fixture
def writer(client: BitmartClient) -> BitmartWriter:
    return BitmartWriter(client)


def satisfies_the_port(writer: BitmartWriter) -> ExchangeWriter:
    return writer


def subscribe(writer: BitmartWriter) -> Answer:
    return writer.send(writer.subscribe_request(ProductId("1001"), Decimal(100), NUMBER))


def test_bodies_are_compact_and_in_the_order_of_the_api_page() -> None:
    subscribing = subscribe_body(ProductId("1001"), Decimal("100.00"), NUMBER)
    redeeming = redeem_body(EarnId("200001"), Decimal("5E-7"), NUMBER)

    assert subscribing == b'{"productId":"1001","amount":"100","requestNo":"20000009000000300000"}'
    assert (
        redeeming == b'{"earnId":"200001","amount":"0.0000005","requestNo":"20000009000000300000"}'
    )


@pytest.mark.parametrize(
    ("product", "amount", "number"),
    [
        ("", "1", NUMBER),
        ("x", "1", NUMBER),
        ("1" * 21, "1", NUMBER),
        ('1","amount":"9', "1", NUMBER),
        ("1001", "0", NUMBER),
        ("1001", "-1", NUMBER),
        ("1001", "NaN", NUMBER),
        ("1001", "Infinity", NUMBER),
        ("1001", "1E-19", NUMBER),
        ("1001", "1E+20", NUMBER),
        ("1001", "1", "unique-request-id-001"),
        ("1001", "1", "02000000900000030000"),
        ("1001", "1", "2000000900000030000"),
    ],
)
def test_what_must_not_be_sent_has_no_body(
    product: str, amount: str, number: str, server: HostileServer, writer: BitmartWriter
) -> None:
    """N5, X34, X35."""
    with pytest.raises(ValueError, match=r"not a|amount beyond"):
        writer.subscribe_request(ProductId(product), Decimal(amount), RequestNo(number))
    with pytest.raises(ValueError, match=r"not a|amount beyond"):
        writer.redeem_request(EarnId(product), Decimal(amount), RequestNo(number))
    assert server.connections == 0


def test_a_send_is_one_signed_request_of_exactly_the_frozen_bytes(
    server: HostileServer, writer: BitmartWriter, clock: FakeClock
) -> None:
    """X6, X37."""
    server.answer = always(YES)
    answer = writer.send(writer.redeem_request(EarnId("200001"), Decimal(50), NUMBER))

    (sent,) = server.received
    timestamp_ms = milliseconds(clock.now())
    assert (sent.method, sent.target) == ("POST", "/newearn/cloud/v1/saving/redeem")
    assert sent.body == redeem_body(EarnId("200001"), Decimal(50), NUMBER)
    assert sent.headers["x-bm-key"] == ACCESS
    assert sent.headers["x-bm-timestamp"] == str(timestamp_ms)
    assert sent.headers["x-bm-sign"] == sign(SECRET, timestamp_ms, MEMO, sent.body)
    assert sent.headers["content-type"] == "application/json"
    assert sent.headers["user-agent"].startswith("earnd/")
    assert (answer.outcome, answer.answered_at) == (Outcome.YES, clock.now())


def test_every_send_has_a_connection_of_its_own(
    server: HostileServer, writer: BitmartWriter
) -> None:
    """H8."""
    server.answer = always(YES)
    for _ in range(3):
        assert subscribe(writer).outcome is Outcome.YES

    assert [each.connection for each in server.received] == [1, 2, 3]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(YES, id="Content-Length"),
        pytest.param(b"HTTP/1.1 200 OK\r\n\r\n" + YES_BODY, id="framed by close"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n"
            + YES_BODY[:64]
            + b"\r\n%x\r\n" % len(YES_BODY[64:])
            + YES_BODY[64:]
            + b"\r\n0\r\n\r\n",
            id="chunked",
        ),
    ],
)
def test_a_yes_that_is_cut_anywhere_is_not_a_yes(
    raw: bytes, server: HostileServer, writer: BitmartWriter
) -> None:
    """H18, H19."""
    whole_enough = set()
    for end in range(len(raw) + 1):
        server.answer = then_close(raw[:end])
        outcome = subscribe(writer).outcome
        assert outcome in (Outcome.YES, Outcome.UNCLEAR)
        if outcome is Outcome.YES:
            whole_enough.add(raw[:end].rstrip(b"\r\n0"))
    assert len(server.received) == len(raw) + 1
    # Only line ends and the last chunk's zero may lack: the JSON itself was whole each time.
    assert whole_enough == {raw.rstrip(b"\r\n0")}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(reset, id="reset"),
        pytest.param(then_close(b""), id="hang-up"),
        pytest.param(always(reply("<html>", 503)), id="CDN"),
        pytest.param(always(reply(YES_BODY, 500)), id="500"),
        pytest.param(
            always(reply(YES_BODY, 307, headers={"Location": "/"})),
            id="307",
        ),
        pytest.param(always(reply(envelope(data=False))), id="false"),
        pytest.param(always(reply(envelope({}, code=80016), 400)), id="80016"),
        pytest.param(always(reply(YES_BODY, headers={"Content-Encoding": "gzip"})), id="encoded"),
    ],
)
def test_an_unclear_fate_was_sent_once(
    answer: Behaviour, server: HostileServer, writer: BitmartWriter
) -> None:
    """H6, H7, H9, H20, H26, X1, X9."""
    server.answer = answer

    assert subscribe(writer).outcome is Outcome.UNCLEAR
    assert len(server.received) == 1


def test_nothing_listening_is_not_sent(server: HostileServer, writer: BitmartWriter) -> None:
    """H3."""
    server.close()
    answer = subscribe(writer)

    assert answer.outcome is Outcome.NOT_SENT
    assert answer.http_status is None
    assert "refused" in answer.detail


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_takes_the_signature_nowhere(
    status: int,
    server: HostileServer,
    serve: Callable[[Behaviour], HostileServer],
    writer: BitmartWriter,
) -> None:
    """H10, H11."""
    thief = serve(always(YES))
    server.answer = always(
        reply("", status, headers={"Location": f"{thief.url}/newearn/cloud/v1/saving/subscribe"})
    )
    answer = subscribe(writer)

    assert (answer.outcome, answer.http_status) == (Outcome.UNCLEAR, status)
    assert answer.consequence is Consequence.STOP_ALL
    assert thief.connections == 0


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (reply(envelope({}, code=30013), 429), Outcome.NOT_EXECUTED),
        (reply("slow down", 429), Outcome.UNCLEAR),
        (reply(envelope({}, code=30017), 418), Outcome.NOT_EXECUTED),
        (reply("teapot", 418), Outcome.UNCLEAR),
        (reply("<html>", 403), Outcome.UNCLEAR),
        (reply(envelope({}, code=30016)), Outcome.NOT_EXECUTED),
        (reply("x", 418, headers={"Content-Encoding": "gzip"}), Outcome.UNCLEAR),
    ],
)
def test_a_closed_exchange_is_sent_nothing_more(
    raw: bytes, outcome: Outcome, server: HostileServer, writer: BitmartWriter
) -> None:
    """H20, H22, H23: with or without headers and a body of the documented form."""
    server.answer = always(raw)
    assert subscribe(writer).outcome is outcome

    answer = subscribe(writer)

    assert (answer.outcome, answer.consequence) == (Outcome.NOT_SENT, Consequence.BACK_OFF)
    assert "nothing is asked before 2026-11-22T12:" in answer.detail
    assert len(server.received) == 1


def test_a_ban_closes_reads_too_for_a_quarter_of_an_hour(
    server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """H23."""
    server.answer = always(reply(envelope({}, code=30017), 418))
    subscribe(BitmartWriter(client))
    server.answer = always(reply("{}"))

    clock.sleep(14 * 60)
    with pytest.raises(ExchangeUnavailable):
        client.get("/system/time", keyed=False)
    clock.sleep(60)
    client.get("/system/time", keyed=False)
    assert len(server.received) == 2


def test_a_used_up_window_is_waited_out(
    server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """H24: what the exchange calls remaining is what was used."""
    counts = {"Limit": "10", "Remaining": "10", "Reset": "2"}
    headers = {f"X-BM-RateLimit-{name}": count for name, count in counts.items()}
    server.answer = always(reply("{}", headers=headers))
    client.get("/system/time", keyed=False)
    client.get("/system/time", keyed=False)

    assert clock.slept == [2.0]


@pytest.mark.parametrize("odd", ["", "soon", "-1", "0", "1e3", "99999999", "\u00b2"])
def test_odd_rate_headers_are_ignored(
    odd: str, server: HostileServer, client: BitmartClient, clock: FakeClock
) -> None:
    """H24."""
    headers = {f"X-BM-RateLimit-{name}": odd for name in ("Limit", "Remaining", "Reset")}
    server.answer = always(reply("{}", headers=headers))
    for _ in range(2):
        client.get("/system/time", keyed=False)

    assert clock.slept == []


def test_no_secret_gets_into_an_answer_or_a_log(
    server: HostileServer,
    client: BitmartClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """E3, X36."""
    caplog.set_level(logging.DEBUG)
    writer = BitmartWriter(client)
    told = []
    for answer in (
        reset,
        then_close(b""),
        then_close(b"HTTP/1.1 200 OK\r\nbad\r\n\r\n"),
        always(YES),
    ):
        server.answer = answer
        told.append(subscribe(writer))
    seen = repr(told) + caplog.text + repr(vars(client)) + repr(client)

    for secret in (ACCESS, SECRET, MEMO, *(each.headers["x-bm-sign"] for each in server.received)):
        assert secret not in seen
