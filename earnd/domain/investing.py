"""What becomes of a coin's money when nothing has to come home: idle money and held money.

Each move and each hold carries, as data, what else was possible and what kept it from being more:
`binding`, `runner_up`, `gap_per_year` (in the coin) and `gap_bp` (of the amount in question).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from earnd.domain.action import Verb
from earnd.domain.curve import curve
from earnd.domain.homecoming import Homecoming
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import ZERO, floor_to, minus, plain, total
from earnd.domain.placing import Placing
from earnd.domain.plan import Hold, Move
from earnd.domain.prospect import Prospect, part_of
from earnd.domain.reason import Reason
from earnd.domain.rotating import rotation
from earnd.domain.situation import Situation
from earnd.domain.strategy import CoinStrategy, Mode
from earnd.domain.telling import BINDING, bands_in_words, comparison, gap


@dataclass(frozen=True)
class Investing:
    """The moves and holds of one coin's money; `steps` is the answer."""

    situation: Situation
    coin: Coin
    strategy: CoinStrategy
    among: Sequence[Prospect]
    precision: int

    def steps(self) -> list[Move | Hold]:
        """Redeems for a rotation, or subscribes, best rate first; and why the rest stays."""
        spendable, kept = self._spendable
        placing = Placing(
            self.situation,
            self.coin,
            self.strategy,
            self.among,
            self.precision,
            spendable,
            max(ZERO, -self._idle, -self._room_in_total),
        )
        home = Homecoming(self.situation, self.coin, self.strategy, self.among, self.precision)
        turning = rotation(placing, home, budget=self._budget)
        if any(isinstance(step, Move) for step in turning):
            return turning
        return [*self._put_in(placing, kept), *turning]

    @property
    def unit(self) -> Decimal:
        """The smallest amount that a request can name."""
        return Decimal(1).scaleb(-self.precision)

    @cached_property
    def _budget(self) -> Decimal | None:
        """What may still be subscribed today; `None` without a limit."""
        if self.strategy.max_per_day is None:
            return None
        sent = self.situation.sent_today.get((self.coin, Verb.SUBSCRIBE), ZERO)
        return max(ZERO, minus(self.strategy.max_per_day, sent))

    @cached_property
    def _idle(self) -> Decimal:
        """What is idle beyond what is to stay."""
        keep = self.strategy.keep_idle_at(self.situation.now)
        return minus(self.situation.available(self.coin), keep)

    @cached_property
    def _detail(self) -> dict[str, str]:
        strategy, now = self.strategy, self.situation.now
        detail = {
            "available": plain(self.situation.available(self.coin)),
            "reserve": plain(strategy.reserve),
            "keep_idle": plain(strategy.keep_idle_at(now)),
        }
        if strategy.needed(now):
            detail["need"] = plain(strategy.needed(now))
        return detail

    @cached_property
    def _spendable(self) -> tuple[Decimal, Hold | None]:
        """How much idle money may go; and if none, the hold that says why."""
        available, strategy = self.situation.available(self.coin), self.strategy
        if available <= 0:
            return ZERO, self._kept(Reason.NOTHING_IDLE, None)
        if self._idle <= 0:
            for_need = strategy.needed(self.situation.now) > 0
            reason = Reason.KEPT_FOR_NEED if for_need else Reason.KEPT_AS_RESERVE
            return ZERO, self._kept(reason, available)
        if strategy.mode is Mode.REDEEM_ONLY:
            return ZERO, self._kept(Reason.MODE_REDEEM_ONLY, self._idle)
        shrunk = self.situation.shrunk
        if shrunk is not None:
            told = {"had": str(shrunk.had), "has": str(shrunk.has)}
            told["until"] = shrunk.until.isoformat()
            return ZERO, self._kept(Reason.LIST_SHRUNK, self._idle, told)
        if self._budget == ZERO:
            return ZERO, self._kept(Reason.PER_DAY_LIMIT, self._idle)
        if self._room_in_total <= 0:
            return ZERO, self._kept(Reason.MAX_TOTAL, self._idle)
        most = [self._idle, self._room_in_total]
        most += [] if self._budget is None else [self._budget]
        return floor_to(min(most), self.precision), None

    @cached_property
    def _room_in_total(self) -> Decimal:
        """How much more `max_total` lets be put to work."""
        most = part_of(self.strategy.max_total, self.situation, self.coin, self.precision)
        return most - total(prospect.held for prospect in self.among)

    def _kept(
        self, reason: Reason, amount: Decimal | None, more: Mapping[str, str] | None = None
    ) -> Hold:
        detail = {**self._detail, "binding": BINDING[reason], **(more or {})}
        return Hold(self.coin, reason, amount=amount, detail=detail)

    def _put_in(self, placing: Placing, kept: Hold | None) -> list[Move | Hold]:
        holds = [
            prospect.entry
            for prospect in self.among
            if prospect.permitted and prospect.entry is not None and not _is_told(prospect)
        ]
        if kept is not None:
            # Where something is held, what cannot be entered is why it does not move there.
            is_held = any(prospect.held > 0 for prospect in self.among)
            return [kept, *holds] if is_held else [kept]
        moves = self._moves(placing)
        left = minus(self._idle, total(move.amount for move in moves))
        if left > 0:
            reason = self._why_left(left, moves)
            detail = {"spendable": plain(self._idle), **self._beyond(moves)}
            holds.append(self._kept(reason, left, detail))
        return [*moves, *holds]

    def _moves(self, placing: Placing) -> list[Move]:
        """The placings as moves, best rate first, each cut to what one action may carry."""
        moves = []
        entering = placing.entering
        by_id = {prospect.product_id: prospect for prospect in self.among}
        order = sorted(entering, key=lambda key: (-_first_rate(by_id[key]), key))
        reason = Reason.COMPOUND if self._is_only_interest() else Reason.BEST_BAND
        for product_id in order:
            prospect = by_id[product_id]
            amount = floor_to(
                self._in_one_action(entering[product_id], prospect.least), self.precision
            )
            if amount <= 0 or amount < prospect.least:
                continue
            detail = {
                "bands": bands_in_words(prospect, amount),
                "held": plain(prospect.held),
                "binding": self._binds(prospect, amount, placing),
                **comparison(placing, product_id, amount),
            }
            fresh = self.situation.fresh_interest.get(self.coin, ZERO)
            if fresh > 0:
                detail["fresh_interest"] = plain(fresh)
            if self._detail["keep_idle"] != "0":
                detail["keep_idle"] = self._detail["keep_idle"]
            moves.append(Move(Verb.SUBSCRIBE, self.coin, product_id, amount, reason, detail=detail))
        return moves

    def _in_one_action(self, amount: Decimal, least: Decimal) -> Decimal:
        """What one action carries of it, leaving enough for the next to be allowed at all."""
        cap = self.strategy.max_per_action
        if cap is None or amount <= cap:
            return amount
        short = max(ZERO, minus(least, minus(amount, cap)))
        return minus(cap, short) if minus(cap, short) >= least else cap

    def _is_only_interest(self) -> bool:
        """Whether what can be moved is interest, but for dust: a tenth of it at most."""
        fresh = self.situation.fresh_interest.get(self.coin, ZERO)
        return fresh > 0 and (self._idle - fresh) * 10 <= fresh

    def _binds(self, prospect: Prospect, amount: Decimal, placing: Placing) -> str:
        """What keeps more from going into this product."""
        cap = self.strategy.max_per_action
        if cap is not None and amount >= cap:
            return "max_per_action"
        if minus(prospect.ceiling, prospect.held) < amount + self.unit:
            return prospect.full
        placed = total(placing.entering.values())
        if minus(placing.spendable, placed) >= self.unit:
            return "min_apy"
        if minus(self._idle, placing.spendable) < self.unit:
            return "money"
        budget = self._budget
        is_spent = budget is not None and minus(budget, placing.spendable) < self.unit
        return "max_per_day" if is_spent else "max_total"

    def _beyond(self, moves: Iterable[Move]) -> dict[str, str]:
        """Of what is left idle: the best rate that has room but is not taken."""
        there = {move.product_id: move.amount for move in moves}
        found = []
        for prospect in self.among:
            after = total((prospect.held, there.get(prospect.product_id, ZERO)))
            if prospect.permitted and prospect.rate_on(after).value > 0:
                found.append((prospect.rate_on(after).value, prospect.product_id))
        if not found:
            return {}
        rate, product_id = max(found)
        return {"runner_up": product_id, **gap(rate, ZERO, ZERO)}

    def _why_left(self, left: Decimal, moves: Sequence[Move]) -> Reason:
        """Why `left` stays idle although the strategy would let it go."""
        among = [prospect for prospect in self.among if prospect.is_open]
        if not among:
            told = [p.entry for p in self.among if p.permitted and p.entry is not None]
            return told[0].reason if told else Reason.NO_PRODUCT
        moved = {move.product_id: move.amount for move in moves}
        roomy = [
            prospect
            for prospect in among
            if minus(self._room(prospect), moved.get(prospect.product_id, ZERO))
            >= max(prospect.least, self.unit)
        ]
        if not roomy:
            return self._why_no_room(among, moved)
        least = max(self.unit, min(prospect.least for prospect in roomy))
        if left < least:
            below_own = left < max(self.unit, self.strategy.min_move)
            return Reason.UNDER_MIN_MOVE if below_own else Reason.UNDER_PRODUCT_MINIMUM
        gone = total(moved.values())
        if self._budget is not None and minus(self._budget, gone) < least:
            return Reason.PER_DAY_LIMIT
        if self._room_in_total - gone < least:
            return Reason.MAX_TOTAL
        capped = self.strategy.max_per_action is not None
        return Reason.PER_ACTION_LIMIT if capped else Reason.NEXT_CYCLE

    def _room(self, prospect: Prospect) -> Decimal:
        """What a product would still take at a rate that will do."""
        option = prospect.option(self.strategy, leave=False)
        most = max(piece.high for piece in curve(option, self.unit, ZERO, ZERO))
        return minus(most, prospect.held)

    def _why_no_room(self, among: Sequence[Prospect], moved: Mapping[ProductId, Decimal]) -> Reason:
        rates, is_capped = [], False
        for prospect in among:
            there = total((prospect.held, moved.get(prospect.product_id, ZERO)))
            rate = prospect.rate_on(there).value
            if there >= prospect.ceiling and prospect.full == "product_full":
                continue
            rates.append(rate)
            if there + max(self.unit, prospect.least) > prospect.ceiling:
                is_capped |= prospect.full == "max_per_product" and rate >= self._least_rate
        if rates and all(rate < self._least_rate or not rate for rate in rates):
            return Reason.UNDER_MIN_APY
        return Reason.MAX_PER_PRODUCT if is_capped else Reason.PRODUCTS_FULL

    @property
    def _least_rate(self) -> Decimal:
        return self.strategy.min_apy.value


def _is_told(prospect: Prospect) -> bool:
    """Whether what keeps money out has been said already of the money that is in."""
    entry, doubt = prospect.entry, prospect.doubt
    return entry is not None and doubt is not None and entry.reason is doubt.reason


def _first_rate(prospect: Prospect) -> Decimal:
    return prospect.rate_on(prospect.held).value
