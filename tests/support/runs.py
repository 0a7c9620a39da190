"""A question about the best allocation cut into straight lines, exactly, at any size.

Each product's admissible amounts are runs of whole units on which its worth is a straight line.
Once one run is chosen for each product, the best is to fill the best paid ones first: all ends and
the money are whole units, so that at most one product ends inside its run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from earnd.domain.allocation import Allocation, Option, Question
from earnd.domain.money import EXACT, minus, total
from earnd.domain.strategy import TierRule
from tests.support.trying import earns, leaving_costs


@dataclass(frozen=True, slots=True)
class Run:
    """From `first` to `last` units more than held: `at_first`, and `slope` for each further one."""

    first: int
    last: int
    at_first: Fraction
    slope: Fraction

    def at(self, units: int) -> Fraction:
        """What so many units more than held earn, or are worth."""
        return self.at_first + self.slope * (units - self.first)

    def part(self, first: int, last: int) -> Run:
        """The same line over fewer units."""
        return Run(first, last, self.at(first), self.slope)


@dataclass(frozen=True, slots=True)
class Line:
    """One product: its admissible amounts by what they earn, and by what they are worth."""

    base: int
    earning: tuple[Run, ...]
    worth: tuple[Run, ...]


def _possible(option: Option, unit: Fraction) -> Iterator[tuple[int, int]]:
    """First and last of each stretch of units more than held that could be reached."""
    held = Fraction(option.held)
    if option.may_leave:
        nothing = -floor(held / unit)
        fewest = -max(1, ceil(Fraction(option.least_out) / unit))
        left = max(nothing, ceil((Fraction(option.least_left) - held) / unit))
        if nothing <= fewest and nothing < left:
            yield nothing, nothing
        if left <= fewest:
            yield left, fewest
    yield 0, 0
    if option.may_enter:
        first = max(1, ceil(Fraction(option.least_in) / unit))
        last = floor((Fraction(option.ceiling) - held) / unit)
        if first <= last:
            yield first, last


def _bands(option: Option, unit: Fraction) -> Iterator[tuple[int, int | None, Fraction]]:
    """First and last unit of each band, and what one of its units earns; at last, nothing."""
    held = Fraction(option.held)
    first = ceil(-held / unit)
    for band in option.bands:
        per_unit = Fraction(band.rate.value) * unit
        if band.upper is None:
            yield first, None, per_unit
            return
        last = floor((Fraction(band.upper) - held) / unit)
        yield first, last, per_unit
        first = last + 1
    yield first, None, Fraction(0)


def _possible_runs(option: Option, unit: Fraction) -> list[Run]:
    found = []
    for start, end in _possible(option, unit):
        for first, last, slope in _bands(option, unit):
            low, high = max(start, first), end if last is None else min(end, last)
            if low <= high:
                amount = Fraction(option.held) + low * unit
                found.append(Run(low, high, _earns(option, amount), slope))
    return found


def _earns(option: Option, amount: Fraction) -> Fraction:
    earned = Fraction(0)
    for band in option.bands:
        rate, lower = Fraction(band.rate.value), Fraction(band.lower)
        top = amount if band.upper is None else min(amount, Fraction(band.upper))
        if option.rule is TierRule.WHOLE:
            earned = top * rate if top > lower else earned
        else:
            earned += max(Fraction(0), top - lower) * rate
    return earned


def _clearing(runs: Sequence[Run], per_unit: Fraction) -> list[Run | None]:
    """Of each run, what is at least as good as all below it when a unit must earn so much."""
    found: list[Run | None] = []
    highest: Fraction | None = None
    for run in runs:
        above = run.at_first - per_unit * run.first
        slope = run.slope - per_unit
        clearing: Run | None = run if slope >= 0 else run.part(run.first, run.first)
        if highest is not None and above < highest:
            first = run.first + ceil((highest - above) / slope) if slope > 0 else run.last + 1
            clearing = run.part(first, run.last) if first <= run.last else None
        found.append(clearing)
        ends = (above, above + slope * (run.last - run.first))
        highest = max(ends) if highest is None else max(highest, *ends)
    return found


def line(question: Question, option: Option) -> Line:
    """What the thresholds and the price of leaving make of a product."""
    unit = Fraction(question.unit)
    runs = _possible_runs(option, unit)
    stays = _clearing(runs, Fraction(option.floor.value) * unit)
    upward = [run for run in runs if run.first >= 0]
    enters = _clearing(upward, Fraction(option.hurdle.value) * unit)
    enters = [*runs[: len(runs) - len(upward)], *enters]
    earning = []
    for run, stay, enter in zip(runs, stays, enters, strict=True):
        if stay is not None and enter is not None:
            first, last = max(stay.first, enter.first), min(stay.last, enter.last)
            if first <= last:
                earning.append(run.part(first, last))
    base = max(run.last for run in earning if run.last <= 0)
    return Line(base, tuple(earning), tuple(_priced(question, base, earning)))


def _priced(question: Question, base: int, earning: Sequence[Run]) -> Iterator[Run]:
    price, fee = Fraction(question.price), Fraction(question.fee)
    at_base = next(run.at(base) for run in earning if run.first <= base <= run.last)
    for run in earning:
        last = min(run.last, base - 1)
        if run.first <= last:
            # Never less than nothing: the floor is not below zero, and `base` clears it.
            left_behind = at_base - run.at_first
            cost = price * left_behind + fee
            yield Run(run.first, last, run.at_first - cost, run.slope * (1 + price))
        if run.last >= base:
            first = max(run.first, base)
            yield run.part(first, run.last)


def units_to_place(question: Question) -> int:
    """How many whole units there are beyond what is held; less than none if some must leave."""
    idle = minus(question.placeable, total(option.held for option in question.options))
    return floor(Fraction(idle) / Fraction(question.unit))


def fill(chosen: Sequence[Run], units: int) -> Fraction | None:
    """The most that one run for each product is worth, or `None` beyond the money."""
    left = units - sum(run.first for run in chosen)
    if left < 0:
        return None
    worth = sum((run.at_first for run in chosen), Fraction(0))
    for run in sorted(chosen, key=lambda run: run.slope, reverse=True):
        taken = min(left, run.last - run.first) if run.slope > 0 else 0
        worth += taken * run.slope
        left -= taken
    return worth


def judge(question: Question, answer: Allocation) -> None:
    """Holds an answer to the question exactly, all but whether it is the best.

    Every target is admissible and a whole number of units from what is held, all of them are
    within the money, or nothing less could be held; `yearly` and `worth` are those of the targets.
    """
    targets = answer.targets
    assert set(targets) == {option.product_id for option in question.options}
    yearly, costs, is_least = [], [], True
    for option in question.options:
        amount = targets[option.product_id]
        found = line(question, option)
        moved = Fraction(minus(amount, option.held)) / Fraction(question.unit)
        assert moved.denominator == 1, f"{option.product_id}: {amount} is off the grid"
        assert any(run.first <= moved <= run.last for run in found.earning), (
            f"{option.product_id}: {amount} is not admissible"
        )
        base = EXACT.fma(found.base, question.unit, option.held)
        yearly.append(earns(option, amount))
        costs.append(leaving_costs(question, option, base, amount))
        is_least = is_least and moved == found.earning[0].first
    assert is_least or total(targets.values()) <= question.placeable
    assert answer.yearly == total(yearly)
    assert answer.worth == minus(total(yearly), total(costs))


def from_there(question: Question, answer: Allocation) -> Question:
    """The same question after the answer has been carried out."""
    return replace(
        question,
        options=[
            replace(option, held=answer.targets[option.product_id]) for option in question.options
        ],
    )
