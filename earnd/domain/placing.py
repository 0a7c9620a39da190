"""Where the money of one coin should be: one optimum over what is idle and what is held.

Three answers to the same question are compared: where held money may not move, where it may move
for nothing, and where it pays the price. The first is done if moving does not pay; the second
tells whether there is anything better at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, Context, Decimal
from functools import cached_property

from earnd.domain.allocation import Allocation, Prepared, Question
from earnd.domain.curve import yearly
from earnd.domain.hindsight import YEAR, Staying, cost_of_staying
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import ROUNDING_DOWN, ZERO, floor_to, minus, total
from earnd.domain.product import Band
from earnd.domain.prospect import Prospect, bands_of
from earnd.domain.situation import Situation
from earnd.domain.strategy import DEFAULT_MOVE_COST, CoinStrategy

_PLACES = 12
"""Decimals of the price of moving as a fraction of the yield left behind, and of the fee."""


@dataclass(frozen=True)
class Placing:
    """The question of one coin with its answers.

    `spendable` is the idle money that may go. `lost` is what money that comes home would have to
    fill up before it could go out again: what is to stay idle and does not, and what is placed
    beyond `max_total`.
    """

    situation: Situation
    coin: Coin
    strategy: CoinStrategy
    among: Sequence[Prospect]
    precision: int
    spendable: Decimal
    lost: Decimal = ZERO

    @property
    def unit(self) -> Decimal:
        """The smallest amount that a request can name."""
        return Decimal(1).scaleb(-self.precision)

    @cached_property
    def held(self) -> Mapping[ProductId, Decimal]:
        """What is held now, in every product of the coin."""
        return {prospect.product_id: prospect.held for prospect in self.among}

    @cached_property
    def pinned(self) -> Allocation:
        """The best there is where held money stays."""
        return self._staying.best()

    @cached_property
    def entering(self) -> Mapping[ProductId, Decimal]:
        """What the best without moving puts into each product that it puts something into."""
        return self.enters(self.pinned)

    def pinned_without(self, product_id: ProductId) -> Allocation:
        """The same, where nothing is put into this product."""
        return self._staying.best(without=product_id)

    @cached_property
    def free(self) -> Allocation:
        """The best there would be if moving cost nothing."""
        return self._question(leave=True).best()

    @cached_property
    def priced(self) -> Allocation:
        """The best there is, the price of moving counted."""
        return self._question(leave=True, price=self.price, fee=self.fee).best()

    @cached_property
    def _staying(self) -> Prepared:
        return self._question(leave=False)

    def _question(self, *, leave: bool, price: Decimal = ZERO, fee: Decimal = ZERO) -> Prepared:
        options = [prospect.option(self.strategy, leave=leave) for prospect in self.among]
        placeable = total((*self.held.values(), self.spendable))
        if leave:
            placeable = minus(placeable, max(self.lost, self._waiting_interest))
        return Prepared(Question(options, placeable, self.unit, price, fee))

    @property
    def _waiting_interest(self) -> Decimal:
        """Idle interest that is too little to be put in anywhere by itself.

        It will be enough in some days. Held money is not moved to make it enough today: that
        would be done again with the interest of every other day.
        """
        left = minus(self.spendable, total(self.entering.values()))
        fresh = self.situation.fresh_interest.get(self.coin, ZERO)
        return left if left > ZERO and (left - fresh) * 10 <= fresh else ZERO

    @cached_property
    def _bands(self) -> Mapping[ProductId, Sequence[Band]]:
        return {prospect.product_id: prospect.bands for prospect in self.among}

    @cached_property
    def move_cost(self) -> timedelta:
        """How long moved money earns nothing: as told, else as measured, else a day."""
        told = self.strategy.rotation.move_cost
        return self.situation.move_cost.get(self.coin, DEFAULT_MOVE_COST) if told is None else told

    @property
    def price(self) -> Decimal:
        """The time on the way over the horizon: what leaving costs of the yield left behind.

        Rounded up, and the fee too: a rotation that only just pays back is none.
        """
        return _over(Decimal(self.move_cost // _SECOND), self.strategy.rotation.horizon)

    @property
    def fee(self) -> Decimal:
        """`min_gain` as a yearly amount."""
        yearly_gain = self.strategy.rotation.min_gain * (YEAR // _SECOND)
        return _over(yearly_gain, self.strategy.rotation.horizon)

    def leaves(self, found: Allocation) -> dict[ProductId, Decimal]:
        """What an answer takes out of each product that money is taken from."""
        return _positive({key: minus(self.held[key], found.targets[key]) for key in self.held})

    def enters(self, found: Allocation) -> dict[ProductId, Decimal]:
        """What an answer puts into each product that money is put into."""
        return _positive({key: minus(found.targets[key], self.held[key]) for key in self.held})

    def gain(self, found: Allocation) -> Decimal:
        """How much more a year an answer earns than staying, before the price."""
        return minus(found.yearly, self.pinned.yearly)

    def over_horizon(self, yearly_amount: Decimal) -> Decimal:
        """What a yearly amount comes to over the horizon."""
        seconds = Decimal(self.strategy.rotation.horizon // _SECOND)
        return floor_to(
            ROUNDING_DOWN.divide(yearly_amount * seconds, Decimal(YEAR // _SECOND)), self.precision
        )

    def cost(self, found: Allocation) -> Decimal:
        """What moving there costs once: the interest lost on the way, and the least gains."""
        left = self.leaves(found)
        lost = total(
            max(ZERO, minus(self.earns(key, self.held[key]), self.earns(key, found.targets[key])))
            for key in left
        )
        on_the_way = ROUNDING_DOWN.divide(
            lost * Decimal(self.move_cost // _SECOND), Decimal(YEAR // _SECOND)
        )
        fees = self.strategy.rotation.min_gain * len(left)
        return total((floor_to(on_the_way, self.precision), fees))

    def earns(self, product_id: ProductId, amount: Decimal) -> Decimal:
        """What an amount earns in a product in a year, by what is believed of it now."""
        return yearly(self._bands[product_id], self.strategy.tier_rule, amount)

    def needed(self, found: Allocation) -> Staying:
        """What staying must have cost, and how long an answer must have been better, to go there.

        With a proof under 1 only that part of either.
        """
        proof = self.strategy.rotation.proof
        part = min(proof, Decimal(1))
        seconds = int(Decimal(self.move_cost // _SECOND) * part)
        cost = ROUNDING_DOWN.multiply(self.cost(found), proof)
        return Staying(floor_to(cost, self.precision), timedelta(seconds=seconds))

    def proven(self, found: Allocation, needed: Staying) -> Staying:
        """What staying has cost so far, against an answer; looked for up to what is needed."""
        now = self.situation.now
        cost, better_for = cost_of_staying(
            self.pinned.targets,
            found.targets,
            self.situation.past,
            bands_of=lambda product: bands_of(product, self.strategy),
            rule=self.strategy.tier_rule,
            since=now - self.strategy.rotation.horizon,
            now=now,
            enough=needed,
        )
        return Staying(floor_to(cost, self.precision), better_for)


_SECOND = timedelta(seconds=1)
_ROUNDING_UP = Context(prec=60, rounding=ROUND_CEILING)


def _over(amount: Decimal, span: timedelta) -> Decimal:
    part = _ROUNDING_UP.divide(amount, Decimal(max(span, _SECOND) // _SECOND))
    return part.quantize(Decimal(1).scaleb(-_PLACES), context=_ROUNDING_UP)


def _positive(amounts: Mapping[ProductId, Decimal]) -> dict[ProductId, Decimal]:
    return {key: amount for key, amount in amounts.items() if amount > 0}
