"""A seeded soak of the whole of earnd against the practice exchange, in one thread and no time.

The real cycle, the real adapter over loopback HTTP and a real ledger file; a world drawn from the
seed; faults, people and deaths of the process drawn anew for each cycle; after each cycle the
oracle compares the ledger with the exchange's own books. By hand:

    python -m tests.simulation.soak --seed 123 --cycles 80

prints the trace of that seed, and `--seeds 1000 --from 5000` runs many and prints a summary. The
first so many cycles of a seed are the same however many are asked for, up to the quiet hours at
the end. Equal seeds give equal states, amounts and outcomes; request numbers differ, since their
prefix is drawn when a process is born and is meant to.

It is run by hand and not part of the suite yet. What it reports is a place to look: a forced
redemption of the very amount of an open redeem cannot be told from it, and a total that runs
ahead of a lagging interest record freezes a coin for a cycle; both are reported.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from earnd.cycle import run_cycle
from earnd.domain.action import State
from earnd.domain.history import CycleOutcome
from earnd.domain.ids import ActionId
from earnd.errors import LedgerError, LedgerUnwritable
from earnd.sandbox import Fault, Received
from tests.simulation import people
from tests.simulation.lives import DaemonClock, Hand, Killed, Life, life
from tests.simulation.mishaps import draw_read_faults, draw_write_fault
from tests.simulation.oracle import Oracle
from tests.simulation.worlds import HOUR, MINUTE, World, draw_world
from tests.support.practice import Practice, practice

SECOND = timedelta(seconds=1)
QUIET = (MINUTE, *(20 * MINUTE,) * 3, *(HOUR,) * 2, 12 * HOUR, HOUR, HOUR)
"""The pauses at the end, without faults and people: longer than any cool-down or patience."""

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
)


@dataclass(slots=True)
class Report:
    """How a seed went."""

    seed: int
    cycles: int = 0
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    """After every cycle, the outcome and the state and amount of every action."""

    def told(self) -> str:
        """The whole story, for whoever has to mend it."""
        return "\n".join(
            [
                f"seed {self.seed}: {len(self.violations)} violations",
                *self.trace,
                *(f"VIOLATION {violation}" for violation in self.violations),
                f"python -m tests.simulation.soak --seed {self.seed} --cycles {self.cycles}",
            ]
        )


class Soak:
    """One seed, from the empty account to rest."""

    def __init__(self, seed: int, account: Practice, world: World) -> None:
        self.account, self.world = account, world
        self.report = Report(seed)
        self.oracle = Oracle(account, world)
        self.clock = DaemonClock(account.clock)
        self.hand = Hand()
        self._stack = ExitStack()
        self._life: Life | None = None
        self._lives = 0
        self._is_quiet = False
        account.server.on_receive = self._on_receive

    def run(self, cycles: int) -> Report:
        """So many lively cycles and then the quiet ones; stops at the first violation."""
        self._note(self.world.told())
        with self._stack:
            for number in range(cycles):
                self._lively(number, Random(f"{self.report.seed}/{number}"))
                if self.oracle.violations:
                    break
            else:
                self._come_to_rest(Random(f"{self.report.seed}/rest"))
        self.report.violations = self.oracle.violations
        self.report.counts = self.oracle.counts
        self.report.reasons = self.oracle.reasons
        self.report.cycles = cycles
        self.report.counts["lives"] = self._lives
        self.report.counts["faults"] = len(self.account.server.faults.struck)
        return self.report

    def _on_receive(self, request: Received) -> None:
        """In the server's thread, while the cycle waits: the look at the ledger, then a mishap."""
        self.oracle.on_receive(request)
        number = len(self.account.server.received)
        rng = Random(f"{self.report.seed}/request {number}")
        self._note(f"   {request.endpoint} {request.body.decode()} arrives")
        if not self._is_quiet and rng.random() < self.world.faulty:
            fault = draw_write_fault(rng, request.endpoint, parks=self.world.parks)
            self.account.server.faults.add(fault)
            self._note(f"   fault {_named(fault)}")

    def _note(self, what: str) -> None:
        self.report.trace.append(what)

    def _lively(self, number: int, rng: Random) -> None:
        self.account.clock.advance(people.draw_pause(rng))
        self._note(f"-- {number} at {self.account.clock.now():%d %H:%M:%S}")
        if rng.random() < self.world.crowded:
            self._deed(rng)
        if rng.random() < 0.5:
            self._deliver(rng)
        if self.world.clock_steps:
            self._set_clock(rng)
        self._operator(rng)
        here = self._alive()
        self.hand.new_cycle()
        self._arm(here, rng)
        self._cycle()
        self.account.server.faults.clear()
        self.clock.offset = timedelta(0)

    def _come_to_rest(self, rng: Random) -> None:
        self._is_quiet = True
        if rng.random() < 0.5:
            self._deliver(rng)
        self.account.server.face._parked.clear()
        for spec in self.account.books.products():
            # A list without any offer is a failed look for as long as something is held.
            self.account.books.change_product(spec.product_id, listed=True)
        self._end_life()
        for pause in QUIET:
            self.account.clock.advance(pause)
            self._note(f"-- quiet at {self.account.clock.now():%d %H:%M:%S}")
            self._alive()
            self.hand.new_cycle()
            self._cycle()
        self.oracle.check_rest()

    def _arm(self, here: Life, rng: Random) -> None:
        """What will go wrong in this cycle."""
        if rng.random() < self.world.faulty * 0.6:
            faults = draw_read_faults(rng)
            self.account.server.faults.add(*faults)
            self._note(f"   faults {', '.join(_named(fault) for fault in faults)}")
        if rng.random() < self.world.crashing:
            self._plan_end(here, rng)
        if rng.random() < self.world.crowded * 0.6:
            for _ in range(rng.randint(1, 2)):
                self._plan_deed(rng)

    def _plan_end(self, here: Life, rng: Random) -> None:
        """The process will die, or its disk will be full, or it will be asked to stop."""
        by_name = rng.random() < 0.6
        when = (
            rng.choice(("before", "after")),
            rng.choice(KILL_AT) if by_name else rng.randint(1, 60),
        )
        way = rng.random()
        if way < 0.75:
            self._note(f"   will be killed {when[0]} {when[1]}")
            self.hand.due[when] = self.hand.die
        elif way < 0.9:
            self.hand.disk_full_from = rng.randint(1, 60)
            self._note(f"   disk full from call {self.hand.disk_full_from}")
        else:
            self._note(f"   asked to stop {when[0]} {when[1]}")
            self.hand.due[when] = here.stop

    def _plan_deed(self, rng: Random) -> None:
        """The world will move on in the middle of the cycle."""
        names = ("writer.send", "reader.records", "reader.totals", "reader.balances")
        key = rng.choice(names) if rng.random() < 0.5 else rng.randint(1, 60)
        own = Random(rng.random())
        deeds: list[Callable[[Random], None]] = [self._deed, self._deed, self._deliver, self._wait]
        deed = rng.choice(deeds)
        self.hand.due.setdefault((rng.choice(("before", "after")), key), lambda: deed(own))

    def _deed(self, rng: Random) -> None:
        self._note(f"   {people.do_something(self.account, self.world, rng)}")
        self.oracle.counts["deeds"] += 1

    def _deliver(self, _rng: Random) -> None:
        for reply in self.account.server.deliver_parked():
            self._note(f"   a late request arrives: {reply.status} {reply.document}")
            self.oracle.counts["late deliveries"] += 1

    def _wait(self, rng: Random) -> None:
        waited = timedelta(seconds=rng.choice((1, 10, 61, 150, 1500)))
        self._note(f"   {waited} pass")
        self.account.clock.advance(waited)

    def _set_clock(self, rng: Random) -> None:
        if rng.random() < 0.3:
            seconds = rng.choice((-5, 0.9, -70, -3600, 3600, 86400, -86400 * 40, 86400 * 400))
            self.clock.offset = timedelta(seconds=seconds)
            self._note(f"   our clock is wrong by {self.clock.offset}")

    def _alive(self) -> Life:
        """The present life, or a new one."""
        if self._life is None:
            self._lives += 1
            self.hand = Hand(mark=self.oracle.mark, watch=self.oracle.watch)
            self._life = self._stack.enter_context(
                life(self.account, self.clock, self.hand, f"{self.report.seed}/life{self._lives}")
            )
        return self._life

    def _end_life(self) -> None:
        self._life = None
        self._stack.pop_all().close()

    def _cycle(self) -> None:
        here = self._alive()
        self.oracle.lied = False
        self.oracle.clock_is_off = abs(self.clock.offset) > 10 * SECOND
        try:
            outcome = run_cycle(here.parts, "schedule").outcome
            word = outcome.value
        except Killed:
            outcome, word = None, "killed"
        except LedgerUnwritable:
            outcome, word = None, "disk full"
        except Exception:  # noqa: BLE001 - whatever it is, it should not have been
            outcome, word = None, "unforeseen"
            self.oracle.violations.append(traceback.format_exc())
        if outcome not in {CycleOutcome.DONE, CycleOutcome.FAILED_LOOK}:
            self._end_life()
        self.oracle.counts[f"cycle {word}"] += 1
        self.oracle.counts["cycles"] += 1
        states = self.account.sql("SELECT verb, product_id, amount, state FROM action_now")
        self.report.states.append(f"{word} {states}")
        tail = " ".join(
            f"{verb} {amount} {product_id} {state}"
            for verb, product_id, amount, state in states[-2:]
        )
        self._note(f"   => {word}; {len(states)} actions, {tail}; idle {self.account.idle()}")
        self.oracle.check()

    def _operator(self, rng: Random) -> None:
        """A person who can see the truth decides, now and then, what earnd could not."""
        asked = (
            self.account.sql(
                "SELECT action_id, request_no FROM action_now WHERE state = 'needs_operator'"
            )
            if self.account.ledger.exists()
            else []
        )
        if not asked or rng.random() > 0.3:
            return
        action_id, number = asked[0]
        mine = [r for r in self.account.books.records() if r.request_no == number]
        ledger, now = self._alive().ledger, self.clock.now()
        if mine:
            seq = [
                row
                for row, record_id in self.account.sql(
                    "SELECT record_seq, record_id FROM record_now WHERE attributed_to IS NULL"
                )
                if record_id == mine[0].record_id
            ]
            if not seq:
                return
            word, to, row = "settled", State.SETTLED, seq[0]
        elif self.account.server.face._parked:
            return
        else:
            word, to, row = "rejected", State.REJECTED, None
        try:
            ledger.resolve(
                ActionId(action_id), to, now, because="the soak knows", who="soak", record_seq=row
            )
        except LedgerError as error:
            self.oracle.violations.append(f"a person cannot resolve {action_id}: {error}")
        self._note(f"   a person says that {action_id} is {word}")


def _named(fault: Fault) -> str:
    how = fault.code or fault.status or ""
    applied = "" if fault.apply is None else f" applied {fault.apply}"
    return f"{fault.endpoint} {fault.kind} {how} from {fault.nth} x{fault.times}{applied}"


def run_seed(seed: int, cycles: int, directory: Path) -> Report:
    """One seed in a directory of its own."""
    world = draw_world(Random(f"{seed}/world"))
    with practice(
        directory,
        *world.products,
        deposit=str(Decimal(world.deposit)),
        settings=world.settings,
    ) as account:
        account.coins = f"USDT: {world.strategy}"
        account.server.gateway = world.gateway
        return Soak(seed, account, world).run(cycles)


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description="a seeded soak of earnd")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--cycles", type=int, default=80)
    asked = parser.parse_args()
    seeds = (
        [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.seeds)
    )
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    failed = 0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as directory:
            report = run_seed(seed, asked.cycles, Path(directory))
        counts.update(report.counts)
        reasons.update(report.reasons)
        if report.violations:
            failed += 1
            first = report.violations[0]
            sys.stdout.write(f"seed {seed}: {first}\n")
            sys.stdout.flush()
        if asked.seed is not None:
            sys.stdout.write(report.told() + "\n")
    for name, count in (*sorted(counts.items()), *reasons.most_common()):
        sys.stdout.write(f"{count:8} {name}\n")
    sys.stdout.write(f"{failed} of {len(seeds)} seeds failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
