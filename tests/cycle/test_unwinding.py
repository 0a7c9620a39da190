"""Unwinding round by round, with the real cycle against the practice exchange, in virtual time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earnd.domain.ids import Coin
from earnd.domain.unwinding import Outlook
from earnd.sandbox import Fault, Settings
from earnd.unwinding import LONGEST_WAIT, LOOKS_TO_BELIEVE, Ending, Pace
from tests.support.practice import Practice, flexible, practice
from tests.support.unwound import HALF_A_MINUTE, unwinding

BOTH = (flexible("1001", maximum=Decimal(300)), flexible("1002", "0.03"))


USDT = Coin("USDT")

TAG = Decimal("0.001")
"""What was subscribed may be so much less than was planned."""

SLOW = "USDT: {reserve: 100, min_move: 1, max_per_action: 400}"
CLOSED_TILL_TWO: dict[str, Any] = {
    "closed_from": timedelta(hours=11),
    "closed_until": timedelta(hours=14),
}


def all_is_home(place: Practice) -> bool:
    """The exchange holds nothing, has the money in the wallet, and the ledger knows why."""
    assert place.held() == 0
    assert place.idle() == 1000
    assert place.findings() == {}
    return set(place.states()) <= {"settled", "rejected"}


def unwound(place: Practice, *coins: str, pace: Pace | None = None) -> Ending:
    """Unwinds to the end in a life of its own."""
    with unwinding(place, *coins, pace=pace) as life:
        life.unwinder.look()
        return life.unwinder.run()


def test_everything_comes_home_and_a_last_look_says_so(tmp_path: Path) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        assert place.held() > 800
        with unwinding(place) as life:
            assert not life.unwinder.look().is_home
            assert life.unwinder.run() is Ending.HOME

        assert place.held() == 0
        assert place.idle() == 1000
        assert life.unwinder.home[USDT] + 100 == pytest.approx(Decimal(1000), abs=TAG)
        assert len(life.heard.home) == 2
        assert life.heard.waited == []
        assert life.unwinder.standing.is_home
        assert place.findings() == {}
        triggers = place.sql("SELECT trigger FROM cycle ORDER BY cycle_id")
        assert triggers == [("once",), ("unwind",), ("unwind",), ("unwind",)]


def test_where_everything_is_home_nothing_is_sent_however_often_it_is_run(tmp_path: Path) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        assert unwound(place) is Ending.HOME
        sent = len(place.server.received)

        assert unwound(place) is Ending.HOME
        assert unwound(place, "USDT") is Ending.HOME

        assert len(place.server.received) == sent


def test_a_life_that_is_stopped_half_way_is_gone_on_with_and_nothing_goes_twice(
    tmp_path: Path,
) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        place.coins = SLOW
        with unwinding(place) as life:
            life.heard.until_home = life.here.stop
            life.unwinder.look()
            assert life.unwinder.run() is Ending.STOPPED
        assert 0 < place.held() < 900

        assert unwound(place) is Ending.HOME

        assert all_is_home(place)


def test_a_wish_to_stop_is_heard_while_it_waits(tmp_path: Path) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        place.books.change_settings(**CLOSED_TILL_TWO)
        began = place.clock.now()

        def soon() -> bool:
            return place.clock.now() >= began + timedelta(minutes=3)

        with unwinding(place, change=lambda parts: replace(parts, is_stopping=soon)) as life:
            life.unwinder.look()
            assert life.unwinder.run() is Ending.STOPPED
        assert place.clock.now() - began < timedelta(minutes=3, seconds=5)


def test_the_limit_for_one_action_is_kept_and_rounds_are_paced(tmp_path: Path) -> None:
    with practice(tmp_path, flexible("1001")) as place:
        place.cycle()
        place.coins = SLOW
        with unwinding(place) as life:
            life.unwinder.look()
            assert life.unwinder.run() is Ending.HOME

        amounts = [Decimal(amount) for _, amount in life.heard.home]
        assert amounts[:2] == [Decimal(400), Decimal(400)]
        assert 99 < amounts[2] < 100
        assert life.heard.waited == [HALF_A_MINUTE, HALF_A_MINUTE]
        assert all_is_home(place)


@pytest.mark.parametrize("kind", ["drop_after", "drop_before", "system_error_after", "data_value"])
def test_a_reply_that_is_lost_costs_time_and_nothing_else(tmp_path: Path, kind: str) -> None:
    """H7, X2, X9."""
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        place.server.faults.add(Fault("redeem", kind, value="yes"))

        assert unwound(place) is Ending.HOME

        assert all_is_home(place)


def test_a_record_that_comes_late_is_waited_for(tmp_path: Path) -> None:
    """X17."""
    with practice(tmp_path, *BOTH, settings=Settings(record_lag=timedelta(minutes=4))) as place:
        place.cycle()
        place.clock.advance(timedelta(minutes=10))
        place.cycle()

        with unwinding(place) as life:
            life.unwinder.look()
            assert life.unwinder.run() is Ending.HOME

        assert life.heard.waited[:3] == [HALF_A_MINUTE, 2 * HALF_A_MINUTE, 4 * HALF_A_MINUTE]
        assert all_is_home(place)


def test_money_that_is_on_its_way_is_waited_for(tmp_path: Path) -> None:
    """X27."""
    with practice(tmp_path, *BOTH, settings=Settings(redeem_takes=timedelta(minutes=9))) as place:
        place.cycle()

        with unwinding(place) as life:
            life.unwinder.look()
            assert life.unwinder.run() is Ending.HOME

        assert life.heard.standings[1].has(Outlook.SOON)
        assert all_is_home(place)


def test_a_window_that_is_closed_for_now_is_waited_for(tmp_path: Path) -> None:
    """X11."""
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        place.books.change_settings(**CLOSED_TILL_TWO)

        with unwinding(place, pace=Pace(patience=timedelta(hours=3))) as life:
            life.unwinder.look()
            assert life.unwinder.run() is Ending.HOME

        # Not knocking at a closed door: as long as the refusal says, each time.
        assert len(place.server.received) <= 14
        assert timedelta(minutes=14) < max(life.heard.waited) <= timedelta(minutes=15)
        assert all_is_home(place)


def test_what_stays_closed_is_not_waited_for_longer_than_patience(tmp_path: Path) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        place.books.change_settings(**CLOSED_TILL_TWO)
        began = place.clock.now()

        with unwinding(place, pace=Pace(patience=timedelta(hours=1))) as life:
            life.unwinder.look()
            assert life.unwinder.run() is Ending.OUT_OF_PATIENCE

        waited = place.clock.now() - began
        assert timedelta(hours=1) <= waited < timedelta(hours=1, minutes=5)
        assert life.unwinder.standing.held.keys() == {"USDT"}


def test_a_refusal_that_lasts_ends_it_at_once_and_later_it_goes_on(tmp_path: Path) -> None:
    """X14."""
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        place.books.change_account(risk_redeem=True)

        with unwinding(place) as life:
            life.unwinder.look()
            assert life.unwinder.run() is Ending.STUCK
        assert life.heard.waited == []
        assert {hold.detail["code"] for hold in life.unwinder.standing.holds} == {"80009"}
        sent = len(place.server.received)

        # Run again at once it does not knock again; the refusal says for how long.
        assert unwound(place) is Ending.STUCK
        assert len(place.server.received) == sent

        place.books.change_account(risk_redeem=False)
        place.clock.advance(timedelta(hours=3, minutes=1))
        assert unwound(place) is Ending.HOME
        assert place.idle() == 1000


def test_what_can_go_goes_although_another_product_is_refused_for_long(tmp_path: Path) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        place.server.faults.add(Fault("redeem", "code", code=80011))

        assert unwound(place) is Ending.STUCK

        assert 0 < place.held() < 900
        assert sorted(place.states()) == ["rejected", "settled", "settled", "settled"]


@pytest.mark.parametrize(
    ("endpoint", "ending"),
    [("maintenance", Ending.TROUBLE), ("deprecated", Ending.STUCK), ("absent", Ending.STUCK)],
)
def test_an_exchange_that_ends_its_service_is_not_waited_for(
    tmp_path: Path, endpoint: str, ending: Ending
) -> None:
    """X42."""
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        ends: dict[str, Any] = {endpoint: frozenset({"redeem"})}
        place.server.gateway = replace(place.server.gateway, **ends)

        with unwinding(place) as life:
            life.unwinder.look()
            assert life.unwinder.run() is ending

        assert life.heard.waited == []
        assert place.held() > 800


def test_an_exchange_that_does_not_answer_is_waited_for_ever_longer(tmp_path: Path) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        with unwinding(place) as life:
            life.unwinder.look()
            place.server.gateway = replace(place.server.gateway, down=frozenset({"earn"}))
            assert life.unwinder.run() is Ending.OUT_OF_PATIENCE

        assert max(life.heard.waited) == LONGEST_WAIT
        assert life.heard.waited[:3] == [n * HALF_A_MINUTE for n in (1, 2, 4)]
        assert place.held() > 800


def test_a_look_that_fails_and_then_does_not_is_no_end(tmp_path: Path) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        with unwinding(place) as life:
            life.unwinder.look()
            place.server.faults.add(Fault("earn", "garbage", times=2))
            assert life.unwinder.run() is Ending.HOME

        assert life.heard.troubles
        assert all_is_home(place)


def test_replies_that_cannot_be_read_end_it_after_a_few(tmp_path: Path) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        with unwinding(place) as life:
            life.unwinder.look()
            place.server.faults.add(Fault("earn", "garbage", times=None))
            assert life.unwinder.run() is Ending.TROUBLE

        assert len(life.heard.troubles) == LOOKS_TO_BELIEVE


def test_a_holding_that_does_not_add_up_ends_it_after_a_few_looks(tmp_path: Path) -> None:
    """X23."""
    with practice(tmp_path, *BOTH, settings=Settings(total_shape="absent")) as place:
        place.cycle()
        place.books.change_settings(record_lag=timedelta(days=3), positions_with_amount=True)
        place.books.redeem_by_hand("1001", "5")

        with unwinding(place) as life:
            life.unwinder.look()
            assert life.unwinder.run() is Ending.STUCK

        assert life.heard.waited == [HALF_A_MINUTE, HALF_A_MINUTE]
        assert life.unwinder.standing.has(Outlook.DOUBTFUL)
        assert len(place.server.received) == 2, "nothing is redeemed from what does not add up"


def test_an_action_that_waits_for_a_person_ends_it(tmp_path: Path) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.server.faults.add(Fault("subscribe", "code", code=80013, apply=False))
        place.cycles(6, apart=timedelta(minutes=12))
        assert "needs_operator" in place.states()

        assert unwound(place) is Ending.STUCK


def test_interest_that_arrives_in_a_product_is_brought_home_by_running_again(
    tmp_path: Path,
) -> None:
    late = Settings(interest_paid="product", payout_delay=timedelta(hours=3))
    with practice(tmp_path, *BOTH, settings=late) as place:
        place.cycle()
        # A day of the exchange's ends at four; what it earned is paid at seven.
        place.clock.advance(timedelta(hours=41))
        assert unwound(place) is Ending.HOME
        assert place.held() == 0
        place.clock.advance(timedelta(hours=3))
        assert place.held() > 0

        assert unwound(place) is Ending.HOME

        assert place.held() == 0


def test_without_a_writer_nothing_is_sent_and_the_look_says_all(tmp_path: Path) -> None:
    with practice(tmp_path, *BOTH) as place:
        place.cycle()
        sent = len(place.server.received)
        with unwinding(place, change=lambda parts: replace(parts, writer=None)) as life:
            assert len(life.unwinder.look().moves) == 2

        assert len(place.server.received) == sent
