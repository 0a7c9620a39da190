"""The best allocation as a mixed-integer program, for HiGHS: a second opinion at any size.

The solver chooses one run for each product (see `tests.support.runs`). The runs that it chose are
then filled exactly, so that its rounding is not in the result. What is proven, exactly, to be in
no better plan is cut off, and if that leaves much smaller numbers, the solver is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from earnd.domain.allocation import Question
from tests.support.runs import Run, fill, line, units_to_place

_UNITS = 1e3
_YIELD = 1e6
"""The program is scaled to these, far above the solver's absolute tolerances."""


@dataclass(frozen=True, slots=True)
class Solved:
    """The best worth, and whether the money suffices at all for what must stay."""

    worth: Fraction
    is_feasible: bool = True


@dataclass(frozen=True, slots=True)
class Program:
    """The numbers that the solver gets: a switch for every run, then how full each one is."""

    values: np.ndarray
    constraints: list[LinearConstraint]
    integrality: np.ndarray
    width: Fraction
    height: Fraction


def solved(question: Question) -> Solved:
    """What the solver finds, valued exactly."""
    units = units_to_place(question)
    whole = [line(question, option).worth for option in question.options]
    if sum(runs[0].first for runs in whole) > units:
        return Solved(sum((runs[0].at_first for runs in whole), Fraction(0)), is_feasible=False)
    lines = _within(whole, units)
    while True:
        program = program_of(lines, units)
        worth = _chosen(lines, program, units)
        for price in (Fraction(0), _price_of_a_unit(lines, units)):
            lines = _within(_hopeful(lines, units, worth, price), units)
        finer = program_of(lines, units)
        if 10 * finer.width > program.width and 10 * finer.height > program.height:
            return Solved(worth)
        # What was hopeless was so large that the solver could not see what is small beside it.


def lines_of(question: Question) -> list[tuple[Run, ...]]:
    """The runs that there is money for; the least amounts must be within it."""
    return _within(
        [line(question, option).worth for option in question.options], units_to_place(question)
    )


def _within(lines: Sequence[Sequence[Run]], units: int) -> list[tuple[Run, ...]]:
    room = units - sum(runs[0].first for runs in lines)
    return [
        tuple(
            run.part(run.first, min(run.last, runs[0].first + room))
            for run in runs
            if run.first <= runs[0].first + room
        )
        for runs in lines
    ]


def _hopeful(
    lines: Sequence[Sequence[Run]], units: int, worth: Fraction, price: Fraction
) -> list[tuple[Run, ...]]:
    """The parts of runs with which so much could be had.

    Whatever the price of a unit, no plan is worth more than all units at that price and the most
    that each product is worth above it. What is too far below its product's most is in no such
    plan.
    """
    tops = [max(_above(run, price, at) for run in runs for at in _ends(run)) for runs in lines]
    spare = price * units + sum(tops) - worth
    return [
        tuple(part for run in runs for part in _part_above(run, price, top - spare))
        for runs, top in zip(lines, tops, strict=True)
    ]


def _ends(run: Run) -> tuple[int, int]:
    return run.first, run.last


def _above(run: Run, price: Fraction, units: int) -> Fraction:
    return run.at(units) - price * units


def _part_above(run: Run, price: Fraction, least: Fraction) -> Iterator[Run]:
    """Where the run is worth at least so much above the price, if anywhere."""
    slope = run.slope - price
    short = least - _above(run, price, run.first)
    first, last = run.first, run.last
    if slope > 0 and short > 0:
        first += ceil(short / slope)
    elif slope < 0:
        last = min(last, run.first + floor(short / slope))
    elif short > 0:
        return
    if first <= last:
        yield run.part(first, last)


def _price_of_a_unit(lines: Sequence[Sequence[Run]], units: int) -> Fraction:
    """What the last unit is worth when the bridged-over lines are filled, the best paid first."""
    steps = sorted((step for runs in lines for step in _hull(runs)), reverse=True)
    left = units - sum(runs[0].first for runs in lines)
    for slope, size in steps:
        left -= size
        if left < 0:
            return max(slope, Fraction(0))
    return Fraction(0)


def _hull(runs: Sequence[Run]) -> list[tuple[Fraction, int]]:
    """Slope and size of each step of the least falling staircase over a line."""
    corners: list[tuple[int, Fraction]] = []
    for corner in sorted({(at, run.at(at)) for run in runs for at in _ends(run)}):
        while len(corners) > 1 and _rise(corners[-2], corners[-1]) <= _rise(corners[-1], corner):
            corners.pop()
        corners.append(corner)
    return [(_rise(one, other), other[0] - one[0]) for one, other in pairwise(corners)]


def _rise(one: tuple[int, Fraction], other: tuple[int, Fraction]) -> Fraction:
    return (other[1] - one[1]) / (other[0] - one[0])


def _chosen(lines: Sequence[Sequence[Run]], program: Program, units: int) -> Fraction:
    while True:
        chosen, switched = choose(lines, program)
        worth = fill(chosen, units)
        if worth is not None:
            return worth
        # Too much by less than the solver's tolerance: these runs can't be had together.
        program.constraints.append(LinearConstraint(switched, -np.inf, len(lines) - 1))


def choose(lines: Sequence[Sequence[Run]], program: Program) -> tuple[list[Run], np.ndarray]:
    """One run for each product, as the solver would have it, and which switches say so."""
    result = milp(
        -program.values,
        constraints=program.constraints,
        integrality=program.integrality,
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0},
    )
    if result.x is None:
        raise AssertionError(f"the solver gave up: {result.message}")
    at, chosen, switched = 0, [], np.zeros(len(program.values))
    for runs in lines:
        turn = int(np.argmax(result.x[at : at + len(runs)]))
        chosen.append(runs[turn])
        switched[at + turn] = 1
        at += len(runs)
    return chosen, switched


def program_of(lines: Sequence[Sequence[Run]], units: int) -> Program:
    """One choice as a program, scaled: units above the least amounts, yields below the best."""
    runs = [(number, run) for number, among in enumerate(lines) for run in among]
    count = len(runs)
    least = [among[0] for among in lines]
    starts = [run.first - least[number].first for number, run in runs]
    lengths = [run.last - run.first for _, run in runs]
    tops = [max(run.at(at) for run in among for at in _ends(run)) for among in lines]
    gains = [run.at_first - tops[number] for number, run in runs]
    rises = [run.slope * length for (_, run), length in zip(runs, lengths, strict=True)]
    room = units - sum(run.first for run in least)
    width = max(1, room) / Fraction(_UNITS)
    height = (max(abs(gain) for gain in (*gains, *rises)) or 1) / Fraction(_YIELD)
    one_each = coo_array(
        (np.ones(count), ([number for number, _ in runs], range(count))),
        shape=(len(lines), 2 * count),
    )
    filled = coo_array(
        (
            np.concatenate([np.ones(count), -np.ones(count)]),
            ([*range(count)] * 2, [*range(count, 2 * count), *range(count)]),
        ),
        shape=(count, 2 * count),
    )
    takes = np.array([[float(size / width) for size in (*starts, *lengths)]])
    return Program(
        np.array([float(gain / height) for gain in (*gains, *rises)]),
        [
            LinearConstraint(one_each.tocsr(), 1, 1),
            LinearConstraint(filled.tocsr(), -np.inf, 0),
            LinearConstraint(takes, -np.inf, float(room / width)),
        ],
        np.concatenate([np.ones(count), np.zeros(count)]),
        width,
        height,
    )
