"""A sentence for every reason, from its data.

The ledger holds the reason and the data; these words are made for reading only.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from earnd.domain.reason import Reason

SENTENCES: Mapping[Reason, str] = {
    Reason.BEST_BAND: "the best that is open to it: {bands}",
    Reason.COMPOUND: "interest of {fresh_interest} put back to work: {bands}",
    Reason.RATE_UNDER_FLOOR: "pays {rate} now, under the floor of {redeem_below_apy}",
    Reason.REFILL: "only {idle} idle, under {refill_below}: brought back up to {refill_to}",
    Reason.PROBE: "to learn how long the exchange remembers a number",
    Reason.COIN_NOT_MANAGED: "the strategy does not name this coin",
    Reason.MODE_HOLD: "the strategy says hold",
    Reason.MODE_REDEEM_ONLY: "the strategy says redeem-only: nothing new is subscribed",
    Reason.NOTHING_IDLE: "nothing lies idle",
    Reason.KEPT_AS_RESERVE: "all of the {available} that is idle is kept ({keep_idle} are to stay)",
    Reason.UNDER_MIN_MOVE: "what could be moved is under min_move",
    Reason.UNDER_PRODUCT_MINIMUM: "what could be moved is under the smallest purchase",
    Reason.UNDER_MIN_APY: "nothing with room pays min_apy",
    Reason.NO_PRODUCT: "the exchange offers no product for it that the strategy allows",
    Reason.PRODUCTS_FULL: "every product that may be used is full",
    Reason.MAX_PER_PRODUCT: "max_per_product lets no product hold more",
    Reason.MAX_PER_ACTION_TOO_SMALL: (
        "max_per_action is {max_per_action}, but one purchase must be at least {least}"
    ),
    Reason.PRODUCT_NOT_LISTED: "the exchange offers it no more; its rate is not known",
    Reason.IN_TRANSIT: "redeemed already; the wallet does not show it yet",
    Reason.REFILL_NOT_NEEDED: "a second look at the wallet found enough in it",
    Reason.NOTHING_TO_REFILL_FROM: "{idle} idle, under {refill_below}, but nothing to redeem",
    Reason.OPEN_ACTION: "an action in this coin is not over yet",
    Reason.HOLDING_UNVERIFIED: "what is held does not add up, so it is not touched: {why}",
    Reason.TIERS_UNCLEAR: "its tiers cannot be relied on: {why}",
    Reason.COOLING_DOWN: "refused with code {code} lately; left alone until {until}",
    Reason.POSITION_UNKNOWN: "the position to redeem from is not known",
    Reason.RATE_NOT_CREDIBLE: "{rate} is above max_credible_apy, {max_credible_apy}",
    Reason.RESERVE_LIMIT: "the reserve would be broken",
    Reason.PER_ACTION_LIMIT: "more than max_per_action; the rest follows in later cycles",
    Reason.PER_DAY_LIMIT: "max_per_day is used up",
    Reason.CLOCK_SKEW: "our clock and the exchange's differ too much",
    Reason.MAINTENANCE: "the exchange is under maintenance",
    Reason.STALE_DATA: "what was seen is too old to act upon",
    Reason.PAUSED: "the pause file exists",
    Reason.STOPPED_BY_EXCHANGE: "the exchange asked for a pause in this cycle",
    Reason.NEXT_CYCLE: "its turn comes in the next cycle",
    Reason.DRY_RUN: "dry run: nothing is sent",
    Reason.SHUTTING_DOWN: "earnd was asked to stop",
    Reason.NEVER_LEFT: "the process ended before it was sent",
}


class _Lenient(Formatter):
    """Leaves a gap as a dash: an older ledger may lack a number that a newer sentence names."""

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        del args
        return kwargs.get(str(key), "-")


def sentence(reason: str, detail: Mapping[str, str]) -> str:
    """The reason in words; a reason that this version does not know stays as it is."""
    try:
        pattern = SENTENCES[Reason(reason)]
    except ValueError:
        return reason
    return _Lenient().vformat(pattern, (), detail)
