"""What a victim lives in: an account whose next cycle redeems once and subscribes twice.

Everything is made anew for each case and is the same each time, but for the request numbers that a
process draws at birth: the ledger is a copy of one in which earnd subscribed a day and a half ago,
and the practice exchange is brought to that moment by the same requests.

    1001  holds 400 and pays 0.8 % since a moment ago, less than `redeem_below_apy`
    1002  pays 5 %, admits 250
    1003  pays 4 %
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Self, cast

from earnd.sandbox import Books, CoinSpec, Received, VirtualClock, serve
from tests.crash.clock import SharedClock
from tests.crash.victim import Order, as_line
from tests.support.practice import KEY, KEYS, START, Practice, flexible

ROOT = Path(__file__).parents[2]

LEFT, BEST, SECOND = "1001", "1002", "1003"
RESERVE = Decimal(100)
SMALLEST = Decimal(1)
COINS = "USDT: {reserve: 100, min_move: 1, min_apy: 1%, redeem_below_apy: 1%}"
SINCE = timedelta(hours=36)
"""Long enough for interest to have been paid."""


@dataclass(frozen=True, slots=True)
class Template:
    """A ledger with one settled subscribe in it, and the request that made it."""

    ledger: bytes
    received: tuple[Received, ...]


@dataclass(slots=True)
class Stage(Practice):
    """The account, and every money request that ever reached it."""

    arrived: list[Received] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """What was wrong at the moment a request arrived."""

    @property
    def config(self) -> Path:
        """The configuration file; its time limits are longer than any machine is slow."""
        path = self.directory / "config.yaml"
        path.write_text(
            f"mode: live\n"
            f"exchange: {{base_url: '{self.server.base_url}', total_timeout: 60s,"
            f" read_timeout: 60s, connect_timeout: 60s}}\n"
            f"ledger: {{path: {self.ledger}}}\n"
            f"strategy: {{coins: {{{COINS}}}}}\n"
        )
        return path

    @property
    def trace(self) -> Path:
        return self.directory / "trace"

    @property
    def output(self) -> Path:
        return self.directory / "output"


def template(directory: Path) -> Template:
    """Made once: the first cycle of an account that has one product to choose from."""
    directory.mkdir()
    with _account(directory) as account:
        account.cycle()
        assert not account.ledger.with_name("ledger.db-wal").exists()
        ledger = account.ledger.read_bytes()
        assert account.states() == ["settled"], account.log.getvalue()
        return Template(ledger, tuple(account.server.received))


@contextmanager
def stage(directory: Path, made: Template | None) -> Iterator[Stage]:
    """The account at the moment at which the victim is born; without a template it has no past."""
    directory.mkdir()
    with _account(directory) as account:
        if made is not None:
            _relive(account, made)
        account.clock.advance_to(START + SINCE)
        account.books.change_product(LEFT, apy=Decimal("0.008"))
        account.books.open_product(flexible(BEST, maximum=Decimal(250)))
        account.books.open_product(flexible(SECOND, "0.04"))
        account.server.on_receive = lambda request: _witness(account, request)
        yield account


def _relive(account: Stage, made: Template) -> None:
    """What was asked of the exchange then is asked again, and the ledger is as it was after it."""
    for request in made.received:
        account.clock.advance_to(request.at)
        body = json.loads(request.body)
        account.books.subscribe(body["productId"], body["amount"], body["requestNo"])
        account.arrived.append(request)
    account.ledger.write_bytes(made.ledger)
    account.ledger.chmod(0o600)


@contextmanager
def _account(directory: Path) -> Iterator[Stage]:
    clock = cast(VirtualClock, SharedClock(directory / "clock"))
    clock.advance_to(START)
    usdt = CoinSpec("USDT", "Tether USD", 1, 8, Decimal(1))
    books = Books(clock, coins=[usdt], products=[flexible(LEFT)])
    books.deposit("USDT", "500")
    with serve(books, keys=(KEY,)) as server:
        yield Stage(directory, clock, books, server)


def _witness(account: Stage, request: Received) -> None:
    """At the moment of arrival: the attempt is durable, unanswered, and what is in the request."""
    account.arrived.append(request)
    body = json.loads(request.body)
    rows = [
        row[1:]
        for row in account.sql(
            "SELECT a.request_no, n.state, n.verb, n.amount, t.request, r.outcome"
            " FROM attempt AS t JOIN action AS a USING (action_id)"
            " JOIN action_now AS n USING (action_id)"
            " LEFT JOIN attempt_answer AS r USING (action_id, attempt) ORDER BY t.attempt"
        )
        if row[0] == request.request_no
    ]
    state, verb, amount, written, outcome = rows[-1] if rows else ("", "", "0", "", "")
    if state != "sending" or outcome is not None:
        account.complaints.append(f"{request.request_no} arrived while the ledger says {rows}")
    elif verb != request.endpoint or Decimal(amount) != Decimal(body["amount"]):
        account.complaints.append(f"{request.body!r} arrived as {verb} {amount}")
    elif request.body.decode() not in written:
        account.complaints.append(f"{request.body!r} arrived, {written!r} was written")
    if verb == "subscribe" and account.idle() - Decimal(amount) < RESERVE:
        account.complaints.append(
            f"{amount} is to leave {account.idle()}, which breaks the reserve"
        )


class Stable:
    """The process that forks victims; see `tests.crash.victim`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.victim"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def live(self, account: Stage, kill: int | str | None = None) -> Life:
        """One life of `earnd once`, to its end."""
        self.begin(order_for(account, kill))
        return self.end(account)

    def begin(self, order: Order) -> int:
        """A life begins; its process id. One at a time."""
        assert self._process.stdin is not None
        self._process.stdin.write(as_line(order))
        self._process.stdin.flush()
        return self._answer("pid")

    def end(self, account: Stage) -> Life:
        """The life that was begun, once it is over."""
        return life_of(account, self._answer("status"))

    def _answer(self, name: str) -> int:
        assert self._process.stdout is not None
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer[name]

    def close(self) -> None:
        """No more victims."""
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True)
class Life:
    """How a process ended (as `os.waitpid` says), the boundaries it reached, what it printed."""

    status: int
    trace: tuple[str, ...]
    output: str

    @property
    def signal(self) -> int:
        """The signal that it died of, or 0."""
        return self.status & 0x7F

    @property
    def code(self) -> int:
        """The code that it exited with."""
        return self.status >> 8


def order_for(account: Stage, kill: int | str | None = None, command: str = "once") -> Order:
    """The command on this account, with nothing left of the life before but what it made."""
    account.trace.unlink(missing_ok=True)
    account.output.unlink(missing_ok=True)
    return Order(
        arguments=[command, "-c", str(account.config)],
        environment=KEYS,
        clock=str(account.directory / "clock"),
        trace=str(account.trace),
        output=str(account.output),
        kill=kill,
    )


def life_of(account: Stage, status: int) -> Life:
    """What is left of a life that ended with this status."""
    trace = account.trace.read_text().splitlines() if account.trace.exists() else []
    output = account.output.read_text() if account.output.exists() else ""
    return Life(status, tuple(trace), output)
