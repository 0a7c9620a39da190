"""Small histories of rates for the tests of the simulation, and a solver's word on the optimum."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from earnd.domain.ids import Coin
from earnd.domain.strategy import CoinStrategy, Strategy
from earnd.sandbox import TierSpec
from earnd.simulation.course import AMOUNT_SCALE, PER_YEAR, Course
from earnd.simulation.history import HOUR, Change, History, Terms
from earnd.simulation.world import Scene

USDT = Coin("USDT")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def at(hours: float) -> datetime:
    """So many hours after the begin."""
    return BEGIN + timedelta(hours=hours)


def terms(rate: str, tiers: str = "", **more: Any) -> Terms:
    """Terms by their rate as a fraction; tiers like `200 0.05, 1000 0.03`, each up to an amount."""
    made, lower = [], Decimal(0)
    for part in tiers.split(",") if tiers else []:
        upper, paid = map(Decimal, part.split())
        made.append(TierSpec(lower, upper, paid))
        lower = upper
    return replace(Terms(Decimal(rate), tuple(made)), **more)


def history(*changes: tuple[float, str, Terms]) -> History:
    """Changes as hours after the begin, a product's id, and its terms from then on."""
    made = [Change(at(hours), product_id, what) for hours, product_id, what in changes]
    return History.of({change.product_id: change.product_id for change in made}, made)


def scene(past: History, hours: int, money: str = "1000", **more: Any) -> Scene:
    """A scene over the first so many hours."""
    made = Scene(past, USDT, CoinStrategy(), Decimal(money), BEGIN, at(hours))
    return replace(made, **more)


def whole(one: Scene) -> Strategy:
    """The strategy of a scene's coin, as the planner wants it."""
    return Strategy({USDT: one.strategy})


_RATES = st.sampled_from(["0", "0.01", "0.02", "0.03", "0.05", "0.08", "0.2", "1"])


@st.composite
def _terms(draw: st.DrawFn, *, plain: bool) -> Terms:
    flags: dict[str, Any] = {
        key: draw(st.sampled_from([True, True, True, False]))
        for key in ("is_open", "may_leave", "is_listed")
    }
    rate = draw(_RATES)
    if plain:
        return terms(rate, **flags)
    falling = sorted(draw(st.lists(_RATES, max_size=3)), key=Decimal, reverse=True)
    edges = sorted(draw(st.sets(st.integers(1, 30), min_size=len(falling), max_size=len(falling))))
    tiers = ", ".join(f"{edge * 50} {paid}" for edge, paid in zip(edges, falling, strict=True))
    additional = Decimal(draw(st.sampled_from(["0", "0", "0.01"])))
    return terms(rate, tiers, additional=additional, **flags)


@st.composite
def scenes(
    draw: st.DrawFn, *, plain: bool = False, hours: int = 24, on_the_hour: bool = False
) -> Scene:
    """Any scene of up to three products whose tiers fall and whose maximum stays."""
    changes: list[tuple[float, str, Terms]] = []
    for product_id in ("1", "2", "3")[: draw(st.integers(1, 3))]:
        maximum = Decimal(10**18 if plain else draw(st.sampled_from([300, 1000, 10**18])))
        moments = draw(st.sets(st.integers(0, 4 * hours), max_size=6)) | {0}
        moments = {4 * (quarter // 4) for quarter in moments} if on_the_hour else moments
        for quarter in sorted(moments):
            what = replace(draw(_terms(plain=plain)), maximum=maximum)
            changes.append((quarter / 4, product_id, what))
    transit = draw(st.sampled_from([1, 1, 2, 3, 7])) * HOUR
    every = timedelta(minutes=draw(st.sampled_from([15, 60, 90, 180])))
    strategy = CoinStrategy(reserve=Decimal(draw(st.sampled_from([0, 0, 100]))))
    return scene(history(*changes), hours, "1000", transit=transit, every=every, strategy=strategy)


class _Program:
    """A linear program: variables by name, and sums of them that must come to a value."""

    def __init__(self) -> None:
        self.names: dict[tuple[object, ...], int] = {}
        self.gains: list[float] = []
        self.bounds: list[tuple[float, float | None]] = []
        self.equal: list[tuple[list[tuple[int, float]], float]] = []

    def variable(self, *name: object, gain: float = 0.0, most: float | None = None) -> None:
        self.names[name] = len(self.gains)
        self.gains.append(gain)
        self.bounds.append((0.0, most))

    def sums_to(self, value: float, *parts: tuple[float, tuple[object, ...]]) -> None:
        known = [(self.names[name], factor) for factor, name in parts if name in self.names]
        self.equal.append((known, value))

    def best(self) -> float:
        matrix = np.zeros((len(self.equal), len(self.gains)))
        for row, (parts, _) in enumerate(self.equal):
            for column, factor in parts:
                matrix[row, column] += factor
        found = linprog(
            [-gain for gain in self.gains],
            A_eq=matrix,
            b_eq=[value for _, value in self.equal],
            bounds=self.bounds,
            method="highs",
        )
        assert found.status == 0, found.message
        return float(-found.fun)


def solved(course: Course) -> float:
    """The optimum of a course in coins, by a solver, from the rules of the books alone.

    What is held at the end of an hour is what was before, plus what was put in, less what was
    taken out; the hour pays on what was held before and not taken out. What is taken out is in
    the wallet, and may be put in again, `transit - 1` hours later.
    """
    program = _Program()
    products = range(len(course.product_ids))
    for hour in range(course.length):
        program.variable("wallet", hour)
        for p in products:
            _variables(program, course, hour, p)
    for hour in range(course.length):
        arrives = hour - course.transit + 1
        program.sums_to(
            0.0 if hour else course.money / AMOUNT_SCALE,
            (1.0, ("wallet", hour)),
            (-1.0, ("wallet", hour - 1)),
            *((1.0, ("in", hour, p)) for p in products),
            *((-1.0, ("out", arrives, p)) for p in products),
        )
    return program.best()


def _variables(program: _Program, course: Course, hour: int, p: int) -> None:
    here = course.hours[p][hour]
    ceiling = max(course.hours[p][h].most for h in range(hour + 1))
    program.variable("held", hour, p, most=ceiling / AMOUNT_SCALE)
    program.variable("in", hour, p, most=None if here.is_open else 0.0)
    program.variable("out", hour, p, most=None if here.may_leave else 0.0)
    program.variable("paid", hour, p, "beyond")
    paid = [("paid", hour, p, "beyond")]
    for place, (size, rate) in enumerate(here.bands):
        gain = rate * AMOUNT_SCALE / PER_YEAR
        program.variable("paid", hour, p, str(place), gain=gain, most=size / AMOUNT_SCALE)
        paid.append(("paid", hour, p, str(place)))
    before, out = ("held", hour - 1, p), ("out", hour, p)
    program.sums_to(
        0.0, (1.0, ("held", hour, p)), (-1.0, before), (-1.0, ("in", hour, p)), (1.0, out)
    )
    program.sums_to(0.0, (-1.0, before), (1.0, out), *((1.0, name) for name in paid))
