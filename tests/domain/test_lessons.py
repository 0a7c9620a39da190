"""What a refusal teaches, for how long, and what ends it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from earnd.domain.action import Verb
from earnd.domain.answer import Consequence
from earnd.domain.history import PastRefusal, SentAmount
from earnd.domain.ids import ProductId
from earnd.domain.lessons import LONGEST_LESSON, MOST_SPAN, SPANS, TIGHT, Lessons, lessons
from tests.support.world import FLEX, NOON, USDT

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
INSTANT = timedelta(milliseconds=1)


def refusal(
    consequence: Consequence,
    amount: str = "1000",
    at: datetime = NOON,
    *,
    verb: Verb = Verb.SUBSCRIBE,
    code: int = 80006,
) -> PastRefusal:
    return PastRefusal(verb, USDT, FLEX, Decimal(amount), code, consequence.value, at)


def sent(
    amount: str, at: datetime, verb: Verb = Verb.SUBSCRIBE, product_id: str = FLEX
) -> SentAmount:
    return SentAmount(verb, USDT, ProductId(product_id), Decimal(amount), at, "best_band")


def most(found: Lessons) -> Decimal | None:
    lesson = found.most.get(FLEX)
    return None if lesson is None else lesson.value


def decimals(found: Lessons) -> Decimal | None:
    lesson = found.decimals.get(USDT)
    return None if lesson is None else lesson.value


@pytest.mark.parametrize("consequence", [Consequence.QUOTA_GONE, Consequence.CAP_REACHED])
def test_half_of_what_had_no_room_is_tried(consequence: Consequence) -> None:
    """X12."""
    found = lessons([refusal(consequence, "899.99999575")], (), NOON)

    lesson = found.most[FLEX]
    assert lesson.value == Decimal("449.999997875")
    assert (lesson.learnt_at, lesson.until) == (NOON, NOON + SPANS[consequence])
    assert lesson.code == 80006
    assert (found.least, found.decimals) == ({}, {})


def test_every_further_refusal_halves_again() -> None:
    tries = ("1000", "500", "250")
    past = [
        refusal(Consequence.CAP_REACHED, amount, NOON + n * 15 * MINUTE)
        for n, amount in enumerate(tries)
    ]

    assert most(lessons(past, (), NOON + HOUR)) == 125
    assert most(lessons(list(reversed(past)), (), NOON + HOUR)) == 125


def test_what_has_gone_in_since_has_no_room_a_second_time() -> None:
    """1000 had no room and 600 of it went in: less than 400 have, and half of that is tried."""
    past = [refusal(Consequence.CAP_REACHED, "1000")]
    in_since = sent("600", NOON + MINUTE)

    assert most(lessons(past, [in_since], NOON + HOUR)) == 200


def test_what_came_out_since_makes_room() -> None:
    past = [refusal(Consequence.CAP_REACHED, "1000")]
    out_since = sent("100", NOON + MINUTE, Verb.REDEEM)

    assert most(lessons(past, [out_since], NOON + HOUR)) == 550


def test_what_went_in_before_or_elsewhere_says_nothing_about_the_room() -> None:
    past = [refusal(Consequence.CAP_REACHED, "1000")]
    others = [sent("600", NOON), sent("600", NOON + MINUTE, product_id="2")]

    assert most(lessons(past, others, NOON + HOUR)) == 500


@pytest.mark.parametrize("amount", ["1000", "1001"])
def test_when_as_much_as_was_refused_has_gone_in_the_lesson_is_over(amount: str) -> None:
    past = [refusal(Consequence.QUOTA_GONE, "1000")]

    assert most(lessons(past, [sent(amount, NOON + MINUTE)], NOON + 2 * MINUTE)) is None


def test_when_the_strictest_lesson_is_over_the_next_one_counts() -> None:
    past = [
        refusal(Consequence.QUOTA_GONE, "100", NOON),
        refusal(Consequence.CAP_REACHED, "1000", NOON),
    ]

    assert most(lessons(past, (), NOON + HOUR - INSTANT)) == 50
    assert most(lessons(past, (), NOON + HOUR)) == 500


def test_of_equal_lessons_the_later_counts_which_lasts_longer() -> None:
    past = [
        refusal(Consequence.CAP_REACHED, "100", NOON + HOUR),
        refusal(Consequence.CAP_REACHED, "100", NOON),
    ]

    assert lessons(past, (), NOON + HOUR).most[FLEX].learnt_at == NOON + HOUR


def test_a_higher_minimum_is_sought_at_twice_the_refused_amount() -> None:
    """X13."""
    found = lessons([refusal(Consequence.MINIMUM_HIGHER, "1.5", code=80021)], (), NOON)

    assert found.least[FLEX].value == 3
    assert found.least[FLEX].until == NOON + timedelta(hours=24)
    assert (found.most, found.decimals) == ({}, {})


def test_of_several_minimums_the_highest_counts() -> None:
    past = [
        refusal(Consequence.MINIMUM_HIGHER, "4", NOON),
        refusal(Consequence.MINIMUM_HIGHER, "1", NOON + HOUR),
    ]

    assert lessons(past, (), NOON + HOUR).least[FLEX].value == 8


@pytest.mark.parametrize("verb", Verb)
def test_too_many_decimals_teach_one_less_for_a_month_whatever_the_verb(verb: Verb) -> None:
    """X13."""
    past = refusal(Consequence.TOO_PRECISE, "899.99999574", verb=verb, code=80003)
    found = lessons([past], (), NOON)

    assert decimals(found) == 7
    assert found.decimals[USDT].until == NOON + timedelta(days=30)
    assert (found.most, found.least) == ({}, {})


def test_the_decimals_that_count_are_those_of_the_request() -> None:
    """The request of 1.50 was written with one decimal."""
    assert decimals(lessons([refusal(Consequence.TOO_PRECISE, "1.50")], (), NOON)) == 0


@pytest.mark.parametrize("amount", ["900", "0.2", "0.00000001"])
def test_what_cannot_be_coarser_teaches_no_decimals(amount: str) -> None:
    """Cut to one decimal less 0.2 is nothing: a coin that is held in fractions would never move."""
    assert decimals(lessons([refusal(Consequence.TOO_PRECISE, amount)], (), NOON)) is None


def test_the_fewest_decimals_count() -> None:
    past = [
        refusal(Consequence.TOO_PRECISE, "1.123", NOON),
        refusal(Consequence.TOO_PRECISE, "1.12345678", NOON + HOUR),
    ]

    assert decimals(lessons(past, (), NOON + HOUR)) == 2


@pytest.mark.parametrize("consequence", SPANS)
def test_a_lesson_ends_with_its_span(consequence: Consequence) -> None:
    past = [refusal(consequence, "10.5")]
    nothing = Lessons()

    assert lessons(past, (), NOON + SPANS[consequence] - INSTANT) != nothing
    after = lessons(past, (), NOON + SPANS[consequence])
    assert (after.most, after.least, after.decimals) == ({}, {}, {})
    assert SPANS[consequence] <= LONGEST_LESSON


def test_the_past_is_read_for_as_long_as_the_lessons_last() -> None:
    assert timedelta(days=30) == LONGEST_LESSON
    assert timedelta(hours=24) == MOST_SPAN


@pytest.mark.parametrize("consequence", [c for c in Consequence if c not in SPANS])
def test_other_refusals_teach_nothing(consequence: Consequence) -> None:
    assert lessons([refusal(consequence)], (), NOON) == Lessons()


@pytest.mark.parametrize(
    "consequence",
    [Consequence.QUOTA_GONE, Consequence.CAP_REACHED, Consequence.MINIMUM_HIGHER],
)
def test_a_refused_redeem_says_nothing_about_what_may_go_in(consequence: Consequence) -> None:
    assert lessons([refusal(consequence, verb=Verb.REDEEM)], (), NOON) == Lessons()


@pytest.mark.parametrize("consequence", TIGHT)
def test_when_its_lesson_is_over_only_idle_money_looks_for_room_for_a_while(
    consequence: Consequence,
) -> None:
    past = [refusal(consequence, "900")]
    begins, ends = NOON + SPANS[consequence], NOON + TIGHT[consequence]

    assert lessons(past, (), begins - INSTANT).tight == {}
    tight = lessons(past, (), begins).tight[FLEX]
    assert (tight.value, tight.until) == (Decimal(900), ends)
    assert FLEX in lessons(past, (), ends - INSTANT).tight
    assert lessons(past, (), ends).tight == {}
    assert ends - NOON <= LONGEST_LESSON


def test_the_latest_refusal_says_how_long_there_is_no_room_for_held_money() -> None:
    past = [
        refusal(Consequence.QUOTA_GONE, "5", NOON + HOUR),
        refusal(Consequence.CAP_REACHED, "9", NOON),
        refusal(Consequence.CAP_REACHED, "7", NOON - HOUR),
    ]

    tight = lessons(past, (), NOON + timedelta(days=2)).tight[FLEX]
    assert (tight.value, tight.until) == (Decimal(9), NOON + timedelta(days=30))


def test_a_refused_redeem_makes_no_product_tight() -> None:
    past = [refusal(Consequence.CAP_REACHED, verb=Verb.REDEEM)]

    assert lessons(past, (), NOON + timedelta(days=2)).tight == {}
