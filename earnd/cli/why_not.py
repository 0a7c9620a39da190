"""Each product of a coin in a sentence: what it pays, what is held in it, and why not more.

A decision that names the product is the answer. Where none does, the answer follows from the rates
that were seen, and from the strategy where it is known to be the one that decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import zip_longest
from typing import Final

from earnd.cli.reasons import sentence
from earnd.domain.curve import yearly
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import EXACT, NO_RATE, ROUNDING_DOWN, ZERO, Rate, floor_to, plain, total
from earnd.domain.product import Band, Product, Tier
from earnd.domain.prospect import bands_of
from earnd.domain.reason import Reason
from earnd.domain.strategy import CoinStrategy, TierRule
from earnd.domain.telling import rate_text
from earnd.ledger import queries

WHOLE_COIN: Final = frozenset(
    {
        Reason.COIN_NOT_MANAGED,
        Reason.MODE_HOLD,
        Reason.MODE_REDEEM_ONLY,
        Reason.OPEN_ACTION,
        Reason.HOLDING_UNVERIFIED,
        Reason.MOVED_BY_PERSON,
        Reason.LIST_SHRUNK,
    }
)
"""Holds that keep money out of every product of the coin."""


ROTATION_HOLDS: Final = frozenset(
    {Reason.NOT_WORTH_MOVING, Reason.NOT_PROVEN_YET, Reason.ROTATION_OFF}
)
"""Holds whose sentence is about the better place as much as about this one."""

_ATOM: Final = Decimal("0.00000001")
_RATE_PLACES: Final = 6


@dataclass(frozen=True, slots=True)
class Decided:
    """One row of the decisions: a verb or `hold`, and why."""

    verdict: str
    product_id: str | None
    amount: str | None
    reason: str
    detail: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """One product as it was seen, and what was held in it.

    `least` is the strategy's least move, `extra` the part of the rates that is additional.
    """

    product: Product
    listed: bool
    held: Decimal
    bands: tuple[Band, ...]
    rule: TierRule
    least: Decimal
    extra: Rate

    @property
    def product_id(self) -> str:
        """Its id."""
        return self.product.product_id

    @property
    def average(self) -> str:
        """What all that is held earns a year; nothing held earns nothing."""
        return on_average([self]) or str(NO_RATE)

    @property
    def next_rate(self) -> Rate:
        """What more of it would earn: the least that may be put in, on top of what is held.

        Of a single coin's worth the dust that is left of a tier would be told.
        """
        more = max(self.product.minimum, self.least, _ATOM)
        with localcontext(EXACT):
            gained = self._earns(self.held + more) - self._earns(self.held)
        return Rate(floor_to(ROUNDING_DOWN.divide(max(ZERO, gained), more), _RATE_PLACES))

    @property
    def last_rate(self) -> Rate:
        """What the last of what is held earns: of all of it the least, where rates fall."""
        for band in self.bands:
            if band.upper is None or self.held <= band.upper:
                return band.rate
        return NO_RATE

    @property
    def ceiling(self) -> Decimal:
        """The most that it takes from one account, by what it says of itself."""
        ends = [self.product.maximum]
        if self.product.has_tiers:
            ends.append(max((tier.upper for tier in self.product.tiers), default=ZERO))
        return min(ends)

    def rates(self) -> str:
        """`6.50% up to 20000, 3.50% up to 50000`; neighbours of one rate are one."""
        words = []
        for band, after in zip_longest(self.bands, self.bands[1:]):
            if after is None or after.rate != band.rate:
                end = "" if band.upper is None else f" up to {plain(band.upper)}"
                words.append(f"{band.rate}{end}")
        extra = f" ({self.extra} of it additional)" if self.extra > NO_RATE else ""
        return (", ".join(words) or "no rate") + extra

    def _earns(self, amount: Decimal) -> Decimal:
        return yearly(self.bands, self.rule, amount)


def offers(
    coin: str,
    products: Sequence[queries.Row],
    tiers: Mapping[int, Sequence[queries.Row]],
    holdings: Sequence[queries.Row],
    strategy: CoinStrategy | None,
) -> list[Offer]:
    """The rows of the ledger as offers, the best for more money first."""
    believed = strategy or CoinStrategy()
    held = {str(row["product_id"]): Decimal(str(row["amount"])) for row in holdings}
    found = []
    for row in products:
        seen = row["product_seen_id"]
        product = _product(coin, row, tiers.get(seen, ()) if isinstance(seen, int) else ())
        amount = held.get(product.product_id, ZERO)
        bands = bands_of(product, believed)
        extra = product.additional_rate if believed.count_additional_apy else NO_RATE
        found.append(
            Offer(
                product,
                bool(row["listed"]),
                amount,
                bands,
                believed.tier_rule,
                believed.min_move,
                extra,
            )
        )
    return sorted(found, key=lambda offer: (-offer.next_rate.value, offer.product_id))


def _product(coin: str, row: queries.Row, tiers: Sequence[queries.Row]) -> Product:
    return Product(
        product_id=ProductId(str(row["product_id"])),
        coin=Coin(coin),
        rate=_rate(row["apy"]),
        additional_rate=_rate(row["additional_apy"]),
        minimum=Decimal(str(row["minimum"])),
        maximum=Decimal(str(row["maximum"])),
        tiers=tuple(
            Tier(Decimal(str(tier["lower"])), Decimal(str(tier["upper"])), _rate(tier["rate"]))
            for tier in tiers
        ),
        has_tiers=bool(row["has_tiers"]),
    )


def _rate(fraction: object) -> Rate:
    return Rate(Decimal(str(fraction)))


@dataclass(frozen=True, slots=True)
class WhyNot:
    """All offers of a coin beside what was decided; `about` answers for one of them."""

    among: Sequence[Offer]
    decided: Sequence[Decided]
    everything: Decimal
    strategy: CoinStrategy | None

    def about(self, offer: Offer) -> str:
        """What is held in it, what was decided about it, and why no more goes in."""
        parts = [f"holds {plain(offer.held)} at {offer.average}"] if offer.held > 0 else []
        named = [step for step in self.decided if step.product_id == offer.product_id]
        blanket = self._blanket()
        told = list(dict.fromkeys(_told(step) for step in named if step is not blanket))
        if not offer.listed:
            parts.append("it is not offered any more")
        if told:
            parts += told
        elif blanket is not None:
            why = sentence(blanket.reason, blanket.detail)
            is_entry = blanket.reason in (Reason.MODE_REDEEM_ONLY, Reason.LIST_SHRUNK)
            what = "nothing is put in" if is_entry else "no money of the coin is moved"
            parts.append(f"{what}: {why}")
        elif offer.listed:
            parts += self._by_the_rates(offer)
        return "; ".join(parts)

    def _blanket(self) -> Decided | None:
        holds = (step for step in self.decided if step.verdict == "hold")
        return next((step for step in holds if step.reason in WHOLE_COIN), None)

    def _by_the_rates(self, offer: Offer) -> Iterator[str]:
        strategy, pays = self.strategy, offer.next_rate
        if self._is_denied(offer):
            yield "the strategy does not allow it (products)"
        elif offer.held >= offer.ceiling:
            yield f"it takes no more than {plain(offer.ceiling)}"
        elif offer.product.minimum > self.everything:
            least, have = plain(offer.product.minimum), plain(self.everything)
            yield f"it takes {least} at least, and there is no more than {have}"
        elif strategy is not None and pays < strategy.min_apy:
            yield f"more would earn {pays}, under min_apy, {strategy.min_apy}"
        else:
            yield self._compared(offer)

    def _is_denied(self, offer: Offer) -> bool:
        """Whether the strategy does not allow it, as far as that is known."""
        if self.strategy is not None:
            return not self.strategy.permits(ProductId(offer.product_id))
        # Then none of those that are offered is allowed.
        return any(step.reason == Reason.NO_PRODUCT for step in self.decided)

    def _compared(self, offer: Offer) -> str:
        pays = offer.next_rate
        others = [one for one in self.among if one.held > 0 and one is not offer]
        if not others:
            return f"more would earn {pays}"
        worst = min(others, key=lambda one: (one.last_rate, one.product_id))
        if pays <= worst.last_rate:
            same = "no more than" if pays == worst.last_rate else "less than"
            return (
                f"more would earn {pays}, {same} the {worst.last_rate}"
                f" of product {worst.product_id}"
            )
        towards = next((step for step in self.decided if _leads_to(step, offer)), None)
        if towards is not None and towards.verdict == "redeem":
            return f"what comes home from product {towards.product_id} is to go here"
        if towards is not None:
            return f"better than product {towards.product_id}, and why that stays is said above"
        better = f"more would earn {pays}, more than in product {worst.product_id}"
        if any(_keeps(step, worst) for step in self.decided):
            return f"{better}, and why that stays is said above"
        unless = "" if self.strategy else ", or the strategy does not allow it"
        return f"{better}, but moving would not earn more in all{unless}"


def _told(step: Decided) -> str:
    if step.verdict != "hold":
        return f"{step.amount} is {'put in' if step.verdict == 'subscribe' else 'taken out'}"
    if step.reason in ROTATION_HOLDS:
        return "why it stays is said above"
    return sentence(step.reason, step.detail)


def _keeps(step: Decided, offer: Offer) -> bool:
    """Whether a decision keeps what is held in a product where it is."""
    return (
        step.verdict == "hold" and step.product_id == offer.product_id and step.amount is not None
    )


def _leads_to(step: Decided, offer: Offer) -> bool:
    return offer.product_id in step.detail.get("to", "").split(",")


def on_average(among: Sequence[Offer]) -> str | None:
    """What all that is held earns together a year, or `None` where nothing is held."""
    held = total(offer.held for offer in among)
    if not held:
        return None
    with localcontext(EXACT):
        earned = total(yearly(offer.bands, offer.rule, offer.held) for offer in among)
    return rate_text(ROUNDING_DOWN.divide(earned, held))
