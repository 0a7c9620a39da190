"""Corners of the planner that chance reaches now and then, each by a case of its own."""

from __future__ import annotations

from decimal import Decimal

from earnd.domain.allocation import Option, Prepared, Question, allocate
from earnd.domain.curve import Piece
from earnd.domain.decide import decide
from earnd.domain.ids import ProductId
from earnd.domain.money import Rate
from earnd.domain.pouring import Item, Vessels, _Search
from earnd.domain.product import Band
from earnd.domain.reason import Reason
from earnd.domain.strategy import CoinStrategy, Rotation, TierRule
from earnd.domain.unwinding import Outlook, standing_of
from tests.support.world import NOON, USDT, action, dec, holding, product, rate, situation

ZERO, ONE = Decimal(0), Decimal(1)
ONLY = ProductId("1")


def bands(*steps: tuple[str, int]) -> tuple[Band, ...]:
    """Upper edges and percents, from zero up."""
    found, lower = [], ZERO
    for edge, percent in steps:
        upper = Decimal(edge)
        found.append(Band(lower, upper, Rate(Decimal(percent).scaleb(-2))))
        lower = upper
    return tuple(found)


def best(option: Option, placeable: str, **terms: Decimal) -> Decimal:
    """How much to hold of the only option."""
    return allocate(Question([option], Decimal(placeable), ONE, **terms)).targets[ONLY]


def test_a_tier_that_ends_between_two_units_is_filled_up_to_the_last_unit_in_it() -> None:
    """Beyond 10.5 nothing is paid 5 %, so the eleventh coin earns less than it has to."""
    option = Option(
        ONLY, bands(("10.5", 5), ("90", 1)), ceiling=Decimal(90), hurdle=Rate(Decimal("0.04"))
    )

    assert best(option, "50") == 10


def test_a_rising_tier_is_entered_from_where_all_of_it_is_worth_the_threshold() -> None:
    """1 % on the first 100 and 5 % beyond: 200 earn 6, which is 3 %."""
    option = Option(
        ONLY, bands(("100", 1), ("900", 5)), ceiling=Decimal(900), hurdle=Rate(Decimal("0.03"))
    )

    assert best(option, "199") == 0
    assert best(option, "200") == 200


def test_leaving_a_part_costs_the_price_of_that_part() -> None:
    """What has to come home is taken whatever the price; no more than that."""
    option = Option(ONLY, bands(("900", 5)), held=Decimal(100))

    assert best(option, "60", price=Decimal(9)) == 60


def test_a_bridge_may_lead_from_less_than_is_held_to_more() -> None:
    """100 are held where 5 % begin; the rest of 130 is wanted here, or none of it is."""
    option = Option(
        ONLY,
        bands(("120", 1), ("900", 9)),
        held=Decimal(100),
        ceiling=Decimal(900),
        least_out=Decimal(50),
        least_in=Decimal(50),
        least_left=Decimal(10),
    )

    assert best(option, "200") == 200
    assert best(option, "120") == 100


def test_where_adding_lowers_what_the_whole_earns_the_rest_is_not_held() -> None:
    """100 at 5 % earn 5; 150 at 1 % would earn 1.50. Leaving the 50 costs nothing."""
    falls = bands(("100", 5), ("150", 1))
    new = Option(ONLY, falls, ceiling=Decimal(150), rule=TierRule.WHOLE)
    old = Option(ONLY, falls, held=Decimal(150), rule=TierRule.WHOLE)

    assert best(new, "150") == 100
    assert best(old, "150", price=Decimal(9), fee=Decimal(9)) == 100


def test_a_branch_in_which_equals_contradict_each_other_is_none() -> None:
    """The first holds nothing, so an equal one behind it cannot hold 60."""
    nothing, all_of_it = Piece(ZERO, ZERO, ZERO, ZERO), Piece(Decimal(60), Decimal(60), ONE, ZERO)
    search = _Search(Vessels([Item([nothing, all_of_it], ZERO)] * 2), Decimal(90), {})
    first = search._restricted({}, 0, ZERO, ZERO)
    assert first is not None

    assert search._restricted(first, 1, Decimal(60), Decimal(60)) is None
    assert [len(part.pieces) for part in first.values()] == [1, 1]


def test_a_question_without_enough_money_for_what_must_stay_gives_the_least() -> None:
    stuck = Option(ONLY, bands(("900", 5)), held=Decimal(100), may_leave=False)

    assert best(stuck, "60") == 100


def test_equal_products_are_told_apart_once_one_of_them_is_shut() -> None:
    bought_whole = [
        Option(ProductId(name), bands(("60", 5)), ceiling=Decimal(60), least_in=Decimal(60))
        for name in "abc"
    ]
    question = Question(
        [*bought_whole, Option(ONLY, bands(("90", 1)), ceiling=Decimal(90))], Decimal(100), ONE
    )

    found = Prepared(question).best(without=ProductId("a"))

    assert found.targets == {"a": 0, "b": 60, "c": 0, "1": 40}


def test_a_whole_balance_beyond_the_last_tier_comes_home_as_it_is_paid_nothing() -> None:
    strategy = CoinStrategy(tier_rule=TierRule.WHOLE, rotation=Rotation(on=False))
    tiered = product("1", tiers="0-500 @ 5%")
    plan = decide(situation(offers=[tiered], held=[holding("500")], strategy=strategy))

    assert plan.moves == ()


def test_what_is_held_beyond_the_last_tier_is_said_to_pay_nothing() -> None:
    strategy = CoinStrategy(redeem_below_apy=rate("1%"), min_apy=rate("1%"))
    tiered = product("1", tiers="0-500 @ 5%")

    (move,) = decide(situation(offers=[tiered], held=[holding("800")], strategy=strategy)).moves

    assert move.amount == 300
    assert move.detail["rate"] == "0.00%"


def test_a_cap_on_all_of_a_coin_is_why_the_rest_stays_idle() -> None:
    strategy = CoinStrategy(max_total=dec(700), min_move=dec(100))
    seen = situation(idle="900", offers=[product()], held=[holding("50")], strategy=strategy)

    plan = decide(seen)

    assert [move.amount for move in plan.moves] == [650]
    assert Reason.MAX_TOTAL in {hold.reason for hold in plan.holds}


def test_a_standing_tells_what_is_open_and_what_is_held() -> None:
    seen = situation(held=[holding("100"), holding("5", "2")], busy={USDT: action()})
    seen = situation(
        held=[holding("100"), holding("5", "2")],
        busy={USDT: action()},
        strategy=seen.strategy.unwinding(None),
    )

    standing = standing_of(seen, decide(seen))

    assert standing.is_open
    assert standing.held == {USDT: 105}
    assert standing.has(Outlook.SOON)
    assert not standing.has(Outlook.STUCK)
    assert not standing.is_home
    assert seen.now == NOON
