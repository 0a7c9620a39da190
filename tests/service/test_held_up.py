"""A ledger that can't be written for a while: the daemon waits it out in the same life, nothing is
sent that is not on the disk, and what was in doubt is looked after like after a crash."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from earnd.cycle import run_cycle
from earnd.errors import ExitCode, LedgerHeldUp
from earnd.service.daemon import HELD_UP_IN_A_ROW
from tests.ledger.on_disk import a_new_account, assert_goes_on
from tests.service.fakes import House, report
from tests.support.practice import Practice
from tests.support.storage import FULL, Watched, can_break, on_a_disk_of_its_own, strike

QUARTER = timedelta(minutes=15)


def held_up() -> LedgerHeldUp:
    return LedgerHeldUp("the disk is full", where="ledger.db", todo="Free some space.")


def failing(error: BaseException) -> Callable[[], Any]:
    """A cycle that raises."""

    def cycle() -> Any:
        raise error

    return cycle


def test_a_ledger_that_is_held_up_is_warned_of_and_tried_again() -> None:
    """L23: a full disk, or another program's lock, is no reason to stop watching the money."""
    house = House(failing(held_up()))
    for turn in range(HELD_UP_IN_A_ROW - 1):
        house.daemon.one_pass()
        level, event, fields = house.log.lines[-1]
        assert (level, event) == ("warning", "ledger.held_up")
        assert fields["cycles"] == turn + 1
        assert "Free some space." in str(fields["error"])
    assert "STATUS=nothing is sent: the disk is full" in house.notifier.told
    house.cycle = report
    house.daemon.one_pass()
    house.cycle = failing(held_up())
    house.daemon.one_pass()
    assert house.log.lines[-1][2]["cycles"] == 1, "a good cycle begins a new count"
    assert not house.stop.is_set()


def test_a_ledger_that_is_held_up_too_long_ends_it_with_3() -> None:
    """L23."""
    house = House(failing(held_up()))
    for _ in range(HELD_UP_IN_A_ROW):
        assert not house.stop.is_set()
        house.daemon.one_pass()
    assert house.stop.is_set()
    assert house.log.events()[-2:] == ["ledger.held_up", "daemon.gives_up"]
    assert house.daemon.run() is ExitCode.LEDGER


@contextmanager
def life_of(account: Practice, before: Callable[[str], object]) -> Iterator[House]:
    """One life of the daemon around real cycles; `before` is told of each write."""
    with account.daemon() as here:
        # Long enough for nobody, so that the test does not wait for the patience.
        here.parts.ledger.store.raw.execute("PRAGMA busy_timeout = 5")  # type: ignore[attr-defined] # it is the book
        watched: Any = Watched(here.parts.ledger, before=before)
        parts = replace(here.parts, ledger=watched)
        yield House(lambda: run_cycle(parts, "schedule"))


def goes_on(account: Practice, house: House) -> None:
    """The same life runs two cycles more; what was in the way has gone."""
    for _ in range(2):
        account.clock.advance(QUARTER)
        house.daemon.one_pass()
    assert not house.stop.is_set()
    assert "ledger.failed" not in house.log.events()
    assert "cycle.crashed" not in house.log.events()


def locked_at(account: Practice, at: int | str) -> bool:
    """A stranger locks the file before that write, for the rest of the cycle; whether it got there.

    Whatever was on its way is then looked after by the same process.
    """
    count, sent_before = itertools.count(), len(account.server.received)
    with ExitStack() as stack:
        stranger = stack.enter_context(closing(sqlite3.connect(account.ledger, timeout=0)))
        stranger.isolation_level = None

        def before(name: str) -> None:
            if at in (next(count), name) and not stranger.in_transaction:
                stranger.execute("BEGIN IMMEDIATE")

        house = stack.enter_context(life_of(account, before))
        house.daemon.one_pass()
        was_held_up = house.log.events() == ["ledger.held_up"]
        if stranger.in_transaction:
            stranger.execute("ROLLBACK")
        if was_held_up and at in ("begin_cycle", "plan_action", "begin_attempt"):
            assert len(account.server.received) == sent_before, (
                "nothing leaves before it is written"
            )
        # The named write comes again in the next cycle, and is not to be locked again.
        at = -1
        goes_on(account, house)
    assert_goes_on(account, sent_before)
    return was_held_up


def full_at(account: Practice, at: int | str) -> bool:
    """The disk is full from that write to the end of the cycle; whether it got there."""
    count, sent_before = itertools.count(), len(account.server.received)

    def before(name: str) -> None:
        if at in (next(count), name):
            strike(FULL)

    with life_of(account, before) as house:
        on_a_disk_of_its_own(house.daemon.one_pass)
        was_held_up = house.log.events() == ["ledger.held_up"]
        at = -1
        goes_on(account, house)
    assert_goes_on(account, sent_before)
    return was_held_up


WAYS = {"locked": locked_at, "full": full_at}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("at", ["begin_cycle", "begin_attempt", "end_attempt"])
def test_a_ledger_that_is_held_up_around_a_sending_is_survived(
    tmp_path: Path, way: str, at: str
) -> None:
    """L23, L24: an answer that could not be written is in doubt, and the next cycle finds out."""
    if way == "full" and not can_break():
        pytest.skip("this kernel or container lets no thread filter its system calls")
    with a_new_account(tmp_path) as account:
        assert WAYS[way](account, at)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_ledger_that_is_held_up_before_any_write_of_a_cycle_is_survived(
    tmp_path: Path, way: str
) -> None:
    """L23, L24: the n-th write of a cycle and all after it, for every n."""
    if way == "full" and not can_break():
        pytest.skip("this kernel or container lets no thread filter its system calls")
    for at in itertools.count():
        with a_new_account(tmp_path / str(at)) as account:
            if not WAYS[way](account, at):
                break
    assert at >= 15


def test_a_cycle_that_was_held_up_once_has_its_end_on_record(tmp_path: Path) -> None:
    """One write is refused and the next is not: the cycle is `failed`, and says why."""
    with a_new_account(tmp_path) as account:
        refusals = [held_up()]

        def before(name: str) -> None:
            if name == "record_look" and refusals:
                raise refusals.pop()

        with life_of(account, before) as house:
            house.daemon.one_pass()
        ((outcome, failure),) = account.sql(
            "SELECT outcome, failure FROM cycle_log ORDER BY cycle_id DESC LIMIT 1"
        )
        assert outcome == "failed"
        assert "the disk is full" in failure
