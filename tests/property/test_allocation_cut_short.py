"""A search for the best allocation that is cut short, as one among very many products may be."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from earnd.domain import pouring
from earnd.domain.allocation import Allocation, Question, allocate
from earnd.domain.money import NO_RATE
from tests.support import milp, runs
from tests.support.questions import Feature, questions

HARDEST = questions(
    least=6,
    most=12,
    among=frozenset({Feature.ALL_OR_NOTHING, Feature.WHOLE, Feature.RISING, Feature.HELD}),
)


def staying(question: Question) -> Fraction | None:
    """What it is worth to move nothing but what must leave, if that is within the money."""
    lines = [runs.line(question, option) for option in question.options]
    if sum(one.base for one in lines) > runs.units_to_place(question):
        return None
    return sum((worth_at(one, one.base) for one in lines), Fraction(0))


def greedy(question: Question) -> Fraction | None:
    """What it is worth to stay, and to put what is idle where the first coin is paid most."""
    found = staying(question)
    if found is None:
        return None
    lines = {option.product_id: runs.line(question, option) for option in question.options}
    left = runs.units_to_place(question) - sum(one.base for one in lines.values())
    for option in sorted(
        question.options,
        key=lambda one: max((band.rate for band in one.bands), default=NO_RATE),
        reverse=True,
    ):
        one = lines[option.product_id]
        most = max(
            min(run.last, one.base + left)
            for run in one.worth
            if one.base <= run.first <= one.base + left
        )
        found += worth_at(one, most) - worth_at(one, one.base)
        left -= most - one.base
    return found


def worth_at(line: runs.Line, units: int) -> Fraction:
    """What so many units more than held are worth."""
    return next(run.at(units) for run in line.worth if run.first <= units <= run.last)


def cut_after(question: Question, most: int) -> Allocation:
    """The answer of a search that may take fewer steps than it truly may."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pouring, "MOST_WORK", most)
        return allocate(question)


@given(st.one_of(questions(), HARDEST), st.sampled_from((0, 10, 100, 1_000)))
def test_a_search_that_is_cut_short_keeps_the_rules_and_says_by_how_much_it_may_be_under(
    question: Question, most: int
) -> None:
    answer = cut_after(question, most)

    runs.judge(question, answer)
    worth, best = Fraction(answer.worth), milp.solved(question).worth
    assert best <= worth + Fraction(answer.gap)
    if answer.exact:
        assert answer.gap == 0
    else:
        event("cut short, and under the best" if worth < best else "cut short, but the best")


@given(st.one_of(questions(), HARDEST), st.sampled_from((0, 10, 100, 1_000)))
def test_a_search_that_is_cut_short_is_never_worse_than_staying(
    question: Question, most: int
) -> None:
    stays = staying(question)

    assert stays is None or Fraction(cut_after(question, most).worth) >= stays


@given(st.one_of(questions(), HARDEST))
def test_a_search_that_may_run_its_course_is_never_worse_than_greed(question: Question) -> None:
    simple = greedy(question)

    assert simple is None or Fraction(allocate(question).worth) >= simple
