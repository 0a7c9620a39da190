"""Exact sums over the exchange's history, made by SQLite.

Each amount is laid out as 20 + 18 digits and summed as four integers, which is exact for more
records than a disk can hold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from earnd.domain.money import EXACT, ZERO, minus, total
from earnd.ledger.columns import Money

# Records that failed, and any whose word about that has changed: a handful.
_TOLD = text(
    "SELECT n.record_seq, n.kind, n.coin, n.product_id, n.amount, n.status FROM record_now n"
    " WHERE n.record_seq IN (SELECT record_seq FROM record_status_seen WHERE status IS NOT NULL)"
).columns(amount=Money)

_PARTS = """
SELECT coin, product_id, kind, is_before,
  sum(CAST(substr(digits, 1, 10) AS INTEGER)), sum(CAST(substr(digits, 11, 10) AS INTEGER)),
  sum(CAST(substr(digits, 21, 9) AS INTEGER)), sum(CAST(substr(digits, 30, 9) AS INTEGER))
FROM (
  SELECT coin, product_id, kind, record_seq <= :opened AS is_before,
    substr('00000000000000000000' || substr(amount, 1, instr(amount || '.', '.') - 1), -20)
    || substr(substr(amount, instr(amount || '.', '.') + 1) || '000000000000000000', 1, 18)
    AS digits
  FROM record_seen WHERE status IS NOT 'failed'{condition})
GROUP BY coin, product_id, kind, is_before
"""
_ALL = text(_PARTS.format(condition=""))
_COMPOUNDED = text(
    _PARTS.format(
        condition=" AND kind = 'interest' AND coin = :coin"
        " AND record_seq >= :first AND record_seq < :end"
    )
)


class Key(NamedTuple):
    """What is summed apart; `is_before` are the records known at the first look."""

    coin: str
    product_id: str
    kind: str
    is_before: bool


Sums = dict[Key, Decimal]


def of_records(connection: Connection, opened: int) -> Sums:
    """What the records add up to that did not fail."""
    sums = _exact(connection.execute(_ALL, {"opened": opened}))
    first = text("SELECT status FROM record_seen WHERE record_seq = :seq")
    for row in connection.execute(_TOLD).mappings():
        was = connection.execute(first, {"seq": row["record_seq"]}).scalar_one()
        key = Key(row["coin"], row["product_id"], row["kind"], row["record_seq"] <= opened)
        if (row["status"] == "failed") is not (was == "failed"):
            change = minus(ZERO, row["amount"]) if row["status"] == "failed" else row["amount"]
            sums[key] = total((sums.get(key, ZERO), change))
    return sums


def compounded(connection: Connection, opened: int) -> Sums:
    """The interest that was paid into products."""
    sums: Sums = defaultdict(lambda: ZERO)
    for coin, first, end in _spans(connection, opened):
        values = {"opened": opened, "coin": coin, "first": first, "end": end}
        for key, amount in _exact(connection.execute(_COMPOUNDED, values)).items():
            sums[key] = total((sums[key], amount))
    return sums


def _spans(connection: Connection, opened: int) -> list[tuple[str, int, int]]:
    """Per coin the records from and to which interest went into products; the newest word counts.

    Interest from before the first look went where the first after it did.
    """
    rows = connection.execute(
        text("SELECT coin, from_seq, goes_to FROM wallet_interest ORDER BY wallet_interest_id")
    )
    words: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for coin, seq, goes_to in rows:
        words[coin] = [*(word for word in words[coin] if word[0] < seq), (seq, goes_to)]
    last = 2**62
    spans = []
    for coin, told in words.items():
        ends = [*(seq for seq, _ in told[1:]), last]
        for (seq, goes_to), end in zip(told, ends, strict=True):
            is_first = seq == told[0][0] and not _interest_between(connection, coin, opened, seq)
            if goes_to == "product":
                spans.append((coin, 0 if is_first else seq, end))
    return spans


def _interest_between(connection: Connection, coin: str, opened: int, seq: int) -> bool:
    found = text(
        "SELECT 1 FROM record_seen WHERE record_seq > :opened AND record_seq < :seq"
        " AND coin = :coin AND kind = 'interest' LIMIT 1"
    )
    values = {"opened": opened, "seq": seq, "coin": coin}
    return connection.execute(found, values).first() is not None


def _exact(rows: Iterable[Row[Any]]) -> Sums:
    sums = {}
    for coin, product_id, kind, is_before, *parts in map(tuple, rows):
        places = (10, 0, -9, -18)
        amount = total(
            EXACT.multiply(Decimal(part), Decimal(1).scaleb(place))
            for part, place in zip(parts, places, strict=True)
        )
        sums[Key(coin, product_id, kind, bool(is_before))] = amount
    return sums
