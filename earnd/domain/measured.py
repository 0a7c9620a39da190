"""How long moved money really earned nothing, from what was promised and what was paid.

Nobody says when interest begins after a subscribe and when it ends before a redeem. But a stay that
is over tells: what it was paid less than its rates promised is time in which it earned nothing.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Context, Decimal, localcontext
from itertools import pairwise
from typing import Final

from earnd.domain.attribution import SeenRecord
from earnd.domain.curve import yearly
from earnd.domain.hindsight import YEAR
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import EXACT, ZERO, minus, total
from earnd.domain.prospect import bands_of
from earnd.domain.quarantine import Reading
from earnd.domain.snapshot import Record, RecordKind, RecordStatus
from earnd.domain.strategy import CoinStrategy, InterestPaid
from earnd.domain.sums import NOTHING_BEYOND, Key, Sums

AFTERWARDS: Final = timedelta(days=3)
"""For so long after a stay its last interest is waited for."""

SHORTEST: Final = timedelta(days=2)
"""In a shorter stay the hour at which interest is paid says more than the days without any."""

LATELY: Final = timedelta(days=90)
"""What an exchange did longer ago is no measure of what it does now."""

MOST: Final = timedelta(days=3)
"""More than this was not the way in and out: something else was wrong with what was paid."""

FEWEST: Final = 3
"""Of fewer stays one odd one would be the measure."""

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTE: Final = timedelta(minutes=1)
_ROUNDING_UP: Final = Context(prec=60, rounding=ROUND_CEILING)


@dataclass(frozen=True, slots=True)
class Stay:
    """Money in a product, from nothing to nothing.

    `amounts` is what was held, each from its moment on; `paid` is the interest of the stay.
    """

    coin: Coin
    product_id: ProductId
    began: datetime
    ended: datetime
    amounts: tuple[tuple[datetime, Decimal], ...]
    paid: Decimal = ZERO

    @property
    def length(self) -> timedelta:
        """How long anything was held."""
        return self.ended - self.began


def measured(
    records: Sequence[SeenRecord],
    now: datetime,
    *,
    interest_into: Mapping[Coin, InterestPaid],
    strategy_of: Callable[[Coin], CoinStrategy | None],
    readings_of: Callable[[Stay], Sequence[Reading]],
    before: Mapping[Key, Sums] = NOTHING_BEYOND.before,
) -> dict[Coin, timedelta]:
    """How long moved money of a coin earned nothing: the median of its stays, in whole minutes.

    Rounded up. A coin without enough stays that tell is not in it. `readings_of` a stay is what its
    product offered from its beginning to its end. `before` are the sums of older records.
    """
    by_coin: dict[Coin, list[Stay]] = defaultdict(list)
    for stay in stays(records, interest_into, before):
        if stay.length >= SHORTEST and now - LATELY <= stay.ended <= now - AFTERWARDS:
            by_coin[stay.coin].append(stay)
    found = {}
    for coin, mine in by_coin.items():
        strategy = strategy_of(coin)
        if strategy is None or len(mine) < FEWEST:
            continue
        lost = [lost_time(stay, readings_of(stay), strategy) for stay in mine]
        known = sorted(one for one in lost if one is not None)
        if len(known) >= FEWEST:
            found[coin] = _median(known)
    return found


def stays(
    records: Sequence[SeenRecord],
    interest_into: Mapping[Coin, InterestPaid],
    before: Mapping[Key, Sums] = NOTHING_BEYOND.before,
) -> tuple[Stay, ...]:
    """The stays that are over, and whose interest cannot have been that of another.

    Where the same product is entered again within `AFTERWARDS`, nobody can tell for which of the
    two a payment is. Nor is a stay told that began before the first of the records, with what
    their sums (`before`) say was held then.
    """
    by_product: dict[tuple[Coin, ProductId], list[Record]] = defaultdict(list)
    for seen in records:
        if seen.record.status is not RecordStatus.FAILED:
            by_product[seen.record.coin, seen.record.product_id].append(seen.record)
    found: list[Stay] = []
    for (coin, product_id), mine in by_product.items():
        grows = interest_into.get(coin) is InterestPaid.PRODUCT
        earlier = before.get((coin, product_id), Sums())
        held = earlier.compounded() if grows else earlier.principal()
        found += _stays_in(mine, grows=grows, held=held)
    return tuple(found)


def lost_time(stay: Stay, readings: Sequence[Reading], strategy: CoinStrategy) -> timedelta | None:
    """For how long a stay earned nothing, or `None` if what it was promised is not known.

    Its length, less the part of the promise that was paid; never below zero nor above `MOST`.
    """
    with localcontext(EXACT):
        promised = _promised(stay, readings, strategy)
    if not promised:
        return None
    length = Decimal(stay.length // _MICROSECOND)
    # Both are counted in coins times microseconds, so that only one division rounds.
    paid = EXACT.multiply(stay.paid, Decimal(YEAR // _MICROSECOND))
    unpaid = max(ZERO, minus(promised, paid))
    lost = _ROUNDING_UP.divide(EXACT.multiply(length, unpaid), promised)
    return min(MOST, int(_ROUNDING_UP.to_integral_value(lost)) * _MICROSECOND)


def _promised(stay: Stay, readings: Sequence[Reading], strategy: CoinStrategy) -> Decimal | None:
    """Yearly yields times the microseconds for which they were promised."""
    if not readings or readings[0].at > stay.began:
        return None
    amounts = [*stay.amounts, (stay.ended, ZERO)]
    promised = ZERO
    for place, reading in enumerate(readings):
        if reading.product is None:
            return None
        bands = bands_of(reading.product, strategy)
        end = readings[place + 1].at if place + 1 < len(readings) else stay.ended
        for (since, amount), (until, _) in pairwise(amounts):
            span = max(timedelta(0), min(end, until) - max(reading.at, since))
            promised += yearly(bands, strategy.tier_rule, amount) * (span // _MICROSECOND)
    return promised


def _stays_in(records: Sequence[Record], *, grows: bool, held: Decimal) -> Iterator[Stay]:
    """The stays in one product that are over and keep their distance from each other."""
    ordered = sorted(records, key=lambda record: record.at)
    interest = [record for record in ordered if record.kind is RecordKind.INTEREST]
    times = [record.at for record in interest]
    spans = _spans(ordered, grows=grows, held=held)
    for place, span in enumerate(spans):
        began, ended = span[0][0], span[-1][0]
        follows = place > 0 and began < spans[place - 1][-1][0] + AFTERWARDS
        is_followed = place + 1 < len(spans) and spans[place + 1][0][0] < ended + AFTERWARDS
        is_whole = began > _LONG_AGO
        if span[-1][1] > 0 or follows or is_followed or not is_whole:
            continue
        mine = slice(bisect_left(times, began), bisect_right(times, ended + AFTERWARDS))
        paid = total(record.amount for record in interest[mine])
        first = ordered[0]
        yield Stay(first.coin, first.product_id, began, ended, tuple(span[:-1]), paid)


_Span = list[tuple[datetime, Decimal]]
"""What was held, each from its moment on; over when the last is nothing."""


def _spans(records: Sequence[Record], *, grows: bool, held: Decimal) -> list[_Span]:
    """From nothing to nothing, and then again; only the last may not be over.

    The first may have begun before the records, with `held` in it. Only a subscribe begins one: the
    last interest of a product that pays into itself comes when all was redeemed, and is dust.
    """
    spans: list[_Span] = [[(_LONG_AGO, held)]] if held > 0 else []
    for record in records:
        is_open = bool(spans) and spans[-1][-1][1] > 0
        held = spans[-1][-1][1] if is_open else ZERO
        if record.kind is RecordKind.SUBSCRIBE:
            if not is_open:
                spans.append([])
            spans[-1].append((record.at, total((held, record.amount))))
        elif is_open and record.kind is RecordKind.REDEEM:
            spans[-1].append((record.at, max(ZERO, minus(held, record.amount))))
        elif is_open and grows:
            spans[-1].append((record.at, total((held, record.amount))))
    return spans


def _median(known: Sequence[timedelta]) -> timedelta:
    """The middle one, or half of the two in the middle; in whole minutes, rounded up."""
    two = known[(len(known) - 1) // 2] + known[len(known) // 2]
    return -(-two // (2 * _MINUTE)) * _MINUTE
