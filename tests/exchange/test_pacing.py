from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnd.clock import SystemClock
from earnd.domain.closure import EVERYTHING, Closing, Closure
from earnd.domain.priority import Priority
from earnd.errors import ExchangeClosed, ExchangeUnavailable
from earnd.exchange.pacing import Limit, Pacer
from tests.exchange.hostile import FakeClock

TWO_S = timedelta(seconds=2)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def pacer(clock: FakeClock) -> Pacer:
    return Pacer(clock, {"/wallet": Limit(3, TWO_S)}, otherwise=Limit(8, TWO_S))


def admitted(pacer: Pacer, clock: FakeClock, endpoint: str, count: int) -> list[float]:
    moments = []
    for _ in range(count):
        pacer.admit(endpoint)
        moments.append(clock.monotonic())
    return moments


def closed_for(pacer: Pacer, clock: FakeClock, endpoint: str) -> float:
    """Seconds until the endpoint admits again, as the error says."""
    began = clock.monotonic()
    while True:
        try:
            pacer.admit(endpoint, patient=False)
        except ExchangeUnavailable:
            clock.sleep(1)
        else:
            return clock.monotonic() - began


def test_no_window_ever_holds_more_than_the_limit(pacer: Pacer, clock: FakeClock) -> None:
    moments = []
    for number in range(100):
        moments += admitted(pacer, clock, "/any", 1)
        clock.sleep(0.1 * (number % 4))

    for start in moments:
        assert sum(start <= each < start + 2 for each in moments) <= 8


class MicrosecondClock(FakeClock):
    """Counts whole microseconds, as moments do, and does not move for less than half of one."""

    def __init__(self, passed: timedelta) -> None:
        super().__init__()
        self.passed = passed

    def monotonic(self) -> float:
        return self.passed.total_seconds()

    def sleep(self, seconds: float) -> None:
        self.passed += timedelta(seconds=seconds)
        self.slept.append(seconds)
        assert len(self.slept) < 1000, f"slept for ever, {seconds} s at a time"


@pytest.mark.parametrize("microseconds", [63_944, 546_038, 1_322_923, 7_578_216])
def test_a_wait_too_short_for_the_clock_is_over_after_one_sleep(microseconds: int) -> None:
    # The moment, two seconds later and their difference as fractions of a second do not add up.
    clock = MicrosecondClock(timedelta(microseconds=microseconds))
    pacer = Pacer(clock, {}, otherwise=Limit(4, TWO_S))
    for _ in range(9):
        pacer.admit("/any")

    assert len(clock.slept) <= 4


def test_what_fits_the_window_does_not_wait(pacer: Pacer, clock: FakeClock) -> None:
    admitted(pacer, clock, "/any", 8)
    assert clock.slept == []

    admitted(pacer, clock, "/any", 1)
    assert clock.slept == [2.0]


@pytest.mark.parametrize(
    ("priority", "share"), [(Priority.SETTLE, 8), (Priority.LOOK, 6), (Priority.HISTORY, 4)]
)
def test_each_priority_has_its_share_of_a_window(
    priority: Priority, share: int, pacer: Pacer, clock: FakeClock
) -> None:
    """H25: the limit is the account's, and so is what is left of it."""
    for _ in range(share):
        pacer.admit("/any", priority)
    assert clock.slept == []

    pacer.admit("/any", priority)
    assert clock.slept == [2.0]


def test_a_limit_of_one_still_lets_the_history_pass(clock: FakeClock) -> None:
    pacer = Pacer(clock, {}, otherwise=Limit(1, TWO_S))
    for _ in range(3):
        pacer.admit("/any", Priority.HISTORY)
    assert clock.slept == [2.0, 2.0]


def test_settling_never_waits_for_the_history(pacer: Pacer, clock: FakeClock) -> None:
    """A history of thousands of rows, and in the midst of it things to settle."""
    waited: list[float] = []
    for page in range(200):
        pacer.admit("/any", Priority.HISTORY)
        if page % 3 == 0:
            before = clock.monotonic()
            pacer.admit("/any", Priority.SETTLE)
            pacer.admit("/any", Priority.SETTLE)
            waited.append(clock.monotonic() - before)
    assert set(waited) == {0.0}


@given(
    asked=st.lists(
        # Eighths of a second, which add up exactly: the law is about the edge of a window.
        st.tuples(st.sampled_from(Priority), st.sampled_from([0.0, 0.125, 0.75, 1.875, 2.0])),
        max_size=80,
    )
)
def test_whatever_is_asked_in_whatever_order_each_keeps_to_its_share(
    asked: list[tuple[Priority, float]],
) -> None:
    clock = FakeClock()
    pacer = Pacer(clock, {}, otherwise=Limit(8, TWO_S))
    moments: list[float] = []
    for priority, pause in asked:
        clock.sleep(pause)
        began = clock.monotonic()
        pacer.admit("/any", priority)
        now = clock.monotonic()
        share = {Priority.SETTLE: 8, Priority.LOOK: 6, Priority.HISTORY: 4}[priority]
        assert sum(each > now - 2 for each in moments) < share
        # No longer than it must: a moment earlier the share was used up.
        assert now == began or sum(each >= now - 2 for each in moments) >= share
        assert now - began <= 2.001
        moments.append(now)


def test_endpoints_have_windows_and_limits_of_their_own(pacer: Pacer, clock: FakeClock) -> None:
    admitted(pacer, clock, "/any", 8)
    admitted(pacer, clock, "/wallet", 3)
    assert clock.slept == []

    admitted(pacer, clock, "/wallet", 1)
    assert clock.slept == [2.0]


def test_threads_share_the_window() -> None:
    pacer = Pacer(SystemClock(), {}, otherwise=Limit(5, timedelta(seconds=0.3)))
    clock = SystemClock()
    moments: list[float] = []

    def work() -> None:
        for _ in range(3):
            pacer.admit("/any")
            moments.append(clock.monotonic())

    threads = [threading.Thread(target=work) for _ in range(5)]
    began = clock.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # Fifteen admissions of five per window end in the third window at the earliest.
    assert len(moments) == 15
    assert max(moments) - began >= 0.6


def test_a_429_closes_one_endpoint_for_its_window(pacer: Pacer, clock: FakeClock) -> None:
    """H22."""
    pacer.close("/any", Closing.RATE, MINUTE)

    pacer.admit("/other")
    assert closed_for(pacer, clock, "/any") == 60


def test_a_repeated_429_closes_for_longer_up_to_a_cap(pacer: Pacer, clock: FakeClock) -> None:
    waits = []
    for _ in range(6):
        pacer.close("/any", Closing.RATE, MINUTE)
        waits.append(closed_for(pacer, clock, "/any"))

    assert waits == [60, 120, 240, 480, 900, 900]


def test_a_429_after_a_quiet_time_counts_as_the_first(pacer: Pacer, clock: FakeClock) -> None:
    for _ in range(3):
        pacer.close("/any", Closing.RATE, MINUTE)
        closed_for(pacer, clock, "/any")
    clock.sleep(601)
    pacer.close("/any", Closing.RATE, MINUTE)

    assert closed_for(pacer, clock, "/any") == 60


def test_replies_that_were_under_way_together_are_one_strike(
    pacer: Pacer, clock: FakeClock
) -> None:
    for _ in range(5):
        pacer.close("/any", Closing.RATE, MINUTE)

    assert closed_for(pacer, clock, "/any") == 60


def test_a_ban_closes_everything_and_doubles_up_to_a_cap(pacer: Pacer, clock: FakeClock) -> None:
    """H23."""
    waits = []
    for number in range(7):
        pacer.close(EVERYTHING, Closing.BAN)
        waits.append(closed_for(pacer, clock, f"/{number}") / 60)

    assert waits == [15, 30, 60, 120, 240, 360, 360]


def test_the_guards_page_closes_everything_for_a_minute_three_times_and_then_longer(
    pacer: Pacer, clock: FakeClock
) -> None:
    """H20."""
    waits = []
    for _ in range(5):
        pacer.close(EVERYTHING, Closing.EDGE)
        waits.append(closed_for(pacer, clock, "/any") / 60)

    assert waits == [1, 1, 1, 2, 4]


def test_a_short_closure_is_waited_for_by_who_has_patience(pacer: Pacer, clock: FakeClock) -> None:
    pacer.close("/any", Closing.RATE, TWO_S)

    with pytest.raises(ExchangeUnavailable):
        pacer.admit("/any", patient=False)
    pacer.admit("/any")
    assert clock.slept == [2.0]


def test_the_error_says_until_when(pacer: Pacer) -> None:
    pacer.close(EVERYTHING, Closing.BAN)

    with pytest.raises(ExchangeUnavailable) as caught:
        pacer.admit("/any")
    assert caught.value.what == (
        "the exchange blocks our address for asking too often;"
        " nothing is asked before 2026-11-22T12:15:00Z"
    )
    assert caught.value.where == "/any"


def test_the_longest_of_several_closures_holds(pacer: Pacer, clock: FakeClock) -> None:
    pacer.close("/any", Closing.RATE, MINUTE)
    pacer.close(EVERYTHING, Closing.BAN)

    assert closed_for(pacer, clock, "/any") == 900


def test_a_window_that_the_exchange_calls_used_up_is_waited_out(
    pacer: Pacer, clock: FakeClock
) -> None:
    pacer.used_up("/any", TWO_S)
    pacer.admit("/other")
    assert clock.slept == []

    pacer.admit("/any")
    assert clock.slept == [2.0]


class Told(list[Closure]):
    """What a ledger would have been told."""

    def restarted(self, clock: FakeClock, boot: str = "monday") -> tuple[Pacer, Told]:
        """Another life, with the last word about each endpoint; it goes on where this one ended."""
        newest = {(each.endpoint, each.closing): each for each in self}
        later, told = Pacer(clock, {}, otherwise=Limit(8, TWO_S)), Told(self)
        later.resume(newest.values(), boot=boot, tell=told.append)
        return later, told


@pytest.fixture
def told(pacer: Pacer) -> Told:
    told = Told()
    pacer.resume((), boot="monday", tell=told.append)
    return told


def test_a_closure_outlives_the_process_and_goes_on_growing(
    pacer: Pacer, told: Told, clock: FakeClock
) -> None:
    """H23: zero requests while banned, whatever process asks."""
    pacer.close(EVERYTHING, Closing.BAN)
    pacer.close("/any", Closing.RATE, MINUTE)
    clock.sleep(5 * 60)

    later, told = told.restarted(clock)
    assert closed_for(later, clock, "/other") == 600
    later.close(EVERYTHING, Closing.BAN)
    clock.sleep(60)
    latest, _ = told.restarted(clock)
    assert closed_for(latest, clock, "/other") == 30 * 60 - 60


def test_each_closure_is_told_once_and_nothing_else_is(
    pacer: Pacer, told: Told, clock: FakeClock
) -> None:
    pacer.admit("/any")
    pacer.used_up("/any", TWO_S)
    assert told == []

    began = clock.now()
    for _ in range(3):
        pacer.close("/any", Closing.RATE, MINUTE)
    (closure,) = told
    assert (closure.endpoint, closure.closing, closure.strikes) == ("/any", Closing.RATE, 1)
    assert (closure.at.wall, closure.until) == (began, began + MINUTE)


def test_a_reply_that_asks_for_a_longer_silence_is_told_too(pacer: Pacer, told: Told) -> None:
    pacer.close("/any", Closing.RATE, MINUTE)
    pacer.close("/any", Closing.RATE, 2 * MINUTE)

    assert [(each.strikes, each.lasts) for each in told] == [(1, MINUTE), (1, 2 * MINUTE)]


@pytest.mark.parametrize("set_by", [timedelta(days=-400), timedelta(hours=-1), timedelta(days=400)])
def test_a_clock_that_was_set_between_two_lives_changes_no_closure(
    set_by: timedelta, pacer: Pacer, told: Told, clock: FakeClock
) -> None:
    """K2, K3: while the machine runs, a ban is neither forgotten nor made eternal."""
    pacer.close(EVERYTHING, Closing.BAN)
    clock.sleep(5 * 60)
    clock.at += set_by

    later, after = told.restarted(clock)
    assert closed_for(later, clock, "/any") == 600
    assert after == told


@pytest.mark.parametrize(
    ("set_by", "left_s"),
    [
        (timedelta(0), 600),
        (timedelta(days=-400), 900),
        (timedelta(minutes=-4), 840),
        (timedelta(days=400), 0),
    ],
)
def test_after_a_new_start_of_the_machine_a_ban_lasts_no_longer_than_it_was_meant_to(
    set_by: timedelta, left_s: int, pacer: Pacer, told: Told, clock: FakeClock
) -> None:
    """K5: a machine whose clock begins in 1970 gets out of a ban, also when asked by `once`."""
    pacer.close(EVERYTHING, Closing.BAN)
    clock.sleep(5 * 60)
    clock.at += set_by

    later, told = told.restarted(clock, "tuesday")
    assert len(told) == (2 if left_s else 1)
    clock.sleep(30)
    # Another life of the same start takes nothing for granted anew.
    latest, _ = told.restarted(clock, "tuesday")
    assert closed_for(latest, clock, "/any") == max(0, left_s - 30)
    later.close(EVERYTHING, Closing.BAN)
    assert closed_for(later, clock, "/any") == 30 * 60, "the strike before is remembered"


def test_what_was_over_long_ago_counts_no_more(pacer: Pacer, told: Told, clock: FakeClock) -> None:
    pacer.close(EVERYTHING, Closing.BAN)
    clock.sleep(timedelta(days=2).total_seconds())

    later, told = told.restarted(clock)
    later.close(EVERYTHING, Closing.BAN)
    assert told[-1].strikes == 1


def test_maintenance_closes_everything_and_doubles_up_to_a_cap(
    pacer: Pacer, clock: FakeClock
) -> None:
    waits = []
    for _ in range(6):
        pacer.close(EVERYTHING, Closing.MAINTENANCE)
        waits.append(closed_for(pacer, clock, "/any") / 60)

    assert waits == [1, 2, 4, 8, 10, 10]


@pytest.mark.parametrize("closing", Closing)
def test_what_the_exchange_says_of_itself_is_told_apart_from_a_pace_that_was_too_fast(
    closing: Closing, pacer: Pacer
) -> None:
    pacer.close(EVERYTHING, closing, MINUTE)

    with pytest.raises(ExchangeUnavailable) as caught:
        pacer.admit("/any", patient=False)
    is_said = closing in (Closing.BAN, Closing.MAINTENANCE)
    assert isinstance(caught.value, ExchangeClosed) is is_said
