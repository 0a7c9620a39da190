"""The numbers that explain a decision, as text: ready for SQL, for JSON and for sentences."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from earnd.domain.allocation import Allocation
from earnd.domain.ids import ProductId
from earnd.domain.money import ROUNDING_DOWN, ZERO, Rate, floor_to, minus, plain
from earnd.domain.placing import Placing
from earnd.domain.prospect import Prospect
from earnd.domain.reason import Reason

BINDING: Final[Mapping[Reason, str]] = {
    Reason.NOTHING_IDLE: "money",
    Reason.KEPT_AS_RESERVE: "reserve",
    Reason.KEPT_FOR_NEED: "need",
    Reason.MODE_REDEEM_ONLY: "mode",
    Reason.LIST_SHRUNK: "quarantine",
    Reason.QUARANTINED: "quarantine",
    Reason.PER_DAY_LIMIT: "max_per_day",
    Reason.PER_ACTION_LIMIT: "max_per_action",
    Reason.MAX_PER_ACTION_TOO_SMALL: "max_per_action",
    Reason.MAX_TOTAL: "max_total",
    Reason.MAX_PER_PRODUCT: "max_per_product",
    Reason.PRODUCTS_FULL: "product_full",
    Reason.UNDER_MIN_APY: "min_apy",
    Reason.UNDER_MIN_MOVE: "min_move",
    Reason.UNDER_PRODUCT_MINIMUM: "product_minimum",
    Reason.COOLING_DOWN: "cooling_down",
    Reason.JUST_LEFT: "cooling_down",
    Reason.NO_PRODUCT: "product_full",
    Reason.TIERS_UNCLEAR: "quarantine",
    Reason.RATE_NOT_CREDIBLE: "quarantine",
    Reason.NEXT_CYCLE: "money",
}
"""What binds where a hold of idle money has this reason."""

_RATE_PLACES = 6
_BP_PLACES = 2


def rate_text(rate: Decimal) -> str:
    """A fraction a year as people write it, cut to a ten-thousandth of a percent."""
    return str(Rate(floor_to(rate, _RATE_PLACES)))


def bands_in_words(prospect: Prospect, amount: Decimal) -> str:
    """`190 at 8.00%; 309.99 at 6.00%`: at which rates an amount on top of what is held earns."""
    words, low = [], prospect.held
    high = prospect.held + amount
    for band in prospect.bands:
        top = high if band.upper is None else min(high, band.upper)
        begin = max(low, band.lower)
        if top > begin:
            words.append(f"{plain(top - begin)} at {band.rate}")
    return "; ".join(words)


def gap(rate: Decimal, a_year: Decimal, amount: Decimal) -> dict[str, str]:
    """The runner-up's rate, and how much less it earns: a year, and in basis points."""
    told = {"runner_up_rate": rate_text(rate)}
    if amount > 0:
        part = ROUNDING_DOWN.divide(a_year * 10_000, amount)
        told["gap_per_year"] = signed(floor_to(a_year, 8))
        told["gap_bp"] = signed(floor_to(part, _BP_PLACES))
    return told


def span_text(span: timedelta) -> str:
    """`14d`, `1d12h` or `45m`, cut to whole minutes."""
    minutes = span // timedelta(minutes=1)
    parts = ((minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "m"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


def cut_short(found: Allocation) -> dict[str, str]:
    """That the search was cut short, and how much more a year the best could earn at most."""
    return {} if found.exact else {"search_gap": plain(floor_to(found.gap, 8))}


def signed(value: Decimal) -> str:
    """Plain digits, with a sign where it is less than nothing."""
    return f"-{plain(-value)}" if value < 0 else plain(value)


def comparison(placing: Placing, product_id: ProductId, amount: Decimal) -> dict[str, str]:
    """What the same money would do without this product, and how much less that earns."""
    best = placing.pinned
    other = placing.pinned_without(product_id)
    gained = placing.earns(product_id, best.targets[product_id]) - placing.earns(
        product_id, placing.held[product_id]
    )
    put = minus(best.targets[product_id], placing.held[product_id])
    told = {"rate": rate_text(ROUNDING_DOWN.divide(gained, put))}
    name, rate = _instead(placing, best, other)
    a_year = minus(best.yearly, other.yearly)
    return told | {"runner_up": name} | gap(rate, a_year, max(put, amount)) | cut_short(best)


def _instead(placing: Placing, best: Allocation, other: Allocation) -> tuple[str, Decimal]:
    """Where most of the money goes in the other answer, and what it earns there on average."""
    more = {key: minus(other.targets[key], best.targets[key]) for key in best.targets}
    key = max(more, key=lambda name: (more[name], name))
    if more[key] <= 0:
        return "idle", ZERO
    extra = placing.earns(key, other.targets[key]) - placing.earns(key, best.targets[key])
    return key, ROUNDING_DOWN.divide(extra, more[key])
