"""Readings that look wrong, and how long they are not believed.

An exchange once showed a month of rates as zero for three hours. Nobody leaves on one reading,
and nobody enters on one either: a rate that falls to zero or jumps, and a product that is gone,
are seen several times over a while before they count.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple

from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import EXACT
from earnd.domain.product import Product
from earnd.domain.strategy import Quarantine

FEWEST: Final = 4
"""A list of fewer products has not shrunk when most of it is gone: of two or three, two may close
on a day like any other. Each of them is still doubted by itself."""


class Oddity(StrEnum):
    """What is odd about a reading, against the last one that was believed."""

    ZERO = "zero"
    """It pays nothing, and paid something before."""
    FELL = "fell"
    """It pays less than the strategy's `factor`th part of what it paid, or one of its bands less
    than that of what its poorest band paid."""
    ROSE = "rose"
    """It pays more than the strategy's `factor` times what it paid."""
    VANISHED = "vanished"
    """It is not in the list any more."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a look at the list of products found, from `at` until the next reading differs.

    `product` is `None` while it is not in the list.
    """

    at: datetime
    product: Product | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A product whose latest readings are not believed yet.

    They have been odd in the same way since `since`, in `looks` looks; they are believed after
    `needed` looks, and not before `until`. `trusted` is what was believed before.
    """

    oddity: Oddity
    since: datetime
    looks: int
    needed: int
    until: datetime
    trusted: Product


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A list of products that lost more than half of what it had: believed as a product is."""

    had: int
    has: int
    since: datetime
    until: datetime


def doubts(
    readings: Mapping[ProductId, Sequence[Reading]],
    looks: Sequence[datetime],
    rules_of: Callable[[Coin], Quarantine],
) -> dict[ProductId, Doubt]:
    """The products whose latest reading is not believed, each with why and until when.

    `readings` of a product are oldest first, and its first one is believed; `looks` are the times
    of all complete looks since then, the latest included, in any order. A reading is odd against
    the last one believed. Odd readings of the same kind that follow each other count together,
    however they differ; once they are enough looks over enough time, the newest is believed. One
    that is not odd ends them.
    """
    times = sorted(set(looks))
    found = {}
    with localcontext(EXACT):
        for product_id, series in readings.items():
            doubt = _doubt_of(series, times, rules_of)
            if doubt is not None:
                found[product_id] = doubt
    return found


def shrunken(
    readings: Mapping[ProductId, Sequence[Reading]],
    looks: Sequence[datetime],
    rules: Quarantine,
) -> Shrunk | None:
    """Whether the list of products lost most of what it had, and is not believed in that yet.

    It lost more than half of the `FEWEST` or more products that the last list believed had. It is
    believed as a product is: after enough looks over enough time in which that stays so.
    """
    times = sorted(set(looks))
    believed: frozenset[ProductId] = frozenset()
    listed: frozenset[ProductId] = frozenset()
    since: datetime | None = None
    seen = 0
    for begin, end, listed in _lists(readings):
        if not _has_shrunk(believed, listed):
            believed, since = listed, None
            continue
        if since is None:
            since, seen = begin, 0
        here = _between(times, begin, end)
        if _is_enough(here, seen, since, rules):
            believed, since = listed, None
        seen += len(here)
    if since is None:
        return None
    return Shrunk(len(believed), len(listed), since, since + rules.span)


_Pays = tuple[Decimal, Decimal]
"""The poorest and the best rate of a product's bands, the additional rate included."""


class _Believed(NamedTuple):
    """The last reading believed. A tuple, for of rates that change by the hour there are many."""

    product: Product
    pays: _Pays


def _doubt_of(
    series: Sequence[Reading], times: Sequence[datetime], rules_of: Callable[[Coin], Quarantine]
) -> Doubt | None:
    believed: _Believed | None = None
    doubt: Doubt | None = None
    for place, reading in enumerate(series):
        pays = None if reading.product is None else _pays(reading.product)
        if believed is not None and pays != believed.pays:
            rules = rules_of(believed.product.coin)
            odd = _oddity(believed.pays, pays, rules.factor)
            if odd is not None:
                if doubt is None or doubt.oddity is not odd:
                    until = reading.at + rules.span
                    doubt = Doubt(odd, reading.at, 0, rules.looks, until, believed.product)
                end = series[place + 1].at if place + 1 < len(series) else None
                here = _between(times, reading.at, end)
                if not _is_enough(here, doubt.looks, doubt.since, rules):
                    doubt = replace(doubt, looks=doubt.looks + len(here))
                    continue
        # What comes back after its absence was believed is as good as new.
        doubt = None
        believed = (
            None if reading.product is None or pays is None else _Believed(reading.product, pays)
        )
    return doubt


def _oddity(trusted: _Pays, seen: _Pays | None, factor: Decimal) -> Oddity | None:
    """What is odd about a reading, if anything; `None` was seen where it is gone.

    A band that comes, goes or changes is everyday as long as the best rate stays within the
    factor, and the poorest does not fall under it: the money in one band must not leave because
    that band alone is misread.
    """
    if seen is None:
        return Oddity.VANISHED
    least_before, most_before = trusted
    least, most = seen
    if most == 0:
        return Oddity.ZERO
    if most * factor < most_before or least * factor < least_before:
        return Oddity.FELL
    return Oddity.ROSE if most > most_before * factor else None


def _pays(product: Product) -> _Pays:
    extra = product.additional_rate.value
    if product.has_tiers and product.tiers:
        rates = [tier.rate.value for tier in product.tiers]
        return min(rates) + extra, max(rates) + extra
    rate = product.rate.value + extra
    return rate, rate


def _between(
    times: Sequence[datetime], begin: datetime, end: datetime | None
) -> Sequence[datetime]:
    last = len(times) if end is None else bisect_left(times, end)
    return times[bisect_left(times, begin) : last]


def _is_enough(here: Sequence[datetime], before: int, since: datetime, rules: Quarantine) -> bool:
    """Whether the last of these looks, after so many others, is one too many to be a slip."""
    return bool(here) and before + len(here) >= rules.looks and here[-1] - since >= rules.span


def _has_shrunk(believed: frozenset[ProductId], listed: frozenset[ProductId]) -> bool:
    return len(believed) >= FEWEST and 2 * len(believed - listed) > len(believed)


def _lists(
    readings: Mapping[ProductId, Sequence[Reading]],
) -> Iterator[tuple[datetime, datetime | None, frozenset[ProductId]]]:
    """What was listed, from when, and until when that was so; without an end, until now."""
    changes = sorted(
        (
            (reading.at, product_id, reading.product is not None)
            for product_id, series in readings.items()
            for place, reading in enumerate(series)
            if not place or (reading.product is None) != (series[place - 1].product is None)
        ),
        key=lambda change: change[0],
    )
    moments = [(at, list(group)) for at, group in groupby(changes, key=lambda change: change[0])]
    listed: set[ProductId] = set()
    for place, (at, group) in enumerate(moments):
        for _, product_id, is_listed in group:
            (listed.add if is_listed else listed.discard)(product_id)
        yield at, moments[place + 1][0] if place + 1 < len(moments) else None, frozenset(listed)
