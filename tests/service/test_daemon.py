"""The daemon around a cycle: nothing is swallowed, nothing overlaps, and the end is in order."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from apscheduler.triggers.base import BaseTrigger

from earnd.clock import SystemClock
from earnd.cycle import CycleReport
from earnd.domain.history import CycleOutcome
from earnd.errors import (
    ExitCode,
    IllegalTransition,
    LedgerError,
    LedgerUnwritable,
    SurprisingReply,
)
from earnd.service.daemon import FAILURES_IN_A_ROW, LONGEST_CYCLE, REFUSALS_IN_A_ROW
from earnd.service.schedule import OVERDUE
from tests.service.fakes import NOON, FakeClock, FakeNotifier, House, report

PATIENCE_S = 60
TURN = timedelta(seconds=5)


def failing(error: BaseException) -> Callable[[], CycleReport]:
    """A cycle that raises."""

    def cycle() -> CycleReport:
        raise error

    return cycle


def test_the_first_cycle_begins_at_once_whatever_the_schedule() -> None:
    def cycle() -> CycleReport:
        house.stop.set()
        return report()

    house = House(cycle, clock=SystemClock())
    assert house.daemon.run() is ExitCode.FINE
    assert "STATUS=cycle 7 done, sent 0" in house.notifier.told
    assert "STOPPING=1" in house.notifier.told


@pytest.mark.parametrize(
    "error", [SystemExit(3), KeyboardInterrupt(), RuntimeError("oh"), Exception()]
)
def test_what_a_cycle_raises_is_told_and_the_daemon_goes_on(error: BaseException) -> None:
    """C10, S3."""
    house = House(failing(error))
    house.daemon.one_pass()

    level, event, fields = house.log.lines[-1]
    assert (level, event) == ("error", "cycle.crashed")
    assert fields["exc_info"] is True
    assert not house.stop.is_set()
    house.cycle = report
    house.daemon.one_pass()
    assert house.notifier.told[-2:] == ["STATUS=cycle 7 done, sent 0", "WATCHDOG=1"]


@pytest.mark.parametrize("error", [SystemExit(3), RuntimeError("oh"), SurprisingReply("odd")])
def test_unforeseen_failures_in_a_row_end_it_with_1(error: BaseException) -> None:
    """C6, C10, S3."""
    house = House(failing(error))
    for turn in range(FAILURES_IN_A_ROW):
        assert not house.stop.is_set(), turn
        house.daemon.one_pass()
    assert house.stop.is_set()
    assert house.log.events()[-1] == "daemon.gives_up"
    assert house.daemon.run() is ExitCode.FINDING


def test_failures_with_a_good_cycle_between_them_do_not_end_it() -> None:
    house = House(report)
    for _ in range(3):
        house.cycle = failing(RuntimeError("oh"))
        for _ in range(FAILURES_IN_A_ROW - 1):
            house.daemon.one_pass()
        house.cycle = report
        house.daemon.one_pass()
    assert not house.stop.is_set()


def test_refusals_in_a_row_end_it_with_4() -> None:
    """X16, O12."""
    house = House(lambda: report(CycleOutcome.REFUSED))
    for _ in range(REFUSALS_IN_A_ROW):
        assert not house.stop.is_set()
        house.daemon.one_pass()
    assert house.stop.is_set()
    assert house.log.lines[-1][1:] == (
        "daemon.gives_up",
        {"why": "the exchange refuses us", "cycles": REFUSALS_IN_A_ROW},
    )
    assert house.daemon.run() is ExitCode.REFUSED


def test_refusals_with_another_outcome_between_them_do_not_end_it() -> None:
    house = House(report)
    for _ in range(3):
        for outcome in (*[CycleOutcome.REFUSED] * (REFUSALS_IN_A_ROW - 1), CycleOutcome.DONE):
            house.cycle = partial(report, outcome)
            house.daemon.one_pass()
    assert not house.stop.is_set()


def test_an_exchange_that_is_away_for_long_does_not_end_it() -> None:
    """X42."""
    house = House(lambda: report(CycleOutcome.FAILED_LOOK))
    for _ in range(50):
        house.daemon.one_pass()
    assert not house.stop.is_set()


@pytest.mark.parametrize("kind", [LedgerError, LedgerUnwritable, IllegalTransition])
def test_a_ledger_that_fails_ends_it_with_3_at_once(kind: type[LedgerError]) -> None:
    """L22, C11."""
    house = House(failing(kind("the disk is full", where="ledger.db")))
    house.daemon.one_pass()

    assert house.stop.is_set()
    assert house.log.events()[-1] == "ledger.failed"
    assert house.daemon.run() is ExitCode.LEDGER


def test_asked_to_stop_it_begins_no_further_cycle() -> None:
    """S11."""
    house = House(failing(AssertionError("not this one")))
    house.stop.set()
    house.daemon.one_pass()

    assert house.log.lines == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_a_cycle_waits_for_its_end(number: signal.Signals) -> None:
    """C7, S11."""
    done: list[str] = []

    def cycle() -> CycleReport:
        os.kill(os.getpid(), number)
        assert house.stop.wait(PATIENCE_S), "the signal asks for the end"
        done.append("cycle")
        return report()

    before = {each: signal.getsignal(each) for each in (number, signal.SIGHUP)}
    house = House(cycle, clock=SystemClock())
    assert house.daemon.run() is ExitCode.FINE
    assert done == ["cycle"]
    assert "STATUS=cycle 7 done, sent 0" in house.notifier.told
    assert {each: signal.getsignal(each) for each in before} == before


def test_told_to_reload_it_says_that_a_restart_is_how() -> None:
    """O5."""
    said = threading.Event()

    def cycle() -> CycleReport:
        os.kill(os.getpid(), signal.SIGHUP)
        assert said.wait(PATIENCE_S)
        house.stop.set()
        return report()

    house = House(cycle, clock=SystemClock())
    house.log.told = said.set
    assert house.daemon.run() is ExitCode.FINE
    told = [fields for _, event, fields in house.log.lines if event == "daemon.not_reloaded"]
    assert told == [{"why": "the configuration is read once", "todo": "restart earnd"}]


@dataclass
class FakeJob:
    """The scheduler's job: when it is due, and whether that was changed."""

    next_run_time: datetime | None = NOON
    changes: list[datetime] = field(default_factory=list)

    def modify(self, *, next_run_time: datetime) -> None:
        self.next_run_time = next_run_time
        self.changes.append(next_run_time)


def tick(house: House, job: FakeJob) -> list[str]:
    """One turn of the main thread; what systemd was told in it."""
    before = len(house.notifier.told)
    as_job: Any = job
    house.daemon.tick(as_job)
    return house.notifier.told[before:]


def test_the_watchdog_is_fed_while_a_cycle_runs_but_not_once_it_hangs() -> None:
    """C13, S2."""
    fed: list[list[str]] = []

    def cycle() -> CycleReport:
        job = FakeJob(NOON - timedelta(days=1))
        fed.append(tick(house, job))
        house.clock.passes(LONGEST_CYCLE - timedelta(seconds=1))
        fed.append(tick(house, job))
        house.clock.passes(timedelta(seconds=1))
        fed.append(tick(house, job))
        return report()

    house = House(cycle)
    house.daemon.one_pass()
    assert fed == [["WATCHDOG=1"], ["WATCHDOG=1"], []]
    assert house.notifier.told[-1] == "WATCHDOG=1", "its end is progress"


def test_the_watchdog_is_not_fed_once_the_next_cycle_is_overdue() -> None:
    """C13, S2."""
    house = House(report)
    job = FakeJob(NOON)
    assert tick(house, job) == ["WATCHDOG=1"]
    for _ in range(OVERDUE // TURN - 1):
        house.clock.passes(TURN)
        assert tick(house, job) == ["WATCHDOG=1"]
    house.clock.passes(TURN)
    assert tick(house, job) == []


def test_the_watchdog_is_not_fed_if_there_is_no_next_cycle() -> None:
    assert tick(House(report), FakeJob(None)) == []


@pytest.mark.parametrize("step", [timedelta(days=-400), timedelta(hours=-1), timedelta(days=3)])
def test_a_clock_that_was_set_begins_a_cycle_at_once(step: timedelta) -> None:
    """S5, O9, K2, K3."""
    house = House(report)
    job = FakeJob(NOON + timedelta(minutes=15))
    house.clock.wall += step
    tick(house, job)

    assert job.changes == [NOON + step]
    assert house.log.lines[-1][1:] == (
        "clock.stepped",
        {"seconds": round(step.total_seconds()), "todo": "a cycle begins now"},
    )
    tick(house, job)
    assert len(job.changes) == 1, "once is enough"


@pytest.mark.parametrize("span", [timedelta(seconds=61), timedelta(hours=8)])
def test_a_machine_that_slept_begins_a_cycle_at_once(span: timedelta) -> None:
    """K4: both clocks went on meanwhile, and only the scheduler's own wait did not."""
    house = House(report)
    job = FakeJob(NOON + timedelta(days=1))
    house.clock.passes(span)
    tick(house, job)

    assert job.changes == [NOON + span]
    assert house.log.lines[-1][1:] == (
        "machine.slept",
        {"seconds": span.total_seconds(), "todo": "a cycle begins now"},
    )
    house.clock.passes(TURN)
    tick(house, job)
    assert len(job.changes) == 1, "once is enough"


def test_time_that_merely_passes_changes_no_schedule() -> None:
    """S5, K6."""
    house = House(report)
    job = FakeJob(NOON + timedelta(days=9))
    for _ in range(100):
        house.clock.passes(timedelta(seconds=50))
        house.clock.wall += timedelta(milliseconds=500)
        tick(house, job)
    assert job.changes == []


class OftenDue(BaseTrigger):  # type: ignore[misc] # it has no types
    """Due again at once, whenever it is asked."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        del previous
        return now + timedelta(milliseconds=1)


def test_cycles_never_overlap_however_often_they_are_due() -> None:
    """S7, S10."""
    running: list[int] = []
    most: list[int] = []

    def cycle() -> CycleReport:
        running.append(1)
        most.append(len(running))
        house.stop.wait(0.02)
        if len(most) == 5:
            house.stop.set()
        running.pop()
        return report()

    house = House(cycle, clock=SystemClock(), trigger=OftenDue())
    assert house.daemon.run() is ExitCode.FINE
    assert most == [1] * 5


def test_a_cycle_that_is_late_by_days_is_not_dropped() -> None:
    """S1, S9."""

    def cycle() -> CycleReport:
        house.stop.set()
        return report()

    late = FakeClock(wall=SystemClock().now() - timedelta(days=3))
    house = House(cycle, clock=late)
    assert house.daemon.run() is ExitCode.FINE
    assert "STATUS=cycle 7 done, sent 0" in house.notifier.told


def test_what_happens_in_a_cycle_is_in_one_thread_and_not_the_main_one() -> None:
    """S7."""
    threads: list[str] = []

    def cycle() -> CycleReport:
        threads.append(threading.current_thread().name)
        if len(threads) == 3:
            house.stop.set()
        return report()

    house = House(cycle, clock=SystemClock(), trigger=OftenDue())
    house.daemon.run()
    assert len(set(threads)) == 1
    assert threads[0] != threading.main_thread().name


def test_the_status_for_systemd_is_one_line_whatever_the_exchange_says() -> None:
    house = House(lambda: report(CycleOutcome.REFUSED), notifier=FakeNotifier())
    house.daemon.one_pass()

    assert "the key is not known" in house.notifier.told[0]
