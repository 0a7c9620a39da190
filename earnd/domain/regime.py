"""How interest is paid in a product, inferred from what was paid; `unknown` until it is proven.

Each answer says on how many payments it rests. Nothing here changes what the strategy goes by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final, Generic, NamedTuple, TypeVar

from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import EXACT, ZERO, minus, total
from earnd.domain.payment import Every, Payment, decimals, kind_of
from earnd.domain.promise import RULES, Promise, Rule
from earnd.domain.strategy import TierRule

ENOUGH: Final = 3
"""So many payments must say the same; of fewer one odd one would be the measure."""

LATEST: Final = 10
"""The gaps and the times of day of so many payments tell how often they come."""

LATELY: Final = timedelta(days=7)
"""A product is said to pay less than it promises by the payments of so long."""

LESS: Final = Decimal("0.99")
"""Paid less is what misses more than a hundredth of the least that was promised."""

UNITS: Final = 3
"""And more than so many units of the last decimal: cutting loses one of them."""

T = TypeVar("T")


class PaysInto(StrEnum):
    """Where interest arrives."""

    WALLET = "wallet"
    PRODUCT = "product"
    UNKNOWN = "unknown"


class Starts(StrEnum):
    """From when new money earns."""

    NEXT_HOUR = "next_hour"
    NEXT_DAY = "next_day"
    SECOND_DAY = "second_day"
    UNKNOWN = "unknown"


class Additional(StrEnum):
    """Whether the additional rate is paid."""

    PAID = "paid"
    NOT_PAID = "not_paid"
    UNKNOWN = "unknown"


class Tiers(StrEnum):
    """What tiers mean: the words of `TierRule`, and one for not knowing."""

    MARGINAL = "marginal"
    WHOLE = "whole"
    UNKNOWN = "unknown"


class Finding(NamedTuple, Generic[T]):
    """An answer, and the number of payments that it rests on."""

    value: T
    payments: int


@dataclass(frozen=True, slots=True)
class Regime:
    """How a product pays interest, as far as that is proven.

    `pays_at` is a time of day (UTC) for what is paid daily at the same minute. `payments` is how
    many payments were looked at. `short` says that it pays less than it promises.
    """

    product_id: ProductId
    coin: Coin
    pays_into: PaysInto = PaysInto.UNKNOWN
    every: Every = Every.UNKNOWN
    pays_at: str | None = None
    starts: Starts = Starts.UNKNOWN
    additional: Additional = Additional.UNKNOWN
    tier_rule: Tiers = Tiers.UNKNOWN
    payments: int = 0
    short: bool = False

    def rule(self, tier_rule: TierRule, *, additional: bool) -> Rule:
        """What is proven, and for what is not the strategy's word, which is given."""
        if self.tier_rule is not Tiers.UNKNOWN:
            tier_rule = TierRule(self.tier_rule.value)
        if self.additional is not Additional.UNKNOWN:
            additional = self.additional is Additional.PAID
        return Rule(tier_rule, additional)

    @property
    def possible(self) -> tuple[Rule, ...]:
        """The readings that are not disproven."""
        return tuple(
            rule for rule in RULES if rule == self.rule(rule.tier_rule, additional=rule.additional)
        )


def how_often(payments: Sequence[Payment]) -> Finding[Every]:
    """How often interest is paid, by what more than half of the latest gaps say."""
    gaps = [payment.gap for payment in payments[-LATEST:] if payment.gap is not None]
    for kind, count in Counter(kind_of(gap) for gap in gaps).items():
        if count + 1 >= ENOUGH and 2 * count > len(gaps):
            return Finding(kind, count + 1)
    return Finding(Every.UNKNOWN, 0)


def time_of_day(payments: Sequence[Payment]) -> Finding[str | None]:
    """The minute of the day at which more than half of the latest payments came."""
    minutes = Counter(f"{payment.at:%H:%M}" for payment in payments[-LATEST:])
    for minute, count in minutes.items():
        if count >= ENOUGH and 2 * count > minutes.total():
            return Finding(minute, count)
    return Finding(None, 0)


def unit_of(payments: Sequence[Payment]) -> Decimal:
    """The last decimal that any of the payments shows."""
    most = max((decimals(payment.amount) for payment in payments), default=0)
    return Decimal(1).scaleb(-most)


def explains(promise: Promise, rule: Rule, unit: Decimal) -> bool:
    """Whether a payment can be what this reading promised, one unit of the last decimal aside."""
    low, _, high, _ = promise.bounds[rule]
    return minus(low, unit) <= promise.payment.amount <= total((high, unit))


def _telling(promises: Sequence[Promise], unit: Decimal) -> list[tuple[Promise, list[Rule]]]:
    """The payments that some readings explain closely and others do not, with those that do."""
    found = []
    for promise in promises:
        able = [rule for rule in RULES if explains(promise, rule, unit)]
        if promise.is_sure and able and all(_is_close(promise, rule) for rule in able):
            found.append((promise, able))
    return found


def _is_close(promise: Promise, rule: Rule) -> bool:
    low, _, high, _ = promise.bounds[rule]
    return low >= EXACT.multiply(high, LESS)


def additional(
    promises: Sequence[Promise], unit: Decimal, before: Additional
) -> Finding[Additional]:
    """Whether the additional rate is paid; `before` stands while no payment tells."""
    said = [{rule.additional for rule in able} for _, able in _telling(promises, unit)]
    words = [
        Additional.PAID if one == {True} else Additional.NOT_PAID for one in said if len(one) == 1
    ]
    return _agreed(words, before, Additional.UNKNOWN)


def tiers(promises: Sequence[Promise], unit: Decimal, before: Tiers) -> Finding[Tiers]:
    """What the tiers mean; `before` stands while no payment tells."""
    said = [{rule.tier_rule for rule in able} for _, able in _telling(promises, unit)]
    words = [Tiers(one.pop().value) for one in said if len(one) == 1]
    return _agreed(words, before, Tiers.UNKNOWN)


def _agreed(words: Sequence[T], before: T, unknown: T) -> Finding[T]:
    latest = words[-ENOUGH:]
    if len(latest) == ENOUGH and len(set(latest)) == 1:
        return Finding(latest[0], len(words))
    if set(latest) <= {before}:
        return Finding(before, len(words))
    return Finding(unknown, 0)


class Shortfall(NamedTuple):
    """Payments in a row that were less than the least that could be meant."""

    since: datetime
    paid: Decimal
    promised: Decimal
    payments: int


def shortfall(
    promises: Sequence[Promise], possible: Collection[Rule], unit: Decimal, now: datetime
) -> Shortfall | None:
    """What the latest payments lack, by the reading most generous to the exchange.

    `None` where the last one that tells lacks nothing. Only payments of the last `LATELY` count.
    Where a rate is so low that the two decimals in which it is shown say little, nothing lacks.
    """
    since, paid, promised, count = now, ZERO, ZERO, 0
    for promise in reversed(promises):
        if promise.payment.at < now - LATELY:
            break
        if not promise.is_sure:
            continue
        least = min(promise.bounds[rule].low for rule in possible)
        amount = promise.payment.amount
        lacks = minus(least, amount)
        enough = max(minus(least, EXACT.multiply(least, LESS)), unit * UNITS, promise.vague)
        if lacks <= enough:
            break
        since, count = promise.payment.at, count + 1
        paid, promised = total((paid, amount)), total((promised, least))
    return Shortfall(since, paid, promised, count) if count else None


def is_short(found: Shortfall | None, *, before: bool, is_told: bool) -> bool:
    """Whether a product pays less than it promises.

    Said of `ENOUGH` payments in a row; taken back by one that is right, and not by silence:
    `is_told` says whether any payment of late tells.
    """
    if found is None:
        return before and not is_told
    return before or found.payments >= ENOUGH
