"""What products offered over time: the terms of each, from the moment at which they changed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from earnd.domain.money import ZERO
from earnd.sandbox import ProductSpec, TierSpec

HOUR = timedelta(hours=1)
HOURS_PER_YEAR = 365 * 24
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

NO_MAXIMUM = Decimal(10) ** 18
"""More than anybody has: what a product takes at most when nothing was said."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a product offers. Rates are fractions per year.

    `rate` is paid on all of the amount unless there are tiers. `is_open` is whether money may be
    put in, `may_leave` whether it may be taken out; what is not listed takes nothing either.
    """

    rate: Decimal
    tiers: tuple[TierSpec, ...] = ()
    additional: Decimal = ZERO
    minimum: Decimal = ZERO
    maximum: Decimal = NO_MAXIMUM
    is_open: bool = True
    may_leave: bool = True
    is_listed: bool = True

    def spec(self, product_id: str, coin: str) -> ProductSpec:
        """The product as the practice exchange has it."""
        return ProductSpec(
            product_id=product_id,
            coin=coin,
            apy=self.rate,
            additional_apy=self.additional,
            minimum=self.minimum,
            maximum=self.maximum,
            tiers=self.tiers,
            selling=self.takes_money,
            listed=self.is_listed,
        )

    @property
    def takes_money(self) -> bool:
        """Whether money may be put in."""
        return self.is_open and self.is_listed


@dataclass(frozen=True, slots=True)
class Change:
    """From this moment on a product's terms are these."""

    at: datetime
    product_id: str
    terms: Terms


@dataclass(frozen=True)
class History:
    """All changes, oldest first, and the names of the products by their ids."""

    names: Mapping[str, str]
    changes: tuple[Change, ...]
    _by_product: dict[str, list[Change]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_product", {product_id: [] for product_id in self.names})
        for change in self.changes:
            self._by_product[change.product_id].append(change)

    @classmethod
    def of(cls, names: Mapping[str, str], changes: Iterable[Change]) -> History:
        """The history of these changes, whatever order they come in."""
        ordered = sorted(changes, key=lambda change: (change.at, change.product_id))
        return cls(dict(sorted(names.items(), key=lambda item: id_order(item[0]))), tuple(ordered))

    @property
    def first(self) -> datetime:
        """The moment of the first change."""
        return self.changes[0].at

    @property
    def last(self) -> datetime:
        """The moment of the last change: what comes after it is not known."""
        return self.changes[-1].at

    def at(self, moment: datetime) -> Iterator[Change]:
        """The change by which each product's terms at a moment came about, if it has any yet."""
        for series in self._by_product.values():
            place = bisect_right(series, moment, key=lambda change: change.at)
            if place:
                yield series[place - 1]

    def between(self, after: datetime, until: datetime) -> tuple[Change, ...]:
        """The changes after one moment and up to another."""
        begin = bisect_right(self.changes, after, key=lambda change: change.at)
        end = bisect_right(self.changes, until, key=lambda change: change.at)
        return self.changes[begin:end]

    def of_product(self, product_id: str) -> list[Change]:
        """The changes of one product, oldest first."""
        return self._by_product[product_id]


def id_order(product_id: str) -> tuple[int, str]:
    """Sorts ids, which are digits, by their number."""
    return len(product_id), product_id


def whole_hour(moment: datetime) -> bool:
    """Whether a moment is a full hour, UTC."""
    return (moment - EPOCH) % HOUR == timedelta(0)


def hour_from(moment: datetime) -> datetime:
    """The first full hour that is not before a moment."""
    return moment + (EPOCH - moment) % HOUR


def hour_until(moment: datetime) -> datetime:
    """The last full hour that is not after a moment."""
    return moment - (moment - EPOCH) % HOUR
