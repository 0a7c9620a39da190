"""A small mark in the lowest digits of a subscribe, so that its record can be told from others.

The records of the API page carry no request number. Two equal amounts on one day cannot be told
apart; an amount that ends in digits of our own can.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from decimal import Decimal, localcontext

from earnd.domain.money import EXACT, floor_to

_MOST_DIGITS = 4
_LEFT_BEHIND = 4  # a tag may leave at most a ten-thousandth of the amount in the wallet


def tagged(
    amount: Decimal, *, precision: int, least: Decimal, taken: Collection[Decimal], seed: str
) -> Decimal:
    """`amount` with its lowest two to four allowed digits replaced by a mark drawn from `seed`.

    Never above `amount`, never under `least`, unlike every amount in `taken`. Answers `amount`
    itself, cut to `precision`, where no mark fits.
    """
    whole = floor_to(amount, precision)
    with localcontext(EXACT):
        unit = Decimal(1).scaleb(-precision)
        fits = (whole / unit).adjusted() - _LEFT_BEHIND if whole else 0
        digits = min(_MOST_DIGITS, precision, fits)
        if digits < 2:
            return whole
        span: int = 10**digits
        base = floor_to(whole, precision - digits)
        for turn in range(64):
            drawn = hashlib.sha256(f"{seed}/{turn}".encode()).digest()
            mark = int.from_bytes(drawn[:8], "big") % (span - 1) + 1
            candidate = base + mark * unit
            if candidate > whole:
                candidate -= span * unit
            if candidate >= least and candidate > 0 and candidate not in taken:
                return candidate
    return whole
