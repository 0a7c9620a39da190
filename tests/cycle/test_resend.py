"""A lost request is sent again, under its number and with its bytes, and only while it is safe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earnd.parts import Parts
from earnd.sandbox import Fault, Settings
from tests.cycle.test_doubt import NOT_APPLIED, _named
from tests.support.practice import Practice, flexible, practice

MINUTE = timedelta(minutes=1)

CLOSES = ("html", "redirect")
"""A page or a redirect says that something stands between us and the exchange: that is enough for
this cycle."""

LOST = [fault for fault in NOT_APPLIED if fault.code != 80013 and fault.kind not in CLOSES]
STOPS = [fault for fault in NOT_APPLIED if fault.code == 80013 or fault.kind in CLOSES]


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05")) as ready:
        yield ready


def sent(account: Practice) -> list[tuple[str | None, bytes]]:
    """Numbers and bodies of the money requests that arrived, in order."""
    return [(request.request_no, request.body) for request in account.server.received]


def attempts(account: Practice) -> list[tuple[Any, ...]]:
    return account.sql("SELECT action_id, attempt, outcome FROM attempt_log ORDER BY 1, 2")


@pytest.mark.parametrize("fault", LOST, ids=_named)
def test_a_lost_request_is_sent_again_with_the_same_number_and_bytes_and_settles(
    account: Practice, fault: Fault
) -> None:
    """X6"""
    account.server.faults.add(fault)
    report = account.cycle()

    arrived = sent(account)
    assert len(arrived) == 2
    assert arrived[0] == arrived[1]
    assert account.states() == ["settled"]
    assert attempts(account) == [(1, 1, "unclear"), (1, 2, "yes")]
    assert report.tally.sent == 1
    assert report.tally.resent == 1
    assert Decimal("899.9") < account.held() <= 900
    assert account.findings() == {}


@pytest.mark.parametrize("fault", STOPS, ids=_named)
def test_after_a_known_number_a_page_or_a_redirect_nothing_is_sent_again_in_this_cycle(
    account: Practice, fault: Fault
) -> None:
    """X3, H10, H20"""
    account.server.faults.add(fault)
    account.cycle()

    assert len(sent(account)) == 1
    assert account.states() == ["unknown"]


def test_it_is_sent_four_times_at_most(account: Practice) -> None:
    """I3, C6"""
    account.more = "settling: {replay_window: 10m}\nlimits: {max_data_age: 30m}"
    account.server.faults.add(Fault("subscribe", "drop_before", times=None))
    account.cycle()
    account.clock.advance(MINUTE)
    account.cycle()

    assert len(sent(account)) == 4
    assert len(set(sent(account))) == 1
    assert account.states() == ["unknown"]


def test_with_a_window_of_zero_it_is_never_sent_again(account: Practice) -> None:
    account.more = "settling: {replay_window: 0s}"
    account.server.faults.add(Fault("subscribe", "drop_before"))
    account.cycle()
    account.cycle()

    assert len(sent(account)) == 1


def test_once_the_window_has_passed_it_is_only_looked_for(account: Practice) -> None:
    """X7, I5: the window is counted from the first sending."""
    account.server.faults.add(Fault("subscribe", "drop_before", times=2))
    account.cycle(lambda parts: replace(parts, is_stopping=_after_first_send(account)))
    assert len(sent(account)) == 1
    account.clock.advance(2 * MINUTE)
    account.cycle()

    assert len(sent(account)) == 1
    assert account.states() == ["unknown"]


def test_a_new_process_sends_again_what_the_dead_one_lost(account: Practice) -> None:
    """C3."""
    account.server.faults.add(Fault("subscribe", "drop_before"))
    account.cycle(lambda parts: replace(parts, is_stopping=_after_first_send(account)))
    assert account.states() == ["unknown"]
    account.clock.advance(timedelta(seconds=30))
    account.cycle()

    assert len(sent(account)) == 2
    assert account.states() == ["settled"]


def test_what_was_carried_out_but_does_not_show_yet_is_not_sent_again(tmp_path: Path) -> None:
    """X17: The record lags; the wallet already shows it."""
    lagging = Settings(record_lag=5 * MINUTE)
    with practice(tmp_path, flexible("1001"), settings=lagging) as account:
        account.server.faults.add(Fault("subscribe", "drop_after"))
        account.cycle()
        assert len(sent(account)) == 1
        account.clock.advance(6 * MINUTE)
        account.cycle()

        assert account.states() == ["settled"]
        assert len(sent(account)) == 1


def test_even_an_exchange_that_forgets_numbers_and_lags_does_it_once(tmp_path: Path) -> None:
    """A1, X7 does not hold here: the wallet and the total are what prevents the second."""
    forgetful = Settings(record_lag=5 * MINUTE, remember_for=timedelta(0))
    with practice(tmp_path, flexible("1001"), settings=forgetful) as account:
        account.server.faults.add(Fault("subscribe", "drop_after"))
        account.cycle()
        account.clock.advance(6 * MINUTE)
        account.cycle()

        assert len([row for row in account.books.records() if row.kind == "subscribe"]) == 1


def test_an_exchange_that_takes_a_number_twice_executes_it_once(tmp_path: Path) -> None:
    """A twin of the amount comes into the wallet just then, so that it looks untouched."""
    lagging = Settings(record_lag=9 * MINUTE, total_shape="absent")
    with practice(tmp_path, flexible("1001"), settings=lagging) as account:
        account.cycle()
        account.clock.advance(10 * MINUTE)
        account.cycle()
        account.books.deposit("USDT", "500")

        def refund(request: Any) -> None:
            account.books.deposit("USDT", json.loads(request.body)["amount"])
            account.server.on_receive = None

        account.server.on_receive = refund
        account.server.faults.add(Fault("subscribe", "drop_after"))
        account.cycle()

        assert attempts(account)[1:] == [(2, 1, "unclear"), (2, 2, "seen")]
        assert len([row for row in account.books.records() if row.kind == "subscribe"]) == 2
        account.clock.advance(10 * MINUTE)
        account.cycle()
        assert account.states()[:2] == ["settled", "settled"]


def test_a_refusal_of_the_second_sending_proves_nothing_about_the_first(account: Practice) -> None:
    """X8"""
    account.server.faults.add(Fault("subscribe", "drop_before"))
    account.server.faults.add(Fault("subscribe", "code", code=80002, nth=2))
    account.cycle()

    assert attempts(account) == [(1, 1, "unclear"), (1, 2, "refused")]
    assert account.states() == ["unknown"]


def test_a_request_that_is_not_wanted_any_more_is_not_sent_again(account: Practice) -> None:
    account.server.faults.add(Fault("subscribe", "drop_before"))
    account.cycle(lambda parts: replace(parts, is_stopping=_after_first_send(account)))
    account.books.change_product("1001", apy=Decimal("0.008"))
    account.cycle()

    assert len(sent(account)) == 1


def test_while_paused_nothing_is_sent_again(account: Practice) -> None:
    """O6"""
    account.server.faults.add(Fault("subscribe", "drop_before"))
    account.cycle(lambda parts: replace(parts, is_stopping=_after_first_send(account)))
    account.cycle(lambda parts: replace(parts, is_paused=lambda: True))

    assert len(sent(account)) == 1


def test_on_a_clock_that_is_off_nothing_is_sent_again_and_no_look_counts(
    account: Practice,
) -> None:
    """K1, I33"""
    account.server.faults.add(Fault("subscribe", "drop_before"))
    account.cycle(lambda parts: replace(parts, is_stopping=_after_first_send(account)))
    looks = len(account.sql("SELECT 1 FROM action_look"))
    ahead = account.clock.now_ms() + 60_000
    account.server.faults.add(
        Fault("time", "malformed_field", path="data.server_time", value=ahead, times=None)
    )
    account.cycle()

    assert len(sent(account)) == 1
    assert len(account.sql("SELECT 1 FROM action_look")) == looks


def test_a_redeem_is_not_sent_again_where_only_the_wallet_could_testify(tmp_path: Path) -> None:
    with practice(tmp_path, flexible("1001"), settings=Settings(total_shape="absent")) as account:
        account.cycle()
        account.books.change_product("1001", apy=Decimal("0.008"))
        account.coins = "USDT: {reserve: 100, min_apy: 1%, redeem_below_apy: 1%}"
        account.server.faults.add(Fault("redeem", "drop_before"))
        account.cycle()

        assert len(sent(account)) == 2, "one subscribe, one redeem"
        assert account.states() == ["settled", "unknown"]


def test_a_lost_redeem_with_a_total_is_sent_again(account: Practice) -> None:
    account.cycle()
    account.books.change_product("1001", apy=Decimal("0.008"))
    account.coins = "USDT: {reserve: 100, min_apy: 1%, redeem_below_apy: 1%}"
    account.server.faults.add(Fault("redeem", "drop_before"))
    account.cycle()

    assert sent(account)[1] == sent(account)[2]
    assert account.states() == ["settled", "settled"]
    assert account.held() == 0


def _after_first_send(account: Practice) -> Any:
    """Asked to stop as soon as the exchange has received something."""
    return lambda: bool(account.server.received)


def test_a_dry_run_sends_nothing_again(account: Practice) -> None:
    account.server.faults.add(Fault("subscribe", "drop_before"))
    account.cycle(lambda parts: replace(parts, is_stopping=_after_first_send(account)))

    def without_writer(parts: Parts) -> Parts:
        return replace(parts, writer=None)

    account.cycle(without_writer)
    assert len(sent(account)) == 1
