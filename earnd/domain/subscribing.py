"""The half of the strategy that puts idle money to work in one coin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from earnd.domain.action import Verb
from earnd.domain.cooldown import Cooldowns
from earnd.domain.filling import Offer, free_segments, place
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import EXACT, ROUNDING_DOWN, ZERO, Rate, floor_to, minus, plain, total
from earnd.domain.plan import Hold, Move
from earnd.domain.product import Product
from earnd.domain.reason import Reason
from earnd.domain.strategy import CoinStrategy, Mode, Share


@dataclass(frozen=True, slots=True)
class Subscribing:
    """What one coin's idle money should do; `steps` is the answer.

    `held` is what each product already has; `available` lies in the wallet.
    """

    coin: Coin
    strategy: CoinStrategy
    available: Decimal
    products: tuple[Product, ...]
    held: Mapping[ProductId, Decimal]
    cooldowns: Cooldowns
    fresh_interest: Decimal
    sent_today: Decimal

    def steps(self) -> list[Move | Hold]:
        """Subscribes, best rate first, and the holds that say why the rest stays."""
        spendable = minus(self.available, self.strategy.keep_idle)
        detail = {
            "available": plain(self.available),
            "reserve": plain(self.strategy.reserve),
            "keep_idle": plain(self.strategy.keep_idle),
        }
        if self.available <= 0:
            return [Hold(self.coin, Reason.NOTHING_IDLE, detail=detail)]
        if spendable <= 0:
            amount = self.available
            return [Hold(self.coin, Reason.KEPT_AS_RESERVE, amount=amount, detail=detail)]
        if self.strategy.mode is Mode.REDEEM_ONLY:
            amount = spendable
            return [Hold(self.coin, Reason.MODE_REDEEM_ONLY, amount=amount, detail=detail)]
        budget = self._budget(spendable)
        if budget <= 0:
            return [Hold(self.coin, Reason.PER_DAY_LIMIT, amount=spendable, detail=detail)]
        offers, holds = self._offers()
        placed = place(floor_to(budget, self.strategy.precision), offers)
        moves = self._moves(placed, offers)
        left = minus(spendable, total(move.amount for move in moves))
        if left > 0:
            detail["spendable"] = plain(spendable)
            reason = self._why_left(left, offers, holds, budget, moves)
            holds.append(Hold(self.coin, reason, amount=left, detail=detail))
        return [*moves, *holds]

    def _budget(self, spendable: Decimal) -> Decimal:
        if self.strategy.max_per_day is None:
            return spendable
        return min(spendable, minus(self.strategy.max_per_day, self.sent_today))

    def _offers(self) -> tuple[list[Offer], list[Hold]]:
        offers: list[Offer] = []
        holds: list[Hold] = []
        for product in sorted(self.products, key=lambda product: product.product_id):
            if not self.strategy.permits(product.product_id):
                continue
            obstacle = self._obstacle(product)
            if obstacle is not None:
                holds.append(obstacle)
                continue
            offers.append(self._offer(product))
        return offers, holds

    def _obstacle(self, product: Product) -> Hold | None:
        """What keeps money out of a product whatever it pays."""
        until = self.cooldowns.on(Verb.SUBSCRIBE, self.coin, product.product_id)
        if until is not None:
            detail = {"until": until.at.isoformat(), "code": str(until.code)}
            return Hold(self.coin, Reason.COOLING_DOWN, product.product_id, detail=detail)
        problem = product.tiers_problem()
        if problem is not None:
            return Hold(
                self.coin, Reason.TIERS_UNCLEAR, product.product_id, detail={"why": problem}
            )
        bands = product.bands(count_additional=self.strategy.count_additional_apy)
        highest = max((band.rate for band in bands), default=Rate(ZERO))
        if highest > self.strategy.max_credible_apy:
            detail = {
                "rate": str(highest),
                "max_credible_apy": str(self.strategy.max_credible_apy),
            }
            return Hold(self.coin, Reason.RATE_NOT_CREDIBLE, product.product_id, detail=detail)
        cap, least = self.strategy.max_per_action, self._least(product)
        if cap is not None and cap < least:
            detail = {"max_per_action": plain(cap), "least": plain(least)}
            return Hold(
                self.coin, Reason.MAX_PER_ACTION_TOO_SMALL, product.product_id, detail=detail
            )
        return None

    def _least(self, product: Product) -> Decimal:
        return max(product.minimum, self.strategy.min_move)

    def _offer(self, product: Product) -> Offer:
        held = self.held.get(product.product_id, ZERO)
        segments = free_segments(
            product.bands(count_additional=self.strategy.count_additional_apy),
            held,
            min(product.maximum, self._cap()),
            self.strategy.min_apy,
        )
        return Offer(product.product_id, segments, self._least(product), is_held=held > 0)

    def _cap(self) -> Decimal:
        """The most that the strategy lets one product hold."""
        cap = self.strategy.max_per_product
        if cap is None:
            return Decimal("Infinity")
        if isinstance(cap, Share):
            everything = total((self.available, *self.held.values()))
            with localcontext(ROUNDING_DOWN):
                return floor_to(everything * cap.fraction, self.strategy.precision)
        return cap

    def _moves(self, placed: Mapping[ProductId, Decimal], offers: list[Offer]) -> list[Move]:
        """The placings as moves, best rate first, each cut to what one action may carry."""
        moves = []
        by_id = {offer.product_id: offer for offer in offers}
        order = sorted(placed, key=lambda key: (-by_id[key].segments[0].rate.value, key))
        only_interest = self._is_only_interest()
        precision = self.strategy.precision
        for product_id in order:
            offer = by_id[product_id]
            amount = floor_to(self._in_one_action(placed[product_id], offer), precision)
            if amount <= 0 or amount < offer.least:
                continue
            reason = Reason.COMPOUND if only_interest else Reason.BEST_BAND
            moves.append(
                Move(
                    Verb.SUBSCRIBE,
                    self.coin,
                    product_id,
                    amount,
                    reason,
                    detail=self._detail(offer, amount),
                )
            )
        return moves

    def _in_one_action(self, amount: Decimal, offer: Offer) -> Decimal:
        """What one action carries of it, leaving enough for the next to be allowed at all."""
        cap = self.strategy.max_per_action
        if cap is None or amount <= cap:
            return amount
        rest = minus(amount, cap)
        short = max(ZERO, minus(offer.least, rest))
        return minus(cap, short) if minus(cap, short) >= offer.least else cap

    def _is_only_interest(self) -> bool:
        """Whether what can be moved is interest, but for dust: a tenth of it at most."""
        without = self.available - self.strategy.keep_idle - self.fresh_interest
        return self.fresh_interest > 0 and without * 10 <= self.fresh_interest

    def _detail(self, offer: Offer, amount: Decimal) -> dict[str, str]:
        with localcontext(EXACT):
            rates, left = [], amount
            for segment in offer.segments:
                if left <= 0:
                    break
                rates.append(f"{plain(min(left, segment.size))} at {segment.rate}")
                left -= segment.size
        detail = {"bands": "; ".join(rates), "held": plain(self.held.get(offer.product_id, ZERO))}
        if self.fresh_interest > 0:
            detail["fresh_interest"] = plain(self.fresh_interest)
        return detail

    def _why_left(
        self,
        left: Decimal,
        offers: list[Offer],
        holds: list[Hold],
        budget: Decimal,
        moves: list[Move],
    ) -> Reason:
        """Why `left` stays idle although the strategy would let it go."""
        if not offers:
            return holds[0].reason if holds else Reason.NO_PRODUCT
        moved = {move.product_id: move.amount for move in moves}
        unit = Decimal(1).scaleb(-self.strategy.precision)
        with_room = [
            offer for offer in offers if self._free(offer, moved) >= max(offer.least, unit)
        ]
        if not with_room:
            if self._is_next_under_min_apy(moved):
                return Reason.UNDER_MIN_APY
            return Reason.MAX_PER_PRODUCT if self._cap_binds(moved) else Reason.PRODUCTS_FULL
        least = max(unit, min(offer.least for offer in with_room))
        if left < least:
            below_own = left < max(unit, self.strategy.min_move)
            return Reason.UNDER_MIN_MOVE if below_own else Reason.UNDER_PRODUCT_MINIMUM
        if minus(budget, total(moved.values())) < least:
            return Reason.PER_DAY_LIMIT
        capped = self.strategy.max_per_action is not None
        return Reason.PER_ACTION_LIMIT if capped else Reason.NEXT_CYCLE

    def _cap_binds(self, moved: Mapping[ProductId, Decimal]) -> bool:
        """Whether a product has room at a rate that will do, but for `max_per_product`."""
        cap = self._cap()
        for product in self.products:
            held = total(source.get(product.product_id, ZERO) for source in (self.held, moved))
            rate = product.rate_on_next(held, count_additional=self.strategy.count_additional_apy)
            unit = Decimal(1).scaleb(-self.strategy.precision)
            is_capped = held + max(unit, self._least(product)) > cap
            is_open = self.strategy.permits(product.product_id) and held < product.maximum
            if is_capped and is_open and rate is not None and rate >= self.strategy.min_apy:
                return True
        return False

    def _free(self, offer: Offer, moved: Mapping[ProductId, Decimal]) -> Decimal:
        """What an offer would still take of what a request can carry."""
        room = minus(offer.room(), moved.get(offer.product_id, ZERO))
        return floor_to(room, self.strategy.precision)

    def _is_next_under_min_apy(self, moved: Mapping[ProductId, Decimal]) -> bool:
        """Whether every product with room left would pay less than the strategy asks for."""
        rates = [
            product.rate_on_next(
                total(source.get(product.product_id, ZERO) for source in (self.held, moved)),
                count_additional=self.strategy.count_additional_apy,
            )
            for product in self.products
            if self.strategy.permits(product.product_id)
        ]
        known = [rate for rate in rates if rate is not None]
        return bool(known) and all(rate < self.strategy.min_apy for rate in known)
