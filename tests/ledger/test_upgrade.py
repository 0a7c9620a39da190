"""An old ledger is brought to the newest schema, with a copy of it as it was."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import text

from earnd.errors import LedgerError, LedgerTooNew
from earnd.ledger import cycles, queries, schema
from earnd.ledger.engine import RunStart, open_reader
from earnd.ledger.store import Access, open_store
from earnd.ledger.upgrade import current, head, migrate
from tests.ledger.story import NOON, Life, opened


def steps(folder: Path, *, upto: str = "9999", **more: str) -> Path:
    """A folder of migrations: this program's up to a revision, and some more."""
    shutil.copytree(schema.scripts_folder(), folder)
    for step in (folder / "versions").glob("[0-9]*.py"):
        if step.name[:4] > upto:
            step.unlink()
    for name, body in more.items():
        revision = name.removeprefix("step_")
        (folder / "versions" / f"{revision}_more.py").write_text(
            "from alembic import op\n"
            f"revision = {revision!r}\ndown_revision = {head()!r}\n"
            f"def upgrade():\n    {body}\n"
        )
    return folder


def old_ledger(path: Path, scripts: Path) -> None:
    """A ledger as an earlier earnd left it."""
    sqlite3.connect(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    store = open_store(path, Access.BUILD)
    with store.writing() as own:
        schema.upgrade(own, scripts)
        run = RunStart("12345678", NOON, "0.0.9", "digest")
        cycles.found_ledger(own, "live", "main", run)
        cycles.begin_run(own, run)
    store.close()


def everything(path: Path) -> list[str]:
    """The whole content as SQL."""
    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_an_old_ledger_is_copied_and_upgraded(path: Path, tmp_path: Path) -> None:
    """U1."""
    old_ledger(path, steps(tmp_path / "old", upto="0002"))
    before = everything(path)
    assert current(path) == "0002"
    copy = migrate(path, at=NOON)
    assert copy == path.with_name(f"ledger.db.before-{head()}-20261122T120000Z")
    assert everything(copy) == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert current(copy) == "0002"
    assert current(path) == head()
    with opened(path) as book:
        life = Life(book)
        life.settled()
        assert life.sql("SELECT version FROM run ORDER BY run_id") == [("0.0.9",), ("0.1.0",)]
        assert not any(queries.audits(book).values())


def test_a_ledger_at_head_needs_nothing_however_often_it_is_asked(path: Path) -> None:
    opened(path).close()
    before = everything(path)
    for _ in range(2):
        assert migrate(path, at=NOON) is None
    assert everything(path) == before
    assert {entry.name for entry in path.parent.iterdir()} == {"ledger.db", "ledger.db.lock"}


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("op.execute('CREATE TABLE new (a)'); op.execute('no such statement')", "syntax error"),
        (
            "op.execute('DROP TRIGGER cycle_never_deleted'); op.execute('DELETE FROM cycle')",
            "refers to one that is not there",
        ),
        ("op.execute(\"UPDATE run SET prefix = '1'\")", "append-only"),
    ],
    ids=["wrong-sql", "orphans", "fenced"],
)
def test_an_upgrade_that_fails_leaves_the_ledger_as_it_was(
    path: Path, tmp_path: Path, body: str, what: str
) -> None:
    """U1."""
    with opened(path) as book:
        Life(book).settled()
    before = everything(path)
    scripts = steps(tmp_path / "new", step_0099=body)
    with pytest.raises(LedgerError, match=what) as refused:
        migrate(path, at=NOON, scripts=scripts)
    assert "The ledger is as it was" in refused.value.todo
    assert everything(path) == before
    assert current(path) == head()
    (copy,) = path.parent.glob("ledger.db.before-0099-*Z")
    assert everything(copy) == before
    opened(path).close()


def test_a_step_of_the_future_is_taken_in_one_transaction(path: Path, tmp_path: Path) -> None:
    """L6, U1."""
    with opened(path) as book:
        Life(book).settled()
    scripts = steps(
        tmp_path / "new", step_0099="op.execute('ALTER TABLE run ADD COLUMN host TEXT')"
    )
    assert migrate(path, at=NOON, scripts=scripts) is not None
    assert current(path) == "0099"
    with pytest.raises(LedgerTooNew, match="written by earnd"):
        opened(path)
    with pytest.raises(LedgerTooNew):
        migrate(path, at=NOON)


def test_an_existing_copy_is_not_overwritten(path: Path, tmp_path: Path) -> None:
    old_ledger(path, steps(tmp_path / "old", upto="0003"))
    taken = path.with_name(f"ledger.db.before-{head()}-20261122T120000Z")
    taken.write_text("mine")
    with pytest.raises(LedgerError, match="exists already"):
        migrate(path, at=NOON)
    assert taken.read_text() == "mine"
    assert current(path) == "0003"


def test_there_must_be_a_ledger(path: Path) -> None:
    for attempt in (lambda: migrate(path, at=NOON), lambda: current(path)):
        with pytest.raises(LedgerError, match="there is no ledger here"):
            attempt()
    path.write_text("dear diary, " * 100)
    for attempt in (lambda: migrate(path, at=NOON), lambda: current(path)):
        with pytest.raises(LedgerError, match="not an SQLite database"):
            attempt()


def test_a_reader_is_served_while_the_ledger_is_upgraded(path: Path, tmp_path: Path) -> None:
    """T8."""
    opened(path).close()
    scripts = steps(
        tmp_path / "new", step_0099="op.execute('ALTER TABLE run ADD COLUMN host TEXT')"
    )
    with open_reader(path) as reader, reader.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM run")).scalar_one() == 1
        migrate(path, at=NOON, scripts=scripts)
        assert connection.execute(text("SELECT count(*) FROM run")).scalar_one() == 1


def test_the_command_of_alembic_changes_no_ledger() -> None:
    printed = StringIO()
    config = Config(output_buffer=printed)
    config.set_main_option("script_location", str(schema.scripts_folder()))
    with pytest.raises(CommandError, match="earnd migrate"):
        command.upgrade(config, "head")
    command.upgrade(config, "head", sql=True)
    assert "CREATE TABLE ledger" in printed.getvalue()
