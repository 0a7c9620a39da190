"""The one seam where what SQLite and the system refuse becomes an error that a person can act on.

Nothing of sqlite3, SQLAlchemy or the operating system's errors leaves `earnd.ledger` raw.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError, StatementError

from earnd.errors import IllegalTransition, LedgerError, LedgerHeldUp, LedgerUnwritable

_FREE_SPACE = (
    "Free some space: nothing is sent until the ledger can be written."
    " The daemon tries again in its next cycle."
)
_CLOSE_IT = (
    "Close the program that has the file open (a database browser, a sqlite3 shell)."
    " The daemon tries again in its next cycle."
)
_UNWRITABLE = {
    sqlite3.SQLITE_FULL: (
        "the disk is full (or the file has reached its allowed size)",
        _FREE_SPACE,
    ),
    sqlite3.SQLITE_IOERR: (
        "the disk gives an input/output error",
        "Look at the disk and the kernel's log, then start earnd again.",
    ),
    sqlite3.SQLITE_READONLY: (
        "the file, its folder or its disk is read-only",
        "Run earnd as the owner of the ledger, on a disk that can be written.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "SQLite can't open it, or the -wal and -shm files that it keeps beside it",
        "Run earnd as the owner of the ledger; its folder must be writable to that user.",
    ),
    sqlite3.SQLITE_PERM: (
        "the system denies access to it",
        "Run earnd as the owner of the ledger.",
    ),
    sqlite3.SQLITE_AUTH: (
        "the system denies access to it",
        "Run earnd as the owner of the ledger.",
    ),
    sqlite3.SQLITE_BUSY: (
        "another program is writing to it",
        _CLOSE_IT,
    ),
    sqlite3.SQLITE_LOCKED: (
        "another program is writing to it",
        _CLOSE_IT,
    ),
    sqlite3.SQLITE_PROTOCOL: (
        "its locks do not work",
        "Keep the ledger on a local disk: locks on network file systems can't be relied on.",
    ),
}

_PASSING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
"""SQLite takes the whole transaction back and the file is sound. Not so an input/output error:
after one nobody knows what is on the disk."""

_DAMAGED = (
    "Stop, keep the file as it is, and restore the newest backup that"
    " `earnd backup --check` accepts."
)


class Purpose(Enum):
    """What was being done, which decides what a refusal means."""

    WRITE = "write"
    STEP = "step"
    """A write that takes an action a step further."""
    READ = "read"


@contextmanager
def translated(path: Path, purpose: Purpose) -> Iterator[None]:
    """Raises what SQLite, SQLAlchemy or the system refuses inside as one of `earnd.errors`."""
    try:
        yield
    except DBAPIError as error:
        raise _of_sqlite(error.orig, path, purpose) from error
    except StatementError as error:
        raise _of_value(error.orig or error, path) from error
    except SQLAlchemyError as error:
        raise _of_value(error, path) from error
    except sqlite3.Error as error:
        raise _of_sqlite(error, path, purpose) from error
    except (OverflowError, UnicodeError) as error:
        raise _of_value(error, path) from error
    except OSError as error:
        raise _of_system(error, path, purpose) from error


def primary_code(error: BaseException | None) -> int:
    """SQLite's primary result code; 0 if the error is not SQLite's."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def is_input_output(error: BaseException | None) -> bool:
    """Whether the disk failed under SQLite, after which nothing written last is certain."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return primary_code(cause) == sqlite3.SQLITE_IOERR


def _of_sqlite(error: BaseException | None, path: Path, purpose: Purpose) -> LedgerError:
    code = primary_code(error)
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    said = f"{error} [{name}]"
    if code == sqlite3.SQLITE_CONSTRAINT:
        return _of_constraint(said, path, purpose)
    if code == sqlite3.SQLITE_NOTADB:
        return not_a_ledger(path, "it is not an SQLite database")
    if code == sqlite3.SQLITE_CORRUPT:
        return LedgerError(f"the file is damaged: {said}", where=str(path), todo=_DAMAGED)
    what, todo = _UNWRITABLE.get(code, ("SQLite refuses", "See the message of SQLite."))
    if code in _PASSING:
        return LedgerHeldUp(f"{what}: {said}", where=str(path), todo=todo)
    if purpose is Purpose.READ:
        return LedgerError(f"it can't be read: {what}: {said}", where=str(path), todo=todo)
    if code in _UNWRITABLE:
        return LedgerUnwritable(f"{what}: {said}", where=str(path), todo=todo)
    return LedgerError(f"{what}: {said}", where=str(path), todo=todo)


def _of_constraint(said: str, path: Path, purpose: Purpose) -> LedgerError:
    kind = IllegalTransition if purpose is Purpose.STEP else LedgerError
    return kind(
        f"the ledger refuses this row: {said}",
        where=str(path),
        todo="Nothing was written. This is a bug in earnd; please report it with this message.",
    )


def _of_value(error: BaseException, path: Path) -> LedgerError:
    return LedgerError(
        f"a value can't be written: {error}",
        where=str(path),
        todo="Nothing was written. This is a bug in earnd; please report it with this message.",
    )


def _of_system(error: OSError, path: Path, purpose: Purpose) -> LedgerError:
    kind = LedgerError if purpose is Purpose.READ else LedgerUnwritable
    said = os.strerror(error.errno) if error.errno else str(error)
    return kind(
        f"the system refuses: {said}",
        where=str(error.filename or path),
        todo="Check that the folder exists, and belongs to the user that earnd runs as.",
    )


def not_a_ledger(path: Path, because: str) -> LedgerError:
    """The refusal of a file that is something else."""
    return LedgerError(
        f"this is no ledger of earnd: {because}",
        where=str(path),
        todo="Check `ledger.path`; earnd never overwrites a file that it did not make.",
    )


def damaged(path: Path, finding: str) -> LedgerError:
    """The refusal of a ledger that SQLite finds faults in."""
    return LedgerError(f"the file is damaged: {finding}", where=str(path), todo=_DAMAGED)
