"""What cannot be written is said so, and nothing earlier is lost."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from earnd.domain.action import State
from earnd.errors import ExitCode, LedgerError, LedgerUnwritable
from tests.ledger.story import Life


@contextmanager
def no_file_grows_beyond(size: int) -> Iterator[None]:
    """The system refuses larger files, as a failing disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def plan_until_refused(life: Life) -> int:
    """How many actions were written before the ledger refused."""
    for number in range(10_000):
        try:
            life.planned("5", coin=f"C{number}")
        except LedgerUnwritable:
            return number
    raise AssertionError("it never refused")


def test_a_full_disk_loses_nothing_and_is_survived(life: Life) -> None:
    """L23, R3."""
    done = life.settled()
    raw = life.book.store.raw
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count = {pages + 1}")
    written = plan_until_refused(life)
    with pytest.raises(LedgerUnwritable, match="the disk is full") as refused:
        life.book.record_decisions(life.cycle_id, life.now, [life.move()] * 1000, [])
    assert "Free some space" in refused.value.todo
    assert refused.value.exit_code is ExitCode.LEDGER
    assert not life.book.in_transaction
    assert life.state(done) == "settled"
    assert len(life.book.open_actions()) == written
    raw.execute(f"PRAGMA max_page_count = {pages * 100}")
    assert life.planned(coin="LAST").action_id == done + written + 1


def test_no_attempt_begins_that_is_not_durable(life: Life) -> None:
    """L23."""
    action = life.planned()
    raw = life.book.store.raw
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count = {pages}")
    request = "POST /x " + "0" * 100_000
    with pytest.raises(LedgerUnwritable, match="the disk is full"):
        life.book.begin_attempt(action.action_id, life.now, request)
    assert life.state(action.action_id) == "planned"
    assert life.sql("SELECT * FROM attempt") == []


def test_after_an_input_output_error_nothing_more_is_written(life: Life) -> None:
    """L22."""
    done = life.settled()
    wal = life.book.path.with_name("ledger.db-wal")
    with no_file_grows_beyond(wal.stat().st_size + 5000):
        written = plan_until_refused(life)
    with pytest.raises(LedgerUnwritable, match="an earlier write failed"):
        life.planned(coin="MORE")
    assert life.state(done) == "settled"
    assert len(life.book.open_actions()) == written
    assert not life.book.in_transaction


def test_a_stranger_who_writes_is_waited_for_and_then_named(
    life: Life, by_hand: sqlite3.Connection
) -> None:
    """L8."""
    action = life.planned()
    by_hand.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnwritable, match="another program is writing to it"):
        life.sending(action)
    assert life.book.open_actions()[0].state is State.PLANNED
    by_hand.execute("ROLLBACK")
    assert life.sending(action) == 1


def test_a_read_only_ledger_is_named_so(life: Life) -> None:
    life.book.store.raw.execute("PRAGMA query_only = ON")
    with pytest.raises(LedgerUnwritable, match="read-only"):
        life.planned()


def test_a_book_that_was_closed_says_so(life: Life) -> None:
    life.book.close()
    with pytest.raises(LedgerError):
        life.book.begin_cycle(life.now, trigger="once")
    with pytest.raises(LedgerError):
        life.book.open_actions()
    with pytest.raises(LedgerError):
        assert life.book.in_transaction


def test_messages_say_what_where_and_what_to_do(life: Life, by_hand: sqlite3.Connection) -> None:
    by_hand.execute("BEGIN IMMEDIATE")
    with pytest.raises(LedgerUnwritable) as refused:
        life.next_cycle(minutes=15)
    where, _, todo = str(refused.value).partition("\n")
    assert where.startswith(f"{life.book.path}: another program is writing")
    assert "SQLITE_BUSY" in where
    assert todo.strip().startswith("Close the program")
