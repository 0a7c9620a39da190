"""What past refusals still forbid: a refused request is not repeated at once.

How long is a judgement, since the API gives no advice: long enough not to look like hammering,
short enough that a product which opens again is used the same day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from earnd.domain.action import Verb
from earnd.domain.answer import Consequence
from earnd.domain.history import PastRefusal
from earnd.domain.ids import Coin, ProductId

PERIODS: Mapping[Consequence, timedelta] = {
    Consequence.WAIT: timedelta(minutes=15),
    Consequence.HOLD_PRODUCT: timedelta(hours=1),
    Consequence.HOLD_COIN: timedelta(hours=1),
    Consequence.STOP_SUBSCRIBING: timedelta(hours=12),
    Consequence.STOP_REDEEMING: timedelta(hours=3),
    Consequence.STOP_ALL: timedelta(hours=1),
}
LONGEST = max(PERIODS.values())


@dataclass(frozen=True, slots=True)
class Until:
    """Something is left alone until `at`, because of the answer with `code`."""

    at: datetime
    code: int | None


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
        consequence = Consequence(refusal.consequence)
        period = PERIODS.get(consequence)
        if period is None or refusal.at + period <= now:
            continue
        until = Until(refusal.at + period, refusal.code)
        match consequence:
            case Consequence.HOLD_PRODUCT:
                products[refusal.verb, refusal.product_id] = until
            case Consequence.WAIT | Consequence.HOLD_COIN:
                of_coin = refusal.verb, refusal.coin
                coins[of_coin] = _later(coins.get(of_coin), until)
            case Consequence.STOP_SUBSCRIBING:
                verbs[Verb.SUBSCRIBE] = _later(verbs.get(Verb.SUBSCRIBE), until)
            case Consequence.STOP_REDEEMING:
                verbs[Verb.REDEEM] = _later(verbs.get(Verb.REDEEM), until)
            case _:
                for verb in Verb:
                    verbs[verb] = _later(verbs.get(verb), until)
    return Cooldowns(products, coins, verbs)


def _later(known: Until | None, found: Until) -> Until:
    """A short cool-down that comes later does not end a long one."""
    return found if known is None or found.at >= known.at else known
