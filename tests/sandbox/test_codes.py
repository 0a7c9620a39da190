"""Every code that the API page and the gateway's table document comes out of the HTTP face."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from earnd.sandbox import EARN_CODES, GATEWAY_CODES, PRACTICE_ACCESS_KEY, Fault
from tests.sandbox.raw_client import SAVING, RawClient, new_number

EARN_PAGE = """
| OK | 1000 | 200 |
| Invalid request (maybe the body is empty, or the int parameter passes string data) | 80000 | 400 |
| Product does not exist | 80001 | 400 |
| Insufficient balance | 80002 | 400 |
| Order amount error, such as precision exception | 80003 | 400 |
| Insufficient product quota | 80004 | 400 |
| Orders are not processed in this time period | 80005 | 400 |
| User cumulative subscription exceeds the limit | 80006 | 400 |
| User cumulative subscription limit should be less than total issuance and greater than minimum \
subscription amount | 80007 | 400 |
| Risk control restriction, no permission to subscribe | 80008 | 400 |
| Risk control restriction, no permission to redeem | 80009 | 400 |
| Product sales time limit, end time is less than start time | 80010 | 400 |
| Product sales have been stopped | 80011 | 400 |
| Parameter error | 80012 | 400 |
| Idempotent request | 80013 | 400 |
| Institutional users cannot subscribe | 80014 | 400 |
| Invalid kyc level, kyc level 2 verification required | 80015 | 400 |
| System error | 80016 | 400 |
| Earn invalid country, service unavailable | 80017 | 400 |
| Product sub-type error | 80018 | 400 |
| Risk control restriction, no permission to operate for this business type | 80019 | 400 |
| No such asset | 80020 | 400 |
| Subscription amount should be greater than the minimum order amount | 80021 | 400 |
| Type parameter error | 80022 | 400 |
"""
ROWS = [
    (message.strip(), int(code), int(status))
    for _, message, code, status, _ in (line.split("|") for line in EARN_PAGE.split("\n") if line)
]

Way = Callable[[RawClient], Any]


def known_number(client: RawClient) -> Any:
    number = new_number()
    client.subscribe("1001", "10", number)
    return client.subscribe("1001", "10", number)


def account(**changes: Any) -> Way:
    def way(client: RawClient) -> Any:
        client.server.books.change_account(**changes)
        return client.subscribe("1001", "10")

    return way


def product(amount: str, **changes: Any) -> Way:
    def way(client: RawClient) -> Any:
        client.server.books.change_product("1001", **changes)
        return client.subscribe("1001", amount)

    return way


def closed(client: RawClient) -> Any:
    client.server.books.change_settings(
        closed_from=timedelta(hours=9), closed_until=timedelta(hours=11)
    )
    return client.subscribe("1001", "10")


def not_on_sale(client: RawClient) -> Any:
    now = client.server.books.clock.now()
    client.server.books.change_product("1001", sale_until=now)
    return client.subscribe("1001", "10")


def risky_redeem(client: RawClient) -> Any:
    client.server.books.subscribe_by_hand("1001", "10")
    client.server.books.change_account(risk_redeem=True)
    return client.redeem("200001", "10")


def fault(**what: Any) -> Way:
    def way(client: RawClient) -> Any:
        client.server.faults.add(Fault("subscribe", **what))
        return client.subscribe("1001", "10")

    return way


def body(text: str, path: str = "subscribe") -> Way:
    return lambda client: client.post(f"{SAVING}/{path}", text.encode())


def query(name: str, **parameters: Any) -> Way:
    return lambda client: client.get(f"{SAVING}/{name}", **parameters)


GOOD = {"productId": "1001", "amount": "10", "requestNo": "20000009000000399999"}

EARN_WAYS: list[tuple[int, str, Way]] = [
    (1000, "a good order", lambda client: client.subscribe("1001", "10")),
    (80000, "no body", body("")),
    (80000, "a list", body("[]")),
    (80000, "a page in words", query("product", currentPage="one", sizePage=1)),
    (80000, "a size in words", query("earn", currentPage=1, sizePage="1.5")),
    (80000, "a time in words", query("record", type="redeem", startTime="now")),
    (80001, "unknown product", lambda client: client.subscribe("1999", "10")),
    (80002, "more than the wallet has", lambda client: client.subscribe("1001", "20000.00000001")),
    (80003, "nine decimals", lambda client: client.subscribe("1001", "10.000000001")),
    (80003, "seven decimals of six", lambda client: client.subscribe("1101", "10.0000001")),
    (80003, "an exponent", lambda client: client.subscribe("1001", "1e3")),
    (80003, "a sign", lambda client: client.subscribe("1001", "-10")),
    (80003, "nothing", lambda client: client.subscribe("1001", "0")),
    (80004, "quota", product("10", quota=Decimal("9.99"))),
    (80005, "closed window", closed),
    (80006, "user limit", product("10", user_limit=Decimal("9.99"))),
    (80006, "maximum", product("101", maximum=Decimal(100))),
    (80007, "limit over issuance", product("10", user_limit=Decimal(9), issuance=Decimal(8))),
    (80007, "limit under minimum", product("10", user_limit=Decimal("0.5"))),
    (80008, "risk", account(risk_subscribe=True)),
    (80009, "risk", risky_redeem),
    (80010, "sale over", not_on_sale),
    (80011, "stopped", product("10", selling=False)),
    (80012, "19 digits", lambda client: client.subscribe("1001", "10", "2000000900000030000")),
    (80012, "letters", lambda client: client.subscribe("1001", "10", "unique-request-id-01")),
    (
        80012,
        "digits of another script",
        lambda client: client.subscribe("1001", "10", "\u0662" * 20),
    ),
    (80012, "an amount that is no text", body(json.dumps(GOOD | {"amount": 10}))),
    (80012, "a number that is no text", body(json.dumps(GOOD | {"requestNo": 10**19}))),
    (80012, "no product", body(json.dumps({"amount": "1", "requestNo": new_number()}))),
    (80012, "101 rows", query("product", currentPage=1, sizePage=101)),
    (80012, "no rows", query("product", currentPage=1, sizePage=0)),
    (80012, "page zero", query("product", currentPage=0, sizePage=1)),
    (80012, "a switch that is none", body('{"autoSubscribe":"on"}', "subscribe/batch/operate")),
    (80013, "known number", known_number),
    (80014, "institution", account(institution=True)),
    (80015, "kyc level 1", account(kyc_level=1)),
    (80016, "fault before", fault(kind="system_error_before")),
    (80016, "fault after", fault(kind="system_error_after")),
    (80017, "country", account(country_served=False)),
    (80018, "sub-type", account(subtype_fits=False)),
    (80019, "business", account(business_allowed=False)),
    (80020, "unknown position", lambda client: client.redeem("200099", "1")),
    (80021, "under the minimum", lambda client: client.subscribe("1001", "0.99")),
    (80022, "no such type", query("record", type="gift", currentPage=1, sizePage=1)),
    (80022, "no type", query("record", currentPage=1, sizePage=1)),
]


def test_every_code_of_the_api_page_can_be_reached() -> None:
    assert {code for code, _, _ in EARN_WAYS} == {code for _, code, _ in ROWS}
    assert len(ROWS) == 24
    assert {code: (row.message, row.status) for code, row in EARN_CODES.items()} == {
        code: (message, status) for message, code, status in ROWS if code != 1000
    }


@pytest.mark.parametrize(
    ("code", "way"), [pytest.param(code, way, id=f"{code}-{name}") for code, name, way in EARN_WAYS]
)
def test_an_earn_code_comes_with_its_words_status_and_shape(
    client: RawClient, code: int, way: Way
) -> None:
    message, status = next((row[0], row[2]) for row in ROWS if row[1] == code)
    reply = way(client)
    assert reply.status_code == status
    document = reply.json()
    assert (document["code"], document["message"]) == (code, message)
    assert list(document) == ["message", "code", "trace", "data"]
    assert document["data"] == (True if code == 1000 else {})


@pytest.mark.parametrize("code", sorted(EARN_CODES))
def test_any_earn_code_can_be_ordered_as_a_refusal_that_applied_nothing(
    client: RawClient, code: int
) -> None:
    client.server.faults.add(Fault("redeem", "code", code=code))
    client.server.books.subscribe_by_hand("1001", "10")
    reply = client.redeem("200001", "10")
    assert (reply.status_code, reply.json()["code"]) == (400, code)
    assert client.server.books.held("1001") == 10


def signed(**replaced: str | None) -> Way:
    def way(client: RawClient) -> Any:
        body = client.subscribe_body("1001", "10")
        return client.post(f"{SAVING}/subscribe", body, client.signed(body, **replaced))

    return way


def key(**changes: Any) -> Way:
    def way(client: RawClient) -> Any:
        keys = client.server.keys
        keys[PRACTICE_ACCESS_KEY] = replace(keys[PRACTICE_ACCESS_KEY], **changes)
        return client.subscribe("1001", "10")

    return way


def gateway(**changes: Any) -> Way:
    def way(client: RawClient) -> Any:
        client.server.gateway = replace(client.server.gateway, **changes)
        return client.subscribe("1001", "10")

    return way


def timeless(client: RawClient) -> Any:
    body = client.subscribe_body("1001", "10")
    headers = client.signed(body)
    del headers["X-BM-TIMESTAMP"]
    return client.post(f"{SAVING}/subscribe", body, headers)


def over_the_limit(client: RawClient) -> Any:
    for _ in range(10):
        client.get("/newearn/cloud/v1/earn")
    return client.get("/newearn/cloud/v1/earn")


def blocked(client: RawClient) -> Any:
    for _ in range(30):
        client.get("/newearn/cloud/v1/earn")
    return client.get("/system/time")


def no_totals(client: RawClient) -> Any:
    client.server.books.change_settings(total_shape="absent")
    return client.get("/newearn/cloud/v1/earn")


SUBSCRIBE = frozenset({"subscribe"})
GATEWAY_WAYS: list[tuple[int, int, str, Way]] = [
    (30000, 404, "unknown path", lambda client: client.get("/newearn/cloud/v1/savings")),
    (30000, 404, "wrong method", lambda client: client.get(f"{SAVING}/subscribe")),
    (30000, 404, "no totals", no_totals),
    (30000, 404, "absent", gateway(absent=SUBSCRIBE)),
    (30001, 401, "no key", lambda client: client.get(f"{SAVING}/earn", {})),
    (30002, 401, "unknown key", signed(key="another")),
    (30003, 401, "frozen key", key(frozen=True)),
    (30004, 401, "no signature", signed(sign=None)),
    (30005, 401, "bad signature", signed(sign="0" * 64)),
    (30005, 401, "no ASCII", signed(sign="\u00e9" * 64)),
    (30006, 401, "no timestamp", timeless),
    (30007, 401, "seconds", signed(timestamp="1779703200")),
    (30008, 401, "words", signed(timestamp="now")),
    (30010, 403, "ip", key(ip_allowed=False)),
    (30011, 403, "expired", key(expired=True)),
    (30012, 403, "read only", key(permissions=frozenset({"read"}))),
    (30013, 429, "too many", over_the_limit),
    (30014, 503, "down", gateway(down=SUBSCRIBE)),
    (30016, 200, "maintenance", gateway(maintenance=SUBSCRIBE)),
    (30017, 418, "blocked", blocked),
    (30018, 503, "no JSON", body("productId=1001")),
    (30018, 503, "NaN", body('{"amount":NaN}')),
    (30019, 200, "may not", key(may_operate=False)),
    (30031, 200, "deprecated", gateway(deprecated=SUBSCRIBE)),
]


@pytest.mark.parametrize(
    ("code", "status", "way"),
    [
        pytest.param(code, status, way, id=f"{code}-{name}")
        for code, status, name, way in GATEWAY_WAYS
    ],
)
def test_a_gateway_code_comes_with_its_status_and_applies_nothing(
    client: RawClient, code: int, status: int, way: Way
) -> None:
    reply = way(client)
    assert (reply.status_code, reply.json()["code"]) == (status, code)
    assert client.server.books.records() == []


def test_every_gateway_code_can_be_reached_or_ordered(client: RawClient) -> None:
    assert {code for code, *_ in GATEWAY_WAYS} == set(GATEWAY_CODES) - {30030}
    for code, row in GATEWAY_CODES.items():
        client.server.faults.add(Fault("service", "code", code=code))
        reply = client.get("/system/service")
        assert (reply.status_code, reply.json()["code"]) == (row.status, code)


def test_the_gateway_says_msg_where_it_has_been_seen_to(client: RawClient) -> None:
    document = client.get("/nothing").json()
    assert sorted(document) == ["code", "msg", "trace"]
    assert document["msg"] == "Not found"
    assert "message" in client.get(f"{SAVING}/earn", {}).json()
