"""Bringing everything home: what goes, what is left, and whether waiting helps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from earnd.domain.action import State, Verb
from earnd.domain.answer import Consequence
from earnd.domain.cooldown import PERIODS, Cooldowns, Until, cooldowns, what_rests
from earnd.domain.decide import decide
from earnd.domain.history import PastRefusal
from earnd.domain.ids import Coin
from earnd.domain.limits import Bounds, enforce
from earnd.domain.money import Rate, plain
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.quarantine import Doubt, Oddity, Shrunk
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.strategy import CoinStrategy, Mode, Need, Strategy
from earnd.domain.unwinding import Outlook, outlook, standing_of, unwinding_steps
from tests.support.world import (
    BTC,
    FLEX,
    NOON,
    USDT,
    action,
    after,
    dec,
    holding,
    product,
    situation,
)

HOUR = timedelta(hours=1)


def leaving(seen: Situation, *coins: Coin) -> Situation:
    """The same world, with a person who brings these coins home, or all if none is named."""
    return replace(seen, strategy=seen.strategy.unwinding(coins or None))


def decided(seen: Situation) -> Plan:
    """What is decided and let through by the limits."""
    return enforce(decide(seen), seen, Bounds(), NOON)


def moved(plan: Plan) -> list[tuple[str, str, str]]:
    return [(move.verb.value, move.product_id, plain(move.amount)) for move in plan.moves]


def test_every_holding_is_redeemed_whole_whatever_it_earns() -> None:
    seen = situation(
        idle="1000", offers=[product(), product("2", "50%")], held=[holding("100"), holding("7.5")]
    )
    held = [holding("100"), holding("7.5", "2")]
    seen = replace(seen, holdings=replace(seen.holdings, rows=tuple(held)))

    plan = decided(leaving(seen))

    assert moved(plan) == [("redeem", "1", "100"), ("redeem", "2", "7.5")]
    assert {move.reason for move in plan.moves} == {Reason.UNWIND}
    assert plan.moves[0].earn_id == "e1"
    assert plan.moves[0].detail == {"held": "100"}


UNHEEDED = CoinStrategy(
    mode=Mode.HOLD,
    reserve=dec(5000),
    min_move=dec(500),
    max_per_day=dec(1),
    needs=(Need(dec(7), NOON + HOUR),),
    deny=frozenset({FLEX}),
)


def test_what_the_strategy_says_of_the_coin_is_of_no_matter() -> None:
    doubt = Doubt(Oddity.ZERO, NOON - HOUR, 1, 3, NOON + HOUR, product())
    seen = replace(
        situation(
            offers=[product(paid="0%")],
            held=[holding("100")],
            strategy=UNHEEDED,
            sent_today={(USDT, Verb.REDEEM): dec(1)},
        ),
        by_person={USDT: NOON},
        rotated_out={FLEX: NOON},
        doubts={FLEX: doubt},
        shrunk=Shrunk(9, 1, NOON, NOON + HOUR),
    )
    assert decided(seen).moves == ()

    assert moved(decided(leaving(seen))) == [("redeem", "1", "100")]


def test_a_coin_that_is_not_managed_comes_home_too() -> None:
    seen = situation(held=[holding("3", coin=BTC)], strategy=Strategy({}))

    assert moved(decided(leaving(seen))) == [("redeem", "1", "3")]
    assert moved(decided(leaving(seen, BTC))) == [("redeem", "1", "3")]


def test_nothing_moves_in_a_coin_that_was_not_asked_for() -> None:
    floor = CoinStrategy(redeem_below_apy=Rate(dec(1)), min_apy=Rate(dec(1)))
    seen = situation(
        idle="1000",
        offers=[product(), product("2", coin=BTC)],
        held=[holding("100"), holding("3", "2", coin=BTC)],
        strategy=Strategy({USDT: floor, BTC: floor}),
    )
    assert {move.coin for move in decided(seen).moves} == {USDT, BTC}

    plan = decided(leaving(seen, BTC))

    assert moved(plan) == [("redeem", "2", "3")]
    assert [hold.reason for hold in plan.holds if hold.coin == USDT] == [Reason.MODE_HOLD]


def test_nothing_is_put_in_while_it_is_brought_home_whoever_wants_it() -> None:
    seen = leaving(situation(idle="1000", offers=[product()]))
    wish = Move(Verb.SUBSCRIBE, USDT, FLEX, dec(10), Reason.BEST_BAND)

    plan = enforce(Plan((wish,), ()), seen, Bounds(), NOON)

    assert plan.moves == ()
    assert plan.holds[0].reason is Reason.MODE_REDEEM_ONLY


def test_a_limit_for_one_action_makes_several_of_it() -> None:
    seen = leaving(
        situation(held=[holding("100")], strategy=CoinStrategy(max_per_action=dec("33.333333339")))
    )

    amounts = []
    while plan := decided(seen).moves:
        amounts.append(plain(plan[0].amount))
        seen = after(seen, Plan(plan, ()))

    assert amounts == ["33.33333333", "33.33333333", "33.33333333", "0.00000001"]


def test_the_amount_is_cut_to_what_a_request_can_name() -> None:
    seen = leaving(situation(held=[holding("100.129")], strategy=CoinStrategy(precision=2)))

    assert moved(decided(seen)) == [("redeem", "1", "100.12")]
    (dust,) = decided(after(seen, decided(seen))).holds
    assert (dust.reason, outlook(dust)) == (Reason.NOTHING_HELD, Outlook.HOME)
    assert dust.detail == {"dust": "0.009", "precision": "2"}


def refused(consequence: Consequence) -> Cooldowns:
    past = PastRefusal(Verb.REDEEM, USDT, FLEX, dec(100), 80000, consequence.value, NOON)
    return cooldowns([past], NOON)


LEFT = [
    (
        situation(held=[holding("9")], busy={USDT: action(verb=Verb.REDEEM)}),
        Reason.OPEN_ACTION,
        Outlook.SOON,
    ),
    (
        situation(
            held=[holding("9")],
            busy={USDT: action(verb=Verb.REDEEM, state=State.NEEDS_OPERATOR)},
        ),
        Reason.OPEN_ACTION,
        Outlook.STUCK,
    ),
    (
        situation(held=[holding("9")], drift={USDT: "it does not add up"}),
        Reason.HOLDING_UNVERIFIED,
        Outlook.DOUBTFUL,
    ),
    (
        situation(drift={USDT: "the exchange says 5 in all, the records say 0"}),
        Reason.HOLDING_UNVERIFIED,
        Outlook.DOUBTFUL,
    ),
    (
        situation(held=[holding("0", verified=False)]),
        Reason.HOLDING_UNVERIFIED,
        Outlook.DOUBTFUL,
    ),
    (
        situation(held=[holding("9", earn_id=None)]),
        Reason.POSITION_UNKNOWN,
        Outlook.DOUBTFUL,
    ),
    (
        situation(held=[holding("9")], cooldowns=refused(Consequence.NOT_NOW)),
        Reason.COOLING_DOWN,
        Outlook.SOON,
    ),
    (
        situation(held=[holding("9")], cooldowns=refused(Consequence.STOP_REDEEMING)),
        Reason.COOLING_DOWN,
        Outlook.STUCK,
    ),
    (
        replace(situation(), in_transit={USDT: dec(5)}),
        Reason.IN_TRANSIT,
        Outlook.SOON,
    ),
    (
        situation(held=[holding("9")], strategy=CoinStrategy(max_per_action=dec("1E-9"))),
        Reason.PER_ACTION_LIMIT,
        Outlook.STUCK,
    ),
    (situation(), Reason.NOTHING_HELD, Outlook.HOME),
]


@pytest.mark.parametrize(
    ("seen", "reason", "expected"), LEFT, ids=lambda value: getattr(value, "value", "")
)
def test_what_does_not_go_says_why_and_whether_waiting_helps(
    seen: Situation, reason: Reason, expected: Outlook
) -> None:
    plan = decided(leaving(seen))

    assert plan.moves == ()
    (hold,) = plan.holds
    assert (hold.reason, outlook(hold)) == (reason, expected)


def test_one_product_that_does_not_add_up_keeps_the_others_of_its_coin() -> None:
    seen = situation(held=[holding("9"), holding("5", "2")], drift={USDT: "the position says 4"})

    steps = unwinding_steps(leaving(seen), USDT)

    assert [(hold.product_id, str(hold.amount)) for hold in steps] == [("1", "9"), ("2", "5")]
    assert {hold.detail["why"] for hold in steps} == {"the position says 4"}


def test_a_cool_down_for_one_product_lets_the_others_go() -> None:
    until = Until(NOON + HOUR, 80011, Consequence.CLOSED)
    seen = situation(
        held=[holding("9"), holding("5", "2")],
        cooldowns=Cooldowns(products={(Verb.REDEEM, FLEX): until}),
    )

    plan = decided(leaving(seen))

    assert moved(plan) == [("redeem", "2", "5")]
    assert plan.holds[0].detail == {
        "until": (NOON + HOUR).isoformat(),
        "code": "80011",
        "consequence": "closed",
    }


REFUSALS = [
    (Consequence.WAIT, Outlook.SOON),
    (Consequence.NOT_NOW, Outlook.SOON),
    (Consequence.QUOTA_GONE, Outlook.SOON),
    (Consequence.CAP_REACHED, Outlook.SOON),
    (Consequence.TOO_PRECISE, Outlook.SOON),
    (Consequence.MINIMUM_HIGHER, Outlook.STUCK),
    (Consequence.NOT_ON_SALE, Outlook.STUCK),
    (Consequence.HOLD_PRODUCT, Outlook.STUCK),
    (Consequence.CLOSED, Outlook.STUCK),
    (Consequence.HOLD_COIN, Outlook.STUCK),
    (Consequence.STOP_REDEEMING, Outlook.STUCK),
    (Consequence.STOP_ALL, Outlook.STUCK),
]


@pytest.mark.parametrize(("consequence", "expected"), REFUSALS)
def test_a_refusal_is_for_now_or_for_longer(consequence: Consequence, expected: Outlook) -> None:
    seen = leaving(situation(held=[holding("9")], cooldowns=refused(consequence)))

    assert [outlook(hold) for hold in decided(seen).holds] == [expected]


def test_every_refusal_that_rests_a_redeem_is_judged_above() -> None:
    resting = {
        consequence
        for consequence in PERIODS
        if what_rests(consequence) != frozenset({Verb.SUBSCRIBE})
    }
    assert {consequence for consequence, _ in REFUSALS} == resting


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [(Bounds(paused=True), Reason.PAUSED), (Bounds(max_data_age=-HOUR), Reason.STALE_DATA)],
)
def test_the_limits_that_doubt_the_look_hold_for_a_person_too(
    bounds: Bounds, reason: Reason
) -> None:
    seen = leaving(situation(held=[holding("9")]))

    plan = enforce(decide(seen), seen, bounds, NOON)

    assert [hold.reason for hold in plan.holds] == [reason]
    expected = Outlook.STUCK if reason is Reason.PAUSED else Outlook.SOON
    assert outlook(plan.holds[0]) is expected


def test_a_cool_down_that_a_limit_found_is_looked_at_again() -> None:
    assert outlook(Hold(USDT, Reason.COOLING_DOWN)) is Outlook.SOON


def test_a_coin_that_is_all_on_its_way_is_not_home_yet() -> None:
    nothing_else = situation(strategy=Strategy({}))
    for seen in (
        replace(nothing_else, in_transit={BTC: dec(5)}),
        replace(nothing_else, busy={BTC: action(verb=Verb.REDEEM, coin=BTC)}),
        replace(
            nothing_else,
            holdings=replace(nothing_else.holdings, rows=(holding("0", coin=BTC, verified=False),)),
        ),
    ):
        left = leaving(seen)
        standing = standing_of(left, decided(left))
        assert {hold.coin for hold in standing.holds} >= {BTC}
        assert not standing.is_home
        assert standing_of(leaving(seen, USDT), decided(leaving(seen, USDT))).is_home
