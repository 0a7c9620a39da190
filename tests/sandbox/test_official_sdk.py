"""BitMart's own Python SDK, unchanged, over real loopback HTTP, by the real clock."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from bitmart.api_account import APIAccount
from bitmart.api_finance import APIFinance
from bitmart.api_spot import APISpot
from bitmart.api_system import APISystem
from bitmart.lib.cloud_exceptions import APIException

from earnd.sandbox import (
    PRACTICE_ACCESS_KEY,
    PRACTICE_MEMO,
    PRACTICE_SECRET_KEY,
    Books,
    RealClock,
    SandboxServer,
    practice_world,
    serve,
)


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    with serve(practice_world(RealClock())) as server:
        yield server


@pytest.fixture
def books(server: SandboxServer) -> Books:
    return server.books


def sdk(kind: Any, server: SandboxServer) -> Any:
    return kind(PRACTICE_ACCESS_KEY, PRACTICE_SECRET_KEY, PRACTICE_MEMO, url=server.base_url)


@pytest.fixture
def finance(server: SandboxServer) -> Iterator[Any]:
    finance = sdk(APIFinance, server)
    with finance.session:
        yield finance


def test_the_sdk_lists_products_with_their_rates_and_limits(finance: Any) -> None:
    reply, limits = finance.get_savings_product(1, 100, "USDT")
    assert reply["code"] == 1000
    assert [row["productId"] for row in reply["data"]["list"]] == ["1001", "1002", "1003"]
    assert reply["data"]["list"][0]["apy"] == "5.00%"
    assert limits == {"Remaining": "1", "Limit": "10", "Reset": "2", "Mode": "IP"}


def test_the_sdk_subscribes_and_redeems_and_finds_both_in_the_history(
    finance: Any, books: Books
) -> None:
    reply, _ = finance.post_savings_subscribe("1001", "100.5", "20000009000000300000")
    assert reply["code"] == 1000
    assert reply["data"] is True
    assert books.held("1001") == Decimal("100.5")

    holdings, _ = finance.get_savings_holdings(1, 100, "USDT", "1001")
    earn_id = holdings["data"]["list"][0]["earnId"]
    assert earn_id == "200001"

    reply, _ = finance.post_savings_redeem(earn_id, "50.25", "20000009000000300001")
    assert reply["data"] is True

    for kind, amount in (("subscribe", "100.5"), ("redeem", "50.25")):
        records, _ = finance.get_savings_records(kind, 1, 100, 1, 4102444800000, "USDT")
        assert [row["amount"] for row in records["data"]["list"]] == [amount]
    assert finance.get_savings_records("interest", 1, 100)[0]["data"] == {"total": 0, "list": []}


def test_the_sdk_sees_the_total_of_each_coin(finance: Any) -> None:
    finance.post_savings_subscribe("1101", "10", "20000009000000300000")
    reply, _ = finance.get_earn_assets()
    assert reply["data"] == [
        {"coinName": "USDC", "totalUserSum": "10", "totalProfit": "0", "previousProfit": "0"}
    ]


def test_the_sdk_raises_on_a_repeated_number(finance: Any, books: Books) -> None:
    finance.post_savings_subscribe("1001", "100", "20000009000000300000")
    with pytest.raises(APIException) as refused:
        finance.post_savings_subscribe("1001", "100", "20000009000000300000")
    assert refused.value.status_code == 400
    assert '"code":80013' in refused.value.response
    assert len(books.records()) == 1


def test_the_sdk_switches_auto_subscribe(finance: Any) -> None:
    assert finance.get_auto_subscribe_status()[0]["data"] == {"batchSubscribeStatus": "OFF"}
    assert finance.post_flexible_auto_subscribe_toggle("1001", "open")[0]["data"] is True
    status, _ = finance.get_flexible_auto_subscribe_status("1001")
    assert status["data"] == {"subscribeStatus": "ON"}
    assert finance.post_auto_subscribe_toggle("open")[0]["data"] is True
    assert finance.get_auto_subscribe_status()[0]["data"] == {"batchSubscribeStatus": "ON"}
    assert finance.post_auto_subscribe_toggle("close")[0]["data"] is True
    status, _ = finance.get_flexible_auto_subscribe_status("1001")
    assert status["data"] == {"subscribeStatus": "OFF"}


def test_the_sdk_reads_both_wallets(server: SandboxServer) -> None:
    spot, account = sdk(APISpot, server), sdk(APIAccount, server)
    with spot.session, account.session:
        wallet = {row["id"]: row["available"] for row in spot.get_wallet()[0]["data"]["wallet"]}
        reply, limits = account.get_wallet("BTC", need_usd_valuation=True)
    assert wallet["USDT"] == "12000.00000000"
    assert limits["Limit"] == "12"
    assert reply["data"]["wallet"] == [
        {
            "currency": "BTC",
            "name": "Bitcoin",
            "available": "0.25000000",
            "frozen": "0.00000000",
            "unAvailable": "0.00000000",
            "available_usd_valuation": "22500.00",
        }
    ]


def test_the_sdk_reads_the_time_and_the_service_notices(server: SandboxServer) -> None:
    system = APISystem(url=server.base_url)
    with system.session:
        assert isinstance(system.get_system_time()[0]["data"]["server_time"], int)
        notices = system.get_system_service()[0]["data"]["service"]
    assert {row["service_type"]: row["status"] for row in notices} == {
        "spot": "2",
        "contract": 2,
        "account": 2,
    }
