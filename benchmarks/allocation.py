"""The best allocation at many products, easy and hard, beside a mixed-integer solver (HiGHS).

Both get the same questions in one run, and what they find is compared. The solver is given a
program that is there already: what it takes to write the program is not counted against it.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from math import log

from scipy.optimize import Bounds
from scipy.optimize import milp as highs

from earnd.domain.allocation import Option, Question, allocate
from earnd.domain.ids import ProductId
from earnd.domain.money import ZERO, Rate, total
from earnd.domain.product import Band
from earnd.domain.strategy import TierRule
from tests.support import milp
from tests.support.runs import fill, units_to_place

UNIT = Decimal("0.00000001")
PRICE = Decimal("0.0714")
Asking = Callable[[random.Random, int], Question]


def bands(draw: random.Random, *, falls: bool) -> tuple[Band, ...]:
    """Five tiers that end at about 20,000 coins."""
    rates = [draw.randint(1, 1200) for _ in range(5)]
    if falls:
        rates.sort(reverse=True)
    edges = sorted({draw.randint(10, 20_000) for _ in range(5)})
    found, lower = [], ZERO
    for edge, rate in zip(edges, rates, strict=False):
        found.append(Band(lower, Decimal(edge), Rate(Decimal(rate).scaleb(-4))))
        lower = Decimal(edge)
    return tuple(found)


def concave(draw: random.Random, count: int) -> Question:
    """Falling rates, a third of the products held, and money for about half of the room."""
    options = [
        Option(
            ProductId(f"{1000 + number}"),
            bands(draw, falls=True),
            held=Decimal(draw.randint(0, 10**11)).scaleb(-8) if draw.random() < 0.3 else ZERO,
            ceiling=Decimal(20_000),
            hurdle=Rate(Decimal("0.01")),
        )
        for number in range(count)
    ]
    money = total(option.held for option in options) + Decimal(5_000 * count)
    return Question(options, money, UNIT, price=PRICE)


def hard(draw: random.Random, count: int) -> Question:
    """Minimums, tiers in any order, every second one on the whole balance, prices and a fee."""
    options = [
        Option(
            ProductId(f"{1000 + number}"),
            bands(draw, falls=False),
            held=Decimal(draw.randint(0, 10**11)).scaleb(-8) if draw.random() < 0.3 else ZERO,
            ceiling=Decimal(20_000),
            least_in=Decimal(draw.randint(1, 5_000)),
            least_out=Decimal(draw.randint(1, 100)),
            least_left=Decimal(draw.randint(1, 100)),
            rule=TierRule.WHOLE if number % 2 else TierRule.MARGINAL,
        )
        for number in range(count)
    ]
    money = total(option.held for option in options) + Decimal(3_000 * count)
    return Question(options, money, UNIT, price=PRICE, fee=Decimal(1))


def all_or_nothing(draw: random.Random, count: int) -> Question:
    """The worst there is: a knapsack, of products whose least purchase is all their room."""
    options = []
    for number in range(count):
        room, rate = Decimal(draw.randint(900, 1_100)), Decimal(draw.randint(400, 600))
        band = Band(ZERO, room, Rate(rate.scaleb(-4)))
        name = ProductId(f"{1000 + number}")
        options.append(Option(name, (band,), ceiling=room, least_in=room))
    return Question(options, Decimal(500 * count + 333), UNIT)


def milliseconds(work: Callable[[], object], repeats: int = 1) -> float:
    """The best of a few runs, by the processor's clock: the machine may be busy."""
    spent = []
    for _ in range(repeats):
        began = time.process_time()
        work()
        spent.append(time.process_time() - began)
    return min(spent) * 1000


def relaxed(program: milp.Program) -> object:
    """The program without whole numbers: where rates fall it has the same best."""
    return highs(-program.values, constraints=program.constraints, bounds=Bounds(0, 1))


def against(asking: Asking, count: int, turns: int) -> str:
    """One line: both, on the same few questions."""
    ours, theirs, as_lines, apart, exact = [], [], [], Fraction(0), 0
    for seed in range(turns):
        question = asking(random.Random(seed), count)  # noqa: S311 - the same ones in every run
        units = units_to_place(question)
        lines = milp.lines_of(question)
        program = milp.program_of(lines, units)
        answer = allocate(question)
        worth = fill(milp.choose(lines, program)[0], units)
        if worth is None:
            raise AssertionError("the solver chose more than there is money for")
        exact += answer.exact
        ours_is = Fraction(answer.worth)
        apart = max(apart, abs(ours_is - worth) / max(Fraction(1), abs(ours_is)))
        ours.append(milliseconds(partial(allocate, question), 3))
        theirs.append(milliseconds(partial(milp.choose, lines, program)))
        as_lines.append(milliseconds(partial(relaxed, program)))
    mean = statistics.mean(ours)
    as_line = f"{statistics.mean(as_lines) / mean:7.1f}" if asking is concave else "      -"
    return (
        f"{asking.__name__:>14} {count:8,} {mean:9.2f} {max(ours):9.2f}"
        f" {statistics.mean(theirs):11.1f} {statistics.mean(theirs) / mean:8.1f} {as_line}"
        f" {float(apart):9.0e} {exact:7}/{turns}\n"
    )


def growth() -> None:
    """Concave questions only: each size beside n log n from the one before."""
    sys.stdout.write("\nproducts        ms   times the last   n log n would be\n")
    before = (0, 0.0)
    for count in (100, 300, 1_000, 3_000, 10_000):
        question = concave(random.Random(count), count)  # noqa: S311 - the same in every run
        spent = milliseconds(partial(allocate, question), 3)
        sys.stdout.write(f"{count:8,} {spent:9.1f}")
        if before[0]:
            expected = count * log(count) / (before[0] * log(before[0]))
            sys.stdout.write(f" {spent / before[1]:16.1f} {expected:18.1f}")
        sys.stdout.write("\n")
        before = (count, spent)


def main() -> None:
    """Prints two tables: beside the solver, and how time grows."""
    sys.stdout.write(
        "                             earnd, ms      HiGHS, ms   times as long     worth\n"
        "               products      mean   slowest        mean     MILP      LP     apart"
        "     exact\n"
    )
    for asking, count, turns in (
        (concave, 10, 20),
        (concave, 100, 10),
        (concave, 1_000, 3),
        (hard, 10, 20),
        (hard, 20, 20),
        (hard, 40, 5),
        (all_or_nothing, 10, 10),
        (all_or_nothing, 20, 5),
        (all_or_nothing, 40, 5),
    ):
        sys.stdout.write(against(asking, count, turns))
    growth()


if __name__ == "__main__":
    main()
