"""Replies of somebody who means harm: odd numbers, deep nesting, forged lines, more than asked."""

from __future__ import annotations

import http.client
import json
import logging
import re
import traceback
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.answer import Outcome
from earnd.domain.ids import ProductId, RequestNo
from earnd.errors import EarndError, SurprisingReply
from earnd.exchange.bitmart.bodies import subscribe_body
from earnd.exchange.bitmart.client import BitmartClient
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.strict_json import NotStrictJson, parse
from earnd.exchange.bitmart.writer import BitmartWriter
from earnd.exchange.transport import MAX_BODY
from tests.exchange.conftest import ACCESS, MEMO, SECRET
from tests.exchange.hostile import (
    HostileServer,
    always,
    envelope,
    reply,
    reset,
    then_close,
)
from tests.exchange.replies import MONEY, NUMBERS, READS, captured, subscribe

# As they would stand in the JSON: some are numbers, some are text.
NOT_AMOUNTS = [
    "100.10",
    "1e400",
    "-1e400",
    "1e999999999",
    "NaN",
    "Infinity",
    "-Infinity",
    "1" * 5000,
    "-0",
    "true",
    "null",
    "[]",
    '{"value":"1"}',
    '"1e400"',
    '"1e20000000"',
    '"NaN"',
    '"Infinity"',
    '"1_000"',
    '"1,000"',
    '" 12 "',
    '"12\\n"',
    '"+5"',
    '"-5"',
    '"5."',
    '".5"',
    '"1e5"',
    '"0x10"',
    '"\\uff11\\uff12"',
    '"\\u0661\\u0662"',
    '"' + "9" * 21 + '"',
    '"0.' + "1" * 19 + '"',
    '"' + "1" * 5000 + '"',
    '""',
]
PLACES = {
    "wallet": (b'"949.75000000"', "available"),
    "record": (b'"100.5"', "amount"),
    "total": (b'"50.25"', "totalUserSum"),
    "product": (b'"5000"', "maxPurchaseAmount"),
    "earn": (b'"totalProfit":"0"', "totalProfit"),
}


@pytest.mark.parametrize("bad", NOT_AMOUNTS, ids=lambda text: text[:24])
@pytest.mark.parametrize("name", sorted(PLACES))
def test_what_is_no_amount_is_never_read_as_one(
    name: str, bad: str, server: HostileServer, client: BitmartClient
) -> None:
    """N1, N2, N4, N6, N17: no float, no NaN, no exponent, no digits of another script."""
    body, (good, field) = captured()[name].body, PLACES[name]
    assert body.count(good) == 1
    new = f'"{field}":{bad}' if b":" in good else bad
    server.answer = always(reply(body.replace(good, new.encode())))

    with pytest.raises(SurprisingReply) as caught:
        READS[name](BitmartReader(client))
    assert len(str(caught.value)) < 400
    assert len(server.received) == 1


@pytest.mark.parametrize("digits", ["100.10", "0.1", "92233720368.54775807", "1e400", "-0.0"])
def test_a_number_with_a_point_is_the_digits_it_is_written_with(digits: str) -> None:
    """N1, N2: there is no float on the way, not even where a number is refused later."""
    (found,) = parse(f"[{digits}]".encode())

    assert type(found) is Decimal
    assert found.as_tuple() == Decimal(digits).as_tuple()


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "nan", "1_0", "01", ".5", "0x1"])
def test_a_word_that_is_no_number_is_not_json(word: str) -> None:
    """N2, N4: Python's own reader takes the first three."""
    with pytest.raises(NotStrictJson):
        parse(f"[{word}]".encode())


DEEP = [
    pytest.param(b'{"a":' * 150_000, id="open objects"),
    pytest.param(b"[" * MAX_BODY, id="open lists"),
    pytest.param(b"[" * 500_000 + b"]" * 500_000, id="closed lists"),
    pytest.param(b'{"code":1000,"data":' + b"[" * 400_000 + b"]" * 400_000 + b"}", id="deep data"),
    pytest.param(b'{"code":' + b"9" * 1_000_000 + b"}", id="a million digits"),
    pytest.param(b'{"code":1e' + b"9" * 1_000_000 + b"}", id="an exponent of a million digits"),
    pytest.param(b'"' + b"\\ud800" * 170_000 + b'"', id="half pairs"),
    pytest.param(b"\x00" * MAX_BODY, id="zeros"),
    pytest.param(b"{" + b'"a":1,' * 170_000 + b'"a":1}', id="one key very often"),
    pytest.param(b"{}" + b" " * (MAX_BODY - 2), id="nothing and much space"),
]


@pytest.mark.parametrize("body", DEEP)
def test_deep_and_huge_json_is_an_error_and_no_crash(
    body: bytes, server: HostileServer, client: BitmartClient
) -> None:
    """N17: within the size that is read, whatever nests or counts too far."""
    assert len(body) <= MAX_BODY
    server.answer = always(reply(body))

    with pytest.raises(SurprisingReply):
        BitmartReader(client).products()
    for send in MONEY.values():
        assert send(BitmartWriter(client)).outcome is Outcome.UNCLEAR


def twice(text: bytes, key: str) -> bytes:
    """The first field of this name written once more, before the true one, with another value."""
    at = text.index(b'"' + key.encode() + b'":')
    return text[:at] + b'"' + key.encode() + b'":"7",' + text[at:]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        *((name, key) for name in READS for key in ("code", "data", "message", "trace")),
        ("wallet", "wallet"),
        ("wallet", "available"),
        ("wallet", "id"),
        ("record", "amount"),
        ("record", "recordId"),
        ("record", "total"),
        ("product", "apy"),
        ("product", "productId"),
        ("earn", "earnId"),
        ("total", "totalUserSum"),
        ("time", "server_time"),
        ("service", "status"),
    ],
)
def test_a_key_that_stands_twice_anywhere_spoils_the_reply(
    name: str, key: str, server: HostileServer, client: BitmartClient
) -> None:
    """N3: two readers would see two replies, so nobody sees any."""
    server.answer = always(reply(twice(captured()[name].body, key)))

    with pytest.raises(SurprisingReply):
        READS[name](BitmartReader(client))


def with_more(value: Any) -> Any:
    """The same with a field more in every object."""
    if isinstance(value, list):
        return [with_more(each) for each in value]
    if isinstance(value, dict):
        known = {key: with_more(each) for key, each in value.items()}
        return {"aNewField": {"data": False, "code": 80002}, **known, "holding": [1.5, None]}
    return value


@pytest.mark.parametrize("name", sorted(READS))
def test_new_fields_change_nothing(name: str, server: HostileServer, client: BitmartClient) -> None:
    """X39: an API grows; what is known of a reply is read as before."""
    body = captured()[name].body
    reader = BitmartReader(client)
    server.answer = always(reply(body))
    before = READS[name](reader)
    server.answer = always(reply(json.dumps(with_more(json.loads(body)))))
    after = READS[name](reader)

    # Of the time the skew is measured, which has the real latency in it.
    assert before == after or name == "time"


@pytest.mark.parametrize("name", sorted(MONEY))
def test_new_fields_around_an_answer_change_nothing(
    name: str, server: HostileServer, client: BitmartClient
) -> None:
    """X39: nor do they spoil a yes."""
    server.answer = always(reply(json.dumps(with_more(json.loads(captured()[name].body)))))

    assert MONEY[name](BitmartWriter(client)).outcome is Outcome.YES


NOT_IDS = [
    "../../spot/v1/wallet",
    "1001/../2",
    "http://127.0.0.1:9/",
    "1001?x=1",
    "1001#",
    "%2e%2e",
    "{0.__class__}",
    "%s%n",
    "1001\r\nX-Evil: 1",
    "1001\x00",
    "\u202e1001",
    "1001 ",
    "1" * 21,
    "-1",
    "' OR 1=1 --",
    "$(id)",
]


@pytest.mark.parametrize("bad", NOT_IDS)
@pytest.mark.parametrize(
    ("name", "field"),
    [("product", "productId"), ("earn", "earnId"), ("earn", "productId"), ("record", "recordId")],
)
def test_an_id_is_digits_or_the_reply_is_refused(
    name: str, field: str, bad: str, server: HostileServer, client: BitmartClient
) -> None:
    """E9: nothing of a reply becomes a path, a line, a header or a format."""
    content = json.loads(captured()[name].body)
    content["data"]["list"][0][field] = bad
    server.answer = always(reply(json.dumps(content)))

    with pytest.raises(SurprisingReply) as caught:
        READS[name](BitmartReader(client))
    assert caught.value.what.isprintable()
    assert caught.value.where.isprintable()


@pytest.mark.parametrize("text", ["%s %d %n", "{0} {self} {x.__class__}", "a\nb\x1b[2J", "\u202e"])
def test_the_exchanges_words_are_words(
    text: str, server: HostileServer, client: BitmartClient
) -> None:
    """E9: formats are not filled in, lines are not broken, terminals are not spoken to."""
    server.answer = always(reply(envelope({}, code=80002, message=text), 400))
    answer = subscribe(BitmartWriter(client))

    assert answer.outcome is Outcome.REFUSED
    assert answer.message is not None
    assert answer.message.isprintable()
    assert text[1:-1] in answer.message or not text.isprintable()
    with pytest.raises(EarndError) as caught:
        BitmartReader(client).products()
    assert caught.value.what.isprintable()


@given(st.decimals(allow_nan=True, allow_infinity=True) | st.integers().map(Decimal))
def test_every_amount_that_leaves_is_plain_digits(amount: Decimal) -> None:
    """N5, N6, X34: no exponent, no sign, no megabyte of zeros; or no request at all."""
    try:
        body = subscribe_body(ProductId("1001"), amount, RequestNo(NUMBERS[0]))
    except ValueError:
        return
    written = json.loads(body)
    assert re.fullmatch(r"[0-9]{1,20}(\.[0-9]{1,18})?", written["amount"])
    assert Decimal(written["amount"]) == amount > 0
    assert re.fullmatch(r"[1-9][0-9]{19}", written["requestNo"])


@pytest.mark.parametrize("amount", ["1e20000000", "1e-20000000", "9e999999"])
def test_an_absurd_amount_is_refused_before_it_is_written_out(amount: str) -> None:
    """N6: twenty million characters are never made."""
    with pytest.raises(ValueError, match="amount"):
        subscribe_body(ProductId("1001"), Decimal(amount), NUMBERS[0])


def test_the_parameters_of_a_listing_have_their_documented_names(
    server: HostileServer, client: BitmartClient
) -> None:
    """X34: `currentPage`, although the sample on the API page has lost its beginning."""
    server.answer = always(captured()["record"].whole)
    READS["record"](BitmartReader(client))

    assert server.received[0].target.startswith("/newearn/cloud/v1/saving/record?type=subscribe&")
    assert set(server.received[0].query) == {"type", "endTime", "currentPage", "sizePage"}


def test_no_secret_is_in_any_log_at_any_level(
    server: HostileServer,
    client: BitmartClient,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """E3, X36: with every logger of the process wide open, headers are in none of them."""
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "http.client", "earnd"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
    reader, writer = BitmartReader(client), BitmartWriter(client)
    for answer in (always(captured()["product"].whole), reset, then_close(b"x\r\n\r\n")):
        server.answer = answer
        for send in MONEY.values():
            send(writer)
        for read in READS.values():
            try:
                read(reader)
            except EarndError:
                logging.getLogger("earnd.test").exception("a look failed")

    said = capfd.readouterr()
    seen = caplog.text + said.out + said.err
    signatures = {each.headers.get("x-bm-sign", ACCESS) for each in server.received}
    assert len(server.received) > 20
    for secret in (ACCESS, SECRET, MEMO, *signatures):
        assert secret not in seen


def test_the_librarys_own_trace_of_headers_is_off() -> None:
    """E3: `http.client` would print every header, secrets too."""
    assert http.client.HTTPConnection.debuglevel == 0


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="hang-up"),
        pytest.param(b"HTTP/1.1 2", id="half a head"),
        pytest.param(reply("{"), id="half a body"),
        pytest.param(reply(envelope({}, code=30002), 401), id="refused key"),
        pytest.param(reply(envelope({"total": 1, "list": [{}]})), id="an empty row"),
    ],
)
def test_an_error_drags_no_request_along(
    raw: bytes, server: HostileServer, client: BitmartClient
) -> None:
    """E4: an error reporter that prints all variables of all frames finds no secret in them."""
    server.answer = then_close(raw)
    seen = ""
    for read in READS.values():
        with pytest.raises(EarndError) as caught:
            read(BitmartReader(client))
        told = traceback.TracebackException.from_exception(
            caught.value, capture_locals=True, compact=False
        )
        seen += "".join(told.format()) + repr(vars(caught.value))
        assert caught.value.__cause__ is None
    assert "earnd/exchange/bitmart/reader.py" in seen
    assert "PreparedRequest" not in seen
    for secret in (ACCESS, SECRET, MEMO):
        assert secret not in seen
