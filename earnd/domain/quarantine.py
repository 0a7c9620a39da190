"""Readings that look wrong, and how long they are not believed.

An exchange once showed a month of rates as zero for three hours. Nobody leaves on one reading,
and nobody enters on one either: a rate that falls to zero or jumps, and a product that is gone,
are seen several times over a while before they count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from earnd.domain.product import Product


class Oddity(StrEnum):
    """What is odd about a reading, against the last one that was believed."""

    ZERO = "zero"
    """It pays nothing, and paid something before."""
    FELL = "fell"
    """It pays less than the strategy's `factor`th part of what it paid."""
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
