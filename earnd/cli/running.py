"""`earnd run`, `earnd once`, `earnd plan`: the cycle, on a schedule, once, or without sending."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from earnd.cli.options import config_option, json_option, loaded
from earnd.cli.show import cycle_facts, print_cycle, print_json
from earnd.config.load import LoadedConfig
from earnd.config.secrets import scrub_environment
from earnd.cycle import CycleReport, run_cycle
from earnd.domain.history import CycleOutcome
from earnd.errors import EarndError, ExitCode, LedgerError, LedgerUnwritable
from earnd.ledger import files
from earnd.ledger.reader import open_reader
from earnd.parts import Parts
from earnd.service.backups import Backups
from earnd.service.daemon import Daemon
from earnd.service.notify import Notifier
from earnd.service.schedule import trigger_for
from earnd.wiring import Wired, log_for, secrets_of, wired


@click.command("run")
@config_option
def run_daemon(config_file: str | None) -> int:
    """Run the daemon in the foreground, as systemd wants it.

    The first cycle begins at once. SIGTERM and Ctrl-C end it with 0, after what is under way is
    finished and recorded. One line about each cycle goes to stderr.
    """
    notifier = Notifier(os.environ)
    file = loaded(config_file)
    secrets = secrets_of(file, os.environ)
    path, folder = file.ledger_path(os.environ), file.backup_folder(os.environ)
    scrub_environment(os.environ)
    log = log_for(file, secrets)
    with wired(file, secrets, path, log=log) as here:
        _tell_start(here, file, path)
        _first_reach(here.parts)
        notifier.ready(f"{here.parts.mode}, first cycle begins")
        daemon = Daemon(
            cycle=lambda: run_cycle(here.parts, "schedule"),
            afterwards=_backups(here, file, folder).make_if_due,
            trigger=trigger_for(file.config.schedule),
            stop=here.stop,
            clock=here.parts.clock,
            log=log,
            notifier=notifier,
        )
        return daemon.run()


def _backups(here: Wired, file: LoadedConfig, folder: Path) -> Backups:
    wanted = file.config.backup
    return Backups(
        source=here.book,
        ledger=here.book.path,
        folder=folder,
        may_make=wanted.folder is None,
        every=wanted.every,
        keep=wanted.keep,
        clock=here.parts.clock,
        log=here.parts.log,
    )


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
    """Run one cycle and say what it did.

    Ctrl-C finishes and records what is under way, and leaves the rest.
    """
    file = loaded(config_file)
    secrets = secrets_of(file, os.environ)
    path = file.ledger_path(os.environ)
    scrub_environment(os.environ)
    with wired(file, secrets, path) as here:
        stop_on_signals(here.stop)
        report = run_cycle(here.parts, "once")
        sends = here.parts.writer is not None
    return _say(report, file, sends=sends, as_json=as_json)


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
    # What happens to the copy is not what happens: only what is amiss is worth a line of the log.
    log = log_for(file, secrets, level="warning")
    with _copied(path) as copy, wired(file, secrets, copy, may_send=False, log=log) as here:
        stop_on_signals(here.stop)
        report = run_cycle(here.parts, "plan")
    return _say(report, file, sends=False, as_json=as_json)


@contextmanager
def _copied(path: Path) -> Iterator[Path]:
    """A copy of the ledger, if there is one, in a directory that is removed at the end."""
    # So that SIGTERM removes it too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    real = files.resolved(path)
    has_ledger = files.exists(real)
    with _scratch() as scratch:
        copy = scratch / "ledger.db"
        if has_ledger:
            with open_reader(real) as reader:
                reader.copy_to(copy)
        try:
            yield copy
        except LedgerUnwritable:
            raise
        except LedgerError as error:
            # What is wrong with the copy is wrong with the ledger.
            error.where = str(path)
            raise


@contextmanager
def _scratch() -> Iterator[Path]:
    try:
        made = tempfile.TemporaryDirectory(prefix="earnd-plan-")
    except OSError as error:
        raise EarndError(
            f"no temporary directory can be made for a copy of the ledger: {error.strerror}",
            where=str(error.filename or "the temporary directory"),
            todo="name another place in TMPDIR",
        ) from None
    with made as scratch:
        yield Path(scratch).resolve()


def stop_on_signals(stop: threading.Event) -> None:
    """To stop, or a terminal that closes, lets the request in flight finish and be recorded."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())


def _say(report: CycleReport, file: LoadedConfig, *, sends: bool, as_json: bool) -> int:
    exchange = file.config.exchange.base_url
    if as_json:
        print_json(cycle_facts(report, sends=sends, exchange=exchange))
    else:
        print_cycle(report, sends=sends, exchange=exchange)
    if report.outcome is CycleOutcome.REFUSED:
        return ExitCode.REFUSED
    is_fine = report.outcome in (CycleOutcome.DONE, CycleOutcome.INTERRUPTED)
    return ExitCode.FINE if is_fine else ExitCode.FINDING
