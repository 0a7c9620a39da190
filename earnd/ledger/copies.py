"""The copies of a ledger in a folder: their names, which is the newest, and which may go.

A copy is one file, `<ledger>.<UTC time>.db`, and its name alone says of what and of when it is:
nothing about copies is kept in the ledger, which may be what was lost.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from earnd.errors import LedgerUnwritable, NoCopy

STALE = timedelta(hours=1)
"""A copy that was begun so long before another, and is not whole yet, never will be."""

_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Kept:
    """A copy in a folder, and when it was made by its name."""

    path: Path
    at: datetime


def name_of(ledger: Path, at: datetime) -> str:
    """The name of a copy of this ledger that is made at this time."""
    return f"{ledger.name}.{at.astimezone(UTC):{_TIME}}.db"


def copies_in(folder: Path, ledger: Path) -> tuple[Kept, ...]:
    """The copies of this ledger in the folder by their names, newest first.

    Empty for a folder that is not there. Raises `NoCopy` for one that can't be read.
    """
    found = _named(folder, ledger, ".db")
    return tuple(sorted(found, key=lambda kept: kept.at, reverse=True))


def is_due(newest: Kept | None, now: datetime, every: timedelta) -> bool:
    """Whether the newest copy is older than that; one from the future says nothing."""
    return newest is None or abs(now - newest.at) >= every


def ready(folder: Path, *, may_make: bool) -> Path:
    """The folder, as a place for copies; `may_make` says that it may be made, for its owner alone.

    Raises `NoCopy` for one that is not there.
    """
    with as_no_copy(folder, "the folder can't be used"):
        if may_make:
            folder.mkdir(mode=0o700, exist_ok=True)
        is_there = folder.is_dir()
    if not is_there:
        raise no_copy(
            "there is no such folder",
            folder,
            f"Make it, for the user that earnd runs as: mkdir -p {folder}. Is its disk mounted?",
        )
    return Path(os.path.realpath(folder))


def rotate(folder: Path, ledger: Path, *, keep: int, new: Path) -> tuple[Path, ...]:
    """Deletes all but the newest copies of this ledger, and what never became a copy.

    For after `new` was made there, verified; that one stays, whatever its name says. Answers what
    was deleted. Raises `NoCopy` if something can't be.
    """
    copies = copies_in(folder, ledger)
    others = [kept for kept in copies if kept.path.name != new.name]
    old = others[keep - 1 :]
    for made in copies:
        if made.path.name == new.name:
            unfinished = _named(folder, ledger, ".db.new")
            old += [half for half in unfinished if made.at - half.at >= STALE]
    for kept in old:
        with as_no_copy(kept.path, "an old copy can't be deleted"):
            kept.path.unlink(missing_ok=True)
    return tuple(kept.path for kept in old)


def _named(folder: Path, ledger: Path, tail: str) -> Iterator[Kept]:
    """The ordinary files that have exactly such a name."""
    pattern = re.compile(re.escape(ledger.name) + r"\.([0-9]{8}T[0-9]{6}Z)" + re.escape(tail))
    entries: list[os.DirEntry[str]] = []
    with (
        as_no_copy(folder, "the folder can't be read"),
        suppress(FileNotFoundError),
        os.scandir(folder) as listed,
    ):
        entries = list(listed)
    for entry in entries:
        match = pattern.fullmatch(entry.name)
        if match is not None and entry.is_file(follow_symlinks=False):
            with suppress(ValueError):  # the 99th of a month is no time
                at = datetime.strptime(match[1], _TIME).replace(tzinfo=UTC)
                yield Kept(folder / entry.name, at)


@contextmanager
def as_no_copy(path: Path, what: str = "it can't be written") -> Iterator[None]:
    """Raises what the system or SQLite refuses inside as `NoCopy`."""
    try:
        yield
    except LedgerUnwritable as error:
        todo = "See to that folder and its disk, or name another."
        raise no_copy(f"{what}: {error.what}", path, todo) from error
    except OSError as error:
        said = error.strerror or str(error)
        raise no_copy(f"{what}: {said}", path, "Is it the folder of earnd's user?") from error


def no_copy(what: str, where: Path, todo: str) -> NoCopy:
    """The refusal to make a copy."""
    return NoCopy(what, where=str(where), todo=f"{todo} The ledger is as it was.")
