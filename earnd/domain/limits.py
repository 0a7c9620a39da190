"""The fence around the clever part: what no plan may do, whoever wrote it.

Deliberately plain. Each rule is one function; a blocked move becomes a hold that names its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from earnd.domain.action import Verb
from earnd.domain.ids import Coin
from earnd.domain.money import ROUNDING_DOWN, ZERO, floor_to, minus, plain, total
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.strategy import CoinStrategy, Mode, Share

_FOR_THE_RATE = (Reason.RATE_UNDER_FLOOR, Reason.ROTATE)


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits that hold for all coins, and whether a person has paused everything."""

    max_clock_skew: timedelta = timedelta(seconds=10)
    max_data_age: timedelta = timedelta(minutes=2)
    paused: bool = False


@dataclass(slots=True)
class _Spent:
    """What the moves let through so far take, beyond what the situation already counts."""

    wallet: dict[Coin, Decimal] = field(default_factory=dict)
    by_verb: dict[tuple[Coin, Verb], Decimal] = field(default_factory=dict)
    redeemed: dict[str, Decimal] = field(default_factory=dict)

    def add(self, move: Move) -> None:
        key = (move.coin, move.verb)
        self.by_verb[key] = total((self.by_verb.get(key, ZERO), move.amount))
        if move.verb is Verb.SUBSCRIBE:
            self.wallet[move.coin] = total((self.wallet.get(move.coin, ZERO), move.amount))
        else:
            already = self.redeemed.get(move.product_id, ZERO)
            self.redeemed[move.product_id] = total((already, move.amount))


@dataclass(frozen=True, slots=True)
class _Check:
    """One move, and all that a rule may look at."""

    move: Move
    situation: Situation
    strategy: CoinStrategy
    bounds: Bounds
    spent: _Spent
    now: datetime


_Rule = Callable[[_Check], Reason | None]


def enforce(plan: Plan, situation: Situation, bounds: Bounds, now: datetime) -> Plan:
    """The plan without the moves that break a limit, each of those as a hold with its reason."""
    spent = _Spent()
    moves: list[Move] = []
    holds: list[Hold] = list(plan.holds)
    for move in plan.moves:
        reason = _objection(move, situation, bounds, spent, now)
        if reason is None:
            spent.add(move)
            moves.append(move)
        else:
            holds.append(_blocked(move, reason))
    return Plan(tuple(moves), tuple(holds))


def _blocked(move: Move, reason: Reason) -> Hold:
    """The move as a hold; a number that no request could carry is told but not left undone."""
    amount, wanted = move.amount, str(move.amount)
    if _is_amount(amount):
        wanted = plain(amount)
    detail = {**move.detail, "wanted": f"{move.verb.value} {wanted}"}
    return Hold(move.coin, reason, move.product_id, amount if _is_amount(amount) else None, detail)


def _is_amount(value: Decimal) -> bool:
    """Whether the API's plain digits can write it."""
    try:
        plain(value)
    except ValueError:
        return False
    return True


def _objection(
    move: Move, situation: Situation, bounds: Bounds, spent: _Spent, now: datetime
) -> Reason | None:
    strategy = situation.strategy.for_coin(move.coin)
    if strategy is None:
        return Reason.COIN_NOT_MANAGED
    check = _Check(move, situation, strategy, bounds, spent, now)
    return next((reason for rule in _RULES if (reason := rule(check)) is not None), None)


def _is_paused(check: _Check) -> Reason | None:
    return Reason.PAUSED if check.bounds.paused else None


def _in_maintenance(check: _Check) -> Reason | None:
    return Reason.MAINTENANCE if check.situation.snapshot.maintenance else None


def _clock_is_off(check: _Check) -> Reason | None:
    skew = timedelta(milliseconds=abs(check.situation.snapshot.clock_skew_ms))
    return Reason.CLOCK_SKEW if skew > check.bounds.max_clock_skew else None


def _data_is_old(check: _Check) -> Reason | None:
    age = check.now - check.situation.snapshot.seen_at
    # A look from the future means that the clock was set back; it is as good as an old one.
    stale = age > check.bounds.max_data_age or age < -check.bounds.max_clock_skew
    return Reason.STALE_DATA if stale else None


def _mode_forbids(check: _Check) -> Reason | None:
    if check.strategy.mode is Mode.HOLD:
        return Reason.MODE_HOLD
    if check.strategy.mode is Mode.REDEEM_ONLY and check.move.verb is Verb.SUBSCRIBE:
        return Reason.MODE_REDEEM_ONLY
    return None


def _coin_is_busy(check: _Check) -> Reason | None:
    return Reason.OPEN_ACTION if check.move.coin in check.situation.busy else None


def _coin_drifts(check: _Check) -> Reason | None:
    drifts = check.move.coin in check.situation.holdings.drift
    return Reason.HOLDING_UNVERIFIED if drifts else None


def _cools_down(check: _Check) -> Reason | None:
    move = check.move
    until = check.situation.cooldowns.on(move.verb, move.coin, move.product_id)
    return None if until is None else Reason.COOLING_DOWN


def _by_person(check: _Check) -> Reason | None:
    """Who moves money by hand has a reason; what a person asks earnd for is not against it."""
    at = check.situation.by_person.get(check.move.coin)
    if at is None or check.move.reason in (Reason.UNWIND, Reason.PROBE):
        return None
    return Reason.MOVED_BY_PERSON if check.now < at + check.strategy.respect_person else None


def _is_doubted(check: _Check) -> Reason | None:
    """Nobody enters on an odd reading, and nobody leaves on one; money that is needed may leave."""
    move = check.move
    rests_on_rate = move.verb is Verb.SUBSCRIBE or move.reason in _FOR_THE_RATE
    doubted = move.product_id in check.situation.doubts
    return Reason.QUARANTINED if doubted and rests_on_rate else None


def _list_is_doubted(check: _Check) -> Reason | None:
    """What is best among a few products says nothing about the best of all of them."""
    compares = check.move.verb is Verb.SUBSCRIBE or check.move.reason is Reason.ROTATE
    return Reason.LIST_SHRUNK if check.situation.shrunk is not None and compares else None


def _was_just_left(check: _Check) -> Reason | None:
    at = check.situation.rotated_out.get(check.move.product_id)
    if at is None or check.move.verb is not Verb.SUBSCRIBE:
        return None
    return Reason.JUST_LEFT if check.now < at + check.strategy.rotation.cool_down else None


def _is_no_amount(check: _Check) -> Reason | None:
    amount = check.move.amount
    return None if _is_amount(amount) and amount > 0 else Reason.NOTHING_IDLE


def _breaks_reserve(check: _Check) -> Reason | None:
    move = check.move
    if move.verb is not Verb.SUBSCRIBE:
        return None
    gone = total((check.spent.wallet.get(move.coin, ZERO), move.amount))
    left = minus(check.situation.available(move.coin), gone)
    if left < check.strategy.reserve:
        return Reason.RESERVE_LIMIT
    return Reason.KEPT_FOR_NEED if left < _reserved(check) else None


def _reserved(check: _Check) -> Decimal:
    """The reserve, with the needs of now on top of it."""
    return total((check.strategy.reserve, check.strategy.needed(check.now)))


def _refill_is_not_needed(check: _Check) -> Reason | None:
    """One odd reading of the wallet must not bring money home: the latest one decides."""
    enough: Decimal | None = None
    if check.move.reason is Reason.REFILL:
        enough = check.strategy.refill_to
    if check.move.reason is Reason.NEED:
        enough = _reserved(check)
    if enough is None:
        return None
    idle = check.situation.available(check.move.coin)
    return None if idle < enough else Reason.REFILL_NOT_NEEDED


def _exceeds_total(check: _Check) -> Reason | None:
    """A share is of all there is, with what a redeem is still bringing; cut, never raised."""
    cap, move, seen = check.strategy.max_total, check.move, check.situation
    if cap is None or move.verb is not Verb.SUBSCRIBE:
        return None
    placed = total(row.amount for row in seen.holdings.of(move.coin))
    if isinstance(cap, Share):
        coming = seen.in_transit.get(move.coin, ZERO)
        everything = total((seen.available(move.coin), placed, coming))
        part = ROUNDING_DOWN.multiply(everything, cap.fraction)
        cap = floor_to(part, seen.precision_of(move.coin))
    after = total((placed, check.spent.wallet.get(move.coin, ZERO), move.amount))
    return Reason.MAX_TOTAL if after > cap else None


def _exceeds_holding(check: _Check) -> Reason | None:
    move = check.move
    if move.verb is not Verb.REDEEM:
        return None
    asked = total((check.spent.redeemed.get(move.product_id, ZERO), move.amount))
    verified = total(
        row.amount
        for row in check.situation.holdings.of(move.coin)
        if row.product_id == move.product_id and row.earn_id == move.earn_id and row.verified
    )
    return Reason.HOLDING_UNVERIFIED if asked > verified else None


def _exceeds_action(check: _Check) -> Reason | None:
    cap = check.strategy.max_per_action
    return Reason.PER_ACTION_LIMIT if cap is not None and check.move.amount > cap else None


def _exceeds_day(check: _Check) -> Reason | None:
    cap = check.strategy.max_per_day
    if cap is None:
        return None
    key = (check.move.coin, check.move.verb)
    before = (check.situation.sent_today.get(key, ZERO), check.spent.by_verb.get(key, ZERO))
    return Reason.PER_DAY_LIMIT if total((*before, check.move.amount)) > cap else None


_RULES: Sequence[_Rule] = (
    _is_paused,
    _in_maintenance,
    _clock_is_off,
    _data_is_old,
    _mode_forbids,
    _coin_is_busy,
    _coin_drifts,
    _cools_down,
    _by_person,
    _is_doubted,
    _list_is_doubted,
    _was_just_left,
    _is_no_amount,
    _breaks_reserve,
    _refill_is_not_needed,
    _exceeds_total,
    _exceeds_holding,
    _exceeds_action,
    _exceeds_day,
)
