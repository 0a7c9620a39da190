"""What the books look like to a caller: rows of JSON, field by field as the API page has them."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

from earnd.domain.money import EXACT, floor_to, plain, total
from earnd.sandbox.clock import to_ms
from earnd.sandbox.history import Record, RecordFilter
from earnd.sandbox.products import ProductSpec, rate_text
from earnd.sandbox.settings import Settings
from earnd.sandbox.state import Position, State

Row = dict[str, object]


def product_rows(state: State, coin: str | None) -> list[Row]:
    """Every listed product, by id."""
    specs = sorted(state.products.values(), key=lambda spec: spec.product_id)
    return [
        {
            "productId": spec.product_id,
            "coinName": spec.coin,
            "productTag": json.dumps(spec.tags),
            "apy": rate_text(spec.apy),
            "minPurchaseAmount": plain(spec.minimum),
            "maxPurchaseAmount": plain(spec.maximum),
            "additionalApy": rate_text(spec.additional_apy),
        }
        | _tiers(spec, state.settings)
        for spec in specs
        if spec.listed and coin in {None, spec.coin}
    ]


def position_rows(state: State, coin: str | None, product_id: str | None) -> list[Row]:
    """Every position, in the order in which they came to be."""
    return [
        _position_row(state, position)
        for position in state.positions.values()
        if coin in {None, position.coin}
        and product_id in {None, position.product_id}
        and (position.amount > 0 or state.settings.list_empty_positions)
    ]


def _position_row(state: State, position: Position) -> Row:
    spec = state.products[position.product_id]
    row: Row = {
        "earnId": position.earn_id,
        "productId": position.product_id,
        "coinId": state.coin(position.coin).coin_id,
        "coinName": position.coin,
        "productTag": json.dumps(spec.tags),
        "apy": rate_text(spec.apy),
        "totalProfit": plain(position.profit),
        "autoSubscribe": position.product_id in state.auto_on,
        "additionalApy": rate_text(spec.additional_apy),
    }
    if state.settings.positions_with_amount:
        row["amount"] = plain(position.amount)
    return row | _tiers(spec, state.settings)


def _tiers(spec: ProductSpec, settings: Settings) -> Row:
    tiers = [
        {
            "minPurchaseAmount": plain(tier.minimum),
            "maxPurchaseAmount": plain(tier.maximum),
            "apy": rate_text(tier.apy),
        }
        for tier in spec.tiers
    ]
    if tiers or settings.tier_rate_when_none == "empty":
        return {"hasTierRate": bool(tiers), "tierRate": tiers}
    if settings.tier_rate_when_none == "null":
        return {"hasTierRate": False, "tierRate": None}
    return {"hasTierRate": False}


def record_rows(state: State, wanted: RecordFilter, now: datetime) -> list[Row]:
    """The records asked for that are visible now."""
    shown = [record for record in state.records if wanted.admits(record, now)]
    shown.sort(key=lambda record: (record.at, record.record_id))
    if state.settings.records_newest_first:
        shown.reverse()
    return [_record_row(state, record) for record in shown]


def _record_row(state: State, record: Record) -> Row:
    row: Row = {
        "type": record.kind,
        "recordId": record.record_id,
        "productId": record.product_id,
        "coinName": record.coin,
        "amount": plain(record.amount),
        "productTag": json.dumps(state.products[record.product_id].tags),
        "time": to_ms(record.at),
        "subscribeType": record.subscribe_type,
    }
    if state.settings.records_with_request_no and record.request_no is not None:
        row["requestNo"] = record.request_no
    if state.settings.record_status is not None:
        row["status"] = state.settings.record_status
    return row


def spot_wallet_rows(state: State) -> list[Row]:
    """`/spot/v1/wallet`: only coins with a balance; a missing one means zero."""
    return [
        {
            "id": coin,
            "name": state.coin(coin).name,
            "available": _padded(state.wallet.balance(coin).available),
            "frozen": _padded(state.wallet.balance(coin).frozen),
        }
        for coin in state.wallet.coins()
    ]


def account_wallet_rows(state: State, coin: str | None, *, in_usd: bool) -> list[Row]:
    """`/account/v1/wallet`: the same money under other names, worth in dollars if asked."""
    rows: list[Row] = []
    for symbol in state.wallet.coins():
        if coin not in {None, symbol}:
            continue
        balance, price = state.wallet.balance(symbol), state.coin(symbol).usd_price
        row: Row = {
            "currency": symbol,
            "name": state.coin(symbol).name,
            "available": _padded(balance.available),
            "frozen": _padded(balance.frozen),
            "unAvailable": _padded(balance.frozen),
        }
        if in_usd:
            worth = None if price is None else EXACT.multiply(balance.available, price)
            row["available_usd_valuation"] = None if worth is None else _cents(worth)
        rows.append(row)
    return rows


def total_rows(state: State, now: datetime) -> list[Row]:
    """`/newearn/cloud/v1/earn`: what lies in all products of a coin, and what it earned."""
    coins = sorted({position.coin for position in state.positions.values()})
    return [_total_row(state, coin, now) for coin in coins]


def _total_row(state: State, coin: str, now: datetime) -> Row:
    positions = [position for position in state.positions.values() if position.coin == coin]
    a_day_ago = now - state.settings.day
    lately = total(
        record.amount
        for record in state.records
        if record.kind == "interest" and record.coin == coin and a_day_ago < record.at <= now
    )
    return {
        "coinName": coin,
        "totalUserSum": plain(total(position.amount for position in positions)),
        "totalProfit": plain(total(position.profit for position in positions)),
        "previousProfit": plain(lately),
    }


def _padded(value: Decimal) -> str:
    """With eight decimals at least, as wallets are shown."""
    whole, _, part = plain(value).partition(".")
    return f"{whole}.{part.ljust(8, '0')}"


def _cents(value: Decimal) -> str:
    return format(floor_to(value, 2), "f")
