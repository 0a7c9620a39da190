"""Actions read back into the domain's types, for settling, limits and cool-downs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Integer, RowMapping, bindparam, text
from sqlalchemy.sql.selectable import TextualSelect

from earnd.domain.action import Baseline, RecordedAction, State, Verb
from earnd.domain.history import PastRefusal, SentAmount
from earnd.domain.ids import ActionId, Coin, CycleId, EarnId, ProductId, RequestNo
from earnd.errors import LedgerError
from earnd.ledger.columns import Moment, Money, moment_text

_ACTIONS = """
SELECT
  a.action_id, a.cycle_id, a.request_no, a.verb, a.product_id, a.earn_id, a.coin, a.amount,
  a.known_upto, a.available_before, a.total_before, e.to_state AS state, e.at AS since,
  p.at AS planned_at,
  (SELECT count(*) FROM attempt t WHERE t.action_id = a.action_id) AS attempts,
  (SELECT min(t.sent_at) FROM attempt t WHERE t.action_id = a.action_id) AS first_sent_at,
  (SELECT max(t.sent_at) FROM attempt t WHERE t.action_id = a.action_id) AS last_sent_at,
  (SELECT t.request FROM attempt t WHERE t.action_id = a.action_id AND t.attempt = 1) AS request,
  (SELECT r.outcome FROM attempt_answer r WHERE r.action_id = a.action_id
    ORDER BY r.attempt DESC LIMIT 1) AS last_outcome
FROM action a
JOIN action_event p ON p.action_id = a.action_id AND p.seq = 0
JOIN action_event e ON e.action_id = a.action_id
  AND e.seq = (SELECT max(m.seq) FROM action_event m WHERE m.action_id = a.action_id)
"""

# Word for word the condition of the index action_event_over, or SQLite would not use it.
_OPEN = """
WHERE NOT EXISTS (
  SELECT 1 FROM action_event o WHERE o.action_id = a.action_id
    AND o.to_state IN ('settled', 'rejected', 'dropped', 'late'))
ORDER BY a.action_id
"""

_WRITTEN_OFF = """
WHERE a.action_id IN (
    SELECT o.action_id FROM action_event o
    WHERE o.to_state IN ('rejected', 'dropped') AND o.at >= :since)
  AND e.to_state IN ('rejected', 'dropped')
  AND EXISTS (SELECT 1 FROM attempt t WHERE t.action_id = a.action_id)
ORDER BY a.action_id
"""

_SETTLED = """
WHERE a.action_id IN (
    SELECT o.action_id FROM action_event o WHERE o.to_state = 'settled' AND o.at >= :since)
ORDER BY a.action_id
"""

_ONE = "WHERE a.action_id = :action_id"

# An action that was dropped is proven not to have left, and one that was refused on its only
# sending moved nothing, so they do not count.
_SENT = text("""
SELECT a.verb, a.coin, a.product_id, a.amount, a.reason, max(t.sent_at) AS at
FROM attempt t JOIN action_now a ON a.action_id = t.action_id
WHERE t.action_id IN (
    SELECT s.action_id FROM action_event s WHERE s.to_state = 'sending' AND s.at >= :since)
  AND a.state <> 'dropped'
  AND NOT (a.state = 'rejected' AND a.attempts = 1 AND EXISTS (
    SELECT 1 FROM attempt_answer r
    WHERE r.action_id = a.action_id AND r.outcome IN ('refused', 'not_executed')))
GROUP BY t.action_id ORDER BY at, t.action_id
""").columns(amount=Money, at=Moment)

_SLOW = text("""
SELECT
  (SELECT min(t.sent_at) FROM attempt t WHERE t.action_id = e.action_id) AS sent_at,
  (SELECT max(l.at) FROM action_look l
    WHERE l.action_id = e.action_id AND l.at <= s.seen_at) AS absent_at
FROM action_event e
JOIN action a ON a.action_id = e.action_id
JOIN record_seen s ON s.record_seq = e.record_seq
WHERE e.to_state IN ('settled', 'late') AND e.at >= :since AND a.verb = :verb
  AND EXISTS (SELECT 1 FROM action_look l WHERE l.action_id = e.action_id AND l.at <= s.seen_at)
""").columns(sent_at=Moment, absent_at=Moment)

_REFUSALS = text("""
SELECT a.verb, a.coin, a.product_id, a.amount, r.code, r.consequence, r.answered_at AS at
FROM attempt_answer r JOIN action a ON a.action_id = r.action_id
WHERE r.answered_at >= :since AND r.outcome <> 'yes'
  AND (r.code IS NOT NULL OR r.consequence <> 'none')
ORDER BY r.answered_at, r.action_id, r.attempt
""").columns(amount=Money, at=Moment)

_LOOKS = (
    text(
        "SELECT action_id, at FROM action_look WHERE action_id IN :action_ids"
        " ORDER BY action_look_id"
    )
    .bindparams(bindparam("action_ids", expanding=True))
    .columns(action_id=Integer, at=Moment)
)


def open_actions(connection: Connection) -> tuple[RecordedAction, ...]:
    """All that are not over, oldest first."""
    return _actions(connection, _OPEN)


def written_off(connection: Connection, since: datetime) -> tuple[RecordedAction, ...]:
    """Those that were sent, and are rejected or dropped since then."""
    return _actions(connection, _WRITTEN_OFF, since=moment_text(since))


def settled_since(connection: Connection, since: datetime) -> tuple[RecordedAction, ...]:
    """Those that settled since then."""
    return _actions(connection, _SETTLED, since=moment_text(since))


def one_action(connection: Connection, action_id: ActionId) -> RecordedAction:
    """The action of this id."""
    for action in _actions(connection, _ONE, action_id=action_id):
        return action
    raise LedgerError(f"there is no action {action_id}")


def sent_since(connection: Connection, since: datetime) -> tuple[SentAmount, ...]:
    """One row per action that may have left at or after then, however often it was sent."""
    rows = connection.execute(_SENT, {"since": moment_text(since)}).mappings()
    return tuple(
        SentAmount(
            Verb(row["verb"]),
            Coin(row["coin"]),
            ProductId(row["product_id"]),
            row["amount"],
            row["at"],
            row["reason"],
        )
        for row in rows
    )


def refusals_since(connection: Connection, since: datetime) -> tuple[PastRefusal, ...]:
    """Answers at or after then that were not success and said why, newest last."""
    rows = connection.execute(_REFUSALS, {"since": moment_text(since)}).mappings()
    return tuple(
        PastRefusal(
            Verb(row["verb"]),
            Coin(row["coin"]),
            ProductId(row["product_id"]),
            row["amount"],
            row["code"],
            row["consequence"],
            row["at"],
        )
        for row in rows
    )


def slowest_record(connection: Connection, verb: Verb, since: datetime) -> timedelta:
    """The longest that the record of such an action is known to have stayed away.

    Known is from its first sending to the last look that did not show it; how much longer it was,
    nobody saw.
    """
    rows = connection.execute(_SLOW, {"verb": verb, "since": moment_text(since)}).mappings()
    return max((row["absent_at"] - row["sent_at"] for row in rows), default=timedelta(0))


def _actions(connection: Connection, which: str, **values: Any) -> tuple[RecordedAction, ...]:
    rows = connection.execute(_actions_that(which), values).mappings().all()
    looks = _absent_looks(connection, [row["action_id"] for row in rows])
    return tuple(_action(row, looks) for row in rows)


@cache
def _actions_that(which: str) -> TextualSelect:
    # Made once: to take a text apart costs more than to run it.
    return text(_ACTIONS + which).columns(
        amount=Money,
        available_before=Money,
        total_before=Money,
        since=Moment,
        planned_at=Moment,
        first_sent_at=Moment,
        last_sent_at=Moment,
    )


def _absent_looks(
    connection: Connection, action_ids: list[int]
) -> Mapping[int, tuple[datetime, ...]]:
    found: dict[int, tuple[datetime, ...]] = defaultdict(tuple)
    if action_ids:
        for action_id, at in connection.execute(_LOOKS, {"action_ids": action_ids}):
            found[action_id] += (at,)
    return found


def _action(row: RowMapping, looks: Mapping[int, tuple[datetime, ...]]) -> RecordedAction:
    return RecordedAction(
        action_id=ActionId(row["action_id"]),
        cycle_id=CycleId(row["cycle_id"]),
        request_no=RequestNo(row["request_no"]),
        verb=Verb(row["verb"]),
        product_id=ProductId(row["product_id"]),
        earn_id=None if row["earn_id"] is None else EarnId(row["earn_id"]),
        coin=Coin(row["coin"]),
        amount=row["amount"],
        state=State(row["state"]),
        planned_at=row["planned_at"],
        since=row["since"],
        baseline=Baseline(row["known_upto"], row["available_before"], row["total_before"]),
        attempts=row["attempts"],
        first_sent_at=row["first_sent_at"],
        last_sent_at=row["last_sent_at"],
        last_outcome=row["last_outcome"],
        absent_looks=looks[row["action_id"]],
        request=row["request"],
    )
