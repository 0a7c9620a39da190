"""Where the money of one coin earns most, the price of moving it counted: exactly.

One optimum over idle and held money together. See `allocate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from earnd.domain.curve import curve, yearly
from earnd.domain.ids import ProductId
from earnd.domain.money import EXACT, NO_RATE, ZERO, Rate
from earnd.domain.pouring import Item, Vessels
from earnd.domain.product import Band
from earnd.domain.strategy import TierRule


@dataclass(frozen=True, slots=True)
class Option:
    """One product as the allocation sees it.

    `bands` begin at zero, share their edges and pay nothing beyond the last. With the rule
    `whole` the rate of the band that the amount lies in is paid on all of it; a shared edge
    belongs to the lower band.

    Held may be: `held` as it is; more, by at least `least_in` and up to `ceiling`, if `may_enter`;
    less, by at least `least_out`, and then nothing (but for what is finer than the unit) or at
    least `least_left`, if `may_leave`. All changes are whole units.

    `hurdle`: no last part of what is put in may earn less than this a year. `floor`: no last part
    of what is held may earn less, as far as it can be brought home (see `earnd.domain.curve`).
    """

    product_id: ProductId
    bands: tuple[Band, ...]
    held: Decimal = ZERO
    ceiling: Decimal = ZERO
    least_in: Decimal = ZERO
    least_out: Decimal = ZERO
    least_left: Decimal = ZERO
    may_enter: bool = True
    may_leave: bool = True
    hurdle: Rate = NO_RATE
    floor: Rate = NO_RATE
    rule: TierRule = TierRule.MARGINAL


@dataclass(frozen=True, slots=True)
class Question:
    """All options of a coin, and how much may lie in them together.

    `unit` is the smallest amount that a request can name. `price` is what leaving costs, as a
    fraction of the yearly yield that is left behind: the time on the way over the horizon. `fee`
    is the least yearly gain that leaving one product must bring beyond that. What a floor forbids
    to stay leaves without a price.
    """

    options: Sequence[Option]
    placeable: Decimal
    unit: Decimal
    price: Decimal = ZERO
    fee: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Allocation:
    """The best there is: how much to hold in each product.

    `yearly` is what that earns in a year and `worth` the same less the price of moving there. If
    `exact` is false the search was cut short, and nothing better by more than `gap` a year exists.
    """

    targets: Mapping[ProductId, Decimal]
    yearly: Decimal
    worth: Decimal
    exact: bool = True
    gap: Decimal = ZERO


def allocate(question: Question) -> Allocation:
    """How much to hold in each product so that it is worth most.

    Answers a target for every option. The targets are admissible (see `Option`), and together at
    most `placeable`, unless what may not be left is more: then as much comes home as can.

    Water-filling. Every curve is replaced by the least falling staircase over it (its concave
    hull), and money is poured in where the next coin is worth most. No filling of the true curves
    is worth more than that, for the hull is nowhere under its curve and pouring is optimal on
    hulls: a coin poured elsewhere would be worth no more. So where the pouring ends on a piece of
    the true curve it is the answer, and with falling rates it always does. Where it ends on a
    bridge over a gap, that option is tried on either side of the bridge and on each piece beneath,
    and of these again, the most promising first, until no bound is above the best answer found:
    an exact search, finite because each step takes pieces away.

    Of equal answers the one that moves least is taken; then what is held already is filled first,
    then the smaller product id. Options with equal curves are filled in the order of their ids.

    The work grows with n log n on falling rates. The search is cut after `MOST_WORK` steps of
    pouring, about half a second; then the best answer so far is given with `exact` false and the
    `gap` to its bound. It keeps every rule but being proven the best.
    """
    return Prepared(question).best()


class Prepared:
    """A question made ready, so that asking what is best without one product costs little."""

    def __init__(self, question: Question) -> None:
        with localcontext(EXACT):
            self._options = sorted(question.options, key=lambda option: option.product_id)
            unit, price, fee = question.unit, question.price, question.fee
            self._vessels = Vessels(
                [Item(curve(option, unit, price, fee), option.held) for option in self._options]
            )
            held = sum((option.held for option in self._options), ZERO)
            # Only whole units move, so what is finer is of no use.
            more = question.placeable - held
            self._money = held + more - (more % unit + unit) % unit

    def best(self, *, without: ProductId | None = None) -> Allocation:
        """The allocation as `allocate` promises; nothing is put into the product `without`."""
        options = self._options
        shut = None
        if without is not None:
            shut = next(n for n, option in enumerate(options) if option.product_id == without)
        with localcontext(EXACT):
            filled = self._vessels.pour(self._money, shut)
            pairs = list(zip(options, filled.amounts, strict=True))
            return Allocation(
                targets={option.product_id: amount for option, amount in pairs},
                yearly=sum(
                    (
                        yearly(option.bands, option.rule, amount)
                        for option, amount in pairs
                        if amount
                    ),
                    ZERO,
                ),
                worth=filled.worth,
                exact=filled.exact,
                gap=filled.gap,
            )
