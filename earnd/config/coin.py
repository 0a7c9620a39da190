"""One coin's entry under `strategy.coins`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from earnd.config.kinds import (
    ALLOWED,
    AMOUNT,
    COIN_MODE,
    FLAG,
    INTEREST_PAID,
    LIMIT,
    PART,
    PRECISION,
    PRODUCTS,
    RATE,
    RATE_ABOVE_ZERO,
    TIER_RULE,
    duration,
)
from earnd.config.needs import NEEDS
from earnd.config.quarantine import QuarantineSection
from earnd.config.rotate import RotateSection
from earnd.config.section import Clash, Keys, Section
from earnd.config.values import show_duration, show_products, show_rate
from earnd.domain.ids import ProductId
from earnd.domain.money import NO_RATE, ZERO, Rate, plain
from earnd.domain.strategy import (
    DEFAULT_CREDIBLE,
    DEFAULT_PRECISION,
    CoinStrategy,
    InterestPaid,
    Mode,
    Need,
    Share,
    TierRule,
)


class ProductsSection(Section):
    """Which of the coin's savings products may be entered."""

    allow: Annotated[frozenset[ProductId] | None, ALLOWED] = Field(
        default=None, description="Ids of the only products to enter; null allows every product."
    )
    deny: Annotated[frozenset[ProductId], PRODUCTS] = Field(
        default=frozenset(), description="Ids of products never to enter."
    )

    def clashes(self) -> Iterator[Clash]:
        """A product cannot be both."""
        both = show_products((self.allow or frozenset()) & self.deny)
        if both:
            yield Clash(("deny", "allow"), f"{', '.join(both)} is also under allow")


class CoinSection(Keys):
    """What to do with one coin. Nothing is inherited from the entry "*"."""

    mode: Annotated[Mode, COIN_MODE] = Field(
        default=Mode.ON,
        description="on: subscribe and redeem; hold: look only; redeem-only: put nothing in.",
    )
    reserve: Annotated[Decimal, AMOUNT] = Field(
        default=ZERO, description="Kept idle in the wallet; subscribing never touches it."
    )
    min_move: Annotated[Decimal, AMOUNT] = Field(
        default=ZERO, description="Moves smaller than this are left undone."
    )
    min_apy: Annotated[Rate, RATE] = Field(
        default=NO_RATE, description="Nothing is put in where it would earn less than this a year."
    )
    redeem_below_apy: Annotated[Rate, RATE] = Field(
        default=NO_RATE,
        description="What earns less than this a year is brought home; 0% never leaves for the "
        "rate. At most min_apy.",
    )
    refill_below: Annotated[Decimal | None, AMOUNT.or_nothing()] = Field(
        default=None,
        description="When less than this is idle, redeem up to refill_to; null never refills.",
    )
    refill_to: Annotated[Decimal | None, AMOUNT.or_nothing()] = Field(
        default=None, description="How much a refill makes idle; kept idle like the reserve."
    )
    needs: Annotated[tuple[Need, ...], NEEDS] = Field(
        default=(),
        description="Amounts to lie idle on top of the reserve by a moment, like "
        "[{amount: 500, by: 2026-12-04T09:00Z}]; kept for 24 hours after it.",
    )
    need_lead: Annotated[timedelta, duration("0s", "30d")] = Field(
        default=CoinStrategy().need_lead,
        description="How long before its moment a need begins to be brought home.",
    )
    max_per_product: Annotated[Decimal | Share | None, PART] = Field(
        default=None,
        description="The most to hold in one product: an amount, or a share like 40% of all you "
        "have in this coin.",
    )
    max_total: Annotated[Decimal | Share | None, PART] = Field(
        default=None,
        description="The most to hold in all products together: an amount, or a share like 80% of "
        "all you have in this coin.",
    )
    products: ProductsSection = Field(
        default=ProductsSection(), description="Which products may be entered."
    )
    precision: Annotated[int, PRECISION] = Field(
        default=DEFAULT_PRECISION,
        description="Decimals the exchange admits for this coin; amounts are cut to them.",
    )
    count_additional_apy: Annotated[bool, FLAG] = Field(
        default=True, description="Whether a product's additional rate counts when comparing."
    )
    tier_rule: Annotated[TierRule, TIER_RULE] = Field(
        default=TierRule.MARGINAL,
        description="marginal: each tier's rate is paid on the part in it; whole: the rate of the "
        "tier that the amount lies in is paid on all of it.",
    )
    interest_paid: Annotated[InterestPaid, INTEREST_PAID] = Field(
        default=InterestPaid.AUTO,
        description="Where interest arrives: wallet, product, or auto to infer it from records.",
    )
    max_credible_apy: Annotated[Rate, RATE_ABOVE_ZERO] = Field(
        default=DEFAULT_CREDIBLE,
        description="Nothing is put in above this rate: it would be a trap or a slip.",
    )
    max_per_action: Annotated[Decimal | None, LIMIT] = Field(
        default=None, description="The most that one request may move."
    )
    max_per_day: Annotated[Decimal | None, LIMIT] = Field(
        default=None, description="The most that may be sent in any 24 hours."
    )
    rotate: RotateSection = Field(
        default=RotateSection(), description="When held money moves to where it earns more."
    )
    quarantine: QuarantineSection = Field(
        default=QuarantineSection(), description="When a reading that looks wrong is believed."
    )
    respect_person: Annotated[timedelta, duration("0s", "30d")] = Field(
        default=CoinStrategy().respect_person,
        description="How long earnd moves nothing of this coin after a person moved some of it by "
        "hand.",
    )

    def clashes(self) -> Iterator[Clash]:
        """What would never move, or move for ever."""
        yield from self._refill_clashes()
        yield from self._rate_clashes()
        yield from self._size_clashes()
        yield from self._need_clashes()

    def _refill_clashes(self) -> Iterator[Clash]:
        below, up_to = self.refill_below, self.refill_to
        if below is not None and up_to is None:
            text = "needs refill_to beside it: up to where to refill"
            yield Clash(("refill_below", "refill_to"), text)
        if up_to is not None and below is None:
            text = "needs refill_below beside it: when to refill"
            yield Clash(("refill_to", "refill_below"), text)
        if below is not None and up_to is not None and below > up_to:
            text = f"{plain(below)} is more than refill_to, {plain(up_to)}"
            yield Clash(("refill_below", "refill_to"), f"{text}: a refill would never be enough")

    def _rate_clashes(self) -> Iterator[Clash]:
        leave, enter, credible = self.redeem_below_apy, self.min_apy, self.max_credible_apy
        if leave > enter:
            text = f"{show_rate(leave)} is more than min_apy, {show_rate(enter)}"
            yield Clash(
                ("redeem_below_apy", "min_apy"),
                f"{text}: what is put in would be brought home at once",
            )
        if enter > credible:
            text = f"{show_rate(enter)} is more than max_credible_apy, {show_rate(credible)}"
            yield Clash(("min_apy", "max_credible_apy"), f"{text}: nothing would ever be put in")

    def _size_clashes(self) -> Iterator[Clash]:
        for key in ("max_per_product", "max_total", "max_per_action", "max_per_day"):
            most = getattr(self, key)
            if isinstance(most, Decimal) and most < self.min_move:
                text = f"{plain(most)} is less than min_move, {plain(self.min_move)}"
                yield Clash((key, "min_move"), f"{text}: every move would be too big or too small")

    def _need_clashes(self) -> Iterator[Clash]:
        lead, most = self.need_lead, self.max_per_day
        if self.needs and not lead:
            text = "0s leaves no time in which a need could be brought home"
            yield Clash(("need_lead", "needs"), text)
        if most is None or not lead:
            return
        # Any 24 hours are bounded, so a lead of a day and an hour lets through twice the most.
        in_time = most * -(-lead // timedelta(hours=24))
        for at, need in enumerate(self.needs):
            if need.amount > in_time:
                text = f"max_per_day, {plain(most)}, lets no more than {plain(in_time)} come home "
                text += f"in need_lead, {show_duration(lead)}: lengthen need_lead or allow more"
                keys = ("needs", "max_per_day", "need_lead")
                yield Clash(keys, text, at=("needs", at, "amount"))

    def strategy(self) -> CoinStrategy:
        """The entry as the domain reads it."""
        return CoinStrategy(
            mode=self.mode,
            reserve=self.reserve,
            min_move=self.min_move,
            min_apy=self.min_apy,
            redeem_below_apy=self.redeem_below_apy,
            refill_below=self.refill_below,
            refill_to=self.refill_to,
            needs=self.needs,
            need_lead=self.need_lead,
            max_per_product=self.max_per_product,
            max_total=self.max_total,
            allow=self.products.allow,
            deny=self.products.deny,
            precision=self.precision,
            count_additional_apy=self.count_additional_apy,
            interest_paid=self.interest_paid,
            max_credible_apy=self.max_credible_apy,
            max_per_action=self.max_per_action,
            max_per_day=self.max_per_day,
            tier_rule=self.tier_rule,
            rotation=self.rotate.rotation(),
            quarantine=self.quarantine.quarantine(),
            respect_person=self.respect_person,
        )
