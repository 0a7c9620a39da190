"""The best allocation against two judges that share no code with it: every plan, and a solver."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product as every

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from earnd.domain.allocation import Allocation, Option, Question, allocate
from earnd.domain.ids import ProductId
from earnd.domain.money import EXACT, ZERO, Rate, total
from earnd.domain.product import Band
from earnd.domain.strategy import TierRule
from tests.support import milp, runs, trying
from tests.support.questions import CONCAVE, EVERY, SMALL, Feature, questions

CLOSE = Fraction(1, 10**9)
"""Of the worth, or of one coin if that is more."""

FEW = questions(most=3, scales=(SMALL,))
FEW_CONCAVE = questions(most=3, scales=(SMALL,), among=CONCAVE)


def in_order(question: Question, answer: Allocation) -> tuple[Decimal, ...]:
    """The targets in the order of the options."""
    return tuple(answer.targets[option.product_id] for option in question.options)


def is_confirmed(worth: Fraction, found: milp.Solved) -> bool:
    """Whether a worth that can be had is the best by the solver.

    The solver's is exact for the runs that it chose, so that it must not be more by any digit.
    """
    return 0 <= worth - found.worth <= max(CLOSE, CLOSE * abs(worth))


def the_solver_agrees(question: Question) -> None:
    """The answer is exact, keeps every rule to the last digit, and the solver finds none better."""
    answer = allocate(question)

    runs.judge(question, answer)
    found = milp.solved(question)
    assert answer.exact
    assert answer.gap == 0
    assert is_confirmed(Fraction(answer.worth), found)
    event("feasible" if found.is_feasible else "the least that can be held is too much")
    moved = sum(answer.targets[one.product_id] != one.held for one in question.options)
    event(f"{moved} moved of {len(question.options)}")


@given(FEW)
def test_the_two_judges_agree_on_what_may_be_held(question: Question) -> None:
    for option in question.options:
        earning = runs.line(question, option).earning
        units = [unit for run in earning for unit in range(run.first, run.last + 1)]

        assert trying.admissible(option, question.unit) == [
            EXACT.fma(number, question.unit, option.held) for number in map(Decimal, units)
        ]


@given(FEW)
def test_the_two_judges_agree_on_the_best(question: Question) -> None:
    assert milp.solved(question).worth == Fraction(trying.best(question).worth)


@given(questions(most=4))
def test_the_solver_finds_what_trying_every_choice_of_runs_finds(question: Question) -> None:
    lines = [runs.line(question, option).worth for option in question.options]
    units = runs.units_to_place(question)
    filled = [runs.fill(chosen, units) for chosen in every(*lines)]
    worths = [worth for worth in filled if worth is not None]

    found = milp.solved(question)

    assert found.is_feasible == bool(worths)
    if worths:
        assert is_confirmed(max(worths), found)


@given(FEW)
def test_no_plan_on_a_small_grid_is_worth_more_and_no_equal_one_moves_less(
    question: Question,
) -> None:
    """N13."""
    best = trying.best(question)

    answer = allocate(question)

    plan = trying.as_plan(question, answer.targets)
    assert (answer.yearly, answer.worth) == (plan.yearly, plan.worth)
    assert answer.exact
    assert trying.preference(question, plan)[:2] == trying.preference(question, best)[:2]


@given(FEW_CONCAVE)
def test_where_rates_fall_the_one_plan_that_the_tie_rules_name_is_found(question: Question) -> None:
    assert in_order(question, allocate(question)) == trying.best(question).amounts


@given(questions())
@settings(max_examples=150)
def test_the_solver_finds_nothing_better(question: Question) -> None:
    """N13."""
    the_solver_agrees(question)


@pytest.mark.slow
@given(questions())
@settings(max_examples=4000)
def test_the_solver_finds_nothing_better_in_thousands_of_questions(question: Question) -> None:
    the_solver_agrees(question)


@pytest.mark.slow
@given(questions(most=3, scales=(SMALL,)))
@settings(max_examples=3000)
def test_no_plan_is_better_in_thousands_of_small_questions(question: Question) -> None:
    best = trying.best(question)

    plan = trying.as_plan(question, allocate(question).targets)

    assert trying.preference(question, plan)[:2] == trying.preference(question, best)[:2]


@given(questions())
def test_every_coin_is_either_in_a_product_or_idle(question: Question) -> None:
    answer = allocate(question)
    held = total(option.held for option in question.options)
    changes = [
        EXACT.subtract(answer.targets[option.product_id], option.held)
        for option in question.options
    ]

    assert EXACT.add(held, total(changes)) == total(answer.targets.values())
    assert all(EXACT.remainder(change, question.unit) == 0 for change in changes)
    assert all(target >= 0 for target in answer.targets.values())
    runs.judge(question, answer)


@given(questions(), st.integers(0, 1_000), st.integers(0, 20))
def test_more_money_is_never_worth_less(question: Question, part: int, units: int) -> None:
    share = EXACT.multiply(question.placeable, Decimal(part).scaleb(-3))
    more = EXACT.add(share, EXACT.multiply(question.unit, units))
    richer = replace(question, placeable=EXACT.add(question.placeable, more))

    assert allocate(richer).worth >= allocate(question).worth


EMPTY = CONCAVE - {
    Feature.HELD,
    Feature.PRICE,
    Feature.DEAR,
    Feature.FLOOR,
    Feature.NO_LEAVING,
    Feature.FORCED,
}


@given(questions(among=EMPTY), st.integers(1, 100), st.data())
def test_a_higher_rate_never_gets_a_product_less(
    question: Question, more: int, data: st.DataObject
) -> None:
    lucky = data.draw(st.sampled_from(question.options))
    extra = Rate(Decimal(more).scaleb(-3))
    raised = replace(
        lucky, bands=tuple(replace(band, rate=band.rate + extra) for band in lucky.bands)
    )
    after = replace(question, options=[raised if one is lucky else one for one in question.options])

    before = allocate(question).targets[lucky.product_id]

    assert allocate(after).targets[lucky.product_id] >= before


STAYING = EVERY - {Feature.FLOOR, Feature.WHOLE, Feature.FORCED}


@given(questions(among=STAYING))
def test_nothing_is_done_when_no_gain_pays_the_fee(question: Question) -> None:
    """There is no idle money, and no product must be left: a move would have to pay for itself."""
    settled = replace(
        question,
        placeable=total(option.held for option in question.options),
        fee=Decimal(10) ** 30,
    )

    answer = allocate(settled)

    assert in_order(settled, answer) == tuple(option.held for option in settled.options)
    assert answer.worth == answer.yearly


def paying_everywhere(option: Option) -> Option:
    """The same product, but with all that is held in bands that pay."""
    one_percent = Rate(Decimal("0.01"))
    rates = [max(band.rate, one_percent) for band in option.bands]
    bands = [replace(band, rate=rate) for band, rate in zip(option.bands, rates, strict=True)]
    if not bands:
        return replace(option, bands=(Band(ZERO, None, one_percent),))
    return replace(option, bands=(*bands[:-1], replace(bands[-1], upper=None)))


@given(questions(among=STAYING))
def test_nothing_is_done_when_no_gain_pays_the_price(question: Question) -> None:
    settled = replace(
        question,
        options=[paying_everywhere(option) for option in question.options],
        placeable=total(option.held for option in question.options),
        price=Decimal(10) ** 9,
    )

    answer = allocate(settled)

    assert in_order(settled, answer) == tuple(option.held for option in settled.options)


@given(questions(), st.data())
def test_the_order_of_the_options_is_of_no_matter(question: Question, data: st.DataObject) -> None:
    mixed = replace(question, options=data.draw(st.permutations(question.options)))

    assert allocate(mixed) == allocate(question)


STEPPED = {
    Feature.MINIMUM,
    Feature.ALL_OR_NOTHING,
    Feature.LEAST_OUT,
    Feature.LEAST_LEFT,
    Feature.HURDLE,
}


@given(st.one_of(questions(among=CONCAVE), questions(among=EVERY - STEPPED)))
def test_what_has_been_allocated_is_left_alone(question: Question) -> None:
    """Least amounts make another thing possible after a move, and a hurdle holds for entering.

    Without them a second look finds nothing to do, whatever the rates, fees and prices.
    """
    answer = allocate(question)
    after = runs.from_there(question, answer)

    again = allocate(after)

    assert in_order(after, again) == in_order(question, answer)
    assert again.yearly == again.worth == answer.yearly


def test_a_tie_stays_then_goes_to_what_is_held_and_then_to_the_smaller_id() -> None:
    band = (Band(ZERO, Decimal(10), Rate(Decimal("0.05"))),)

    def option(name: str, held: int = 0) -> Option:
        return Option(ProductId(name), band, held=Decimal(held), ceiling=Decimal(10))

    def asked(*options: Option, placeable: int) -> dict[ProductId, Decimal]:
        return dict(allocate(Question(options, Decimal(placeable), Decimal(1))).targets)

    assert asked(option("b"), option("a"), placeable=5) == {"a": 5, "b": 0}
    assert asked(option("a"), option("b", 3), placeable=8) == {"a": 0, "b": 8}
    assert asked(option("a"), option("b", 3), placeable=3) == {"a": 0, "b": 3}
    assert asked(option("b", 4), option("a", 4), placeable=6) == {"a": 4, "b": 2}


def test_a_rate_on_the_whole_balance_may_make_less_earn_more() -> None:
    """Ten at 8 % earn more than eleven at 5 %, and the eleventh waits for the rest of the tier."""
    bands = (
        Band(ZERO, Decimal(10), Rate(Decimal("0.08"))),
        Band(Decimal(10), Decimal(100), Rate(Decimal("0.05"))),
    )
    option = Option(ProductId("a"), bands, ceiling=Decimal(100), rule=TierRule.WHOLE)

    def asked(placeable: int) -> Decimal:
        return allocate(Question([option], Decimal(placeable), Decimal(1))).targets[ProductId("a")]

    assert asked(11) == 10
    assert asked(17) == 17


def test_no_options_is_an_answer_too() -> None:
    assert allocate(Question([], Decimal(100), Decimal(1))) == Allocation({}, ZERO, ZERO)
