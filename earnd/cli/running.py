"""`earnd run`, `earnd once`, `earnd plan`: the cycle, on a schedule, once, or without sending."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from pathlib import Path

import click

from earnd.cli.options import config_option, json_option, loaded, print_json
from earnd.cli.show import cycle_facts, print_cycle
from earnd.config.load import LoadedConfig
from earnd.config.secrets import scrub_environment
from earnd.cycle import CycleReport, run_cycle
from earnd.domain.history import CycleOutcome
from earnd.errors import EarndError, ExitCode
from earnd.ledger.engine import open_reader
from earnd.parts import Parts
from earnd.service.daemon import Daemon
from earnd.service.notify import Notifier
from earnd.wiring import Wired, log_for, secrets_of, trigger_for, wired


@click.command("run")
@config_option
def run_daemon(config_file: str | None) -> int:
    """Run the daemon in the foreground (systemd's way).

    SIGTERM finishes and records what is in flight.
    """
    notifier = Notifier(os.environ)
    file = loaded(config_file)
    secrets = secrets_of(file, os.environ)
    path = file.ledger_path(os.environ)
    scrub_environment(os.environ)
    log = log_for(file, secrets)
    with wired(file, secrets, path, log=log) as here:
        _tell_start(here, file, path)
        _first_reach(here.parts)
        notifier.ready(f"{here.parts.mode}, first cycle begins")
        daemon = Daemon(
            cycle=lambda: run_cycle(here.parts, "schedule"),
            trigger=trigger_for(file),
            stop=here.stop,
            clock=here.parts.clock,
            log=log,
            notifier=notifier,
        )
        return daemon.run()


def _tell_start(here: Wired, file: LoadedConfig, path: Path) -> None:
    here.parts.log.info(
        "daemon.started",
        mode=here.parts.mode,
        config=str(file.path),
        ledger=str(path),
        exchange=file.config.exchange.base_url,
    )
    if here.parts.writer is None:
        here.parts.log.info("daemon.sends_nothing", why="mode is dry-run")


def _first_reach(parts: Parts) -> None:
    """Asks the exchange the time once; that it cannot be reached is known then, not fatal."""
    try:
        skew = parts.reader.clock_skew_ms()
    except EarndError as error:
        parts.log.warning("exchange.unreachable", error=str(error))
    else:
        parts.log.info("exchange.reached", clock_skew_ms=skew)


@click.command()
@config_option
@json_option
def once(config_file: str | None, *, as_json: bool) -> int:
    """Run one cycle and say what it did."""
    file = loaded(config_file)
    secrets = secrets_of(file, os.environ)
    path = file.ledger_path(os.environ)
    scrub_environment(os.environ)
    with wired(file, secrets, path) as here:
        _stop_on_signals(here.stop)
        report = run_cycle(here.parts, "once")
        sends = here.parts.writer is not None
    return _say(report, sends=sends, as_json=as_json)


@click.command()
@config_option
@json_option
def plan(config_file: str | None, *, as_json: bool) -> int:
    """Say what a cycle would do, and why; sends nothing, writes nothing.

    It is the cycle itself, without a writer, on a copy of the ledger that is thrown away.
    """
    file = loaded(config_file)
    secrets = secrets_of(file, os.environ)
    path = file.ledger_path(os.environ)
    scrub_environment(os.environ)
    with tempfile.TemporaryDirectory(prefix="earnd-plan-") as scratch:
        copy = Path(scratch) / "ledger.db"
        if path.exists():
            with open_reader(path) as reader:
                reader.copy_to(copy)
        with wired(file, secrets, copy, may_send=False) as here:
            _stop_on_signals(here.stop)
            report = run_cycle(here.parts, "plan")
    return _say(report, sends=False, as_json=as_json)


def _stop_on_signals(stop: threading.Event) -> None:
    """SIGTERM and Ctrl-C let the request in flight finish and be recorded."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())


def _say(report: CycleReport, *, sends: bool, as_json: bool) -> int:
    if as_json:
        print_json(cycle_facts(report, sends=sends))
    else:
        print_cycle(report, sends=sends)
    if report.outcome is CycleOutcome.REFUSED:
        return ExitCode.REFUSED
    is_fine = report.outcome in (CycleOutcome.DONE, CycleOutcome.INTERRUPTED)
    return ExitCode.FINE if is_fine else ExitCode.FINDING
