"""The most that could have been earned by who knew all rates and paid the same price of moving.

Money goes through the hours of the history along paths: in the wallet, in a product, on its way.
What leaves a product in an hour does not earn in it, is on its way for `transit - 1` hours more,
and what is put in begins to earn with the next hour; so the practice exchange has it.

Money has no least part here, products no minimum, and the strategy no wish but what it keeps idle,
which products it permits and how much they may hold. So no run can earn more. It is exact: where
every product takes all the money at one rate, all of it goes one way, and that is found by dynamic
programming; else by the flow of the greatest gain (`earnd.simulation.flow`). It is a bound that
nothing need reach where tiers rise or are paid on the whole amount, where a product's maximum
falls (what is in it by then may stay), and where one opens or closes within an hour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from earnd.domain.money import ROUNDING_DOWN, floor_to
from earnd.simulation.course import PER_YEAR, Course
from earnd.simulation.flow import best_flow
from earnd.simulation.world import INTEREST_PLACES


@dataclass(frozen=True, slots=True)
class Step:
    """In this hour so many parts of the money are put into a product, or taken out if negative."""

    hour: int
    product: int
    amount: int


@dataclass(frozen=True, slots=True)
class Foresight:
    """What would be earned, in parts (`PER_YEAR`), and the steps that earn it."""

    gain: int
    steps: tuple[Step, ...]

    @property
    def earned(self) -> Decimal:
        """The same in coins, rounded down."""
        coins = ROUNDING_DOWN.divide(Decimal(self.gain), Decimal(PER_YEAR))
        return floor_to(coins, INTEREST_PLACES)


def foresee(course: Course, tell: Callable[[int, int], None] | None = None) -> Foresight:
    """The best there was; `tell` is told how far the search is, of how much."""
    if not course.product_ids or not course.money:
        return Foresight(0, ())
    if course.is_plain:
        return _one_way(course)
    gain, moves = best_flow(course, tell)
    return Foresight(gain, tuple(Step(*move) for move in moves))


def _one_way(course: Course) -> Foresight:
    """All the money on one path: the best from each hour and place on, from the end back."""
    length, transit = course.length, course.transit
    products = range(len(course.product_ids))
    # What a part of the money earns from the begin of an hour on, by where it is.
    in_wallet = [0] * (length + 1)
    in_product = [[0] * (length + 1) for _ in products]
    for hour in range(length - 1, -1, -1):
        in_wallet[hour] = max(
            in_wallet[hour + 1],
            max(
                (in_product[p][hour + 1] for p in products if course.hours[p][hour].is_open),
                default=0,
            ),
        )
        for p in products:
            here = course.hours[p][hour]
            stays = in_product[p][hour + 1] + sum(rate for _, rate in here.bands)
            arrives = hour + transit - 1
            leaves = in_wallet[arrives] if here.may_leave and arrives <= length else 0
            in_product[p][hour] = max(stays, leaves)
    steps = _followed(course, in_wallet, in_product)
    return Foresight(course.money * in_wallet[0], tuple(steps))


def _followed(course: Course, in_wallet: list[int], in_product: list[list[int]]) -> list[Step]:
    """The path that the tables of `_one_way` say; of equal ones the calmest."""
    steps: list[Step] = []
    hour, place = 0, -1
    while hour < course.length:
        if place < 0:
            best = in_wallet[hour]
            if best != in_wallet[hour + 1]:
                place = next(
                    p
                    for p, series in enumerate(in_product)
                    if course.hours[p][hour].is_open and series[hour + 1] == best
                )
                steps.append(Step(hour, place, course.money))
            hour += 1
            continue
        stays = sum(rate for _, rate in course.hours[place][hour].bands)
        if in_product[place][hour] == in_product[place][hour + 1] + stays:
            hour += 1
            continue
        steps.append(Step(hour, place, -course.money))
        place, hour = -1, hour + course.transit - 1
    return steps
