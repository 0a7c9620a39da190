"""What staying has cost already: the proof that a better place is worth the price of moving.

A rate that has just risen may be gone in an hour. Money that moves at once for every such rate pays
the price again and again. Money that waits until staying has cost as much as moving would loses by
waiting no more than it would have paid (the rule of renting skis until the rent has reached their
price). And what has not lasted as long as the money will be on its way is likely to be over when
it arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from earnd.domain.curve import yearly
from earnd.domain.ids import ProductId
from earnd.domain.money import ROUNDING_DOWN, ZERO
from earnd.domain.product import Band, Product
from earnd.domain.quarantine import Reading
from earnd.domain.strategy import TierRule

YEAR = timedelta(days=365)
"""What a yearly rate counts as a year: the API page's interest is amount times rate by 365."""

_MICROSECOND = timedelta(microseconds=1)


class Staying(NamedTuple):
    """What staying has cost, in coins, and for how long going has been better without a break."""

    cost: Decimal
    better_for: timedelta


def cost_of_staying(
    stays: Mapping[ProductId, Decimal],
    goes: Mapping[ProductId, Decimal],
    past: Mapping[ProductId, Sequence[Reading]],
    *,
    bands_of: Callable[[Product], Sequence[Band]],
    rule: TierRule,
    since: datetime,
    now: datetime,
    enough: Staying,
) -> Staying:
    """What holding `goes` would have earned more than `stays`, since the moment that makes it most.

    Of the time from `since` to `now`, at the rates that were seen; the search ends as soon as
    both numbers are `enough`. A stretch in which one of the products was not seen counts as
    nothing, and as a break.
    """
    differing = [key for key in stays.keys() | goes.keys() if stays.get(key) != goes.get(key)]
    moments = sorted(
        {
            max(reading.at, since)
            for key in differing
            for reading in past.get(key, ())
            if reading.at < now
        }
    )
    places = {key: len(past.get(key, ())) - 1 for key in differing}
    wanted = enough.cost * (YEAR // _MICROSECOND)
    cost = most = ZERO
    better_for, is_unbroken = timedelta(0), True
    end = now
    for moment in reversed(moments):
        gain = ZERO
        for key in differing:
            readings = past.get(key, ())
            while places[key] >= 0 and readings[places[key]].at > moment:
                places[key] -= 1
            product = readings[places[key]].product if places[key] >= 0 else None
            if product is None:
                gain = ZERO
                break
            bands = bands_of(product)
            gain += yearly(bands, rule, goes.get(key, ZERO))
            gain -= yearly(bands, rule, stays.get(key, ZERO))
        cost += gain * ((end - moment) // _MICROSECOND)
        most = max(most, cost)
        is_unbroken = is_unbroken and gain > 0
        better_for = now - moment if is_unbroken else better_for
        if most >= wanted and (better_for >= enough.better_for or not is_unbroken):
            break
        end = moment
    return Staying(ROUNDING_DOWN.divide(most, Decimal(YEAR // _MICROSECOND)), better_for)
