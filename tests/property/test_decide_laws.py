from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import event, given
from hypothesis import strategies as st

from earnd.domain.action import Verb
from earnd.domain.decide import decide
from earnd.domain.ids import ProductId
from earnd.domain.limits import Bounds, enforce
from earnd.domain.money import Rate, floor_to
from earnd.domain.product import Product, Tier
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.strategy import CoinStrategy, Mode, Need, Rotation, Share, TierRule
from tests.support.world import NOON, USDT, holding, one_cycle, situation

UNITS = st.integers(0, 4000).map(lambda number: Decimal(number) / 4)
RATES = st.integers(0, 12).map(lambda number: Rate(Decimal(number).scaleb(-2)))


@st.composite
def offers(draw: st.DrawFn, product_id: str) -> Product:
    """A product with or without tiers; a maximum may be less than its minimum."""
    edges = [0, *sorted(draw(st.sets(st.integers(1, 1000), min_size=1, max_size=3)))]
    has_tiers = draw(st.booleans())
    tiers = tuple(
        Tier(Decimal(lower), Decimal(upper), draw(RATES)) for lower, upper in pairwise(edges)
    )
    return Product(
        product_id=ProductId(product_id),
        coin=USDT,
        rate=draw(RATES),
        additional_rate=draw(RATES),
        minimum=draw(st.sampled_from(["0", "0.5", "10", "120"]).map(Decimal)),
        maximum=Decimal(draw(st.integers(0, 2000))),
        tiers=tiers if has_tiers else (),
        has_tiers=has_tiers,
    )


ROTATIONS = st.builds(
    Rotation,
    on=st.booleans(),
    horizon=st.sampled_from([timedelta(days=1), timedelta(days=14)]),
    move_cost=st.sampled_from([None, timedelta(0), timedelta(hours=6)]),
    min_gain=st.sampled_from(["0", "0.5"]).map(Decimal),
    # There is no past in these worlds, so that a proof of more than nothing is never had.
    proof=st.sampled_from(["0", "0", "1"]).map(Decimal),
)
NEEDS = st.builds(
    Need,
    UNITS.map(lambda amount: amount + 1),
    st.integers(-50, 50).map(lambda hours: NOON + timedelta(hours=hours, minutes=1)),
)


@st.composite
def strategies(draw: st.DrawFn, *, limited: bool) -> CoinStrategy:
    """One that the configuration would admit."""
    floor, more = draw(RATES), draw(RATES)
    below = draw(st.none() | UNITS)
    extra = draw(UNITS)
    least = draw(st.sampled_from(["0", "1", "25"]).map(Decimal))
    share = st.integers(1, 10).map(lambda tenth: Share(Decimal(tenth) / 10))
    limits = st.none() | UNITS.map(lambda amount: amount + least + 1)
    return CoinStrategy(
        mode=draw(st.sampled_from([Mode.ON, Mode.ON, Mode.REDEEM_ONLY])),
        reserve=draw(UNITS),
        min_move=least,
        min_apy=floor + more,
        redeem_below_apy=floor,
        refill_below=below,
        refill_to=None if below is None else below + extra,
        max_per_product=draw(limits | share),
        deny=draw(st.sampled_from([frozenset(), frozenset({ProductId("2")})])),
        precision=2,
        count_additional_apy=draw(st.booleans()),
        max_per_action=draw(limits) if limited else None,
        max_per_day=draw(limits) if limited else None,
        max_total=draw(st.none() | limits | share),
        tier_rule=draw(st.sampled_from(TierRule)),
        rotation=draw(ROTATIONS),
        needs=draw(st.lists(NEEDS, max_size=2).map(tuple)),
    )


@st.composite
def worlds(draw: st.DrawFn, *, limited: bool) -> Situation:
    """A wallet, up to three products and what is held in them or in one no longer listed."""
    listed = [draw(offers(str(number))) for number in range(1, draw(st.integers(0, 3)) + 1)]
    held = [
        holding(str(draw(UNITS)), str(number))
        for number in draw(st.sets(st.integers(1, 4), max_size=4))
    ]
    spent = draw(UNITS) if limited else Decimal(0)
    return situation(
        idle=str(draw(UNITS)),
        offers=listed,
        held=held,
        strategy=draw(strategies(limited=limited)),
        sent_today={(USDT, verb): spent for verb in Verb},
        fresh_interest=str(draw(UNITS)),
    )


HAVE_TO = {Reason.REFILL, Reason.NEED, Reason.RATE_UNDER_FLOOR}
"""Why money comes home whatever else it could earn."""


def strategy_of(seen: Situation) -> CoinStrategy:
    """What is wanted of the one coin."""
    found = seen.strategy.for_coin(USDT)
    assert found is not None
    return found


def all_of(seen: Situation) -> Decimal:
    """What there is of the coin, idle and placed."""
    return seen.available(USDT) + sum((row.amount for row in seen.holdings.rows), Decimal(0))


@given(worlds(limited=False))
def test_after_a_cycle_there_is_nothing_more_to_do(seen: Situation) -> None:
    """N14, S4: more only after something had to come home, which goes before what may move."""
    event(f"{len(decide(seen).moves)} moves")

    settled = one_cycle(seen)
    before = decide(seen)
    for _ in range(2):
        again = decide(settled)
        if again.moves:
            assert {move.reason for move in before.redeems()} & HAVE_TO
            assert {move.reason for move in again.redeems()} <= {*HAVE_TO, Reason.ROTATE}
            before, settled = again, one_cycle(settled)

    assert decide(settled).moves == ()
    assert decide(settled).holds


@given(worlds(limited=True))
def test_every_plan_of_the_strategy_passes_the_limits_and_keeps_what_is_to_stay_idle(
    seen: Situation,
) -> None:
    strategy = strategy_of(seen)
    plan = decide(seen)

    assert plan.moves or plan.holds
    subscribed = sum((move.amount for move in plan.subscribes()), Decimal(0))
    if plan.subscribes():
        assert seen.available(USDT) - subscribed >= strategy.keep_idle_at(NOON)
        assert strategy.mode is Mode.ON
    for move in plan.moves:
        assert move.amount > 0
        assert floor_to(move.amount, strategy.precision) == move.amount
        if move.verb is Verb.REDEEM:
            assert move.amount <= seen.holdings.in_product(move.product_id)
        else:
            assert strategy.permits(move.product_id)
            assert move.amount >= strategy.min_move
    allowed = enforce(plan, seen, Bounds(), NOON)
    if len(plan.redeems()) <= 1:
        assert allowed.moves == plan.moves


@given(worlds(limited=False))
def test_a_refill_brings_idle_to_its_mark_if_there_is_enough(seen: Situation) -> None:
    strategy = strategy_of(seen)
    if strategy.refill_below is None or strategy.refill_to is None:
        return

    first = {move.reason for move in decide(seen).redeems()}

    home = one_cycle(one_cycle(seen))

    everything = all_of(home)
    assert home.available(USDT) >= min(strategy.refill_below, everything)
    if first == {Reason.REFILL}:
        assert home.available(USDT) >= min(strategy.refill_to, everything)


@given(worlds(limited=True), st.integers(0, 3))
def test_a_product_that_disappears_is_never_left_for_its_rate(seen: Situation, kept: int) -> None:
    """X42."""
    strategy = strategy_of(seen)
    calm = replace(strategy, refill_below=None, refill_to=None, needs=())
    listed = seen.snapshot.products[:kept]
    seen = replace(
        seen,
        snapshot=replace(seen.snapshot, products=listed),
        strategy=replace(seen.strategy, coins={USDT: calm}),
    )

    left = {move.product_id for move in decide(seen).redeems()}

    assert left <= {offer.product_id for offer in listed}


@given(worlds(limited=True))
def test_money_is_neither_made_nor_lost_by_a_plan(seen: Situation) -> None:
    later = one_cycle(seen)

    assert all_of(later) == all_of(seen)
    assert later.available(USDT) >= 0
    assert all(row.amount >= 0 for row in later.holdings.rows)
