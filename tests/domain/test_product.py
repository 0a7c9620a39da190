from __future__ import annotations

import pytest

from earnd.domain.product import Band
from tests.support.world import dec, product, rate


def test_bands_start_at_zero_and_share_their_edges() -> None:
    """N13: As in the API's example, where the first tier starts at 1."""
    offer = product(tiers="1-10000 @ 8%, 10000-100000 @ 2%")

    assert offer.tiers_problem() is None
    assert offer.bands(count_additional=True) == (
        Band(dec(0), dec(10000), rate("8%")),
        Band(dec(10000), dec(100000), rate("2%")),
    )


def test_tiers_may_be_listed_in_any_order() -> None:
    mixed = product(tiers="500-1000 @ 2%, 0-500 @ 8%")

    assert mixed.tiers_problem() is None
    assert mixed.bands(count_additional=True) == product(tiers="0-500 @ 8%, 500-1000 @ 2%").bands(
        count_additional=True
    )


@pytest.mark.parametrize(
    ("tiers", "problem"),
    [
        ("none", "lists none"),
        ("0-100 @ 5%, 200-300 @ 4%", "leave 100 to 200 undefined"),
        ("0-200 @ 5%, 100-300 @ 4%", "two things about 100 to 200"),
        ("0-100 @ 5%, 0-100 @ 4%", "two things about 0 to 100"),
        ("0-100 @ 5%, 100-100 @ 4%", "is empty"),
        ("0-100 @ 5%, 200-100 @ 4%", "is empty"),
    ],
)
def test_tiers_that_leave_something_open_are_reported(tiers: str, problem: str) -> None:
    """N12, N13."""
    assert problem in (product(tiers=tiers).tiers_problem() or "")


def test_without_tiers_the_one_rate_holds_up_to_the_maximum() -> None:
    offer = product(paid="5%", maximum="300", additional="1%")

    assert offer.tiers_problem() is None
    assert offer.bands(count_additional=True) == (Band(dec(0), dec(300), rate("6%")),)
    assert offer.bands(count_additional=False) == (Band(dec(0), dec(300), rate("5%")),)


def test_the_maximum_ends_the_last_band() -> None:
    offer = product(maximum="700", tiers="0-500 @ 8%, 500-1000 @ 2%, 1000-2000 @ 1%")

    assert [band.upper for band in offer.bands(count_additional=True)] == [dec(500), dec(700)]


def test_the_next_coin_earns_the_rate_of_the_band_it_falls_into() -> None:
    offer = product(maximum="700", tiers="0-500 @ 8%, 500-1000 @ 2%", additional="1%")

    assert offer.rate_on_next(dec(0), count_additional=True) == rate("9%")
    assert offer.rate_on_next(dec("499.9"), count_additional=False) == rate("8%")
    assert offer.rate_on_next(dec(500), count_additional=True) == rate("3%")
    assert offer.rate_on_next(dec(700), count_additional=True) is None


def test_a_year_is_the_sum_over_the_bands_and_nothing_beyond_the_end() -> None:
    """N13."""
    offer = product(maximum="700", tiers="0-500 @ 8%, 500-1000 @ 2%")

    assert offer.yearly(dec(600), count_additional=True) == dec(42)
    assert offer.yearly(dec(900), count_additional=True) == dec(44)
    assert offer.yearly(dec(0), count_additional=True) == 0
