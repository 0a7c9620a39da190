"""A ledger opens as it should, or is refused with what, where and what to do."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from earnd.errors import (
    ExitCode,
    LedgerBusy,
    LedgerError,
    LedgerMismatch,
    LedgerTooNew,
    LedgerTooOld,
    LedgerUnwritable,
)
from earnd.ledger import queries
from earnd.ledger.book import Book
from earnd.ledger.engine import Reader, open_reader
from earnd.ledger.upgrade import migrate
from tests.ledger.story import NOON, Life, opened

Opener = Callable[..., Book]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_ledger_says_whose_it_is_and_who_made_it(life: Life) -> None:
    assert life.sql("SELECT mode, account_label, created_at, created_by FROM ledger") == [
        ("live", "main", "2026-11-22T12:00:00.000Z", "0.1.0")
    ]
    ((prefix, python, sqlite),) = life.sql("SELECT prefix, python, sqlite FROM run")
    assert (prefix, sqlite) == ("12345678", sqlite3.sqlite_version)
    assert python.startswith("3.")


def test_only_its_owner_can_read_it_whatever_the_umask(path: Path, open_book: Opener) -> None:
    """L16."""
    before = os.umask(0)
    try:
        Life(open_book())
    finally:
        os.umask(before)
    files = {entry.name: mode_of(entry) for entry in path.parent.iterdir()}
    assert set(files) == {"ledger.db", "ledger.db-wal", "ledger.db-shm", "ledger.db.lock"}
    assert set(files.values()) == {0o600}


def test_a_closed_ledger_is_one_file_beside_its_lock(path: Path, open_book: Opener) -> None:
    Life(open_book()).book.close()
    assert {entry.name for entry in path.parent.iterdir()} == {"ledger.db", "ledger.db.lock"}


def test_every_pragma_is_as_it_must_be(life: Life) -> None:
    """L1, L2, L3, L4, L5, U5."""
    raw = life.book.store.raw
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "trusted_schema": 0,
        "busy_timeout": 50,
    }
    found = {name: raw.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
    assert found == wanted


def test_each_opening_is_a_run(open_book: Opener) -> None:
    open_book().close()
    life = Life(open_book(prefix="87654321", started_at=NOON + timedelta(hours=1)))
    assert life.sql("SELECT run_id, prefix FROM run") == [(1, "12345678"), (2, "87654321")]
    assert life.sql("SELECT run_id FROM cycle") == [(2,)]


def test_a_rolled_back_transaction_leaves_nothing_not_even_ddl(life: Life) -> None:
    """L5, L6, L7, L9."""

    def write() -> None:
        with life.book.store.writing() as connection:
            connection.execute(text("CREATE TABLE mine (a TEXT) STRICT"))
            connection.execute(text("INSERT INTO mine VALUES ('x')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write()
    assert life.sql("SELECT name FROM sqlite_master WHERE name = 'mine'") == []
    assert not life.book.in_transaction


def test_nothing_is_written_through_a_reader(life: Life) -> None:
    """L1."""
    statement = text("INSERT INTO operator_note (at, who, text) VALUES ('', 'ann', 'mine')")

    def write(reader: Reader) -> None:
        with reader.reading() as connection:
            connection.execute(statement)

    with open_reader(life.book.path) as reader, pytest.raises(LedgerError, match="readonly"):
        write(reader)


def test_what_is_written_while_reading_is_taken_back(life: Life) -> None:
    """L6."""
    with life.book.reading() as connection:
        connection.execute(
            text("INSERT INTO operator_note (at, who, text) VALUES (:at, 'ann', 'mine')"),
            {"at": "2026-11-22T12:00:00.000Z"},
        )
    assert life.sql("SELECT * FROM operator_note") == []


def test_another_thread_may_use_the_book(life: Life) -> None:
    with ThreadPoolExecutor(max_workers=4) as threads:
        cycles = list(
            threads.map(lambda _: life.book.begin_cycle(NOON, trigger="schedule"), range(20))
        )
    assert sorted(cycles) == list(range(2, 22))


def test_a_reader_works_beside_a_writer_and_sees_one_moment(life: Life) -> None:
    """L1, L8, T8."""
    with open_reader(life.book.path) as reader:
        with reader.reading() as connection:
            count = text("SELECT count(*) FROM cycle")
            assert connection.execute(count).scalar_one() == 1
            life.next_cycle(minutes=15)
            assert connection.execute(count).scalar_one() == 1
        assert len(queries.actions(reader, limit=5)) == 0
        life.settled()
        assert len(queries.actions(reader, limit=5)) == 1


def test_a_reader_sees_what_a_killed_writer_had_committed(path: Path, open_book: Opener) -> None:
    """C8."""
    life = Life(open_book())
    life.settled()
    # A copy of the three files, taken without closing, is what a kill leaves behind.
    crashed = path.with_name("crashed.db")
    for tail in ("", "-wal"):
        source = path.with_name(path.name + tail)
        crashed.with_name(crashed.name + tail).write_bytes(source.read_bytes())
    with open_reader(crashed) as reader:
        assert [row["state"] for row in queries.actions(reader, limit=1)] == ["settled"]


def test_a_reader_does_not_make_a_ledger(path: Path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger here") as refused:
        open_reader(path)
    assert str(path) in str(refused.value)
    assert "earnd once" in refused.value.todo
    assert list(path.parent.iterdir()) == []


def content_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def not_a_database(path: Path) -> None:
    path.write_text("dear diary, " * 100)


def another_database(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmark (url TEXT)")
    connection.close()


def empty_file(path: Path) -> None:
    path.touch()


def folder(path: Path) -> None:
    path.mkdir()


def fifo(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (not_a_database, "it is not an SQLite database"),
        (another_database, "it is an SQLite database of another program"),
        (empty_file, "the file is empty"),
        (folder, "it is a folder"),
        (fifo, "it is not an ordinary file"),
    ],
)
def test_what_is_no_ledger_is_refused_alike_and_left_as_it_is(
    path: Path, make: Callable[[Path], None], what: str
) -> None:
    make(path)
    before, content = path.lstat(), content_of(path)
    for attempt in (opened, open_reader, lambda path: migrate(path, at=NOON)):
        with pytest.raises(LedgerError, match=what) as refused:
            attempt(path)
        assert refused.value.where == str(path)
        assert refused.value.todo
        assert refused.value.exit_code is ExitCode.LEDGER
    after = path.lstat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert content_of(path) == content
    assert {entry.name for entry in path.parent.iterdir()} <= {path.name, f"{path.name}.lock"}


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "ledger.db"
    for attempt in (opened, open_reader):
        with pytest.raises(LedgerError, match="does not exist") as refused:
            attempt(path)
        assert "mkdir -p" in refused.value.todo
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"mode": "dry-run"}, "a ledger of mode live, and the configuration says dry-run"),
        ({"account_label": "other"}, "the ledger of account 'main'"),
    ],
)
def test_a_ledger_of_another_mode_or_account_is_refused(
    open_book: Opener, change: dict[str, str], what: str
) -> None:
    """O3."""
    open_book().close()
    with pytest.raises(LedgerMismatch, match=what):
        open_book(**change)
    life = Life(open_book())
    assert life.sql("SELECT count(*) FROM run") == [(2,)]


def stamp(path: Path, revision: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()


def test_an_older_schema_is_refused_with_the_command_to_run(path: Path, open_book: Opener) -> None:
    open_book().close()
    stamp(path, "0003")
    for attempt in (opened, open_reader):
        with pytest.raises(LedgerTooOld, match="schema 0003, and this earnd needs") as refused:
            attempt(path)
        assert "earnd migrate" in refused.value.todo


def test_a_newer_schema_is_refused_with_the_version_to_install(
    path: Path, open_book: Opener
) -> None:
    """U3."""
    open_book(version="7.2.0").close()
    stamp(path, "0099")
    for attempt in (opened, open_reader):
        with pytest.raises(LedgerTooNew, match=r"written by earnd 7\.2\.0") as refused:
            attempt(path)
        assert "7.2.0" in refused.value.todo


def test_a_newer_schema_that_keeps_no_runs_is_refused_too(path: Path, open_book: Opener) -> None:
    """U3."""
    open_book().close()
    with sqlite3.connect(path) as connection:
        connection.executescript("PRAGMA legacy_alter_table = ON; ALTER TABLE run RENAME TO life")
    connection.close()
    stamp(path, "0099")
    with pytest.raises(LedgerTooNew, match="a newer version"):
        open_reader(path)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("DROP TRIGGER action_never_deleted", "trigger action_never_deleted is missing"),
        ("DROP VIEW audit_event_gap", "view audit_event_gap is missing"),
        (
            "CREATE TRIGGER mine AFTER INSERT ON look BEGIN SELECT 1; END",
            "trigger mine was added",
        ),
        (
            "DROP VIEW movement; CREATE VIEW movement AS SELECT 1 AS one",
            "view movement was changed",
        ),
    ],
)
def test_a_schema_altered_by_hand_is_not_written_to(
    path: Path, open_book: Opener, change: str, what: str
) -> None:
    """E10, U4."""
    open_book().close()
    with sqlite3.connect(path) as connection:
        connection.executescript(change)
    connection.close()
    with pytest.raises(LedgerError, match=what):
        open_book()


def test_an_auditors_own_table_and_view_are_welcome(path: Path, open_book: Opener) -> None:
    open_book().close()
    with sqlite3.connect(path) as connection:
        connection.executescript(
            "CREATE TABLE my_note (t TEXT); CREATE VIEW my_view AS SELECT * FROM movement"
        )
    connection.close()
    open_book()


def test_a_damaged_file_is_refused(path: Path, open_book: Opener) -> None:
    """L20."""
    life = Life(open_book())
    for _ in range(50):
        life.settled()
        life.next_cycle(minutes=15)
    life.book.close()
    content = bytearray(path.read_bytes())
    page = 4096
    for start in range(page * 2, len(content), page):
        content[start : start + 8] = b"\xff" * 8
    path.write_bytes(bytes(content))
    with pytest.raises(LedgerError) as refused:
        open_book()
    assert "restore" in refused.value.todo or "altered" in refused.value.what


def test_a_link_is_followed_to_one_lock(tmp_path: Path, open_book: Opener) -> None:
    """T1."""
    real, link = tmp_path / "real.db", tmp_path / "link.db"
    link.symlink_to(real)
    book = open_book(link)
    assert book.path == real
    with pytest.raises(LedgerBusy):
        open_book(real)


def test_a_second_hard_name_is_refused(path: Path, open_book: Opener) -> None:
    """T1, T5."""
    open_book().close()
    os.link(path, path.with_name("other.db"))
    with pytest.raises(LedgerError, match="2 names"):
        open_book()


def test_a_lock_file_that_is_a_link_is_refused(path: Path, open_book: Opener) -> None:
    victim = path.with_name("precious")
    victim.write_text("precious")
    path.with_name("ledger.db.lock").symlink_to(victim)
    with pytest.raises(LedgerError, match="symbolic link"):
        open_book()
    assert victim.read_text() == "precious"


def test_a_new_ledger_is_not_begun_beside_the_remains_of_another(
    path: Path, open_book: Opener
) -> None:
    """L14, O8."""
    path.with_name("ledger.db-wal").write_bytes(b"the newest commits of a ledger that was moved")
    with pytest.raises(LedgerError, match=r"the ledger is gone, but ledger\.db-wal"):
        open_book()
    assert not path.exists()


def replaced(path: Path) -> None:
    path.rename(path.with_name("old.db"))
    path.write_bytes(b"something else")


@pytest.mark.parametrize("do", [Path.unlink, replaced], ids=["deleted", "replaced"])
@pytest.mark.parametrize("which", ["ledger.db", "ledger.db-wal", "ledger.db-shm"])
def test_nothing_is_sent_when_a_file_of_the_ledger_is_no_longer_there(
    life: Life, which: str, do: Callable[[Path], None]
) -> None:
    """L18, O8: the newest commits are in the -wal; without it what was just written is lost."""
    action = life.planned()
    gone = life.book.path.with_name(which)
    do(gone)
    with pytest.raises(LedgerUnwritable, match="deleted or replaced") as refused:
        life.sending(action)
    assert refused.value.where == str(gone)
    assert "put back what was moved" in refused.value.todo


def test_nothing_is_sent_when_the_lock_file_was_removed(life: Life) -> None:
    """T5."""
    action = life.planned()
    life.book.lock.path.unlink()
    with pytest.raises(LedgerUnwritable, match="another earnd may be writing"):
        life.sending(action)
    assert life.sql("SELECT * FROM attempt") == []


def test_a_copy_is_complete_whole_and_its_owners(life: Life, tmp_path: Path) -> None:
    """L14, L16."""
    life.settled()
    copy = tmp_path / "copy.db"
    life.book.copy_to(copy)
    assert mode_of(copy) == 0o600
    assert sorted(entry.name for entry in tmp_path.glob("copy.db*")) == ["copy.db"]
    life.settled()
    with opened(copy) as book:
        assert len(queries.actions(book, limit=9)) == 1
    with pytest.raises(LedgerError, match="exists already"):
        life.book.copy_to(copy)


def test_a_reader_copies_beside_a_writer(life: Life, tmp_path: Path) -> None:
    """L14."""
    life.settled()
    copy = tmp_path / "copy.db"
    with open_reader(life.book.path) as reader:
        reader.copy_to(copy)
    with open_reader(copy) as reader:
        assert len(queries.actions(reader, limit=9)) == 1


def test_a_path_with_strange_letters_is_just_a_path(tmp_path: Path, open_book: Opener) -> None:
    strange = tmp_path / "a b?mode=memory#x%20%n"
    strange.mkdir()
    book = open_book(strange / "lädger?.db")
    Life(book).settled()
    assert (strange / "lädger?.db").exists()
    with open_reader(book.path) as reader:
        assert len(queries.actions(reader, limit=9)) == 1


def test_closing_twice_is_harmless(life: Life) -> None:
    life.book.close()
    life.book.close()
    with open_reader(life.book.path) as reader:
        reader.close()
