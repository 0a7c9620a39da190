"""Sending a lost request again: the same number, the same bytes, a new attempt, while it is safe.

Before each attempt everything is looked at anew: the clock, the whole history, the wallet, the
total. Then the strategy and the limits are asked as if the action did not exist yet; only what
they want now, and at least as much of it, is sent again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from earnd.acting import Tally, bounds_of, heed, look_again
from earnd.domain.action import RecordedAction, State
from earnd.domain.decide import decide
from earnd.domain.ids import CycleId
from earnd.domain.limits import enforce
from earnd.domain.money import ZERO, minus
from earnd.domain.resend import evidence_forbids, forbids_resend, longest_backoff
from earnd.domain.situation import Situation
from earnd.parts import Parts
from earnd.ports import ExchangeWriter
from earnd.sending import request_of, send
from earnd.settle import ask_witnesses, conclude_from_ledger, look_for, rules_for


def resend_what_was_lost(
    parts: Parts, cycle_id: CycleId, situation: Situation, tally: Tally
) -> bool:
    """Every action in doubt that may be sent again, is; answers whether anything was sent.

    Raises what the reader raises, and `ExchangeRefusedUs` like `acting.carry_out`.
    """
    if parts.writer is None:
        return False
    before = tally.resent
    again = _Again(parts, parts.writer, cycle_id, situation, tally)
    for action in parts.ledger.open_actions():
        again.while_safe(action)
    return tally.resent > before


@dataclass(frozen=True, slots=True)
class _Again:
    parts: Parts
    writer: ExchangeWriter
    cycle_id: CycleId
    situation: Situation
    tally: Tally

    def while_safe(self, action: RecordedAction) -> None:
        parts, found = self.parts, [action]
        while found and self._is_worth_asking(found[0]):
            action = found[0]
            parts.clock.sleep(parts.jitter() * longest_backoff(action.attempts).total_seconds())
            fresh = self._look_at_everything()
            state = self._conclude(action)
            if state is not State.UNKNOWN:
                return
            why = self._objection(action, fresh)
            if why:
                parts.log.info("action.not_sent_again", action=action.action_id, why=why)
                return
            answer = send(parts, self.writer, action)
            self.tally.resent += 1
            state = look_for(parts, self.cycle_id, action.action_id)
            self.tally.note(action, state, answer)
            heed(answer, self.tally)
            found = [a for a in parts.ledger.open_actions() if a.action_id == action.action_id]

    def _is_worth_asking(self, action: RecordedAction) -> bool:
        parts = self.parts
        rules = rules_for(parts, action.verb)
        may_send = not self.tally.over and not parts.is_stopping()
        return may_send and not forbids_resend(action, now=parts.clock.now(), rules=rules)

    def _look_at_everything(self) -> Situation:
        # Asked anew, because how old the request is rests on it.
        self.parts.reader.clock_skew_ms()
        fresh = look_again(self.parts, self.cycle_id, self.situation)
        return replace(fresh, now=self.parts.clock.now())

    def _conclude(self, action: RecordedAction) -> State:
        state = conclude_from_ledger(self.parts, self.cycle_id, action.action_id)
        self.tally.note(action, state)
        return state

    def _objection(self, action: RecordedAction, fresh: Situation) -> str:
        """What speaks against another attempt at this very moment, or nothing."""
        parts = self.parts
        if request_of(self.writer, action).text() != action.request:
            return "this version of earnd would send other bytes"
        totals = fresh.snapshot.totals
        said = ask_witnesses(
            parts,
            action,
            available=fresh.available(action.coin),
            total_now=None if totals is None else totals.get(action.coin, ZERO),
        )
        rules = rules_for(parts, action.verb)
        return (
            forbids_resend(action, now=parts.clock.now(), rules=rules)
            or evidence_forbids(action, parts.ledger.records(), said)
            or ("" if _is_still_wanted(parts, action, fresh) else "it is not wanted any more")
        )


def _is_still_wanted(parts: Parts, action: RecordedAction, fresh: Situation) -> bool:
    """Whether a plan made now, as if this action did not exist, has it and passes the limits."""
    key = (action.coin, action.verb)
    sent_today = dict(fresh.sent_today)
    if key in sent_today:
        sent_today[key] = minus(sent_today[key], action.amount)
    busy = {coin: other for coin, other in fresh.busy.items() if coin != action.coin}
    without = replace(fresh, busy=busy, sent_today=sent_today)
    plan = enforce(decide(without), without, bounds_of(parts), parts.clock.now())
    return any(
        move.verb is action.verb
        and move.product_id == action.product_id
        and move.earn_id == action.earn_id
        and move.amount >= action.amount
        for move in plan.moves
    )
