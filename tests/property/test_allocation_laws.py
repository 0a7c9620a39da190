from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product as every

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnd.domain import filling as allocation
from earnd.domain.filling import (
    MOST_WORK,
    Offer,
    Segment,
    best_to_keep,
    cheapest_to_take,
    free_segments,
    place,
)
from earnd.domain.ids import ProductId
from earnd.domain.money import NO_RATE, Rate
from earnd.domain.product import Band

PERCENTS = st.integers(0, 12)
Bands = Sequence[Band]


def percent(number: int) -> Rate:
    """So many percent."""
    return Rate(Decimal(number).scaleb(-2))


@st.composite
def offers(
    draw: st.DrawFn, most: int = 3, *, falling: bool = True, minimums: bool = True
) -> list[Offer]:
    """A few offers on whole numbers, small enough to try every plan."""
    found = []
    for number in range(draw(st.integers(1, most))):
        rates = draw(st.lists(PERCENTS, min_size=1, max_size=3))
        if falling:
            rates.sort(reverse=True)
        segments = tuple(Segment(Decimal(draw(st.integers(1, 4))), percent(paid)) for paid in rates)
        least = draw(st.integers(0, 7)) if minimums else 0
        held = draw(st.booleans())
        found.append(Offer(ProductId(str(number)), segments, Decimal(least), is_held=held))
    return found


def worth(offer: Offer, amount: Decimal) -> Decimal:
    """What an amount earns in an offer."""
    earned = Decimal(0)
    for segment in offer.segments:
        part = min(amount, segment.size)
        earned += part * segment.rate.value
        amount -= part
    return earned


def earns(found: Mapping[ProductId, Decimal], among: Sequence[Offer]) -> Decimal:
    """What a plan earns in all."""
    nothing = Decimal(0)
    return sum((worth(offer, found.get(offer.product_id, nothing)) for offer in among), nothing)


def every_plan(money: int, among: Sequence[Offer]) -> list[dict[ProductId, Decimal]]:
    """All plans on whole numbers that the rules allow."""
    choices = [
        [
            Decimal(amount)
            for amount in range(int(offer.room()) + 1)
            if amount == 0 or amount >= offer.least
        ]
        for offer in among
    ]
    return [
        dict(zip([offer.product_id for offer in among], amounts, strict=True))
        for amounts in every(*choices)
        if sum(amounts) <= money
    ]


def preference(plan: Mapping[ProductId, Decimal], among: Sequence[Offer]) -> list[Decimal]:
    """By yield, then by what is added to held products, then by the smaller product ids."""
    in_order = sorted(among, key=lambda offer: offer.product_id)
    amounts = [plan.get(offer.product_id, Decimal(0)) for offer in in_order]
    to_held = [amount for offer, amount in zip(in_order, amounts, strict=True) if offer.is_held]
    return [earns(plan, among), sum(to_held, Decimal(0)), *amounts]


@given(offers(), st.integers(0, 30))
def test_no_plan_earns_more_and_of_equal_ones_the_promised_one_is_taken(
    among: list[Offer], money: int
) -> None:
    """N13."""
    best = max(every_plan(money, among), key=lambda plan: preference(plan, among))

    found = place(Decimal(money), among)

    assert found == {key: amount for key, amount in best.items() if amount > 0}


@given(offers(5, falling=False), st.decimals(0, 40, places=2))
def test_a_plan_keeps_within_money_room_and_minimums(among: list[Offer], money: Decimal) -> None:
    found = place(money, among)

    assert sum(found.values()) <= money
    for offer in among:
        amount = found.get(offer.product_id)
        assert amount is None or Decimal(0) < amount >= offer.least
        assert amount is None or amount <= offer.room()


@given(offers(5, minimums=False), st.decimals(0, 40, places=2))
def test_without_minimums_no_money_lies_idle_while_there_is_room(
    among: list[Offer], money: Decimal
) -> None:
    room = sum((offer.room() for offer in among), Decimal(0))

    assert sum(place(money, among).values()) == min(money, room)


@given(offers(4, falling=False), st.integers(0, 40), st.randoms(use_true_random=False))
def test_the_order_of_the_offers_is_of_no_matter(
    among: list[Offer], money: int, random: st.DataObject
) -> None:
    mixed = list(among)
    random.shuffle(mixed)  # type: ignore[attr-defined]

    assert place(Decimal(money), mixed) == place(Decimal(money), among)


@given(offers(4), st.integers(0, 40), st.integers(0, 10))
def test_more_money_never_earns_less(among: list[Offer], money: int, more: int) -> None:
    less = earns(place(Decimal(money), among), among)

    assert earns(place(Decimal(money + more), among), among) >= less


@given(offers(4), st.integers(0, 40), st.integers(1, 10), st.data())
def test_a_higher_rate_never_gets_less(
    among: list[Offer], money: int, more: int, data: st.DataObject
) -> None:
    lucky = data.draw(st.sampled_from(among))
    raised = tuple(Segment(part.size, part.rate + percent(more)) for part in lucky.segments)
    after = [
        Offer(offer.product_id, raised, offer.least, is_held=offer.is_held)
        if offer is lucky
        else offer
        for offer in among
    ]

    before = place(Decimal(money), among).get(lucky.product_id, Decimal(0))

    assert place(Decimal(money), after).get(lucky.product_id, Decimal(0)) >= before


def test_ties_go_to_the_held_product_and_then_to_the_smaller_id() -> None:
    def offer(name: str, least: int, *, is_held: bool = False) -> Offer:
        segments = (Segment(Decimal(12), percent(5)),)
        return Offer(ProductId(name), segments, Decimal(least), is_held=is_held)

    a, b, held_b = offer("a", 0), offer("b", 0), offer("b", 0, is_held=True)

    assert place(Decimal(5), [b, a]) == {"a": 5}
    assert place(Decimal(5), [a, held_b]) == {"b": 5}
    assert place(Decimal(15), [a, held_b]) == {"a": 3, "b": 12}
    # Minimums leave room for one of them only.
    assert place(Decimal(15), [offer("a", 10), offer("b", 10, is_held=True)]) == {"b": 12}


def test_a_minimum_is_worth_opening_when_the_rest_pays_less() -> None:
    """Greedy would fill the small 8 % band and be left with too little for the 5 % one."""
    small = Offer(ProductId("a"), (Segment(Decimal(20), percent(8)),), Decimal(0), is_held=False)
    large = Offer(ProductId("b"), (Segment(Decimal(100), percent(5)),), Decimal(90), is_held=False)

    assert place(Decimal(100), [small, large]) == {"a": 10, "b": 90}


def test_nothing_is_placed_without_money_or_offers() -> None:
    offer = Offer(ProductId("a"), (Segment(Decimal(9), percent(5)),), Decimal(1), is_held=False)

    assert place(Decimal(0), [offer]) == {}
    assert place(Decimal(-5), [offer]) == {}
    assert place(Decimal(100), []) == {}


@pytest.mark.parametrize("count", [20, 60])
def test_the_search_is_bounded_and_its_answer_keeps_the_rules(
    monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """Many equal products whose small first band lures and whose minimum then costs."""
    fillings = 0
    fill = allocation._fill

    def counting(*arguments: object) -> object:
        nonlocal fillings
        fillings += 1
        return fill(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(allocation, "_fill", counting)
    segments = (Segment(Decimal(5), percent(10)), Segment(Decimal(92), percent(1)))
    among = [
        Offer(ProductId(f"{number:02}"), segments, Decimal(71), is_held=False)
        for number in range(count)
    ]

    found = place(Decimal(1030), among)

    assert fillings <= MOST_WORK // count + count + 1
    assert sum(found.values()) <= 1030
    assert found
    assert all(71 <= amount <= 97 for amount in found.values())


def test_twenty_ordinary_products_need_few_fillings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocation, "MOST_WORK", 20 * 200)
    among = [
        Offer(
            ProductId(f"{number:02}"),
            (Segment(Decimal(50 + 7 * number), percent(number % 7 + 1)),),
            Decimal(10 + 3 * number),
            is_held=False,
        )
        for number in range(20)
    ]
    few = place(Decimal(777), among)
    monkeypatch.setattr(allocation, "MOST_WORK", 20 * 50_000)

    assert place(Decimal(777), among) == few


@st.composite
def bands(draw: st.DrawFn, *, falling: bool) -> tuple[Band, ...]:
    """Bands on whole numbers from zero; the last may be without an end."""
    rates = draw(st.lists(PERCENTS, min_size=0, max_size=4))
    if falling:
        rates.sort(reverse=True)
    has_end = draw(st.booleans())
    found: list[Band] = []
    lower = 0
    for paid in rates:
        upper = lower + draw(st.integers(1, 4))
        found.append(Band(Decimal(lower), Decimal(upper), percent(paid)))
        lower = upper
    if found and not has_end:
        last = found.pop()
        found.append(Band(last.lower, None, last.rate))
    return tuple(found)


def paid_on(among: Bands, held: int) -> Decimal:
    """What so many whole coins earn, coin by coin."""
    return sum((paid_at(among, coin).value for coin in range(held)), Decimal(0))


def paid_at(among: Bands, coin: int) -> Rate:
    for band in among:
        if band.lower <= coin and (band.upper is None or coin < band.upper):
            return band.rate
    return NO_RATE


@given(bands(falling=False), st.integers(0, 20), st.integers(-3, 12))
def test_what_is_kept_is_worth_most_above_the_floor(
    among: tuple[Band, ...], held: int, floor: int
) -> None:
    def above(kept: int) -> tuple[Decimal, int]:
        return paid_on(among, kept) - kept * percent(floor).value, kept

    expected = max(range(held + 1), key=above)

    assert best_to_keep(among, Decimal(held), percent(floor)) == expected


FALLING = bands(falling=True)


@given(st.lists(st.tuples(FALLING, st.integers(0, 9)), max_size=3), st.integers(0, 25))
def test_what_is_taken_costs_the_least_yield(
    held: list[tuple[tuple[Band, ...], int]], need: int
) -> None:
    sources: dict[ProductId, tuple[Bands, Decimal]] = {
        ProductId(str(number)): (among, Decimal(amount))
        for number, (among, amount) in enumerate(held)
    }
    there = sum(amount for _, amount in held)
    cost = min(
        sum(
            (
                paid_on(among, amount) - paid_on(among, amount - part)
                for (among, amount), part in zip(held, parts, strict=True)
            ),
            Decimal(0),
        )
        for parts in every(*(range(amount + 1) for _, amount in held))
        if sum(parts) == min(need, there)
    )

    taken = cheapest_to_take(Decimal(need), sources)

    assert sum(taken.values()) == min(need, there)
    lost = Decimal(0)
    for product_id, part in taken.items():
        among, amount = sources[product_id]
        assert Decimal(0) < part <= amount
        lost += paid_on(among, int(amount)) - paid_on(among, int(amount - part))
    assert lost == cost


@given(bands(falling=False), st.integers(0, 20), st.integers(0, 20), st.integers(0, 12))
def test_free_segments_are_what_lies_between_held_and_ceiling_until_a_rate_is_too_low(
    among: tuple[Band, ...], held: int, ceiling: int, floor: int
) -> None:
    end = ceiling if not among or among[-1].upper is None else min(ceiling, int(among[-1].upper))
    expected = []
    for coin in range(held, end if among else 0):
        if paid_at(among, coin) < percent(floor):
            break
        expected.append(paid_at(among, coin))

    found = free_segments(among, Decimal(held), Decimal(ceiling), percent(floor))

    assert [segment.rate for segment in found for _ in range(int(segment.size))] == expected
