"""Unwinding: everything is brought home, round by round, until a look shows that nothing is held.

A round is a cycle like any other, under a strategy that wants everything home, and then a look at
what is left. There is no memory but the ledger, so that whoever runs it again, after whatever end,
goes on from where things stand; and where everything is home there is nothing to go on with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from earnd.acting import bounds_of
from earnd.cycle import CycleReport, run_cycle, settled_and_seen
from earnd.domain.action import RecordedAction, Verb
from earnd.domain.decide import decide
from earnd.domain.history import CycleEnd, CycleOutcome
from earnd.domain.ids import ActionId, Coin, CycleId
from earnd.domain.limits import enforce
from earnd.domain.money import ZERO, total
from earnd.domain.unwinding import Outlook, Standing, outlook, standing_of
from earnd.errors import (
    AskedToStop,
    EarndError,
    ExchangeClosed,
    ExchangeRefusedUs,
    ExchangeUnavailable,
    LedgerError,
    SurprisingReply,
)
from earnd.parts import Parts

TRIGGER: Final = "unwind"

LOOKS_TO_BELIEVE: Final = 3
"""So many looks in a row must say what a person would have to act upon: that holdings do not add
up, or that a reply cannot be read. Lists that are a little behind are in step again by then."""

LONGEST_WAIT: Final = timedelta(minutes=5)
"""Between two rounds, where nothing says when the next is worth it; `apart`, if that is longer."""

_NAP_S = 1
_INSTANT_S = 0.001
_DOUBLINGS = 10
_OUTCOMES = {
    ExchangeUnavailable: CycleOutcome.FAILED_LOOK,
    SurprisingReply: CycleOutcome.FAILED_LOOK,
    ExchangeRefusedUs: CycleOutcome.REFUSED,
    AskedToStop: CycleOutcome.INTERRUPTED,
}


class Ending(StrEnum):
    """How an unwinding ended."""

    HOME = "home"
    """Nothing is held, nothing is open, nothing is on its way: the last look says so."""
    STUCK = "stuck"
    """What is left cannot be brought home now; its holds say why."""
    OUT_OF_PATIENCE = "out_of_patience"
    """Nothing came home for so long that a person should know."""
    TROUBLE = "trouble"
    """The exchange cannot be asked any more, and says or shows that waiting does not help."""
    STOPPED = "stopped"
    """We were asked to stop."""


@dataclass(frozen=True, slots=True)
class Pace:
    """At least `apart` lies between two rounds; after `patience` without anything it ends."""

    apart: timedelta = timedelta(seconds=30)
    patience: timedelta = timedelta(hours=2)


class Watcher(Protocol):
    """Who hears how it goes."""

    def stands(self, standing: Standing, home: Mapping[Coin, Decimal]) -> None:
        """After a look; `home` is what came home since the beginning."""
        ...

    def went(self, report: CycleReport) -> None:
        """After a cycle."""
        ...

    def came_home(self, redeem: RecordedAction) -> None:
        """The effect of a redeem was seen."""
        ...

    def waits(self, until: datetime, wait: timedelta) -> None:
        """Nothing is done before then, which is so long from now."""
        ...

    def troubled(self, error: EarndError) -> None:
        """The exchange could not be asked."""
        ...


@dataclass(slots=True)
class Unwinder:
    """One unwinding of the coins that the strategy of `parts` leaves.

    First `look`, then `run`. `home` is what came home meanwhile, `trouble` what kept the latest
    look from being had.
    """

    parts: Parts
    watcher: Watcher
    pace: Pace = field(default_factory=Pace)
    home: dict[Coin, Decimal] = field(default_factory=dict)
    trouble: EarndError | None = None
    _began: datetime | None = None
    _standing: Standing | None = None
    _counted: set[ActionId] = field(default_factory=set)
    _quiet_since: float = 0
    _quiet_rounds: int = 0
    _doubtful: int = 0
    _surprised: int = 0
    _has_acted: bool = False

    def look(self) -> Standing:
        """What there is to bring home; settles what is open, and sends nothing.

        A cycle of its own in the ledger. Raises what the reader raises, and `AskedToStop`.
        """
        ledger, clock = self.parts.ledger, self.parts.clock
        if self._began is None:
            self._began = clock.now()
        cycle_id = ledger.begin_cycle(clock.now(), trigger=TRIGGER)
        try:
            self._standing = self._look(cycle_id)
        except LedgerError:
            raise
        except BaseException as error:
            outcome = next(
                (ends for kind, ends in _OUTCOMES.items() if isinstance(error, kind)),
                CycleOutcome.FAILED,
            )
            ledger.end_cycle(cycle_id, CycleEnd(clock.now(), outcome, 0, 0, str(error) or None))
            raise
        holds = len(self._standing.holds)
        ledger.end_cycle(cycle_id, CycleEnd(clock.now(), CycleOutcome.DONE, 0, holds))
        self._count()
        self._doubtful = self._doubtful + 1 if self._standing.has(Outlook.DOUBTFUL) else 0
        self._surprised, self.trouble = 0, None
        return self._standing

    def run(self) -> Ending:
        """Brings home what can be, and answers how it ended; `standing` is what is left then.

        Raises `LedgerError`: then nothing was sent that the ledger does not know.
        """
        self._quiet_since = self.parts.clock.monotonic()
        while True:
            if self.trouble is None:
                self.watcher.stands(self.standing, self.home)
            ending = self._ending()
            if ending is not None:
                return ending
            if self._has_acted or not self._has_work():
                self._wait()
            if not self.parts.is_stopping():
                self._round()

    @property
    def standing(self) -> Standing:
        """What the latest look says that was had."""
        if self._standing is None:
            raise RuntimeError("run before look")
        return self._standing

    def _look(self, cycle_id: CycleId) -> Standing:
        parts = self.parts
        seen = settled_and_seen(parts, cycle_id)
        plan = enforce(decide(seen), seen, bounds_of(parts), parts.clock.now())
        standing = standing_of(seen, plan)
        # What can go now is on record when it goes.
        parts.ledger.record_decisions(cycle_id, parts.clock.now(), (), standing.holds)
        return standing

    def _has_work(self) -> bool:
        """Whether a cycle has something to do, as far as the latest look says."""
        return self.trouble is None and bool(self.standing.moves or self.standing.is_open)

    def _round(self) -> None:
        """A cycle if there is something to do, and a look."""
        self._has_acted = self._has_work() or self.trouble is not None
        self._quiet_rounds += 1
        try:
            if self._has_work():
                report = run_cycle(self.parts, TRIGGER)
                self.watcher.went(report)
                if report.error is not None:
                    raise report.error
            self.look()
        except AskedToStop:
            pass
        except (ExchangeUnavailable, SurprisingReply, ExchangeRefusedUs) as error:
            self.trouble = error
            self._surprised += isinstance(error, SurprisingReply)
            self.watcher.troubled(error)
        self._count()

    def _count(self) -> None:
        """What came home since the last count."""
        for action in self.parts.ledger.settled_since(self._began or self.parts.clock.now()):
            is_ours = action.verb is Verb.REDEEM and self.parts.strategy.leaves(action.coin)
            if not is_ours or action.action_id in self._counted:
                continue
            self._counted.add(action.action_id)
            self.home[action.coin] = total((self.home.get(action.coin, ZERO), action.amount))
            self._quiet_since, self._quiet_rounds = self.parts.clock.monotonic(), 0
            self.watcher.came_home(action)

    def _ending(self) -> Ending | None:
        standing = self.standing
        if self.trouble is None and standing.is_home:
            return Ending.HOME
        if self.parts.is_stopping():
            return Ending.STOPPED
        is_final = isinstance(self.trouble, ExchangeClosed | ExchangeRefusedUs)
        if is_final or self._surprised >= LOOKS_TO_BELIEVE:
            return Ending.TROUBLE
        if self._has_work() and not self._has_acted:
            return None
        quiet_s = self.parts.clock.monotonic() - self._quiet_since
        is_patient = quiet_s < self.pace.patience.total_seconds()
        if self.trouble is None:
            in_doubt = standing.has(Outlook.DOUBTFUL) and self._doubtful < LOOKS_TO_BELIEVE
            if not (standing.moves or standing.has(Outlook.SOON) or in_doubt):
                return Ending.STUCK
        return None if is_patient else Ending.OUT_OF_PATIENCE

    def _wait(self) -> None:
        """Until the next round is worth it, in naps so that a wish to stop is heard."""
        clock = self.parts.clock
        wait = self._how_long()
        self.watcher.waits(clock.now() + wait, wait)
        end = clock.monotonic() + wait.total_seconds()
        while (left := end - clock.monotonic()) > 0 and not self.parts.is_stopping():
            # What is left can be too little for a clock to move at all.
            clock.sleep(max(min(left, _NAP_S), _INSTANT_S))

    def _how_long(self) -> timedelta:
        """Longer each time that nothing came of it; where a refusal says until when, until then."""
        apart, clock = self.pace.apart, self.parts.clock
        doublings = min(max(self._quiet_rounds - 1, 0), _DOUBLINGS)
        wait = min(apart * (1 << doublings), max(apart, LONGEST_WAIT))
        soon = [hold for hold in self.standing.holds if outlook(hold) is Outlook.SOON]
        if self.trouble is None and not self.standing.moves and soon:
            ends = [hold.detail["until"] for hold in soon if "until" in hold.detail]
            if len(ends) == len(soon):
                wait = max(apart, min(map(datetime.fromisoformat, ends)) - clock.now())
        quiet = timedelta(seconds=clock.monotonic() - self._quiet_since)
        return max(min(wait, self.pace.patience - quiet), apart)
