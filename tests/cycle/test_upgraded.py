"""A new version finds what the old one left in doubt, and knows what it means."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from earnd.errors import LedgerTooOld
from earnd.ledger import schema
from earnd.ledger.store import Access, open_store
from earnd.ledger.upgrade import current, head, migrate
from earnd.sandbox import Fault
from tests.support.practice import Practice, flexible, practice

RELEASED = "0004"
"""The schema of earnd 0.1.0."""


def as_the_old_version_left_it(account: Practice, revision: str) -> None:
    """The same rows in a file of an older schema: nothing in it was written by the new one."""
    new, old = account.ledger, account.directory / "old.db"
    scripts = account.directory / "steps"
    shutil.copytree(schema.scripts_folder(), scripts)
    for step in (scripts / "versions").glob("[0-9]*.py"):
        if step.name[:4] > revision:
            step.unlink()
    sqlite3.connect(old).close()
    with closing(sqlite3.connect(old)) as made:
        made.execute("PRAGMA journal_mode = WAL")
    store = open_store(old, Access.BUILD)
    with store.writing() as connection:
        schema.upgrade(connection, scripts)
    store.close()
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS new", (str(new),))
        tables = [
            name
            for (name,) in connection.execute(
                "SELECT name FROM main.sqlite_schema WHERE type = 'table'"
            )
            if not name.startswith(("sqlite_", "alembic_")) and name != "action_transition"
        ]
        connection.execute("BEGIN")
        # The fences watch over rows in the order of their lives, which a copy does not keep.
        fences = connection.execute(
            "SELECT name, sql FROM main.sqlite_schema WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in fences:
            connection.execute(f"DROP TRIGGER main.{name}")
        for table in tables:
            _copy(connection, table)
        for _, statement in fences:
            connection.execute(statement)
        connection.execute("COMMIT")
        assert connection.execute("PRAGMA main.foreign_key_check").fetchall() == []
    old.replace(new)


def _copy(connection: sqlite3.Connection, table: str) -> None:
    columns = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    listed = ", ".join(name for (name,) in columns)
    connection.execute(
        f"INSERT INTO main.{table} ({listed}) SELECT {listed} FROM new.{table}"  # noqa: S608 - the schema's
    )


def test_what_was_in_doubt_before_the_upgrade_is_settled_after_it(tmp_path: Path) -> None:
    """U2."""
    with practice(tmp_path, flexible("1001", "0.05")) as account:
        account.more = "settling: {replay_window: 0s}"
        account.books.change_settings(record_lag=timedelta(minutes=10))
        account.server.faults.add(Fault("subscribe", "drop_after"))
        account.cycle()
        assert account.states() == ["unknown"]
        as_the_old_version_left_it(account, RELEASED)

        assert current(account.ledger) == RELEASED
        with pytest.raises(LedgerTooOld):
            account.cycle()
        assert migrate(account.ledger, at=account.clock.now()) is not None
        assert current(account.ledger) == head()
        assert account.states() == ["unknown"]
        account.clock.advance(timedelta(minutes=12))
        account.cycles(2, apart=timedelta(minutes=15))
        assert account.states() == ["settled"]
        assert len(account.server.received) == 1
        assert account.findings() == {}
