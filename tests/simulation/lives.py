"""One life of the daemon's process, with a hand in front of every port.

The hand counts the calls of a cycle and does what is due before or after one of them: the world
moves on under the cycle's feet, or the process dies. A dead process does nothing any more: every
later call of the same life raises too, so that no `except` or `finally` can write on its behalf.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, cast

from earnd.config.load import load
from earnd.errors import LedgerUnwritable
from earnd.exchange.bitmart.client import GETS, POSTS
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.transport import Limits, Reply
from earnd.parts import Parts
from earnd.sandbox import VirtualClock
from earnd.sandbox.gateway import Request
from earnd.wiring import secrets_of, wired
from tests.simulation.account import Account
from tests.support.direct import Direct
from tests.support.practice import KEYS, START

Change = Callable[[Parts], Parts]
"""Replaces parts of a cycle by others."""


class Killed(BaseException):
    """The process is gone."""


When = tuple[str, int | str]
"""`before` or `after`, and the number of a call in its cycle or the name of a port's method."""


@dataclass(frozen=True, slots=True)
class Returned:
    """A call of a port that returned; `began_with` is what `Hand.mark` said before it."""

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    began_with: int
    began_at: datetime


@dataclass(slots=True)
class Hand:
    """What happens before or after calls of the ports; each of it once."""

    due: dict[When, Callable[[], None]] = field(default_factory=dict)
    disk_full_from: int | None = None
    calls: int = 0
    within: str = ""
    """The call that is being made."""
    dead: bool = False
    mark: Callable[[], int] = int
    now: Callable[[], datetime] = lambda: START
    watch: Callable[[Returned], None] = lambda _returned: None

    def new_cycle(self) -> None:
        """Counts from one again; what was due at a number is not any more."""
        self.due = {when: deed for when, deed in self.due.items() if isinstance(when[1], str)}
        self.disk_full_from, self.calls = None, 0

    def die(self) -> None:
        """The process ends here."""
        self.dead = True
        raise Killed

    def around(self, name: str, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """One call of a port."""
        if self.dead:
            raise Killed
        self.calls += 1
        number = self.calls
        self._strike("before", number, name)
        full = self.disk_full_from is not None and number >= self.disk_full_from
        if full and name in _LEDGER_WRITES:
            raise LedgerUnwritable("the disk is full, says the simulation")
        began_with, began_at, around = self.mark(), self.now(), self.within
        self.within = name
        try:
            result = call(*args, **kwargs)
        finally:
            self.within = around
        self.watch(Returned(name, args, kwargs, result, began_with, began_at))
        self._strike("after", number, name)
        return result

    def _strike(self, moment: str, number: int, name: str) -> None:
        if self.due:
            for key in ((moment, number), (moment, name)):
                self.due.pop(key, _nothing)()


def _nothing() -> None:
    pass


_LEDGER_WRITES = frozenset(
    {
        "ledger.begin_cycle",
        "ledger.end_cycle",
        "ledger.record_look",
        "ledger.record_wallet",
        "ledger.record_history",
        "ledger.attribute",
        "ledger.record_holdings",
        "ledger.record_interest",
        "ledger.record_decisions",
        "ledger.plan_action",
        "ledger.begin_attempt",
        "ledger.end_attempt",
        "ledger.enter",
        "ledger.record_absent_look",
        "ledger.keep_wallet",
    }
)


class DaemonClock:
    """The machine's clock: the exchange's, wrong by `offset`. Waiting is a call like another."""

    def __init__(self, shared: VirtualClock) -> None:
        self.shared = shared
        self.offset = timedelta(0)
        self.hand = Hand()

    def now(self) -> datetime:
        return self.shared.now() + self.offset

    def monotonic(self) -> float:
        return (self.shared.now() - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.hand.around("clock.sleep", self.pass_by, seconds)

    def pass_by(self, seconds: float) -> None:
        """Time passes, whoever is alive."""
        if seconds > 0:
            self.shared.advance(timedelta(seconds=seconds))


class Held:
    """A port with the hand in front of it."""

    def __init__(self, inner: object, name: str, hand: Hand) -> None:
        self._inner = inner
        self._name = name
        self._hand = hand

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._inner, attribute)
        if not callable(found):
            return found
        name = f"{self._name}.{attribute}"
        hand = self._hand

        def call(*args: Any, **kwargs: Any) -> Any:
            return hand.around(name, found, *args, **kwargs)

        self.__dict__[attribute] = call
        return call


@dataclass(frozen=True, slots=True)
class Life:
    """The parts of a cycle as one process holds them."""

    parts: Parts
    ledger: Any
    """The ledger without the hand."""
    stop: Callable[[], None]


class Silent:
    """A log that nobody reads."""

    def debug(self, event: str, **fields: object) -> object:
        """Of no interest."""

    info = warning = error = debug


@dataclass(slots=True)
class Line:
    """What lies between the process and the exchange."""

    unreachable: Callable[[], str | None] = lambda: None
    latency: Callable[[], float] = lambda: 0.0
    watch: Callable[[Request, Reply], None] = lambda _request, _reply: None
    applied: Callable[[Request], None] = lambda _request: None


@contextmanager
def life(
    account: Account, clock: DaemonClock, hand: Hand, line: Line, *, birth: str, change: Change
) -> Iterator[Life]:
    """A process from start to end. `birth` stands for all that a process draws when it is born."""
    drawn = Random(birth)
    file = load(account.write_config())
    prefix = str(drawn.randrange(10_000_000, 100_000_000))
    clock.hand = hand
    with wired(
        file, secrets_of(file, KEYS), account.ledger, clock=clock, log=Silent(), prefix=prefix
    ) as here:
        client = cast(BitmartReader, here.parts.reader)._client
        client._transport.close()
        direct = Direct(
            account.face,
            clock,
            gets=GETS,
            posts=POSTS,
            limits=Limits(5, 10, 20),
            unreachable=line.unreachable,
            passes=clock.pass_by,
            latency=line.latency,
        )
        direct.watch, direct.applied = line.watch, line.applied
        client._transport = cast(Any, direct)
        client.jitter = drawn.random
        changed = change(here.parts)
        parts = replace(
            changed,
            jitter=drawn.random,
            reader=cast(Any, Held(changed.reader, "reader", hand)),
            writer=cast(Any, Held(changed.writer, "writer", hand)),
            ledger=cast(Any, Held(changed.ledger, "ledger", hand)),
        )
        yield Life(parts, here.parts.ledger, here.stop.set)
