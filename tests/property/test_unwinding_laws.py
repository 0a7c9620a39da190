"""Unwinding in any world: all that is verified comes home, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import event, given
from hypothesis import strategies as st

from earnd.domain.action import State, Verb
from earnd.domain.answer import Consequence
from earnd.domain.cooldown import Cooldowns, Until
from earnd.domain.decide import decide
from earnd.domain.holdings import Holding
from earnd.domain.ids import Coin, ProductId
from earnd.domain.limits import Bounds, enforce
from earnd.domain.money import floor_to
from earnd.domain.plan import Plan
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.snapshot import Balance
from earnd.domain.strategy import CoinStrategy, Mode, Need, Strategy
from earnd.domain.unwinding import standing_of
from tests.support.world import BTC, NOON, USDT, action, after, holding, product, situation

COINS = (USDT, BTC, Coin("DOGE"))
AMOUNTS = st.decimals("0", "1000", places=4)
PLACES = st.integers(0, 4)
UNTIL = st.builds(
    Until, st.just(NOON + timedelta(hours=1)), st.just(80000), st.sampled_from(Consequence)
)


@st.composite
def strategies(draw: st.DrawFn) -> CoinStrategy:
    """One that would keep everything where it is."""
    return CoinStrategy(
        mode=draw(st.sampled_from(Mode)),
        reserve=draw(AMOUNTS),
        min_move=draw(AMOUNTS),
        needs=(Need(draw(AMOUNTS), NOON),),
        max_per_day=draw(st.none() | AMOUNTS),
        # At least a tenth of the most that is held, so that it takes few rounds.
        max_per_action=draw(st.none() | st.decimals("100", "2000", places=3)),
        precision=draw(PLACES),
    )


@st.composite
def rows(draw: st.DrawFn) -> list[Holding]:
    """Up to two holdings in each of three coins; some not verified, some without a position."""
    places = [(n, coin, p) for n, coin in enumerate(COINS) for p in range(draw(st.integers(0, 2)))]
    return [
        holding(
            str(draw(AMOUNTS)),
            f"{number}{place}",
            coin=coin,
            earn_id=draw(st.sampled_from(["e", "e", "e", None])),
            verified=draw(st.sampled_from([True, True, True, False])),
        )
        for number, coin, place in places
    ]


@st.composite
def worlds(draw: st.DrawFn) -> Situation:
    """Three coins of which any may be busy, adrift, resting, named by the strategy, or left."""
    held = draw(rows())
    strategy = Strategy(
        {coin: draw(strategies()) for coin in draw(st.sets(st.sampled_from(COINS)))},
        draw(st.none() | strategies()),
        draw(st.sampled_from(Mode)),
    )
    resting = draw(st.sets(st.sampled_from([f"{n}{p}" for n in range(3) for p in range(2)])))
    seen = situation(
        offers=[product(), product("2", "9%", coin=BTC)],
        held=held,
        strategy=strategy.unwinding(draw(st.none() | st.sets(st.sampled_from(COINS)))),
        busy={
            coin: action(verb=Verb.REDEEM, state=draw(st.sampled_from(State)), coin=coin)
            for coin in draw(st.sets(st.sampled_from(COINS), max_size=1))
        },
        drift=draw(st.sampled_from([{}, {}, {USDT: "it does not add up"}])),
        cooldowns=Cooldowns(
            products={(Verb.REDEEM, ProductId(name)): draw(UNTIL) for name in resting},
            coins=draw(st.dictionaries(st.just((Verb.REDEEM, BTC)), UNTIL, max_size=1)),
        ),
        sent_today={(coin, verb): draw(AMOUNTS) for coin in COINS for verb in Verb},
    )
    in_transit = draw(st.dictionaries(st.sampled_from(COINS), AMOUNTS, max_size=1))
    balances = {coin: Balance(coin, draw(AMOUNTS), Decimal(0)) for coin in COINS}
    by_person = dict.fromkeys(draw(st.sets(st.sampled_from(COINS))), NOON)
    snapshot = replace(seen.snapshot, balances=balances)
    return replace(seen, snapshot=snapshot, by_person=by_person, in_transit=in_transit)


def unwound(seen: Situation) -> tuple[Situation, int]:
    """The world after as many rounds as there is something to do, and how many those are."""
    rounds = 0
    while moves := enforce(decide(seen), seen, Bounds(), NOON).moves:
        seen = after(seen, Plan(moves, ()))
        rounds += 1
        assert rounds <= 11, "each round brings home all there is, or as much as one action may"
    return seen, rounds


def may_go(seen: Situation, row: Holding) -> bool:
    """Said anew and plainly: nothing doubts it, nothing rests, and somebody wants it home."""
    return (
        seen.strategy.leaves(row.coin)
        and row.verified
        and row.earn_id is not None
        and row.coin not in seen.busy
        and row.coin not in seen.holdings.drift
        and seen.cooldowns.on(Verb.REDEEM, row.coin, row.product_id) is None
    )


def of_coin(seen: Situation, coin: Coin) -> Decimal:
    held = sum((row.amount for row in seen.holdings.of(coin)), Decimal(0))
    return seen.available(coin) + held


@given(worlds())
def test_all_that_is_verified_comes_home_and_nothing_else_moves(seen: Situation) -> None:
    home, rounds = unwound(seen)
    event(f"{rounds} rounds")

    for before in seen.holdings.rows:
        (left,) = (row for row in home.holdings.rows if row.product_id == before.product_id)
        cut = floor_to(before.amount, seen.precision_of(before.coin))
        gone = cut if may_go(seen, before) else 0
        assert left.amount == before.amount - gone
    for coin in COINS:
        assert of_coin(home, coin) == of_coin(seen, coin)


@given(worlds())
def test_no_limit_has_anything_against_it_and_nothing_more_than_is_held_is_asked_for(
    seen: Situation,
) -> None:
    plan = decide(seen)

    assert enforce(plan, seen, Bounds(), NOON).moves == plan.moves
    for move in plan.moves:
        assert (move.verb, move.reason) == (Verb.REDEEM, Reason.UNWIND)
        assert 0 < move.amount <= seen.holdings.in_product(move.product_id)
        strategy = seen.strategy.for_coin(move.coin)
        assert strategy is not None
        assert strategy.max_per_action is None or move.amount <= strategy.max_per_action


@given(worlds())
def test_what_is_left_has_its_reason_and_what_is_home_stays_home(seen: Situation) -> None:
    home, _ = unwound(seen)

    plan = enforce(decide(home), home, Bounds(), NOON)
    standing = standing_of(home, plan)

    assert standing.moves == ()
    for row in home.holdings.rows:
        unit = Decimal(1).scaleb(-home.precision_of(row.coin))
        is_left = row.amount >= unit or not row.verified
        if home.strategy.leaves(row.coin) and is_left:
            assert not standing.is_home
            assert row.coin in {hold.coin for hold in standing.holds}
    coming = [coin for coin, amount in home.in_transit.items() if amount > 0]
    if any(home.strategy.leaves(coin) for coin in (*home.busy, *home.holdings.drift, *coming)):
        assert not standing.is_home
