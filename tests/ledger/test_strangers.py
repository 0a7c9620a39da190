"""Others at the same file: who locks it, reads it for ever, takes it away, or may not have it."""

from __future__ import annotations

import ctypes
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from earnd.domain.action import State
from earnd.errors import ExitCode, LedgerError, LedgerUnwritable
from earnd.ledger.engine import open_reader
from earnd.parts import Parts
from tests.ledger.on_disk import a_new_account
from tests.ledger.story import Life, opened
from tests.support.practice import Practice
from tests.support.storage import Watched, on_a_disk_of_its_own

NOBODY = 65534

STRANGER = """
import sqlite3, sys
stranger = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    stranger.execute(statement).fetchall()
print("there", flush=True)
sys.stdin.read()
"""


@contextmanager
def a_stranger(path: Path, *statements: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has said this to the file and stays, until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", STRANGER, str(path), *statements],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        yield process
        process.kill()


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with a_new_account(tmp_path) as ready:
        yield ready


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_a_process_that_locks_the_file_for_longer_than_patience_stops_the_sending(
    life: Life, begin: str
) -> None:
    """L8: earnd waits, says who is in the way, and has sent nothing."""
    action = life.planned()
    with a_stranger(life.book.path, begin):
        with pytest.raises(LedgerUnwritable, match="another program is writing to it") as refused:
            life.sending(action)
        assert refused.value.todo.startswith("Close the program that has the file open")
        assert life.book.open_actions()[0].state is State.PLANNED
    assert life.sending(action) == 1


def test_a_process_that_reads_for_ever_holds_up_nothing_and_costs_no_commit(life: Life) -> None:
    """L30: the -wal grows beside it, and is taken in once it has gone."""
    wal = life.book.path.with_name("ledger.db-wal")
    with a_stranger(life.book.path, "BEGIN", "SELECT count(*) FROM action"):
        life.book.store.raw.execute("PRAGMA wal_autocheckpoint = 1")
        for number in range(30):
            life.planned(coin=f"C{number}")
        assert len(life.book.open_actions()) == 30
        assert wal.stat().st_size > 30 * 4096, "none of it could be taken in"
    life.planned(coin="LAST")
    life.book.close()
    assert not wal.exists()
    with open_reader(life.book.path) as reader, reader.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM action").scalar_one() == 31


def test_a_process_that_dies_with_the_lock_leaves_nothing_behind(life: Life) -> None:
    with a_stranger(life.book.path, "BEGIN IMMEDIATE", "DROP VIEW action_now"):
        pass
    assert life.settled() == 1


@pytest.mark.parametrize("tail", ["", "-wal", "-shm", ".lock"])
def test_a_file_that_vanishes_within_a_cycle_ends_it_before_anything_is_sent(
    account: Practice, tail: str
) -> None:
    """L18: SQLite itself would go on, into a file that nobody will ever read."""
    gone = account.ledger.with_name(f"ledger.db{tail}")
    sent_before = len(account.server.received)

    def vanish(name: str) -> None:
        if name == "begin_attempt":
            gone.unlink()

    def watched(parts: Parts) -> Parts:
        ledger: Any = Watched(parts.ledger, before=vanish)
        return replace(parts, ledger=ledger)

    with pytest.raises(LedgerUnwritable, match=r"deleted or replaced|was removed") as refused:
        account.cycle(watched)
    assert refused.value.where == str(gone)
    assert refused.value.exit_code is ExitCode.LEDGER
    assert "nothing is sent meanwhile" in refused.value.todo
    assert len(account.server.received) == sent_before


def test_while_a_request_is_on_its_way_no_transaction_is_open_and_one_handle_writes(
    account: Practice,
) -> None:
    """I20, I21, L1, L10: a stranger may write meanwhile, and the file is open for writing once."""
    seen: list[int] = []

    def look(_received: object) -> None:
        seen.append(handles_that_write(account.ledger))
        with closing(sqlite3.connect(account.ledger, timeout=0)) as stranger:
            stranger.execute("BEGIN IMMEDIATE")
            stranger.execute("ROLLBACK")

    account.server.on_receive = look
    account.cycle()
    assert seen == [1]


def handles_that_write(path: Path) -> int:
    """How many descriptors of this process may write to the file."""
    found = 0
    for entry in Path("/proc/self/fdinfo").iterdir():
        try:
            target = Path(f"/proc/self/fd/{entry.name}").readlink()
            flags = next(line for line in entry.read_text().splitlines() if line[:5] == "flags")
        except FileNotFoundError:
            continue
        if target == path and int(flags.split()[1], 8) & os.O_ACCMODE != os.O_RDONLY:
            found += 1
    return found


def test_every_write_takes_the_lock_before_it_looks(life: Life) -> None:
    """L7, L8, L9: a transaction that looked first would be refused at once, without waiting."""
    said: list[str] = []
    raw = life.book.store.raw
    raw.set_trace_callback(said.append)
    life.settled()
    raw.set_trace_callback(None)

    writes = ("INSERT", "UPDATE", "DELETE")
    inside = ""
    for statement in said:
        if statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            inside = statement
        elif statement.startswith(writes):
            assert inside == "BEGIN IMMEDIATE", statement
    assert inside in ("COMMIT", "ROLLBACK")
    assert not any(statement.startswith("SAVEPOINT") for statement in said)


def as_nobody(work: Callable[[], object]) -> None:
    """Does the work as a user who owns nothing here; files know the difference, nothing else."""

    def run() -> None:
        # For this thread only: the wrappers of `os` would change the whole process.
        libc = ctypes.CDLL(None)
        libc.setfsgid(NOBODY)
        libc.setfsuid(NOBODY)
        work()

    on_a_disk_of_its_own(run)


@pytest.fixture
def shared() -> Iterator[Path]:
    """A ledger in a folder into which everybody may look, which pytest's own are not."""
    if os.geteuid() != 0:
        pytest.skip("only root can be somebody else for a moment")
    with TemporaryDirectory() as folder:
        path = Path(folder).resolve() / "ledger.db"
        path.parent.chmod(0o755)
        opened(path).close()
        yield path


def test_another_users_ledger_is_refused_and_whose_it_is_said(shared: Path) -> None:
    """L16, L17: the file is its owner's alone, and so is writing beside it."""
    before = shared.read_bytes()
    for work in (lambda: opened(shared, prefix="87654321"), lambda: open_reader(shared)):
        with pytest.raises(LedgerError) as refused:
            as_nobody(work)
        assert refused.value.exit_code is ExitCode.LEDGER
        assert "the user that earnd runs as" in refused.value.todo or (
            "the owner of the ledger" in refused.value.todo
        )
    assert shared.read_bytes() == before
    assert sorted(entry.name for entry in shared.parent.iterdir()) == [
        "ledger.db",
        "ledger.db.lock",
    ]


def test_a_ledger_that_everybody_may_read_is_still_only_its_owners_to_open(shared: Path) -> None:
    """L17: SQLite must write beside a ledger even to read it."""
    shared.chmod(0o644)
    with pytest.raises(LedgerError) as refused:
        as_nobody(lambda: open_reader(shared))
    assert "owner of the ledger" in refused.value.todo
    assert "Traceback" not in str(refused.value)


def test_a_folder_that_may_not_be_written_is_named(shared: Path) -> None:
    """L17, R1: no lock, no ledger, and no half of one."""
    with pytest.raises(LedgerUnwritable, match="the system refuses: Permission denied") as refused:
        as_nobody(lambda: opened(shared.with_name("new.db")))
    assert "the user that earnd runs as" in refused.value.todo
    assert not shared.with_name("new.db").exists()
