"""What has to come home, whatever else it could earn: by a floor, a refill or a dated need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from earnd.domain.action import Verb
from earnd.domain.allocation import Question, allocate
from earnd.domain.curve import stays
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import NO_RATE, ZERO, floor_to, minus, plain, total
from earnd.domain.plan import Hold, Move
from earnd.domain.prospect import Prospect
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.strategy import CoinStrategy, Need, TierRule


@dataclass(frozen=True, slots=True)
class _Call:
    """So much is to be redeemed, and why."""

    amount: Decimal
    reason: Reason
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Homecoming:
    """The redeems of one coin that its thresholds demand; `steps` is the answer."""

    situation: Situation
    coin: Coin
    strategy: CoinStrategy
    among: Sequence[Prospect]
    precision: int

    @property
    def unit(self) -> Decimal:
        """The smallest amount that a request can name."""
        return Decimal(1).scaleb(-self.precision)

    def steps(self) -> Iterator[Move | Hold]:
        """First what pays too little, then what the wallet lacks."""
        leaving: dict[ProductId, Decimal] = {}
        for prospect in self.among:
            if prospect.held <= 0:
                continue
            if prospect.doubt is not None:
                yield prospect.doubt
                continue
            for step in self._leave(prospect):
                if isinstance(step, Move):
                    leaving[prospect.product_id] = step.amount
                yield step
        yield from self._fill_up(leaving)

    def _leave(self, prospect: Prospect) -> Iterator[Move | Hold]:
        """What earns less than the floor."""
        floor = self.strategy.redeem_below_apy
        if floor <= NO_RATE and self.strategy.tier_rule is TierRule.MARGINAL:
            return
        keep = stays(replace(prospect, exit=None).option(self.strategy), self.unit)
        amount = floor_to(minus(prospect.held, keep), self.precision)
        if amount <= 0:
            return
        detail = {
            "rate": str(prospect.rate_on(keep)),
            "redeem_below_apy": str(floor),
            "keep": plain(keep),
        }
        yield from redeem(self, prospect, amount, Reason.RATE_UNDER_FLOOR, detail)

    def _fill_up(self, leaving: Mapping[ProductId, Decimal]) -> Iterator[Move | Hold]:
        coming = self.situation.in_transit.get(self.coin, ZERO)
        if coming > 0:
            yield Hold(self.coin, Reason.IN_TRANSIT, amount=coming)
        idle = total((self.situation.available(self.coin), coming, *leaving.values()))
        calls = [call for call in (self._refill(idle), self._need(idle)) if call is not None]
        if calls:
            yield from self._bring(max(calls, key=lambda call: call.amount), leaving)

    def _refill(self, idle: Decimal) -> _Call | None:
        strategy = self.strategy
        if strategy.refill_below is None or strategy.refill_to is None:
            return None
        if floor_to(minus(strategy.refill_below, idle), self.precision) <= 0:
            return None
        detail = {
            "idle": plain(idle),
            "refill_below": plain(strategy.refill_below),
            "refill_to": plain(strategy.refill_to),
        }
        return _Call(self._at_least(minus(strategy.refill_to, idle)), Reason.REFILL, detail)

    def _need(self, idle: Decimal) -> _Call | None:
        """What the needs lack whose moment is near; once it is past, what is idle is only kept."""
        due = due_needs(self.strategy, self.situation.now)
        if not due:
            return None
        wanted = total((self.strategy.reserve, *(need.amount for need in due)))
        if floor_to(minus(wanted, idle), self.precision) <= 0:
            return None
        detail = {
            "idle": plain(idle),
            "need": plain(total(need.amount for need in due)),
            "by": min(need.by for need in due).isoformat(),
        }
        return _Call(self._at_least(minus(wanted, idle)), Reason.NEED, detail)

    def _at_least(self, amount: Decimal) -> Decimal:
        return floor_to(max(amount, self.strategy.min_move), self.precision)

    def _bring(self, call: _Call, leaving: Mapping[ProductId, Decimal]) -> Iterator[Move | Hold]:
        """So much from where the least yield is lost; all there is where that is less."""
        rows = [
            prospect
            for prospect in self.among
            if floor_to(prospect.held, self.precision) > 0 and prospect.product_id not in leaving
        ]
        free = [prospect for prospect in rows if prospect.exit is None]
        # What is only doubted keeps its money as long as the rest is enough.
        calm = [prospect for prospect in free if prospect.doubt is None]
        enough = total(floor_to(prospect.held, self.precision) for prospect in calm)
        taken = self._cheapest(call.amount, calm if enough >= call.amount else free)
        for prospect, amount in taken:
            detail = dict(call.detail)
            if amount == prospect.held and total(part for _, part in taken) > call.amount:
                detail["whole"] = f"the rest would be under {plain(prospect.minimum)}"
            yield from redeem(self, prospect, amount, call.reason, detail)
        if total(amount for _, amount in taken) < call.amount:
            for prospect in rows:
                if prospect.exit is not None:
                    yield replace(prospect.exit, detail={**prospect.exit.detail, **call.detail})
        if not rows:
            reason = Reason.NOTHING_TO_REFILL_FROM
            yield Hold(self.coin, reason, amount=call.amount, detail=call.detail)

    def _cheapest(
        self, amount: Decimal, among: Sequence[Prospect]
    ) -> list[tuple[Prospect, Decimal]]:
        options = [
            replace(
                prospect,
                doubt=None,
            ).option(replace(self.strategy, min_move=ZERO), enter=False, floor=False)
            for prospect in among
        ]
        held = total(prospect.held for prospect in among)
        found = allocate(Question(options, max(ZERO, minus(held, amount)), self.unit))
        parts = (
            (
                prospect,
                floor_to(minus(prospect.held, found.targets[prospect.product_id]), self.precision),
            )
            for prospect in among
        )
        return [(prospect, part) for prospect, part in parts if part > 0]


def due_needs(strategy: CoinStrategy, now: datetime) -> list[Need]:
    """The needs that are to be brought home by now, and whose moment is still to come."""
    return [need for need in strategy.needs if need.by - strategy.need_lead <= now < need.by]


def redeem(
    home: Homecoming,
    prospect: Prospect,
    amount: Decimal,
    reason: Reason,
    detail: Mapping[str, str],
) -> Iterator[Move | Hold]:
    """The redeem itself, unless something stands in its way; never more than the limits let."""
    if prospect.exit is not None:
        told = {**detail, **prospect.exit.detail}
        yield replace(prospect.exit, amount=amount, detail=told)
        return
    strategy, coin = home.strategy, home.coin
    allowed, limit = amount, Reason.UNDER_MIN_MOVE
    if strategy.max_per_action is not None and strategy.max_per_action < allowed:
        allowed, limit = strategy.max_per_action, Reason.PER_ACTION_LIMIT
    if strategy.max_per_day is not None:
        sent = home.situation.sent_today.get((coin, Verb.REDEEM), ZERO)
        if minus(strategy.max_per_day, sent) < allowed:
            allowed, limit = minus(strategy.max_per_day, sent), Reason.PER_DAY_LIMIT
    allowed = floor_to(allowed, home.precision)
    is_forced = reason in (Reason.REFILL, Reason.NEED)
    if allowed <= 0 or (not is_forced and allowed < strategy.min_move):
        why = Reason.UNDER_MIN_MOVE if amount < strategy.min_move else limit
        yield Hold(coin, why, prospect.product_id, amount, detail)
        return
    yield Move(Verb.REDEEM, coin, prospect.product_id, allowed, reason, prospect.earn_id, detail)
