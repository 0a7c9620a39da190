from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.money import Rate, floor_to, minus, parse_amount, plain, total

TEXTS = st.from_regex(r"[0-9]{1,20}(\.[0-9]{1,18})?", fullmatch=True).filter(str.isascii)
AMOUNTS = TEXTS.map(Decimal)
ANY_DECIMAL = st.decimals(allow_nan=True, allow_infinity=True)


@given(TEXTS)
def test_what_is_read_and_written_is_the_same_amount(text: str) -> None:
    """N5, N16."""
    amount = parse_amount(text)

    assert parse_amount(plain(amount)) == amount
    assert plain(parse_amount(plain(amount))) == plain(amount)


@given(ANY_DECIMAL)
def test_whatever_is_written_can_be_read_back(value: Decimal) -> None:
    try:
        text = plain(value)
    except ValueError:
        return
    assert parse_amount(text) == value


@given(st.text())
def test_whatever_is_read_is_plain_digits(text: str) -> None:
    """N4, N5."""
    try:
        amount = parse_amount(text)
    except ValueError:
        return
    assert set(text) <= set("0123456789.")
    assert amount >= 0


@given(st.decimals(min_value=-(10**20), max_value=10**20, places=18), st.integers(0, 18))
def test_cutting_never_raises_a_value_and_takes_less_than_one_unit(
    value: Decimal, places: int
) -> None:
    """N8."""
    cut = floor_to(value, places)

    assert 0 <= Fraction(value) - Fraction(cut) < Fraction(1, 10**places)
    assert floor_to(cut, places) == cut


@given(st.lists(AMOUNTS, max_size=20))
def test_sums_are_exact(values: list[Decimal]) -> None:
    """N7."""
    assert Fraction(total(values)) == sum((Fraction(value) for value in values), Fraction(0))


@given(AMOUNTS, AMOUNTS)
def test_differences_are_exact(left: Decimal, right: Decimal) -> None:
    assert Fraction(minus(left, right)) == Fraction(left) - Fraction(right)


@given(st.decimals(min_value=0, max_value=10**6, places=8))
def test_a_rate_needs_its_percent_sign(value: Decimal) -> None:
    """N12."""
    text = format(value, "f")

    assert Rate.from_percent(f"{text}%").value * 100 == value
    assert Rate.from_percent(str(Rate.from_percent(f"{text}%"))) == Rate.from_percent(f"{text}%")
    with pytest.raises(ValueError, match="percent sign"):
        Rate.from_percent(text)
