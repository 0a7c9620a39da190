"""Exact sums over the exchange's history: every record that did not fail, by what it did.

Summed here and not by SQLite: exact sums in SQL lay out each amount by its digits, and over half a
million records that takes three times as long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, text

from earnd.domain.money import total

_RECORDS = text(
    "SELECT record_seq, coin, product_id, kind, amount FROM record_seen"
    " WHERE status IS NOT 'failed'"
)

# Records whose word about that has changed: a handful.
_TOLD = text(
    "SELECT n.record_seq, n.coin, n.product_id, n.kind, n.amount, n.status = 'failed' AS failed"
    " FROM record_now n"
    " WHERE n.record_seq IN (SELECT record_seq FROM record_status_seen WHERE status IS NOT NULL)"
)

_WORDS = text("SELECT coin, from_seq, goes_to FROM wallet_interest ORDER BY wallet_interest_id")

_BETWEEN = text(
    "SELECT 1 FROM record_seen WHERE record_seq > :opened AND record_seq < :seq"
    " AND coin = :coin AND kind = 'interest' LIMIT 1"
)

_LAST = 2**62


class Key(NamedTuple):
    """What is summed apart; `is_before` are the records known at the first look."""

    coin: str
    product_id: str
    kind: str
    is_before: bool


Sums = Mapping[Key, Decimal]

_Texts = dict[tuple[str, str, str, bool], list[str]]


def of_records(connection: Connection, opened: int) -> tuple[Sums, Sums]:
    """What the records add up to, and of that the interest that stayed in its product."""
    spans = _spans(connection, opened)
    told = {row.record_seq: row for row in connection.execute(_TOLD)}
    amounts: _Texts = defaultdict(list)
    inside: _Texts = defaultdict(list)
    for seq, coin, product_id, kind, amount in connection.execute(_RECORDS):
        if told and seq in told:
            continue
        key = (coin, product_id, kind, seq <= opened)
        amounts[key].append(amount)
        if kind == "interest" and coin in spans and _is_in(seq, spans[coin]):
            inside[key].append(amount)
    for row in told.values():
        key = (row.coin, row.product_id, row.kind, row.record_seq <= opened)
        if not row.failed:
            amounts[key].append(row.amount)
            if row.kind == "interest" and _is_in(row.record_seq, spans.get(row.coin, ())):
                inside[key].append(row.amount)
    return _added(amounts), _added(inside)


def _added(amounts: _Texts) -> Sums:
    return {Key(*key): total(map(Decimal, texts)) for key, texts in amounts.items()}


def _is_in(seq: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(first <= seq < end for first, end in spans)


def _spans(connection: Connection, opened: int) -> Mapping[str, list[tuple[int, int]]]:
    """Per coin the records from and to which interest went into products; the newest word counts.

    Interest from before the first look went where the first after it did.
    """
    words: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for coin, seq, goes_to in connection.execute(_WORDS):
        words[coin] = [*(word for word in words[coin] if word[0] < seq), (seq, goes_to)]
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for coin, told in words.items():
        ends = [*(seq for seq, _ in told[1:]), _LAST]
        for (seq, goes_to), end in zip(told, ends, strict=True):
            values = {"opened": opened, "seq": seq, "coin": coin}
            is_first = seq == told[0][0] and connection.execute(_BETWEEN, values).first() is None
            if goes_to == "product":
                spans[coin].append((0 if is_first else seq, end))
    return spans
