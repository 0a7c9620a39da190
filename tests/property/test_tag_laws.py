from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.money import floor_to
from earnd.domain.tag import tagged

AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=10)
PLACES = st.integers(0, 10)


def mark(amount: str, places: int = 8, least: str = "0", seed: str = "s") -> Decimal:
    return tagged(
        Decimal(amount), precision=places, least=Decimal(least), taken=frozenset(), seed=seed
    )


@given(AMOUNTS, PLACES, AMOUNTS, st.text(max_size=5))
def test_a_tag_is_never_above_the_amount_nor_under_the_least(
    amount: Decimal, places: int, least: Decimal, seed: str
) -> None:
    found = tagged(amount, precision=places, least=least, taken=frozenset(), seed=seed)
    whole = floor_to(amount, places)

    assert found <= whole
    assert found >= least or found == whole
    assert floor_to(found, places) == found
    assert (whole - found) * 10_000 <= amount


@given(AMOUNTS, PLACES, st.text(max_size=5))
def test_the_same_seed_gives_the_same_tag(amount: Decimal, places: int, seed: str) -> None:
    one, two = (
        tagged(amount, precision=places, least=Decimal(0), taken=frozenset(), seed=seed)
        for _ in range(2)
    )

    assert one == two


@given(st.integers(1, 40))
def test_a_tag_is_unlike_every_amount_that_is_taken(count: int) -> None:
    """X19, T7."""
    taken: set[Decimal] = set()
    for number in range(count):
        found = tagged(
            Decimal(1000), precision=8, least=Decimal(0), taken=taken, seed=f"run/{number}"
        )
        assert found not in taken
        taken.add(found)


def test_the_same_seed_avoids_what_it_drew_before() -> None:
    first = mark("1000")

    second = tagged(
        Decimal(1000), precision=8, least=Decimal(0), taken=frozenset({first}), seed="s"
    )

    assert second != first


@pytest.mark.parametrize(
    ("amount", "places"), [("0", 8), ("0.00000999", 8), ("9", 0), ("99999", 1)]
)
def test_an_amount_without_digits_to_spare_stays_as_it_is(amount: str, places: int) -> None:
    assert mark(amount, places) == Decimal(amount)


def test_a_coin_with_few_decimals_is_marked_in_those_it_has() -> None:
    found = mark("1234567.00", 2)

    assert found != Decimal("1234567.00")
    assert Decimal(1234566) <= found < Decimal(1234567)


def test_an_amount_that_no_mark_fits_under_stays_as_it_is() -> None:
    assert mark("1000", least="1000") == 1000
