"""What would have to change for money to move: a sentence for each hold that has such an answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import ROUND_UP, Decimal, InvalidOperation
from typing import Final

from earnd.cli.reasons import in_utc, products, rounded
from earnd.domain.money import ROUNDING_DOWN, plain
from earnd.domain.reason import Reason

_Detail = Mapping[str, str]
_SPAN: Final = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?")
_HOURS_A_YEAR: Final = 365 * 24

SIMPLE: Final[Mapping[Reason, str]] = {
    Reason.COIN_NOT_MANAGED: "when the strategy names the coin",
    Reason.MODE_HOLD: "when the strategy's mode is no longer hold",
    Reason.MODE_REDEEM_ONLY: "when the strategy's mode is on again",
    Reason.NOTHING_IDLE: "when money arrives in the wallet",
    Reason.UNDER_MIN_MOVE: "when min_move or more can be moved at once",
    Reason.UNDER_PRODUCT_MINIMUM: "when enough for the smallest purchase lies idle",
    Reason.UNDER_MIN_APY: "when something with room pays min_apy",
    Reason.NO_PRODUCT: "when the exchange offers a product that the strategy allows",
    Reason.PRODUCTS_FULL: "when a product takes more, or another opens",
    Reason.MAX_PER_PRODUCT: "when max_per_product is raised, or another product opens",
    Reason.MAX_TOTAL: "when max_total is raised, or more of the coin arrives where it is a share",
    Reason.MAX_PER_ACTION_TOO_SMALL: "when max_per_action is raised",
    Reason.PRODUCT_NOT_LISTED: "when it is offered again, or redeemed by hand",
    Reason.IN_TRANSIT: "when the wallet shows it",
    Reason.NOTHING_TO_REFILL_FROM: "when money arrives in the wallet",
    Reason.HOLDING_UNVERIFIED: "when what is held adds up again: `earnd audit` shows what does not",
    Reason.TIERS_UNCLEAR: "when the exchange lists tiers that fit together",
    Reason.POSITION_UNKNOWN: "when the exchange shows the position, or by hand over there",
    Reason.RATE_NOT_CREDIBLE: "when max_credible_apy is raised, if you believe the rate",
    Reason.ROTATION_OFF: "when rotate.enabled is true",
    Reason.PER_ACTION_LIMIT: "in the next cycles, part by part",
    Reason.PER_DAY_LIMIT: "when what was sent is more than 24 hours ago, or max_per_day is raised",
    Reason.CLOCK_SKEW: "when this machine's clock is right again",
    Reason.MAINTENANCE: "when the exchange is back",
    Reason.STALE_DATA: "in the next cycle that looks in good time",
    Reason.PAUSED: "when the pause file is gone",
    Reason.STOPPED_BY_EXCHANGE: "in the next cycle",
    Reason.NEXT_CYCLE: "in the next cycle",
    Reason.DRY_RUN: "when the mode is live",
    Reason.SHUTTING_DOWN: "when earnd runs again",
}
"""Where the answer needs no numbers."""


def what_would_move_it(reason: str, detail: _Detail) -> str | None:
    """When the money of a hold would move, in words; `None` where there is nothing to say."""
    try:
        known = Reason(reason)
    except ValueError:
        return None
    told = _TOLD.get(known)
    return SIMPLE.get(known) if told is None else told(detail)


def _reserve(detail: _Detail) -> str:
    try:
        lacking = Decimal(detail["keep_idle"]) - Decimal(detail["available"])
    except (KeyError, InvalidOperation):
        return "when more lies idle than is to stay"
    if lacking > 0:
        return f"when more than {plain(lacking)} has come in on top of what is idle"
    return "when any more comes in on top of what is idle"


def _need(detail: _Detail) -> str:
    del detail
    return "when more lies idle than is kept, or a day after the need's moment"


def _until(detail: _Detail) -> str | None:
    return f"at {in_utc(detail['until'])} at the earliest" if detail.get("until") else None


def _believed(detail: _Detail) -> str:
    until, needed = detail.get("until"), detail.get("needed_looks")
    when = f"not before {in_utc(until)}" if until else ""
    looks = f"{needed} looks have found the same" if needed else "more looks have found the same"
    return f"when {looks}" + (f", and {when}" if when else "") + ", or it is as it was"


def _over(detail: _Detail) -> str:
    number = detail.get("action")
    return "when that action is over" + (f": `earnd explain --action {number}`" if number else "")


def _worth(detail: _Detail) -> str:
    """How much more the better place would have to pay than now."""
    places = products(detail["to"].split(",")) if detail.get("to") else "another product"
    try:
        lacking = Decimal(detail["cost"]) - Decimal(detail["gain"])
        gap_bp, gain = Decimal(detail["gap_bp"]), Decimal(detail["gain"])
        points = lacking / gain * gap_bp / 100
    except (KeyError, ArithmeticError):
        return f"when {places} pays enough more for moving to pay"
    if points <= 0:
        return f"when {places} pays enough more for moving to pay"
    more = format(points.quantize(Decimal("0.01"), rounding=ROUND_UP), "f")
    return f"when {places} pays about {more} points more than now"


def _proof(detail: _Detail) -> str:
    """For how long the gap of now would have to last."""
    places = products(detail["to"].split(",")) if detail.get("to") else "the better place"
    try:
        lacking = Decimal(detail["needed"]) - Decimal(detail["proven"])
        hours = ROUNDING_DOWN.divide(
            lacking * _HOURS_A_YEAR, Decimal(detail["gap_per_year"])
        ).to_integral_value(rounding=ROUND_UP)
        gap = Decimal(detail["gap_bp"]) / 100
    except (KeyError, ArithmeticError):
        return f"when {places} has paid more for long enough"
    hours = max(hours, _hours(detail.get("must_last")) - _hours(detail.get("better_for")))
    if hours <= 0:
        return "in the next cycle"
    points = rounded(format(gap, "f"))
    span = f"{hours} more hours" if hours > 1 else "another hour"
    return f"when {places} has paid {points} points more for {span}"


def _hours(span: str | None) -> Decimal:
    """The hours that `1d12h30m` writes, the rest of one being a whole one."""
    found = _SPAN.fullmatch(span or "")
    if found is None:
        return Decimal(0)
    days, hours, minutes = (int(part or 0) for part in found.groups())
    return Decimal(days * 24 + hours + (minutes > 0))


def _better(detail: _Detail) -> str:
    name, rate = detail.get("runner_up"), detail.get("rate")
    if not rate:
        return "when something pays more"
    best = f"product {name} or another" if name and name != "idle" else "something with room"
    return f"when {best} pays enough more than {rate}"


_TOLD: Final[Mapping[Reason, Callable[[_Detail], str | None]]] = {
    Reason.KEPT_AS_RESERVE: _reserve,
    Reason.KEPT_FOR_NEED: _need,
    Reason.COOLING_DOWN: _until,
    Reason.JUST_LEFT: _until,
    Reason.MOVED_BY_PERSON: _until,
    Reason.QUARANTINED: _believed,
    Reason.LIST_SHRUNK: _believed,
    Reason.OPEN_ACTION: _over,
    Reason.NOT_WORTH_MOVING: _worth,
    Reason.NOT_PROVEN_YET: _proof,
    Reason.BEST_ALREADY: _better,
}
