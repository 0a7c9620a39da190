"""Copies: whole or not there, of one file, readable by their owner alone, and rotated with care."""

from __future__ import annotations

import os
import random
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from shutil import disk_usage

import pytest

from earnd.errors import EarndError, ExitCode, LedgerError, NoCopy
from earnd.ledger import backup, copies, queries
from earnd.ledger.book import Book
from earnd.ledger.engine import open_reader
from tests.ledger.story import NOON, Life, a_look, held, opened
from tests.support.storage import FULL, can_break, while_broken

DAY = timedelta(days=1)


@pytest.fixture
def lived(life: Life) -> Life:
    """A ledger with some of everything, in use."""
    life.book.record_look(life.cycle_id, a_look(life.now))
    life.book.record_holdings(life.cycle_id, life.now, [held("5")])
    for _ in range(3):
        life.settled()
        life.next_cycle(minutes=15)
    return life


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "copies"
    place.mkdir()
    return place


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_copy_of_a_ledger_in_use_is_one_whole_file_with_all_that_was_committed(
    lived: Life, folder: Path
) -> None:
    """L14, L16, I34: the -wal, where the newest rows are, is in it."""
    umask = os.umask(0)
    try:
        made = backup.back_up(lived.book, folder / "copy.db")
    finally:
        os.umask(umask)
    assert names(folder) == ["copy.db"]
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert made.anchor == lived.book.anchor()
    assert made.last_cycle is not None
    assert made.last_cycle[0] == lived.cycle_id
    with open_reader(made.path) as copy:
        assert queries.actions(copy, limit=9) == queries.actions(lived.book, limit=9)
    assert names(folder) == ["copy.db"], "to read it leaves nothing beside it"
    assert backup.check(made.path) == made


def test_a_copy_taken_while_a_stranger_writes_is_of_one_moment(
    lived: Life, by_hand: sqlite3.Connection, folder: Path
) -> None:
    """L14."""
    by_hand.execute("BEGIN IMMEDIATE")
    by_hand.execute("INSERT INTO operator_note (at, who, text) SELECT at, 'ann', 'x' FROM look")
    with open_reader(lived.book.path) as reader:
        made = backup.back_up(reader, folder / "copy.db")
    assert made.tables["operator_note"] == 0
    by_hand.execute("ROLLBACK")


def test_a_file_that_is_there_is_not_overwritten(lived: Life, folder: Path) -> None:
    (folder / "copy.db").write_text("mine")
    with pytest.raises(NoCopy, match="exists already") as refused:
        backup.back_up(lived.book, folder / "copy.db")
    assert refused.value.exit_code is ExitCode.FINDING
    assert (folder / "copy.db").read_text() == "mine"


def test_a_link_that_leads_nowhere_is_not_followed(lived: Life, folder: Path) -> None:
    (folder / "copy.db").symlink_to(folder / "elsewhere.db")
    with pytest.raises(NoCopy, match="exists already"):
        backup.back_up(lived.book, folder / "copy.db")
    assert names(folder) == ["copy.db"]


def test_a_folder_that_is_not_there_is_made_only_where_it_may(tmp_path: Path) -> None:
    with pytest.raises(NoCopy, match="no such folder") as refused:
        copies.ready(tmp_path / "a", may_make=False)
    assert "Is its disk mounted?" in refused.value.todo
    made = copies.ready(tmp_path / "a", may_make=True)
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    with pytest.raises(NoCopy, match="can't be used: No such file"):
        copies.ready(tmp_path / "b" / "c", may_make=True)
    (tmp_path / "d").write_text("a file")
    with pytest.raises(NoCopy):
        copies.ready(tmp_path / "d", may_make=True)


@pytest.mark.skipif(
    not can_break(), reason="this kernel or container lets no thread filter its system calls"
)
def test_a_disk_that_fills_up_leaves_no_half_copy_and_the_ledger_as_it_was(
    lived: Life, folder: Path
) -> None:
    """L23, R3."""
    with pytest.raises(NoCopy, match="the disk is full") as refused:
        while_broken(FULL, lambda: backup.back_up(lived.book, folder / "copy.db"))
    assert refused.value.where == str(folder / "copy.db")
    assert "The ledger is as it was." in refused.value.todo
    assert names(folder) == []
    assert lived.settled() == 4
    backup.back_up(lived.book, folder / "copy.db")


def test_without_room_nothing_is_begun(
    lived: Life, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """L23: a copy must not be what fills the ledger's own disk."""
    monkeypatch.setattr(backup, "SPARE_BYTES", disk_usage(folder).free)
    with pytest.raises(NoCopy, match=r"the copy needs [0-9]+ MiB, and [0-9]+ are free"):
        backup.back_up(lived.book, folder / "copy.db")
    assert names(folder) == []


def test_a_ledger_that_is_not_what_was_written_gets_no_copy(
    lived: Life, by_hand: sqlite3.Connection, folder: Path
) -> None:
    """I34: what would be kept as the last good copy is held against its chain."""
    by_hand.execute("DROP TRIGGER action_never_changed")
    by_hand.execute("UPDATE action SET amount = '1' WHERE action_id = 1")
    by_hand.execute("PRAGMA writable_schema = ON")
    with pytest.raises(LedgerError) as refused:
        backup.back_up(lived.book, folder / "copy.db")
    assert refused.value.where == str(folder / "copy.db")
    assert names(folder) == []


def damaged_in(copy: Path, seeds: range) -> tuple[int, int]:
    """One bit of a copy is wrong, at random: how often that was found, and how often not."""
    whole = copy.read_bytes()
    bad = copy.with_name("bad.db")
    refusals: list[LedgerError] = []
    for seed in seeds:
        dice = random.Random(seed)
        flipped = bytearray(whole)
        flipped[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
        bad.write_bytes(flipped)
        try:
            backup.check(bad)
        except LedgerError as error:
            refusals.append(error)
    assert all(error.exit_code is ExitCode.LEDGER for error in refusals)
    assert all(error.what.startswith("this copy is no good: ") for error in refusals)
    assert all("Do not put it in a ledger's place" in error.todo for error in refusals)
    return len(refusals), len(seeds) - len(refusals)


def test_a_copy_that_is_damaged_later_is_found_so(lived: Life, folder: Path) -> None:
    """L20, I34."""
    made = backup.back_up(lived.book, folder / "copy.db")
    found, _ = damaged_in(made.path, range(20))
    assert found >= 1
    short = folder / "short.db"
    short.write_bytes(made.path.read_bytes()[:-4096])
    with pytest.raises(LedgerError, match="this copy is no good"):
        backup.check(short)
    (folder / "empty.db").touch()
    for name in ("empty.db", "none.db", "."):
        with pytest.raises(LedgerError):
            backup.check(folder / name)


def test_a_copy_from_before_an_upgrade_is_checked_as_what_it_is(lived: Life, folder: Path) -> None:
    copy = backup.back_up(lived.book, folder / "copy.db").path
    with closing(sqlite3.connect(copy)) as hand:
        hand.execute("UPDATE alembic_version SET version_num = '0007'")
        hand.commit()
    found = backup.check(copy)
    assert (found.revision, found.is_newest, found.anchor) == ("0007", False, None)
    with closing(sqlite3.connect(copy)) as hand:
        hand.execute("UPDATE alembic_version SET version_num = '9999'")
        hand.commit()
    with pytest.raises(LedgerError, match="does not know"):
        backup.check(copy)


def a_copy(folder: Path, at: timedelta, ledger: str = "ledger.db", tail: str = "") -> Path:
    """A file of that name, whatever is in it."""
    path = folder / (copies.name_of(Path(ledger), NOON + at) + tail)
    path.write_text("a copy")
    return path


def test_rotation_deletes_the_oldest_copies_of_this_ledger_and_nothing_else(folder: Path) -> None:
    ours = [a_copy(folder, DAY * number) for number in range(6)]
    others = [
        a_copy(folder, -DAY, "other.db"),
        a_copy(folder, -DAY, tail=".txt"),
        folder / "ledger.db",
        folder / "ledger.db.20269999T999999Z.db",
        folder / "my-ledger.db.20261122T120000Z.db",
        folder / "ledger.db.20261122T120000Z.db.bak",
    ]
    for path in others[2:]:
        path.write_text("not ours")
    link = folder / copies.name_of(Path("ledger.db"), NOON - DAY)
    link.symlink_to(ours[0])
    inside = folder / copies.name_of(Path("ledger.db"), NOON - 2 * DAY)
    inside.mkdir()

    deleted = copies.rotate(folder, Path("/x/ledger.db"), keep=3, new=ours[-1])

    assert sorted(deleted) == sorted(ours[:3])
    assert set(names(folder)) == {path.name for path in (*ours[3:], *others, link, inside)}


def test_rotation_never_deletes_the_new_copy_nor_the_newest(folder: Path) -> None:
    """A clock that was set back makes new copies look old."""
    future = [a_copy(folder, DAY * number) for number in (100, 101, 102)]
    new = a_copy(folder, DAY)
    assert copies.rotate(folder, Path("ledger.db"), keep=1, new=new) == tuple(reversed(future))
    assert names(folder) == [new.name]
    assert copies.rotate(folder, Path("ledger.db"), keep=1, new=new) == ()


def test_what_never_became_a_copy_is_taken_away_by_a_later_one(folder: Path) -> None:
    """A killed earnd leaves its unfinished copy; one that may be under way now is left alone."""
    stale = a_copy(folder, -DAY, tail=".new")
    fresh = a_copy(folder, DAY - timedelta(minutes=5), tail=".new")
    new = a_copy(folder, DAY)
    assert copies.rotate(folder, Path("ledger.db"), keep=5, new=new) == (stale,)
    assert names(folder) == sorted([fresh.name, new.name])


def test_a_copy_is_due_when_the_newest_is_old_or_from_the_future(folder: Path) -> None:
    assert copies.is_due(None, NOON, DAY)
    (kept,) = [copies.Kept(folder, NOON)]
    assert not copies.is_due(kept, NOON + DAY - timedelta(seconds=1), DAY)
    assert copies.is_due(kept, NOON + DAY, DAY)
    assert not copies.is_due(kept, NOON - timedelta(hours=1), DAY)
    assert copies.is_due(kept, NOON - DAY, DAY)


def test_copies_are_listed_newest_first_and_a_missing_folder_has_none(folder: Path) -> None:
    paths = [a_copy(folder, DAY * number) for number in (2, 0, 1)]
    found = copies.copies_in(folder, Path("ledger.db"))
    assert [kept.path for kept in found] == [paths[0], paths[2], paths[1]]
    assert found[0].at == NOON + 2 * DAY
    assert copies.copies_in(folder / "none", Path("ledger.db")) == ()
    with pytest.raises(NoCopy, match="can't be read"):
        copies.copies_in(paths[0], Path("ledger.db"))


def test_every_copy_can_be_put_in_the_ledgers_place(
    lived: Life, folder: Path, tmp_path: Path, open_book: Callable[..., Book]
) -> None:
    """L14: test-restored, by what the daemon itself does at its start."""
    del open_book
    made = backup.back_up(lived.book, folder / "copy.db")
    place = tmp_path / "restored.db"
    place.write_bytes(made.path.read_bytes())
    with opened(place, prefix="98765432") as book:
        assert Life(book, records_made=50).settled("7", "ETH") == 4


def test_every_refusal_says_what_where_and_what_to_do(lived: Life, folder: Path) -> None:
    (folder / "there.db").touch()
    attempts: list[Callable[[], object]] = [
        lambda: backup.back_up(lived.book, folder / "there.db"),
        lambda: backup.check(folder / "there.db"),
        lambda: copies.ready(folder / "none", may_make=False),
        lambda: copies.copies_in(folder / "there.db", Path("ledger.db")),
    ]
    for attempt in attempts:
        with pytest.raises(EarndError) as refused:
            attempt()
        assert refused.value.what
        assert refused.value.where
        assert refused.value.todo
