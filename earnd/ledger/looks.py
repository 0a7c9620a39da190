"""What was seen, written where it differs from what was last seen.

A look that finds nothing new costs one row of `look`; a quiet year stays small.
What is no longer listed gets a row that says so: it is not the same as never having been there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from sqlalchemy import Connection, TableClause, insert, select, text

from earnd.domain.ids import Coin, CycleId, EarnId, ProductId
from earnd.domain.money import ZERO
from earnd.domain.product import Product
from earnd.domain.snapshot import Balance, Position, Snapshot
from earnd.ledger import tables, views
from earnd.ledger.columns import Money, RateText

_Row = dict[str, Any]


class HoldingLike(Protocol):
    """What the ledger keeps of a holding (`earnd.domain.holdings.Holding`)."""

    @property
    def coin(self) -> Coin: ...
    @property
    def product_id(self) -> ProductId: ...
    @property
    def earn_id(self) -> EarnId | None: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def verified(self) -> bool: ...
    @property
    def why(self) -> str: ...


def record_look(connection: Connection, cycle_id: CycleId, snapshot: Snapshot) -> None:
    """Everything in the snapshot, and that it was seen."""
    at = snapshot.seen_at
    look = {
        "kind": "full",
        "products": len(snapshot.products),
        "positions": len(snapshot.positions),
        "coins": len(snapshot.balances),
        "clock_skew_ms": snapshot.clock_skew_ms,
    }
    connection.execute(insert(tables.look), {"cycle_id": cycle_id, "at": at, **look})
    _write_products(connection, cycle_id, at, snapshot.products)
    _write_positions(connection, cycle_id, at, snapshot.positions)
    _write_balances(connection, cycle_id, at, snapshot.balances)
    if snapshot.totals is not None:
        _write_totals(connection, cycle_id, at, snapshot.totals)


def record_wallet(
    connection: Connection, cycle_id: CycleId, at: datetime, balances: Mapping[Coin, Balance]
) -> None:
    """The wallet alone, and that it was seen."""
    look = {"cycle_id": cycle_id, "at": at, "kind": "wallet", "coins": len(balances)}
    connection.execute(insert(tables.look), look)
    _write_balances(connection, cycle_id, at, balances)


def record_holdings(
    connection: Connection, cycle_id: CycleId, at: datetime, holdings: Sequence[HoldingLike]
) -> None:
    """What we hold, as it was established; a product that is not among them holds nothing."""
    look = {"cycle_id": cycle_id, "at": at, "kind": "holdings", "holdings": len(holdings)}
    connection.execute(insert(tables.look), look)
    now = {
        str(holding.product_id): {
            "coin": holding.coin,
            "product_id": holding.product_id,
            "earn_id": holding.earn_id,
            "amount": holding.amount,
            "verified": int(holding.verified),
            "why": holding.why,
        }
        for holding in holdings
    }
    last = _last(connection, views.holding_checked, "product_id")
    for row in _changes(now, last, gone={"amount": ZERO, "verified": 1, "why": ""}):
        stamp = {"cycle_id": cycle_id, "at": at}
        connection.execute(insert(tables.holding_seen), {**stamp, **row})


def _write_products(
    connection: Connection, cycle_id: CycleId, at: datetime, products: Sequence[Product]
) -> None:
    now = {str(product.product_id): _product_row(product) for product in products}
    last = _last(connection, views.product_now, "product_id")
    for row in last.values():
        row["tiers"] = _tiers_of(connection, row.pop("product_seen_id"))
    for changed in _changes(now, last, gone={"listed": 0}):
        tiers = changed.pop("tiers")
        stamp = {"cycle_id": cycle_id, "seen_at": at}
        made = connection.execute(insert(tables.product_seen), {**stamp, **changed})
        seen = {"product_seen_id": made.lastrowid}
        for n, (lower, upper, rate) in enumerate(tiers):
            tier = {"n": n, "lower": lower, "upper": upper, "rate": rate}
            connection.execute(insert(tables.tier_seen), {**seen, **tier})


def _product_row(product: Product) -> _Row:
    return {
        "product_id": product.product_id,
        "coin": product.coin,
        "listed": 1,
        "apy": product.rate,
        "additional_apy": product.additional_rate,
        "minimum": product.minimum,
        "maximum": product.maximum,
        "has_tiers": int(product.has_tiers),
        "tag": product.tag,
        "tiers": tuple((tier.lower, tier.upper, tier.rate) for tier in product.tiers),
    }


def _tiers_of(connection: Connection, product_seen_id: int) -> tuple[tuple[Any, ...], ...]:
    statement = text(
        "SELECT lower, upper, rate FROM tier_seen WHERE product_seen_id = :seen ORDER BY n"
    ).columns(lower=Money, upper=Money, rate=RateText)
    return tuple(tuple(row) for row in connection.execute(statement, {"seen": product_seen_id}))


def _write_positions(
    connection: Connection, cycle_id: CycleId, at: datetime, positions: Sequence[Position]
) -> None:
    now = {
        str(position.earn_id): {
            "earn_id": position.earn_id,
            "product_id": position.product_id,
            "coin": position.coin,
            "listed": 1,
            "apy": position.rate,
            "additional_apy": position.additional_rate,
            "total_profit": position.total_profit,
            "auto_subscribe": int(position.auto_subscribe),
            "amount": position.amount,
        }
        for position in positions
    }
    last = _last(connection, views.position_now, "earn_id")
    changes = _changes(now, last, gone={"listed": 0})
    _insert_changes(connection, tables.position_seen, cycle_id, at, changes)


def _write_balances(
    connection: Connection, cycle_id: CycleId, at: datetime, balances: Mapping[Coin, Balance]
) -> None:
    now = {
        str(coin): {"coin": coin, "available": balance.available, "frozen": balance.frozen}
        for coin, balance in balances.items()
    }
    last = _last(connection, views.balance_now, "coin")
    gone = {"available": ZERO, "frozen": ZERO}
    _insert_changes(connection, tables.balance_seen, cycle_id, at, _changes(now, last, gone))


def _write_totals(
    connection: Connection, cycle_id: CycleId, at: datetime, totals: Mapping[Coin, Decimal]
) -> None:
    now = {str(coin): {"coin": coin, "amount": amount} for coin, amount in totals.items()}
    last = _last(connection, views.total_now, "coin")
    changes = _changes(now, last, gone={"amount": ZERO})
    _insert_changes(connection, tables.total_seen, cycle_id, at, changes)


def _last(connection: Connection, view: TableClause, key: str) -> dict[str, _Row]:
    """What was last seen, by key, in the domain's types."""
    rows = connection.execute(select(*view.c)).mappings()
    return {row[key]: dict(row) for row in rows}


def _changes(now: Mapping[str, _Row], last: Mapping[str, _Row], gone: _Row) -> list[_Row]:
    """Rows that are new or different, and for what is missing its last row with `gone`."""
    changed = [dict(row) for key, row in now.items() if last.get(key) != row]
    for key in sorted(last.keys() - now.keys()):
        row = {**last[key], **gone}
        if row != last[key]:
            changed.append(row)
    return changed


def _insert_changes(
    connection: Connection,
    table: TableClause,
    cycle_id: CycleId,
    at: datetime,
    changes: Sequence[_Row],
) -> None:
    for row in changes:
        connection.execute(insert(table), {"cycle_id": cycle_id, "seen_at": at, **row})
