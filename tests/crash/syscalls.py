"""Deaths and errors at single system calls, by `strace`; for what lies between two boundaries.

strace counts the calls of one kind in the victim's main thread and, at the n-th, sends SIGKILL
instead of letting it begin, or lets the call fail with an errno. So many of each kind are tried,
spread evenly from the first call to the last; the whole of what is cheap to count is the matrix.

    python -m tests.crash.syscalls [--samples 6] [--json FILE]
"""

from __future__ import annotations

import argparse
import functools
import json
import platform
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.crash.matrix import VARIANTS, Case, Played, Theatre, theatre
from tests.crash.stage import ROOT, Life, Stage, life_of, order_for
from tests.crash.verdict import WRITTEN_NOT_SENT, judged
from tests.crash.victim import as_line

CALLS = ("pwrite64", "fdatasync", "connect", "sendto")
KILL = "signal=SIGKILL"
KINDS = (
    *((call, KILL) for call in CALLS),
    *((call, f"error={name}") for call in CALLS[:2] for name in ("EIO", "ENOSPC")),
)
"""What is tried: a death at each kind of call, and a failure of those that the ledger makes."""
SAMPLES = 6
FINE, NO_LEDGER = 0, 3
PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Injection:
    """What happens to the n-th system call of a kind: `signal=SIGKILL` or `error=EIO`."""

    call: str
    what: str
    when: int

    def __str__(self) -> str:
        return f"{self.call}:{self.what}:when={self.when}"


@functools.cache
def unavailable() -> str | None:
    """Why there can be no injection here; None if there can."""
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    probe = [strace, "-f", "-qq", "-o", "/dev/null", "-e", "signal=none"]
    probe += ["-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO", sys.executable, "-c"]
    probe += ["import os; os.fdatasync(os.open('/', os.O_RDONLY))"]
    done = subprocess.run(probe, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if "Input/output error" not in done.stderr:
        return f"strace can't inject here: {done.stderr.strip().splitlines()[-1:]}"
    return None


def traced(account: Stage, injection: Injection | None = None) -> tuple[Life, str]:
    """One life under strace, and strace's log of the calls of its main thread."""
    log = account.directory / "strace"
    strace = shutil.which("strace") or "strace"
    calls = ",".join(CALLS if injection is None else (injection.call,))
    command = [strace, "-f", "-qq", "-o", str(log), "-e", "signal=none", "-e", f"trace={calls}"]
    if injection is not None:
        command += ["-e", f"inject={injection}"]
    command += [sys.executable, "-m", "tests.crash.victim", as_line(order_for(account))]
    done = subprocess.run(command, cwd=ROOT, timeout=PATIENCE_S, check=False)
    status = -done.returncode if done.returncode < 0 else done.returncode << 8
    return life_of(account, status), _of_main_thread(log)


def _of_main_thread(log: Path) -> str:
    """The lines of the process that came first, which is also the thread that moves money."""
    lines = log.read_text().splitlines()
    main = lines[0].split()[0] if lines else ""
    return "\n".join(line for line in lines if line.split()[0] == main)


def count(log: str, call: str) -> int:
    """How often a system call was made."""
    return len(re.findall(rf"^\d+ +{call}\(", log, re.MULTILINE))


def calls_of_a_life(house: Theatre) -> dict[str, int]:
    """How often an unharmed life makes each call."""
    with house.stage() as account:
        life, log = traced(account)
        assert life.status == 0, life.output
    return {call: count(log, call) for call in CALLS}


def spread(call: str, what: str, made: int, sample: int, samples: int) -> Injection:
    """One of so many injections between the first of the calls made and the last."""
    return Injection(call, what, 1 + sample * (made - 1) // (samples - 1))


def strike(house: Theatre, injection: Injection) -> list[str]:
    """A life that this happens to, recovery, and what is wrong then."""
    played = Played(Case(VARIANTS["delivered"], ()))
    with house.stage() as account:
        life, log = traced(account, injection)
        found = list(_wrong_end(injection, life, log))
        account.clock.advance(played.case.variant.pause)
        house.to_rest(account, played)
        found += [*played.violations, *judged(account, _may_be_unsent(life))]
    return [f"{injection}, after {life.trace[-1:]}: {what}" for what in found]


def _wrong_end(injection: Injection, life: Life, log: str) -> Iterator[str]:
    if injection.what == KILL:
        if life.signal != signal.SIGKILL:
            yield f"it was not killed: status {life.status}"
        return
    # The last call of a life may belong to its tidying up, whose failure loses nothing.
    if life.signal or life.code not in {FINE, NO_LEDGER} or "Traceback" in life.output:
        yield f"it ended with status {life.status}: {life.output}"
    if log.count("(INJECTED)") != 1:
        yield "nothing was injected"


def _may_be_unsent(life: Life) -> range:
    """Within a commit it is open whether it took place: both are right."""
    last = life.trace[-1] if life.trace else ""
    may = last in WRITTEN_NOT_SENT or last == "before commit in ledger.begin_attempt"
    return range(2 if may else 1)


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.syscalls")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="of each kind, at least 2")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    reason = unavailable()
    if reason is not None:
        sys.stderr.write(f"{reason}\n")
        return 2
    began = time.monotonic()
    violations: list[str] = []
    with theatre() as house:
        made = calls_of_a_life(house)
        injections = dict.fromkeys(
            spread(call, what, made[call], sample, asked.samples)
            for call, what in KINDS
            for sample in range(asked.samples)
        )
        for injection in injections:
            violations += strike(house, injection)
    figures = {
        "what": "killed at single system calls, and told by them that the disk failed",
        "cases": len(injections),
        "kills": sum(injection.what == KILL for injection in injections),
        "calls_of_a_cycle": made,
        "violations": violations,
        "seconds": round(time.monotonic() - began, 1),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    text = json.dumps(figures, indent=2) + "\n"
    if asked.json is not None:
        asked.json.write_text(text)
    sys.stdout.write(text)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
