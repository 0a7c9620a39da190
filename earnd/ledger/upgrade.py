"""Bringing an old ledger to the newest schema, with a copy of it as it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from alembic.util import CommandError

from earnd.errors import LedgerError, LedgerUnwritable
from earnd.ledger import files, schema
from earnd.ledger.lock import WriterLock
from earnd.ledger.refusal import damaged
from earnd.ledger.store import Access, Store, open_store


def head(scripts: Path | None = None) -> str:
    """The schema revision that this program writes."""
    return schema.head(scripts)


def current(path: Path) -> str:
    """The schema revision of the file; read-only, so that a too new or too old one answers too."""
    real = files.resolved(path)
    if not files.exists(real):
        raise files.missing(real)
    store = open_store(real, Access.READ)
    try:
        with store.reading() as connection:
            return schema.revision_of(connection, real)
    finally:
        store.close()


def migrate(path: Path, *, at: datetime, scripts: Path | None = None) -> Path | None:
    """Upgrades the ledger to `head` and answers where the copy of the old one is.

    `None` if there was nothing to do. The copy is verified before anything is changed; the upgrade
    is one transaction, so that a failing one leaves the ledger as it was. `scripts` is another
    folder of migrations, for trying them. Raises `LedgerTooNew` for a schema it does not know.
    """
    real = files.resolved(path)
    if not files.exists(real):
        raise files.missing(real)
    with WriterLock(real):
        files.clear_unfinished(real)
        files.refuse_second_name(real)
        store = open_store(real, Access.BUILD)
        try:
            newest = schema.head(scripts)
            if _known_revision(store, scripts) == newest:
                return None
            copy = real.with_name(
                f"{real.name}.before-{newest}-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            )
            store.copy_to(copy)
            _upgrade(store, scripts, copy)
        finally:
            store.close()
    return copy


def _known_revision(store: Store, scripts: Path | None) -> str:
    with store.reading() as connection:
        found = schema.revision_of(connection, store.path)
        if not schema.is_known(found, scripts):
            raise schema.too_new(connection, store.path, found)
    return found


def _upgrade(store: Store, scripts: Path | None, copy: Path) -> None:
    try:
        with store.writing() as connection:
            schema.upgrade(connection, scripts)
            orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if orphan is not None:
                raise damaged(store.path, f"a row of {orphan[0]} refers to one that is not there")
    except LedgerUnwritable:
        raise
    except (LedgerError, CommandError) as error:
        raise LedgerError(
            f"the upgrade failed: {getattr(error, 'what', error)}",
            where=str(store.path),
            todo=f"The ledger is as it was, and a copy of it is {copy}. Please report this.",
        ) from error
