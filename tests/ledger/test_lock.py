"""One ledger has one writer, also across processes, and a dead one holds nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from earnd.errors import ExitCode, LedgerBusy
from earnd.ledger import queries
from earnd.ledger.engine import open_reader
from earnd.ledger.lock import WriterLock
from earnd.ledger.upgrade import migrate
from tests.ledger.story import NOON, opened

HOLDER = """
import sys
from pathlib import Path
from tests.ledger.story import opened
with opened(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the ledger."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_process_is_told_who_holds_the_ledger_until_that_one_dies(
    path: Path, holder: subprocess.Popen[str]
) -> None:
    """T1, T3."""
    for attempt in (lambda: opened(path), lambda: migrate(path, at=NOON)):
        with pytest.raises(LedgerBusy, match=f"process {holder.pid}") as refused:
            attempt()
        assert refused.value.where == str(path)
        assert "systemctl stop earnd" in refused.value.todo
        assert refused.value.exit_code is ExitCode.BUSY
    with open_reader(path) as reader:
        assert queries.status(reader).last_cycle is None
    holder.kill()
    holder.wait()
    opened(path).close()


def test_the_same_process_is_refused_too(path: Path) -> None:
    with opened(path):
        with pytest.raises(LedgerBusy):
            opened(path)
        with pytest.raises(LedgerBusy):
            opened(path)
    opened(path).close()


def test_the_lock_file_stays_and_names_its_last_holder(path: Path) -> None:
    """T3."""
    lock = WriterLock(path)
    assert lock.is_held()
    lock.release()
    lock.release()
    assert not lock.is_held()
    assert lock.path.read_text().strip().isdigit()
    with WriterLock(path) as again:
        assert again.is_held()


def test_a_removed_lock_file_is_noticed(path: Path) -> None:
    """T5."""
    with WriterLock(path) as lock:
        lock.path.unlink()
        assert not lock.is_held()
        with WriterLock(path) as thief:
            assert thief.is_held()
            assert not lock.is_held()
