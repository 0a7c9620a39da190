"""The limits that each run lives under, written where they differ from the last word."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, Integer, column, insert, table, text

from earnd.domain.ids import RunId
from earnd.domain.in_force import EVERY_COIN, NAMES, Limits, limits_in_force
from earnd.domain.strategy import Strategy
from earnd.ledger.columns import Moment, Money, Words

limit_in_force = table(
    "limit_in_force",
    column("limit_in_force_id", Integer),
    column("run_id", Integer),
    column("at", Moment),
    column("coin", Words),
    column("name", Words),
    column("value", Money),
)

_NEWEST = text("""
SELECT l.coin, l.name, l.value FROM limit_in_force l
WHERE l.limit_in_force_id = (
  SELECT max(m.limit_in_force_id) FROM limit_in_force m WHERE m.name = l.name AND m.coin = l.coin)
""").columns(value=Money)

Word = dict[tuple[str, str], Decimal | None]


def last_word(connection: Connection) -> Word:
    """Per coin and name the newest value; no entry where nothing was ever said."""
    return {(row.coin, row.name): row.value for row in connection.execute(_NEWEST)}


def news_of(strategy: Strategy, before: Word) -> Word:
    """What must be said so that the last word on every coin is this strategy.

    A coin without a word of its own is under the one on `EVERY_COIN`, which is said first.
    """
    limits: Limits = limits_in_force(strategy, {coin for coin, _ in before} - {EVERY_COIN})
    others = limits[EVERY_COIN]
    news: Word = {
        (EVERY_COIN, name): others[name]
        for name in NAMES
        if before.get((EVERY_COIN, name)) != others[name]
    }
    for coin, values in limits.items():
        for name, value in values.items():
            if coin != EVERY_COIN and before.get((coin, name), others[name]) != value:
                news[coin, name] = value
    return news


def record(connection: Connection, run_id: RunId, at: datetime, news: Word) -> None:
    """Writes them down, in force from this run on."""
    for (coin, name), value in news.items():
        row = {"run_id": run_id, "at": at, "coin": coin, "name": name, "value": value}
        connection.execute(insert(limit_in_force), row)
