"""A savings offer, its tiers, and what a holding in it earns."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import pairwise

from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import NO_RATE, ROUNDING_DOWN, ZERO, Rate


@dataclass(frozen=True, slots=True)
class Tier:
    """One row of the API's `tierRate`: amounts from `lower` up to `upper` are paid `rate`."""

    lower: Decimal
    upper: Decimal
    rate: Rate


@dataclass(frozen=True, slots=True)
class Band:
    """What each further coin earns while the holding is between `lower` and `upper`.

    `upper` is `None` for the last band of a product without an end.
    """

    lower: Decimal
    upper: Decimal | None
    rate: Rate


@dataclass(frozen=True, slots=True)
class Product:
    """One flexible-savings offer as last seen.

    `minimum` and `maximum` are the purchase amounts of the API page; a maximum is taken to be
    cumulative per user, the careful reading of 80006.
    """

    product_id: ProductId
    coin: Coin
    rate: Rate
    additional_rate: Rate
    minimum: Decimal
    maximum: Decimal
    tiers: tuple[Tier, ...] = ()
    has_tiers: bool = False
    tag: str = ""

    def tiers_problem(self) -> str | None:
        """Why the tiers cannot be relied on, or `None`.

        Bands share their edges (API page: 1 to 10000, 10000 to 100000); a gap, an overlap or an
        empty table leaves part of the offer undefined, and nothing is subscribed on a guess.
        """
        if not self.has_tiers:
            return None
        if not self.tiers:
            return "it says that it has tiers but lists none"
        for tier in self.tiers:
            if tier.upper <= tier.lower:
                return f"tier {tier.lower} to {tier.upper} is empty"
        ordered = self._ordered()
        for before, after in pairwise(ordered):
            if before.upper < after.lower:
                return f"tiers leave {before.upper} to {after.lower} undefined"
            if before.upper > after.lower:
                return f"tiers say two things about {after.lower} to {before.upper}"
        return None

    def _ordered(self) -> tuple[Tier, ...]:
        return tuple(sorted(self.tiers, key=lambda tier: tier.lower))

    def bands(self, *, count_additional: bool) -> tuple[Band, ...]:
        """The marginal rates, lowest amounts first; the first band starts at zero.

        A tier table is read as marginal: each rate holds for the part of the amount that lies in
        its band. The additional rate, where counted, is paid on the whole amount. The last band
        ends where the tiers or the product's maximum end, whichever is less.
        """
        extra = self.additional_rate if count_additional else NO_RATE
        if not self.has_tiers:
            return (Band(ZERO, self.maximum, self.rate + extra),)
        bands = []
        lower = ZERO
        for tier in self._ordered():
            upper = min(tier.upper, self.maximum)
            if upper <= lower:
                break
            bands.append(Band(lower, upper, tier.rate + extra))
            lower = upper
        return tuple(bands)

    def rate_on_next(self, held: Decimal, *, count_additional: bool) -> Rate | None:
        """What the next coin on top of `held` would earn, or `None` when the product is full."""
        for band in self.bands(count_additional=count_additional):
            if band.upper is None or held < band.upper:
                return band.rate
        return None

    def yearly(self, held: Decimal, *, count_additional: bool) -> Decimal:
        """What `held` earns in a year at these rates, in coins; beyond the end nothing."""
        result = ZERO
        with localcontext(ROUNDING_DOWN):
            for band in self.bands(count_additional=count_additional):
                top = held if band.upper is None else min(held, band.upper)
                if top > band.lower:
                    result += (top - band.lower) * band.rate.value
        return result
