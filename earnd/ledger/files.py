"""The ledger as a file: where it may lie, how it comes to be, whether it is still the same one.

The database file is never opened here, only looked at: closing any descriptor of it would drop
the locks that SQLite holds on it in this process (sqlite.org/howtocorrupt.html, section 2.2).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from earnd.errors import LedgerError
from earnd.ledger.refusal import Purpose, not_a_ledger, translated

OWNER_ONLY = 0o600


def resolved(path: Path) -> Path:
    """The one path of the file, links followed, so that two names can't mean two locks.

    Raises `LedgerError` if the folder does not exist: earnd makes a ledger, not the place for it.
    """
    whole = path.expanduser()
    with translated(whole, Purpose.READ):
        real = Path(os.path.realpath(whole))
        if not real.parent.is_dir():
            raise LedgerError(
                f"the folder {real.parent} does not exist",
                where=str(path),
                todo=f"Make it, for the user that earnd runs as: mkdir -p {real.parent}",
            )
    return real


def exists(path: Path) -> bool:
    """Whether there is a file that may be a ledger.

    Raises `LedgerError` for what can't be one: a folder, a device, an empty file. An empty file
    may be all that a crash left of a ledger, so it is not taken for permission to begin anew.
    """
    with translated(path, Purpose.READ):
        try:
            found = path.stat(follow_symlinks=False)
        except FileNotFoundError:
            return False
    if stat.S_ISDIR(found.st_mode):
        raise not_a_ledger(path, "it is a folder")
    if not stat.S_ISREG(found.st_mode):
        raise not_a_ledger(path, "it is not an ordinary file")
    if found.st_size == 0:
        raise LedgerError(
            "the file is empty; a ledger never is",
            where=str(path),
            todo="If there was a ledger here, restore its backup. If not, delete the file.",
        )
    return True


def missing(path: Path) -> LedgerError:
    """The refusal to read a ledger that is not there."""
    return LedgerError(
        "there is no ledger here",
        where=str(path),
        todo="`earnd once` or `earnd run` begins one; `--ledger FILE` reads another.",
    )


def identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at this path; `None` if there is none."""
    try:
        found = path.stat(follow_symlinks=False)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def refuse_second_name(path: Path) -> None:
    """Raises `LedgerError` if the file has another name.

    Under each name SQLite would keep another -wal and we would hold another lock.
    """
    with translated(path, Purpose.WRITE):
        names = path.stat(follow_symlinks=False).st_nlink
    if names > 1:
        raise LedgerError(
            f"the file has {names} names (hard links); a second earnd could write under another",
            where=str(path),
            todo="Remove the other links; `earnd backup` makes a real copy.",
        )


def unfinished(path: Path) -> Path:
    """Where a file is built before it appears under its own name."""
    return path.with_name(f"{path.name}.new")


def clear_unfinished(path: Path) -> None:
    """Removes what a killed process left of a file that it was building.

    Only for whoever holds the lock, or is alone in building this file.
    """
    new = unfinished(path)
    with translated(new, Purpose.WRITE):
        for leftover in (new, *(new.with_name(new.name + tail) for tail in _TAILS)):
            leftover.unlink(missing_ok=True)


_TAILS = ("-journal", "-wal", "-shm")


def refuse_orphans(path: Path) -> None:
    """Raises `LedgerError` if SQLite's side files lie where the ledger itself is gone.

    They may hold the newest commits of a ledger that somebody moved, and SQLite would replay them
    into the new file.
    """
    for tail in ("-journal", "-wal"):
        side = path.with_name(path.name + tail)
        with translated(side, Purpose.WRITE):
            if side.exists() and side.stat().st_size:
                raise LedgerError(
                    f"the ledger is gone, but {side.name}, which belongs to it, is still here",
                    where=str(path),
                    todo="Put the ledger back beside it. To begin anew, move that file away first.",
                )


def appear(path: Path, build: Callable[[Path], None]) -> None:
    """Builds a file that is complete, or not there: `build` fills it under another name.

    Owner-only from its first byte. Whenever the process is killed, nothing lies under `path`, or
    everything does. Raises `LedgerError` if something is there already.
    """
    new = unfinished(path)
    clear_unfinished(path)
    with translated(path, Purpose.WRITE):
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
        os.close(os.open(new, flags, OWNER_ONLY))
        try:
            build(new)
            _link(new, path)
        finally:
            clear_unfinished(path)
        _sync_folder(path.parent)


def _link(new: Path, path: Path) -> None:
    # A link, not a rename: a rename would silently replace a file that appeared meanwhile.
    try:
        os.link(new, path, follow_symlinks=False)
    except FileExistsError:
        raise LedgerError(
            "a file of this name exists already",
            where=str(path),
            todo="Nothing was overwritten. Choose another name, or move that file away.",
        ) from None
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
