from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from earnd.sandbox import (
    PRACTICE_ACCESS_KEY,
    Books,
    VirtualClock,
    serve,
    signature,
)
from tests.sandbox.raw_client import SAVING, RawClient

SECRET = "6c6c98544461bbe71db2bca4c6d7fd0021e0ba9efc215f9c6ad41852df9d9df9"


@pytest.mark.parametrize(
    ("timestamp", "memo", "secret", "body", "expected"),
    [
        (
            "1589793796145",
            "test001",
            SECRET,
            '{"symbol":"BTC_USDT","price":"8600","count":"100"}',
            "c31dc326bf87f38bfb49a3f8494961abfa291bd549d0d98d9578e87516cee46d",
        ),
        (
            "1589267764859",
            "test001",
            SECRET,
            "bitmart.WebSocket",
            "3ceeb7e1b8cb165a975e28a2e2dfaca4d30b358873c0351c1a071d8c83314556",
        ),
        (
            "1499827319559",
            "XXX",
            "XXX",
            '{"symbol":"LTCBTC"}',
            "1d022acf035f8d7f899dcaad0621fe39d351f7809e30ac8c96939a36548a6502",
        ),
        (
            "1589793796145",
            "test001",
            SECRET,
            '{"productId":"1001","amount":"100","requestNo":"20000009000000300000"}',
            "627c9d26026cdabe36266ee35c3b13baa67e6332cd8e60fb208ba490849d1c90",
        ),
        (
            "1589793796145",
            "test001",
            SECRET,
            '{"productId": "1001", "amount": "100", "requestNo": "20000009000000300000"}',
            "5eeb0ce6fddbfd4b53771787b220f27f0f721432f85ca01318ba1d9b0413b5c5",
        ),
        (
            "1589793796145",
            "test001",
            SECRET,
            '{"earnId":"200001","amount":"50","requestNo":"20000009000000300001"}',
            "ce292a55801b962dee968ec93e8f3851ab80f4d0a085a773006cf25b0d0fea5b",
        ),
        (
            "1589793796145",
            "test001",
            SECRET,
            "",
            "f38f0d62f545344208c544d43a32269234c08ad19c50b00707444a3172f47546",
        ),
    ],
)
def test_the_signature_agrees_with_the_published_vectors(
    timestamp: str, memo: str, secret: str, body: str, expected: str
) -> None:
    assert signature(secret, memo, timestamp, body.encode()) == expected


def test_the_signature_covers_the_very_bytes_of_the_body(client: RawClient) -> None:
    body = client.subscribe_body("1001", "10")
    headers = client.signed(body)
    assert client.post(f"{SAVING}/subscribe", body + b" ", headers).json()["code"] == 30005
    assert client.post(f"{SAVING}/subscribe", body, headers).json()["code"] == 1000


@pytest.mark.parametrize(
    ("offset_ms", "code"), [(999, 1000), (1000, 30007), (-60_000, 1000), (-60_001, 30007)]
)
def test_a_timestamp_is_good_for_a_minute_and_hardly_ahead(
    client: RawClient, clock: VirtualClock, offset_ms: int, code: int
) -> None:
    body = client.subscribe_body("1001", "10")
    headers = client.signed(body, timestamp=str(clock.now_ms() + offset_ms))
    assert client.post(f"{SAVING}/subscribe", body, headers).json()["code"] == code


def test_the_server_may_live_by_another_clock_than_the_books(
    books: Books, clock: VirtualClock
) -> None:
    fast = VirtualClock(clock.now() + timedelta(minutes=2))
    with serve(books, clock=fast) as server, RawClient(server).session as session:
        client = RawClient(server, session)
        body = client.subscribe_body("1001", "10")
        late = client.signed(body, timestamp=str(clock.now_ms()))
        assert client.post(f"{SAVING}/subscribe", body, late).json()["code"] == 30007
        assert client.get("/system/time").json()["data"]["server_time"] == fast.now_ms()


def test_a_signature_on_a_get_is_not_looked_at(client: RawClient) -> None:
    headers = client.keyed() | {"X-BM-SIGN": "nonsense", "X-BM-TIMESTAMP": "nonsense"}
    assert client.get(f"{SAVING}/earn", headers).json()["code"] == 1000


def test_remaining_counts_what_is_used_and_reset_is_the_window(client: RawClient) -> None:
    seen = []
    for _ in range(11):
        reply = client.get(f"{SAVING}/product")
        names = ("Limit", "Remaining", "Reset", "Mode")
        seen.append(tuple(reply.headers[f"X-BM-RateLimit-{name}"] for name in names))
    assert seen[:2] == [("10", "1", "2", "IP"), ("10", "2", "2", "IP")]
    assert seen[9:] == [("10", "10", "2", "IP"), ("10", "10", "2", "IP")]
    assert reply.status_code == 429


def test_the_eleventh_call_within_two_seconds_is_refused_until_they_have_passed(
    client: RawClient, clock: VirtualClock
) -> None:
    def code() -> int:
        return int(client.get(f"{SAVING}/product").json()["code"])

    assert [code() for _ in range(11)] == [1000] * 10 + [30013]
    clock.advance(timedelta(seconds=2) - timedelta(microseconds=1))
    assert code() == 30013
    clock.advance(timedelta(microseconds=1))
    assert code() == 1000


@pytest.mark.parametrize(
    ("path", "limit", "window"),
    [
        (f"{SAVING}/earn", 10, "2"),
        (f"{SAVING}/record", 10, "2"),
        ("/spot/v1/wallet", 12, "2"),
        ("/account/v1/wallet", 12, "2"),
        ("/system/time", 10, "1"),
        ("/system/service", 10, "1"),
    ],
)
def test_each_endpoint_has_a_limit_of_its_own(
    client: RawClient, path: str, limit: int, window: str
) -> None:
    statuses = [client.get(path, type="redeem").status_code for _ in range(limit + 1)]
    assert statuses == [200] * limit + [429]
    assert client.get(path).headers["X-BM-RateLimit-Reset"] == window
    other = "/system/time" if path != "/system/time" else "/system/service"
    assert client.get(other).status_code == 200


def test_limits_are_per_key(client: RawClient) -> None:
    second = replace(client.server.keys[PRACTICE_ACCESS_KEY], access_key="second")
    client.server.keys["second"] = second
    for _ in range(11):
        client.get(f"{SAVING}/earn")
    assert client.get(f"{SAVING}/earn").status_code == 429
    assert client.get(f"{SAVING}/earn", {"X-BM-KEY": "second"}).status_code == 200


def test_who_keeps_knocking_is_blocked_from_everything_for_a_while(
    client: RawClient, clock: VirtualClock
) -> None:
    statuses = [client.get(f"{SAVING}/earn").status_code for _ in range(31)]
    assert statuses == [200] * 10 + [429] * 20 + [418]
    assert client.get("/system/time").json()["code"] == 30017
    clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))
    assert client.get("/system/time").status_code == 418
    clock.advance(timedelta(microseconds=1))
    assert client.get("/system/time").status_code == 200


def test_knocks_are_forgotten_after_a_minute(client: RawClient, clock: VirtualClock) -> None:
    for _ in range(3):
        for _ in range(10 + 15):
            status = client.get(f"{SAVING}/earn").status_code
        assert status == 429
        clock.advance(timedelta(minutes=1))


def test_knocking_may_prolong_the_block(client: RawClient, clock: VirtualClock) -> None:
    client.server.gateway = replace(
        client.server.gateway, knocks_to_block=1, knocking_extends_block=True
    )
    for _ in range(11):
        client.get("/system/time")
    for _ in range(3):
        clock.advance(timedelta(minutes=9))
        assert client.get("/system/time").status_code == 418
    client.server.unblock()
    assert client.get("/system/time").status_code == 200


def test_limits_and_their_headers_can_be_switched_off(client: RawClient) -> None:
    client.server.gateway = replace(client.server.gateway, limits_on=False)
    replies = [client.get("/system/time") for _ in range(40)]
    assert {reply.status_code for reply in replies} == {200}
    assert "X-BM-RateLimit-Limit" not in replies[0].headers
