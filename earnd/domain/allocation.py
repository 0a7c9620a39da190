"""Where idle money earns most: water-filling over the bands of all offers.

With rates that fall from band to band, filling the best band first is optimal: any plan that
leaves a better band unfilled gains by moving a coin into it (the fractional knapsack). A minimum
purchase breaks that, so offers that the filling leaves under their minimum are tried both shut and
opened with the minimum, and the better one is kept; the unconstrained filling bounds each branch.
Where rates rise within one product its bands are taken in their order as they come, which is safe
but may miss the best plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from earnd.domain.ids import ProductId
from earnd.domain.money import EXACT, ZERO, Rate
from earnd.domain.product import Band


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
        return sum((segment.size for segment in self.segments), ZERO)


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
    they are at most `money`. Of equal plans the one that adds to what is already held is taken,
    then the one with the smaller product id.
    """
    with localcontext(EXACT):
        usable = [offer for offer in offers if ZERO < offer.least <= offer.room()]
        usable += [offer for offer in offers if offer.least <= 0 < offer.room()]
        best = _search(money, usable, frozenset(), None)
        return {} if best is None else {key: value for key, value in best[1].items() if value > 0}


_Plan = tuple[Decimal, dict[ProductId, Decimal]]


def _search(
    money: Decimal, offers: Sequence[Offer], opened: frozenset[ProductId], best: _Plan | None
) -> _Plan | None:
    """The best plan over `offers` in which `opened` get at least their minimum, or `best`."""
    filled = _fill(money, offers, opened)
    if filled is None or (best is not None and filled[0] <= best[0]):
        return best
    short = next(
        (offer for offer in offers if ZERO < filled[1].get(offer.product_id, ZERO) < offer.least),
        None,
    )
    if short is None:
        return filled
    best = _search(money, offers, opened | {short.product_id}, best)
    return _search(money, [offer for offer in offers if offer is not short], opened, best)


def _fill(money: Decimal, offers: Sequence[Offer], opened: frozenset[ProductId]) -> _Plan | None:
    """The filling that earns most when the minimums of `opened` are paid in first."""
    worth = ZERO
    amounts: dict[ProductId, Decimal] = {}
    left = money
    free: list[tuple[Rate, bool, ProductId, int, Decimal]] = []
    for offer in offers:
        due = offer.least if offer.product_id in opened else ZERO
        if due > left:
            return None
        left -= due
        amounts[offer.product_id] = due
        for index, segment in enumerate(offer.segments):
            taken = min(due, segment.size)
            due -= taken
            worth += taken * segment.rate.value
            if segment.size > taken:
                free.append(
                    (segment.rate, offer.is_held, offer.product_id, index, segment.size - taken)
                )
    worth += _pour(left, free, amounts)
    return worth, amounts


def _pour(
    left: Decimal,
    free: list[tuple[Rate, bool, ProductId, int, Decimal]],
    amounts: dict[ProductId, Decimal],
) -> Decimal:
    """Pours `left` into the free segments, best first, each product's own in their order."""
    worth = ZERO
    next_index = _first_index(free)
    waiting = sorted(free, key=lambda part: (-part[0].value, not part[1], part[2], part[3]))
    while left > 0:
        part = next((p for p in waiting if p[3] == next_index[p[2]]), None)
        if part is None:
            break
        waiting.remove(part)
        rate, _, product_id, index, size = part
        taken = min(left, size)
        amounts[product_id] += taken
        worth += taken * rate.value
        left -= taken
        next_index[product_id] = index + 1
    return worth


def _first_index(
    free: Sequence[tuple[Rate, bool, ProductId, int, Decimal]],
) -> dict[ProductId, int]:
    first: dict[ProductId, int] = {}
    for _, _, product_id, index, _ in free:
        first[product_id] = min(index, first.get(product_id, index))
    return first


def best_to_keep(bands: Sequence[Band], held: Decimal, floor_rate: Rate) -> Decimal:
    """How much of `held` is worth keeping when money at home is worth `floor_rate`.

    The amount that maximises what it earns above that rate; it lies on an edge of a band, and of
    equal ones the largest is kept, because moving for nothing is worse than staying.
    """
    with localcontext(EXACT):
        best, best_worth, worth, reached = ZERO, ZERO, ZERO, ZERO
        for band in bands:
            top = held if band.upper is None else min(band.upper, held)
            if top <= reached:
                continue
            worth += (top - reached) * (band.rate.value - floor_rate.value)
            reached = top
            if worth >= best_worth:
                best, best_worth = top, worth
        if reached < held and floor_rate.value <= 0 and best == reached:
            # Beyond the last band nothing is paid, but nothing is better at home either.
            best = held
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
    return Rate(ZERO), held - reached
