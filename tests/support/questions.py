"""Questions about the best allocation, with every feature that makes one hard, alone and together.

A feature that is not wished for is absent: without any, products are empty, their rates fall, and
water-filling is the answer. What was drawn is counted (`pytest --hypothesis-show-statistics`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from hypothesis import event
from hypothesis import strategies as st

from earnd.domain.allocation import Option, Question
from earnd.domain.ids import ProductId
from earnd.domain.money import EXACT, NO_RATE, ZERO, Rate, total
from earnd.domain.product import Band
from earnd.domain.strategy import TierRule


class Feature(StrEnum):
    """What makes a question hard, or just different."""

    MINIMUM = "a least purchase"
    ALL_OR_NOTHING = "a least purchase that is all the room there is"
    LEAST_OUT = "a least redemption"
    LEAST_LEFT = "a least remainder"
    RISING = "rising tiers"
    GAP = "a tier that pays nothing"
    WHOLE = "rates on the whole balance"
    HELD = "money held already"
    FEE = "a least gain of leaving"
    PRICE = "a price of leaving"
    DEAR = "a price that nothing pays back"
    FLOOR = "a rate to leave under"
    HURDLE = "a rate to enter at"
    OFF_GRID = "amounts finer than the unit"
    CEILING = "ceilings, under held too"
    NO_ENTRY = "closed for purchase"
    NO_LEAVING = "closed for redemption"
    FORCED = "less placeable than is held"
    NO_MONEY = "nothing idle"
    ENDLESS = "a last tier without an end"
    TIES = "few different rates"
    TWINS = "the same product twice"
    ZERO_RATE = "products that pay nothing"


NEEDS_HELD = frozenset(
    {
        Feature.LEAST_OUT,
        Feature.LEAST_LEFT,
        Feature.FEE,
        Feature.PRICE,
        Feature.DEAR,
        Feature.FLOOR,
        Feature.NO_LEAVING,
        Feature.FORCED,
    }
)

NOT_CONCAVE = frozenset(
    {
        Feature.MINIMUM,
        Feature.ALL_OR_NOTHING,
        Feature.LEAST_OUT,
        Feature.LEAST_LEFT,
        Feature.RISING,
        Feature.GAP,
        Feature.WHOLE,
        Feature.FEE,
    }
)
"""What ends the safety of water-filling; questions without these are concave."""

EVERY = frozenset(Feature)


@dataclass(frozen=True, slots=True)
class Scale:
    """The unit, how many of them the amounts are about, and how fine the rates are."""

    unit: Decimal
    size: int
    rate_places: int = 2


SMALL = Scale(Decimal(1), 9)
"""Small enough to try every plan."""

SCALES = (
    SMALL,
    Scale(Decimal(1), 1_000),
    Scale(Decimal("0.01"), 1_000_000, 4),
    Scale(Decimal("0.00000001"), 100_000_000_000, 4),
    Scale(Decimal("0.00000001"), 1_000_000_000_000_000, 6),
    Scale(Decimal("0.5"), 50, 3),
    Scale(Decimal(100), 40),
)


def wishes(among: frozenset[Feature] = EVERY) -> st.SearchStrategy[frozenset[Feature]]:
    """No feature, one alone, some, or all of them."""
    in_order = sorted(among)
    several = st.frozensets(st.sampled_from(in_order))
    alone = st.sampled_from(in_order).map(lambda feature: frozenset({feature}))
    two = st.frozensets(st.sampled_from(in_order), min_size=2, max_size=2)
    return st.one_of(several, alone, two, st.just(among), st.just(frozenset[Feature]()))


@dataclass(frozen=True, slots=True)
class _Drawer:
    """Draws the parts of one question."""

    draw: st.DrawFn
    scale: Scale
    features: frozenset[Feature]

    def has(self, feature: Feature) -> bool:
        """Whether this product shows the feature; most do, if it is wished for at all."""
        return feature in self.features and self.draw(st.integers(0, 3)) > 0

    def amount(self, least: int, most: int) -> Decimal:
        """About so many units; not always whole ones, if that is wished for."""
        units = Decimal(self.draw(st.integers(least, most)))
        if Feature.OFF_GRID in self.features:
            units += Decimal(self.draw(st.sampled_from((0, 0, 250, 999, 1)))).scaleb(-3)
        return EXACT.multiply(units, self.scale.unit)

    def rate(self) -> Rate:
        """From nothing to a little over 12 %."""
        if Feature.TIES in self.features:
            return Rate(Decimal(self.draw(st.sampled_from((2, 5)))).scaleb(-2))
        finest = 12 * 10 ** (self.scale.rate_places - 2)
        lowest = 0 if Feature.ZERO_RATE in self.features else 1
        return Rate(Decimal(self.draw(st.integers(lowest, finest))).scaleb(-self.scale.rate_places))

    def threshold(self) -> Rate:
        """A rate to leave under or to enter at, among those that are paid."""
        return Rate(Decimal(self.draw(st.integers(0, 9))).scaleb(-2))

    def bands(self) -> tuple[Band, ...]:
        """One to four; rates fall unless something else is wished for."""
        if self.has(Feature.ZERO_RATE) and self.draw(st.integers(0, 3)) == 0:
            return self.draw(st.sampled_from(((), (Band(ZERO, None, NO_RATE),))))
        rates = [self.rate() for _ in range(self.draw(st.integers(1, 4)))]
        if not self.has(Feature.RISING):
            rates.sort(reverse=True)
        if self.has(Feature.GAP) and len(rates) > 2:
            rates[self.draw(st.integers(0, len(rates) - 2))] = NO_RATE
        found, lower = [], ZERO
        for rate in rates:
            upper = EXACT.add(lower, self.amount(1, max(2, self.scale.size // 2)))
            found.append(Band(lower, upper, rate))
            lower = upper
        if self.has(Feature.ENDLESS):
            found[-1] = Band(found[-1].lower, None, found[-1].rate)
        return tuple(found)

    def option(self, name: str) -> Option:
        """One product."""
        size = self.scale.size
        bands = self.bands()
        is_held = bool(self.features & {Feature.HELD, *NEEDS_HELD})
        held = self.amount(0, size) if is_held and self.draw(st.integers(0, 3)) else ZERO
        ceiling = EXACT.add(held, self.amount(0, size))
        if self.has(Feature.CEILING):
            ceiling = self.amount(0, size)
        least_in = self.amount(0, size) if self.has(Feature.MINIMUM) else ZERO
        if self.has(Feature.ALL_OR_NOTHING):
            least_in = EXACT.subtract(max(held, ceiling), held)
        return Option(
            ProductId(name),
            bands,
            held=held,
            ceiling=ceiling,
            least_in=least_in,
            least_out=self.amount(0, size // 2) if self.has(Feature.LEAST_OUT) else ZERO,
            least_left=self.amount(0, size // 2) if self.has(Feature.LEAST_LEFT) else ZERO,
            may_enter=not (self.has(Feature.NO_ENTRY) and self.draw(st.booleans())),
            may_leave=not (self.has(Feature.NO_LEAVING) and self.draw(st.booleans())),
            hurdle=self.threshold() if self.has(Feature.HURDLE) else NO_RATE,
            floor=self.threshold() if self.has(Feature.FLOOR) else NO_RATE,
            rule=TierRule.WHOLE if self.has(Feature.WHOLE) else TierRule.MARGINAL,
        )

    def placeable(self, options: Sequence[Option]) -> Decimal:
        """All that is held and something idle, unless something else is wished for."""
        held = total(option.held for option in options)
        if self.has(Feature.FORCED):
            part = self.draw(st.sampled_from((0, 100, 400, 900, 999)))
            return EXACT.multiply(held, Decimal(part).scaleb(-3))
        if self.has(Feature.NO_MONEY):
            return held
        return EXACT.add(held, self.amount(0, self.scale.size * (len(options) + 2) // 2))

    def price(self) -> Decimal:
        """A fraction of the yield that is left behind."""
        if Feature.DEAR in self.features:
            return Decimal(1000)
        if Feature.PRICE in self.features:
            return self.draw(
                st.sampled_from(("0.003", "0.0714285714285714", "0.5", "1")).map(Decimal)
            )
        return ZERO

    def fee(self) -> Decimal:
        """So much of what a middling amount earns in a year."""
        if Feature.FEE not in self.features:
            return ZERO
        part = Decimal(self.draw(st.integers(1, 60))).scaleb(-3)
        return EXACT.multiply(part, EXACT.multiply(self.scale.unit, self.scale.size))


@st.composite
def questions(
    draw: st.DrawFn,
    *,
    least: int = 1,
    most: int = 8,
    among: frozenset[Feature] = EVERY,
    scales: Sequence[Scale] = SCALES,
) -> Question:
    """A question about `least` to `most` products."""
    drawer = _Drawer(draw, draw(st.sampled_from(scales)), draw(wishes(among)))
    count = draw(st.integers(least, most))
    options = [drawer.option(f"p{number}") for number in range(count)]
    if Feature.TWINS in drawer.features and count > 1:
        first = options[0]
        options[-1] = Option(
            ProductId(f"p{count - 1}"), first.bands, ceiling=first.ceiling, rule=first.rule
        )
    for feature in sorted(drawer.features):
        event(f"has {feature}")
    is_concave = not drawer.features & NOT_CONCAVE
    event("concave" if is_concave else "not concave")
    event(f"unit {drawer.scale.unit}")
    return Question(
        draw(st.permutations(options)),
        drawer.placeable(options),
        drawer.scale.unit,
        price=drawer.price(),
        fee=drawer.fee(),
    )


CONCAVE = EVERY - NOT_CONCAVE
