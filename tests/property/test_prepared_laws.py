"""Asking a question that is ready already for its answer without one product."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.allocation import Option, Prepared, Question, allocate
from earnd.domain.ids import ProductId
from tests.support.questions import questions


@given(questions(most=4), st.data(), st.integers(0, 3))
def test_without_a_product_is_the_same_as_a_question_in_which_it_takes_nothing(
    question: Question, data: st.DataObject, equals: int
) -> None:
    """Options with the same curve are told apart by whether one of them is the one shut."""
    first = question.options[0]
    more = [replace(first, product_id=ProductId(f"z{number}")) for number in range(equals)]
    question = replace(
        question,
        options=[*question.options, *more],
        placeable=question.placeable + first.held * equals,
    )
    shut: Option = data.draw(st.sampled_from(question.options))
    closed = [replace(one, may_enter=one.may_enter and one is not shut) for one in question.options]

    found = Prepared(question).best(without=shut.product_id)

    assert found.targets[shut.product_id] <= shut.held
    assert found.worth == allocate(replace(question, options=closed)).worth
