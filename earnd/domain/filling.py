"""Where idle money earns most: water-filling over the bands of all offers.

With rates that fall from band to band, filling the best band first is optimal: any plan that
leaves a better band unfilled gains by moving a coin into it (the fractional knapsack). A minimum
purchase breaks that, so offers that the filling leaves under their minimum are tried both shut and
opened with the minimum, and the better one is kept; the unconstrained filling bounds each branch.
Minimums make this a knapsack, so the search is bounded: after `MOST_WORK` the best plan found so
far is taken. It keeps every promise but being the best there is.
Where rates rise within one product its bands are taken in their order as they come, which is safe
but may miss the best plan.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from earnd.domain.ids import ProductId
from earnd.domain.money import EXACT, NO_RATE, ZERO, Rate, total
from earnd.domain.product import Band

MOST_WORK = 200_000
"""Offers times the ways of opening and shutting them that are tried; about half a second."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a band that is still free: so much more is paid this rate."""

    size: Decimal
    rate: Rate


@dataclass(frozen=True, slots=True)
class Offer:
    """What one product would take: its free segments in order, and the least it takes at all."""

    product_id: ProductId
    segments: tuple[Segment, ...]
    least: Decimal
    is_held: bool

    def room(self) -> Decimal:
        """All it would take."""
        return total(segment.size for segment in self.segments)


def free_segments(
    bands: Sequence[Band], held: Decimal, ceiling: Decimal, floor_rate: Rate
) -> tuple[Segment, ...]:
    """The segments above `held` and up to `ceiling`, until the first that pays under `floor_rate`.

    What lies behind such a band cannot be reached without filling it.
    """
    segments = []
    with localcontext(EXACT):
        for band in bands:
            top = ceiling if band.upper is None else min(band.upper, ceiling)
            bottom = max(band.lower, held)
            if top <= bottom:
                continue
            if band.rate < floor_rate:
                break
            segments.append(Segment(top - bottom, band.rate))
    return tuple(segments)


def place(money: Decimal, offers: Sequence[Offer]) -> dict[ProductId, Decimal]:
    """How much of `money` goes into which offer so that it earns most.

    Every amount is either absent or at least the offer's `least` and at most its room; together
    they are at most `money`. Of equal plans the one that adds most to what is already held is
    taken, then the one that gives most to the smaller product id; the order of `offers` is of no
    matter.
    """
    with localcontext(EXACT):
        usable = [offer for offer in offers if ZERO < offer.room() >= offer.least]
        usable.sort(key=lambda offer: offer.product_id)
        if money <= 0 or not usable:
            return {}
        best = _search(money, usable)
        return {key: value for key, value in best.amounts.items() if value > 0}


@dataclass(frozen=True, slots=True)
class _Filling:
    """A way of paying money in; `rank` orders them, by what they earn and then as ties go."""

    rank: tuple[Decimal, ...]
    amounts: Mapping[ProductId, Decimal]


@dataclass(frozen=True, slots=True)
class _Branch:
    """The fillings that give `opened` at least their minimum and `shut` nothing."""

    opened: frozenset[ProductId] = frozenset()
    shut: frozenset[ProductId] = frozenset()


def _search(money: Decimal, offers: Sequence[Offer]) -> _Filling:
    """The best filling that leaves no offer under its minimum, as far as the bound lets look."""
    best = _without_short(money, offers)
    branches = [_Branch()]
    for _ in range(MOST_WORK // len(offers)):
        if not branches:
            break
        branch = branches.pop()
        filled = _fill(money, offers, branch)
        if filled is None or filled.rank <= best.rank:
            continue
        short = _short(filled, offers)
        if not short:
            best = filled
            continue
        tried = frozenset({short[0]})
        branches.append(_Branch(branch.opened, branch.shut | tried))
        branches.append(_Branch(branch.opened | tried, branch.shut))
    return best


def _without_short(money: Decimal, offers: Sequence[Offer]) -> _Filling:
    """A filling to begin with: what falls short of its minimum is shut, and the rest refilled."""
    shut: frozenset[ProductId] = frozenset()
    while True:
        filled = _fill(money, offers, _Branch(shut=shut))
        short = [] if filled is None else _short(filled, offers)
        if filled is not None and not short:
            return filled
        shut |= frozenset(short)


def _short(filled: _Filling, offers: Sequence[Offer]) -> list[ProductId]:
    """The offers that got something, but less than their minimum."""
    return [
        offer.product_id
        for offer in offers
        if ZERO < filled.amounts[offer.product_id] < offer.least
    ]


def _fill(money: Decimal, offers: Sequence[Offer], branch: _Branch) -> _Filling | None:
    """The filling of a branch that earns most: minimums first, then the best rate that is free.

    `None` where the minimums are more than there is.
    """
    amounts: dict[ProductId, Decimal] = {}
    free: dict[ProductId, list[Segment]] = {}
    worth, left = ZERO, money
    for offer in offers:
        due = offer.least if offer.product_id in branch.opened else ZERO
        earned, behind = _pay_in(due, offer.segments)
        amounts[offer.product_id] = due
        free[offer.product_id] = [] if offer.product_id in branch.shut else behind
        worth += earned
        left -= due
    if left < 0:
        return None
    held = {offer.product_id for offer in offers if offer.is_held}
    tops = [(-free[key][0].rate.value, key not in held, key) for key in free if free[key]]
    heapq.heapify(tops)
    while left > 0 and tops:
        _, is_new, key = heapq.heappop(tops)
        segment = free[key].pop(0)
        taken = min(left, segment.size)
        amounts[key] += taken
        worth += taken * segment.rate.value
        left -= taken
        if free[key]:
            heapq.heappush(tops, (-free[key][0].rate.value, is_new, key))
    return _Filling((worth, total(amounts[key] for key in held), *amounts.values()), amounts)


def _pay_in(due: Decimal, segments: Sequence[Segment]) -> tuple[Decimal, list[Segment]]:
    """What the first `due` earns, and the segments that are free behind it."""
    worth = ZERO
    behind: list[Segment] = []
    for segment in segments:
        taken = min(due, segment.size)
        worth += taken * segment.rate.value
        due -= taken
        if segment.size > taken:
            behind.append(Segment(segment.size - taken, segment.rate))
    return worth, behind


def best_to_keep(bands: Sequence[Band], held: Decimal, floor_rate: Rate) -> Decimal:
    """How much of `held` is worth keeping when money at home is worth `floor_rate`.

    The amount that maximises what it earns above that rate; it lies on an edge of a band, and of
    equal ones the largest is kept, because moving for nothing is worse than staying.
    """
    with localcontext(EXACT):
        best, best_worth, worth, reached = ZERO, ZERO, ZERO, ZERO
        # Beyond the last band nothing is paid.
        for band in (*bands, Band(ZERO, None, NO_RATE)):
            top = held if band.upper is None else min(band.upper, held)
            if top <= reached:
                continue
            worth += (top - reached) * (band.rate.value - floor_rate.value)
            reached = top
            if worth >= best_worth:
                best, best_worth = top, worth
        return best


def cheapest_to_take(
    need: Decimal, sources: Mapping[ProductId, tuple[Sequence[Band], Decimal]]
) -> dict[ProductId, Decimal]:
    """From which holdings to bring `need` home so that the least yield is lost.

    `sources` gives each product's bands and what is held in it. The top band of each is all that
    can be taken first, so the lowest top band goes first; ties go to the larger product id, so
    that what allocation fills first is emptied last. Takes all there is where that is less.
    """
    with localcontext(EXACT):
        held = {product_id: amount for product_id, (_, amount) in sources.items()}
        taken: dict[ProductId, Decimal] = {}
        left = need
        while left > 0:
            tops = [
                (*_top(sources[product_id][0], amount), product_id)
                for product_id, amount in held.items()
                if amount > 0
            ]
            if not tops:
                break
            lowest = min(rate for rate, _, _ in tops)
            _, size, product_id = max(
                (top for top in tops if top[0] == lowest), key=lambda top: top[2]
            )
            part = min(left, size)
            taken[product_id] = taken.get(product_id, ZERO) + part
            held[product_id] -= part
            left -= part
        return taken


def _top(bands: Sequence[Band], held: Decimal) -> tuple[Rate, Decimal]:
    """The rate of the last coin held, and how much of the holding lies in that band."""
    reached = ZERO
    for band in bands:
        if band.upper is None or held <= band.upper:
            return band.rate, held - band.lower
        reached = band.upper
    return NO_RATE, held - reached
