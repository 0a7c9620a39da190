"""SIGKILL at random moments, again and again, while the exchange misbehaves.

    python -m tests.crash.soak --kills 1000 [--seed 1] [--json FILE]

The daemon, `earnd run`, begins a cycle as it starts; rates change between its lives so that each
has something to move; at a moment drawn at random the process is killed, sometimes just after it
was asked to stop. Some of its money requests are lost, cut, garbled or answered with nonsense.
After so many kills the exchange behaves, `earnd once` runs until all is at rest, and the books and
the ledger are compared: that is a round, with an account of its own.

What is drawn comes from the seed; where exactly a kill hits is a matter of the machine's moment, so
a failing round is told with its trace and not replayed. Ends with 1 if anything was violated.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sqlite3
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from earnd.sandbox import Fault
from tests.crash.matrix import VARIANTS, Case, Played, Theatre, theatre
from tests.crash.stage import BEST, LEFT, SECOND, Life, Stage, order_for
from tests.crash.verdict import WRITTEN_NOT_SENT, judged

KILLS_PER_ROUND = 20
RATES = (
    # Of 1001, 1002 (which admits 250 only) and 1003: what pays least is left for the others.
    ("0.008", "0.05", "0.04"),
    ("0.05", "0.008", "0.04"),
    ("0.04", "0.05", "0.008"),
)
PAUSES = (timedelta(seconds=3), timedelta(minutes=12), timedelta(minutes=40))
KINDS = (
    "drop_before",
    "drop_after",
    "reset_before",
    "reset_after",
    "cut_body",
    "garbage",
    "system_error_before",
    "system_error_after",
    "data_false_before",
    "data_false_after",
)
FARTHEST = 8_000
"""A cycle writes up to so many bytes of trace, and most less; who waits for more dies at rest."""
LINGERS_S = 0.02
"""The kill comes up to this much later: in the middle of things, not at a boundary."""
MISBEHAVES = 0.7
"""The share of lives in which the first or the second request of a verb meets with a fault."""
ASKED_FIRST = 0.15
"""The share of those that are asked to stop before they are killed."""
PATIENCE_S = 30


@dataclass(slots=True)
class Soak:
    """What came of all rounds so far."""

    random: Random
    kills: int = 0
    lives: int = 0
    rounds: int = 0
    requests: int = 0
    executed: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    hit: Counter[str] = field(default_factory=Counter)
    """How often death came after which boundary."""
    states: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def round(self, house: Theatre, kills: int) -> None:
        """One account, from birth to rest."""
        played = Played(Case(VARIANTS["delivered"], ()))
        with house.stage() as account:
            unsent = sum(self._life(house, account) for _ in range(kills))
            account.server.faults.clear()
            _offer(account, *RATES[0])
            house.to_rest(account, played)
            found = [*played.violations, *judged(account, range(unsent + 1))]
            self._count(account, len(played.lives))
        if found:
            self.violations += [f"round {self.rounds}: {violation}" for violation in found]

    def _life(self, house: Theatre, account: Stage) -> bool:
        """The daemon, until it is killed; whether an attempt of it may not have left."""
        _offer(account, *RATES[self.random.randrange(len(RATES))])
        account.server.faults.clear()
        for verb in ("subscribe", "redeem"):
            if self.random.random() < MISBEHAVES:
                kind = self.random.choice(KINDS)
                account.server.faults.add(Fault(verb, kind, nth=self.random.randint(1, 2)))
        process = os.pidfd_open(house.stable.begin(order_for(account, command="run")))
        try:
            _wait_for_progress(account, *self._moment())
            time.sleep(self.random.uniform(0, LINGERS_S))
            if self.random.random() < ASKED_FIRST:
                signal.pidfd_send_signal(process, signal.SIGTERM)
                time.sleep(self.random.uniform(0, LINGERS_S))
            signal.pidfd_send_signal(process, signal.SIGKILL)
        except ProcessLookupError:
            # Asked to stop, it was quicker than the kill.
            pass
        finally:
            os.close(process)
        life = house.stable.end(account)
        _wait_until_quiet(account)
        return self._end(account, life)

    def _moment(self) -> tuple[int, int]:
        """How long the trace is to be, or how many attempts it is to show, before the kill."""
        if self.random.random() < 0.5:
            return self.random.randrange(FARTHEST), 0
        return 0, self.random.randint(1, 3)

    def _end(self, account: Stage, life: Life) -> bool:
        last = life.trace[-1] if life.trace else "before anything"
        if life.signal == signal.SIGKILL:
            self.kills += 1
            self.hit[last] += 1
        elif life.status not in {0, signal.SIGTERM}:
            self.violations.append(f"round {self.rounds}: {life.status}: {life.output}")
        account.clock.advance(self.random.choice(PAUSES))
        return last in WRITTEN_NOT_SENT or last == "before commit in ledger.begin_attempt"

    def _count(self, account: Stage, unharmed: int) -> None:
        self.rounds += 1
        self.lives += unharmed + account.sql("SELECT count(*) FROM run")[0][0]
        self.requests += len(account.server.received)
        self.executed += sum(row.kind != "interest" for row in account.books.records())
        self.faults.update(fault.kind for fault in account.server.faults.struck)
        self.states.update(account.states())


def _offer(account: Stage, *rates: str) -> None:
    for product, rate in zip((LEFT, BEST, SECOND), rates, strict=True):
        account.books.change_product(product, apy=Decimal(rate))


def _wait_for_progress(account: Stage, written: int, attempts: int) -> None:
    """Until the daemon's trace shows so much, or its first cycle is over."""
    until = time.monotonic() + PATIENCE_S
    while True:
        trace = account.trace.read_text() if account.trace.exists() else ""
        enough = len(trace) >= written and trace.count("after ledger.begin_attempt") >= attempts
        if enough or "after ledger.end_cycle" in trace:
            return
        assert time.monotonic() < until, account.output.read_text()
        time.sleep(0.001)


def _wait_until_quiet(account: Stage) -> None:
    """What was on its way to the exchange when the process died arrives before the next begins."""
    until = time.monotonic() + PATIENCE_S
    while account.server._listener._workers:
        assert time.monotonic() < until, "a request is still being served"
        time.sleep(0.001)


def soak(kills: int, seed: int) -> dict[str, object]:
    """At least so many kills; the figures."""
    began = time.monotonic()
    tally = Soak(Random(seed))
    with theatre() as house:
        while tally.kills < kills:
            tally.round(house, min(KILLS_PER_ROUND, kills - tally.kills))
    return {
        "what": "killed at random moments while the exchange misbehaves",
        "seed": seed,
        "kills": tally.kills,
        "lives": tally.lives,
        "rounds": tally.rounds,
        "money_requests": tally.requests,
        "executed": tally.executed,
        "faults": dict(sorted(tally.faults.items())),
        "states": dict(sorted(tally.states.items())),
        "killed_while_sending": tally.hit["before writer.send"],
        "killed_after": dict(tally.hit.most_common()),
        "violations": tally.violations,
        "seconds": round(time.monotonic() - began, 1),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.soak")
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    figures = soak(asked.kills, asked.seed)
    text = json.dumps(figures, indent=2) + "\n"
    if asked.json is not None:
        asked.json.write_text(text)
    sys.stdout.write(text)
    return 1 if figures["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
