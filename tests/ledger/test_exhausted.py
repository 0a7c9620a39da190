"""Out of descriptors, out of memory, or damaged: earnd says so in its own words, and what it has
said is written is there."""

from __future__ import annotations

import ast
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from earnd.domain.action import State
from earnd.domain.answer import Outcome
from earnd.errors import LedgerError
from earnd.ledger import queries
from earnd.ledger.engine import open_reader
from tests.ledger.story import NOON, Life, a_look, opened

ROOT = Path(__file__).parents[2]


def in_a_process(script: str, *arguments: object) -> list[str]:
    """What a process of its own says, line by line; it must end well."""
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


FEW_DESCRIPTORS = """
import os, resource, sys
from pathlib import Path
from earnd.errors import LedgerError
from tests.ledger.story import Life, opened

path, hard = Path(sys.argv[1]), resource.getrlimit(resource.RLIMIT_NOFILE)[1]
opened(path).close()
in_use = len(os.listdir("/proc/self/fd")) - 1
for spare in range(8):
    resource.setrlimit(resource.RLIMIT_NOFILE, (in_use + spare, hard))
    try:
        with opened(path, prefix=str(20_000_000 + spare)) as book:
            life = Life(book)
            life.planned(coin=f"C{spare}")
        print(spare, "fine")
    except LedgerError as error:
        print(spare, type(error).__name__, error.what, "|", error.todo)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
"""


def test_without_descriptors_a_ledger_is_refused_in_words_and_stays_whole(path: Path) -> None:
    """R1: the lock takes one, SQLite three, and a folder to be synced another."""
    said = in_a_process(FEW_DESCRIPTORS, path)

    assert len(said) == 8
    refused = [line for line in said if not line.endswith("fine")]
    assert 1 <= len(refused) < 8
    for line in refused:
        assert line.split()[1] in ("LedgerError", "LedgerUnwritable"), line
        assert line.rpartition("|")[2].strip(), line
    with open_reader(path) as reader:
        assert len(queries.actions(reader, limit=99)) == 8 - len(refused)


LITTLE_MEMORY = """
import os, sys
from pathlib import Path
from earnd.errors import EarndError
from tests.ledger.story import Life, opened

def child(path, limit, write):
    life = Life(opened(path, prefix="23456789"))
    for number in range(40):
        try:
            if number == 3:
                # For the whole process, and it can't be raised again: hence this child.
                life.book.store.raw.execute(f"PRAGMA hard_heap_limit = {limit}").fetchall()
            done = life.planned(coin=f"C{number}")
        except (MemoryError, EarndError) as error:
            os.write(write, f" {type(error).__name__}".encode())
            return
        os.write(write, f" {done.action_id}".encode())

folder = Path(sys.argv[1])
for number, limit in enumerate(map(int, sys.argv[2:])):
    path = folder / f"{number}.db"
    opened(path).close()
    read, write = os.pipe()
    if os.fork() == 0:
        child(path, limit, write)
        os._exit(0)
    os.close(write)
    _, status = os.wait()
    with open(read) as pipe:
        print(path, status, pipe.read())
"""


def memory_runs_out(folder: Path, limits: range) -> int:
    """How often it did."""
    out = 0
    for line in in_a_process(LITTLE_MEMORY, folder, *limits):
        path, status, *said = line.split()
        assert status == "0", line
        acknowledged = [int(word) for word in said if word.isdigit()]
        out += len(acknowledged) < 40
        with opened(Path(path), prefix="34567890") as book:
            there = [action.action_id for action in book.open_actions()]
            assert there[: len(acknowledged)] == acknowledged
            assert len(there) <= len(acknowledged) + 1
            assert not any(queries.audits(book)[name] for name in ("audit_event_gap",))
    return out


def test_when_memory_runs_out_nothing_is_lost_that_was_told_to_be_written(tmp_path: Path) -> None:
    """R2"""
    assert memory_runs_out(tmp_path, range(1_000_000, 1_200_000, 100_000)) >= 1


@pytest.mark.slow
def test_wherever_memory_runs_out_nothing_is_lost_that_was_told(tmp_path: Path) -> None:
    """R2"""
    assert memory_runs_out(tmp_path, range(900_000, 1_400_000, 8_000)) >= 10


def a_full_ledger(path: Path) -> bytes:
    """One with some of everything, closed."""
    life = Life(opened(path))
    life.book.record_look(life.cycle_id, a_look(life.now))
    for _ in range(3):
        life.settled()
        life.next_cycle(minutes=15)
    life.answered(life.planned("7", coin="BTC"), State.UNKNOWN, Outcome.UNCLEAR)
    life.book.close()
    return path.read_bytes()


def use(path: Path) -> None:
    """Reads all that a cycle and a person would."""
    with opened(path, prefix="87654321") as book:
        long_ago = NOON - timedelta(days=9)
        book.open_actions()
        book.records()
        book.written_off(long_ago)
        book.settled_since(long_ago)
        book.sent_since(long_ago)
        book.refusals_since(long_ago)
        queries.status(book)
        queries.audits(book)
        Life(book).planned(coin="ETH")


def flip_bits(folder: Path, seeds: range) -> tuple[int, int]:
    """One bit each: how many such ledgers were refused, and how many seemed fine."""
    whole = a_full_ledger(folder / "whole.db")
    path = folder / "flipped.db"
    refused: list[LedgerError] = []
    for seed in seeds:
        dice = random.Random(seed)
        flipped = bytearray(whole)
        flipped[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
        for tail in ("-wal", "-shm"):
            path.with_name(f"flipped.db{tail}").unlink(missing_ok=True)
        path.write_bytes(flipped)
        try:
            use(path)
        except LedgerError as error:
            refused.append(error)
    assert all(error.what and error.todo for error in refused)
    return len(refused), len(seeds) - len(refused)


def test_a_damaged_ledger_is_refused_in_words_or_can_be_read(tmp_path: Path) -> None:
    """L20: no error of SQLite's own, whatever bit is wrong.

    That a wrong digit in a sound page goes unnoticed (L21) would take a chain of hashes.
    """
    refused, fine = flip_bits(tmp_path, range(12))
    assert refused + fine == 12


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_any_damaged_ledger_is_refused_in_words_or_can_be_read(tmp_path: Path, part: int) -> None:
    refused, fine = flip_bits(tmp_path, range(part * 500, (part + 1) * 500))
    assert refused > 20
    assert fine > 20


OPENERS = {"open", "read_bytes", "write_bytes", "read_text", "write_text", "copy", "copyfile"}
OTHER_FILES = {
    ("anchors.py", "beside(ledger).open"),
    ("anchors.py", "os.open"),
    ("files.py", "os.open"),
    ("lock.py", "os.open"),
}


def test_nothing_in_earnd_opens_the_ledgers_file_but_sqlite() -> None:
    """L15: whoever closes a descriptor of it drops SQLite's locks.

    What is opened is the lock file, the anchor, the folder, and a new file that has no connection
    yet.
    """
    found = set()
    for module in sorted((ROOT / "earnd" / "ledger").rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                if name.rpartition(".")[2] in OPENERS:
                    found.add((module.name, name))
    assert found == OTHER_FILES


def test_earnd_never_forks_and_uses_one_sqlite() -> None:
    """L26, L27: a child with the connection would drop its locks; so would another library."""
    forbidden = {"multiprocessing", "subprocess", "pty", "apsw", "pysqlite3", "sqlean"}
    for module in sorted((ROOT / "earnd").rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            assert not {name.partition(".")[0] for name in names} & forbidden, module
            if isinstance(node, ast.Attribute):
                assert not node.attr.startswith(("fork", "spawn", "posix_spawn")), module
