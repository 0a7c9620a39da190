"""`earnd demo`: the real cycle against the practice exchange, a month in seconds.

Everything is as with a real account, the HTTP and the ledger included. Only time is virtual: it
stands still during a cycle and is moved on between two, by the one clock that both sides read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from earnd.cli.demo_view import DemoView, epilogue
from earnd.config.load import load
from earnd.cycle import run_cycle
from earnd.domain.history import CycleOutcome
from earnd.errors import ConfigError, ExitCode
from earnd.log import configure
from earnd.sandbox import (
    PRACTICE_ACCESS_KEY,
    PRACTICE_MEMO,
    PRACTICE_SECRET_KEY,
    Chapter,
    SandboxServer,
    VirtualClock,
    chapters,
    practice_world,
    serve,
)
from earnd.wiring import Wired, secrets_of, wired

BEGINS = datetime(2026, 5, 1, 0, 5, tzinfo=UTC)
"""Any day would do; a fixed one makes two demos comparable."""

STEP = timedelta(hours=6)

CONFIG = """\
# Written by `earnd demo`. The exchange it names ended with the demo; the ledger is yours to read.
mode: live
account: {{label: practice}}
exchange: {{base_url: "{base_url}"}}
secrets: {{directory: ./secrets}}
ledger: {{path: ./ledger.db}}
schedule: {{every: 6h}}
strategy:
  coins:
    USDT:
      reserve: 100
      min_move: 1
      min_apy: 1%
      redeem_below_apy: 0.5%
      refill_below: 50
      refill_to: 100
    USDC: {{min_move: 0.5, min_apy: 1%}}
    BTC: {{min_apy: 0.1%}}
    ETH: {{min_apy: 0.1%, max_per_product: 3}}
"""


class DemoClock:
    """The daemon's view of the practice exchange's clock; waiting moves it on."""

    def __init__(self, shared: VirtualClock) -> None:
        self._shared = shared

    def now(self) -> datetime:
        """The virtual moment."""
        return self._shared.now()

    def monotonic(self) -> float:
        """Virtual seconds since the demo began."""
        return (self._shared.now() - BEGINS).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Lets virtual time pass."""
        self._shared.advance(timedelta(seconds=seconds))


@click.command()
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to put all its files. Default: ./earnd-demo, or the next free name like it.",
)
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True)
def demo(directory: Path | None, days: int) -> int:
    """Watch a practice account earn for a month, in seconds.

    No account is needed and nothing leaves this machine. Afterwards the ledger is yours to read.
    """
    place = _prepare(directory or _free_name())
    shared = VirtualClock(BEGINS)
    with (
        serve(practice_world(shared)) as server,
        _daemon(place, server, DemoClock(shared)) as here,
        DemoView(days) as view,
    ):
        is_fine = _live(here, server, shared, days, view)
        earned = {coin: server.books.sums(coin) for coin in server.books.coins()}
    epilogue(place, earned, view.story)
    return ExitCode.FINE if is_fine else ExitCode.FINDING


def _free_name() -> Path:
    names = (Path("earnd-demo" + (f"-{turn}" if turn > 1 else "")) for turn in range(1, 1000))
    return next(name for name in names if not name.exists())


def _prepare(place: Path) -> Path:
    """The demo's directory with the practice keys in it; refuses to write over a ledger."""
    if (place / "ledger.db").exists():
        raise ConfigError(
            "there is a ledger already",
            where=str(place / "ledger.db"),
            todo="name another directory with --dir, or leave --dir out",
        )
    try:
        secrets = place / "secrets"
        secrets.mkdir(parents=True, exist_ok=True)
        secrets.chmod(0o700)
        keys = {
            "access_key": PRACTICE_ACCESS_KEY,
            "secret_key": PRACTICE_SECRET_KEY,
            "memo": PRACTICE_MEMO,
        }
        for name, value in keys.items():
            (secrets / name).write_text(value + "\n")
            (secrets / name).chmod(0o600)
    except OSError as error:
        raise ConfigError(
            f"cannot write there: {error.strerror}", where=str(place), todo="try another --dir"
        ) from None
    return place


@contextmanager
def _daemon(place: Path, server: SandboxServer, clock: DemoClock) -> Iterator[Wired]:
    """The daemon's parts, built from a file as for any account; its log goes beside the ledger."""
    path = place / "config.yaml"
    path.write_text(CONFIG.format(base_url=server.base_url))
    file = load(path)
    # Keys of a real account that happen to be in the environment are not this exchange's.
    environ = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("EARND_", "CREDENTIALS_"))
    }
    secrets = secrets_of(file, environ)
    with (place / "earnd.log").open("w") as lines:
        log = configure(level="info", form="json", stream=lines)
        with wired(file, secrets, file.ledger_path(environ), clock=clock, log=log) as here:
            yield here


def _live(
    here: Wired, server: SandboxServer, clock: VirtualClock, days: int, view: DemoView
) -> bool:
    """Lets the days pass, a cycle every six hours; answers whether every cycle was fine."""
    coming = list(chapters(days))
    is_fine = True
    for step in range(days * (timedelta(days=1) // STEP)):
        moment = BEGINS + STEP * step
        clock.advance_to(moment)
        for chapter in _due(coming, moment):
            view.happened(moment, chapter.title)
            chapter.happens(server)
        report = run_cycle(here.parts, "demo")
        is_fine = is_fine and report.outcome is CycleOutcome.DONE
        earned = {coin: server.books.sums(coin).interest for coin in server.books.coins()}
        view.cycle(moment, report, earned)
    return is_fine


def _due(coming: list[Chapter], moment: datetime) -> list[Chapter]:
    """The chapters whose time has come, taken off the list."""
    due = [chapter for chapter in coming if BEGINS + chapter.after <= moment]
    del coming[: len(due)]
    return due
