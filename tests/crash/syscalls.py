"""Deaths and errors at single system calls, by `strace`; for what lies between two boundaries.

strace counts the calls of one kind in the victim's main thread and, at the n-th, sends SIGKILL
instead of letting it begin, or lets the call fail with an errno.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.crash.stage import ROOT, Life, Stage, life_of, order_for
from tests.crash.victim import as_line

CALLS = ("pwrite64", "fdatasync", "connect", "sendto")
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
