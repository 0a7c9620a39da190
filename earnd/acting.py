"""Acting: each move is written down, then sent once, then written down again.

The order is what exactly-once rests on: a fresh baseline, the action, the attempt and the state
`sending` are durable before the request leaves; no transaction is open while a socket is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from earnd.domain.action import Baseline, RecordedAction, State, Verb
from earnd.domain.answer import Answer, Consequence, Outcome, verdict
from earnd.domain.cooldown import LONGEST, Cooldowns, cooldowns, what_rests
from earnd.domain.ids import Coin, CycleId
from earnd.domain.lessons import LONGEST_LESSON, MOST_SPAN, Lessons, lessons
from earnd.domain.limits import Bounds, enforce
from earnd.domain.money import ZERO, total
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.snapshot import Balance
from earnd.domain.tag import tagged
from earnd.errors import ExchangeRefusedUs
from earnd.looking import established
from earnd.parts import Parts
from earnd.rereading import ALL_KINDS, read_history
from earnd.sending import send
from earnd.settle import look_for

UNLIKE_LATELY = timedelta(days=90)
"""An amount's tag differs from all amounts this recent."""


@dataclass(frozen=True, slots=True)
class Done:
    """An action that was sent, the state it is in after a look for its effect, and the answer."""

    action: RecordedAction
    state: State
    answer: Answer


@dataclass(slots=True)
class Tally:
    """What came of the moves so far.

    `sent` counts actions, `resent` further attempts of actions that were in doubt. `over` says
    that nothing more may be sent in this cycle.
    """

    done: list[Done] = field(default_factory=list)
    sent: int = 0
    resent: int = 0
    held: int = 0
    dropped: int = 0
    over: bool = False

    def note(self, action: RecordedAction, state: State, answer: Answer | None = None) -> None:
        """An action of this cycle is in another state now, or has another answer."""
        self.done = [
            replace(done, state=state, answer=answer or done.answer)
            if done.action.action_id == action.action_id
            else done
            for done in self.done
        ]


def turned_away(done: Sequence[Done]) -> frozenset[Coin]:
    """The coins of which a product refused a subscribe for a reason of its own, beyond doubt.

    Only the answer to an action's one sending rejects it.
    """
    return frozenset(
        one.action.coin
        for one in done
        if one.action.verb is Verb.SUBSCRIBE
        and one.state is State.REJECTED
        and one.answer.outcome is Outcome.REFUSED
        and what_rests(one.answer.consequence) == "product"
    )


def carry_out(
    parts: Parts, cycle_id: CycleId, move: Move, situation: Situation, tally: Tally
) -> None:
    """One move, from a last look to what became of it.

    What stands in its way by now becomes a recorded hold. Raises what the reader raises, and
    `ExchangeRefusedUs` when the answer says that our key, permission or clock is refused; the
    answer is recorded before that.
    """
    if tally.over or parts.is_stopping():
        reason = Reason.STOPPED_BY_EXCHANGE if tally.over else Reason.SHUTTING_DOWN
        _hold(parts, cycle_id, move, reason, tally)
        return
    fresh = look_again(parts, cycle_id, situation)
    allowed = enforce(Plan((move,), ()), fresh, bounds_of(parts), parts.clock.now())
    if not allowed.moves:
        for hold in allowed.holds:
            _hold(parts, cycle_id, move, hold.reason, tally)
        return
    action = _plan(parts, cycle_id, allowed.moves[0], fresh)
    if parts.writer is None:
        parts.ledger.enter(
            action.action_id, State.DROPPED, parts.clock.now(), {"reason": Reason.DRY_RUN.value}
        )
        tally.dropped += 1
        return
    answer = send(parts, parts.writer, action)
    tally.sent += 1
    state = verdict(answer.outcome, clean=True)
    if state in (State.ACCEPTED, State.UNKNOWN):
        state = look_for(parts, cycle_id, action.action_id)
    tally.done.append(Done(action, state, answer))
    heed(answer, tally)


def bounds_of(parts: Parts) -> Bounds:
    """The limits that hold for all coins, as they are this moment."""
    return Bounds(parts.max_clock_skew, parts.max_data_age, paused=parts.is_paused())


def look_again(parts: Parts, cycle_id: CycleId, situation: Situation) -> Situation:
    """The situation with the wallet, the holdings and the open actions of this very moment.

    The holdings too: a person may have redeemed since the look, and the history just read says so.
    """
    read_history(parts, cycle_id, ALL_KINDS)
    totals = parts.reader.totals()
    positions = parts.reader.positions()
    balances: Mapping[Coin, Balance] = parts.reader.balances()
    parts.ledger.record_wallet(cycle_id, parts.clock.now(), balances)
    return replace(
        situation,
        snapshot=replace(
            situation.snapshot,
            balances=balances,
            totals=totals,
            positions=positions,
            clock_skew_ms=parts.reader.latest_skew_ms(),
        ),
        holdings=established(parts, positions, totals),
        busy={action.coin: action for action in parts.ledger.open_actions()},
        cooldowns=cooldowns_now(parts),
        lessons=lessons_now(parts),
        sent_today=sent_today(parts),
    )


def cooldowns_now(parts: Parts) -> Cooldowns:
    """What past refusals, those of this cycle included, still forbid."""
    now = parts.clock.now()
    return cooldowns(parts.ledger.refusals_since(now - LONGEST), now)


def lessons_now(parts: Parts) -> Lessons:
    """What past refusals, those of this cycle included, still teach."""
    now, ledger = parts.clock.now(), parts.ledger
    refusals = ledger.refusals_since(now - LONGEST_LESSON)
    return lessons(refusals, ledger.sent_since(now - MOST_SPAN), now)


def sent_today(parts: Parts) -> dict[tuple[Coin, Verb], Decimal]:
    """What was sent per coin and verb in the last 24 hours, whatever became of it."""
    sums: dict[tuple[Coin, Verb], Decimal] = {}
    for sent in parts.ledger.sent_since(parts.clock.now() - timedelta(hours=24)):
        key = (sent.coin, sent.verb)
        sums[key] = total((sums.get(key, ZERO), sent.amount))
    return sums


def _plan(parts: Parts, cycle_id: CycleId, move: Move, situation: Situation) -> RecordedAction:
    """The action, recorded with its number, its exact amount and the baseline it is judged by."""
    snapshot = situation.snapshot
    baseline = Baseline(
        known_upto=parts.ledger.known_upto(),
        available=situation.available(move.coin),
        total=None if snapshot.totals is None else snapshot.totals.get(move.coin, ZERO),
    )
    marked = replace(move, amount=_amount(parts, cycle_id, move, situation))
    return parts.ledger.plan_action(cycle_id, parts.clock.now(), marked, baseline)


def _amount(parts: Parts, cycle_id: CycleId, move: Move, situation: Situation) -> Decimal:
    """A subscribe's amount with its tag, unless the history shows request numbers."""
    strategy = situation.strategy.for_coin(move.coin)
    has_numbers = any(seen.record.request_no for seen in parts.ledger.records())
    if move.verb is Verb.REDEEM or strategy is None or has_numbers:
        return move.amount
    minimums = [
        product.minimum
        for product in situation.snapshot.products
        if product.product_id == move.product_id
    ]
    lesson = situation.lessons.least.get(move.product_id)
    learnt = () if lesson is None else (lesson.value,)
    return tagged(
        move.amount,
        precision=situation.precision_of(move.coin),
        least=max([strategy.min_move, *minimums, *learnt]),
        taken=parts.ledger.recent_amounts(move.coin, parts.clock.now() - UNLIKE_LATELY),
        seed=f"{parts.tag_seed}/{cycle_id}/{move.product_id}",
    )


def heed(answer: Answer, tally: Tally) -> None:
    """What an answer means for the rest of the cycle; raises `ExchangeRefusedUs`."""
    match answer.consequence:
        case Consequence.FIX_CREDENTIALS | Consequence.FIX_CLOCK:
            raise ExchangeRefusedUs(
                answer.detail,
                where="the exchange",
                todo="nothing more is sent until this is mended; see docs/keys.md",
            )
        case Consequence.BACK_OFF | Consequence.STOP_ALL:
            tally.over = True
        case _:
            pass


def _hold(parts: Parts, cycle_id: CycleId, move: Move, reason: Reason, tally: Tally) -> None:
    tally.held += 1
    hold = Hold(move.coin, reason, move.product_id, move.amount, move.detail)
    parts.ledger.record_decisions(cycle_id, parts.clock.now(), (), (hold,))
