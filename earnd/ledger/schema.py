"""The ledger's schema: its newest revision, a file's own, and whether the two are one.

The steps lie in `earnd.migrations`, inside the installed package; there is no alembic.ini.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from earnd.errors import LedgerError, LedgerTooNew, LedgerTooOld
from earnd.ledger.refusal import damaged, not_a_ledger
from earnd.ledger.store import APPLICATION_ID, Store

# Alembic takes longer to import than a reading command to do its work, and readers never need it.
if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

NEWEST = "0012"
"""The newest of the steps in this package; a test holds it equal to what Alembic finds there."""

WHOLE_CHECK_BYTES = 64 * 2**20
"""Larger files are checked at opening in the tables about money only: a whole check takes about a
second per 64 MiB. Every copy is checked in whole."""

_MONEY_TABLES = ("action", "action_event", "attempt", "attempt_answer", "attribution")


def scripts_folder() -> Path:
    """Where the steps are installed."""
    return Path(str(files("earnd.migrations")))


def head(scripts: Path | None = None) -> str:
    """The newest revision: of this package, or of another folder of steps."""
    if scripts is None:
        return NEWEST
    revision = _directory(scripts).get_current_head()
    if revision is None:
        raise LedgerError("this installation has no migrations", todo="Install earnd again.")
    return revision


def upgrade(connection: Connection, scripts: Path | None = None, *, revision: str = "head") -> None:
    """Brings the schema to `revision` inside the caller's transaction; commits nothing."""
    from alembic import command  # noqa: PLC0415 - see NEWEST

    config = _config(scripts)
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def revision_of(connection: Connection, path: Path) -> str:
    """The file's own revision.

    Raises `LedgerError` if the file is a database but no ledger of earnd.
    """
    mark = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    if mark != APPLICATION_ID:
        raise not_a_ledger(path, "it is an SQLite database of another program")
    rows = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    if len(rows) != 1:
        raise damaged(path, f"it names {len(rows)} schema revisions instead of one")
    return str(rows[0])


def refuse_other_revision(connection: Connection, path: Path, scripts: Path | None = None) -> None:
    """Raises `LedgerTooOld` or `LedgerTooNew` unless the file's schema is this program's."""
    found = revision_of(connection, path)
    newest = head(scripts)
    if found == newest:
        return
    if is_known(found, scripts):
        raise LedgerTooOld(
            f"the ledger has schema {found}, and this earnd needs {newest}",
            where=str(path),
            todo="Run `earnd migrate`: it keeps a copy of the file as it is.",
        )
    raise too_new(connection, path, found)


def too_new(connection: Connection, path: Path, found: str) -> LedgerTooNew:
    """The refusal of a schema that this program has never heard of."""
    version = _last_writer(connection) or "of a newer version"
    return LedgerTooNew(
        f"the ledger has schema {found}, which this earnd does not know;"
        f" it was last written by earnd {version}",
        where=str(path),
        todo=f"Install earnd {version}, or restore the copy that `earnd migrate` made.",
    )


def _last_writer(connection: Connection) -> str | None:
    newest = text("SELECT version FROM run ORDER BY run_id DESC LIMIT 1")
    try:
        version: str | None = connection.execute(newest).scalar_one_or_none()
    except OperationalError:  # the schema to come may have no such table
        return None
    return version


def is_known(revision: str, scripts: Path | None = None) -> bool:
    """Whether the revision is one of this program's."""
    return any(step.revision == revision for step in _directory(scripts).walk_revisions())


def refuse_altered(connection: Connection, path: Path) -> None:
    """Raises `LedgerError` if a table, a view, an index or a fence is not as the steps made it.

    Somebody's own further tables, views and indexes are welcome; a further trigger is not, since
    it would act on our rows.
    """
    ours = _objects(connection)
    expected = expected_objects()
    for key, statement in expected.items():
        if ours.get(key) != statement:
            change = "was changed" if key in ours else "is missing"
            raise _altered(path, f"{key[0]} {key[1]} {change}")
    for kind, name in sorted(ours.keys() - expected.keys()):
        if kind == "trigger":
            raise _altered(path, f"trigger {name} was added")
    owners = _owners(connection)
    for key, owner in made(head()).owners.items():
        if owners.get(key) != owner:
            raise _altered(path, f"{key[0]} {key[1]} is missing, or is another table's")


def _altered(path: Path, how: str) -> LedgerError:
    return LedgerError(
        f"the ledger's schema was altered by hand: {how}",
        where=str(path),
        todo="Keep the file as it is, and restore the newest backup from before that.",
    )


@dataclass(frozen=True, slots=True)
class Made:
    """What the steps make of an empty file: every object, and what is known of each table.

    `owners` are the tables that they belong to, as `sqlite_master` has them, SQLite's own objects
    among them. `columns` are those that are stored, generated ones too; `keys` the primary key;
    `given` are the rows that the steps themselves write. `alembic_version` is left out of these
    three: it is not the ledger's. `image` is the whole file.
    """

    objects: Mapping[tuple[str, str], str | None]
    owners: Mapping[tuple[str, str], str]
    columns: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, tuple[str, ...]]
    given: Mapping[str, tuple[tuple[str | int | None, ...], ...]]
    image: bytes


def expected_objects() -> Mapping[tuple[str, str], str | None]:
    """What the steps make, by kind and name."""
    return made(head()).objects


@cache
def made(revision: str) -> Made:
    """What the steps up to a revision make: made in memory, once, since they do not change."""
    engine = create_engine("sqlite://", poolclass=StaticPool)

    @event.listens_for(engine, "begin")
    def _emit_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    try:
        with engine.begin() as connection:
            upgrade(connection, revision=revision)
        with engine.begin() as connection:
            return _made(connection)
    finally:
        engine.dispose()


def lay(path: Path) -> None:
    """Makes an empty file a ledger without rows: what the steps make, copied.

    They take a hundred times as long as the copy, and every opening for writing has gone through
    them already, to compare.
    """
    source = sqlite3.connect(":memory:")
    target = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None)
    try:
        source.deserialize(made(head()).image)
        target.execute("PRAGMA synchronous = FULL")
        source.backup(target)
    finally:
        target.close()
        source.close()


def _image(connection: Connection) -> bytes:
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        raise LedgerError("the connection is closed")
    return raw.serialize()


def _made(connection: Connection) -> Made:
    objects = _objects(connection)
    columns, keys, given = {}, {}, {}
    for kind, name in sorted(objects):
        if kind != "table" or name == "alembic_version":
            continue
        found = connection.exec_driver_sql(f"PRAGMA table_xinfo({name})").all()
        columns[name] = tuple(row.name for row in found)
        key = sorted((row.pk, row.name) for row in found if row.pk)
        keys[name] = tuple(column for _, column in key)
        rows = connection.exec_driver_sql(f"SELECT * FROM {name}").all()  # noqa: S608 - our steps'
        if rows:
            given[name] = tuple(tuple(row) for row in rows)
    return Made(
        MappingProxyType(objects),
        MappingProxyType(_owners(connection)),
        MappingProxyType(columns),
        MappingProxyType(keys),
        MappingProxyType(given),
        _image(connection),
    )


def refuse_damaged(store: Store) -> None:
    """Raises `LedgerError` if SQLite finds a fault in the file, or in the tables about money."""
    with store.reading() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        size = pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        parts = ("1",) if size <= WHOLE_CHECK_BYTES else _MONEY_TABLES
        for part in parts:
            finding = connection.exec_driver_sql(f"PRAGMA quick_check({part})").scalars().first()
            if finding != "ok":
                raise damaged(store.path, str(finding))


def _objects(connection: Connection) -> dict[tuple[str, str], str | None]:
    rows = connection.execute(
        text(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
    )
    return {(kind, name): statement for kind, name, statement in rows}


def _owners(connection: Connection) -> dict[tuple[str, str], str]:
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name FROM sqlite_master").all()
    return {(kind, name): owner for kind, name, owner in rows}


def _directory(scripts: Path | None) -> ScriptDirectory:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see NEWEST

    return ScriptDirectory.from_config(_config(scripts))


def _config(scripts: Path | None) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - see NEWEST

    config = Config()
    # Config interpolates percent signs, and a path may have one.
    folder = str(scripts or scripts_folder()).replace("%", "%%")
    config.set_main_option("script_location", folder)
    return config
