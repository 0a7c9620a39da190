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
from earnd.domain.quarantine import Doubt, Oddity, Shrunk
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.snapshot import Balance, ServiceNotice
from earnd.domain.strategy import (
    NEED_HELD,
    CoinStrategy,
    Mode,
    Need,
    Rotation,
    Share,
    Strategy,
)
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
    seen = situation(idle="100", offers=[product()], held=[holding("50")], strategy=strategy)
    return replace(seen, **more)  # type: ignore[arg-type]


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


def adrift() -> Situation:
    seen = world()
    return replace(seen, holdings=replace(seen.holdings, drift={USDT: "x"}))


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
    assert blocked(fenced(adrift(), move)) == [Reason.HOLDING_UNVERIFIED]
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


FOR_THE_RATE = (Reason.RATE_UNDER_FLOOR, Reason.ROTATE)
HOUR = timedelta(hours=1)


SHORT = replace(STRATEGY, needs=(Need(dec(91), NOON + HOUR),))
"""Wants a little more to be idle than is, so that a need is a reason to redeem."""


def leave(reason: Reason, product_id: str = "1") -> Move:
    return replace(redeem("1", product_id, f"e{product_id}"), reason=reason)


def test_a_product_in_doubt_is_neither_entered_nor_left_for_its_rate() -> None:
    """Money that is needed, or that a person wants home, may leave."""
    doubt = Doubt(Oddity.ZERO, NOON - HOUR, 1, 3, NOON + 3 * HOUR, product())
    there, elsewhere = {FLEX: doubt}, {ProductId("2"): doubt}

    assert blocked(fenced(world(doubts=there), subscribe("1"))) == [Reason.QUARANTINED]
    assert blocked(fenced(world(doubts=elsewhere), subscribe("1"))) == []
    for reason in Reason:
        expected = [Reason.QUARANTINED] if reason in FOR_THE_RATE else []
        assert blocked(fenced(world(SHORT, doubts=there), leave(reason))) == expected
        assert blocked(fenced(world(SHORT, doubts=elsewhere), leave(reason))) == []


def test_while_the_list_is_in_doubt_nothing_rests_on_comparing_its_products() -> None:
    shrunk = Shrunk(10, 4, NOON - HOUR, NOON + 3 * HOUR)

    assert blocked(fenced(world(shrunk=shrunk), subscribe("1"))) == [Reason.LIST_SHRUNK]
    for reason in Reason:
        expected = [Reason.LIST_SHRUNK] if reason is Reason.ROTATE else []
        assert blocked(fenced(world(SHORT, shrunk=shrunk), leave(reason))) == expected


def test_what_a_person_moved_is_left_alone_for_as_long_as_the_strategy_says() -> None:
    strategy = replace(STRATEGY, respect_person=2 * HOUR)
    moved = replace(world(strategy), by_person={USDT: NOON - HOUR})
    asked = (Reason.UNWIND, Reason.PROBE)

    assert blocked(fenced(moved, subscribe("1"))) == [Reason.MOVED_BY_PERSON]
    for reason in Reason:
        expected = [] if reason in asked else [Reason.MOVED_BY_PERSON]
        assert blocked(fenced(moved, leave(reason))) == expected
    assert blocked(fenced(moved, replace(subscribe("1"), reason=Reason.PROBE))) == []
    over = replace(moved, by_person={USDT: NOON - 2 * HOUR, BTC: NOON})
    assert blocked(fenced(over, subscribe("1"), redeem("1"))) == []


def test_nothing_is_put_back_where_money_was_rotated_out_a_while_ago() -> None:
    strategy = replace(STRATEGY, rotation=Rotation(cool_down=2 * HOUR))
    left = replace(world(strategy), rotated_out={FLEX: NOON - HOUR})
    over = replace(left, rotated_out={FLEX: NOON - 2 * HOUR, ProductId("2"): NOON})

    assert blocked(fenced(left, subscribe("1"))) == [Reason.JUST_LEFT]
    assert blocked(fenced(left, redeem("1"))) == []
    assert blocked(fenced(over, subscribe("1"))) == []


def test_needs_that_are_near_stay_idle_on_top_of_the_reserve() -> None:
    """100 idle, 10 reserve, and 20 and 30 wanted."""
    lead = timedelta(hours=6)
    free = replace(STRATEGY, need_lead=lead, max_per_day=None)

    def kept(*needs: Need) -> list[Reason]:
        seen = world(replace(free, needs=needs))
        return blocked(fenced(seen, subscribe("40"), subscribe("0.00000001")))

    assert kept(Need(dec(20), NOON), Need(dec(30), NOON + lead)) == [Reason.KEPT_FOR_NEED]
    for past in (NOON + lead + timedelta(microseconds=1), NOON - NEED_HELD):
        assert kept(Need(dec(20), NOON), Need(dec(30), past)) == []
    seen = world(replace(free, needs=(Need(dec(20), NOON),)))
    assert blocked(fenced(seen, subscribe("80"))) == [Reason.KEPT_FOR_NEED]
    for_reserve = replace(free, max_per_action=None)
    assert blocked(fenced(world(for_reserve), subscribe("91"))) == [Reason.RESERVE_LIMIT]


def test_a_need_is_brought_home_for_a_wallet_that_lacks_something() -> None:
    """100 lie idle, 10 are the reserve."""
    for amount, reasons in (("90.00000001", []), ("90", [Reason.REFILL_NOT_NEEDED])):
        strategy = replace(STRATEGY, needs=(Need(dec(amount), NOON + HOUR),))
        assert blocked(fenced(world(strategy), leave(Reason.NEED))) == reasons
        assert blocked(fenced(world(strategy), leave(Reason.ROTATE))) == []


def test_no_more_than_max_total_is_put_to_work_in_all() -> None:
    """50 are held."""
    free = replace(STRATEGY, reserve=dec(0), max_per_day=None, max_total=dec(120))

    plan = fenced(world(free), subscribe("40"), subscribe("30.00000001"), subscribe("30"))

    assert plan.moves == (subscribe("40"), subscribe("30"))
    assert blocked(plan) == [Reason.MAX_TOTAL]
    # What a redeem of the same plan will take out is still in there.
    assert blocked(fenced(world(free), redeem("50"), subscribe("71"))) == [Reason.MAX_TOTAL]
    assert blocked(fenced(world(replace(free, max_total=dec(10))), redeem("1"))) == []


def test_a_share_of_all_there_is_counts_what_is_idle_held_and_on_its_way() -> None:
    """100 idle, 50 held and 16.66666667 on its way make 166.66666667; 60 % of it is cut to 100."""
    part = Share(dec("0.6"))
    free = replace(STRATEGY, reserve=dec(0), max_per_day=None, max_total=part)
    seen = replace(world(free), in_transit={USDT: dec("16.66666667"), BTC: dec(1)})

    assert blocked(fenced(seen, subscribe("50"))) == []
    assert blocked(fenced(seen, subscribe("50.00000001"))) == [Reason.MAX_TOTAL]
    assert blocked(fenced(world(free), subscribe("40.00000001"))) == [Reason.MAX_TOTAL]
    coarse = replace(free, precision=0, max_total=Share(dec("0.61")))
    assert blocked(fenced(world(coarse), subscribe("41"))) == []
    assert blocked(fenced(world(coarse), subscribe("41.5"))) == [Reason.MAX_TOTAL]
