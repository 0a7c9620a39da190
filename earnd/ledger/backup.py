"""A copy of a ledger: made while it is in use, verified before it has a name, checked later."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, func, select, table, text

from earnd.errors import LedgerError, LedgerUnwritable
from earnd.ledger import files, schema
from earnd.ledger.copies import as_no_copy, no_copy
from earnd.ledger.refusal import damaged
from earnd.ledger.store import Access, Store, open_store
from earnd.ledger.verify import verify

SPARE_BYTES = 16 * 2**20
"""So much is left free on the ledger's own disk: a copy must not be what fills it."""


class Source(Protocol):
    """An open ledger: a `Book` or a `Reader`."""

    @property
    def store(self) -> Store:
        """The connection."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """What is in a file that was found to be a whole ledger.

    `tables` is how many rows each has. `anchor` is the newest block of its hash chain, all of which
    fits; `None` if there is no block, or the schema is an older one.
    """

    path: Path
    size: int
    revision: str
    is_newest: bool
    tables: Mapping[str, int]
    last_cycle: tuple[int, str] | None
    anchor: str | None

    @property
    def rows(self) -> int:
        """Of all tables together."""
        return sum(self.tables.values())


def back_up(source: Source, target: Path) -> Checked:
    """A verified copy in a new file; the source may go on writing.

    The copy is whole, its schema unaltered, every reference in it leads to a row, its hash chain
    fits, and no table has fewer rows than the source had when the copy began. Raises `NoCopy` if
    it can't be made, for what is there already or has no room, and `LedgerError` if what was
    copied is not sound. In all cases the ledger is as it was, and nothing half is left.
    """
    found: list[Checked] = []
    with source.store.reading() as connection:
        before = _counts(connection)
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        size = pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()

    def verify(new: Path) -> None:
        found.append(_checked(new))
        for name, rows in before.items():
            if found[0].tables.get(name, 0) < rows:
                raise LedgerError(f"the copy lacks rows of {name}", where=str(target))

    with as_no_copy(target):
        if os.path.lexists(target):
            raise no_copy("a file of this name exists already", target, "Nothing was overwritten.")
        _refuse_without_room(source.store.path, target.parent, size)
        try:
            source.store.copy_to(target, verify)
        except LedgerUnwritable:
            raise
        except LedgerError as error:
            if error.where.endswith(".new"):
                # The copy has no name yet, and will have none.
                error.where = str(target)
            raise
    return replace(found[0], path=target)


def check(path: Path) -> Checked:
    """The same of a file that lies somewhere; a copy from an older earnd is right too.

    Raises `LedgerError` for what can't be restored, with the first fault that was found.
    """
    real = files.resolved(path)
    if not files.exists(real):
        raise LedgerError("there is no such file", where=str(path))
    try:
        return _checked(real)
    except LedgerError as error:
        raise LedgerError(
            f"this copy is no good: {error.what}",
            where=str(path),
            todo="Do not put it in a ledger's place; check an older copy, or make a new one.",
        ) from error


def _checked(path: Path) -> Checked:
    """Opens the file as a ledger and looks through all of it."""
    store = open_store(path, Access.READ)
    try:
        with store.reading() as connection:
            revision = schema.revision_of(connection, path)
            if not schema.is_known(revision):
                raise schema.too_new(connection, path, revision)
            is_newest = revision == schema.head()
            if not is_newest:
                _refuse_unsound(connection, path)
            anchor = _proven(path) if is_newest else None
            tables = _counts(connection)
            last = connection.execute(
                text("SELECT cycle_id, began_at FROM cycle ORDER BY cycle_id DESC LIMIT 1")
            ).first()
    finally:
        store.close()
    size = path.stat(follow_symlinks=False).st_size
    last_cycle = None if last is None else (last[0], last[1])
    return Checked(path, size, revision, is_newest, tables, last_cycle, anchor)


def _proven(path: Path) -> str | None:
    """The newest block, if every row is what earnd wrote."""
    verdict = verify(path)
    for finding in verdict.findings:
        raise damaged(path, finding.what)
    return None if verdict.head is None else verdict.head.anchor


def _refuse_unsound(connection: Connection, path: Path) -> None:
    """What can be said of a schema of the past: SQLite finds no fault, no reference is broken."""
    finding = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    if finding != "ok":
        raise damaged(path, str(finding))
    orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if orphan is not None:
        raise damaged(path, f"a row of {orphan[0]} refers to one that is not there")


def _counts(connection: Connection) -> dict[str, int]:
    names: Sequence[str] = (
        connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        .scalars()
        .all()
    )
    return {
        name: int(connection.execute(select(func.count()).select_from(table(name))).scalar_one())
        for name in names
        if not name.startswith("sqlite_")
    }


def _refuse_without_room(ledger: Path, folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    is_same_disk = folder.stat().st_dev == ledger.stat(follow_symlinks=False).st_dev
    needed = size + (SPARE_BYTES if is_same_disk else 0)
    if free < needed:
        raise no_copy(
            f"the copy needs {needed // 2**20 + 1} MiB, and {free // 2**20} are free",
            folder,
            "Free some space, or name a folder on another disk.",
        )
