"""What the exchange will not take: the next best place at once, and what is learnt for later.

Each cycle here is a process of its own: whatever is known in the next one comes from the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earnd.cycle import run_cycle
from earnd.domain.history import CycleOutcome
from earnd.sandbox import Fault
from tests.support.practice import Practice, flexible, practice

MINUTE = timedelta(minutes=1)
QUARTER = 15 * MINUTE


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(
        tmp_path, flexible("1001", "0.05"), flexible("1002", "0.04"), flexible("1003", "0.03")
    ) as ready:
        yield ready


def tried(account: Practice) -> list[tuple[Any, ...]]:
    return account.sql(
        "SELECT product_id, state, code FROM action_now WHERE verb = 'subscribe' ORDER BY action_id"
    )


def amounts(account: Practice, state: str = "rejected") -> list[int]:
    """The whole units of what was tried, in order."""
    rows = account.sql(
        f"SELECT amount FROM action_now WHERE state = '{state}' ORDER BY action_id"  # noqa: S608 - a word of ours
    )
    return [int(Decimal(amount)) for (amount,) in rows]


@pytest.mark.parametrize(
    ("why_not", "code"),
    [
        ({"quota": Decimal(500)}, 80004),
        ({"user_limit": Decimal(500)}, 80006),
        ({"user_limit": Decimal(500), "issuance": Decimal(1)}, 80007),
        ({"selling": False}, 80011),
    ],
)
def test_what_a_product_turns_away_goes_to_the_next_best_place_in_the_same_cycle(
    account: Practice, why_not: dict[str, Any], code: int
) -> None:
    """X12."""
    account.books.change_product("1001", **why_not)
    report = account.cycle()

    assert report.outcome is CycleOutcome.DONE
    assert tried(account) == [("1001", "rejected", code), ("1002", "settled", 1000)]
    assert Decimal("899.9") < account.books.held("1002") <= 900
    assert account.findings() == {}


def test_a_product_that_is_out_of_its_time_of_sale_is_passed_over_for_an_hour(
    account: Practice,
) -> None:
    """X12."""
    account.books.change_product("1001", sale_until=account.clock.now())
    account.cycle()
    account.books.change_product("1001", sale_until=None)
    account.books.deposit("USDT", "100")
    account.clock.advance(59 * MINUTE)
    account.cycle()
    assert [product for product, *_ in tried(account)] == ["1001", "1002", "1002"]

    account.books.deposit("USDT", "100")
    account.clock.advance(2 * MINUTE)
    account.cycle()
    assert tried(account)[3:] == [("1001", "settled", 1000)]


def test_what_is_not_sold_any_more_is_left_alone_for_half_a_day(account: Practice) -> None:
    """X12."""
    account.books.change_product("1001", selling=False)
    account.cycle()
    account.books.change_product("1001", selling=True)
    for _ in range(11):
        account.clock.advance(60 * MINUTE)
        account.books.deposit("USDT", "10")
        account.cycle()
    assert [product for product, *_ in tried(account)].count("1001") == 1

    account.clock.advance(61 * MINUTE)
    account.books.deposit("USDT", "10")
    account.cycle()
    assert ("1001", "settled", 1000) in tried(account)


def test_the_second_place_may_turn_it_away_too_and_after_three_the_next_cycle_goes_on(
    account: Practice,
) -> None:
    for spec in account.books.products():
        account.books.change_product(spec.product_id, selling=False)
    account.books.open_product(flexible("1004", "0.02"))
    account.cycle()
    assert [product for product, *_ in tried(account)] == ["1001", "1002", "1003"]

    account.clock.advance(QUARTER)
    account.cycle()
    assert tried(account)[3:] == [("1004", "settled", 1000)]


def test_the_rounds_of_a_cycle_leave_one_row_for_each_decision(account: Practice) -> None:
    account.coins = (
        "USDT: {reserve: 100, min_move: 1, min_apy: 1%}, BTC: {mode: hold}, '*': {mode: hold}"
    )
    account.books.change_product("1001", selling=False)
    account.books.change_product("1002", selling=False)
    report = account.cycle()

    rows = account.sql(
        "SELECT coin, verdict, product_id, reason, count(*) FROM decision_log GROUP BY 1, 2, 3, 4"
    )
    assert [row for row in rows if row[-1] > 1] == []
    assert len([row for row in rows if row[1] == "subscribe"]) == 3
    assert ("BTC", "hold", None, "mode_hold", 1) in rows
    assert ("USDT", "hold", "1001", "cooling_down", 1) in rows
    assert len(report.holds) == sum(row[1] == "hold" for row in rows)


def test_a_refusal_that_is_not_about_the_product_is_not_tried_elsewhere(account: Practice) -> None:
    """X11, X14."""
    account.server.faults.add(Fault("subscribe", "code", code=80005))
    account.cycle()

    assert tried(account) == [("1001", "rejected", 80005)]
    account.clock.advance(QUARTER)
    account.cycle()
    assert tried(account)[1:] == [("1001", "settled", 1000)]


def test_a_refusal_of_a_request_that_may_have_been_carried_out_is_not_tried_elsewhere(
    account: Practice,
) -> None:
    """The first sending is lost, the second one refused: that proves nothing about the first."""
    account.server.faults.add(Fault("subscribe", "drop_before"))
    account.server.faults.add(Fault("subscribe", "code", code=80004, nth=2))
    account.cycle()

    assert account.sql("SELECT product_id, attempts FROM action_now") == [("1001", 2)]
    assert account.states() == ["unknown"]


def test_money_is_not_moved_to_the_next_best_place_when_we_were_asked_to_stop(
    account: Practice,
) -> None:
    account.books.change_product("1001", selling=False)
    with account.daemon() as here:
        parts = replace(here.parts, is_stopping=lambda: bool(account.server.received))
        report = run_cycle(parts, "once")

    assert report.outcome is CycleOutcome.INTERRUPTED
    assert tried(account) == [("1001", "rejected", 80011)]


def test_an_unknown_limit_is_found_by_halving(tmp_path: Path) -> None:
    """X12."""
    limited = flexible("1001", "0.05", user_limit=Decimal(300))
    with practice(tmp_path, limited) as account:
        account.cycles(30, apart=timedelta(minutes=16))

        assert amounts(account)[:3] == [899, 449, 112]
        assert amounts(account, "settled")[:2] == [224, 56]
        assert 298 < account.books.held("1001") <= 300
        assert len(amounts(account)) < 12
        assert account.findings() == {}


def test_held_money_looks_for_room_once_and_does_not_go_to_and_fro(tmp_path: Path) -> None:
    """X12: what a redeem loses is lost again each time that the money is turned away."""
    best = flexible("1001", "0.08", user_limit=Decimal(300))
    with practice(tmp_path, best, flexible("1002", "0.03")) as account:
        account.coins = "USDT: {reserve: 100, min_move: 1, min_apy: 1%, rotate: {proof: 0%}}"
        account.cycles(15, apart=timedelta(minutes=61))
        found = account.books.held("1001")
        assert 290 < found <= 300

        before = len(account.states())
        account.cycles(40, apart=timedelta(minutes=181))
        assert len(account.states()) - before <= 4
        assert "redeem" not in [
            verb for (verb,) in account.sql("SELECT verb FROM action_now")[before:]
        ]


def test_a_quota_that_opens_again_is_used_after_an_hour(tmp_path: Path) -> None:
    """X12."""
    with practice(tmp_path, flexible("1001", "0.05", quota=Decimal(0))) as account:
        account.cycle()
        account.books.change_product("1001", quota=None)
        account.clock.advance(14 * MINUTE)
        account.cycle()
        assert amounts(account, "settled") == []

        account.clock.advance(2 * MINUTE)
        account.cycle()
        assert amounts(account, "settled") == [449]

        account.clock.advance(60 * MINUTE)
        account.cycle()
        assert 899 < account.books.held("1001") <= 900


def test_a_minimum_that_is_higher_than_it_says_is_found_by_doubling(tmp_path: Path) -> None:
    """X13: the list still shows the old one."""
    with practice(tmp_path, flexible("1001", "0.05"), deposit="130") as account:
        account.server.faults.add(Fault("subscribe", "code", code=80021))
        account.cycle()
        assert tried(account) == [("1001", "rejected", 80021)]

        account.clock.advance(61 * MINUTE)
        account.cycle()
        assert len(tried(account)) == 1, "30 was too little, and there are no 60"

        account.books.deposit("USDT", "40")
        account.cycle()
        assert tried(account)[1:] == [("1001", "settled", 1000)]
        assert 69 < account.books.held("1001") <= 70


def test_the_decimals_that_a_coin_admits_are_found_and_kept(tmp_path: Path) -> None:
    """X13: each refusal costs at least one decimal, and none is tried a second time in a month."""
    with practice(tmp_path, flexible("1001", "0.05"), precision=4) as account:
        for _ in range(12):
            account.cycle()
            account.books.deposit("USDT", "12.34567891")
            account.clock.advance(timedelta(days=1))

        sent = account.sql("SELECT amount, state FROM action_now ORDER BY action_id")
        found = [(len(amount.partition(".")[2]), state) for amount, state in sent]
        refused = [decimals for decimals, state in found if state == "rejected"]
        assert refused, "the configuration says 8"
        assert refused == sorted(set(refused), reverse=True)
        assert all((state == "rejected") == (decimals > 4) for decimals, state in found)
        assert found[-1][1] == "settled"
        assert account.held() > 1000
        assert account.findings() == {}
