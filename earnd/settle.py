"""Settling: the one door through which every action that is not over passes, at start and always.

There is no recovery mode. A process that died leaves actions in `planned` or `sending`; the next
cycle finds them here like any other.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from earnd.domain.action import RecordedAction, State
from earnd.domain.holdings import establish
from earnd.domain.ids import CycleId
from earnd.domain.money import ZERO
from earnd.domain.reason import Reason
from earnd.domain.settling import (
    LOOKS_APART,
    Conclusion,
    judge,
    kind_of,
)
from earnd.domain.strategy import InterestPaid
from earnd.domain.witnesses import Witnesses, witnesses_for
from earnd.looking import ALL_KINDS, interest_paid, read_history
from earnd.parts import Parts
from earnd.telling import tell


def settle(parts: Parts, cycle_id: CycleId, clock_skew_ms: int) -> int:
    """Looks after every action that is not over; answers how many were brought to an end.

    Raises what the reader raises.
    """
    _close_what_never_left(parts)
    waiting = parts.ledger.open_actions()
    if not waiting:
        return 0
    read_history(parts, cycle_id, sorted({kind_of(action.verb) for action in waiting}))
    is_clock_trusted = timedelta(milliseconds=abs(clock_skew_ms)) <= parts.max_clock_skew
    ended = 0
    for action in waiting:
        ended += _settle_one(parts, cycle_id, action, may_write_off=is_clock_trusted)
    return ended


def _close_what_never_left(parts: Parts) -> None:
    """`planned` never left; `sending` may have, and the process that knew is gone."""
    for action in parts.ledger.open_actions():
        now = parts.clock.now()
        if action.state is State.PLANNED:
            why = {"reason": Reason.NEVER_LEFT.value}
            parts.ledger.enter(action.action_id, State.DROPPED, now, why)
            tell(parts.log, action, State.DROPPED, "the process ended before it was sent")
        elif action.state is State.SENDING:
            why = {"why": "the process ended between sending and answer"}
            parts.ledger.enter(action.action_id, State.UNKNOWN, now, why)
            tell(parts.log, action, State.UNKNOWN, why["why"])


def _settle_one(
    parts: Parts, cycle_id: CycleId, action: RecordedAction, *, may_write_off: bool
) -> int:
    now = parts.clock.now()
    records = parts.ledger.records()
    conclusion = judge(action, records, now=now, rules=parts.rules)
    if conclusion.wants_witnesses and may_write_off:
        witnesses = _ask_witnesses(parts, cycle_id, action)
        records = parts.ledger.records()
        conclusion = judge(action, records, now=now, rules=parts.rules, witnesses=witnesses)
    return _conclude(parts, cycle_id, action, conclusion)


def look_for(parts: Parts, cycle_id: CycleId, action_id: int) -> State:
    """One look at the history for an action that was just sent; answers its state after that."""
    action = next(a for a in parts.ledger.open_actions() if a.action_id == action_id)
    read_history(parts, cycle_id, (kind_of(action.verb),))
    conclusion = judge(action, parts.ledger.records(), now=parts.clock.now(), rules=parts.rules)
    _conclude(parts, cycle_id, action, conclusion)
    return conclusion.to


def _conclude(
    parts: Parts, cycle_id: CycleId, action: RecordedAction, conclusion: Conclusion
) -> int:
    """Records what the evidence led to; answers 1 if the action is over now."""
    now = parts.clock.now()
    if conclusion.absent and _is_worth_noting(action, conclusion, now):
        parts.ledger.record_absent_look(action.action_id, cycle_id, now)
    if conclusion.to is action.state:
        if action.state is State.NEEDS_OPERATOR:
            tell(parts.log, action, action.state, conclusion.why)
        return 0
    parts.ledger.enter(
        action.action_id,
        conclusion.to,
        now,
        {**conclusion.evidence, "why": conclusion.why},
        cycle_id=cycle_id,
        record_seq=conclusion.record_seq,
    )
    tell(parts.log, action, conclusion.to, conclusion.why)
    return 0 if conclusion.to is State.NEEDS_OPERATOR else 1


def _is_worth_noting(action: RecordedAction, conclusion: Conclusion, now: datetime) -> bool:
    """The looks that a write-off rests on, and one every so often until then."""
    if action.state is State.NEEDS_OPERATOR:
        return False
    last = max(action.absent_looks, default=None)
    return last is None or now - last >= LOOKS_APART or conclusion.to is State.REJECTED


def _ask_witnesses(parts: Parts, cycle_id: CycleId, action: RecordedAction) -> Witnesses:
    """The wallet and the total of one coin, with what all known records explain of them."""
    read_history(parts, cycle_id, ALL_KINDS)
    totals = parts.reader.totals()
    balances = parts.reader.balances()
    parts.ledger.record_wallet(cycle_id, parts.clock.now(), balances)
    records = parts.ledger.records()
    into = establish(records, (), totals, interest_paid(parts)).interest_into.get(action.coin)
    balance = balances.get(action.coin)
    return witnesses_for(
        action,
        records,
        available=ZERO if balance is None else balance.available,
        total_now=None if totals is None else totals.get(action.coin, ZERO),
        interest_into_wallet=into is not InterestPaid.PRODUCT,
    )
