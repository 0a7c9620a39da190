"""Probing: how long does the exchange remember a request number? Proven on the account, on purpose.

The smallest subscription that a product takes is made once, and once it is settled the same bytes
are sent again at growing ages. An exchange that refuses them as known, each time, remembers its
numbers at least that long; one that carries them out again has forgotten, and says so with a
second record. Every one of these sendings is written down before it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from earnd.acting import Tally, bounds_of, carry_out
from earnd.domain.action import RecordedAction, State, Verb
from earnd.domain.answer import Answer, Outcome
from earnd.domain.capability import Capability
from earnd.domain.history import CycleEnd, CycleOutcome
from earnd.domain.ids import CycleId, ProductId
from earnd.domain.limits import enforce
from earnd.domain.matching import carries_out
from earnd.domain.plan import Move, Plan
from earnd.domain.product import Product
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.snapshot import RecordKind
from earnd.errors import EarndError
from earnd.parts import Parts
from earnd.ports import ExchangeWriter
from earnd.rereading import read_history
from earnd.sending import request_of
from earnd.settle import look_for

AGES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 300, 600, 1800, 3600, 21600, 93600)
)
"""When the request is sent again, counted from its first sending."""

_LOOKS = 5
_BETWEEN_LOOKS_S = 2
_LONGEST_SLEEP_S = 5


@dataclass(frozen=True, slots=True)
class Replay:
    """One further sending, its answer, and how often the number has been carried out by then."""

    age: timedelta
    answer: Answer
    executed: int


@dataclass(slots=True)
class Probe:
    """What came of it; `failure` says why it ended early, and is empty if it did not."""

    action: RecordedAction | None = None
    replays: list[Replay] = field(default_factory=list)
    failure: str = ""

    @property
    def kept(self) -> timedelta | None:
        """The greatest age at which the number was known, and not carried out again."""
        known = [
            replay.age
            for replay in self.replays
            if replay.executed == 1 and replay.answer.outcome in (Outcome.SEEN, Outcome.YES)
        ]
        return max(known, default=None)

    @property
    def forgotten(self) -> timedelta | None:
        """The age at which it was carried out again."""
        return next((replay.age for replay in self.replays if replay.executed > 1), None)


@dataclass(frozen=True, slots=True)
class Prober:
    """One probe of one account.

    `situation` looks at everything and answers what a decision would rest on. `agreed` is asked
    before anything is sent, with the move and the product; `told` hears of each replay.
    """

    parts: Parts
    writer: ExchangeWriter
    situation: Callable[[CycleId], Situation]
    agreed: Callable[[Move, Product], bool]
    told: Callable[[Replay], None]

    def run(self, product_id: ProductId, ages: Sequence[timedelta]) -> Probe:
        """Probes with the smallest purchase of a product; a cycle of its own in the ledger.

        Raises what the reader raises, `ExchangeRefusedUs`, and `LedgerError`; what was sent by
        then is recorded, and settled like everything else.
        """
        ledger, clock = self.parts.ledger, self.parts.clock
        cycle_id = ledger.begin_cycle(clock.now(), trigger="probe")
        found = Probe()
        outcome, failure = CycleOutcome.FAILED, "something unforeseen"
        try:
            self._probe(cycle_id, product_id, ages, found)
            outcome, failure = CycleOutcome.DONE, found.failure
        except EarndError as error:
            outcome, failure = CycleOutcome.FAILED_LOOK, str(error)
            raise
        finally:
            self._note(cycle_id, found)
            sent = int(found.action is not None)
            ledger.end_cycle(cycle_id, CycleEnd(clock.now(), outcome, sent, 0, failure or None))
        return found

    def _probe(
        self, cycle_id: CycleId, product_id: ProductId, ages: Sequence[timedelta], found: Probe
    ) -> None:
        situation = self.situation(cycle_id)
        offers = {product.product_id: product for product in situation.snapshot.products}
        product = offers.get(product_id)
        if product is None:
            found.failure = f"the exchange does not offer product {product_id}"
            return
        move = Move(Verb.SUBSCRIBE, product.coin, product_id, product.minimum, Reason.PROBE)
        allowed = enforce(
            Plan((move,), ()), situation, bounds_of(self.parts), self.parts.clock.now()
        )
        if allowed.holds:
            found.failure = f"the limits forbid it: {allowed.holds[0].reason.value}"
            return
        if not self.agreed(move, product):
            found.failure = "not agreed to; nothing was sent"
            return
        self.parts.ledger.record_decisions(cycle_id, self.parts.clock.now(), (move,), ())
        tally = Tally()
        carry_out(self.parts, cycle_id, move, situation, tally)
        if not tally.done:
            found.failure = "a limit stood in its way at the last moment; nothing was sent"
            return
        found.action = tally.done[0].action
        if not self._is_settled(cycle_id, found.action, tally.done[0].state):
            found.failure = "its first sending is not settled, so it is not sent again"
            return
        # Carried out before it was answered: no age is claimed to be greater than it was.
        self._replay(cycle_id, found.action, tally.done[0].answer.answered_at, ages, found)

    def _is_settled(self, cycle_id: CycleId, action: RecordedAction, state: State) -> bool:
        for _ in range(_LOOKS):
            if state not in (State.ACCEPTED, State.UNKNOWN):
                break
            self.parts.clock.sleep(_BETWEEN_LOOKS_S)
            state = look_for(self.parts, cycle_id, action.action_id)
        return state is State.SETTLED

    def _replay(
        self,
        cycle_id: CycleId,
        action: RecordedAction,
        since: datetime,
        ages: Sequence[timedelta],
        found: Probe,
    ) -> None:
        parts = self.parts
        request = request_of(self.writer, action)
        for age in ages:
            found.failure = self._wait_until(since + age)
            if found.failure:
                return
            n = parts.ledger.begin_probe(action.action_id, parts.clock.now(), request.text())
            answer = self.writer.send(request)
            parts.ledger.end_probe(action.action_id, n, answer)
            replay = Replay(age, answer, self._executed(cycle_id, action))
            found.replays.append(replay)
            self.told(replay)
            if replay.executed > 1:
                found.failure = "the exchange carried the same number out again"
                return

    def _wait_until(self, moment: datetime) -> str:
        """Waits, and answers why it must not go on after that, or nothing."""
        parts = self.parts
        while (left := (moment - parts.clock.now()).total_seconds()) > 0:
            if parts.is_stopping():
                return "asked to stop"
            parts.clock.sleep(min(left, _LONGEST_SLEEP_S))
        if parts.is_paused():
            return "paused"
        skew = timedelta(milliseconds=abs(parts.reader.clock_skew_ms()))
        return "our clock is off" if skew > parts.max_clock_skew else ""

    def _executed(self, cycle_id: CycleId, action: RecordedAction) -> int:
        """How many records since the baseline say what the action asked for."""
        read_history(self.parts, cycle_id, (RecordKind.SUBSCRIBE,))
        return sum(carries_out(action, seen) for seen in self.parts.ledger.records())

    def _note(self, cycle_id: CycleId, found: Probe) -> None:
        """What was proven, for all later lives; a shorter probe does not take a longer one back."""
        before = self.parts.ledger.capabilities()
        shown = {}
        if found.kept is not None:
            seconds = found.kept // timedelta(seconds=1)
            longest = max(seconds, int(before.get(Capability.NUMBER_KEPT, "0")))
            is_lost = found.forgotten is not None
            shown[Capability.NUMBER_KEPT] = str(seconds if is_lost else longest)
        if found.forgotten is not None:
            lost = found.forgotten // timedelta(seconds=1)
            shown[Capability.NUMBER_FORGOTTEN] = str(lost)
            shown.setdefault(Capability.NUMBER_KEPT, "0")
        if shown:
            self.parts.ledger.record_capabilities(cycle_id, self.parts.clock.now(), shown)
