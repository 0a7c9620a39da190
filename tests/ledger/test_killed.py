"""A kill at any moment leaves a ledger that opens, or none at all."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import BuiltinFunctionType, FrameType
from typing import Any

import pytest

from earnd.ledger import queries
from earnd.ledger.engine import open_reader
from tests.ledger.story import Life, opened

OF_FILES = {"open", "link", "unlink", "fsync", "pwrite"}
OF_SQLITE = {"execute", "commit", "backup"}
IMPOSSIBLE = (
    "audit_attempt_without_answer",
    "audit_event_gap",
    "audit_number_reused",
    "audit_settled_without_record",
    "audit_two_open_actions",
)


def touches_the_disk(called: Any) -> bool:
    """Calls that leave something behind: SQL, and what makes or removes files."""
    if not isinstance(called, BuiltinFunctionType):
        return False
    if isinstance(called.__self__, sqlite3.Connection | sqlite3.Cursor):
        return called.__name__ in OF_SQLITE
    return called.__module__ == "posix" and called.__name__ in OF_FILES


def in_child(work: Callable[[], object], kill_at: int | None) -> list[str]:
    """Runs `work` in a child that dies right before its `kill_at`-th such call; names the calls."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        made: list[str] = []

        def watch(frame: FrameType, event: str, called: Any) -> None:
            del frame
            if event == "c_call" and touches_the_disk(called):
                if len(made) == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)
                made.append(called.__name__)

        try:
            sys.setprofile(watch)
            work()
            sys.setprofile(None)
            os.write(write, "\n".join(made).encode())
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    with open(read, encoding="utf-8") as pipe:  # noqa: PTH123 - a descriptor, not a path
        return pipe.read().split()


def moments(calls: list[str], every: int) -> list[int]:
    """Each `every`-th, and around every call that makes something last."""
    lasting = [number for number, name in enumerate(calls) if name in ("commit", "link", "fsync")]
    after = [number + 1 for number in lasting if number + 1 < len(calls)]
    return sorted({*lasting, *after, *range(0, len(calls), every)})


def create_killed_everywhere(folder: Path, every: int) -> None:
    opened(folder / "first.db").close()  # what is made once per process is made here
    calls = in_child(lambda: opened(folder / "whole.db").close(), None)
    assert {"link", "unlink", "fsync"} <= set(calls)
    begun = 0
    for moment in moments(calls, every):
        path = folder / f"killed-{moment}.db"
        assert in_child(lambda path=path: opened(path), moment) == []  # type: ignore[misc]
        if path.exists():
            begun += 1
            with open_reader(path) as reader:
                assert queries.status(reader).ledger["mode"] == "live"
        with opened(path) as book:
            assert not any(queries.audits(book).values())
        assert path.stat().st_nlink == 1
        left = {entry.name for entry in folder.glob(f"{path.name}*")}
        assert left == {path.name, f"{path.name}.lock"}
    assert 0 < begun < len(moments(calls, every))


def test_a_ledger_whose_making_was_killed_is_whole_or_not_there(tmp_path: Path) -> None:
    create_killed_everywhere(tmp_path, every=60)


@pytest.mark.slow
def test_a_ledger_whose_making_was_killed_at_any_call_is_whole_or_not_there(
    tmp_path: Path,
) -> None:
    """C8, U1."""
    create_killed_everywhere(tmp_path, every=1)


def live_killed_everywhere(folder: Path, every: int) -> None:
    def live(path: Path) -> None:
        life = Life(opened(path))
        life.settled()
        life.book.close()

    start = folder / "start.db"
    opened(start).close()
    calls = in_child(lambda: live(start), None)
    for moment in range(0, len(calls), every):
        path = folder / f"killed-{moment}.db"
        opened(path).close()
        in_child(lambda path=path: live(path), moment)  # type: ignore[misc]
        with closing(opened(path)) as book:
            found = queries.audits(book)
            assert [name for name in IMPOSSIBLE if found[name]] == []
            raw = book.store.raw
            assert raw.execute("PRAGMA foreign_key_check").fetchall() == []
            sent = raw.execute("SELECT count(*) FROM attempt").fetchone()
            events = raw.execute("SELECT count(*) FROM action_event WHERE to_state = 'sending'")
            assert sent == events.fetchone()


def test_a_life_that_was_killed_has_no_half_steps(tmp_path: Path) -> None:
    live_killed_everywhere(tmp_path, every=11)


@pytest.mark.slow
def test_a_life_that_was_killed_at_any_call_has_no_half_steps(tmp_path: Path) -> None:
    """C1, C2, C3, C4, C8."""
    live_killed_everywhere(tmp_path, every=1)
