"""What a held amount earns in one period, exactly, then cut to the exchange's decimals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from earnd.domain.money import EXACT, ROUNDING_DOWN, ZERO, floor_to, total
from earnd.sandbox.clock import EPOCH
from earnd.sandbox.products import ProductSpec
from earnd.sandbox.settings import Settings

DAYS_PER_YEAR = 365
HOURS_PER_DAY = 24


def yearly(spec: ProductSpec, amount: Decimal, settings: Settings) -> Decimal:
    """A year's simple interest on `amount`, exact."""
    base = _whole(spec, amount) if settings.tier_rule == "whole" else _marginal(spec, amount)
    if not settings.count_additional_apy:
        return base
    return EXACT.add(base, EXACT.multiply(amount, spec.additional_apy))


def interest(spec: ProductSpec, amount: Decimal, settings: Settings) -> Decimal:
    """What `amount` earns in one period of the settings, cut to their decimals."""
    hourly = settings.interest_every == "hour"
    periods = DAYS_PER_YEAR * (HOURS_PER_DAY if hourly else 1)
    share = ROUNDING_DOWN.divide(yearly(spec, amount, settings), Decimal(periods))
    return floor_to(share, settings.interest_places)


def _marginal(spec: ProductSpec, amount: Decimal) -> Decimal:
    """Each band's rate on the part inside it; nothing on what lies beyond the last band."""
    if not spec.tiers:
        return EXACT.multiply(amount, spec.apy)
    parts = []
    low = ZERO
    for tier in spec.tiers:
        inside = max(ZERO, EXACT.subtract(min(amount, tier.maximum), low))
        parts.append(EXACT.multiply(inside, tier.apy))
        low = tier.maximum
    return total(parts)


def _whole(spec: ProductSpec, amount: Decimal) -> Decimal:
    """One rate on all: that of the band the amount lies in, a shared edge being the lower band's.

    What lies beyond the last band earns nothing here either.
    """
    if not spec.tiers:
        return EXACT.multiply(amount, spec.apy)
    for tier in spec.tiers:
        if amount <= tier.maximum:
            return EXACT.multiply(amount, tier.apy)
    return EXACT.multiply(spec.tiers[-1].maximum, spec.tiers[-1].apy)


@dataclass(frozen=True, slots=True)
class Beat:
    """Moments that recur: every `step`, counted from 1970 plus `offset`."""

    step: timedelta
    offset: timedelta

    def after(self, moment: datetime) -> datetime:
        """The first of them later than `moment`."""
        origin = EPOCH + self.offset
        return origin + self.step * ((moment - origin) // self.step + 1)


def scaled(settings: Settings, time_of_day: timedelta) -> timedelta:
    """A time of a 24-hour day, in the exchange's own day."""
    return settings.day * (time_of_day // timedelta(seconds=1)) // 86_400


def period_ends(settings: Settings) -> Beat:
    """When a period of interest ends and the next begins."""
    hourly = settings.interest_every == "hour"
    step = settings.day // HOURS_PER_DAY if hourly else settings.day
    return Beat(step, scaled(settings, settings.day_starts))


def sweeps(settings: Settings) -> Beat:
    """When auto-subscribe takes what it finds."""
    return Beat(settings.day, scaled(settings, settings.auto_at))


def is_closed(settings: Settings, verb: str, now: datetime) -> bool:
    """Whether orders of this kind are refused at this time of day (80005)."""
    if settings.closed_from is None or settings.closed_until is None:
        return False
    if verb not in settings.closed_for:
        return False
    time_of_day = (now - EPOCH) % settings.day
    begin, end = scaled(settings, settings.closed_from), scaled(settings, settings.closed_until)
    if begin <= end:
        return begin <= time_of_day < end
    return time_of_day >= begin or time_of_day < end
