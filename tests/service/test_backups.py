"""Copies on a schedule: between cycles, by the clock, never the end of the daemon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from earnd.ledger import copies
from earnd.ledger.engine import open_reader
from earnd.service.backups import RETRY, Backups
from earnd.service.daemon import LONGEST_CYCLE
from tests.ledger.story import opened
from tests.service.fakes import NOON, FakeClock, FakeLog, House, report

DAY = timedelta(days=1)


@pytest.fixture
def backups(tmp_path: Path) -> Backups:
    """A copy a day of a small ledger, three of them kept."""
    path = tmp_path.resolve() / "ledger.db"
    opened(path).close()
    return Backups(
        source=open_reader(path),
        ledger=path,
        folder=path.parent / "backups",
        may_make=True,
        every=DAY,
        keep=3,
        clock=FakeClock(),
        log=FakeLog(),
    )


def made(backups: Backups) -> list[str]:
    found = copies.copies_in(backups.folder, backups.ledger)
    return [f"{kept.at:%m-%dT%H}" for kept in reversed(found)]


def test_a_copy_is_made_when_the_newest_is_old_enough_and_older_ones_go(backups: Backups) -> None:
    for _ in range(24 * 5):
        backups.make_if_due()
        backups.clock.sleep(3600)
    assert made(backups) == ["05-03T12", "05-04T12", "05-05T12"]
    log: FakeLog = backups.log  # type: ignore[assignment] # it is the test's
    assert log.events() == ["backup.made"] * 3 + ["backup.made", "backup.deleted"] * 2


def test_it_is_known_from_the_folder_what_an_earlier_life_has_made(backups: Backups) -> None:
    backups.make_if_due()
    again = replace(backups, clock=FakeClock(NOON + timedelta(hours=23), steady=5.0))
    again.make_if_due()
    assert made(again) == ["05-01T12"]


def test_null_means_never(backups: Backups) -> None:
    replace(backups, every=None).make_if_due()
    assert not backups.folder.exists()


def test_a_copy_that_fails_is_warned_of_and_tried_again_later(backups: Backups) -> None:
    """A folder that was named is not made: the disk may not be mounted."""
    elsewhere = replace(backups, may_make=False)
    log: FakeLog = elsewhere.log  # type: ignore[assignment] # it is the test's
    for _ in range(2):
        elsewhere.make_if_due()
    ((level, event, fields),) = log.lines
    assert (level, event) == ("warning", "backup.failed")
    assert "mkdir -p" in str(fields["error"])
    elsewhere.clock.sleep(RETRY.total_seconds())
    elsewhere.folder.mkdir()
    elsewhere.make_if_due()
    assert made(elsewhere) == ["05-01T13"]


def test_a_ledger_that_is_not_sound_is_more_than_a_warning(backups: Backups) -> None:
    """I34: and the copies that there are stay."""
    backups.make_if_due()
    with opened(backups.ledger, prefix="87654321") as book:
        book.store.raw.execute("DROP VIEW audit_event_gap")
    backups.clock.sleep(DAY.total_seconds())
    backups.make_if_due()
    log: FakeLog = backups.log  # type: ignore[assignment] # it is the test's
    level, event, fields = log.lines[-1]
    assert (level, event) == ("error", "backup.failed")
    assert "audit_event_gap is missing" in str(fields["error"])
    assert made(backups) == ["05-01T12"]


def test_what_follows_a_cycle_is_progress_of_its_own_and_never_the_end() -> None:
    house = House(report)
    healthy: list[bool] = []

    def slow_cycle_over() -> None:
        house.clock.passes(LONGEST_CYCLE - timedelta(seconds=1))
        healthy.append(house.daemon.is_healthy(None))
        house.clock.passes(timedelta(seconds=1))
        healthy.append(house.daemon.is_healthy(None))
        raise RuntimeError("oh")

    house.daemon._afterwards = slow_cycle_over
    for _ in range(10):
        house.daemon.one_pass()
    assert healthy[:2] == [True, False]
    assert house.log.events() == ["afterwards.crashed"] * 10
    assert not house.stop.is_set()


def test_nothing_follows_the_last_cycle() -> None:
    house = House(report)
    followed: list[int] = []
    house.daemon._afterwards = lambda: followed.append(1)
    house.daemon.one_pass()
    house.stop.set()
    house.daemon.one_pass()
    assert followed == [1]
