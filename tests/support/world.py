"""Small worlds for the tests of the core: plain values, with defaults that are of no interest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from earnd.domain.action import Baseline, RecordedAction, State, Verb
from earnd.domain.attribution import AttributedTo, SeenRecord
from earnd.domain.cooldown import Cooldowns
from earnd.domain.decide import decide
from earnd.domain.holdings import Holding, Holdings
from earnd.domain.ids import ActionId, Coin, CycleId, EarnId, ProductId, RecordId, RequestNo
from earnd.domain.money import NO_RATE, Rate
from earnd.domain.plan import Plan
from earnd.domain.product import Product, Tier
from earnd.domain.situation import Situation
from earnd.domain.snapshot import (
    Balance,
    Position,
    Record,
    RecordKind,
    RecordStatus,
    Snapshot,
    SubscribeType,
)
from earnd.domain.strategy import CoinStrategy, Strategy

USDT = Coin("USDT")
BTC = Coin("BTC")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FLEX = ProductId("1")


def dec(text: str | int) -> Decimal:
    """A number as its digits say."""
    return Decimal(text)


def rate(text: str) -> Rate:
    """`5%` as a rate."""
    return Rate.from_percent(text)


def product(
    product_id: str = "1",
    paid: str = "5%",
    minimum: str = "1",
    maximum: str = "1000000",
    tiers: str = "",
    *,
    coin: Coin = USDT,
    additional: str = "0%",
) -> Product:
    """An offer; `tiers` like `0-500 @ 8%, 500-1000 @ 2%`, and `none` for an empty table."""
    return Product(
        product_id=ProductId(product_id),
        coin=coin,
        rate=rate(paid),
        additional_rate=rate(additional),
        minimum=dec(minimum),
        maximum=dec(maximum),
        tiers=tuple(_tier(part) for part in tiers.split(",")) if "@" in tiers else (),
        has_tiers=bool(tiers),
    )


def _tier(text: str) -> Tier:
    edges, _, paid = text.partition("@")
    lower, _, upper = edges.strip().partition("-")
    return Tier(dec(lower), dec(upper), rate(paid.strip()))


def holding(
    amount: str,
    product_id: str = "1",
    *,
    coin: Coin = USDT,
    earn_id: str | None = "e",
    verified: bool = True,
) -> Holding:
    """So much in one product, as established."""
    number = None if earn_id is None else EarnId(f"{earn_id}{product_id}")
    return Holding(coin, ProductId(product_id), number, dec(amount), verified)


def situation(
    *,
    idle: str = "0",
    offers: Iterable[Product] = (),
    held: Iterable[Holding] = (),
    strategy: CoinStrategy | Strategy | None = None,
    busy: Mapping[Coin, RecordedAction] | None = None,
    drift: Mapping[Coin, str] | None = None,
    cooldowns: Cooldowns | None = None,
    fresh_interest: str = "0",
    sent_today: Mapping[tuple[Coin, Verb], Decimal] | None = None,
) -> Situation:
    """What a decision about USDT rests on."""
    wanted = CoinStrategy() if strategy is None else strategy
    if isinstance(wanted, CoinStrategy):
        wanted = Strategy({USDT: wanted})
    return Situation(
        now=NOON,
        snapshot=Snapshot(
            seen_at=NOON,
            products=tuple(offers),
            positions=(),
            balances={USDT: Balance(USDT, dec(idle), dec(0))},
        ),
        holdings=Holdings(tuple(held), drift or {}, {}),
        strategy=wanted,
        busy=busy or {},
        cooldowns=cooldowns or Cooldowns(),
        fresh_interest={USDT: dec(fresh_interest)},
        sent_today=sent_today or {},
    )


def after(seen: Situation, plan: Plan) -> Situation:
    """The same world once the exchange has done what a plan asks for."""
    balances = dict(seen.snapshot.balances)
    rows = {(row.coin, row.product_id): row for row in seen.holdings.rows}
    for move in plan.moves:
        sign = 1 if move.verb is Verb.SUBSCRIBE else -1
        before = balances[move.coin]
        balances[move.coin] = replace(before, available=before.available - sign * move.amount)
        fresh = holding("0", move.product_id, coin=move.coin)
        row = rows.get((move.coin, move.product_id), fresh)
        rows[move.coin, move.product_id] = replace(row, amount=row.amount + sign * move.amount)
    return replace(
        seen,
        snapshot=replace(seen.snapshot, balances=balances),
        holdings=replace(seen.holdings, rows=tuple(rows.values())),
    )


def one_cycle(seen: Situation) -> Situation:
    """The world after redeems, another decision, and the subscribes of it: what a cycle does."""
    plan = decide(seen)
    if plan.redeems():
        seen = after(seen, Plan(plan.redeems(), ()))
        plan = decide(seen)
    return after(seen, Plan(plan.subscribes(), ()))


def action(
    amount: str = "100",
    verb: Verb = Verb.SUBSCRIBE,
    state: State = State.UNKNOWN,
    number: int = 1,
    *,
    sent_at: datetime | None = NOON,
    known_upto: int = 0,
    available: str = "1000",
    total: str | None = None,
    last_outcome: str | None = "unclear",
    absent_looks: tuple[datetime, ...] = (),
    product_id: str = "1",
    coin: Coin = USDT,
) -> RecordedAction:
    """An action that was sent at noon."""
    whole = None if total is None else dec(total)
    return RecordedAction(
        action_id=ActionId(number),
        cycle_id=CycleId(1),
        request_no=RequestNo(f"12345678{number:012d}"),
        verb=verb,
        product_id=ProductId(product_id),
        earn_id=None,
        coin=coin,
        amount=dec(amount),
        state=state,
        planned_at=NOON,
        since=NOON,
        baseline=Baseline(known_upto, dec(available), whole),
        attempts=1,
        first_sent_at=sent_at,
        last_sent_at=sent_at,
        last_outcome=last_outcome,
        absent_looks=absent_looks,
    )


def record(
    seq: int = 1,
    amount: str = "100",
    kind: RecordKind = RecordKind.SUBSCRIBE,
    minutes: int = 0,
    *,
    product_id: str = "1",
    coin: Coin = USDT,
    by: SubscribeType | None = None,
    number: int | None = None,
    status: RecordStatus | None = None,
    owner: AttributedTo | None = None,
) -> SeenRecord:
    """A row of the history, so many minutes after noon; `number` is an action's."""
    return SeenRecord(
        seq,
        Record(
            record_id=RecordId(f"r{seq}"),
            kind=kind,
            product_id=ProductId(product_id),
            coin=coin,
            amount=dec(amount),
            at=NOON + timedelta(minutes=minutes),
            subscribe_type=by,
            request_no=None if number is None else RequestNo(f"12345678{number:012d}"),
            status=status,
        ),
        owner,
    )


def position(product_id: str = "1", *, earn_id: str = "e1", amount: str | None = None) -> Position:
    """A row of the list of positions."""
    return Position(
        earn_id=EarnId(earn_id),
        product_id=ProductId(product_id),
        coin=USDT,
        rate=NO_RATE,
        additional_rate=NO_RATE,
        total_profit=dec(0),
        auto_subscribe=False,
        amount=None if amount is None else dec(amount),
    )
