"""A history hour by hour, in whole numbers: what each product paid, took and gave back.

Money is put in and taken out at any moment of an hour, but only whole hours earn. So an hour is
open if there is any moment in it at which the product takes money, and what it pays is what its
terms say at its end, as the practice exchange has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from itertools import pairwise
from typing import Final

from earnd.domain.ids import ProductId
from earnd.domain.money import EXACT, ZERO, minus
from earnd.sandbox import ProductSpec
from earnd.sandbox.interest import yearly
from earnd.simulation.baselines import cap, most_in_all
from earnd.simulation.history import HOUR, HOURS_PER_YEAR, Terms
from earnd.simulation.world import Scene

AMOUNT_SCALE: Final = 10**18
RATE_SCALE: Final = 10**30
PER_YEAR: Final = AMOUNT_SCALE * RATE_SCALE * HOURS_PER_YEAR
"""An amount times a rate for an hour, divided by this, is coins."""

_ROUNDING_UP: Final = Context(prec=80, rounding=ROUND_CEILING)

Bands = tuple[tuple[int, int], ...]
"""Sizes with the rates on them, best first: the least falling staircase over what is paid."""


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of one product; `most` is what may be held after putting in during it."""

    bands: Bands
    is_open: bool
    may_leave: bool
    most: int


CLOSED: Final = Hour((), is_open=False, may_leave=False, most=0)
"""Before a product's first terms."""


@dataclass(frozen=True, slots=True)
class Course:
    """All hours of all products, and how much money there is to place."""

    product_ids: tuple[str, ...]
    hours: tuple[tuple[Hour, ...], ...]
    """By product, then by hour; equal hours of a product are the same object."""
    length: int
    money: int
    transit: int

    @property
    def is_plain(self) -> bool:
        """Whether every product takes all the money at one rate: then all of it goes one way."""
        return all(
            (not hour.is_open or hour.most >= self.money)
            and sum(size for size, _ in hour.bands) in {0, self.money}
            and len(hour.bands) <= 1
            for series in self.hours
            for hour in {id(hour): hour for hour in series}.values()
        )


def course_of(scene: Scene) -> Course:
    """The products that the strategy permits, hour by hour."""
    money = max(ZERO, most_in_all(scene))
    ids = [key for key in scene.history.names if scene.strategy.permits(ProductId(key))]
    return Course(
        product_ids=tuple(ids),
        hours=tuple(tuple(_hours(scene, key, money)) for key in ids),
        length=scene.hours,
        money=scaled(money, AMOUNT_SCALE),
        transit=scene.transit // HOUR,
    )


def scaled(value: Decimal, scale: int) -> int:
    """A number in whole parts, rounded up: what bounds from above must not be cut."""
    return int(_ROUNDING_UP.multiply(value, Decimal(scale)).to_integral_value(ROUND_CEILING))


def _hours(scene: Scene, product_id: str, money: Decimal) -> Iterator[Hour]:
    changes = scene.history.of_product(product_id)
    place = 0
    current: Terms | None = None
    made: dict[tuple[Terms, ...], Hour] = {(): CLOSED}
    for number in range(scene.hours):
        start = scene.begins + number * HOUR
        while place < len(changes) and changes[place].at <= start:
            current, place = changes[place].terms, place + 1
        seen = [] if current is None else [current]
        while place < len(changes) and changes[place].at < start + HOUR:
            current, place = changes[place].terms, place + 1
            seen.append(current)
        key = tuple(seen)
        if key not in made:
            made[key] = _hour(scene, product_id, key, money)
        yield made[key]


def _hour(scene: Scene, product_id: str, seen: tuple[Terms, ...], money: Decimal) -> Hour:
    own = cap(scene.strategy.max_per_product, scene)
    takes = [min(terms.maximum, own) for terms in seen if terms.takes_money]
    return Hour(
        bands=_bands(scene, seen[-1].spec(product_id, scene.coin), money),
        is_open=bool(takes),
        may_leave=any(terms.may_leave for terms in seen),
        most=scaled(min(max(takes, default=ZERO), money), AMOUNT_SCALE),
    )


def _bands(scene: Scene, spec: ProductSpec, money: Decimal) -> Bands:
    """The least falling staircase over what is paid up to all the money.

    With falling tiers it is what is paid; where they rise, or are paid on all of the amount, it
    is more than can be had, and what is reckoned with it is a bound.
    """
    corners: list[tuple[Decimal, Decimal]] = [(ZERO, ZERO)]
    for amount, earns in sorted(_corners(scene, spec, money).items()):
        while len(corners) > 1 and _slope(corners[-2], (amount, earns)) >= _slope(
            corners[-2], corners[-1]
        ):
            corners.pop()
        corners.append((amount, earns))
    return tuple(
        (scaled(minus(after[0], before[0]), AMOUNT_SCALE), rate)
        for before, after in pairwise(corners)
        if (rate := scaled(_slope(before, after), RATE_SCALE)) > 0
    )


def _corners(scene: Scene, spec: ProductSpec, money: Decimal) -> dict[Decimal, Decimal]:
    """What is earned a year wherever the rate changes, and by all the money."""
    settings = scene.settings()
    ends = [tier.maximum for tier in spec.tiers if tier.maximum < money]
    found = {amount: yearly(spec, amount, settings) for amount in (*ends, money) if amount}
    if settings.tier_rule == "whole":
        for before, after in pairwise(spec.tiers):
            if before.maximum < money:
                # Just above the edge the next rate is paid on everything.
                rate = EXACT.add(after.apy, spec.additional_apy)
                jump = EXACT.multiply(before.maximum, rate)
                found[before.maximum] = max(found[before.maximum], jump)
    return found


def _slope(left: tuple[Decimal, Decimal], right: tuple[Decimal, Decimal]) -> Decimal:
    return _ROUNDING_UP.divide(minus(right[1], left[1]), minus(right[0], left[0]))
