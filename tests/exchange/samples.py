"""The API page's own sample rows, to be changed by tests."""

from __future__ import annotations

from typing import Any

TIERS = [
    {"minPurchaseAmount": "1", "maxPurchaseAmount": "10000", "apy": "5.00%"},
    {"minPurchaseAmount": "10000", "maxPurchaseAmount": "100000", "apy": "4.00%"},
]

PRODUCT: dict[str, Any] = {
    "productId": "1001",
    "coinName": "USDT",
    "productTag": '["HOT"]',
    "apy": "5.00%",
    "minPurchaseAmount": "1",
    "maxPurchaseAmount": "100000",
    "additionalApy": "1.00%",
    "hasTierRate": True,
    "tierRate": TIERS,
}

POSITION: dict[str, Any] = {
    "earnId": "200001",
    "productId": "1001",
    "coinId": 1,
    "coinName": "USDT",
    "productTag": '["HOT"]',
    "apy": "5.00%",
    "totalProfit": "10",
    "autoSubscribe": True,
    "additionalApy": "1.00%",
    "hasTierRate": True,
    "tierRate": TIERS[:1],
}

RECORD: dict[str, Any] = {
    "type": "subscribe",
    "recordId": "300001",
    "productId": "1001",
    "coinName": "USDT",
    "amount": "100",
    "productTag": '["HOT"]',
    "time": 1681701557927,
    "subscribeType": "NORMAL",
}


def without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}
