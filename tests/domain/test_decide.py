from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from earnd.domain.action import Verb
from earnd.domain.cooldown import Cooldowns, Until
from earnd.domain.decide import decide
from earnd.domain.ids import ProductId
from earnd.domain.money import plain
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.quarantine import Doubt, Oddity, Shrunk
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.snapshot import Balance
from earnd.domain.strategy import CoinStrategy, Mode, Need, Rotation, Share, Strategy
from tests.support.world import (
    BTC,
    FLEX,
    NOON,
    USDT,
    action,
    after,
    dec,
    holding,
    one_cycle,
    product,
    rate,
    situation,
)

UNTIL = Until(NOON + timedelta(hours=1), 80004)
TWO = ProductId("2")
COOL = Cooldowns(products={(verb, FLEX): UNTIL for verb in Verb})
LEAVE = CoinStrategy(redeem_below_apy=rate("2%"), min_apy=rate("2%"))
REFILL = CoinStrategy(refill_below=dec(50), refill_to=dec(100))


def moved(plan: Plan) -> list[tuple[str, str, str]]:
    """The moves as verb, product and amount."""
    return [(move.verb.value, move.product_id, plain(move.amount)) for move in plan.moves]


def reasons(plan: Plan) -> list[Reason]:
    return [hold.reason for hold in plan.holds]


def test_fills_the_best_band_first() -> None:
    """
    balance  USDT 1000
    product  1  0-500 @ 8%  500-2000 @ 2%
    product  2  4%, at most 300
    """
    seen = situation(
        idle="1000",
        offers=[product("1", tiers="0-500 @ 8%, 500-2000 @ 2%"), product("2", "4%", maximum="300")],
    )

    plan = decide(seen)

    assert moved(plan) == [("subscribe", "1", "700"), ("subscribe", "2", "300")]
    assert plan.moves[0].reason is Reason.BEST_BAND
    assert plan.moves[0].detail["bands"] == "500 at 8.00%; 200 at 2.00%"
    assert plan.holds == ()


TWO_RATES = [product("1", "3%"), product("2", "4%")]
ODD = Doubt(Oddity.FELL, NOON, 1, 3, NOON + timedelta(hours=4), product("1", "5%"))

LEFT_ALONE: list[tuple[str, Situation, Reason]] = [
    ("a coin nobody named", situation(idle="5", strategy=Strategy({})), Reason.COIN_NOT_MANAGED),
    (
        "a coin on hold",
        situation(idle="5", strategy=CoinStrategy(mode=Mode.HOLD)),
        Reason.MODE_HOLD,
    ),
    (
        "a coin with an open action",
        situation(idle="5", offers=[product()], busy={USDT: action()}),
        Reason.OPEN_ACTION,
    ),
    (
        "a coin that does not add up",
        situation(idle="5", offers=[product()], drift={USDT: "why"}),
        Reason.HOLDING_UNVERIFIED,
    ),
    ("an empty wallet", situation(offers=[product()]), Reason.NOTHING_IDLE),
    (
        "no more than the reserve",
        situation(idle="5", offers=[product()], strategy=CoinStrategy(reserve=dec(5))),
        Reason.KEPT_AS_RESERVE,
    ),
    (
        "no more than a refill fills up to",
        situation(idle="100", offers=[product()], strategy=REFILL),
        Reason.KEPT_AS_RESERVE,
    ),
    (
        "a coin to redeem only",
        situation(idle="5", offers=[product()], strategy=CoinStrategy(mode=Mode.REDEEM_ONLY)),
        Reason.MODE_REDEEM_ONLY,
    ),
    (
        "a day's limit that is used up",
        situation(
            idle="50",
            offers=[product()],
            strategy=CoinStrategy(max_per_day=dec(10)),
            sent_today={(USDT, Verb.SUBSCRIBE): dec(10)},
        ),
        Reason.PER_DAY_LIMIT,
    ),
    (
        "a day's limit that leaves less than the minimum",
        situation(
            idle="50",
            offers=[product(minimum="8")],
            strategy=CoinStrategy(max_per_day=dec(10)),
            sent_today={(USDT, Verb.SUBSCRIBE): dec(5)},
        ),
        Reason.PER_DAY_LIMIT,
    ),
    ("no product", situation(idle="5"), Reason.NO_PRODUCT),
    (
        "no product but one for another coin",
        situation(idle="5", offers=[product(coin=BTC)]),
        Reason.NO_PRODUCT,
    ),
    (
        "no product but a denied one",
        situation(idle="5", offers=[product()], strategy=CoinStrategy(deny=frozenset({FLEX}))),
        Reason.NO_PRODUCT,
    ),
    (
        "no product but one that is not on the list",
        situation(idle="5", offers=[product()], strategy=CoinStrategy(allow=frozenset({TWO}))),
        Reason.NO_PRODUCT,
    ),
    (
        "a product that cools down",
        situation(idle="5", offers=[product()], cooldowns=COOL),
        Reason.COOLING_DOWN,
    ),
    (
        "tiers with a gap",
        situation(idle="5", offers=[product(tiers="0-1 @ 5%, 2-3 @ 4%")]),
        Reason.TIERS_UNCLEAR,
    ),
    (
        "a rate too good to be true",
        situation(idle="5", offers=[product(paid="201%")]),
        Reason.RATE_NOT_CREDIBLE,
    ),
    (
        "a minimum that no single action may reach",
        situation(
            idle="50", offers=[product(minimum="20")], strategy=CoinStrategy(max_per_action=dec(10))
        ),
        Reason.MAX_PER_ACTION_TOO_SMALL,
    ),
    (
        "rates under what the strategy asks for",
        situation(idle="5", offers=[product(paid="1%")], strategy=CoinStrategy(min_apy=rate("2%"))),
        Reason.UNDER_MIN_APY,
    ),
    (
        "a product that is full",
        situation(idle="5", offers=[product(maximum="9")], held=[holding("9")]),
        Reason.PRODUCTS_FULL,
    ),
    (
        "less than the strategy moves",
        situation(idle="5", offers=[product()], strategy=CoinStrategy(min_move=dec(6))),
        Reason.UNDER_MIN_MOVE,
    ),
    (
        "less than the smallest unit",
        situation(idle="0.000000009", offers=[product(minimum="0")]),
        Reason.UNDER_MIN_MOVE,
    ),
    (
        "less than a product takes",
        situation(idle="5", offers=[product(minimum="6")]),
        Reason.UNDER_PRODUCT_MINIMUM,
    ),
    (
        "nothing to refill from",
        situation(idle="5", offers=[product()], strategy=REFILL),
        Reason.NOTHING_TO_REFILL_FROM,
    ),
    (
        "a holding whose position is not known",
        situation(offers=[product()], held=[holding("500", earn_id=None)], strategy=REFILL),
        Reason.POSITION_UNKNOWN,
    ),
    (
        "a low rate on a holding whose position is not known",
        situation(offers=[product(paid="1%")], held=[holding("500", earn_id=None)], strategy=LEAVE),
        Reason.POSITION_UNKNOWN,
    ),
    (
        "room between two digits of the coin",
        situation(
            idle="50",
            offers=[product(minimum="10.005", maximum="10.009")],
            strategy=CoinStrategy(precision=2),
        ),
        Reason.PRODUCTS_FULL,
    ),
    (
        "a holding that cools down",
        situation(offers=[product()], held=[holding("500")], strategy=REFILL, cooldowns=COOL),
        Reason.COOLING_DOWN,
    ),
    (
        "a low rate on less than the strategy moves",
        situation(
            offers=[product(paid="1%")],
            held=[holding("5")],
            strategy=replace(LEAVE, min_move=dec(6)),
        ),
        Reason.UNDER_MIN_MOVE,
    ),
    (
        "a low rate, and a day's limit that is used up",
        situation(
            offers=[product(paid="1%")],
            held=[holding("50")],
            strategy=replace(LEAVE, max_per_day=dec(10)),
            sent_today={(USDT, Verb.REDEEM): dec(10)},
        ),
        Reason.PER_DAY_LIMIT,
    ),
    (
        "a low rate, and less left of the day than the strategy moves",
        situation(
            offers=[product(paid="1%")],
            held=[holding("50")],
            strategy=replace(LEAVE, max_per_day=dec(10), min_move=dec(6)),
            sent_today={(USDT, Verb.REDEEM): dec(5)},
        ),
        Reason.PER_DAY_LIMIT,
    ),
    (
        "a low rate, and single actions of less than the strategy moves",
        situation(
            offers=[product(paid="1%")],
            held=[holding("50")],
            strategy=replace(LEAVE, max_per_action=dec(5), min_move=dec(6)),
        ),
        Reason.PER_ACTION_LIMIT,
    ),
    (
        "a product that is full by the strategy's own word",
        situation(
            idle="50",
            offers=[product()],
            held=[holding("10")],
            strategy=CoinStrategy(max_per_product=dec(10)),
        ),
        Reason.MAX_PER_PRODUCT,
    ),
    (
        "something held in a product that is offered no more",
        situation(held=[holding("500")], strategy=LEAVE),
        Reason.PRODUCT_NOT_LISTED,
    ),
    (
        "a refill that is on its way",
        replace(
            situation(idle="20", offers=[product()], held=[holding("500")], strategy=REFILL),
            in_transit={USDT: dec(80)},
        ),
        Reason.IN_TRANSIT,
    ),
    (
        "what is idle for a moment that is near",
        situation(
            idle="50",
            offers=[product()],
            strategy=CoinStrategy(needs=(Need(dec(60), NOON + timedelta(hours=1)),)),
        ),
        Reason.KEPT_FOR_NEED,
    ),
    (
        "more than may be put to work in all",
        situation(
            idle="50",
            offers=[product()],
            held=[holding("500")],
            strategy=CoinStrategy(max_total=dec(500)),
        ),
        Reason.MAX_TOTAL,
    ),
    (
        "a coin that a person has just moved",
        replace(situation(idle="50", offers=[product()]), by_person={USDT: NOON}),
        Reason.MOVED_BY_PERSON,
    ),
    (
        "a product whose latest reading is not believed",
        replace(situation(idle="50", offers=[product()]), doubts={FLEX: ODD}),
        Reason.QUARANTINED,
    ),
    (
        "a list of products that is not believed",
        replace(
            situation(idle="50", offers=[product()]),
            shrunk=Shrunk(9, 1, NOON, NOON + timedelta(hours=4)),
        ),
        Reason.LIST_SHRUNK,
    ),
    (
        "a product that money was just rotated out of",
        replace(situation(idle="50", offers=[product()]), rotated_out={FLEX: NOON}),
        Reason.JUST_LEFT,
    ),
    (
        "what earns most where it is",
        situation(offers=TWO_RATES, held=[holding("500", "2")]),
        Reason.BEST_ALREADY,
    ),
    (
        "what earns more elsewhere, where the strategy does not rotate",
        situation(
            offers=TWO_RATES,
            held=[holding("500")],
            strategy=CoinStrategy(rotation=Rotation(on=False)),
        ),
        Reason.ROTATION_OFF,
    ),
    (
        "what earns more elsewhere, but not enough to pay for moving",
        situation(
            offers=TWO_RATES,
            held=[holding("500")],
            strategy=CoinStrategy(rotation=Rotation(move_cost=timedelta(days=10))),
        ),
        Reason.NOT_WORTH_MOVING,
    ),
    (
        "what earns more elsewhere since a moment ago",
        situation(offers=TWO_RATES, held=[holding("500")]),
        Reason.NOT_PROVEN_YET,
    ),
]


@pytest.mark.parametrize(
    ("seen", "reason"),
    [(seen, reason) for _, seen, reason in LEFT_ALONE],
    ids=[name for name, _, _ in LEFT_ALONE],
)
def test_what_is_left_alone_says_why(seen: Situation, reason: Reason) -> None:
    plan = decide(seen)

    assert plan.moves == ()
    assert reason in reasons(plan)


def test_every_reason_a_decision_can_give_is_reached() -> None:
    given = {reason for _, _, reason in LEFT_ALONE}
    strategy_and_doubt = set(Reason) - {
        # Moves, tested below.
        Reason.BEST_BAND,
        Reason.COMPOUND,
        Reason.RATE_UNDER_FLOOR,
        Reason.REFILL,
        Reason.NEED,
        Reason.ROTATE,
        # Moves that a person asked for, and what `earnd unwind` says of the rest.
        Reason.PROBE,
        Reason.UNWIND,
        Reason.NOTHING_HELD,
        # Given by the limits, by acting, or by the cycle.
        Reason.RESERVE_LIMIT,
        Reason.REFILL_NOT_NEEDED,
        Reason.CLOCK_SKEW,
        Reason.MAINTENANCE,
        Reason.STALE_DATA,
        Reason.PAUSED,
        Reason.STOPPED_BY_EXCHANGE,
        Reason.DRY_RUN,
        Reason.SHUTTING_DOWN,
        Reason.NEVER_LEFT,
        # Asked for by a person: `earnd probe`.
        Reason.PROBE,
        # Only after a search that was cut short.
        Reason.NEXT_CYCLE,
    }

    assert given == strategy_and_doubt


def test_every_coin_with_money_or_a_name_gets_an_answer() -> None:
    seen = situation(
        idle="0", held=[holding("5", coin=BTC)], strategy=Strategy({USDT: CoinStrategy()})
    )
    frozen = Balance(BTC, dec(0), dec(1))

    plan = decide(seen)

    assert {hold.coin for hold in plan.holds} == {USDT, BTC}
    only_frozen = replace(seen.snapshot, balances={BTC: frozen})
    assert BTC in {hold.coin for hold in decide(replace(seen, snapshot=only_frozen)).holds}


def test_subscribing_stops_at_what_is_kept_idle() -> None:
    for strategy in (CoinStrategy(reserve=dec(100)), REFILL):
        seen = situation(idle="130", offers=[product()], strategy=strategy)
        assert moved(decide(seen)) == [("subscribe", "1", "30")]


def test_idle_money_that_is_interest_is_compounded() -> None:
    plan = decide(situation(idle="2", offers=[product()], fresh_interest="2"))

    assert plan.moves[0].reason is Reason.COMPOUND
    assert plan.moves[0].detail["fresh_interest"] == "2"
    more = decide(situation(idle="3", offers=[product()], fresh_interest="2"))
    assert more.moves[0].reason is Reason.BEST_BAND


def test_leaves_what_earns_too_little_and_keeps_the_bands_that_pay() -> None:
    seen = situation(
        offers=[product(tiers="0-500 @ 8%, 500-2000 @ 1%")], held=[holding("800")], strategy=LEAVE
    )

    plan = decide(seen)

    assert moved(plan) == [("redeem", "1", "300")]
    assert plan.moves[0].earn_id == "e1"
    assert plan.moves[0].reason is Reason.RATE_UNDER_FLOOR
    assert plan.moves[0].detail == {"rate": "1.00%", "redeem_below_apy": "2.00%", "keep": "500"}


def test_keeps_the_smallest_purchase_where_that_earns_more_than_leaving_all_of_it() -> None:
    """600 earn 41 a year, though the last 100 of them are paid 1 %; at home they earn nothing."""
    seen = situation(
        offers=[product(minimum="600", tiers="0-500 @ 8%, 500-2000 @ 1%")],
        held=[holding("800")],
        strategy=LEAVE,
    )

    assert moved(decide(seen)) == [("redeem", "1", "200")]


def test_leaves_all_of_it_where_the_smallest_purchase_pays_too_little() -> None:
    """600 would earn 5.60 a year, which is under the floor of 2 %."""
    seen = situation(
        offers=[product(minimum="600", tiers="0-10 @ 8%, 10-2000 @ 1%")],
        held=[holding("800")],
        strategy=LEAVE,
    )

    assert moved(decide(seen)) == [("redeem", "1", "800")]


def test_a_rate_at_the_floor_is_no_reason_to_leave() -> None:
    seen = situation(offers=[product(paid="2%")], held=[holding("800")], strategy=LEAVE)

    assert decide(seen).moves == ()


@pytest.mark.parametrize("maximum", ["0", "300"])
def test_a_lower_maximum_for_purchases_is_no_reason_to_leave(maximum: str) -> None:
    """What is held goes on earning 5 %; only buying more is over."""
    seen = situation(
        offers=[product(paid="5%", maximum=maximum)], held=[holding("800")], strategy=LEAVE
    )

    assert decide(seen).moves == ()


def test_nobody_leaves_a_product_that_is_not_listed_or_whose_tiers_are_unclear() -> None:
    """X42."""
    gone = situation(held=[holding("800")], strategy=LEAVE)
    unclear = situation(
        offers=[product(tiers="0-1 @ 1%, 2-3 @ 1%")], held=[holding("800")], strategy=LEAVE
    )

    assert decide(gone).moves == ()
    assert decide(unclear).moves == ()


def test_a_floor_of_zero_never_leaves() -> None:
    seen = situation(offers=[product(paid="0%")], held=[holding("800")])

    assert decide(seen).moves == ()


def test_the_additional_rate_counts_only_where_the_strategy_says_so() -> None:
    offer = product(paid="1%", additional="3%")
    counting = situation(offers=[offer], held=[holding("800")], strategy=LEAVE)
    not_counting = situation(
        offers=[offer],
        held=[holding("800")],
        strategy=replace(LEAVE, count_additional_apy=False),
    )

    assert decide(counting).moves == ()
    assert moved(decide(not_counting)) == [("redeem", "1", "800")]


def test_refills_from_where_the_least_yield_is_lost_and_leaves_it_idle() -> None:
    seen = situation(
        idle="20",
        offers=[product("1", "8%"), product("2", "3%")],
        held=[holding("500", "1"), holding("30", "2")],
        strategy=REFILL,
    )

    plan = decide(seen)

    assert sorted(moved(plan)) == [("redeem", "1", "50"), ("redeem", "2", "30")]
    assert {move.reason for move in plan.moves} == {Reason.REFILL}
    refilled = after(seen, plan)
    assert refilled.available(USDT) == 100
    assert decide(refilled).moves == ()


def test_a_refill_waits_until_idle_is_under_its_mark() -> None:
    seen = situation(idle="50", offers=[product()], held=[holding("500")], strategy=REFILL)

    assert decide(seen).moves == ()


def test_a_refill_also_takes_from_a_product_that_is_no_longer_listed() -> None:
    """X42."""
    seen = situation(held=[holding("500")], strategy=REFILL)

    assert moved(decide(seen)) == [("redeem", "1", "100")]


def test_a_refill_takes_the_whole_rather_than_leave_less_than_the_minimum() -> None:
    """N14."""
    seen = situation(offers=[product(minimum="50")], held=[holding("140")], strategy=REFILL)

    assert moved(decide(seen)) == [("redeem", "1", "140")]


def test_a_refill_brings_at_least_what_the_strategy_moves() -> None:
    strategy = replace(REFILL, min_move=dec(80))
    seen = situation(idle="49", offers=[product()], held=[holding("500")], strategy=strategy)

    assert moved(decide(seen)) == [("redeem", "1", "80")]


def test_a_refill_goes_round_a_product_that_cannot_be_redeemed_now() -> None:
    seen = situation(
        offers=[product("1", "3%"), product("2", "8%")],
        held=[holding("500", "1"), holding("60", "2")],
        strategy=REFILL,
        cooldowns=COOL,
    )

    plan = decide(seen)

    assert moved(plan) == [("redeem", "2", "60")]
    assert reasons(plan) == [Reason.COOLING_DOWN]


def test_what_leaves_for_its_rate_counts_towards_a_refill() -> None:
    strategy = replace(REFILL, redeem_below_apy=rate("2%"), min_apy=rate("2%"))
    seen = situation(
        offers=[product("1", "1%"), product("2", "8%")],
        held=[holding("70", "1"), holding("500", "2")],
        strategy=strategy,
    )

    assert moved(decide(seen)) == [("redeem", "1", "70")]


def test_an_amount_that_is_dust_is_neither_refilled_nor_redeemed() -> None:
    """N14."""
    dusty = situation(
        idle="99.999999999",
        offers=[product()],
        held=[holding("500")],
        strategy=replace(REFILL, refill_below=dec(100)),
    )
    dust_held = situation(
        offers=[product(paid="1%")],
        held=[holding("0.000000001")],
        strategy=replace(REFILL, redeem_below_apy=rate("2%"), min_apy=rate("2%")),
    )

    assert decide(dusty).moves == ()
    assert decide(dust_held).moves == ()
    assert Reason.NOTHING_TO_REFILL_FROM in reasons(decide(dust_held))


def test_no_request_has_more_decimals_than_the_coin() -> None:
    """X13, N8: Interest leaves odd digits behind, and limits can be odd too."""
    odd = "100.123456789"
    going_in = situation(
        idle=odd,
        offers=[product()],
        strategy=CoinStrategy(precision=2, max_per_action=dec("9.999")),
    )
    coming_home = situation(
        offers=[product(paid="1%")], held=[holding(odd)], strategy=replace(LEAVE, precision=2)
    )

    assert moved(decide(going_in)) == [("subscribe", "1", "9.99")]
    assert moved(decide(coming_home)) == [("redeem", "1", "100.12")]


def test_a_coin_that_redeems_is_not_subscribed_in_the_same_plan() -> None:
    seen = situation(
        idle="1000",
        offers=[product("1", "1%"), product("2", "8%")],
        held=[holding("70", "1")],
        strategy=LEAVE,
    )

    assert moved(decide(seen)) == [("redeem", "1", "70")]
    assert moved(decide(after(seen, decide(seen)))) == [("subscribe", "2", "1070")]


def test_redeems_of_all_coins_come_before_subscribes() -> None:
    seen = situation(
        idle="0",
        offers=[product("1", "1%"), product("2", "8%", coin=BTC)],
        held=[holding("70", "1")],
        strategy=Strategy({USDT: LEAVE, BTC: CoinStrategy()}),
    )
    both = {**seen.snapshot.balances, BTC: Balance(BTC, dec(5), dec(0))}
    seen = replace(seen, snapshot=replace(seen.snapshot, balances=both))

    plan = decide(seen)

    assert [move.verb for move in plan.moves] == [Verb.REDEEM, Verb.SUBSCRIBE]
    assert plan.redeems() + plan.subscribes() == plan.moves


def test_redeem_only_still_leaves_and_refills() -> None:
    strategy = replace(LEAVE, mode=Mode.REDEEM_ONLY)
    seen = situation(
        idle="10", offers=[product(paid="1%")], held=[holding("70")], strategy=strategy
    )

    assert moved(decide(seen)) == [("redeem", "1", "70")]
    assert reasons(decide(one_cycle(seen))) == [Reason.MODE_REDEEM_ONLY]


@pytest.mark.parametrize(
    ("cap", "amount"), [(dec(300), "100"), (Share(dec("0.5")), "300"), (Share(dec("0.4")), "200")]
)
def test_one_product_holds_no_more_than_the_strategy_lets_it(cap: Share, amount: str) -> None:
    """800 idle and 200 placed: half of all is 500, of which 200 are there."""
    seen = situation(
        idle="800",
        offers=[product()],
        held=[holding("200")],
        strategy=CoinStrategy(max_per_product=cap),
    )

    plan = decide(seen)

    assert moved(plan) == [("subscribe", "1", amount)]
    assert reasons(plan) == [Reason.MAX_PER_PRODUCT, Reason.BEST_ALREADY]


def test_the_rest_says_what_it_waits_for() -> None:
    def rest(strategy: CoinStrategy, *, maximum: str = "1000", tiers: str = "") -> Hold:
        offer = product(maximum=maximum, minimum="10", tiers=tiers)
        (hold,) = decide(situation(idle="500", offers=[offer], strategy=strategy)).holds
        assert hold.amount is not None
        return hold

    full = rest(CoinStrategy(), maximum="300")
    assert (full.reason, full.amount) == (Reason.PRODUCTS_FULL, dec(200))
    per_action = rest(CoinStrategy(max_per_action=dec(60)))
    assert (per_action.reason, per_action.amount) == (Reason.PER_ACTION_LIMIT, dec(440))
    per_day = rest(CoinStrategy(max_per_day=dec("60.000000001")))
    assert (per_day.reason, per_day.amount) == (Reason.PER_DAY_LIMIT, dec(440))
    low = rest(CoinStrategy(min_apy=rate("2%")), tiers="0-300 @ 8%, 300-1000 @ 1%")
    assert (low.reason, low.amount) == (Reason.UNDER_MIN_APY, dec(200))


def test_money_too_little_for_the_only_product_with_room_says_so() -> None:
    """12 of 15 fit into the first; 3 are too few for the second."""
    seen = situation(
        idle="15",
        offers=[product("1", "8%", minimum="1", maximum="12"), product("2", "2%", minimum="10")],
    )
    plan = decide(seen)

    assert moved(plan) == [("subscribe", "1", "12")]
    assert reasons(plan) == [Reason.UNDER_PRODUCT_MINIMUM]
    strategy = CoinStrategy(min_move=dec(4))
    less = decide(
        situation(
            idle="15",
            offers=[product("1", "8%", maximum="12"), product("2", "2%", minimum="13")],
            strategy=strategy,
        )
    )
    assert moved(less) == [("subscribe", "1", "12")]
    assert reasons(less) == [Reason.UNDER_MIN_MOVE]


def test_an_additional_limit_binds_each_redeem() -> None:
    strategy = replace(LEAVE, max_per_action=dec(30))
    seen = situation(offers=[product(paid="1%")], held=[holding("70")], strategy=strategy)

    assert moved(decide(seen)) == [("redeem", "1", "30")]
    daily = replace(LEAVE, max_per_day=dec(30))
    spent = {(USDT, Verb.REDEEM): dec(10)}
    limited = situation(
        offers=[product(paid="1%")], held=[holding("70")], strategy=daily, sent_today=spent
    )
    assert moved(decide(limited)) == [("redeem", "1", "20")]


def test_the_same_situation_gives_the_same_plan() -> None:
    offers = [product(str(number), "5%") for number in range(5)]
    one = situation(idle="1000", offers=offers)
    two = situation(idle="1000", offers=offers[::-1])

    assert decide(one) == decide(two)
    assert isinstance(decide(one).moves[0], Move)


def test_a_holding_under_the_smallest_purchase_that_pays_well_stays() -> None:
    seen = situation(offers=[product(paid="5%", minimum="10")], held=[holding("4")], strategy=LEAVE)

    assert decide(seen).moves == ()


def test_a_cap_on_one_action_leaves_enough_for_the_next_to_be_allowed() -> None:
    seen = situation(
        idle="1050",
        offers=[product(minimum="100")],
        strategy=CoinStrategy(max_per_action=dec(1000)),
    )

    (first,) = decide(seen).moves
    (second,) = decide(after(seen, decide(seen))).moves

    assert [plain(first.amount), plain(second.amount)] == ["950", "100"]


@pytest.mark.parametrize(
    ("idle", "reason"),
    [("13.69", Reason.COMPOUND), ("15", Reason.COMPOUND), ("27.69", Reason.BEST_BAND)],
)
def test_a_move_is_called_compounding_only_if_it_is_interest(idle: str, reason: Reason) -> None:
    (move,) = decide(situation(idle=idle, offers=[product()], fresh_interest="13.69")).moves

    assert move.reason is reason


def test_unclear_tiers_of_what_is_held_are_told() -> None:
    seen = situation(offers=[product(tiers="none")], held=[holding("50")], strategy=LEAVE)

    assert Reason.TIERS_UNCLEAR in reasons(decide(seen))
