"""What moved, and what a book about it must begin and end with, read from one moment of the ledger.

Records that failed moved nothing and are not in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, bindparam, text

from earnd.domain.money import ZERO, minus, total
from earnd.domain.movement import FLOWS, Direction, Movement, Place
from earnd.ledger.columns import moment_from, moment_text

_BEFORE_ALL: Final = "0"
_AFTER_ALL: Final = "A"
"""Text that sorts before and after every time."""

_NEWEST: Final = (1 << 63) - 1
"""Above every number of a row."""

# Where interest goes is learnt per coin, from a record on; before that it goes into the wallet.
_MOVEMENTS: Final = """
SELECT r.kind || ':' || r.record_id AS id, r.at AS at, r.kind,
  CASE r.kind WHEN 'subscribe' THEN 'out' ELSE 'in' END AS direction, r.coin, r.amount,
  r.product_id, coalesce(w.attributed_to, 'unexplained') AS attributed_to, w.action_id,
  r.record_id,
  r.kind = 'interest' AND coalesce((SELECT i.goes_to FROM wallet_interest i
    WHERE i.coin = r.coin AND i.from_seq <= r.record_seq
    ORDER BY i.wallet_interest_id DESC LIMIT 1), 'wallet') = 'product' AS compounds
FROM record_seen r LEFT JOIN attribution w ON w.record_seq = r.record_seq
WHERE r.kind IN ('subscribe', 'redeem', 'interest') AND r.at >= :since AND r.at < :until
  AND (:all_coins OR r.coin IN :coins) AND r.record_seq <= :upto
  AND coalesce((SELECT s.status FROM record_status_seen s
    WHERE s.record_seq = r.record_seq AND s.status IS NOT NULL
    ORDER BY s.record_status_id DESC LIMIT 1), r.status) IS NOT 'failed'
UNION ALL
SELECT 'flow:' || f.wallet_flow_id, f.at, f.kind, f.direction, f.coin, f.amount,
  NULL, f.attributed_to, NULL, NULL, 0
FROM wallet_flow f
WHERE f.kind <> 'opening' AND f.at >= :since AND f.at < :until
  AND (:all_coins OR f.coin IN :coins)
ORDER BY at, id
"""

# What was in the wallet at the first look, and which records were known by then.
_OPENED: Final = "SELECT record_upto FROM wallet_account ORDER BY wallet_account_id LIMIT 1"
_OPENINGS: Final = """
SELECT f.coin, NULL AS product_id, f.direction, f.amount FROM wallet_flow f
WHERE f.kind = 'opening'
UNION ALL
SELECT o.coin, o.product_id, 'in', o.amount FROM opening o
"""

_COINS: Final = """
SELECT coin FROM balance_now UNION SELECT DISTINCT coin FROM record_seen
UNION SELECT DISTINCT coin FROM wallet_flow
"""

_LAST: Final = """
SELECT max(at) FROM (
  SELECT max(at) AS at FROM look
  UNION ALL SELECT max(at) FROM record_seen
  UNION ALL SELECT max(at) FROM wallet_flow)
"""

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
    return _movements(connection, since, until, only)


def _movements(
    connection: Connection,
    since: datetime | None,
    until: datetime | None,
    only: Sequence[str],
    upto: int = _NEWEST,
) -> Iterator[Movement]:
    """Of the records those that were seen up to and with the one numbered `upto`."""
    statement = text(_MOVEMENTS).bindparams(bindparam("coins", expanding=True))
    values = {
        "since": _BEFORE_ALL if since is None else moment_text(since),
        "until": _AFTER_ALL if until is None else moment_text(until),
        "all_coins": not only,
        "coins": list(only),
        "upto": upto,
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
            bool(row.compounds),
        )


def lay_before(connection: Connection, *, only: Sequence[str] = ()) -> dict[Place, Decimal]:
    """What lay in each place before the first known movement, as far as that is known.

    In the wallet: what was there at the first look, less what the records known by then had made
    of it. In a product: what a person said. Less than nothing in the wallet is money that came by
    a way of which no record tells, before that look.
    """
    amounts: dict[Place, Decimal] = {}
    for coin, product_id, direction, amount in connection.execute(text(_OPENINGS)):
        if only and coin not in only:
            continue
        # A coin has further rows where a record from before the first look came only later.
        place, change = Place(coin, product_id), Decimal(amount)
        before = amounts.get(place, ZERO)
        is_in = direction == Direction.IN
        amounts[place] = total((before, change)) if is_in else minus(before, change)
    known = connection.execute(text(_OPENED)).scalar()
    if known is None:
        return amounts
    for movement in _movements(connection, None, None, only, upto=int(known)):
        if movement.kind not in FLOWS:
            for place, change in movement.effects:
                if place == movement.wallet:
                    amounts[place] = minus(amounts.get(place, ZERO), change)
    return amounts


def shown_last(
    connection: Connection, *, until: datetime | None, only: Sequence[str] = ()
) -> dict[Place, Decimal]:
    """What the exchange showed last before `until`: the wallet, and the verified holdings.

    Without the wallet while it was not yet held against the records: nothing adds up to it then.
    """
    values = {"until": _AFTER_ALL if until is None else moment_text(until)}
    found: dict[Place, Decimal] = {}
    if connection.execute(text(_OPENED)).first() is not None:
        found |= {
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
    found = connection.execute(text(_LAST)).scalar()
    return None if found is None else moment_from(str(found))
