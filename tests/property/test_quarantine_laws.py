from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.ids import ProductId
from earnd.domain.product import Product
from earnd.domain.quarantine import Doubt, Oddity, Reading, doubts, shrunken
from earnd.domain.strategy import Quarantine
from tests.support.world import FLEX, NOON, product

MINUTE = timedelta(minutes=1)
OFFERS: list[Product | None] = [
    None,
    *(product(paid=paid) for paid in ("0%", "0.01%", "0.2%", "0.3%", "3%", "5%", "60%")),
    product(tiers="0-500 @ 10%, 500-1000 @ 3%"),
    product(tiers="0-500 @ 10%, 500-1000 @ 0%"),
]
RULES = st.builds(
    Quarantine,
    looks=st.integers(1, 5),
    span=st.integers(0, 300).map(lambda minutes: minutes * MINUTE),
)
Seen = list[tuple[int, Product | None]]
LOOKS = st.lists(st.tuples(st.integers(1, 120), st.sampled_from(OFFERS)), min_size=1, max_size=25)
"""Minutes since the look before, and what was found."""


def doubt(found: Seen, rules: Quarantine) -> Doubt | None:
    """Whether the last of these looks is believed; equal readings are one, as in the ledger."""
    at, looks, readings = NOON, [], list[Reading]()
    for minutes, offer in found:
        at += minutes * MINUTE
        looks.append(at)
        if not readings or readings[-1].product != offer:
            readings.append(Reading(at, offer))
    return doubts({FLEX: readings}, looks, lambda _: rules).get(FLEX)


@given(LOOKS, RULES, st.sampled_from(OFFERS), st.integers(1, 120))
def test_nobody_is_doubted_for_ever(
    found: Seen, rules: Quarantine, last: Product | None, apart: int
) -> None:
    """What stays as it is is believed after the looks and the span, whatever came before."""
    looks = rules.looks + rules.span // (apart * MINUTE) + 1

    assert doubt([*found, *[(apart, last)] * looks], rules) is None


@given(st.lists(st.integers(1, 120), min_size=1, max_size=40), RULES, st.sampled_from(OFFERS))
def test_what_never_changes_is_never_doubted(
    apart: list[int], rules: Quarantine, offer: Product | None
) -> None:
    assert doubt([(minutes, offer) for minutes in apart], rules) is None


@given(LOOKS, RULES)
def test_a_doubt_is_younger_than_the_span_or_has_too_few_looks(
    found: Seen, rules: Quarantine
) -> None:
    now = NOON + sum(minutes for minutes, _ in found) * MINUTE

    doubted = doubt(found, rules)

    if doubted is not None:
        assert 1 <= doubted.looks <= len(found)
        assert doubted.looks < rules.looks or now < doubted.until
        assert doubted.until == doubted.since + rules.span
        assert (found[-1][1] is None) == (doubted.oddity is Oddity.VANISHED)


@given(RULES, st.lists(st.integers(0, 6), min_size=1, max_size=30))
def test_one_odd_reading_among_good_ones_is_never_believed(
    rules: Quarantine, runs: list[int]
) -> None:
    """However often it comes: each time the good one is back, and is believed at once."""
    good, odd = product(paid="5%"), product(paid="0%")
    rules = Quarantine(looks=max(2, rules.looks), span=rules.span)
    found: Seen = [(10, good)]
    for run in runs:
        assert doubt([*found, (10, odd)], rules) is not None
        found = [*found, (10, odd), *[(10, good)] * (run + 1)]
        assert doubt(found, rules) is None


@given(st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=15), RULES, st.integers(1, 120))
def test_a_list_is_not_doubted_for_ever_either(
    lists: list[set[int]], rules: Quarantine, apart: int
) -> None:
    looks = rules.looks + rules.span // (apart * MINUTE) + 1
    found = [*lists, *[lists[-1]] * looks]
    readings: dict[ProductId, list[Reading]] = {}
    for place, now in enumerate(found):
        for number in range(12):
            name = ProductId(str(number))
            offer = product(name) if number in now else None
            series = readings.setdefault(name, [])
            if not series or series[-1].product != offer:
                series.append(Reading(NOON + place * apart * MINUTE, offer))
    times = [NOON + place * apart * MINUTE for place in range(len(found))]

    assert shrunken(readings, times, rules) is None
