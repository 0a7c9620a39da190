"""What a cycle remembers of the ones before it, and what it leaves alone for that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from earnd.cycle import settled_and_seen
from earnd.domain.ids import Coin, ProductId
from earnd.domain.quarantine import Oddity
from earnd.domain.situation import Situation
from earnd.sandbox import Settings
from tests.support.practice import Practice, flexible, practice

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FIRST = ProductId("1001")
USDT = Coin("USDT")
LEAVES = "USDT: {reserve: 100, min_move: 1, min_apy: 1%, redeem_below_apy: 1%}"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.02")) as ready:
        ready.coins = LEAVES
        yield ready


def situation(account: Practice) -> Situation:
    """What a decision would rest on now."""
    with account.daemon() as here:
        cycle_id = here.parts.ledger.begin_cycle(here.parts.clock.now(), trigger="once")
        return settled_and_seen(here.parts, cycle_id)


def reasons(account: Practice) -> set[str]:
    """Why the last cycle left things alone."""
    rows = account.sql(
        "SELECT reason FROM decision_log WHERE verdict = 'hold'"
        " AND cycle_id = (SELECT max(cycle_id) FROM decision_log)"
    )
    return {row[0] for row in rows}


@pytest.mark.parametrize("apart", [15 * MINUTE, HOUR])
def test_a_rate_that_reads_zero_for_three_hours_moves_nothing(
    account: Practice, apart: timedelta
) -> None:
    """It happened at an exchange, for a month of rates at once: nobody leaves, nobody enters."""
    account.cycle()
    held = account.held()
    account.clock.advance(apart)
    for product_id in ("1001", "1002"):
        account.books.change_product(product_id, apy=Decimal(0))
    account.books.deposit("USDT", "500")
    for _ in range(3 * HOUR // apart + 1):
        assert account.cycle().moves == []
        assert "quarantined" in reasons(account)
        account.clock.advance(apart)
    assert account.held() == held

    account.books.change_product("1001", apy=Decimal("0.05"))
    account.cycle()

    assert account.states() == ["settled", "settled"]
    assert account.books.held("1001") > held + Decimal("499.9")
    assert account.findings() == {}


def test_a_rate_that_stays_at_zero_is_left_once_it_has_been_seen_for_four_hours(
    account: Practice,
) -> None:
    account.cycle()
    account.clock.advance(15 * MINUTE)
    account.books.change_product("1001", apy=Decimal(0))
    fell = account.clock.now()
    while not account.cycle().moves:
        assert "quarantined" in reasons(account)
        account.clock.advance(15 * MINUTE)

    waited = account.clock.now() - fell
    assert 4 * HOUR <= waited < 4 * HOUR + 15 * MINUTE
    assert account.books.held("1001") == 0
    assert account.books.held("1002") > Decimal("899.9")
    assert account.sql("SELECT verb, reason FROM action_now") == [
        ("subscribe", "best_band"),
        ("redeem", "rate_under_floor"),
        ("subscribe", "best_band"),
    ]


def test_a_doubt_outlives_the_process(account: Practice) -> None:
    """Each of these cycles is one of a process of its own."""
    account.cycle()
    account.clock.advance(HOUR)
    account.books.change_product("1001", apy=Decimal("0.001"))
    since = account.clock.now()
    account.cycles(2, apart=HOUR)
    account.clock.advance(HOUR)

    found = situation(account).doubts[FIRST]

    assert found.oddity is Oddity.FELL
    assert timedelta(0) <= found.since - since < MINUTE
    assert found.trusted.rate.value == Decimal("0.05")
    assert found.looks == 3


def test_an_offer_that_is_too_good_is_entered_once_it_has_been_seen_for_a_while(
    account: Practice,
) -> None:
    account.cycle()
    account.clock.advance(HOUR)
    account.books.change_product("1002", apy=Decimal("0.9"))
    account.books.deposit("USDT", "500")
    report = account.cycle()

    (move,) = report.moves
    assert move.product_id == FIRST, "the best of what is believed"
    account.cycles(5, apart=HOUR)
    account.books.deposit("USDT", "200")
    account.cycle()
    assert account.books.held("1002") > 0


def test_a_list_that_lost_most_of_its_products_is_waited_for(tmp_path: Path) -> None:
    """X32."""
    offers = [flexible(f"100{place}", f"0.0{place}") for place in range(1, 7)]
    with practice(tmp_path, *offers) as account:
        account.coins = "USDT: {reserve: 100, min_move: 1}"
        account.cycle()
        held = account.held()
        for spec in offers[2:]:
            account.books.change_product(spec.product_id, listed=False)
        account.books.deposit("USDT", "500")
        for _ in range(4):
            account.clock.advance(HOUR)
            assert account.cycle().moves == []
            assert "list_shrunk" in reasons(account)
        assert account.held() == held

        for spec in offers[2:]:
            account.books.change_product(spec.product_id, listed=True)
        account.cycle()
        assert account.books.held("1006") > held + Decimal("499.9")


def test_what_a_person_moved_rests_for_a_day(account: Practice) -> None:
    """X22."""
    account.cycle()
    account.books.redeem_by_hand("1001", "300")
    moved = account.clock.now()
    for hours in (0, 1, 22):
        account.clock.advance(hours * HOUR)
        assert account.cycle().moves == []
        assert reasons(account) == {"moved_by_person"}
    assert situation(account).by_person == {USDT: moved}
    account.clock.advance(HOUR)
    account.cycle()

    assert account.idle() < 101, "a day later it is idle money like any other"


def test_where_money_was_rotated_out_is_remembered_for_as_long_as_it_matters(
    account: Practice,
) -> None:
    account.coins = (
        "USDT: {reserve: 100, min_move: 1, rotate: {proof: 0%, move_cost: 1h, cool_down: 2h}}"
    )
    account.cycle()
    account.clock.advance(HOUR)
    account.books.change_product("1002", apy=Decimal("0.15"))
    report = account.cycle()

    assert [(move.verb.value, move.reason.value) for move in report.moves] == [
        ("redeem", "rotate"),
        ("subscribe", "best_band"),
    ]
    assert situation(account).rotated_out.keys() == {FIRST}
    account.clock.advance(HOUR)
    account.books.change_product("1001", apy=Decimal("0.16"))
    account.books.deposit("USDT", "500")
    account.cycle()
    assert account.books.held("1001") == 0, "it was left an hour ago"
    assert "just_left" in reasons(account)
    account.clock.advance(HOUR)
    assert situation(account).rotated_out == {}


def test_the_past_of_a_product_is_what_it_paid_and_since_when(account: Practice) -> None:
    for paid in ("0.05", "0.04", "0.04", "0.045"):
        account.books.change_product("1001", apy=Decimal(paid))
        account.cycle()
        account.clock.advance(HOUR)

    past = situation(account).past[FIRST]

    rates = [reading.product.rate.value for reading in past if reading.product is not None]
    assert rates == [Decimal(paid) for paid in ("0.05", "0.04", "0.045")]
    assert [later.at - sooner.at for sooner, later in pairwise(past)] == [
        pytest.approx(HOUR, abs=MINUTE),
        pytest.approx(2 * HOUR, abs=MINUTE),
    ]


@pytest.mark.parametrize("into", ["wallet", "product"])
def test_how_long_moved_money_earns_nothing_is_measured(tmp_path: Path, into: str) -> None:
    """From noon to noon: paid is at four for the whole days between, so a day earns nothing."""
    with practice(
        tmp_path,
        flexible("1001", "0.05"),
        settings=Settings(interest_paid=into),  # type: ignore[arg-type]
    ) as account:
        account.coins = "USDT: {mode: hold}"
        account.cycle()
        for stays in range(3):
            assert situation(account).move_cost == {}, f"{stays} are too few"
            account.books.subscribe_by_hand("1001", "700")
            account.cycles(6, apart=DAY)
            account.books.redeem_by_hand("1001", account.books.held("1001"))
            account.cycles(5, apart=DAY)

        cost = situation(account).move_cost[USDT]

        assert DAY <= cost <= DAY + 2 * MINUTE
        account.coins = "USDT: {mode: hold, rotate: {move_cost: 6h}}"
        assert situation(account).move_cost == {}, "where it is told, nothing is measured"
