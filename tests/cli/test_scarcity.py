"""A machine that runs out of something: files, memory, threads, disk. Money is never the price."""

from __future__ import annotations

import resource
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from earnd.cycle import run_cycle
from tests.cli.shell import PATIENCE_S, Account, Ran, account, earnd, start
from tests.support.practice import flexible, practice

MEGABYTE = 1024 * 1024


def at_most(what: int, value: int) -> Callable[[], None]:
    """Limits a child's use of something."""
    return lambda: resource.setrlimit(what, (value, value))


def ended_somehow(place: Account, before: Callable[[], None]) -> Ran:
    """Runs a cycle that may end in any way but a wait without end."""
    process = start("once", "-c", place.config(), before=before)
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
    return Ran(process.returncode, out, err)


def accounts_agree(place: Account) -> None:
    """What the exchange was sent, what it did, and what the ledger knows are the same."""
    assert earnd("once", "-c", place.config()).code == 0
    rows = earnd("actions", "-c", place.config(), "--json").facts
    sent = [request.body for request in place.server.received]
    assert len(set(sent)) == len(sent)
    numbers = {row["request_no"] for row in rows}
    assert all(any(number.encode() in body for number in numbers) for body in sent)
    assert sum(row["state"] == "settled" for row in rows) == len(place.books.records())
    assert earnd("audit", "-c", place.config()).code == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "code", "words"),
    [
        (6, 3, "SQLITE_CANTOPEN"),  # no room for the ledger
        (8, 1, "EMFILE"),  # none for a question
        (9, 0, "EMFILE"),  # none for the connection of a subscribe beside that of the questions
        (16, 0, "settled"),
    ],
)
def test_out_of_file_descriptors_nothing_is_half_done(
    tmp_path: Path, files: int, code: int, words: str
) -> None:
    """R1."""
    with account(tmp_path) as place:
        ran = ended_somehow(place, at_most(resource.RLIMIT_NOFILE, files))
        assert ran.code == code, ran
        assert words in ran.out + ran.err
        accounts_agree(place)


@pytest.mark.slow
@pytest.mark.parametrize("megabytes", [90, 98, 102, 106, 110, 160])
def test_out_of_memory_anywhere_nothing_is_half_done(tmp_path: Path, megabytes: int) -> None:
    """R2, R6, C9: the limit strikes wherever it strikes, now in an import, now in a thread."""
    with account(tmp_path) as place:
        ran = ended_somehow(place, at_most(resource.RLIMIT_AS, megabytes * MEGABYTE))
        assert ran.code in {0, 1, 3}, ran
        assert ran.code != 0 or "settled" in ran.out
        accounts_agree(place)


def test_cycle_after_cycle_no_file_and_no_thread_stays(tmp_path: Path) -> None:
    """R1, R6: what a cycle opens it closes; its threads are made once."""
    with practice(tmp_path, flexible("1001", "0.05")) as place, place.daemon() as here:
        run_cycle(here.parts, "once")
        before = in_use()
        for _ in range(5):
            place.books.deposit("USDT", "50")
            assert run_cycle(here.parts, "once").tally.sent == 1
        assert in_use() == before


def in_use() -> tuple[list[str], list[str]]:
    """The files of the ledger that this process has open, and the threads of earnd in it.

    The practice exchange lives in this process too, and its connections come and go.
    """
    files = []
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            files.append(str(entry.readlink()))
    ours = [thread.name for thread in threading.enumerate() if thread.name.startswith("earnd")]
    return sorted(name for name in files if "ledger.db" in name), sorted(ours)
