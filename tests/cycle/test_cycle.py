"""The whole cycle against the practice exchange over HTTP, with a real ledger."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earnd.domain.history import CycleOutcome
from earnd.sandbox import Fault, Received, Settings
from tests.support.meanwhile import after_the_first_look
from tests.support.practice import Practice, flexible, practice, tiered

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as ready:
        yield ready


def test_idle_money_goes_where_it_earns_most_and_the_reserve_stays(account: Practice) -> None:
    report = account.cycle()

    assert report.outcome is CycleOutcome.DONE
    assert account.states() == ["settled"]
    assert account.books.held("1002") == 0
    assert Decimal("899.9") < account.books.held("1001") <= 900
    assert account.idle() >= 100
    assert account.findings() == {}


def test_money_is_laid_tier_by_tier_across_products(tmp_path: Path) -> None:
    steep = tiered("1001", ("1", "500", "0.08"), ("500", "1000", "0.02"))
    with practice(tmp_path, steep, flexible("1002", "0.04"), deposit="1100") as account:
        account.cycle()

        assert account.states() == ["settled", "settled"]
        assert Decimal("499.9") < account.books.held("1001") <= 500
        assert Decimal("499.9") < account.books.held("1002") <= 500


def test_the_second_cycle_finds_nothing_left_to_do(account: Practice) -> None:
    """S4."""
    account.cycle()
    report = account.cycle()

    assert report.moves == []
    assert len(account.states()) == 1
    holds = account.sql("SELECT verdict, reason FROM decision_log WHERE cycle_id = 2")
    assert holds
    assert {verdict for verdict, _ in holds} == {"hold"}


def test_the_ledger_agrees_with_the_exchange_row_by_row(account: Practice) -> None:
    account.coins = (
        "USDT: {reserve: 100, min_move: 1, min_apy: 1%, redeem_below_apy: 1%,"
        " refill_below: 50, refill_to: 100}"
    )
    account.cycle()
    account.books.deposit("USDT", "500")
    account.cycles(3, apart=DAY)
    account.books.change_product("1001", apy=Decimal("0.008"))
    account.cycles(3, apart=DAY)
    account.books.withdraw("USDT", account.idle() - 20)
    account.cycles(3, apart=DAY)

    settled = account.sql(
        "SELECT a.verb, a.product_id, a.coin, a.amount, m.record_id FROM action_now AS a"
        " JOIN movement AS m USING (action_id) WHERE a.state = 'settled' ORDER BY m.record_id"
    )
    theirs = sorted(
        (row.kind, row.product_id, row.coin, row.amount, row.record_id)
        for row in account.books.records()
        if row.kind != "interest"
    )
    ours = sorted(
        (verb, product_id, coin, Decimal(amount), record_id)
        for verb, product_id, coin, amount, record_id in settled
    )
    assert ours == theirs
    assert {verb for verb, *_ in ours} == {"subscribe", "redeem"}
    assert set(account.states()) == {"settled"}
    assert account.findings() == {}
    assert account.books.sums("USDT").balanced


def test_an_attempt_is_in_the_ledger_before_the_exchange_sees_the_request(
    account: Practice,
) -> None:
    """C3."""
    seen: list[tuple[Any, ...]] = []

    def look(request: Received) -> None:
        number = json.loads(request.body)["requestNo"]
        seen.extend(
            account.sql(
                "SELECT state, attempt_log.request_no, outcome FROM action_now"  # noqa: S608
                f" JOIN attempt_log USING (action_id) WHERE action_now.request_no = '{number}'"
            )
        )

    account.server.on_receive = look
    account.cycle()

    assert [(state, outcome) for state, _, outcome in seen] == [("sending", None)]
    assert len(account.server.received) == 1


def test_no_transaction_is_open_while_a_request_is_on_its_way(account: Practice) -> None:
    """L10."""

    def write(_request: Received) -> None:
        stranger = sqlite3.connect(account.ledger, timeout=0)
        try:
            stranger.execute("BEGIN IMMEDIATE")
            stranger.rollback()
        finally:
            stranger.close()

    account.server.on_receive = write
    report = account.cycle()

    assert report.outcome is CycleOutcome.DONE
    assert account.states() == ["settled"]


def test_a_dry_run_sends_nothing_and_says_what_it_would_have_done(account: Practice) -> None:
    """O2."""
    account.mode = "dry-run"
    report = account.cycle()

    assert report.tally.sent == 0
    assert account.server.received == []
    assert account.states() == ["dropped"]
    assert account.sql("SELECT verb, reason FROM action_now") == [("subscribe", "best_band")]
    assert account.findings() == {}


def test_interest_that_lands_in_the_wallet_is_put_back_to_work(account: Practice) -> None:
    account.coins = "USDT: {reserve: 100}"
    account.books.deposit("USDT", "50000")
    account.cycle()
    account.cycles(3, apart=DAY)

    reasons = [row[0] for row in account.sql("SELECT reason FROM action_now")]
    assert reasons[0] == "best_band"
    assert "compound" in reasons
    assert account.findings() == {}


def test_a_product_that_pays_too_little_is_left_and_the_money_moves_on(account: Practice) -> None:
    """X25."""
    account.coins = "USDT: {reserve: 100, min_apy: 1%, redeem_below_apy: 1%}"
    account.cycle()
    account.books.change_product("1001", apy=Decimal("0.008"))
    report = account.cycle()

    assert [move.verb.value for move in report.moves] == ["redeem", "subscribe"]
    assert account.books.held("1001") == 0
    assert account.books.held("1002") > Decimal("899.9")
    assert set(account.states()) == {"settled"}


def test_idle_under_refill_below_is_brought_back_up_and_stays(account: Practice) -> None:
    account.coins = "USDT: {reserve: 100, min_apy: 1%, refill_below: 50, refill_to: 100}"
    account.cycle()
    account.books.withdraw("USDT", account.idle() - 20)
    account.cycle()

    assert account.idle() == 100
    report = account.cycle()
    assert report.moves == []
    assert account.idle() == 100


def test_what_a_person_moved_is_theirs_in_the_ledger(account: Practice) -> None:
    """X22."""
    account.cycle()
    account.books.subscribe_by_hand("1002", "50")
    account.books.redeem_by_hand("1001", "10")
    account.cycle()

    owners = account.sql("SELECT kind, attributed_to FROM movement ORDER BY at, record_id")
    assert ("subscribe", "person") in owners
    assert ("redeem", "person") in owners
    assert account.findings() == {}


def test_records_that_carry_numbers_decide_by_the_number(tmp_path: Path) -> None:
    """X19."""
    newer = Settings(records_with_request_no=True)
    with practice(tmp_path, flexible("1001"), settings=newer) as account:
        account.cycle()
        account.books.deposit("USDT", "333")
        account.cycle()

        assert account.states() == ["settled", "settled"]
        assert account.idle() == 100, "a tag is not needed where records carry the number"


def test_records_that_lag_are_waited_for(tmp_path: Path) -> None:
    """X17."""
    slow = Settings(record_lag=timedelta(minutes=20))
    with practice(tmp_path, flexible("1001"), deposit="1000", settings=slow) as account:
        account.cycle()
        assert account.states() == ["accepted"]
        account.books.deposit("USDT", "500")
        account.clock.advance(timedelta(minutes=5))
        report = account.cycle()
        assert report.moves == [], "a coin with an action that is not over is left alone"
        account.clock.advance(timedelta(minutes=20))
        account.cycle()

        assert account.states()[0] == "settled"
        assert account.findings() == {}


def test_a_redeem_never_asks_for_more_than_is_verified(account: Practice) -> None:
    """X23."""
    account.coins = "USDT: {reserve: 100, min_apy: 1%, redeem_below_apy: 1%}"
    account.cycle()
    account.books.change_product("1001", apy=Decimal("0.008"))
    account.server.faults.add(
        Fault("total", "malformed_field", path="data.0.totalUserSum", value="12345", times=10)
    )
    report = account.cycle()

    assert report.moves == []
    assert account.books.held("1001") > 0
    why = account.sql("SELECT reason FROM decision_log WHERE coin = 'USDT' AND cycle_id = 2")
    assert ("holding_unverified",) in why


def test_redeemed_money_that_is_on_its_way_is_not_redeemed_again(tmp_path: Path) -> None:
    """X27."""
    slow = Settings(redeem_takes=timedelta(minutes=40))
    with practice(tmp_path, flexible("1001"), settings=slow) as account:
        account.coins = "USDT: {reserve: 100, min_apy: 1%, refill_below: 50, refill_to: 100}"
        account.cycle()
        account.books.withdraw("USDT", account.idle() - 20)
        account.cycles(3, apart=timedelta(minutes=15))

        redeems = [row for row in account.books.records() if row.kind == "redeem"]
        assert len(redeems) == 1
        assert ("in_transit",) in account.sql("SELECT reason FROM decision_log")
        account.clock.advance(HOUR)
        account.cycle()
        assert account.idle() == 100


def test_one_odd_reading_of_the_wallet_brings_nothing_home(account: Practice) -> None:
    """X32."""
    account.coins = "USDT: {reserve: 100, min_apy: 1%, refill_below: 50, refill_to: 100}"
    account.cycle()
    account.server.faults.add(Fault("wallet", "malformed_field", path="data.wallet", value=[]))
    account.cycle()

    assert [row.kind for row in account.books.records()] == ["subscribe"]
    assert ("refill_not_needed",) in account.sql("SELECT reason FROM decision_log")


def test_a_refusal_that_stops_subscribing_stops_the_rest_of_the_plan(tmp_path: Path) -> None:
    """X14."""
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as account:
        account.coins = "USDT: {reserve: 0, max_per_product: 400, min_apy: 1%}"
        account.server.faults.add(Fault("subscribe", "code", code=80008, times=None))
        account.cycle()

        assert len(account.server.received) == 1
        assert ("cooling_down",) in account.sql("SELECT reason FROM decision_log")


def test_a_redeem_by_hand_during_the_cycle_is_seen_before_earnd_redeems(account: Practice) -> None:
    """X22, T6."""
    account.coins = "USDT: {reserve: 100, min_apy: 1%, redeem_below_apy: 1%}"
    account.cycle()
    account.books.change_product("1001", apy=Decimal("0.008"))
    account.cycle(after_the_first_look(lambda: account.books.redeem_by_hand("1001", "300")))

    assert len(account.server.received) == 1, "only the first subscribe was sent"
    assert ("holding_unverified",) in account.sql("SELECT reason FROM decision_log")
