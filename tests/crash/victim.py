"""The process that is killed: the real command, counted from outside, and dead where it is told.

A *boundary* is the moment before or after a call of a port (reader, writer, ledger) or a commit.
The hand counts them, writes each into a trace before it goes on, and at the one it was told sends
SIGKILL to its own process: nothing is unwound, nothing is flushed, no lock is let go by us.

Run as a script this is a stable: it has imported everything, opened nothing and started no thread,
and forks one victim for each order that it reads, so that a death costs milliseconds. An order is
a line of JSON (`Order`), the answers two others: its `pid`, and its `status` once it is over. With
an order for an argument it is the victim itself, for who wants to watch the system calls of one.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn, cast

from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.interfaces import DBAPIConnection

from earnd.cli import running
from earnd.cli.main import run
from earnd.wiring import Wired
from tests.crash.clock import SharedClock

TICK = timedelta(milliseconds=1)
"""What passes at each boundary: in life no two things happen at one moment."""

HANGS_AFTER_S = 120
"""A victim that lives so long hangs; the alarm ends it, and the case fails."""

WARM = ("sqlalchemy.dialects.sqlite", "earnd.migrations")
"""What the command imports only when it runs; the victims find it imported."""


@dataclass(frozen=True, slots=True)
class Order:
    """One life: the command line, where its clock and trace are, and where it ends.

    `kill` is the number of a boundary, the name of one (the first of that name), or None.
    """

    arguments: list[str]
    environment: dict[str, str]
    clock: str
    trace: str
    output: str
    kill: int | str | None = None


class Hand:
    """Counts boundaries, and kills at one of them."""

    def __init__(self, clock: SharedClock, trace: Path, kill: int | str | None) -> None:
        self._clock = clock
        self._trace = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC)
        self._kill = kill
        self._passed = 0
        self._inside = ["opening"]

    def boundary(self, name: str) -> None:
        """One is reached. Its line is written first: the trace ends with where death came."""
        self._passed += 1
        os.write(self._trace, f"{name}\n".encode())
        self._clock.advance(TICK)
        if self._kill in (self._passed, name):
            os.kill(os.getpid(), signal.SIGKILL)

    def call(self, name: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """One call of a port between its two boundaries."""
        self.boundary(f"before {name}")
        self._inside.append(name)
        try:
            result = function(*args, **kwargs)
        finally:
            self._inside.pop()
        self.boundary(f"after {name}")
        return result

    def commit(self, function: Callable[..., None], *args: Any) -> None:
        """One commit between its two boundaries, named for the call that it belongs to."""
        inside = self._inside[-1]
        self.boundary(f"before commit in {inside}")
        function(*args)
        self.boundary(f"after commit in {inside}")


class Held:
    """A port with the hand around each call of it."""

    def __init__(self, inner: object, name: str, hand: Hand) -> None:
        self._inner = inner
        self._name = name
        self._hand = hand

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._inner, attribute)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._hand.call(f"{self._name}.{attribute}", found, *args, **kwargs)

        return call


def lay_hand_on(hand: Hand, clock: SharedClock) -> None:
    """In this process, from now on, the command gets held ports and the shared clock."""
    # The command's module takes the parts by this name; earnd itself has no door for a test.
    command: Any = running
    real_wired, real_commit = command.wired, DefaultDialect.do_commit

    @contextmanager
    def held(*args: Any, **kwargs: Any) -> Iterator[Wired]:
        with real_wired(*args, **{**kwargs, "clock": clock}) as here:
            parts = here.parts
            writer = None if parts.writer is None else Held(parts.writer, "writer", hand)
            yield replace(
                here,
                parts=replace(
                    parts,
                    reader=cast(Any, Held(parts.reader, "reader", hand)),
                    writer=cast(Any, writer),
                    ledger=cast(Any, Held(parts.ledger, "ledger", hand)),
                ),
            )

    def do_commit(self: DefaultDialect, dbapi_connection: DBAPIConnection) -> None:
        hand.commit(real_commit, self, dbapi_connection)

    command.wired = held
    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign] # in the victim only


def live(order: Order) -> NoReturn:
    """One life, in the process that was forked for it."""
    code = 70
    signal.alarm(HANGS_AFTER_S)
    output = os.open(order.output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(output, stream)
    try:
        os.environ.update(order.environment)
        clock = SharedClock(Path(order.clock))
        lay_hand_on(Hand(clock, Path(order.trace), order.kill), clock)
        code = run(order.arguments)
    except BaseException:  # noqa: BLE001 - the end of a process: it is told, and its code says so
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def stable() -> None:
    """Forks a victim for each order on stdin; answers on stdout how it ended."""
    for module in WARM:
        importlib.import_module(module)
    gc.freeze()
    for line in sys.stdin:
        order = Order(**json.loads(line))
        child = os.fork()
        if child == 0:
            sys.stdin.close()
            live(order)
        _say({"pid": child})
        _, status = os.waitpid(child, 0)
        _say({"status": status})


def _say(answer: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def as_line(order: Order) -> str:
    """The order as the stable reads it."""
    return json.dumps(asdict(order)) + "\n"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        live(Order(**json.loads(sys.argv[1])))
    stable()
