from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.ids import ProductId
from earnd.domain.money import NO_RATE, Rate
from earnd.domain.product import Product, Tier
from tests.support.world import USDT

PERCENT = st.integers(0, 20).map(lambda number: Rate(Decimal(number).scaleb(-2)))


@st.composite
def tiered(draw: st.DrawFn) -> Product:
    """A product with tiers that share their edges, in no particular order."""
    edges = sorted(draw(st.sets(st.integers(0, 40), min_size=2, max_size=6)))
    tiers = [
        Tier(Decimal(lower), Decimal(upper), draw(PERCENT)) for lower, upper in pairwise(edges)
    ]
    return Product(
        ProductId("1"),
        USDT,
        NO_RATE,
        draw(PERCENT),
        Decimal(1),
        Decimal(draw(st.integers(0, 50))),
        tuple(draw(st.permutations(tiers))),
        has_tiers=True,
    )


def one_coin(product: Product, from_amount: int, *, counted: bool) -> Decimal:
    """What the coin from `from_amount` to the next whole number earns, by the tier it lies in."""
    if from_amount >= product.maximum:
        return Decimal(0)
    lowest = min(tier.lower for tier in product.tiers)
    for tier in product.tiers:
        if max(Decimal(from_amount), lowest) >= tier.lower and from_amount < tier.upper:
            extra = product.additional_rate.value if counted else Decimal(0)
            return tier.rate.value + extra
    return Decimal(0)


@given(tiered(), st.integers(0, 60), st.booleans())
def test_a_year_equals_the_sum_over_every_single_coin(
    product: Product, held: int, counted: bool
) -> None:
    """N13."""
    expected = sum((one_coin(product, at, counted=counted) for at in range(held)), Decimal(0))

    assert product.yearly(Decimal(held), count_additional=counted) == expected


@given(tiered())
def test_bands_start_at_zero_share_edges_and_end_at_the_maximum(product: Product) -> None:
    bands = product.bands(count_additional=True)
    edges = [band.upper for band in bands]

    assert product.tiers_problem() is None
    assert [band.lower for band in bands] == [Decimal(0), *edges[:-1]] if bands else True
    assert all(edge is not None and edge <= product.maximum for edge in edges)
    assert all(band.upper is not None and band.lower < band.upper for band in bands)


@given(tiered(), st.integers(0, 60))
def test_the_next_coin_earns_what_a_year_of_it_adds(product: Product, held: int) -> None:
    rate = product.rate_on_next(Decimal(held), count_additional=True)
    more = product.yearly(Decimal(held + 1), count_additional=True)
    gain = more - product.yearly(Decimal(held), count_additional=True)

    assert gain == (Decimal(0) if rate is None else rate.value)
