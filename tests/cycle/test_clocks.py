"""Clocks that are wrong: nothing is sent by them, and nothing is concluded from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from earnd.config.load import load
from earnd.cycle import CycleReport, run_cycle
from earnd.domain.history import CycleOutcome
from earnd.log import configure
from earnd.sandbox import Fault, VirtualClock
from earnd.wiring import secrets_of, wired
from tests.support.meanwhile import after_the_first_look
from tests.support.practice import KEYS, START, Practice, PracticeClock, flexible, practice

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
YEAR = timedelta(days=365)


class Wrong(PracticeClock):
    """This machine's time of day, so much apart from the exchange's; it ticks like any other."""

    def __init__(self, right: VirtualClock, by: timedelta) -> None:
        super().__init__(right)
        self.by = by

    def now(self) -> datetime:
        return super().now() + self.by


def cycle_on_a_clock_off_by(account: Practice, by: timedelta) -> CycleReport:
    """A cycle on the same files and the same account, on a machine that is so far off."""
    file = load(account.config)
    log = configure(level="debug", form="json", stream=account.log)
    clock = Wrong(account.clock, by)
    with wired(file, secrets_of(file, KEYS), account.ledger, clock=clock, log=log) as here:
        return run_cycle(here.parts, "once")


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05")) as ready:
        yield ready


@pytest.fixture
def in_doubt(account: Practice) -> Practice:
    """A subscribe that never arrived, which earnd cannot know yet."""
    account.server.faults.add(Fault("subscribe", "drop_before", times=None))
    account.cycle()
    account.server.faults.clear()
    account.clock.advance(QUARTER)
    account.cycle()
    assert account.states() == ["unknown"]
    return account


@pytest.mark.parametrize("by", [YEAR, -HOUR, timedelta(seconds=11)], ids=str)
def test_on_a_wrong_clock_nothing_is_sent_and_looking_goes_on(
    account: Practice, by: timedelta
) -> None:
    """K1, K3, O9."""
    report = cycle_on_a_clock_off_by(account, by)

    assert report.outcome is CycleOutcome.DONE
    assert account.server.received == []
    assert ("clock_skew",) in account.sql("SELECT reason FROM decision_log")


def test_a_machine_that_starts_in_1970_sends_nothing_until_its_clock_is_right(
    account: Practice,
) -> None:
    """K5."""
    cycle_on_a_clock_off_by(account, datetime(1970, 1, 1, tzinfo=START.tzinfo) - START)
    assert account.server.received == []

    account.cycle()
    assert account.states() == ["settled"]
    assert account.findings() == {}


@pytest.mark.parametrize("by", [YEAR, -HOUR], ids=str)
def test_on_a_wrong_clock_no_action_is_written_off_and_none_is_handed_over(
    in_doubt: Practice, by: timedelta
) -> None:
    """K2, K3, O9: an hour ahead, patience would be over; an hour back, it would never be."""
    for _ in range(2):
        cycle_on_a_clock_off_by(in_doubt, by)
        in_doubt.clock.advance(timedelta(minutes=1))
    assert in_doubt.states() == ["unknown"]

    in_doubt.cycles(3, apart=QUARTER)
    assert in_doubt.states()[0] == "rejected", "on a right clock it is"
    in_doubt.cycle()
    assert in_doubt.states()[1:] == ["settled"]
    assert in_doubt.findings() == {}


def test_events_are_in_the_order_in_which_they_happened_whatever_the_clock_says(
    account: Practice,
) -> None:
    """K2."""
    account.server.faults.add(Fault("subscribe", "drop_before", times=None))
    account.cycle()
    ((amount,),) = account.sql("SELECT amount FROM action_now")
    account.books.subscribe_by_hand("1001", amount)
    cycle_on_a_clock_off_by(account, timedelta(seconds=-45))

    events = account.sql("SELECT seq, to_state, at FROM event_log ORDER BY action_id, seq")
    assert [seq for seq, _, _ in events] == list(range(len(events)))
    assert events[-1][1] == "settled"
    assert events[-1][2] < events[0][2], "dated before it began, and still the last"
    assert account.findings() == {}


def test_a_machine_that_slept_in_the_middle_of_a_cycle_acts_on_nothing_it_saw_before(
    account: Practice,
) -> None:
    """C14, K4: a paused virtual machine, a suspended laptop."""
    account.cycle(after_the_first_look(lambda: account.clock.advance(HOUR)))

    assert account.server.received == []
    assert ("stale_data",) in account.sql("SELECT reason FROM decision_log")
    account.cycle()
    assert account.states() == ["settled"]
