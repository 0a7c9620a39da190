"""What the exchange offers: coins, products, and the tiers of their rates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from earnd.domain.money import ZERO


@dataclass(frozen=True, slots=True)
class CoinSpec:
    """A coin: its symbol, full name, the exchange's number for it, and its decimals in orders."""

    symbol: str
    name: str
    coin_id: int
    precision: int = 8
    usd_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TierSpec:
    """A band of the held amount and its base rate, a fraction per year."""

    minimum: Decimal
    maximum: Decimal
    apy: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductSpec:
    """One flexible savings offer. Rates are fractions per year: 5 % is `Decimal("0.05")`."""

    product_id: str
    coin: str
    apy: Decimal
    """The rate of the whole amount if there are no tiers; else only what the listing shows."""
    additional_apy: Decimal = ZERO
    minimum: Decimal = Decimal(1)
    """`minPurchaseAmount`, of one order."""
    maximum: Decimal = Decimal(1_000_000)
    """`maxPurchaseAmount`; `Settings.max_purchase_counts` says of what."""
    tiers: tuple[TierSpec, ...] = ()
    """In order, each beginning where the one before ends; the first counts from zero."""
    tags: tuple[str, ...] = ()
    quota: Decimal | None = None
    """What may still be subscribed by everybody; None for no bound."""
    user_limit: Decimal | None = None
    """What one customer may hold; None for no bound but the maximum."""
    issuance: Decimal | None = None
    """All there will ever be; a user limit that does not fit in gets 80007."""
    selling: bool = True
    listed: bool = True
    """Whether Get Product List shows it; what is held in it stays and earns."""
    sale_from: datetime | None = None
    sale_until: datetime | None = None

    def __post_init__(self) -> None:
        edges = [(tier.minimum, tier.maximum) for tier in self.tiers]
        if any(low >= high for low, high in edges):
            raise ValueError(f"product {self.product_id}: a tier ends before it begins")
        if any(left[1] != right[0] for left, right in pairwise(edges)):
            raise ValueError(f"product {self.product_id}: its tiers do not share their edges")

    def on_sale(self, now: datetime) -> bool:
        """Whether `now` lies within the time of sale."""
        begun = self.sale_from is None or self.sale_from <= now
        return begun and (self.sale_until is None or now < self.sale_until)

    def limits_make_sense(self) -> bool:
        """Whether the customer's limit lies between the minimum and all there is (80007 if not)."""
        if self.user_limit is None:
            return True
        fits = self.issuance is None or self.user_limit <= self.issuance
        return fits and self.user_limit >= self.minimum


def rate_text(fraction: Decimal) -> str:
    """A rate as the API writes it: `5.00%`, with more decimals only where they say something."""
    whole, _, part = format(fraction.scaleb(2), "f").partition(".")
    return f"{whole}.{part.rstrip('0').ljust(2, '0')}%"
