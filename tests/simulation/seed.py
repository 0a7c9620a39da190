"""One seed of the simulation: an account, so many days of trouble, and then rest.

The real cycle, the real adapter and the real ledger against the sandbox's books, in one thread, in
virtual time and without sockets. Everything is drawn from the seed: the world (`worlds`), what goes
wrong on the way (`mishaps`), what others do (`people`), when the process ends, when an older copy
of the ledger takes its place, when the configuration or the clock is changed. After every cycle the
ledger is compared with the exchange's own books (`oracle`, `verdicts`). At the end faults and
people stop, and everything must come to rest.
"""

from __future__ import annotations

import hashlib
import sqlite3
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from time import process_time

from earnd.cycle import run_cycle
from earnd.domain.action import State
from earnd.domain.history import CycleOutcome
from earnd.domain.ids import ActionId
from earnd.errors import LedgerBusy, LedgerError, LedgerUnwritable
from earnd.parts import Parts
from earnd.sandbox import Fault, Received
from tests.simulation import people
from tests.simulation.account import Account, open_account
from tests.simulation.findings import Findings
from tests.simulation.lives import Change, DaemonClock, Hand, Killed, Life, Line, Returned, life
from tests.simulation.mirror import Mirror
from tests.simulation.mishaps import draw_read_faults, draw_write_fault
from tests.simulation.oracle import Oracle
from tests.simulation.verdicts import Verdicts
from tests.simulation.worlds import HOUR, MINUTE, World, draw_strategy, draw_world
from tests.support.direct import REFUSED

DAYS = 20
"""Simulated days of a seed, the rest at its end included."""

SECOND = timedelta(seconds=1)
RESTS = (MINUTE, 20 * MINUTE, HOUR, 12 * HOUR, HOUR, HOUR, 12 * HOUR, *(HOUR,) * 6, 24 * HOUR)
"""The pauses at the end; longer in all than any cool-down and any patience."""
FEWEST_RESTS = 5
DOWN = 5 * SECOND
"""How long a process is away at least: what starts it again waits so long (`RestartSec`)."""

KILL_AT = (
    "ledger.plan_action",
    "ledger.begin_attempt",
    "writer.send",
    "writer.send",
    "writer.send",
    "ledger.end_attempt",
    "ledger.enter",
    "ledger.attribute",
    "ledger.record_history",
    "ledger.record_absent_look",
    "ledger.end_cycle",
    "reader.records",
    "clock.sleep",
)


def _as_it_is(parts: Parts) -> Parts:
    return parts


@dataclass(frozen=True, slots=True)
class Plan:
    """What a seed is run with: how long, in which worlds, and with which parts replaced."""

    days: int = DAYS
    bias: Callable[[World], World] = lambda world: world
    change: Change = _as_it_is


@dataclass(slots=True)
class Report:
    """How a seed went."""

    seed: int
    days: int
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)
    cpu_s: float = 0.0
    digest: str = ""
    """Of all that the ledger holds at the end, and of all that was sent."""

    def told(self) -> str:
        """The whole story, for whoever has to mend it."""
        return "\n".join([*self.trace, self.short()])

    def short(self) -> str:
        """The violations, and how to see them again."""
        return "\n".join(
            [
                f"seed {self.seed}: {len(self.violations)} violations",
                *(f"VIOLATION {violation}" for violation in self.violations),
                f"python -m tests.simulation --seed {self.seed} --days-per-seed {self.days}",
            ]
        )


class Simulation:
    """One seed, from the empty account to rest."""

    def __init__(self, report: Report, account: Account, world: World, plan: Plan) -> None:
        self.account, self.world, self.plan = account, world, plan
        self.report, self.seed = report, report.seed
        self.clock = DaemonClock(account.clock)
        self.found = Findings(account, world, Mirror(account))
        self.oracle = Oracle(self.found)
        self.verdicts = Verdicts(self.found, self.oracle)
        self.counts = self.found.counts
        self.hand = Hand()
        self.line = Line(
            watch=self.oracle.on_reply,
            applied=self.oracle.on_applied,
            latency=self._latency,
            unreachable=self._unreachable,
        )
        self._paths = Random(f"{self.seed}/line")
        self._stack = ExitStack()
        self._life: Life | None = None
        self._lives = 0
        self._is_quiet = False
        self._looks_fail = False
        self._copies: list[Path] = []
        self._waited = timedelta(0)
        account.face.on_receive = self._on_receive

    # The course of a seed.

    def run(self) -> None:
        """The lively days and then the quiet ones; stops at the first violation."""
        self._note(self.world.told())
        rest = timedelta(days=2)
        end = self.account.clock.now() + max(timedelta(days=self.plan.days) - rest, HOUR)
        number = 0
        with self._stack:
            while self.account.clock.now() < end and not self.found.violations:
                self._lively(number, Random(f"{self.seed}/{number}"))
                number += 1
            if not self.found.violations:
                self._come_to_rest(Random(f"{self.seed}/rest"))
        self._report()

    def _report(self) -> None:
        report = self.report
        report.violations = self.found.violations
        report.counts, report.reasons = self.counts, self.found.reasons
        for fault in self.account.face.faults.struck:
            report.faults[fault.kind] += 1
        report.counts["lives"] = self._lives
        report.digest = _digest(self.account, [a.body for a in self.account.face.received])
        self.account.forget_reader()

    def _lively(self, number: int, rng: Random) -> None:
        doubt = any(
            told.state in {"sending", "unknown", "accepted"}
            for told in map(self.found.mirror.actions.__getitem__, self.found.mirror.live)
        )
        self.account.clock.advance(people.draw_gap(rng, self.world.per_day, in_doubt=doubt))
        self._note(f"-- {number} at {self.account.clock.now():%d %H:%M:%S}")
        if rng.random() < self.world.crowded:
            self._deed(rng)
        if rng.random() < 0.5:
            self._deliver(rng)
        self._set_clock(rng)
        if self.world.uneven_lag:
            lag = rng.choice((0, 0, 2, 8, 20)) * MINUTE
            self.account.books.change_settings(record_lag=lag)
        if rng.random() < 0.7:
            people.unpause(self.account)
        self._operator(rng)
        self._alive()
        self.hand.new_cycle()
        self._arm(rng)
        self._cycle()
        self.account.face.faults.clear()
        self._looks_fail = False
        self._keep_a_copy(rng)
        if rng.random() < self.world.restoring:
            self._restore(rng)

    def _come_to_rest(self, rng: Random) -> None:
        """Faults off, nobody there: what is open must end, and then nothing may change."""
        self._is_quiet = True
        self.clock.offset = timedelta(0)
        people.unpause(self.account)
        if rng.random() < 0.5:
            self._deliver(rng)
        self.account.face._parked.clear()
        self.account.books.change_settings(closed_from=None, closed_until=None)
        for spec in self.account.books.products():
            # A list without any offer is a failed look for as long as something is held.
            self.account.books.change_product(spec.product_id, listed=True)
        self._end_life()
        for number, pause in enumerate(RESTS):
            if number >= FEWEST_RESTS and not self.verdicts.under_way():
                break
            self.account.clock.advance(pause)
            self._quiet_cycle()
        if not self.found.violations:
            self.verdicts.check_rest()
            before = self.verdicts.picture()
            self._quiet_cycle()
            if self.verdicts.picture(upto=before["action"]) != before:
                after = self.verdicts.picture(upto=before["action"])
                self.found.wrong("I28", f"a second cycle changed {before} to {after}")

    def _quiet_cycle(self) -> None:
        self._note(f"-- quiet at {self.account.clock.now():%d %H:%M:%S}")
        self._alive()
        self.hand.new_cycle()
        self._cycle()

    # A cycle, and what goes wrong in it.

    def _cycle(self) -> None:
        here = self._alive()
        oracle, account = self.oracle, self.account
        oracle.lies, oracle.time_is_faulty = set(), False
        self._waited = timedelta(0)
        oracle.offset = self.clock.offset
        oracle.clock_is_off = abs(self.clock.offset) > 10 * SECOND
        began, arrived = account.clock.now(), len(account.face.arrivals)
        outcome = None
        try:
            outcome = run_cycle(here.parts, "schedule").outcome
            word = outcome.value
        except Killed:
            word = "killed"
        except LedgerUnwritable:
            word = "disk full"
        except Exception:  # noqa: BLE001 - whatever it is, it should not have been
            word = "unforeseen"
            self.found.wrong("a cycle raised", traceback.format_exc())
        if account.face.errors:
            self.found.wrong("the oracle raised", "".join(_all_told(account.face.errors)))
            account.face.errors.clear()
        if outcome is CycleOutcome.DONE:
            took = account.clock.now() - began - self._waited
            self.verdicts.check_cycle(len(account.face.arrivals) - arrived, took)
        self.counts[f"cycle {word}"] += 1
        self.counts["cycles"] += 1
        self.verdicts.check()
        self._tell_cycle(word)
        if outcome not in {CycleOutcome.DONE, CycleOutcome.FAILED_LOOK}:
            self._end_life()

    def _tell_cycle(self, word: str) -> None:
        actions = list(self.found.mirror.actions.values())
        tail = "; ".join(map(str, actions[-2:]))
        self._note(f"   => {word}; {len(actions)} actions, {tail}; idle {self.account.idle()}")

    def _on_receive(self, request: Received) -> None:
        """While the exchange deals with it: the look at the ledger, then a mishap."""
        is_first = self.oracle.on_receive(request)
        if self._is_quiet or not is_first:
            return
        number = len(self.account.face.received)
        rng = Random(f"{self.seed}/request {number}")
        self._note(f"   {request.endpoint} {request.body.decode()} arrives")
        fault = draw_write_fault(rng, request.endpoint, self.world.write_faults)
        if fault is not None:
            self.account.face.faults.add(fault)
            self._note(f"   fault {_named(fault)}")

    def _latency(self) -> float:
        return self._paths.random() * self.world.latency_s

    def _unreachable(self) -> str | None:
        if self._is_quiet or not (self._looks_fail or self.hand.within == "writer.send"):
            return None
        return REFUSED if self._paths.random() < self.world.unreachable else None

    def _arm(self, rng: Random) -> None:
        """What will go wrong in this cycle."""
        faults = draw_read_faults(rng, self.world.read_faults)
        if faults:
            self.account.face.faults.add(*faults)
            self._note(f"   faults {', '.join(_named(fault) for fault in faults)}")
        self._looks_fail = rng.random() < self.world.unreachable * 0.3
        if rng.random() < self.world.crashing:
            self._plan_end(rng)
        if rng.random() < self.world.crowded * 0.6:
            for _ in range(rng.randint(1, 2)):
                self._plan_deed(rng)
        if self.world.twins and rng.random() < 0.4:
            name = rng.choice(("ledger.record_decisions", "writer.send"))
            self.hand.due.setdefault(("after", name), self._do_the_same)
        if rng.random() < self.world.crowded * 0.15:
            self.hand.due.setdefault(("after", "ledger.record_decisions"), self._empty_the_wallet)
        if self.world.second_process and rng.random() < 0.1:
            names = ("ledger.begin_attempt", "writer.send", "reader.records", "ledger.end_attempt")
            when = (rng.choice(("before", "after")), rng.choice(names))
            self.hand.due.setdefault(when, self._second_process)

    def _plan_end(self, rng: Random) -> None:
        """The process will die, or its disk will be full, or it will be asked to stop."""
        when = (
            rng.choice(("before", "after")),
            rng.choice(KILL_AT) if rng.random() < 0.6 else rng.randint(1, 60),
        )
        way = rng.random()
        if way < 0.75:
            self._note(f"   will be killed {when[0]} {when[1]}")
            self.hand.due[when] = self._die
        elif way < 0.9:
            self.hand.disk_full_from = rng.randint(1, 60)
            self._note(f"   disk full from call {self.hand.disk_full_from}")
        else:
            self._note(f"   asked to stop {when[0]} {when[1]}")
            self.hand.due[when] = self._alive().stop

    def _die(self) -> None:
        self.counts["kills"] += 1
        self.hand.die()

    def _plan_deed(self, rng: Random) -> None:
        """The world will move on in the middle of the cycle."""
        names = ("writer.send", "reader.records", "reader.totals", "reader.balances")
        key = rng.choice(names) if rng.random() < 0.5 else rng.randint(1, 60)
        own = Random(rng.random())
        deeds: list[Callable[[Random], None]] = [self._deed, self._deed, self._deliver, self._wait]
        if self.world.clock_steps:
            deeds.append(self._set_clock)
        deed = rng.choice(deeds)
        self.hand.due.setdefault((rng.choice(("before", "after")), key), lambda: deed(own))

    def _deed(self, rng: Random) -> None:
        self._note(f"   {people.do_something(self.account, self.world, rng)}")
        self.counts["deeds"] += 1

    def _empty_the_wallet(self) -> None:
        self._note(f"   {people.done(people.withdraw_most, self.account, Random(1))}")
        self.counts["deeds"] += 1

    def _do_the_same(self) -> None:
        def deed(account: Account, _rng: Random) -> str:
            return people.anticipate(account, self.oracle.decided)

        self._note(f"   {people.done(deed, self.account, Random(0))}")
        self.counts["deeds"] += 1

    def _deliver(self, _rng: Random) -> None:
        for reply in self.account.face.deliver_parked():
            self._note(f"   a late request arrives: {reply.status} {reply.document}")
            self.counts["late deliveries"] += 1

    def _wait(self, rng: Random) -> None:
        waited = timedelta(seconds=rng.choice((1, 10, 61, 150, 1500)))
        self._note(f"   {waited} pass")
        self._waited += waited
        self.account.clock.advance(waited)

    def _set_clock(self, rng: Random) -> None:
        if not self.world.clock_steps:
            return
        if rng.random() < 0.3:
            seconds = rng.choice((-5, 0.9, -70, -3600, 3600, 86400, -86400 * 40, 86400 * 400))
            self.clock.offset = timedelta(seconds=seconds)
            self.counts["clock steps"] += 1
        elif rng.random() < 0.7:
            self.clock.offset = timedelta(0)
        # Set in the middle of a cycle, nobody can say which of its looks knew of it.
        self.oracle.clock_is_off, self.oracle.offset = False, self.clock.offset
        self._note(f"   our clock is wrong by {self.clock.offset}")

    # The process.

    def _alive(self) -> Life:
        """The present life, or a new one."""
        if self._life is None:
            self._lives += 1
            birth = f"{self.seed}/life {self._lives}"
            drawn = Random(f"{birth}/configuration")
            self.account.clock.advance(DOWN)
            if self._lives > 1 and drawn.random() < self.world.changing:
                self.account.strategy = draw_strategy(drawn, self.world.settings)
                self._note(f"   the configuration is now {self.account.strategy.text}")
                self.counts["configuration changes"] += 1
            self.hand = Hand(
                mark=self.oracle.mark, now=self.account.clock.now, watch=self.oracle.watch
            )
            self._life = self._stack.enter_context(self._new_life(self.hand, birth))
            ledger = self._life.ledger
            self.oracle.in_transaction = lambda: ledger.store.in_transaction
        return self._life

    def _new_life(self, hand: Hand, birth: str) -> AbstractContextManager[Life]:
        change = self.plan.change
        return life(self.account, self.clock, hand, self.line, birth=birth, change=change)

    def _end_life(self) -> None:
        self._life = None
        self.oracle.in_transaction = bool
        self._stack.pop_all().close()

    def _second_process(self) -> None:
        """Somebody starts another earnd on the same ledger, in the middle of a cycle."""
        self.counts["second processes"] += 1
        hand, birth = Hand(watch=self._unwatched), f"{self.seed}/second {self.counts['cycles']}"
        try:
            with self._new_life(hand, birth) as here:
                self._note("   a second process is let in")
                run_cycle(here.parts, "once")
        except LedgerBusy:
            self._note("   a second process is kept out")
        else:
            self.found.wrong("I21", "a second process had the ledger in the middle of a cycle")
        finally:
            self.clock.hand = self.hand

    def _unwatched(self, _returned: Returned) -> None:
        """The second process is not the one that is judged."""

    def _keep_a_copy(self, rng: Random) -> None:
        if self.world.restoring and rng.random() < 0.15:
            self._keep_a_copy_now()
        if self.world.restoring and rng.random() < 0.1:
            when = ("after", rng.choice(("ledger.begin_attempt", "ledger.end_attempt")))
            self.hand.due.setdefault(when, self._keep_a_copy_now)

    def _keep_a_copy_now(self) -> None:
        if self._life is not None:
            path = self.account.directory / f"copy{len(self._copies)}"
            self._life.ledger.copy_to(path)
            self._copies.append(path)

    def _restore(self, rng: Random) -> None:
        """The disk is lost, and what is put back is older."""
        if not self._copies:
            return
        copy = rng.choice(self._copies[-4:])
        self._note(f"   {copy.name} takes the ledger's place")
        self._end_life()
        self.account.restore(copy)
        self.verdicts.restored()
        self.counts["restores"] += 1

    def _operator(self, rng: Random) -> None:
        """A person who can see the truth decides, now and then, what earnd could not."""
        mirror = self.found.mirror
        asked = [told for told in mirror.actions.values() if told.state == "needs_operator"]
        if not asked or rng.random() > 0.3:
            return
        told = asked[0]
        mine = self.found.executed.get(told.number, [])
        if mine:
            seq = mirror.seq_of.get(mine[0].record_id)
            if seq is None or seq in mirror.owners:
                return
            to, row = State.SETTLED, seq
        elif self.found.is_on_its_way(told.number):
            return
        else:
            to, row = State.REJECTED, None
        ledger, now = self._alive().ledger, self.clock.now()
        try:
            ledger.resolve(
                ActionId(told.action_id), to, now, because="seen", who="a person", record_seq=row
            )
        except LedgerError as error:
            self.found.wrong("a person cannot resolve", f"{told}: {error}")
        self.counts["resolved by a person"] += 1
        self._note(f"   a person says that {told} is {to}")

    def _note(self, what: str) -> None:
        self.report.trace.append(what)


def _all_told(errors: list[BaseException]) -> list[str]:
    return [line for error in errors for line in traceback.format_exception(error)]


def _named(fault: Fault) -> str:
    how = fault.code or fault.status or ""
    applied = "" if fault.apply is None else f" applied {fault.apply}"
    return f"{fault.endpoint} {fault.kind} {how} from {fault.nth} x{fault.times}{applied}"


def _digest(account: Account, bodies: list[bytes]) -> str:
    """Of every row of the ledger and every byte that was sent."""
    found = hashlib.sha256(b"\n".join(bodies))
    connection = sqlite3.connect(f"file:{account.ledger}?mode=ro", uri=True)
    try:
        for line in connection.iterdump():
            found.update(line.encode())
    finally:
        connection.close()
    return found.hexdigest()


@lru_cache(maxsize=1)
def _empty_ledger() -> bytes:
    """A ledger in which nothing has happened, made once by earnd itself."""
    with tempfile.TemporaryDirectory(dir=ram()) as folder:
        account = open_account(Path(folder), draw_world(Random("template")))
        clock = DaemonClock(account.clock)
        with life(account, clock, Hand(), Line(), birth="template", change=_as_it_is):
            pass
        return account.ledger.read_bytes()


@lru_cache(maxsize=1)
def ram() -> str | None:
    """A folder in memory, where there is one."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder of our own in it


def run_seed(seed: int, plan: Plan | None = None) -> Report:
    """One seed, in a folder of its own."""
    plan, began = plan or Plan(), process_time()
    world = plan.bias(draw_world(Random(f"{seed}/world")))
    report = Report(seed, plan.days)
    with tempfile.TemporaryDirectory(dir=ram()) as folder:
        account = open_account(Path(folder), world)
        account.ledger.write_bytes(_empty_ledger())
        Simulation(report, account, world, plan).run()
    report.cpu_s = process_time() - began
    return report
