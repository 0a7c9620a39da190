"""One connection to one file, and transactions on it.

Two ways in: `writing`, a BEGIN IMMEDIATE that is durable when it ends, and `reading`, one
consistent moment. There is no third, so nothing is ever written outside a transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from threading import RLock

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError

from earnd.errors import LedgerError, LedgerUnwritable
from earnd.ledger import files
from earnd.ledger.refusal import Purpose, is_input_output, not_a_ledger, translated

APPLICATION_ID = 0x6561726E
"""Written into every ledger by the first step of the schema: the letters of `earn`."""

PATIENCE_MS = 5_000
"""How long to wait for a stranger's transaction: a person's slip in a shell, not a way of life."""

_WRITE = (
    # Readers never wait for the writer, nor it for them.
    ("journal_mode", "WAL", "wal"),
    # With NORMAL a power cut may take the newest commits, and those say what was just sent.
    ("synchronous", "FULL", 2),
    # Off by default, and the state machine is made of them.
    ("foreign_keys", "ON", 1),
    # Lets the DELETE triggers see what INSERT OR REPLACE removes.
    ("recursive_triggers", "ON", 1),
    # A schema edited by a stranger can't call functions with side effects.
    ("trusted_schema", "OFF", 0),
)
_READ = (
    ("query_only", "ON", 1),
    ("trusted_schema", "OFF", 0),
)
_BUILD = (
    ("synchronous", "FULL", 2),
    # A step may rebuild a table that others refer to; `foreign_key_check` follows before it ends.
    ("foreign_keys", "OFF", 0),
    ("trusted_schema", "OFF", 0),
)


class Access(Enum):
    """What a connection is for: its mode in the URI and its pragmas."""

    WRITE = ("rw", _WRITE)
    READ = ("ro", _READ)
    BUILD = ("rw", _BUILD)
    """Making or changing the schema; the journal stays as it is, a new file being one file."""


@dataclass(slots=True)
class Store:
    """The connection; made by `open_store`, used by one thread at a time, closed by `close`."""

    path: Path
    _engine: Engine
    _connection: Connection
    _begin: list[str]
    _identities: dict[Path, tuple[int, int] | None]
    _turn: RLock = field(default_factory=RLock)
    _failed: bool = False

    @contextmanager
    def writing(self, *, step: bool = False) -> Iterator[Connection]:
        """One transaction that is durable when the block ends, or never was.

        `step` says that it takes an action a step further: what the constraints then refuse is an
        `IllegalTransition`.
        """
        purpose = Purpose.STEP if step else Purpose.WRITE
        with self._turn, translated(self.path, purpose):
            self._refuse_after_failure()
            self._begin[0] = "BEGIN IMMEDIATE"
            try:
                with self._connection.begin():
                    yield self._connection
            except DBAPIError as error:
                self._failed = self._failed or is_input_output(error)
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent moment of the ledger; what is written in it is taken back."""
        with self._turn, translated(self.path, Purpose.READ):
            self._begin[0] = "BEGIN"
            with self._connection.begin() as moment:
                try:
                    yield self._connection
                finally:
                    moment.rollback()

    def moment(self) -> tuple[int, int]:
        """Differs from every earlier one if anything was written since, by us or by a stranger.

        Rows that we changed, and SQLite's own count of what other connections committed.
        """
        raw = self.raw
        with self._turn, translated(self.path, Purpose.READ):
            others = raw.execute("PRAGMA data_version").fetchone()[0]
            return raw.total_changes, int(others)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; never while a request is on its way."""
        return self.raw.in_transaction

    @property
    def raw(self) -> sqlite3.Connection:
        """The driver's own connection, for what SQLAlchemy has no words for."""
        with translated(self.path, Purpose.READ):
            raw = self._connection.connection.driver_connection
        if not isinstance(raw, sqlite3.Connection):
            raise LedgerError("the connection is closed", where=str(self.path))
        return raw

    def displaced(self) -> Path | None:
        """Which of the files that are open is no longer the one at its path; `None` if all are.

        SQLite would go on writing into a file that was deleted or replaced, without a word. That
        goes for the -wal too, which holds the newest commits, and for the -shm, without which
        another program would not see them.
        """
        for path, identity in self._identities.items():
            if identity is None or files.identity(path) != identity:
                return path
        return None

    def copy_to(self, path: Path, check: Callable[[Path], None] = lambda _: None) -> None:
        """A complete, consistent, verified copy in a new owner-only file; writers need not stop.

        `check` is given the whole copy before it has its name; what it raises undoes the copy.
        """

        def build(new: Path) -> None:
            target = sqlite3.connect(f"{new.as_uri()}?mode=rw", uri=True, isolation_level=None)
            try:
                with self._turn:
                    self.raw.backup(target)
                # A copy is one file: it needs no -wal beside it to be whole.
                target.execute("PRAGMA journal_mode = DELETE")
                finding = target.execute("PRAGMA integrity_check(1)").fetchone()[0]
            finally:
                target.close()
            if finding != "ok":
                raise LedgerError(
                    f"the copy is not sound: {finding}",
                    where=str(path),
                    todo="Look at the disk; the copy was removed and the ledger is as it was.",
                )
            check(new)

        with translated(path, Purpose.WRITE):
            files.appear(files.resolved(path), build)

    def close(self) -> None:
        """Ends the connection; doing it twice is harmless."""
        with self._turn:
            self._connection.close()
            self._engine.dispose()

    def _refuse_after_failure(self) -> None:
        # After a failed sync the kernel forgets which pages it could not write, and the next sync
        # "succeeds" (Rebello et al., "Can Applications Recover from fsync Failures?", 2020).
        if self._failed:
            raise LedgerUnwritable(
                "an earlier write failed with an input/output error",
                where=str(self.path),
                todo="Look at the disk and the kernel's log, then start earnd again.",
            )


def open_store(path: Path, access: Access, *, patience_ms: int = PATIENCE_MS) -> Store:
    """Opens an existing file with every pragma set, and read back.

    Raises `LedgerError` for a file that is no SQLite database, or is damaged.
    """
    begin = ["BEGIN"]
    mode, pragmas = access.value

    def connect() -> sqlite3.Connection:
        # The scheduler's thread uses what the main thread opened; `Store` lets in one at a time.
        return sqlite3.connect(
            f"{path.as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            timeout=patience_ms / 1000,
            check_same_thread=False,
        )

    # isolation_level=None keeps the driver from beginning transactions, and the event begins them:
    # SQLAlchemy's documented way for all versions of Python ("Using SQLAlchemy to emit BEGIN").
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "begin")
    def _emit_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin[0])

    purpose = Purpose.READ if access is Access.READ else Purpose.WRITE
    before = {path: files.identity(path)}
    with translated(path, purpose):
        connection = engine.connect()
        store = Store(path, engine, connection, begin, before)
        try:
            if access is not Access.BUILD:
                _refuse_stranger(store)
            _set_pragmas(store, pragmas)
        except BaseException:
            store.close()
            raise
    if store.displaced():
        store.close()
        raise LedgerError("the file was replaced while it was opened", where=str(path))
    if access is Access.WRITE:
        with store.reading() as connection:
            connection.exec_driver_sql("SELECT 1 FROM sqlite_master")
        # The first look has made them, and SQLite keeps them while this connection lives.
        sides = (path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))
        before.update({side: files.identity(side) for side in sides})
    return store


def _refuse_stranger(store: Store) -> None:
    # Before anything else: to set journal_mode is to write into the file.
    mark = store.raw.execute("PRAGMA application_id").fetchone()[0]
    if mark != APPLICATION_ID:
        raise not_a_ledger(store.path, "it is an SQLite database of another program")


def _set_pragmas(store: Store, pragmas: tuple[tuple[str, str, str | int], ...]) -> None:
    # Outside any transaction: inside one, foreign_keys is ignored without a word.
    for name, value, expected in pragmas:
        store.raw.execute(f"PRAGMA {name} = {value}").fetchall()
        answer = store.raw.execute(f"PRAGMA {name}").fetchone()
        if answer is None or answer[0] != expected:
            raise LedgerError(
                f"SQLite {sqlite3.sqlite_version} does not take PRAGMA {name} = {value}"
                f" (it says {answer[0] if answer else 'nothing'})",
                where=str(store.path),
                todo="Keep the ledger on a local disk, and use an SQLite of 3.37 or newer.",
            )
