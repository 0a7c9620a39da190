"""Held money that earns more elsewhere: when it moves, and what speaks against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from earnd.domain.action import Verb
from earnd.domain.decide import decide
from earnd.domain.ids import ProductId
from earnd.domain.lessons import Lesson, Lessons
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.product import Product
from earnd.domain.quarantine import Doubt, Oddity, Reading
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.strategy import CoinStrategy, Mode, Rotation, TierRule
from tests.support.world import (
    FLEX,
    NOON,
    USDT,
    dec,
    holding,
    one_cycle,
    position,
    product,
    rate,
    situation,
)

DAY = timedelta(days=1)
AT_ONCE = Rotation(proof=Decimal(0))
POOR, RICH = product("1", "3%"), product("2", "4%")


def seen_since(at: datetime, *products: Product) -> dict[ProductId, tuple[Reading, ...]]:
    """That these products have paid what they pay now since then."""
    return {one.product_id: (Reading(at, one),) for one in products}


def held_in_the_poorer(since: timedelta, rotation: Rotation | None = None) -> Situation:
    """5,000 at 3 %, while 4 % are to be had for so long already."""
    seen = situation(
        offers=[POOR, RICH],
        held=[holding("5000")],
        strategy=CoinStrategy(rotation=rotation or Rotation()),
    )
    return replace(seen, past=seen_since(NOON - since, POOR, RICH))


def only_move(plan: Plan) -> Move:
    (move,) = plan.moves
    return move


def only_hold(plan: Plan, reason: Reason) -> Hold:
    (hold,) = [hold for hold in plan.holds if hold.reason is reason]
    return hold


def test_money_moves_when_staying_has_cost_as_much_as_moving() -> None:
    """A day on the way costs 5,000 at 3 % for a day: 0.41. A day of staying costs 0.137."""
    early, late = decide(held_in_the_poorer(2 * DAY)), decide(held_in_the_poorer(4 * DAY))

    waits = only_hold(early, Reason.NOT_PROVEN_YET)
    assert early.moves == ()
    assert (waits.product_id, waits.amount) == (FLEX, dec(5000))
    assert waits.detail["proven"] == "0.2739726"
    assert waits.detail["needed"] == waits.detail["cost"] == "0.4109589"
    move = only_move(late)
    assert (move.verb, move.product_id, move.amount) == (Verb.REDEEM, FLEX, dec(5000))
    assert move.reason is Reason.ROTATE


def test_a_rotation_says_what_it_gains_and_what_it_costs() -> None:
    detail = only_move(decide(held_in_the_poorer(4 * DAY))).detail

    assert detail["to"] == "2"
    assert detail["rate"] == "3.00%"
    assert detail["runner_up_rate"] == "4.00%"
    assert detail["gap_per_year"] == "50"
    assert detail["gap_bp"] == "100"
    assert detail["gain"] == "1.91780821"
    assert detail["cost"] == "0.4109589"
    assert detail["horizon"] == "14d"


def test_what_was_rotated_out_is_put_in_where_it_earns_more_and_then_stays() -> None:
    settled = one_cycle(held_in_the_poorer(4 * DAY))

    assert settled.holdings.in_product(ProductId("2")) == 5000
    assert decide(settled).moves == ()


def test_a_rate_that_has_only_just_risen_moves_nothing() -> None:
    seen = held_in_the_poorer(30 * DAY)
    risen = (Reading(NOON - 30 * DAY, product("2", "3%")), Reading(NOON - DAY / 24, RICH))
    seen = replace(seen, past={**seen.past, ProductId("2"): risen})

    assert decide(seen).moves == ()


@pytest.mark.parametrize(("hours", "moves"), [(23, False), (24, True)])
def test_what_has_not_lasted_as_long_as_the_way_is_not_followed(hours: int, *, moves: bool) -> None:
    """At 40 % staying costs enough in two hours, but the money would arrive after a day."""
    high = product("2", "40%")
    since = NOON - timedelta(hours=hours)
    seen = situation(offers=[POOR, high], held=[holding("5000")])
    past = {
        **seen_since(NOON - 9 * DAY, POOR),
        ProductId("2"): (Reading(NOON - 9 * DAY, product("2", "2%")), Reading(since, high)),
    }

    plan = decide(replace(seen, past=past))

    assert bool(plan.moves) is moves
    if not moves:
        detail = only_hold(plan, Reason.NOT_PROVEN_YET).detail
        assert (detail["better_for"], detail["must_last"]) == ("23h", "1d")


def test_a_break_in_what_is_better_begins_the_wait_anew() -> None:
    seen = held_in_the_poorer(30 * DAY)
    broken = (
        Reading(NOON - 13 * DAY, RICH),
        Reading(NOON - timedelta(hours=20), product("2", "2%")),
        Reading(NOON - timedelta(hours=19), RICH),
    )

    plan = decide(replace(seen, past={**seen.past, ProductId("2"): broken}))

    assert only_hold(plan, Reason.NOT_PROVEN_YET).detail["better_for"] == "19h"


def test_the_past_counts_from_the_moment_that_speaks_most_for_moving() -> None:
    """Ten days in which the other place was poorer do not speak against five of the better."""
    seen = held_in_the_poorer(30 * DAY)
    worse_then_better = (
        Reading(NOON - 13 * DAY, product("2", "1%")),
        Reading(NOON - 5 * DAY, RICH),
    )
    seen = replace(seen, past={**seen.past, ProductId("2"): worse_then_better})

    assert only_move(decide(seen)).reason is Reason.ROTATE


def test_a_stretch_in_which_a_product_was_not_listed_proves_nothing() -> None:
    seen = held_in_the_poorer(30 * DAY)
    gone = (Reading(NOON - 13 * DAY, None), Reading(NOON - 2 * DAY, RICH))
    seen = replace(seen, past={**seen.past, ProductId("2"): gone})

    assert only_hold(decide(seen), Reason.NOT_PROVEN_YET).detail["proven"] == "0.2739726"


def test_without_a_past_nothing_is_proven_and_a_proof_of_nothing_needs_none() -> None:
    without = replace(held_in_the_poorer(DAY), past={})

    assert only_hold(decide(without), Reason.NOT_PROVEN_YET).detail["proven"] == "0"
    at_once = replace(held_in_the_poorer(DAY, AT_ONCE), past={})
    assert only_move(decide(at_once)).reason is Reason.ROTATE


@pytest.mark.parametrize(
    ("rotation", "moves"),
    [
        # 14 days gain 1.9178, a day on the way costs 0.4110.
        (replace(AT_ONCE, min_gain=dec("1.5")), True),
        (replace(AT_ONCE, min_gain=dec("1.51")), False),
        # Five days on the way cost 2.05.
        (replace(AT_ONCE, move_cost=4 * DAY), True),
        (replace(AT_ONCE, move_cost=5 * DAY), False),
        (replace(AT_ONCE, horizon=4 * DAY), True),
        (replace(AT_ONCE, horizon=3 * DAY), False),
    ],
)
def test_a_rotation_pays_back_within_the_horizon_or_is_not_made(
    rotation: Rotation, *, moves: bool
) -> None:
    plan = decide(held_in_the_poorer(DAY, rotation))

    assert bool(plan.moves) is moves
    if not moves:
        assert only_hold(plan, Reason.NOT_WORTH_MOVING).detail["binding"] == "price_of_moving"


def test_a_measured_time_on_the_way_counts_unless_the_strategy_names_one() -> None:
    slow = replace(held_in_the_poorer(DAY, AT_ONCE), move_cost={USDT: 5 * DAY})
    named = replace(
        held_in_the_poorer(DAY, replace(AT_ONCE, move_cost=DAY)), move_cost={USDT: 5 * DAY}
    )

    assert decide(slow).moves == ()
    assert decide(named).moves


def test_only_what_earns_more_elsewhere_moves() -> None:
    """The better place takes 2,000; of 5,000 in two bands the lower-paid 2,000 go."""
    tiered = product("1", tiers="0-1000 @ 6%, 1000-9000 @ 2%")
    seen = situation(
        offers=[tiered, product("2", "4%", maximum="2000")],
        held=[holding("5000")],
        strategy=CoinStrategy(rotation=AT_ONCE),
    )

    assert only_move(decide(seen)).amount == 2000


def test_idle_money_fills_the_better_place_before_held_money_moves_there() -> None:
    seen = situation(
        idle="1500",
        offers=[POOR, product("2", "4%", maximum="2000")],
        held=[holding("5000")],
        strategy=CoinStrategy(rotation=AT_ONCE),
    )

    # 500 move out of the poorer one: the rest of the room is for what is idle.
    assert only_move(decide(seen)).amount == 500


def test_no_more_is_taken_out_than_may_be_put_in_again_today() -> None:
    strategy = CoinStrategy(rotation=AT_ONCE, max_per_day=dec(1200))
    seen = situation(idle="200", offers=[POOR, RICH], held=[holding("5000")], strategy=strategy)

    assert only_move(decide(seen)).amount == 1000
    spent = replace(seen, sent_today={(USDT, Verb.SUBSCRIBE): dec(1000)})
    plan = decide(spent)
    assert plan.redeems() == ()
    assert only_hold(plan, Reason.PER_DAY_LIMIT).product_id == "1" or plan.subscribes()


def test_nothing_is_rotated_while_money_is_on_its_way() -> None:
    """It would take the room that the money on its way is meant for."""
    seen = replace(held_in_the_poorer(4 * DAY), in_transit={USDT: dec(10)})

    assert decide(seen).moves == ()


def test_an_odd_reading_is_no_reason_to_leave_or_to_enter() -> None:
    fallen = product("1", "0.01%")
    doubt = Doubt(Oddity.FELL, NOON, 1, 3, NOON + DAY / 6, POOR)
    seen = replace(
        situation(
            idle="100",
            offers=[fallen],
            held=[holding("5000")],
            strategy=CoinStrategy(
                rotation=AT_ONCE, redeem_below_apy=rate("1%"), min_apy=rate("1%")
            ),
        ),
        doubts={fallen.product_id: doubt},
    )

    plan = decide(seen)

    assert plan.moves == ()
    told = [hold for hold in plan.holds if hold.reason is Reason.QUARANTINED]
    assert {hold.amount for hold in told} == {100, 5000}
    assert told[0].detail["trusted_rate"] == "3.00%"
    assert told[0].detail["seen_rate"] == "0.01%"


def test_what_is_held_in_a_product_that_is_gone_from_the_list_waits_for_the_list() -> None:
    doubt = Doubt(Oddity.VANISHED, NOON, 1, 3, NOON + DAY / 6, POOR)
    seen = situation(offers=[RICH], held=[holding("5000")], strategy=CoinStrategy(rotation=AT_ONCE))

    plan = decide(replace(seen, doubts={FLEX: doubt}))

    assert plan.moves == ()
    assert "seen_rate" not in only_hold(plan, Reason.QUARANTINED).detail


def test_what_a_refusal_taught_bounds_what_is_put_in() -> None:
    """At most 300 into the one and at least 200 into the other, of 400 that are idle."""
    known = Lesson(dec(300), NOON, NOON + DAY, 80006), Lesson(dec(200), NOON, NOON + DAY, 80021)
    lessons = Lessons(most={ProductId("2"): known[0]}, least={FLEX: known[1]})
    seen = replace(situation(idle="400", offers=[POOR, RICH]), lessons=lessons)

    moves = {move.product_id: move.amount for move in decide(seen).moves}

    assert moves == {"1": dec(200), "2": dec(200)}


def test_a_limit_that_is_finer_than_the_coin_can_leave_too_little_for_a_purchase() -> None:
    strategy = CoinStrategy(max_per_action=dec("1.005"), precision=2)
    seen = situation(idle="9", offers=[product(minimum="1.005")], strategy=strategy)

    plan = decide(seen)

    assert plan.moves == ()
    assert plan.holds


def test_beyond_the_last_tier_nothing_is_put_in() -> None:
    tiered = product("1", tiers="0-500 @ 5%")
    plan = decide(situation(idle="900", offers=[tiered]))

    assert only_move(plan).amount == 500
    assert only_hold(plan, Reason.PRODUCTS_FULL).amount == 400


def test_a_refill_takes_from_a_doubted_product_only_what_the_others_lack() -> None:
    doubt = Doubt(Oddity.ZERO, NOON, 1, 3, NOON + DAY / 6, POOR)
    strategy = CoinStrategy(refill_below=dec(50), refill_to=dec(100))

    def redeemed(second: str) -> dict[str, Decimal]:
        seen = situation(
            offers=[product("1", "0%"), RICH],
            held=[holding("500"), holding(second, "2")],
            strategy=strategy,
        )
        plan = decide(replace(seen, doubts={ProductId("1"): doubt}))
        return {move.product_id: move.amount for move in plan.moves}

    assert redeemed("500") == {"2": dec(100)}
    assert redeemed("60") == {"1": dec(100)}


def test_money_in_a_product_that_is_offered_no_more_is_judged_by_its_positions_rate() -> None:
    seen = situation(offers=[RICH], held=[holding("5000")], strategy=CoinStrategy(rotation=AT_ONCE))
    rows = (replace(position("1"), rate=rate("1%")),)
    told = replace(seen, snapshot=replace(seen.snapshot, positions=rows))

    assert decide(seen).moves == ()
    assert only_move(decide(told)).reason is Reason.ROTATE


@pytest.mark.parametrize(("fresh", "moves"), [("0.33", False), ("0", True)])
def test_held_money_is_not_moved_so_that_a_day_of_interest_is_enough_for_a_purchase(
    fresh: str, *, moves: bool
) -> None:
    """0.33 and 0.67 from the better place would make the 1 that the other takes at least.

    Of interest there is enough in three days; of other money perhaps never.
    """
    full = product("1", "4%", maximum="1000")
    seen = situation(
        idle="0.33",
        offers=[full, product("2", "3%")],
        held=[holding("1000")],
        strategy=CoinStrategy(rotation=AT_ONCE),
        fresh_interest=fresh,
    )

    assert bool(decide(seen).redeems()) is moves


def test_a_rate_on_the_whole_balance_is_not_lost_by_adding_to_it() -> None:
    """Beyond 1,000 all of it would earn 1 % instead of 5 %."""
    strategy = CoinStrategy(tier_rule=TierRule.WHOLE, rotation=AT_ONCE)
    whole = product("1", tiers="0-1000 @ 5%, 1000-9000 @ 1%")
    seen = situation(idle="5000", offers=[whole, product("2", "2%")], strategy=strategy)

    moves = {move.product_id: move.amount for move in decide(seen).moves}

    assert moves == {"1": dec(1000), "2": dec(4000)}


def test_a_poor_first_tier_does_not_hide_a_better_one_behind_it() -> None:
    strategy = CoinStrategy(min_apy=rate("2%"))
    rising = product("1", tiers="0-100 @ 1%, 100-1000 @ 5%")

    enough = decide(situation(idle="1000", offers=[rising], strategy=strategy))
    too_little = decide(situation(idle="120", offers=[rising], strategy=strategy))

    assert only_move(enough).amount == 1000
    # 120 would earn 2 a year, which is 1.67 %.
    assert too_little.moves == ()


def test_a_mode_that_puts_nothing_in_rotates_nothing() -> None:
    seen = held_in_the_poorer(4 * DAY)
    strategy = CoinStrategy(mode=Mode.REDEEM_ONLY)

    assert (
        decide(replace(seen, strategy=replace(seen.strategy, coins={USDT: strategy}))).moves == ()
    )
