"""One cycle, top to bottom.

    settle      every action that is not over is looked after first
    look        everything there is to see, or nothing: there is no partial snapshot
    reconcile   whose doing each record is, what we hold, which coins do not add up
    decide      pure: what to move and why, and why not
    limit       pure: what no plan may do
    act         redeems, a look at what they did, then subscribes; each written ahead; where a
                product turns money away, a look and the next best place; a last look
    close       the cycle's end in the ledger, and one line in the log

`earnd plan` is this same code without a writer.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from earnd.acting import (
    bounds_of,
    carry_out,
    cooldowns_now,
    lessons_now,
    sent_today,
    turned_away,
)
from earnd.domain.action import RecordedAction, Verb
from earnd.domain.capability import learnt
from earnd.domain.decide import decide
from earnd.domain.history import CycleOutcome
from earnd.domain.holdings import Holdings
from earnd.domain.ids import Coin, CycleId
from earnd.domain.limits import enforce
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
    LedgerHeldUp,
    SurprisingReply,
)
from earnd.looking import Sight, look, reconcile
from earnd.outcome import CycleReport, close, count_in_what_moved, take_stock
from earnd.parts import Parts
from earnd.remembering import remembered
from earnd.resending import resend_what_was_lost
from earnd.settle import settle, slowest_of

__all__ = ["CycleReport", "run_cycle", "settled_and_seen"]

NOTABLE_SKEW_MS = 2000
"""Far less than stops a sending; a synchronised clock is never off by as much."""

ROUNDS = 3
"""How many places a cycle tries for the same money. Each after the first costs a whole look, and
an exchange that refuses so often in a minute may as well be asked again in the next cycle."""


def run_cycle(parts: Parts, trigger: str) -> CycleReport:
    """Runs one cycle and says how it went; `trigger` is what began it.

    A failed look or a refusal by the exchange is an outcome, not an exception. Raises
    `LedgerError` when the ledger cannot be written: then nothing was sent that it does not know,
    and after `LedgerHeldUp` the next cycle finds in it all that there is to look after.
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
    except LedgerHeldUp as error:
        # One write may have been held up and the next not; if so, the cycle has its end on record.
        with suppress(LedgerError):
            close(parts, report, CycleOutcome.FAILED, str(error), began)
        raise
    except LedgerError:
        raise
    except BaseException:
        close(parts, report, CycleOutcome.FAILED, "something unforeseen; the log has it", began)
        raise
    failure = None if report.error is None else str(report.error)
    close(parts, report, report.outcome, failure, began)
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
    plan = _decided(parts, situation)
    if plan.redeems():
        _record(parts, report, Plan(plan.redeems(), ()))
        for move in plan.redeems():
            _carry_out(parts, report, move, situation)
        situation = _situation(parts, report, look(parts, report.cycle_id, skew))
        plan = _without_redeems(_decided(parts, situation), waiting=report.tally.sent > 0)
    _put_to_work(parts, report, plan, situation, skew)
    if report.tally.sent or report.tally.resent:
        _look_at_what_moved(parts, report, skew)


def _put_to_work(
    parts: Parts, report: CycleReport, plan: Plan, situation: Situation, skew: int
) -> None:
    """The subscribes of a plan; what a product would not take goes to the next best place.

    For that everything is looked at and decided anew, with what the refusal taught.
    """
    for rounds in range(1, ROUNDS + 1):
        _record(parts, report, plan)
        before = len(report.tally.done)
        for move in plan.subscribes():
            _carry_out(parts, report, move, situation)
        coins = turned_away(report.tally.done[before:])
        if not coins or rounds == ROUNDS or report.tally.over or parts.is_stopping():
            return
        situation = _situation(parts, report, look(parts, report.cycle_id, skew))
        anew = _without_redeems(_decided(parts, situation), waiting=True)
        plan = _news_of(coins, anew, report.holds)


def _decided(parts: Parts, situation: Situation) -> Plan:
    return enforce(decide(situation), situation, bounds_of(parts), parts.clock.now())


def _news_of(coins: frozenset[Coin], plan: Plan, told: Sequence[Hold]) -> Plan:
    """The part of a plan that is about these coins, without the holds that are on record."""
    known = {(hold.coin, hold.product_id, hold.reason) for hold in told}
    return Plan(
        tuple(move for move in plan.moves if move.coin in coins),
        tuple(
            hold
            for hold in plan.holds
            if hold.coin in coins and (hold.coin, hold.product_id, hold.reason) not in known
        ),
    )


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
        count_in_what_moved(report)
        parts.log.warning("cycle.last_look_failed", cycle=report.cycle_id, why=error.what)
        return
    take_stock(report, sight, reconcile(parts, report.cycle_id, sight))


def _situation(parts: Parts, report: CycleReport, sight: Sight) -> Situation:
    """What a decision rests on, from what was seen and what the ledger remembers."""
    holdings = reconcile(parts, report.cycle_id, sight)
    now = parts.clock.now()
    slowest = {verb: slowest_of(parts, verb) for verb in Verb}
    shown = learnt(sight.records, sight.snapshot, slowest)
    parts.ledger.record_capabilities(report.cycle_id, now, shown)
    take_stock(report, sight, holdings)
    seen = Situation(
        now=now,
        snapshot=sight.snapshot,
        holdings=holdings,
        strategy=parts.strategy,
        busy={action.coin: action for action in parts.ledger.open_actions()},
        cooldowns=cooldowns_now(parts),
        lessons=lessons_now(parts),
        fresh_interest={
            coin: amount
            for coin, amount in fresh_interest(sight.records).items()
            if holdings.interest_into.get(coin) is not InterestPaid.PRODUCT
        },
        sent_today=sent_today(parts),
        in_transit=_in_transit(parts, sight, holdings, now),
    )
    return remembered(parts, seen)


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
