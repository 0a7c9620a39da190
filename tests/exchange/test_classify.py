from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.answer import Answer, Consequence, Outcome
from earnd.exchange.bitmart.classify import classify
from earnd.exchange.bitmart.codes import CODES
from earnd.exchange.bitmart.envelope import MAX_TEXT
from earnd.exchange.transport import NoAnswer, NotSent, RawReply
from tests.exchange.hostile import TRACE, envelope

AT = datetime(2026, 11, 22, tzinfo=UTC)
YES = json.dumps(envelope(data=True)).encode()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def raw(body: bytes | dict[str, Any], status: int = 200) -> RawReply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawReply(status, {}, content, 12, AT)


def judged(body: bytes | dict[str, Any], status: int = 200) -> Outcome:
    return classify(raw(body, status)).outcome


def test_200_and_1000_and_true_is_yes() -> None:
    assert classify(raw(YES)) == Answer(
        Outcome.YES, AT, 12, "The exchange said yes.", 200, 1000, "OK", TRACE, Consequence.NONE
    )


@pytest.mark.parametrize("data", [False, None, 1, "true", {}, [], [True], {"ok": True}, 1.0])
def test_anything_but_a_true_in_data_is_unclear(data: Any) -> None:
    """X1, X2."""
    assert judged(envelope(data)) is Outcome.UNCLEAR


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"true", id="no object"),
        pytest.param(b"[" + YES + b"]", id="list"),
        pytest.param(YES + YES, id="two replies"),
        pytest.param(YES + b"x", id="something after it"),
        pytest.param(b"\xef\xbb\xbf" + YES, id="byte-order mark"),
        pytest.param(YES.decode().encode("utf-16"), id="utf-16"),
        pytest.param(YES.replace(b"1000", b"1000.0"), id="code with a point"),
        pytest.param(YES.replace(b"1000", b'"1000"'), id="code in a string"),
        pytest.param(YES.replace(b"1000", b"true"), id="true as the code"),
        pytest.param(YES.replace(b"1000", b"1" + b"0" * 5000), id="code of 5,000 digits"),
        pytest.param(YES.replace(b"1000", b"1e999999999"), id="code beyond any exponent"),
        pytest.param(YES.replace(b"true", b"NaN"), id="not a number"),
        pytest.param(YES.replace(b"{", b'{"code": 80002, ', 1), id="two codes"),
        pytest.param(YES.replace(b"true", b'true, "data": false'), id="two data"),
        pytest.param(b'{"a":' * 100_000, id="deep"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="deep and closed"),
        pytest.param(b'{"code":1000,"message":"OK","data":true}', id="no trace"),
        pytest.param(b'{"code":1000,"trace":"x","data":true}', id="no message"),
        pytest.param(b"<html>1000 true</html>", id="HTML"),
    ],
)
def test_a_body_that_is_not_the_documented_one_is_unclear(body: bytes) -> None:
    """N2, N3, N17, X43."""
    assert judged(body) is Outcome.UNCLEAR


@pytest.mark.parametrize(
    "status",
    [201, 202, 204, 301, 302, 303, 307, 308, 400, 401, 403, 404, 409, 418, 429, 500, 502, 503, 504],
)
def test_a_yes_with_another_status_is_unclear(status: int) -> None:
    """H26, X10."""
    assert judged(YES, status) is Outcome.UNCLEAR


@pytest.mark.parametrize("code", [code for code in CODES if code != 1000])
def test_a_documented_code_with_its_status_has_the_outcome_of_its_row(code: int) -> None:
    row = CODES[code]
    answer = classify(raw(envelope({}, code=code, message=row.name), row.http_status))

    assert (answer.outcome, answer.consequence) == (row.outcome, row.consequence)
    assert (answer.http_status, answer.code, answer.message) == (row.http_status, code, row.name)
    assert answer.detail == row.sentence


@pytest.mark.parametrize("code", [code for code in CODES if code != 1000])
def test_a_documented_code_with_another_status_is_unclear(code: int) -> None:
    for status in (200, 302, 400, 401, 403, 404, 418, 429, 500, 503):
        if status != CODES[code].http_status:
            assert judged(envelope({}, code=code), status) is Outcome.UNCLEAR


def test_a_refusal_that_says_true_contradicts_itself() -> None:
    assert judged(envelope(data=True, code=80002), 400) is Outcome.UNCLEAR


@pytest.mark.parametrize(
    "body",
    [
        {"trace": "N/A", "msg": "Not found", "code": 30000},
        {"trace": "N/A", "message": "Not found", "code": 30000, "data": None},
        {"trace": "N/A", "message": "Not found", "code": 30000, "data": {}},
    ],
)
def test_the_odd_shapes_of_the_gateway_are_understood(body: dict[str, Any]) -> None:
    """X43."""
    answer = classify(raw(body, 404))

    assert (answer.outcome, answer.message, answer.trace) == (
        Outcome.NOT_EXECUTED,
        "Not found",
        "N/A",
    )


@pytest.mark.parametrize("code", [0, -1, 999, 1001, 30009, 30015, 79999, 80023, 90000])
def test_an_unknown_code_is_unclear(code: int) -> None:
    """X10."""
    for status in (200, 400, 401, 403, 429):
        assert judged(envelope({}, code=code), status) is Outcome.UNCLEAR


def test_a_limit_is_certain_only_where_it_is_well_formed() -> None:
    """H22, H23."""
    assert judged(envelope({}, code=30013), 429) is Outcome.NOT_EXECUTED
    assert judged(envelope({}, code=30017), 418) is Outcome.NOT_EXECUTED
    for status, heavier in ((429, Consequence.BACK_OFF), (418, Consequence.STOP_ALL)):
        answer = classify(raw(b"<html>", status))
        assert (answer.outcome, answer.consequence) == (Outcome.UNCLEAR, heavier)


def test_what_never_left_was_not_sent_and_what_has_no_answer_is_unclear() -> None:
    """H3, H7."""
    not_sent = classify(NotSent("the connection was refused", 3, AT))
    no_answer = classify(NoAnswer("the connection was reset", 4, AT, status=502))

    assert not_sent.outcome is Outcome.NOT_SENT
    assert not_sent.detail == "Nothing was sent: the connection was refused."
    assert (no_answer.outcome, no_answer.http_status) == (Outcome.UNCLEAR, 502)
    assert no_answer.latency_ms == 4


def test_what_the_exchange_writes_is_made_safe_for_logs_and_the_ledger() -> None:
    """E8, E9."""
    message = "a\nERROR forged\x1b[31m\u0000\u202e" + "x" * 1000
    answer = classify(raw(envelope({}, code=80002, message=message), 400))

    assert answer.message is not None
    assert answer.message.isprintable()
    assert answer.message.startswith("a\\nERROR forged\\x1b[31m\\x00\\u202e")
    assert len(answer.message) < 2 * MAX_TEXT


def test_half_a_surrogate_pair_does_not_get_through() -> None:
    body = rb'{"message":"\ud800","code":80002,"trace":"\udfff","data":{}}'
    answer = classify(raw(body, 400))

    assert (answer.message, answer.trace) == ("\\ud800", "\\udfff")


@given(status=st.integers(-1, 1200), body=st.binary())
def test_any_status_with_any_bytes_has_one_answer(status: int, body: bytes) -> None:
    assert judged(body, status) is Outcome.UNCLEAR


@given(
    status=st.sampled_from([200, 302, 400, 401, 403, 404, 418, 429, 500, 503])
    | st.integers(100, 999),
    parts=st.fixed_dictionaries(
        {},
        optional={
            "code": st.sampled_from([*CODES]) | json_values,
            "message": st.just("OK") | json_values,
            "msg": json_values,
            "trace": st.just(TRACE) | json_values,
            "data": st.booleans() | json_values,
        },
    ),
)
def test_only_the_exact_reply_is_yes_and_only_documented_pairs_are_certain(
    status: int, parts: dict[str, Any]
) -> None:
    answer = classify(raw(parts, status))

    exact = parts.get("data") is True and type(parts.get("code")) is int and parts["code"] == 1000
    if answer.outcome is Outcome.YES:
        assert exact
        assert status == 200
    if answer.outcome is not Outcome.UNCLEAR:
        assert answer.code is not None
        assert CODES[answer.code].http_status == status < 500


@given(st.integers(0, len(YES) - 1))
def test_no_beginning_of_a_yes_is_a_yes(end: int) -> None:
    assert judged(YES[:end]) is Outcome.UNCLEAR


@given(st.integers(0, len(YES) - 1), st.integers(1, 255))
def test_a_damaged_yes_is_a_yes_only_if_it_still_says_so(index: int, flip: int) -> None:
    damaged = bytearray(YES)
    damaged[index] ^= flip
    if judged(bytes(damaged)) is not Outcome.UNCLEAR:
        content = json.loads(damaged)
        assert content["code"] == 1000
        assert content["data"] is True
