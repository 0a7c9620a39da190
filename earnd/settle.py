"""Settling: the one door through which every action that is not over passes, at start and always.

There is no recovery mode. A process that died, or could not write, leaves actions in `planned` or
`sending`; the next cycle finds them here like any other.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from earnd.domain.action import RecordedAction, State, Verb
from earnd.domain.capability import trusted_window
from earnd.domain.ids import ActionId, CycleId
from earnd.domain.matching import kind_of
from earnd.domain.money import ZERO
from earnd.domain.reason import Reason
from earnd.domain.settling import (
    LOOKS_APART,
    Conclusion,
    Rules,
    judge,
)
from earnd.domain.strategy import InterestPaid
from earnd.domain.witnesses import Witnesses, witnesses_for
from earnd.looking import established
from earnd.parts import Parts
from earnd.rereading import ALL_KINDS, read_history
from earnd.telling import tell

REMEMBERED = timedelta(days=90)
"""For how long a slow record makes earnd patient."""


def settle(parts: Parts, cycle_id: CycleId) -> int:
    """Looks after every action that is not over; answers how many were brought to an end.

    Raises what the reader raises.
    """
    _close_what_never_left(parts)
    waiting = parts.ledger.open_actions()
    if not waiting:
        return 0
    read_history(parts, cycle_id, sorted({kind_of(action.verb) for action in waiting}))
    return sum(_settle_one(parts, cycle_id, action) for action in waiting)


def is_clock_trusted(parts: Parts) -> bool:
    """Whether our clock, as it is this moment, agrees with all that the exchange's replies say."""
    return timedelta(milliseconds=abs(parts.reader.latest_skew_ms())) <= parts.max_clock_skew


def rules_for(parts: Parts, verb: Verb) -> Rules:
    """The rules as set, with what was learnt about this account's exchange.

    How slow the records of such actions can be, and how long it remembers a number.
    """
    return replace(
        parts.rules,
        slowest=slowest_of(parts, verb),
        replay_window=trusted_window(parts.rules.replay_window, parts.ledger.capabilities()),
    )


def slowest_of(parts: Parts, verb: Verb) -> timedelta:
    """The longest that the record of such an action is known to have stayed away lately."""
    return parts.ledger.slowest_record(verb, parts.clock.now() - REMEMBERED)


def _close_what_never_left(parts: Parts) -> None:
    """`planned` never left; `sending` may have, and whoever knew could not write it down."""
    for action in parts.ledger.open_actions():
        now = parts.clock.now()
        if action.state is State.PLANNED:
            why = {"reason": Reason.NEVER_LEFT.value}
            parts.ledger.enter(action.action_id, State.DROPPED, now, why)
            tell(parts.log, action, State.DROPPED, "the process ended before it was sent")
        elif action.state is State.SENDING:
            why = {"why": "nothing was written down between sending and answer"}
            parts.ledger.enter(action.action_id, State.UNKNOWN, now, why)
            tell(parts.log, action, State.UNKNOWN, why["why"])


def _settle_one(parts: Parts, cycle_id: CycleId, action: RecordedAction) -> int:
    now, is_trusted = parts.clock.now(), is_clock_trusted(parts)
    rules = rules_for(parts, action.verb)
    conclusion = judge(
        action, parts.ledger.records(), now=now, rules=rules, is_clock_trusted=is_trusted
    )
    if conclusion.wants_witnesses:
        read_history(parts, cycle_id, ALL_KINDS)
        totals = parts.reader.totals()
        balances = parts.reader.balances()
        parts.ledger.record_wallet(cycle_id, parts.clock.now(), balances)
        balance = balances.get(action.coin)
        witnesses = ask_witnesses(
            parts,
            action,
            available=ZERO if balance is None else balance.available,
            total_now=None if totals is None else totals.get(action.coin, ZERO),
        )
        records = parts.ledger.records()
        conclusion = judge(
            action,
            records,
            now=now,
            rules=rules,
            witnesses=witnesses,
            # Asking them took a while, in which the clock may have been set.
            is_clock_trusted=is_clock_trusted(parts),
        )
    return _conclude(parts, cycle_id, action, conclusion, now)


def look_for(parts: Parts, cycle_id: CycleId, action_id: ActionId) -> State:
    """One look at the history for an action that was just sent; answers its state after that."""
    action = _open(parts, action_id)
    read_history(parts, cycle_id, (kind_of(action.verb),))
    return conclude_from_ledger(parts, cycle_id, action_id)


def conclude_from_ledger(parts: Parts, cycle_id: CycleId, action_id: ActionId) -> State:
    """What a complete look that was just recorded says of an open action; its state after that."""
    action, now = _open(parts, action_id), parts.clock.now()
    conclusion = judge(
        action,
        parts.ledger.records(),
        now=now,
        rules=rules_for(parts, action.verb),
        is_clock_trusted=is_clock_trusted(parts),
    )
    _conclude(parts, cycle_id, action, conclusion, now)
    return conclusion.to


def _open(parts: Parts, action_id: ActionId) -> RecordedAction:
    return next(a for a in parts.ledger.open_actions() if a.action_id == action_id)


def _conclude(
    parts: Parts,
    cycle_id: CycleId,
    action: RecordedAction,
    conclusion: Conclusion,
    now: datetime,
) -> int:
    """Records what the evidence led to; answers 1 if the action is over now.

    `now` is the moment by which it was judged. For how long what is written off is watched counts
    from there, so it must not be one that nobody has held against the exchange's clock.
    """
    if conclusion.absent and _is_history_short(parts, action):
        return 0
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


def _is_history_short(parts: Parts, action: RecordedAction) -> bool:
    """Whether the exchange hides records of this coin that it has shown before.

    Where one that is known is missing, that another is missing says nothing.
    """
    return any(gone.record.coin == action.coin for gone in parts.ledger.beyond().gone)


def _is_worth_noting(action: RecordedAction, conclusion: Conclusion, now: datetime) -> bool:
    """The looks that a write-off rests on, and one every so often until then."""
    if action.state is State.NEEDS_OPERATOR:
        return False
    last = max(action.absent_looks, default=None)
    return last is None or now - last >= LOOKS_APART or conclusion.to is State.REJECTED


def ask_witnesses(
    parts: Parts, action: RecordedAction, *, available: Decimal, total_now: Decimal | None
) -> Witnesses:
    """What the wallet and the total of one coin say now, and what the known records explain of it.

    The whole history must have been read and recorded just before.
    """
    records = parts.ledger.records()
    totals = None if total_now is None else {action.coin: total_now}
    into = established(parts, (), totals).interest_into.get(action.coin)
    return witnesses_for(
        action,
        records,
        available=available,
        total_now=total_now,
        interest_into_wallet=into is not InterestPaid.PRODUCT,
    )
