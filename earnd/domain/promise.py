"""What one payment of interest should have been, by every reading of what the product says.

Nobody says when interest begins, what tiers mean or whether the additional rate is paid. So a
promise is not one number: for each reading there is the least and the most that an honest exchange
could have paid, whatever the delay of its payment and whichever of the amounts and the rates of
those days it went by; and the amount that the reading itself promises.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from earnd.domain.course import Held
from earnd.domain.curve import yearly
from earnd.domain.hindsight import YEAR
from earnd.domain.money import EXACT, NO_RATE, ROUNDING_DOWN, floor_to, minus, total
from earnd.domain.payment import HOUR, STEP, Every, Payment, decimals, kind_of
from earnd.domain.product import Band
from earnd.domain.prospect import bands_of
from earnd.domain.quarantine import Reading
from earnd.domain.strategy import CoinStrategy, TierRule

SLACK: Final = timedelta(days=2)
"""So much earlier than its period what a payment went by may lie: payments come late, and new money
earns from the next hour, the next day or the day after that."""

PLACES: Final = 8
"""Interest is cut, never raised, to so many decimals; to more where a payment shows more."""

_MICROSECOND: Final = timedelta(microseconds=1)


_UNSEEN: Final[Mapping[Every, timedelta]] = {Every.HOUR: 2 * HOUR, Every.DAY: 8 * HOUR}
"""Between two looks that are farther apart the rates may have been anything."""


VAGUE: Final = Decimal("0.0001")
"""A rate and an additional rate that are shown with two decimals may each be half of the last one
less: together a hundredth of a per cent."""

_MOST: Final = Decimal(10) ** 20
"""No amount has more digits; what comes to more is not a promise but a slip of the pen."""


class Rule(NamedTuple):
    """One reading of what a product says: what its tiers mean, and whether it pays the additional
    rate."""

    tier_rule: TierRule
    additional: bool


RULES: Final = tuple(Rule(tier_rule, paid) for tier_rule in TierRule for paid in (True, False))


class Basis(StrEnum):
    """What a promise rests on."""

    STEADY = "steady"
    """One amount and one offer, all the time."""
    VARIED = "varied"
    """The amount or the offer changed: only between the least and the most is it certain."""
    UNWATCHED = "unwatched"
    """earnd looked too rarely, or not for long enough, to know the rates: nothing follows from
    it."""
    IRREGULAR = "irregular"
    """The payment before was not one period earlier: nothing follows from it."""


class Bounds(NamedTuple):
    """What one reading promises: the least and the most that could be meant, and the amount.

    `whole` is what it would be if all that was held in the end had been held all the time.
    """

    low: Decimal
    exact: Decimal
    high: Decimal
    whole: Decimal


@dataclass(frozen=True, slots=True)
class Promise:
    """What a payment should have been, for its period, by every reading."""

    payment: Payment
    period_from: datetime
    period_to: datetime
    held_low: Decimal
    held_high: Decimal
    basis: Basis
    bounds: Mapping[Rule, Bounds]

    @property
    def is_sure(self) -> bool:
        """Whether anything may be concluded from it."""
        return self.basis in (Basis.STEADY, Basis.VARIED)

    @property
    def vague(self) -> Decimal:
        """What the rounding of the rates may come to."""
        worth = EXACT.multiply(EXACT.multiply(self.held_high, VAGUE), Decimal(self._length))
        return ROUNDING_DOWN.divide(worth, Decimal(YEAR // _MICROSECOND))

    @property
    def _length(self) -> int:
        return (self.period_to - self.period_from) // _MICROSECOND

    def additional(self, rule: Rule) -> Decimal:
        """The part of the promise that is the additional rate's."""
        with_it = self.bounds[rule].exact
        without = self.bounds[Rule(rule.tier_rule, False)].exact
        return minus(with_it, without)


def promise(
    payment: Payment,
    every: Every,
    held: Held,
    readings: Sequence[Reading],
    looks: Sequence[datetime],
) -> Promise | None:
    """What a payment should have been, or `None` where what it rests on is not known.

    Its period is the one that ended with the last full hour. By a reading it promises, for the
    least that was held in the period, what the rates of the period come to (amount times rate times
    time over 365 days, cut). `readings` are what the product offered, oldest first, up to the first
    of the `looks` after the payment; `looks` are all complete ones since `SLACK` before the period.
    """
    step = STEP.get(every)
    after = bisect_left(looks, payment.at)
    if step is None or after == len(looks):
        return None
    end = payment.at.replace(minute=0, second=0, microsecond=0)
    begin = end - step
    since = min(begin, held.most.held_since(begin - SLACK))
    offers = _offers(readings, since, looks[after])
    if offers is None or offers[0].at > begin:
        return None
    high = max(held.most.within(begin - SLACK, payment.at))
    around = held.least.within(begin - SLACK, payment.at)
    least = min(held.least.within(begin, end))
    places = max(PLACES, decimals(payment.amount))
    question = _Question(offers, begin, end, least, around[-1], min(around), high, places)
    bounds = question.all_bounds()
    if any(found.high >= _MOST for found in bounds.values()):
        return None
    basis = _basis(payment, every, question, looks, since)
    return Promise(payment, begin, end, min(around), high, basis, bounds)


def _offers(
    readings: Sequence[Reading], since: datetime, until: datetime
) -> Sequence[Reading] | None:
    """What was offered from `since` to `until`; `None` where that is not clear all the time."""
    first = max(0, bisect_right(readings, since, key=lambda reading: reading.at) - 1)
    last = bisect_right(readings, until, key=lambda reading: reading.at)
    found = readings[first:last]
    clear = all(one.product is not None and one.product.tiers_problem() is None for one in found)
    return found if found and clear else None


def _basis(
    payment: Payment,
    every: Every,
    question: _Question,
    looks: Sequence[datetime],
    since: datetime,
) -> Basis:
    if payment.gap is not None and kind_of(payment.gap) is not every:
        return Basis.IRREGULAR
    if question.offers[0].at > since or not _is_watched(looks, since, payment.at, _UNSEEN[every]):
        return Basis.UNWATCHED
    is_steady = question.low == question.high and len(question.offers) == 1
    return Basis.STEADY if is_steady else Basis.VARIED


def _is_watched(
    looks: Sequence[datetime], since: datetime, until: datetime, longest: timedelta
) -> bool:
    first = bisect_right(looks, since) - 1
    if first < 0:
        return False
    mine = looks[first : bisect_left(looks, until) + 1]
    return all(later - earlier <= longest for earlier, later in pairwise(mine))


class _Question(NamedTuple):
    """What a promise is worked out from.

    `least` was held in the period, `last` when it was paid, `low` and `high` around it.
    """

    offers: Sequence[Reading]
    begin: datetime
    end: datetime
    least: Decimal
    last: Decimal
    low: Decimal
    high: Decimal
    places: int

    def all_bounds(self) -> dict[Rule, Bounds]:
        """What each reading promises; readings that mean the same are worked out once."""
        products = [one.product for one in self.offers if one.product is not None]
        has_tiers = any(one.has_tiers for one in products)
        has_additional = any(one.additional_rate > NO_RATE for one in products)
        found: dict[Rule, Bounds] = {}
        for rule in RULES:
            same = Rule(
                rule.tier_rule if has_tiers else RULES[0].tier_rule,
                rule.additional or not has_additional,
            )
            found[rule] = found.get(same) or self._bounds(same)
        return found

    def _bounds(self, rule: Rule) -> Bounds:
        strategy = CoinStrategy(count_additional_apy=rule.additional)
        bands = [bands_of(one.product, strategy) for one in self.offers if one.product is not None]
        period = Decimal((self.end - self.begin) // _MICROSECOND)
        with localcontext(EXACT):
            each = [
                amount * period
                for mine in bands
                for amount in _between(mine, rule.tier_rule, self.low, self.high)
            ]
            exact, whole = (
                total(
                    yearly(mine, rule.tier_rule, amount) * span
                    for mine, span in zip(bands, self._spans(), strict=True)
                )
                for amount in (self.least, self.last)
            )
        return Bounds(*map(self._cut, (min(each), exact, max(each), whole)))

    def _spans(self) -> list[int]:
        """For how many microseconds of the period each offer was in force."""
        ends = [*(offer.at for offer in self.offers[1:]), self.end]
        return [
            max(timedelta(0), min(until, self.end) - max(offer.at, self.begin)) // _MICROSECOND
            for offer, until in zip(self.offers, ends, strict=True)
        ]

    def _cut(self, worth: Decimal) -> Decimal:
        """Coins a year times microseconds, as the coins of that time."""
        year = Decimal(YEAR // _MICROSECOND)
        return floor_to(ROUNDING_DOWN.divide(worth, year), self.places)


def _between(
    bands: Sequence[Band], tier_rule: TierRule, low: Decimal, high: Decimal
) -> Sequence[Decimal]:
    """What amounts from `low` to `high` earn in a year: the ends, and where the yield jumps."""
    found = [yearly(bands, tier_rule, low), yearly(bands, tier_rule, high)]
    if tier_rule is TierRule.WHOLE:
        for band in bands:
            if low <= band.lower <= high:
                # Nobody says to which of two tiers their common edge belongs.
                found += [yearly(bands, tier_rule, band.lower), band.lower * band.rate.value]
    return found
