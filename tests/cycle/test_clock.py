"""A clock that is set, or a machine that sleeps, in the midst of a cycle: nothing leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earnd.cycle import run_cycle
from earnd.domain.history import CycleOutcome
from earnd.domain.ids import Coin
from earnd.domain.snapshot import Balance, Record, RecordKind
from earnd.ports import ExchangeReader
from earnd.sandbox import Fault
from tests.support.practice import Practice, PracticeClock, flexible, practice

MINUTE = timedelta(minutes=1)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as ready:
        yield ready


@dataclass
class SetAtTheHistory:
    """A reader that is real, but something happens right before the first look at the history."""

    reader: ExchangeReader
    happens: Callable[[], object]
    looked: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.reader, name)

    def records(self, kind: RecordKind, **how: Any) -> tuple[Record, ...]:
        self.looked += 1
        if self.looked == 1:
            self.happens()
        return self.reader.records(kind, **how)


@dataclass
class Interrupted:
    """A reader that is real, but something happens right after the `nth` look at the wallet."""

    reader: ExchangeReader
    happens: Callable[[], object]
    nth: int = 2
    looked: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.reader, name)

    def balances(self) -> Mapping[Coin, Balance]:
        found = self.reader.balances()
        self.looked += 1
        if self.looked == self.nth:
            self.happens()
        return found


def held_back(account: Practice) -> list[tuple[str, str]]:
    return account.sql("SELECT verdict, reason FROM decision_log WHERE verdict = 'hold'")


@pytest.mark.parametrize("seconds", [-3600, -60, -11, 11, 60, 119, 3600])
def test_nothing_is_sent_after_the_clock_was_set_since_the_look(
    account: Practice, seconds: int
) -> None:
    """K2, K3: set between the look and the sending, by less than what makes a look old."""
    with account.daemon() as here:
        clock = here.parts.clock
        assert isinstance(clock, PracticeClock)

        def is_set() -> None:
            clock.off = timedelta(seconds=seconds)

        reader: Any = Interrupted(here.parts.reader, is_set)
        assert run_cycle(replace(here.parts, reader=reader), "once").outcome is CycleOutcome.DONE
        assert account.server.received == []
        assert ("hold", "clock_skew") in held_back(account)

        # Once it is right again, the next cycle does it.
        clock.off = timedelta(0)
        account.clock.advance(15 * MINUTE)
        run_cycle(here.parts, "once")
        assert account.states() == ["settled"]


@pytest.mark.parametrize("seconds", [-9, 9])
def test_a_clock_that_is_a_little_off_stops_nothing(account: Practice, seconds: int) -> None:
    """K1, K6: within `max_clock_skew`, and the exchange takes the signature all the same."""
    with account.daemon() as here:
        clock = here.parts.clock
        assert isinstance(clock, PracticeClock)
        clock.off = timedelta(seconds=seconds)
        run_cycle(here.parts, "once")
        assert account.states() == ["settled"]
        assert account.sql("SELECT code FROM attempt_answer") == [(1000,)]
        assert "clock.off" in account.log.getvalue()


def test_a_clock_that_is_right_is_not_talked_about(account: Practice) -> None:
    account.cycle()
    assert "clock.off" not in account.log.getvalue()


@pytest.mark.parametrize("seconds", [-86_400 * 400, -11, 11, 86_400 * 400])
def test_nothing_is_sent_with_a_clock_that_is_off(account: Practice, seconds: int) -> None:
    """K1, K5."""
    with account.daemon() as here:
        clock = here.parts.clock
        assert isinstance(clock, PracticeClock)
        clock.off = timedelta(seconds=seconds)
        run_cycle(here.parts, "once")
        assert account.server.received == []
        assert ("hold", "clock_skew") in held_back(account)


def test_after_a_pause_of_the_machine_everything_is_looked_at_anew(account: Practice) -> None:
    """C14, K4: the machine sleeps between the last look and the sending."""
    with account.daemon() as here:
        reader: Any = Interrupted(here.parts.reader, lambda: account.clock.advance(60 * MINUTE))
        run_cycle(replace(here.parts, reader=reader), "once")
        assert account.server.received == []
        assert ("hold", "stale_data") in held_back(account)


def test_after_a_pause_that_the_wall_clock_missed_nothing_is_sent_either(
    account: Practice,
) -> None:
    """C14: the wall clock shows the time of before, as after a resume without time service."""
    with account.daemon() as here:
        clock = here.parts.clock
        assert isinstance(clock, PracticeClock)

        def sleeps() -> None:
            account.clock.advance(60 * MINUTE)
            clock.off = -60 * MINUTE

        reader: Any = Interrupted(here.parts.reader, sleeps)
        run_cycle(replace(here.parts, reader=reader), "once")
        assert account.server.received == []
        assert ("hold", "clock_skew") in held_back(account)


@pytest.mark.parametrize("minutes", [40, 60 * 24 * 365])
def test_nothing_is_written_off_by_a_clock_that_was_set_since_it_was_asked(
    account: Practice, minutes: int
) -> None:
    """K3: the time was right at the beginning of the cycle, and patience is not over yet."""
    account.more = "settling: {replay_window: 0s}"
    account.server.faults.add(Fault("subscribe", "park"))
    with account.daemon() as here:
        clock = here.parts.clock
        assert isinstance(clock, PracticeClock)
        run_cycle(here.parts, "once")
        assert account.states() == ["unknown"]
        account.clock.advance(MINUTE / 2)

        def is_set() -> None:
            clock.off = minutes * MINUTE

        reader: Any = SetAtTheHistory(here.parts.reader, is_set)
        run_cycle(replace(here.parts, reader=reader), "once")
        assert account.states() == ["unknown"]
        assert account.sql("SELECT count(*) FROM action_look") == [(1,)]

        # What was lost on the way arrives after all, and is not late.
        clock.off = timedelta(0)
        account.server.deliver_parked()
        run_cycle(here.parts, "once")
        assert account.states() == ["settled"]


@dataclass
class SetAtTheTotal:
    """A reader that is real, but something happens right after the total was asked for."""

    reader: ExchangeReader
    happens: Callable[[], object]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.reader, name)

    def totals(self) -> Mapping[Coin, Decimal] | None:
        found = self.reader.totals()
        self.happens()
        return found


@pytest.mark.parametrize("days", [-40, 400])
def test_nothing_is_written_off_by_a_clock_that_was_set_while_the_wallet_was_asked(
    account: Practice, days: int
) -> None:
    """K2, K3: dated forty days back, it would not be watched any more when it arrives late."""
    account.more = "settling: {replay_window: 0s}"
    account.server.faults.add(Fault("subscribe", "drop_before"))
    account.cycle()
    account.cycles(2, apart=15 * MINUTE)
    account.clock.advance(15 * MINUTE)
    with account.daemon() as here:
        clock = here.parts.clock
        assert isinstance(clock, PracticeClock)

        def is_set() -> None:
            clock.off = timedelta(days=days)

        reader: Any = SetAtTheTotal(here.parts.reader, is_set)
        run_cycle(replace(here.parts, reader=reader), "once")
        assert account.states() == ["unknown"]

        clock.off = timedelta(0)
        run_cycle(here.parts, "once")
        assert account.states()[0] == "rejected"
    ((at,),) = account.sql("SELECT at FROM action_event WHERE to_state = 'rejected'")
    assert abs(datetime.fromisoformat(at) - account.clock.now()) < MINUTE


def test_a_clock_that_is_put_right_within_a_cycle_dates_nothing_into_the_future(
    account: Practice,
) -> None:
    """K2: what came is booked once it has lasted, and not when the clock gets there."""
    account.more = "settling: {replay_window: 0s}"
    account.server.faults.add(Fault("subscribe", "drop_before"))
    account.cycle()
    account.books.deposit("USDT", "77")
    with account.daemon() as here:
        clock = here.parts.clock
        assert isinstance(clock, PracticeClock)
        clock.off = timedelta(days=-40)
        account.clock.advance(15 * MINUTE)

        def is_set() -> None:
            clock.off = timedelta(0)

        reader: Any = SetAtTheHistory(here.parts.reader, is_set)
        run_cycle(replace(here.parts, reader=reader), "once")
        assert clock.off == timedelta(0), "while earnd looked for what was sent"
        for _ in range(4):
            account.clock.advance(60 * MINUTE)
            run_cycle(here.parts, "once")
    assert account.sql("SELECT amount FROM wallet_flow WHERE kind <> 'opening'") == [("77",)]
