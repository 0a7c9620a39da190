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
from earnd.domain.quarantine import Doubt, Oddity, Shrunk
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.snapshot import Balance, ServiceNotice
from earnd.domain.strategy import CoinStrategy, Mode, Need, Rotation, Share, Strategy
from tests.support.world import BTC, NOON, USDT, action, holding, product, situation

COINS = [USDT, BTC, Coin("DOGE")]
ORDINARY = st.integers(0, 200).map(Decimal)
ODD = st.sampled_from(
    ["-5", "0", "NaN", "sNaN", "Infinity", "1E+300", "1E-300", "0.000000000000000000001"]
).map(Decimal)
HOURS = st.integers(-48, 48).map(lambda hours: NOON + timedelta(hours=hours))
PRODUCTS = [ProductId(name) for name in "123"]
ASKED_FOR = (Reason.UNWIND, Reason.PROBE)
FOR_THE_RATE = (Reason.RATE_UNDER_FLOOR, Reason.ROTATE)
AMOUNTS = ORDINARY | ORDINARY | st.decimals() | ODD

SHARES = st.integers(1, 100).map(lambda part: Share(Decimal(part) / 100))
DOUBT = Doubt(Oddity.ZERO, NOON, 1, 3, NOON, product())


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any plan at all."""
    moves = draw(
        st.lists(
            st.builds(
                Move,
                st.sampled_from(Verb),
                st.sampled_from(COINS),
                st.sampled_from(PRODUCTS),
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
            max_total=draw(st.none() | ORDINARY | SHARES),
            needs=tuple(draw(st.lists(st.builds(Need, ORDINARY, HOURS), max_size=2))),
            rotation=Rotation(cool_down=timedelta(hours=draw(st.integers(0, 12)))),
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
    return replace(
        seen,
        snapshot=replace(seen.snapshot, balances=balances),
        in_transit=draw(st.sampled_from([{}, {USDT: Decimal(70)}])),
        doubts=draw(st.sampled_from([{}, {}, {PRODUCTS[0]: DOUBT}])),
        shrunk=draw(st.sampled_from([None, None, None, Shrunk(10, 4, NOON, NOON)])),
        by_person=draw(st.just({}) | st.dictionaries(st.sampled_from([USDT, BTC]), HOURS)),
        rotated_out=draw(st.dictionaries(st.sampled_from(PRODUCTS), HOURS, max_size=2)),
    )


def total(moves: list[Move]) -> Decimal:
    return sum((move.amount for move in moves), Decimal(0))


def needed(strategy: CoinStrategy) -> Decimal:
    """The needs from a day before their moment to a day after it."""
    day = timedelta(days=1)
    near = [need.amount for need in strategy.needs if need.by - day <= NOON < need.by + day]
    return sum(near, Decimal(0))


def placed(seen: Situation, coin: Coin) -> Decimal:
    return sum((row.amount for row in seen.holdings.of(coin)), Decimal(0))


def most(seen: Situation, strategy: CoinStrategy, coin: Coin) -> Decimal:
    """The most that may be put to work, before it is cut to the precision."""
    cap = strategy.max_total
    if isinstance(cap, Share):
        coming = seen.in_transit.get(coin, Decimal(0))
        return (seen.available(coin) + placed(seen, coin) + coming) * cap.fraction
    return Decimal("Infinity") if cap is None else cap


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
            kept = strategy.reserve + needed(strategy)
            assert seen.available(coin) - total(mine[Verb.SUBSCRIBE]) >= kept
            assert placed(seen, coin) + total(mine[Verb.SUBSCRIBE]) <= most(seen, strategy, coin)
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
def test_no_plan_acts_on_what_is_doubted_or_left_to_a_person(plan: Plan, seen: Situation) -> None:
    for move in enforce(plan, seen, Bounds(), NOON).moves:
        strategy = seen.strategy.for_coin(move.coin)
        assert strategy is not None
        enters = move.verb is Verb.SUBSCRIBE
        if move.product_id in seen.doubts:
            assert not enters
            assert move.reason not in FOR_THE_RATE
        if seen.shrunk is not None:
            assert not enters
            assert move.reason is not Reason.ROTATE
        if move.coin in seen.by_person and move.reason not in ASKED_FOR:
            assert seen.by_person[move.coin] + strategy.respect_person <= NOON
        if enters and move.product_id in seen.rotated_out:
            assert seen.rotated_out[move.product_id] + strategy.rotation.cool_down <= NOON
        if move.reason is Reason.NEED and not enters:
            assert seen.available(move.coin) < strategy.reserve + needed(strategy)


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
