"""The only place that names concrete classes: a configuration becomes the parts of a cycle."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from earnd.clock import SystemClock, draw_jitter, draw_run_prefix, name_of_boot
from earnd.config.load import LoadedConfig
from earnd.config.model import RunMode
from earnd.config.secrets import Secrets, load_secrets
from earnd.config.sections import TotalPerCoin
from earnd.domain.closure import Closing, Closure
from earnd.domain.settling import Rules
from earnd.errors import ConfigError, LedgerError
from earnd.exchange.bitmart.client import BitmartClient
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.signing import Credentials
from earnd.exchange.bitmart.writer import BitmartWriter
from earnd.exchange.transport import Limits
from earnd.ledger.book import Book
from earnd.ledger.engine import RunStart, open_writer
from earnd.log import LEVELS, configure
from earnd.parts import Parts
from earnd.ports import Clock, Log


@dataclass(frozen=True, slots=True)
class Wired:
    """The parts of a cycle, and the event that asks whoever runs it to stop.

    `book` is the ledger among the parts, for what is done with it as a file.
    """

    parts: Parts
    book: Book
    stop: threading.Event


def secrets_of(file: LoadedConfig, environ: Mapping[str, str]) -> Secrets:
    """The secrets that this configuration leads to; raises `ConfigError`."""
    return load_secrets(file.config, file.directory, environ)


def log_for(file: LoadedConfig, secrets: Secrets | None, *, level: str | None = None) -> Log:
    """The log as configured; the secrets are given so that they are kept out of it.

    `level` instead of the configured one, if that would say more.
    """
    least = file.config.log.level.value
    if level is not None and LEVELS[level] > LEVELS[least]:
        least = level
    hidden = () if secrets is None else (secrets.access_key, secrets.secret_key, secrets.memo)
    return configure(
        level=least,
        form=file.config.log.format.value,
        secrets=[secret.reveal() for secret in hidden],
    )


@contextmanager
def wired(
    file: LoadedConfig,
    secrets: Secrets,
    ledger_path: Path,
    *,
    may_send: bool = True,
    clock: Clock | None = None,
    log: Log | None = None,
    prefix: str | None = None,
) -> Iterator[Wired]:
    """The parts of a cycle, held open: the ledger with its lock, the client with its sockets.

    `may_send` false leaves the writer out whatever the mode is. Time, and the eight digits that
    begin the request numbers, are the machine's unless they are given. Raises `LedgerError`,
    `LedgerBusy`, `ConfigError`.
    """
    config = file.config
    clock = clock or SystemClock()
    log = log or log_for(file, secrets)
    prefix = prefix or draw_run_prefix()
    stop = threading.Event()
    # The client first: what is wrong with the configuration is said before a ledger is begun.
    with (
        _client(file, secrets, clock) as client,
        writable_ledger(file, ledger_path, clock, prefix=prefix) as book,
    ):
        _tell_restored(book, log)
        client.pacer.resume(
            book.closures(), boot=name_of_boot(), tell=partial(_keep_closure, book, log)
        )
        strategy = config.strategy_value()
        book.record_limits(clock.now(), strategy)
        is_live = config.mode is RunMode.LIVE and may_send
        uses_totals = config.exchange.total_per_coin is TotalPerCoin.USE
        yield Wired(
            parts=Parts(
                reader=BitmartReader(
                    client,
                    wallet=config.exchange.wallet.value,
                    ask_totals=uses_totals,
                    history_window=config.exchange.history_window,
                ),
                writer=BitmartWriter(client) if is_live else None,
                ledger=book,
                clock=clock,
                log=log,
                strategy=strategy,
                mode=config.mode.value,
                tag_seed=prefix,
                rules=Rules(
                    config.settling.patience,
                    config.settling.clock_doubt,
                    config.settling.replay_window,
                ),
                jitter=draw_jitter,
                max_clock_skew=config.limits.max_clock_skew,
                max_data_age=config.limits.max_data_age,
                is_paused=lambda: file.pause_file is not None and _may_be_at(file.pause_file),
                is_stopping=stop.is_set,
            ),
            book=book,
            stop=stop,
        )


def _tell_restored(book: Book, log: Log) -> None:
    """Says that the file is an older copy, if it is: what was done since is not in it."""
    restored = book.restored_from()
    if restored is not None:
        found, expected = restored
        log.warning(
            "ledger.restored",
            found=found,
            expected=expected,
            todo="nothing is sent before the exchange's history was read whole; if nobody restored"
            " a backup, find out who replaced the file",
        )


def _keep_closure(book: Book, log: Log, closure: Closure) -> None:
    """Writes down that the exchange wants silence, so that the next life knows it too.

    It is told between a reply and what is made of it. A ledger that fails now must not cost the
    reply; it stops the cycle at its next write.
    """
    tell = log.error if closure.closing is Closing.BAN else log.warning
    tell(
        "exchange.closed",
        endpoint=closure.endpoint,
        closing=closure.closing.value,
        until=f"{closure.until:%Y-%m-%dT%H:%M:%SZ}",
        strikes=closure.strikes,
    )
    try:
        book.record_closure(closure)
    except LedgerError as error:
        log.warning("closure.not_recorded", error=str(error))


def writable_ledger(
    file: LoadedConfig, path: Path, clock: Clock, *, prefix: str | None = None
) -> Book:
    """The ledger, locked for writing, with this run on record; a context that closes it.

    Raises `LedgerError`, `LedgerBusy`.
    """
    start = RunStart(
        prefix=prefix or draw_run_prefix(),
        started_at=clock.now(),
        version=version("earnd"),
        config_digest=file.digest,
    )
    return open_writer(
        path, mode=file.config.mode.value, account_label=_account_of(file), run=start
    )


def _account_of(file: LoadedConfig) -> str:
    """The account as the ledger knows it.

    An exchange on this machine is a practice exchange; its history must never be taken for that
    of the real one, so the two do not share a ledger even under one label.
    """
    host = urlsplit(file.config.exchange.base_url).hostname or ""
    try:
        is_here = host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        is_here = False
    return f"{file.config.account.label} (sandbox)" if is_here else file.config.account.label


def _client(file: LoadedConfig, secrets: Secrets, clock: Clock) -> BitmartClient:
    exchange = file.config.exchange
    try:
        return BitmartClient(
            exchange.base_url,
            Credentials(
                secrets.access_key.reveal(), secrets.secret_key.reveal(), secrets.memo.reveal()
            ),
            clock,
            jitter=draw_jitter,
            limits=Limits(
                connect_s=exchange.connect_timeout.total_seconds(),
                read_s=exchange.read_timeout.total_seconds(),
                total_s=exchange.total_timeout.total_seconds(),
            ),
            ca_file=None if file.ca_file is None else str(file.ca_file),
        )
    except (ValueError, OSError) as error:
        raise ConfigError(str(error), where=f"{file.path}: exchange") from None


def _may_be_at(path: Path) -> bool:
    """Whether a file is there; true if that cannot be found out, because it stops money."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True
