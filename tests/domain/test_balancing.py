"""Both sides of a coin's sum are equal with what is in flight, and each difference has a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from earnd.domain.balancing import (
    CoinFacts,
    OpenAction,
    ProductFacts,
    Statement,
    Verdict,
    statement,
)
from earnd.domain.ids import ActionId, ProductId
from earnd.domain.money import total
from earnd.domain.walletflow import Gap
from tests.support.world import NOON, USDT

BALANCED, IN_FLIGHT, DIFFERENCE = Verdict

HELD = ProductFacts(
    ProductId("1001"),
    before=Decimal(10),
    word=Decimal(5),
    subscribed=Decimal(900),
    redeemed=Decimal(200),
    compounded=Decimal("0.5"),
    recorded=Decimal("715.5"),
    shown=Decimal("715.5"),
)
ALL_IS_WELL = CoinFacts(
    USDT,
    wallet=Decimal("387.25"),
    opening=Decimal(1000),
    deposits=Decimal(100),
    withdrawals=Decimal(20),
    trades=Decimal(3),
    corrections=Decimal(4),
    interest_to_wallet=Decimal("0.25"),
    products=(HELD,),
    said=Decimal("715.5"),
    looked_at=NOON,
)


def both_sides(found: Statement) -> bool:
    return found.sum == total((*(amount for _, amount in found.right), found.in_flight))


def of_gap(amount: str, **facts: Any) -> Statement:
    """The statement with so much more in the wallet, of which there is a gap."""
    more = Decimal(amount)
    gap = Gap(NOON - timedelta(hours=2), NOON - timedelta(hours=1), more)
    facts = {"wallet": ALL_IS_WELL.wallet + more, "gaps": (gap,), **facts}
    return statement(replace(ALL_IS_WELL, **facts))


def test_a_coin_that_adds_up_is_balanced_and_every_term_is_named() -> None:
    """I16, I17."""
    found = statement(ALL_IS_WELL)

    assert found.verdict is BALANCED
    assert found.in_flight == 0
    assert found.sum == Decimal("1102.75")
    assert both_sides(found)
    assert len(found.left) == 9


def test_terms_that_are_nothing_are_left_out_but_the_three_that_everybody_looks_for() -> None:
    found = statement(CoinFacts(USDT))

    assert [name for name, _ in found.left] == [
        "in the wallet at the first look",
        "deposits",
        "withdrawals",
    ]
    assert found.verdict is BALANCED


@pytest.mark.parametrize("amount", ["50", "-50"])
@pytest.mark.parametrize("has_record", [False, True])
def test_what_is_open_is_in_flight_and_named(amount: str, *, has_record: bool) -> None:
    """X27."""
    found = of_gap(amount)
    if has_record:
        (gap,) = (replace(gap, record_at=NOON) for gap in _gaps(amount))
        found = of_gap(amount, gaps=(gap,))

    assert found.verdict is IN_FLIGHT
    assert found.in_flight == -Decimal(amount)
    assert both_sides(found)
    (remark,) = found.remarks
    assert "since 2026-03-01T11:00:00Z" in remark.what
    assert ("records" in remark.what) is has_record


def _gaps(amount: str) -> tuple[Gap, ...]:
    return (Gap(NOON - timedelta(hours=2), NOON - timedelta(hours=1), Decimal(amount)),)


def test_what_is_open_for_more_than_a_day_is_a_difference_unless_an_action_is() -> None:
    later = NOON + timedelta(days=1)
    sent = OpenAction(ActionId(7), "subscribe", Decimal(50), "needs_operator")

    assert of_gap("-50", looked_at=later).verdict is DIFFERENCE
    waiting = of_gap("-50", looked_at=later, open_actions=(sent,))
    assert waiting.verdict is IN_FLIGHT
    assert "action 7 (subscribe 50, needs_operator)" in waiting.remarks[0].cause


def test_what_nothing_is_known_of_is_a_difference_unless_it_came_after_the_last_look() -> None:
    lost = replace(ALL_IS_WELL, wallet=Decimal(380))
    (remark,) = statement(lost).remarks
    assert (remark.verdict, remark.amount) == (DIFFERENCE, Decimal("7.25"))
    assert both_sides(statement(lost))

    assert statement(replace(lost, is_current=False)).verdict is IN_FLIGHT


@pytest.mark.parametrize(
    "product",
    [
        replace(HELD, why="one of its records is not final"),
        replace(HELD, recorded=Decimal(700)),
        replace(HELD, shown=Decimal(700)),
    ],
    ids=["not verified", "established otherwise", "the position says otherwise"],
)
def test_a_witness_that_does_not_agree_is_a_difference(product: ProductFacts) -> None:
    facts = replace(ALL_IS_WELL, products=(product,))

    assert statement(facts).verdict is DIFFERENCE
    sent = OpenAction(ActionId(7), "redeem", Decimal(5), "unknown")
    assert statement(replace(facts, open_actions=(sent,))).verdict is IN_FLIGHT


def test_a_total_that_is_ahead_by_what_is_open_is_in_flight_and_any_other_is_not() -> None:
    ahead = of_gap("-50", said=Decimal("765.5"))
    assert ahead.verdict is IN_FLIGHT
    assert len(ahead.remarks) == 2

    assert statement(replace(ALL_IS_WELL, said=Decimal(700))).verdict is DIFFERENCE
    unknown = replace(ALL_IS_WELL, said=None, products=(replace(HELD, recorded=None, shown=None),))
    assert statement(unknown).verdict is BALANCED


def test_what_was_booked_unexplained_is_a_difference() -> None:
    facts = replace(ALL_IS_WELL, unexplained=((NOON, Decimal(-5)), (NOON, Decimal(7))))
    found = statement(facts)

    assert found.verdict is DIFFERENCE
    assert [remark.what.split(",")[0] for remark in found.remarks] == [
        "left unexplained",
        "came in unexplained",
    ]


def test_interest_that_only_the_wallet_shows_to_stay_in_the_product_is_a_note() -> None:
    product = replace(HELD, inside=Decimal("0.5"), recorded=Decimal(715), shown=None)
    found = statement(replace(ALL_IS_WELL, said=None, products=(product,)))

    assert [remark.amount for remark in found.remarks] == [Decimal("0.5")]
    assert found.verdict is BALANCED
