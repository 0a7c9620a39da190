"""One cycle, top to bottom.

    settle      every action that is not over is looked after first
    look        everything there is to see, or nothing: there is no partial snapshot
    reconcile   whose doing each record is, what we hold, which coins do not add up
    decide      pure: what to move and why, and why not
    limit       pure: what no plan may do
    act         redeems, a look at what they did, then subscribes; each written ahead; a last look
    close       the cycle's end in the ledger, and one line in the log

`earnd plan` is this same code without a writer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from earnd.acting import Tally, bounds_of, carry_out, cooldowns_now, sent_today
from earnd.domain.action import RecordedAction, State, Verb
from earnd.domain.capability import learnt
from earnd.domain.decide import decide
from earnd.domain.history import CycleEnd, CycleOutcome
from earnd.domain.holdings import Holdings
from earnd.domain.ids import Coin, CycleId
from earnd.domain.limits import enforce
from earnd.domain.money import ZERO, minus, plain, total
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.reason import Reason
from earnd.domain.reconcile import fresh_interest
from earnd.domain.situation import Situation
from earnd.domain.strategy import InterestPaid
from earnd.domain.witnesses import TRANSIT, in_transit
from earnd.errors import (
    AskedToStop,
    ExchangeRefusedUs,
    ExchangeUnavailable,
    LedgerError,
    SurprisingReply,
)
from earnd.looking import Sight, look, reconcile
from earnd.parts import Parts
from earnd.resending import resend_what_was_lost
from earnd.settle import settle, slowest_of

NOTABLE_SKEW_MS = 2000
"""Far less than stops a sending; a synchronised clock is never off by as much."""


@dataclass(slots=True)
class CycleReport:
    """How a cycle went: what `earnd once` prints and what the canonical log line says.

    `idle` and `placed` are amounts per coin after it. `auto_subscribe` are the coins in which the
    exchange's own auto-subscribe is on: it draws on the same idle money as earnd.
    """

    cycle_id: CycleId
    outcome: CycleOutcome = CycleOutcome.DONE
    moves: list[Move] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    settled: int = 0
    idle: dict[Coin, Decimal] = field(default_factory=dict)
    placed: dict[Coin, Decimal] = field(default_factory=dict)
    auto_subscribe: list[Coin] = field(default_factory=list)
    error: ExchangeUnavailable | SurprisingReply | ExchangeRefusedUs | None = None


def run_cycle(parts: Parts, trigger: str) -> CycleReport:
    """Runs one cycle and says how it went; `trigger` is what began it.

    A failed look or a refusal by the exchange is an outcome, not an exception. Raises
    `LedgerError` when the ledger cannot be written: then nothing was sent that it does not know.
    """
    began = parts.clock.monotonic()
    report = CycleReport(parts.ledger.begin_cycle(parts.clock.now(), trigger=trigger))
    try:
        _pass(parts, report)
        if parts.is_stopping():
            report.outcome = CycleOutcome.INTERRUPTED
    except (ExchangeUnavailable, SurprisingReply) as error:
        report.outcome, report.error = CycleOutcome.FAILED_LOOK, error
    except ExchangeRefusedUs as error:
        report.outcome, report.error = CycleOutcome.REFUSED, error
    except AskedToStop:
        report.outcome = CycleOutcome.INTERRUPTED
    except LedgerError:
        raise
    except BaseException:
        _close(parts, report, CycleOutcome.FAILED, "something unforeseen; the log has it", began)
        raise
    failure = None if report.error is None else str(report.error)
    _close(parts, report, report.outcome, failure, began)
    return report


def settled_and_seen(parts: Parts, cycle_id: CycleId) -> Situation:
    """What a decision would rest on now: everything settled, looked at and reconciled.

    Raises what the reader raises.
    """
    skew = parts.reader.clock_skew_ms()
    settle(parts, cycle_id)
    return _situation(parts, CycleReport(cycle_id), look(parts, cycle_id, skew))


def _pass(parts: Parts, report: CycleReport) -> None:
    skew = parts.reader.clock_skew_ms()
    if abs(skew) > NOTABLE_SKEW_MS:
        parts.log.warning("clock.off", skew_ms=skew, todo="see to the time synchronisation")
    report.settled = settle(parts, report.cycle_id)
    if parts.is_stopping():
        # What was in flight is looked after; nothing new is begun.
        return
    sight = look(parts, report.cycle_id, skew)
    situation = _situation(parts, report, sight)
    if resend_what_was_lost(parts, report.cycle_id, situation, report.tally):
        sight = look(parts, report.cycle_id, skew)
        situation = _situation(parts, report, sight)
    plan = enforce(decide(situation), situation, bounds_of(parts), parts.clock.now())
    if plan.redeems():
        _record(parts, report, Plan(plan.redeems(), ()))
        for move in plan.redeems():
            _carry_out(parts, report, move, situation)
        sight = look(parts, report.cycle_id, skew)
        situation = _situation(parts, report, sight)
        after = enforce(decide(situation), situation, bounds_of(parts), parts.clock.now())
        plan = _without_redeems(after, waiting=report.tally.sent > 0)
    _record(parts, report, plan)
    for move in plan.subscribes():
        _carry_out(parts, report, move, situation)
    if report.tally.sent or report.tally.resent:
        _look_at_what_moved(parts, report, skew)


def _carry_out(parts: Parts, report: CycleReport, move: Move, situation: Situation) -> None:
    carry_out(parts, report.cycle_id, move, situation, report.tally)
    # Before the next move: the coin is busy for as long as this one is in doubt.
    resend_what_was_lost(parts, report.cycle_id, situation, report.tally)


def _look_at_what_moved(parts: Parts, report: CycleReport, skew: int) -> None:
    """A last look, so that the ledger shows where the money is and not where it was.

    The cycle's work is done: that this look fails is told, and the next cycle looks again.
    """
    try:
        sight = look(parts, report.cycle_id, skew)
    except (ExchangeUnavailable, SurprisingReply, AskedToStop) as error:
        _count_in_what_moved(report)
        parts.log.warning("cycle.last_look_failed", cycle=report.cycle_id, why=error.what)
        return
    _take_stock(report, sight, reconcile(parts, report.cycle_id, sight))


def _situation(parts: Parts, report: CycleReport, sight: Sight) -> Situation:
    """What a decision rests on, from what was seen and what the ledger remembers."""
    holdings = reconcile(parts, report.cycle_id, sight)
    now = parts.clock.now()
    slowest = {verb: slowest_of(parts, verb) for verb in Verb}
    shown = learnt(sight.records, sight.snapshot, slowest)
    parts.ledger.record_capabilities(report.cycle_id, now, shown)
    _take_stock(report, sight, holdings)
    return Situation(
        now=now,
        snapshot=sight.snapshot,
        holdings=holdings,
        strategy=parts.strategy,
        busy={action.coin: action for action in parts.ledger.open_actions()},
        cooldowns=cooldowns_now(parts),
        fresh_interest={
            coin: amount
            for coin, amount in fresh_interest(sight.records).items()
            if holdings.interest_into.get(coin) is not InterestPaid.PRODUCT
        },
        sent_today=sent_today(parts),
        in_transit=_in_transit(parts, sight, holdings, now),
    )


def _in_transit(
    parts: Parts, sight: Sight, holdings: Holdings, now: datetime
) -> dict[Coin, Decimal]:
    """Redeemed money per coin that the wallet does not show yet."""
    by_coin: dict[Coin, list[RecordedAction]] = {}
    for action in parts.ledger.settled_since(now - TRANSIT):
        if action.verb is Verb.REDEEM:
            by_coin.setdefault(action.coin, []).append(action)
    return {
        coin: in_transit(
            redeems,
            sight.records,
            available=sight.snapshot.available(coin),
            interest_into_wallet=holdings.interest_into.get(coin) is not InterestPaid.PRODUCT,
        )
        for coin, redeems in by_coin.items()
    }


def _without_redeems(plan: Plan, *, waiting: bool) -> Plan:
    """A plan made after the redeems of a cycle; what it would still redeem waits for the next.

    If none of them was sent, it is the same redeems again, and they are on record already.
    """
    left = tuple(
        Hold(move.coin, Reason.NEXT_CYCLE, move.product_id, move.amount, move.detail)
        for move in (plan.redeems() if waiting else ())
    )
    return Plan(plan.subscribes(), plan.holds + left)


def _record(parts: Parts, report: CycleReport, plan: Plan) -> None:
    """Writes the decisions down before any of them is carried out."""
    parts.ledger.record_decisions(report.cycle_id, parts.clock.now(), plan.moves, plan.holds)
    report.moves.extend(plan.moves)
    report.holds.extend(plan.holds)


def _take_stock(report: CycleReport, sight: Sight, holdings: Holdings) -> None:
    report.idle = {
        coin: balance.available
        for coin, balance in sorted(sight.snapshot.balances.items())
        if balance.available > 0
    }
    coins = sorted({row.coin for row in holdings.rows if row.amount > 0})
    report.placed = {coin: total(row.amount for row in holdings.of(coin)) for coin in coins}
    report.auto_subscribe = sorted(
        {position.coin for position in sight.snapshot.positions if position.auto_subscribe}
    )


def _count_in_what_moved(report: CycleReport) -> None:
    """The stock was taken before the subscribes; what settled of them is placed now."""
    for done in report.tally.done:
        coin, amount = done.action.coin, done.action.amount
        if done.action.verb is Verb.SUBSCRIBE and done.state is State.SETTLED:
            report.idle[coin] = minus(report.idle.get(coin, ZERO), amount)
            report.placed[coin] = total((report.placed.get(coin, ZERO), amount))


def _close(
    parts: Parts, report: CycleReport, outcome: CycleOutcome, failure: str | None, began: float
) -> None:
    """The end of the cycle in the ledger, and its one canonical line in the log."""
    holds = len(report.holds) + report.tally.held
    parts.ledger.end_cycle(
        report.cycle_id,
        CycleEnd(parts.clock.now(), outcome, report.tally.sent, holds, failure),
    )
    waiting = parts.ledger.open_actions()
    tell = parts.log.info if outcome is CycleOutcome.DONE else parts.log.warning
    tell(
        "cycle.finished",
        cycle=report.cycle_id,
        mode=parts.mode,
        outcome=outcome.value,
        duration_s=round(parts.clock.monotonic() - began, 3),
        subscribes=sum(move.verb is Verb.SUBSCRIBE for move in report.moves),
        redeems=sum(move.verb is Verb.REDEEM for move in report.moves),
        sent=report.tally.sent,
        holds=holds,
        settled=report.settled + sum(done.state is State.SETTLED for done in report.tally.done),
        open=len(waiting),
        needs_operator=sum(action.state is State.NEEDS_OPERATOR for action in waiting),
        idle={coin: plain(amount) for coin, amount in report.idle.items()},
        placed={coin: plain(amount) for coin, amount in report.placed.items()},
        auto_subscribe=report.auto_subscribe,
        failure=failure,
    )
