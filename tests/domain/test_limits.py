from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from earnd.domain.action import Verb
from earnd.domain.cooldown import Cooldowns, Until
from earnd.domain.ids import Coin, EarnId, ProductId
from earnd.domain.limits import Bounds, enforce
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.snapshot import Balance, ServiceNotice
from earnd.domain.strategy import CoinStrategy, Mode, Strategy
from tests.support.world import (
    BTC,
    FLEX,
    NOON,
    USDT,
    action,
    dec,
    holding,
    product,
    situation,
)

STRATEGY = CoinStrategy(reserve=dec(10), max_per_action=dec(80), max_per_day=dec(100))


def world(strategy: CoinStrategy = STRATEGY, **more: object) -> Situation:
    """100 idle, 50 held, 10 to be kept."""
    return situation(
        idle="100",
        offers=[product()],
        held=[holding("50")],
        strategy=strategy,
        **more,  # type: ignore[arg-type]
    )


def subscribe(amount: str, coin: Coin = USDT) -> Move:
    return Move(Verb.SUBSCRIBE, coin, FLEX, Decimal(amount), Reason.BEST_BAND)


def redeem(amount: str, product_id: str = "1", earn_id: str | None = "e1") -> Move:
    number = None if earn_id is None else EarnId(earn_id)
    return Move(Verb.REDEEM, USDT, ProductId(product_id), Decimal(amount), Reason.REFILL, number)


def fenced(
    seen: Situation, *moves: Move, bounds: Bounds | None = None, now: datetime = NOON
) -> Plan:
    return enforce(Plan(moves, ()), seen, bounds or Bounds(), now)


def blocked(plan: Plan) -> list[Reason]:
    return [hold.reason for hold in plan.holds]


def test_what_breaks_nothing_passes_unchanged() -> None:
    moves = (redeem("50"), subscribe("80"))

    assert fenced(world(), *moves) == Plan(moves, ())


def test_a_blocked_move_is_told_as_a_hold() -> None:
    plan = fenced(world(), replace(subscribe("80.5"), detail={"bands": "x"}))

    detail = {"bands": "x", "wanted": "subscribe 80.5"}
    hold = Hold(USDT, Reason.PER_ACTION_LIMIT, FLEX, dec("80.5"), detail)
    assert plan == Plan((), (hold,))


def notice() -> tuple[ServiceNotice, ...]:
    return (ServiceNotice("earn", "upgrade", None),)


@pytest.mark.parametrize("move", [subscribe("1"), redeem("1")])
def test_nothing_moves_while_something_is_in_doubt(move: Move) -> None:
    """O6, K1."""
    seen = world()
    skewed = replace(seen, snapshot=replace(seen.snapshot, clock_skew_ms=-10_001))
    just_right = replace(seen, snapshot=replace(seen.snapshot, clock_skew_ms=10_000))
    mending = replace(seen, snapshot=replace(seen.snapshot, maintenance=notice()))
    old, ahead = NOON + timedelta(minutes=2, seconds=1), NOON - timedelta(seconds=11)

    assert blocked(fenced(seen, move, bounds=Bounds(paused=True))) == [Reason.PAUSED]
    assert blocked(fenced(skewed, move)) == [Reason.CLOCK_SKEW]
    assert blocked(fenced(mending, move)) == [Reason.MAINTENANCE]
    assert blocked(fenced(seen, move, now=old)) == [Reason.STALE_DATA]
    assert blocked(fenced(seen, move, now=ahead)) == [Reason.STALE_DATA]
    assert blocked(fenced(just_right, move, now=NOON + timedelta(minutes=2))) == []


@pytest.mark.parametrize("move", [subscribe("1"), redeem("1")])
def test_a_coin_that_is_busy_frozen_unmanaged_or_on_hold_is_not_touched(move: Move) -> None:
    hold = replace(STRATEGY, mode=Mode.HOLD)

    assert blocked(fenced(world(busy={USDT: action()}), move)) == [Reason.OPEN_ACTION]
    assert blocked(fenced(world(drift={USDT: "x"}), move)) == [Reason.HOLDING_UNVERIFIED]
    assert blocked(fenced(world(hold), move)) == [Reason.MODE_HOLD]
    nobody = replace(world(), strategy=Strategy({}))
    assert blocked(fenced(nobody, move)) == [Reason.COIN_NOT_MANAGED]


def test_redeem_only_redeems_only() -> None:
    plan = fenced(world(replace(STRATEGY, mode=Mode.REDEEM_ONLY)), redeem("1"), subscribe("1"))

    assert plan.moves == (redeem("1"),)
    assert blocked(plan) == [Reason.MODE_REDEEM_ONLY]


def test_what_cools_down_is_left_alone() -> None:
    until = Until(NOON + timedelta(hours=1), 80004)
    cool = Cooldowns(verbs={Verb.SUBSCRIBE: until})

    plan = fenced(world(cooldowns=cool), redeem("1"), subscribe("1"))

    assert plan.moves == (redeem("1"),)
    assert blocked(plan) == [Reason.COOLING_DOWN]


def test_the_reserve_holds_over_all_subscribes_together() -> None:
    """T6."""
    free = replace(STRATEGY, max_per_day=None)

    assert blocked(fenced(world(free), subscribe("50"), subscribe("40"))) == []
    over = fenced(world(free), subscribe("50"), subscribe("40.00000001"), subscribe("40"))
    assert over.moves == (subscribe("50"), subscribe("40"))
    assert blocked(over) == [Reason.RESERVE_LIMIT]


def test_money_that_a_redeem_will_bring_is_not_there_yet() -> None:
    free = replace(STRATEGY, max_per_day=None, max_per_action=None)

    plan = fenced(world(free), redeem("50"), subscribe("91"))

    assert blocked(plan) == [Reason.RESERVE_LIMIT]


def test_no_more_is_redeemed_than_is_verified() -> None:
    """X23."""
    twice = fenced(world(), redeem("30"), redeem("20.00000001"))
    unverified = replace(
        world(), holdings=replace(world().holdings, rows=(holding("50", verified=False),))
    )

    assert blocked(twice) == [Reason.HOLDING_UNVERIFIED]
    assert blocked(fenced(unverified, redeem("1"))) == [Reason.HOLDING_UNVERIFIED]
    for stranger in (redeem("1", "2"), redeem("1", earn_id="e2"), redeem("1", earn_id=None)):
        assert blocked(fenced(world(), stranger)) == [Reason.HOLDING_UNVERIFIED]


def test_limits_per_action_and_per_day_count_each_verb_by_itself() -> None:
    """S8, O2."""
    spent = world(sent_today={(USDT, Verb.SUBSCRIBE): dec(60), (USDT, Verb.REDEEM): dec(70)})

    plan = fenced(spent, subscribe("41"), subscribe("40"), redeem("31"), redeem("30"))

    assert plan.moves == (subscribe("40"), redeem("30"))
    assert blocked(plan) == [Reason.PER_DAY_LIMIT, Reason.PER_DAY_LIMIT]
    assert blocked(fenced(spent, subscribe("81"))) == [Reason.PER_ACTION_LIMIT]


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "-Infinity", "1E+300", "1E-200"])
def test_what_is_no_amount_is_blocked_and_can_still_be_told(amount: str) -> None:
    for move in (subscribe(amount), redeem(amount)):
        plan = fenced(world(), move)
        assert plan.moves == ()
        (hold,) = plan.holds
        assert hold.amount is None or hold.amount == 0
        assert amount in hold.detail["wanted"]


def test_a_coin_without_a_balance_has_nothing_to_subscribe() -> None:
    seen = replace(world(), strategy=Strategy({}, CoinStrategy()))

    assert blocked(fenced(seen, subscribe("1", BTC))) == [Reason.RESERVE_LIMIT]


def test_a_look_from_the_future_is_believed_as_far_as_the_clocks_may_differ() -> None:
    bounds = Bounds(max_clock_skew=timedelta(seconds=10))

    just = fenced(world(), redeem("1"), bounds=bounds, now=NOON - timedelta(seconds=10))
    beyond = fenced(world(), redeem("1"), bounds=bounds, now=NOON - timedelta(seconds=10.001))

    assert blocked(just) == []
    assert blocked(beyond) == [Reason.STALE_DATA]


@pytest.mark.parametrize(
    "cool",
    [
        {"coins": {(Verb.SUBSCRIBE, USDT): Until(NOON + timedelta(hours=1), 80004)}},
        {"products": {(Verb.SUBSCRIBE, FLEX): Until(NOON + timedelta(hours=1), 80004)}},
    ],
    ids=["coin", "product"],
)
def test_a_coin_or_a_product_that_cools_down_is_left_alone(cool: dict[str, object]) -> None:
    cooldowns = Cooldowns(**cool)  # type: ignore[arg-type]

    assert blocked(fenced(world(cooldowns=cooldowns), subscribe("1"))) == [Reason.COOLING_DOWN]
    assert blocked(fenced(world(cooldowns=cooldowns), redeem("1"))) == []


def refill(amount: str) -> Move:
    return replace(redeem(amount), reason=Reason.REFILL)


def test_a_refill_is_for_a_wallet_that_lacks_something() -> None:
    """100 lie idle."""
    for enough, reasons in (
        (None, []),
        (dec("100.00000001"), []),
        (dec(100), [Reason.REFILL_NOT_NEEDED]),
        (dec(50), [Reason.REFILL_NOT_NEEDED]),
    ):
        strategy = replace(STRATEGY, refill_to=enough)
        assert blocked(fenced(world(strategy), refill("1"))) == reasons
        other = replace(redeem("1"), reason=Reason.RATE_UNDER_FLOOR)
        assert blocked(fenced(world(strategy), other)) == []


def two_coins() -> Situation:
    """100 USDT and 100 BTC idle, 50 of each held."""
    seen = world()
    both = Strategy({USDT: STRATEGY, BTC: STRATEGY})
    balances = {**seen.snapshot.balances, BTC: Balance(BTC, dec(100), dec(0))}
    held = (holding("50"), holding("50", "2", coin=BTC))
    return replace(
        seen,
        strategy=both,
        snapshot=replace(seen.snapshot, balances=balances),
        holdings=replace(seen.holdings, rows=held),
    )


def test_each_coin_has_its_own_day_its_own_reserve_and_its_own_holding() -> None:
    """Of 100 a day and a reserve of 10 both coins use up what is theirs, and no more."""
    moves = (
        subscribe("80"),
        subscribe("80", BTC),
        redeem("30"),
        replace(redeem("30", "2", "e2"), coin=BTC),
    )
    small = (subscribe("10"), subscribe("10", BTC), redeem("20"))

    plan = fenced(two_coins(), *moves, *small, subscribe("0.1"), subscribe("0.1", BTC))

    assert plan.moves == (*moves, *small)
    assert blocked(plan) == [Reason.RESERVE_LIMIT, Reason.RESERVE_LIMIT]
    over = fenced(
        two_coins(), redeem("50"), redeem("0.1"), replace(redeem("50", "2", "e2"), coin=BTC)
    )
    assert blocked(over) == [Reason.HOLDING_UNVERIFIED]


def test_the_day_is_used_up_by_the_moves_before_in_the_same_plan() -> None:
    deep = replace(STRATEGY, reserve=dec(0), max_per_day=dec(90))
    three = (subscribe("30"), subscribe("30"), subscribe("30"))

    plan = fenced(world(deep), *three[:2], subscribe("30.00000001"), three[2])

    assert plan.moves == three
    assert blocked(plan) == [Reason.PER_DAY_LIMIT]


def test_a_holding_is_used_up_by_the_redeems_before_in_the_same_plan() -> None:
    """50 are held."""
    plan = fenced(world(), redeem("20"), redeem("20"), redeem("10.00000001"), redeem("10"))

    assert plan.moves == (redeem("20"), redeem("20"), redeem("10"))
    assert blocked(plan) == [Reason.HOLDING_UNVERIFIED]
