"""What moved, and what a book about it must begin and end with, read from one moment of the ledger.

Records that failed moved nothing and are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, bindparam, text

from earnd.domain.money import total
from earnd.domain.movement import Direction, Movement, Place
from earnd.ledger.columns import moment_from, moment_text

_BEFORE_ALL: Final = "0"
_AFTER_ALL: Final = "A"
"""Text that sorts before and after every time."""

_MOVEMENTS: Final = """
SELECT r.kind || ':' || r.record_id AS id, r.at, r.kind,
  CASE r.kind WHEN 'subscribe' THEN 'out' ELSE 'in' END AS direction, r.coin, r.amount,
  r.product_id, coalesce(w.attributed_to, 'unexplained') AS attributed_to, w.action_id, r.record_id
FROM record_seen r LEFT JOIN attribution w ON w.record_seq = r.record_seq
WHERE r.kind IN ('subscribe', 'redeem', 'interest') AND r.at >= :since AND r.at < :until
  AND (:all_coins OR r.coin IN :coins)
  AND coalesce((SELECT s.status FROM record_status_seen s
    WHERE s.record_seq = r.record_seq AND s.status IS NOT NULL
    ORDER BY s.record_status_id DESC LIMIT 1), r.status) IS NOT 'failed'
ORDER BY r.at, 1
"""

_COINS: Final = "SELECT coin FROM balance_now UNION SELECT DISTINCT coin FROM record_seen"

_WALLET_BY: Final = """
SELECT b.coin, b.available, b.frozen
FROM balance_now n JOIN balance_seen b ON b.balance_seen_id = (
  SELECT m.balance_seen_id FROM balance_seen m
  WHERE m.coin = n.coin AND m.seen_at < :until ORDER BY m.balance_seen_id DESC LIMIT 1)
"""

_HELD_BY: Final = """
SELECT h.coin, h.product_id, h.amount, h.verified
FROM holding_now n JOIN holding_seen h ON h.holding_seen_id = (
  SELECT m.holding_seen_id FROM holding_seen m
  WHERE m.product_id = n.product_id AND m.at < :until ORDER BY m.holding_seen_id DESC LIMIT 1)
"""


def coins(connection: Connection) -> list[str]:
    """Every coin that the wallet or a record ever had."""
    return sorted(str(coin) for coin in connection.execute(text(_COINS)).scalars())


def movements(
    connection: Connection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    only: Sequence[str] = (),
) -> Iterator[Movement]:
    """Those from `since` on and before `until`, of these coins or of all; by time, then by id."""
    statement = text(_MOVEMENTS).bindparams(bindparam("coins", expanding=True))
    values = {
        "since": _BEFORE_ALL if since is None else moment_text(since),
        "until": _AFTER_ALL if until is None else moment_text(until),
        "all_coins": not only,
        "coins": list(only),
    }
    for row in connection.execute(statement, values):
        yield Movement(
            row.id,
            row.at,
            row.kind,
            Direction(row.direction),
            row.coin,
            row.amount,
            row.product_id,
            row.attributed_to,
            row.action_id,
            row.record_id,
        )


def shown_last(
    connection: Connection, *, until: datetime | None, only: Sequence[str] = ()
) -> dict[Place, Decimal]:
    """What the exchange showed last before `until`: the wallet, and the verified holdings."""
    values = {"until": _AFTER_ALL if until is None else moment_text(until)}
    found = {
        Place(coin, None): total((Decimal(available), Decimal(frozen)))
        for coin, available, frozen in connection.execute(text(_WALLET_BY), values)
    }
    found |= {
        Place(coin, product_id): Decimal(amount)
        for coin, product_id, amount, verified in connection.execute(text(_HELD_BY), values)
        if verified
    }
    return {place: amount for place, amount in found.items() if not only or place.coin in only}


def last_moment(connection: Connection) -> datetime | None:
    """The newest time of a look or a record; `None` in a ledger that has neither."""
    found = connection.execute(
        text("SELECT max((SELECT max(at) FROM look), (SELECT max(at) FROM record_seen))")
    ).scalar()
    return None if found is None else moment_from(str(found))


def lay_before(connection: Connection, *, only: Sequence[str] = ()) -> dict[Place, Decimal]:
    """What lay in each place before the first known movement."""
    del connection, only
    return {}


def compounding(connection: Connection) -> frozenset[Place]:
    """The products that keep their interest instead of paying it into the wallet."""
    del connection
    return frozenset()
