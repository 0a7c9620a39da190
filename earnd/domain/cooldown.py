"""What past refusals still forbid: a refused request is not repeated at once.

How long is a judgement, since the API gives no advice: long enough not to look like hammering,
short enough that a product which opens again is used the same day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, assert_never

from earnd.domain.action import Verb
from earnd.domain.answer import Consequence
from earnd.domain.history import PastRefusal
from earnd.domain.ids import Coin, ProductId
from earnd.domain.lessons import one_decimal_less

PERIODS: Mapping[Consequence, timedelta] = {
    Consequence.WAIT: timedelta(minutes=15),
    Consequence.NOT_NOW: timedelta(minutes=15),
    # What is tried next is less, or coarser: the refused request is not repeated.
    Consequence.QUOTA_GONE: timedelta(minutes=15),
    Consequence.CAP_REACHED: timedelta(minutes=15),
    Consequence.TOO_PRECISE: timedelta(minutes=15),
    Consequence.MINIMUM_HIGHER: timedelta(hours=1),
    Consequence.NOT_ON_SALE: timedelta(hours=1),
    Consequence.HOLD_PRODUCT: timedelta(hours=1),
    Consequence.HOLD_COIN: timedelta(hours=1),
    # What is not sold any more comes back seldom, but it does.
    Consequence.CLOSED: timedelta(hours=12),
    Consequence.STOP_SUBSCRIBING: timedelta(hours=12),
    Consequence.STOP_REDEEMING: timedelta(hours=3),
    Consequence.STOP_ALL: timedelta(hours=1),
}
LONGEST = max(PERIODS.values())


@dataclass(frozen=True, slots=True)
class Until:
    """Something is left alone until `at`, because of the answer with `code`.

    `consequence` is what that answer means beyond its action.
    """

    at: datetime
    code: int | None
    consequence: Consequence = Consequence.NONE


@dataclass(frozen=True, slots=True)
class Cooldowns:
    """What is left alone for now, each with the moment it may be tried again."""

    products: Mapping[tuple[Verb, ProductId], Until] = field(default_factory=dict)
    coins: Mapping[tuple[Verb, Coin], Until] = field(default_factory=dict)
    verbs: Mapping[Verb, Until] = field(default_factory=dict)

    def on(self, verb: Verb, coin: Coin, product_id: ProductId) -> Until | None:
        """What forbids this, the latest end if there are several, or `None`."""
        found = [
            until
            for until in (
                self.products.get((verb, product_id)),
                self.coins.get((verb, coin)),
                self.verbs.get(verb),
            )
            if until is not None
        ]
        return max(found, key=lambda until: until.at, default=None)


def cooldowns(refusals: Sequence[PastRefusal], now: datetime) -> Cooldowns:
    """The cool-downs that refusals of the past still impose at `now`."""
    products: dict[tuple[Verb, ProductId], Until] = {}
    coins: dict[tuple[Verb, Coin], Until] = {}
    verbs: dict[Verb, Until] = {}
    for refusal in sorted(refusals, key=lambda past: past.at):
        consequence = rests_as(refusal)
        period = PERIODS.get(consequence)
        if period is None or refusal.at + period <= now:
            continue
        until = Until(refusal.at + period, refusal.code, Consequence(refusal.consequence))
        match what_rests(consequence):
            case "product":
                of_product = refusal.verb, refusal.product_id
                products[of_product] = _later(products.get(of_product), until)
            case "coin":
                of_coin = refusal.verb, refusal.coin
                coins[of_coin] = _later(coins.get(of_coin), until)
            case stopped:
                for verb in stopped:
                    verbs[verb] = _later(verbs.get(verb), until)
    return Cooldowns(products, coins, verbs)


def rests_as(refusal: PastRefusal) -> Consequence:
    """The consequence that says how long what was refused rests.

    A redeem that is refused with a word about sales rests for an hour: the word makes no sense,
    and to come home is not to be given up for half a day on the strength of it. An amount that
    cannot be coarser is not tried again as soon as one that can.
    """
    consequence = Consequence(refusal.consequence)
    if refusal.verb is Verb.REDEEM and what_rests(consequence) == "product":
        return Consequence.HOLD_PRODUCT
    if consequence is Consequence.TOO_PRECISE and one_decimal_less(refusal.amount) is None:
        return Consequence.HOLD_COIN
    return consequence


def what_rests(consequence: Consequence) -> Literal["product", "coin"] | frozenset[Verb]:
    """The refused product, its coin, or whole verbs, which are none where nothing rests."""
    match consequence:
        case (
            Consequence.QUOTA_GONE
            | Consequence.CAP_REACHED
            | Consequence.MINIMUM_HIGHER
            | Consequence.NOT_ON_SALE
            | Consequence.HOLD_PRODUCT
            | Consequence.CLOSED
        ):
            return "product"
        case (
            Consequence.WAIT | Consequence.NOT_NOW | Consequence.TOO_PRECISE | Consequence.HOLD_COIN
        ):
            return "coin"
        case Consequence.STOP_SUBSCRIBING:
            return frozenset({Verb.SUBSCRIBE})
        case Consequence.STOP_REDEEMING:
            return frozenset({Verb.REDEEM})
        case Consequence.STOP_ALL:
            return frozenset(Verb)
        case (
            Consequence.NONE
            | Consequence.NEXT_CYCLE
            | Consequence.BACK_OFF
            | Consequence.FIX_CLOCK
            | Consequence.FIX_CREDENTIALS
        ):
            return frozenset()
        case _:
            assert_never(consequence)


def _later(known: Until | None, found: Until) -> Until:
    """A short cool-down that comes later does not end a long one."""
    return found if known is None or found.at >= known.at else known
