"""Power loss: whatever of the newest writes reached the disk, the ledger opens, is sound, and
ends with a commit; nothing is missing that was told to be written.

SQLite appends every commit to the -wal and syncs it before it answers. A power cut may leave what
was not synced yet cut off anywhere, and anything behind the cut.
"""

from __future__ import annotations

import bisect
import itertools
import random
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from earnd.domain.action import State
from earnd.domain.answer import Outcome
from earnd.ledger import queries
from earnd.parts import Parts
from tests.ledger.on_disk import FRAME, a_new_account, assert_goes_on
from tests.ledger.story import Life, a_look, held, opened
from tests.support.practice import Practice
from tests.support.storage import Watched

HEADER = 32
STEP = 64
SLICES = 8
"""The slow tests are cut into so many parts, so that several processes can share them."""

Rows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Story:
    """Some commits: the ledger's main file, its -wal, and after each commit its size and rows."""

    main: bytes
    wal: bytes
    sizes: Sequence[int]
    rows: Sequence[Rows]

    def known_at(self, size: int) -> int:
        """The newest commit that is whole in so many bytes."""
        return bisect.bisect_right(self.sizes, size) - 1

    def size_after(self, commit: int) -> int:
        """How much of the -wal the commit after this one takes; all of it if there is none."""
        return self.sizes[min(commit + 1, len(self.sizes) - 1)]


def rows_of(connection: sqlite3.Connection) -> Rows:
    """Everything in it."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    return {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for (name,) in names}  # noqa: S608 - the ledger's own names


def told(folder: Path) -> Story:
    """A life with a bit of everything, commit by commit."""
    path = folder / "told.db"
    book = opened(path)
    wal = path.with_name("told.db-wal")
    sizes: list[int] = []
    rows: list[Rows] = []

    def note(_name: str) -> None:
        sizes.append(wal.stat().st_size)
        rows.append(rows_of(book.store.raw))

    note("opened")
    watched: Any = Watched(book, after=note)
    life = Life(watched)
    book.record_look(life.cycle_id, a_look(life.now))
    note("look")
    life.settled()
    doubtful = life.planned("7", coin="BTC")
    life.answered(doubtful, State.UNKNOWN, Outcome.UNCLEAR)
    watched.record_absent_look(doubtful.action_id, life.cycle_id, life.now)
    watched.record_holdings(life.cycle_id, life.now, [held("5")])
    life.next_cycle(minutes=15)
    life.answered(life.planned("3"), State.REJECTED, Outcome.REFUSED, code=80002)
    story = Story(path.read_bytes(), wal.read_bytes(), sizes, rows)
    book.close()
    assert sorted(set(sizes)) == sizes, "each commit appended something, and nothing was taken in"
    assert sizes[-1] == len(story.wal)
    return story


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return told(tmp_path_factory.mktemp("story"))


def tails(story: Story, cut: int) -> Iterator[bytes]:
    """What may lie behind a cut: nothing, zeros, noise, or pages of before."""
    length = 2 * FRAME + 100
    yield b""
    yield bytes(length)
    yield random.Random(cut).randbytes(length)
    yield story.wal[HEADER : HEADER + length]


def lay(folder: Path, main: bytes, wal: bytes, name: str = "torn.db") -> Path:
    """The two files as the power cut left them."""
    path = folder / name
    path.write_bytes(main)
    path.with_name(f"{name}-wal").write_bytes(wal)
    path.with_name(f"{name}-shm").unlink(missing_ok=True)
    return path


def found_in(path: Path) -> Rows:
    """What SQLite makes of it; it must find no fault."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")  # nobody needs this copy for long
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return rows_of(connection)


def assert_a_prefix(story: Story, folder: Path, wal: bytes, cut: int) -> None:
    """All that was whole before the cut is there, and nothing but whole commits."""
    found = found_in(lay(folder, story.main, wal))
    known = story.known_at(cut)
    # What lies behind the cut may happen to be what was there: zeros, mostly.
    while wal.startswith(story.wal[: story.size_after(known)]) and known + 1 < len(story.sizes):
        known += 1
    if known < 0:
        # Not even the run is on record: the ledger as it was made.
        assert found["run"] == []
    else:
        assert found == story.rows[known]


def cut_at(story: Story, folder: Path, cuts: Sequence[int]) -> None:
    for cut in cuts:
        for tail in tails(story, cut):
            assert_a_prefix(story, folder, story.wal[:cut] + tail, cut)


def boundaries(story: Story) -> list[int]:
    """Where one page ends and the next begins."""
    return list(range(HEADER, len(story.wal) + 1, FRAME))


def test_cut_off_at_a_commit_or_in_the_middle_of_one_it_ends_with_a_whole_one(
    story: Story, tmp_path: Path
) -> None:
    """R3, L2: torn -wal, at each commit and right before it."""
    cut_at(story, tmp_path, [size + by for size in story.sizes for by in (-1, 0)])


@pytest.mark.slow
def test_cut_off_at_any_page_it_ends_with_a_whole_commit(story: Story, tmp_path: Path) -> None:
    cut_at(story, tmp_path, boundaries(story))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
def test_cut_off_anywhere_it_ends_with_a_whole_commit(
    story: Story, tmp_path: Path, part: int
) -> None:
    cut_at(story, tmp_path, range(part * STEP, len(story.wal) + 1, STEP * SLICES))


def lose_sectors(story: Story, folder: Path, every: int) -> int:
    """Zeros where one sector of the newest commit should be: disks write in no order."""
    lost = 0
    for before, after in itertools.pairwise((0, *story.sizes)):
        for start in range(before, after, 512 * every):
            wal = bytearray(story.wal[:after])
            wal[start : min(start + 512, after)] = bytes(min(512, after - start))
            assert_a_prefix(story, folder, bytes(wal), before)
            lost += 1
    return lost


def test_without_one_of_its_sectors_a_commit_is_not_there(story: Story, tmp_path: Path) -> None:
    assert lose_sectors(story, tmp_path, every=29) >= len(story.sizes)


@pytest.mark.slow
def test_without_any_one_of_its_sectors_a_commit_is_not_there(story: Story, tmp_path: Path) -> None:
    assert lose_sectors(story, tmp_path, every=1) > 300


def test_earnd_opens_what_a_power_cut_left_and_goes_on(story: Story, tmp_path: Path) -> None:
    """Every check of the opening passes, no audit finds an impossible thing, and it is written."""
    for number, size in list(enumerate(story.sizes))[::3]:
        torn = lay(tmp_path, story.main, story.wal[: size + 1000], f"{number}.db")
        with opened(torn, prefix="87654321") as book:
            assert rows_of(book.store.raw)["attempt"] == story.rows[number]["attempt"]
            findings = {name for name, rows in queries.audits(book).items() if rows}
            assert findings <= {"audit_attempt_without_answer", "audit_unfinished_cycle"}
            life = Life(book)
            assert life.planned(coin="ETH").request_no.startswith("87654321")


class PowerCut(BaseException):
    """The end of a process in the middle of a cycle."""


def cycle_that_ends_in(account: Practice, at: int | str) -> tuple[bytes, bytes, int] | None:
    """Cuts the power right after the `at`-th write of a cycle, or the first so named.

    Answers the two files, and how much of the -wal was synced before that write; `None` if the
    cycle was over before.
    """
    count = itertools.count()
    now: dict[str, int] = {}
    left: list[tuple[bytes, bytes, int]] = []
    wal = account.ledger.with_name("ledger.db-wal")

    def before(_name: str) -> None:
        now.update(number=next(count), size=wal.stat().st_size)

    def after(name: str) -> None:
        if not left and at in (now["number"], name):
            left.append((account.ledger.read_bytes(), wal.read_bytes(), now["size"]))
            raise PowerCut

    def watching(parts: Parts) -> Parts:
        watched: Any = Watched(parts.ledger, before=before, after=after)
        return replace(parts, ledger=watched)

    try:
        account.cycle(watching)
    except PowerCut:
        return left[0]
    return None


def cut_power_in(account: Practice, at: int | str, torn: Callable[[int, int], int]) -> bool:
    """The power goes in that write, of which the disk has as much as `torn` says; then earnd is
    started again. Answers whether there was such a write."""
    sent_before = len(account.server.received)
    left = cycle_that_ends_in(account, at)
    if left is None:
        return False
    main, wal, synced = left
    cut = torn(synced, len(wal))
    noise = random.Random(cut).randbytes(len(wal) - cut)
    lay(account.directory, main, wal[:cut] + noise, account.ledger.name)
    arrived = len(account.server.received) - sent_before
    assert_goes_on(account, sent_before)
    assert arrived <= 1
    return True


TEARS: dict[str, Callable[[int, int], int]] = {
    "not at all": lambda synced, _: synced,
    "half": lambda synced, whole: (synced + whole) // 2,
    "but a byte": lambda _, whole: whole - 1,
    "whole": lambda _, whole: whole,
}


@pytest.mark.parametrize(
    ("at", "torn"),
    [
        ("begin_attempt", "but a byte"),
        ("end_attempt", "half"),
    ],
)
def test_a_power_cut_in_the_middle_of_a_write_neither_repeats_nor_forgets(
    tmp_path: Path, at: str, torn: str
) -> None:
    """C2, C3, C4 with a torn -wal: the request is sent once, and its record is found again."""
    with a_new_account(tmp_path) as account:
        assert cut_power_in(account, at, TEARS[torn])


@pytest.mark.slow
@pytest.mark.parametrize("torn", TEARS)
def test_a_power_cut_in_any_write_of_a_cycle_neither_repeats_nor_forgets(
    tmp_path: Path, torn: str
) -> None:
    for at in itertools.count():
        with a_new_account(tmp_path / str(at)) as account:
            if not cut_power_in(account, at, TEARS[torn]):
                break
    assert at >= 15
