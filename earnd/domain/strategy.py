"""What the operator wants for each coin: the numbers that deciding and limiting read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import NO_RATE, ZERO, Rate, total

DEFAULT_PRECISION: Final = 8
"""Decimals of an amount on the wire; what most coins of the exchange admit."""

DEFAULT_CREDIBLE: Final = Rate(Decimal(2))
"""200 % a year: above it a rate is a trap or a slip of the pen until a person says otherwise."""


class Mode(StrEnum):
    """What may be done with a coin."""

    ON = "on"
    """Subscribe and redeem."""
    HOLD = "hold"
    """Look, and move nothing."""
    REDEEM_ONLY = "redeem-only"
    """Bring home by the usual rules, put nothing in."""

    def and_also(self, other: Mode) -> Mode:
        """What may be done under both: the stricter of the two."""
        return self if _STRICTEST_FIRST.index(self) < _STRICTEST_FIRST.index(other) else other


_STRICTEST_FIRST: Final = (Mode.HOLD, Mode.REDEEM_ONLY, Mode.ON)


class InterestPaid(StrEnum):
    """Where the exchange pays interest."""

    AUTO = "auto"
    """Inferred from records and balances."""
    WALLET = "wallet"
    """Into the wallet: it becomes idle money."""
    PRODUCT = "product"
    """Into the product: the holding grows by it."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of all we have in one coin, idle and placed: 40 % is `Share(Decimal("0.4"))`."""

    fraction: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.fraction, Decimal) or not ZERO < self.fraction <= 1:
            raise ValueError(f"a share lies above 0 and up to 1, not {self.fraction!r}")


class TierRule(StrEnum):
    """What a product's tiers mean; the API page does not say."""

    MARGINAL = "marginal"
    """Each tier's rate is paid on the part of the amount that lies in it."""
    WHOLE = "whole"
    """The rate of the tier that the amount lies in is paid on all of it."""


@dataclass(frozen=True, slots=True)
class Need:
    """So much is to lie idle, on top of the reserve, at the moment `by`."""

    amount: Decimal
    by: datetime


NEED_HELD: Final = timedelta(hours=24)
"""How long after its moment a need is still kept idle, so that there is time to use it."""

DEFAULT_MOVE_COST: Final = timedelta(days=1)
"""How long moved money earns nothing, until the exchange's own interest records say better."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """When a reading that looks wrong is believed: `looks` of the same kind that span `span`.

    Odd is a rate that falls to zero, that is more than `factor` times the one before or less than
    its `factor`th part, and a product that is gone.
    """

    looks: int = 3
    span: timedelta = timedelta(hours=4)
    factor: Decimal = Decimal(10)


@dataclass(frozen=True, slots=True)
class Rotation:
    """When held money is moved to where it earns more.

    It must pay back: over `horizon`, which is how long the rates of now are expected to last, it
    must gain more than the interest lost while it is on its way (`move_cost` at the rate that it
    leaves) and `min_gain`, an amount, for each product that is left. `move_cost` of `None` is
    measured from what was paid, and `DEFAULT_MOVE_COST` until enough is known.
    And staying must have cost already: `proof` times the price of moving, at the rates of the
    past; and going must have been better without a break for as long as the money will be on its
    way, or that part of it. With a proof of 1 what is lost by waiting is about the price of moving.
    """

    on: bool = True
    horizon: timedelta = timedelta(days=14)
    move_cost: timedelta | None = None
    min_gain: Decimal = ZERO
    proof: Decimal = Decimal(1)
    cool_down: timedelta = timedelta(hours=1)
    """For so long nothing is put into a product that money was rotated out of."""


@dataclass(frozen=True, slots=True)
class CoinStrategy:
    """What to do with one coin, complete: nothing here is looked up anywhere else.

    A rate of zero in `redeem_below_apy` means that no rate is low enough to leave for.
    `allow` of `None` means every product; `deny` wins over it.
    A limit of `None` means no limit. `max_per_day` is over the last 24 hours, of amounts sent.
    `need_lead` is how long before its moment a need begins to be brought home.
    For `respect_person` after a person moved money of the coin by hand, earnd moves none of it.
    """

    mode: Mode = Mode.ON
    reserve: Decimal = ZERO
    min_move: Decimal = ZERO
    min_apy: Rate = NO_RATE
    redeem_below_apy: Rate = NO_RATE
    refill_below: Decimal | None = None
    refill_to: Decimal | None = None
    needs: tuple[Need, ...] = ()
    need_lead: timedelta = timedelta(hours=24)
    max_per_product: Decimal | Share | None = None
    max_total: Decimal | Share | None = None
    allow: frozenset[ProductId] | None = None
    deny: frozenset[ProductId] = frozenset()
    precision: int = DEFAULT_PRECISION
    count_additional_apy: bool = True
    interest_paid: InterestPaid = InterestPaid.AUTO
    max_credible_apy: Rate = DEFAULT_CREDIBLE
    max_per_action: Decimal | None = None
    max_per_day: Decimal | None = None
    tier_rule: TierRule = TierRule.MARGINAL
    rotation: Rotation = Rotation()
    quarantine: Quarantine = Quarantine()
    respect_person: timedelta = timedelta(hours=24)

    def permits(self, product_id: ProductId) -> bool:
        """Whether the coin may be put into this product."""
        if product_id in self.deny:
            return False
        return self.allow is None or product_id in self.allow

    @property
    def keep_idle(self) -> Decimal:
        """What subscribing never touches: the reserve, or what a refill fills up to if more.

        Without the second, money redeemed to refill the wallet would be idle above the reserve,
        be subscribed at once, and be redeemed again: a churn that earns nothing.
        """
        return max(self.reserve, self.refill_to or ZERO)

    def needed(self, now: datetime) -> Decimal:
        """What the needs keep idle now: each from `need_lead` before its moment to a day after."""
        return total(
            need.amount
            for need in self.needs
            if need.by - self.need_lead <= now < need.by + NEED_HELD
        )

    def keep_idle_at(self, now: datetime) -> Decimal:
        """What subscribing leaves idle now: `keep_idle`, with the needs on top of the reserve."""
        return max(total((self.reserve, self.needed(now))), self.refill_to or ZERO)


@dataclass(frozen=True, slots=True)
class Strategy:
    """The coins that are managed, and what holds for all others."""

    coins: Mapping[Coin, CoinStrategy]
    default: CoinStrategy | None = None
    mode: Mode = Mode.ON
    """For all coins together; of this and a coin's own mode the stricter counts."""
    leaving: frozenset[Coin] | None = frozenset()
    """The coins of which a person brings everything home now; `None` is every coin there is."""

    def for_coin(self, coin: Coin) -> CoinStrategy | None:
        """The coin's own entry, else the one for all others, else `None`: not managed.

        A listed coin takes nothing from the entry for all others. If it did, `mode: hold` there
        would silence every listed coin that does not repeat its mode, and a limit loosened there
        would loosen it for coins that nobody was thinking of.
        The mode in it is the one that counts. A coin that is left is under its own entry too, but
        for what a person's order overrules: its mode, whether it is managed, and `max_per_day`.
        """
        entry = self.coins.get(coin, self.default)
        if self.leaves(coin):
            return replace(entry or CoinStrategy(), mode=Mode.REDEEM_ONLY, max_per_day=None)
        if entry is None:
            return None
        mode = entry.mode.and_also(self.mode)
        return entry if mode is entry.mode else replace(entry, mode=mode)

    @property
    def for_all_others(self) -> CoinStrategy | None:
        """The entry for coins that have none of their own, with the mode that counts."""
        if self.default is None:
            return None
        return replace(self.default, mode=self.default.mode.and_also(self.mode))

    def leaves(self, coin: Coin) -> bool:
        """Whether everything of the coin is being brought home, whatever its entry says."""
        return self.leaving is None or coin in self.leaving

    def unwinding(self, coins: Collection[Coin] | None) -> Strategy:
        """The strategy under which all of these coins comes home, and no other coin is moved.

        `None` means every coin, also those that are not managed.
        """
        leaving = None if coins is None else frozenset(coins)
        return replace(self, mode=Mode.HOLD, leaving=leaving)
