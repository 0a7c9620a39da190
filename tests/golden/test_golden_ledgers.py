"""Ledgers that earlier versions wrote come along whole: nothing in them means anything else now.

The files are dumps of real ledgers, each laid by the program of its time (`lay.py`).
"""

# ruff: noqa: S608 - the SQL is put together from names in the schema only

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from earnd.domain.action import State
from earnd.domain.history import CycleEnd, CycleOutcome
from earnd.ledger import schema, upgrade
from earnd.ledger.engine import RunStart, open_writer
from earnd.ledger.store import Access, open_store
from tests.ledger.test_upgrade import old_ledger, steps

LEDGERS = Path(__file__).parent / "ledgers"
REVISIONS = sorted(path.stem for path in LEDGERS.glob("*.sql"))
TODAY = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
OWN = ("alembic_version", "sqlite_sequence")

Rows = list[tuple[Any, ...]]


@dataclass
class Golden:
    """A ledger of the past, and what it said before it was brought along."""

    path: Path
    revision: str
    columns: dict[str, list[str]]
    tables: dict[str, Rows]
    views: dict[str, Rows]


def laid(path: Path, revision: str) -> Path:
    """The dump as a file again."""
    with closing(sqlite3.connect(path)) as ledger:
        ledger.executescript((LEDGERS / f"{revision}.sql").read_text(encoding="utf-8"))
        ledger.execute("PRAGMA journal_mode = WAL")
    path.chmod(0o600)
    return path


def names(ledger: sqlite3.Connection, kind: str) -> list[str]:
    """All tables or views that are ours."""
    found = ledger.execute("SELECT name FROM sqlite_master WHERE type = ? ORDER BY name", (kind,))
    return [name for (name,) in found if name not in OWN]


def columns_of(ledger: sqlite3.Connection, name: str) -> list[str]:
    """Computed ones too."""
    return [row[1] for row in ledger.execute(f"PRAGMA table_xinfo({name})")]


def said(ledger: sqlite3.Connection, name: str, columns: list[str]) -> Rows:
    """Every row, as bytes would tell: a number is not its text."""
    listed = ", ".join(f"typeof({column}), {column}" for column in columns)
    return sorted(ledger.execute(f"SELECT {listed} FROM {name}"), key=repr)


@pytest.fixture(params=REVISIONS)
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Golden:
    """One that is not yet brought along."""
    path = laid(tmp_path / "ledger.db", request.param)
    with closing(sqlite3.connect(path)) as ledger:
        tables, views = names(ledger, "table"), names(ledger, "view")
        columns = {name: columns_of(ledger, name) for name in (*tables, *views)}
        return Golden(
            path,
            request.param,
            columns,
            {name: said(ledger, name, columns[name]) for name in tables},
            {name: said(ledger, name, columns[name]) for name in views},
        )


@pytest.fixture
def ledger(golden: Golden) -> Iterator[sqlite3.Connection]:
    """The same, brought along."""
    assert upgrade.migrate(golden.path, at=TODAY) is not None
    with closing(sqlite3.connect(golden.path, isolation_level=None)) as opened:
        opened.execute("PRAGMA foreign_keys = ON")
        yield opened


def test_every_released_schema_has_a_ledger_here() -> None:
    assert REVISIONS == ["0004", "0006", "0007"]


def test_a_golden_ledger_is_rich_enough_to_lose_something(golden: Golden) -> None:
    assert [name for name, rows in golden.tables.items() if not rows] == []
    place = 2 * golden.columns["action_now"].index("state") + 1
    assert {row[place] for row in golden.views["action_now"]} == set(State)
    found = {
        name: len(rows) for name, rows in golden.views.items() if name.startswith("audit_") and rows
    }
    assert found == {"audit_stale_unknown": 1}, "the one action that waits for a person"


def test_every_row_of_every_table_is_what_it_was(
    golden: Golden, ledger: sqlite3.Connection
) -> None:
    """U1, U8."""
    for name, rows in golden.tables.items():
        assert said(ledger, name, golden.columns[name]) == rows, name


def test_every_view_answers_what_it_answered(golden: Golden, ledger: sqlite3.Connection) -> None:
    """U2, U8."""
    for name, rows in golden.views.items():
        now = said(ledger, name, golden.columns[name])
        assert not Counter(rows) - Counter(now), name
        assert now == rows, name


def test_no_audit_of_later_finds_fault_with_the_past(
    golden: Golden, ledger: sqlite3.Connection
) -> None:
    found = {
        name: ledger.execute(f"SELECT * FROM {name}").fetchall()
        for name in names(ledger, "view")
        if name.startswith("audit_") and name not in golden.views
    }
    assert {name: rows for name, rows in found.items() if rows} == {}


def test_the_file_is_sound_and_the_schema_is_a_new_ledgers(
    golden: Golden, ledger: sqlite3.Connection
) -> None:
    """U1, U4."""
    assert ledger.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert ledger.execute("PRAGMA foreign_key_check").fetchall() == []
    assert upgrade.current(golden.path) == schema.head()
    store = open_store(golden.path, Access.READ)
    try:
        with store.reading() as connection:
            schema.refuse_altered(connection, golden.path)
    finally:
        store.close()


def test_nothing_of_the_past_can_be_changed_or_taken_away(
    golden: Golden, ledger: sqlite3.Connection
) -> None:
    """L11, U4."""
    for name, columns in golden.columns.items():
        if name in golden.tables:
            for attack in (f"UPDATE {name} SET {columns[0]} = {columns[0]}", f"DELETE FROM {name}"):
                with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                    ledger.execute(attack)


def test_the_ledger_is_gone_on_with(golden: Golden, ledger: sqlite3.Connection) -> None:
    """U2, U7."""
    mode, label = ledger.execute("SELECT mode, account_label FROM ledger").fetchone()
    newest = ledger.execute("SELECT max(began_at) FROM cycle").fetchone()[0]
    now = datetime.fromisoformat(newest) + timedelta(minutes=5)
    run = RunStart("87654321", now, "9.9.9", "digest")
    with open_writer(golden.path, mode=mode, account_label=label, run=run) as book:
        waiting = {action.state for action in book.open_actions()}
        assert waiting == {
            State.PLANNED,
            State.SENDING,
            State.UNKNOWN,
            State.ACCEPTED,
            State.NEEDS_OPERATOR,
        }
        cycle_id = book.begin_cycle(now, trigger="schedule")
        book.end_cycle(cycle_id, CycleEnd(now, CycleOutcome.DONE, 0, 0))
    found = {
        name: ledger.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        for name in names(ledger, "view")
        if name.startswith("audit_")
    }
    assert {name for name, rows in found.items() if rows} == {"audit_stale_unknown"}
    assert ledger.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_golden_ledger_has_the_schema_that_it_is_named_for(
    golden: Golden, tmp_path: Path
) -> None:
    """Else the upgrade of something that never was would be proven."""
    scripts = steps(tmp_path / "steps", upto=golden.revision)
    old_ledger(tmp_path / "old.db", scripts)
    found = []
    for path in (golden.path, tmp_path / "old.db"):
        with closing(sqlite3.connect(path)) as opened:
            made = opened.execute("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2")
            found.append(made.fetchall())
    assert found[0] == found[1]
    assert upgrade.current(golden.path) == golden.revision
