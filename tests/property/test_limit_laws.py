from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.action import Verb
from earnd.domain.cooldown import Cooldowns, Until
from earnd.domain.ids import Coin, EarnId, ProductId
from earnd.domain.limits import Bounds, enforce
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.snapshot import Balance, ServiceNotice
from earnd.domain.strategy import CoinStrategy, Mode, Strategy
from tests.support.world import BTC, NOON, USDT, action, holding, situation

COINS = [USDT, BTC, Coin("DOGE")]
ORDINARY = st.integers(0, 200).map(Decimal)
ODD = st.sampled_from(
    ["-5", "0", "NaN", "sNaN", "Infinity", "1E+300", "1E-300", "0.000000000000000000001"]
).map(Decimal)
AMOUNTS = ORDINARY | ORDINARY | st.decimals() | ODD


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any plan at all."""
    moves = draw(
        st.lists(
            st.builds(
                Move,
                st.sampled_from(Verb),
                st.sampled_from(COINS),
                st.sampled_from("123").map(ProductId),
                AMOUNTS,
                st.sampled_from(Reason),
                st.sampled_from([None, EarnId("e1"), EarnId("e2")]),
            ),
            max_size=12,
        )
    )
    return Plan(tuple(moves), ())


@st.composite
def worlds(draw: st.DrawFn) -> Situation:
    """Two coins, of which one may be busy, frozen, on hold or limited."""
    strategies = {
        coin: CoinStrategy(
            mode=draw(st.sampled_from([Mode.ON, Mode.ON, *Mode])),
            reserve=draw(ORDINARY),
            max_per_action=draw(st.none() | ORDINARY),
            max_per_day=draw(st.none() | ORDINARY),
        )
        for coin in (USDT, BTC)
    }
    seen = situation(
        strategy=Strategy(strategies),
        held=[
            holding(str(draw(ORDINARY)), "1", verified=draw(st.booleans())),
            holding(str(draw(ORDINARY)), "2", coin=BTC),
        ],
        busy=draw(st.sampled_from([{}, {}, {BTC: action(coin=BTC)}])),
        drift=draw(st.sampled_from([{}, {}, {USDT: "it does not add up"}])),
        cooldowns=draw(
            st.sampled_from([Cooldowns(), Cooldowns(verbs={Verb.REDEEM: Until(NOON, 1)})])
        ),
        sent_today={(coin, verb): draw(ORDINARY) for coin in (USDT, BTC) for verb in Verb},
    )
    balances = {coin: Balance(coin, draw(ORDINARY), Decimal(0)) for coin in (USDT, BTC)}
    return replace(seen, snapshot=replace(seen.snapshot, balances=balances))


def total(moves: list[Move]) -> Decimal:
    return sum((move.amount for move in moves), Decimal(0))


@given(plans(), worlds())
def test_no_plan_breaks_a_limit(plan: Plan, seen: Situation) -> None:
    """O2."""
    allowed = enforce(plan, seen, Bounds(), NOON)

    for coin in COINS:
        mine = {
            verb: [move for move in allowed.moves if (move.coin, move.verb) == (coin, verb)]
            for verb in Verb
        }
        strategy = seen.strategy.for_coin(coin)
        if strategy is None or coin in seen.busy or coin in seen.holdings.drift:
            assert not any(mine.values())
            continue
        assert strategy.mode is not Mode.HOLD or not any(mine.values())
        assert strategy.mode is Mode.ON or not mine[Verb.SUBSCRIBE]
        if mine[Verb.SUBSCRIBE]:
            assert seen.available(coin) - total(mine[Verb.SUBSCRIBE]) >= strategy.reserve
        assert not (mine[Verb.REDEEM] and seen.cooldowns.verbs)
        for verb, moves in mine.items():
            assert all(move.amount > 0 for move in moves)
            if strategy.max_per_action is not None:
                assert all(move.amount <= strategy.max_per_action for move in moves)
            if strategy.max_per_day is not None and moves:
                assert seen.sent_today[coin, verb] + total(moves) <= strategy.max_per_day
        for row in seen.holdings.of(coin):
            taken = [move for move in mine[Verb.REDEEM] if move.product_id == row.product_id]
            assert total(taken) <= (row.amount if row.verified else 0)
            assert all(move.earn_id == row.earn_id for move in taken)
        known = {row.product_id for row in seen.holdings.of(coin)}
        assert {move.product_id for move in mine[Verb.REDEEM]} <= known


@given(plans(), worlds())
def test_nothing_is_lost_every_move_is_carried_out_or_held(plan: Plan, seen: Situation) -> None:
    before = Plan(plan.moves, (Hold(USDT, Reason.NOTHING_IDLE),))

    allowed = enforce(before, seen, Bounds(), NOON)

    blocked = list(plan.moves)
    for move in allowed.moves:
        index = next(at for at, wanted in enumerate(blocked) if wanted is move)
        del blocked[index]
    assert allowed.holds[0] == before.holds[0]
    told = [(hold.coin, hold.product_id) for hold in allowed.holds[1:]]
    assert told == [(move.coin, move.product_id) for move in blocked]
    assert all("wanted" in hold.detail for hold in allowed.holds[1:])


@given(plans(), worlds())
def test_what_passed_once_passes_again(plan: Plan, seen: Situation) -> None:
    once = enforce(plan, seen, Bounds(), NOON)

    assert enforce(once, seen, Bounds(), NOON) == once


@given(plans(), worlds(), st.sampled_from(["paused", "maintenance", "skew", "stale", "ahead"]))
def test_in_doubt_nothing_moves(plan: Plan, seen: Situation, doubt: str) -> None:
    """O6, K1."""
    bounds, now, snapshot = Bounds(paused=doubt == "paused"), NOON, seen.snapshot
    if doubt == "maintenance":
        snapshot = replace(snapshot, maintenance=(ServiceNotice("earn", "upgrade", None),))
    if doubt == "skew":
        snapshot = replace(snapshot, clock_skew_ms=10_001)
    if doubt == "stale":
        now += timedelta(minutes=3)
    if doubt == "ahead":
        now -= timedelta(minutes=3)

    allowed = enforce(plan, replace(seen, snapshot=snapshot), bounds, now)

    assert allowed.moves == ()
    assert len(allowed.holds) == len(plan.moves)
