"""The life of an action, step by step, inside the caller's transaction.

Python asks `TRANSITIONS` first and refuses with a sentence; the foreign keys and triggers of the
schema stand behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, text

from earnd.domain.action import TRANSITIONS, Actor, Baseline, State, request_no_for
from earnd.domain.answer import Answer
from earnd.domain.ids import ActionId, CycleId
from earnd.domain.plan import Move
from earnd.errors import IllegalTransition
from earnd.ledger import history, tables

_PROVEN = (State.SETTLED, State.LATE)
_BUG = "Nothing was written. This is a bug in earnd; please report it with this message."
_INT64 = 2**63


def plan(
    connection: Connection,
    cycle_id: CycleId,
    at: datetime,
    move: Move,
    baseline: Baseline,
    *,
    run_prefix: str,
) -> ActionId:
    """The action, its number and its first state; answers its id."""
    action_id = _next_id(connection)
    action = {
        "action_id": action_id,
        "cycle_id": cycle_id,
        "request_no": request_no_for(run_prefix, action_id),
        "verb": move.verb,
        "product_id": move.product_id,
        "earn_id": move.earn_id,
        "coin": move.coin,
        "amount": move.amount,
        "reason": move.reason,
        "known_upto": baseline.known_upto,
        "available_before": baseline.available,
        "total_before": baseline.total,
    }
    connection.execute(insert(tables.action), action)
    planned = {
        "action_id": action_id,
        "seq": 0,
        "to_state": State.PLANNED,
        "at": at,
        "actor": Actor.EARND,
        "evidence": move.detail or None,
    }
    connection.execute(insert(tables.action_event), planned)
    return action_id


def begin_attempt(connection: Connection, action_id: ActionId, at: datetime, request: str) -> int:
    """The attempt and the state `sending`; answers the attempt's number."""
    seq, state = _now(connection, action_id)
    _refuse_illegal(action_id, state, State.SENDING)
    attempts = tables.attempt.c
    made = select(func.count()).select_from(tables.attempt).where(attempts.action_id == action_id)
    attempt = int(connection.execute(made).scalar_one()) + 1
    row = {"action_id": action_id, "attempt": attempt, "sent_at": at, "request": request}
    connection.execute(insert(tables.attempt), row)
    event = {
        "action_id": action_id,
        "seq": seq + 1,
        "from_state": state,
        "to_state": State.SENDING,
        "at": at,
        "actor": Actor.EARND,
        "attempt": attempt,
    }
    connection.execute(insert(tables.action_event), event)
    return attempt


def end_attempt(
    connection: Connection, action_id: ActionId, attempt: int, answer: Answer, to: State
) -> None:
    """What came back, and the state that it proves."""
    seq, state = _now(connection, action_id)
    if state is not State.SENDING:
        raise IllegalTransition(
            f"action {action_id} is {state}: nothing can be answered to it", todo=_BUG
        )
    _refuse_illegal(action_id, state, to)
    if to in _PROVEN:
        raise IllegalTransition(
            f"no answer can settle action {action_id}: only a record does", todo=_BUG
        )
    row = {
        "action_id": action_id,
        "attempt": attempt,
        "answered_at": answer.answered_at,
        "latency_ms": answer.latency_ms,
        "outcome": answer.outcome,
        "http_status": answer.http_status,
        "code": storable_code(answer.code),
        "message": answer.message,
        "trace": answer.trace,
        "consequence": answer.consequence,
        "detail": answer.detail,
    }
    connection.execute(insert(tables.attempt_answer), row)
    evidence = {"attempt": str(attempt), "outcome": str(answer.outcome)}
    if answer.code is not None:
        evidence["code"] = str(answer.code)
    event = {
        "action_id": action_id,
        "seq": seq + 1,
        "from_state": state,
        "to_state": to,
        "at": answer.answered_at,
        "actor": Actor.EARND,
        "evidence": evidence,
    }
    connection.execute(insert(tables.action_event), event)


def enter(
    connection: Connection,
    action_id: ActionId,
    to: State,
    at: datetime,
    evidence: Mapping[str, str],
    *,
    actor: Actor = Actor.EARND,
    cycle_id: CycleId | None = None,
    record_seq: int | None = None,
) -> None:
    """One step, and with a record the attribution that belongs to it."""
    seq, state = _now(connection, action_id)
    _refuse_illegal(action_id, state, to)
    if to is State.SENDING:
        raise IllegalTransition(f"action {action_id} is sent by `begin_attempt` only", todo=_BUG)
    if (record_seq is None) and to in _PROVEN and actor is Actor.EARND:
        raise IllegalTransition(f"action {action_id} can't be {to} without a record", todo=_BUG)
    if record_seq is not None and to not in _PROVEN:
        raise IllegalTransition(f"action {action_id} can't be {to} with a record", todo=_BUG)
    event = {
        "action_id": action_id,
        "seq": seq + 1,
        "from_state": state,
        "to_state": to,
        "at": at,
        "actor": actor,
        "evidence": evidence or None,
        "record_seq": record_seq,
    }
    connection.execute(insert(tables.action_event), event)
    if record_seq is not None:
        history.attribute_to_action(connection, cycle_id, at, record_seq, action_id)


def resolve(
    connection: Connection,
    action_id: ActionId,
    to: State,
    at: datetime,
    *,
    because: str,
    who: str,
    record_seq: int | None,
) -> None:
    """A person's word on an action that needs one, and the note of it."""
    _, state = _now(connection, action_id)
    if state is not State.NEEDS_OPERATOR:
        raise IllegalTransition(
            f"action {action_id} is {state}, and needs no operator",
            todo="Only an action in `needs_operator` is resolved by hand: see `earnd actions`.",
        )
    evidence = {"who": who, "because": because}
    enter(connection, action_id, to, at, evidence, actor=Actor.OPERATOR, record_seq=record_seq)
    note = {"at": at, "who": who, "action_id": action_id, "text": because}
    connection.execute(insert(tables.operator_note), note)


def record_absent_look(
    connection: Connection, action_id: ActionId, cycle_id: CycleId, at: datetime
) -> None:
    """A complete look without a trace of the action."""
    row = {"action_id": action_id, "cycle_id": cycle_id, "at": at}
    connection.execute(insert(tables.action_look), row)


def _next_id(connection: Connection) -> ActionId:
    # The number is made of the id, so the id is needed before the row. AUTOINCREMENT would give
    # the same one: the transaction is IMMEDIATE, nobody else can take it meanwhile.
    statement = text(
        "SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'action'), 0),"
        " coalesce((SELECT max(action_id) FROM action), 0)) + 1"
    )
    return ActionId(connection.execute(statement).scalar_one())


def _now(connection: Connection, action_id: ActionId) -> tuple[int, State]:
    """The number and the state of the action's last event."""
    events = tables.action_event.c
    statement = (
        select(events.seq, events.to_state)
        .where(events.action_id == action_id)
        .order_by(events.seq.desc())
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise IllegalTransition(
            f"there is no action {action_id}", todo="`earnd actions` lists those that there are."
        )
    return row.seq, State(row.to_state)


def _refuse_illegal(action_id: ActionId, state: State, to: State) -> None:
    if to not in TRANSITIONS[state]:
        legal = ", ".join(sorted(TRANSITIONS[state])) or "nothing: it is over"
        raise IllegalTransition(
            f"action {action_id} is {state} and can't become {to} (only {legal})", todo=_BUG
        )


def storable_code(code: int | None) -> int | None:
    """A code as SQLite can keep it, or `None`: a code is whatever number the reply held.

    The answer's `detail` and the event's evidence keep one that SQLite can't.
    """
    return code if code is not None and -_INT64 <= code < _INT64 else None
