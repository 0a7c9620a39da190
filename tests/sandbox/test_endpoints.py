from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from earnd.sandbox import Books, Notice, ProductSpec, VirtualClock
from tests.sandbox.raw_client import SAVING, RawClient, new_number


def test_a_product_looks_as_on_the_api_page(client: RawClient) -> None:
    assert client.rows("product", coinName="USDT")[0] == {
        "productId": "1001",
        "coinName": "USDT",
        "productTag": '["HOT"]',
        "apy": "5.00%",
        "minPurchaseAmount": "1",
        "maxPurchaseAmount": "100000",
        "additionalApy": "1.00%",
        "hasTierRate": True,
        "tierRate": [
            {"minPurchaseAmount": "1", "maxPurchaseAmount": "10000", "apy": "5.00%"},
            {"minPurchaseAmount": "10000", "maxPurchaseAmount": "100000", "apy": "4.00%"},
        ],
    }


def test_a_product_without_tiers_may_show_it_in_three_ways(client: RawClient, books: Books) -> None:
    def row() -> dict[str, object]:
        return client.rows("product", coinName="USDC")[0]

    assert (row()["hasTierRate"], row()["tierRate"]) == (False, [])
    books.change_settings(tier_rate_when_none="null")
    assert row()["tierRate"] is None
    books.change_settings(tier_rate_when_none="missing")
    assert "tierRate" not in row()


def test_a_position_looks_as_on_the_api_page_and_has_no_amount(
    client: RawClient, books: Books
) -> None:
    client.subscribe("1002", "1000")
    books.set_auto(True, "1002")
    assert client.rows("earn") == [
        {
            "earnId": "200001",
            "productId": "1002",
            "coinId": 1,
            "coinName": "USDT",
            "productTag": "[]",
            "apy": "7.30%",
            "totalProfit": "0",
            "autoSubscribe": True,
            "additionalApy": "0.00%",
            "hasTierRate": False,
            "tierRate": [],
        }
    ]


def test_positions_can_be_asked_for_by_coin_and_by_product(client: RawClient) -> None:
    for product_id in ("1001", "1002", "1101"):
        client.subscribe(product_id, "10")
    assert [row["earnId"] for row in client.rows("earn", coinName="USDT")] == ["200001", "200002"]
    assert [row["earnId"] for row in client.rows("earn", productId="1101")] == ["200003"]
    assert client.rows("earn", coinName="USDT", productId="1101") == []


def test_a_record_looks_as_on_the_api_page(client: RawClient, clock: VirtualClock) -> None:
    client.subscribe("1001", "100.50")
    assert client.rows("record", type="subscribe") == [
        {
            "type": "subscribe",
            "recordId": "300001",
            "productId": "1001",
            "coinName": "USDT",
            "amount": "100.5",
            "productTag": '["HOT"]',
            "time": clock.now_ms(),
            "subscribeType": "NORMAL",
        }
    ]


def test_records_come_by_kind_coin_and_time_newest_first_or_oldest(
    client: RawClient, books: Books, clock: VirtualClock
) -> None:
    for amount in ("1", "2", "3"):
        books.subscribe_by_hand("1001", amount)
        clock.advance(timedelta(minutes=1))
    books.subscribe_by_hand("1101", "4")
    books.redeem_by_hand("1001", "5")

    def amounts(**query: object) -> list[str]:
        return [row["amount"] for row in client.rows("record", **query)]

    assert amounts(type="subscribe") == ["4", "3", "2", "1"]
    assert amounts(type="subscribe", coinName="USDT") == ["3", "2", "1"]
    assert amounts(type="redeem") == ["5"]
    middle = clock.now_ms() - 120_000
    assert amounts(type="subscribe", startTime=middle, endTime=middle) == ["2"]
    books.change_settings(records_newest_first=False)
    assert amounts(type="subscribe") == ["1", "2", "3", "4"]


def test_a_page_holds_one_row_unless_more_are_asked_for(client: RawClient) -> None:
    data = client.get(f"{SAVING}/product").json()["data"]
    assert data["total"] == 3
    assert len(data["list"]) == 1


def test_pages_count_from_one_and_end_with_an_empty_one(client: RawClient) -> None:
    def page(number: int) -> tuple[int, list[str]]:
        reply = client.get(f"{SAVING}/product", currentPage=number, sizePage=2).json()
        return reply["data"]["total"], [row["productId"] for row in reply["data"]["list"]]

    assert [page(1), page(2), page(3)] == [(3, ["1001", "1002"]), (3, ["1101"]), (3, [])]


def test_a_hundred_rows_is_the_most_a_page_holds(client: RawClient, books: Books) -> None:
    for number in range(120):
        books.open_product(ProductSpec(product_id=f"5{number:03}", coin="X", apy=Decimal(0)))
    data = client.get(f"{SAVING}/product", currentPage=1, sizePage=100, coinName="X").json()["data"]
    assert (data["total"], len(data["list"])) == (120, 100)


def test_unknown_parameters_fields_and_headers_are_ignored(client: RawClient) -> None:
    reply = client.get(
        f"{SAVING}/product",
        client.keyed()
        | {"X-BM-BROKER-ID": "x", "locale": "en", "Content-Type": "application/json"},
        recvWindow=5000,
        sizePage=100,
        coin="BTC",
    )
    assert reply.json()["data"]["total"] == 3
    body = (
        f'{{"productId":"1001", "amount":"10","requestNo":"{new_number()}","recvWindow":5000}}'
    ).encode()
    headers = client.signed(body) | {"Content-Type": "application/json; charset=utf-8"}
    assert client.post(f"{SAVING}/subscribe", body, headers).json()["data"] is True


def test_the_wallets_name_the_same_money_differently(client: RawClient, books: Books) -> None:
    books.freeze("USDC", "100.25")
    spot = client.get("/spot/v1/wallet").json()["data"]["wallet"]
    assert spot[0] == {
        "id": "USDC",
        "name": "USD Coin",
        "available": "399.75000000",
        "frozen": "100.25000000",
    }
    reply = client.get("/account/v1/wallet", currency="USDC", needUsdValuation="true").json()
    assert reply["data"]["wallet"] == [
        {
            "currency": "USDC",
            "name": "USD Coin",
            "available": "399.75000000",
            "frozen": "100.25000000",
            "unAvailable": "100.25000000",
            "available_usd_valuation": None,
        }
    ]


def test_a_coin_without_a_balance_is_not_in_the_wallet(client: RawClient, books: Books) -> None:
    books.withdraw("USDC", "500")
    wallet = client.get("/spot/v1/wallet").json()["data"]["wallet"]
    assert [row["id"] for row in wallet] == ["USDT"]


def test_the_total_per_coin_can_be_a_list_or_an_object(
    client: RawClient, books: Books, clock: VirtualClock
) -> None:
    books.subscribe_by_hand("1002", "1000")
    books.subscribe_by_hand("1001", "5")
    clock.advance(timedelta(days=2, hours=20))
    row = {
        "coinName": "USDT",
        "totalUserSum": "1005",
        "totalProfit": "0.40164382",
        "previousProfit": "0.20082191",
    }
    assert client.get("/newearn/cloud/v1/earn").json()["data"] == [row]
    books.change_settings(total_shape="object")
    assert client.get("/newearn/cloud/v1/earn").json()["data"] == row


@pytest.mark.parametrize("status", [0, 1, 2])
def test_maintenance_is_announced(client: RawClient, status: int) -> None:
    notice = Notice(title="Spot API Stop", service_type="spot", status=status, start_ms=1, end_ms=2)
    client.server.gateway = replace(client.server.gateway, notices=(notice,))
    assert client.get("/system/service").json()["data"]["service"] == [
        {
            "title": "Spot API Stop",
            "service_type": "spot",
            "status": str(status),
            "start_time": 1,
            "end_time": 2,
        }
    ]


def test_the_system_endpoints_ask_for_no_key(client: RawClient, clock: VirtualClock) -> None:
    reply = client.get("/system/time", {})
    assert reply.json()["data"] == {"server_time": clock.now_ms()}
    assert reply.headers["Date"] == "Mon, 25 May 2026 10:00:00 GMT"
    assert client.get("/system/service", {}).json()["code"] == 1000


def test_every_reply_has_a_trace_of_its_own(client: RawClient) -> None:
    traces = {client.get("/system/time").json()["trace"] for _ in range(3)}
    assert len(traces) == 3
    assert {len(trace) for trace in traces} == {36}
