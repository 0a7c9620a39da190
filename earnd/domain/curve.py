"""What a holding of a product is worth, at every amount that it may have.

A curve is a list of straight pieces over the amounts that are allowed. Amounts are what is held
now and whole units more or less. Three things make it other than a falling staircase of rates:
amounts in between that no request can reach (a minimum purchase, the smallest move), tiers that
rise or are paid on the whole balance, and the price of leaving.

Thresholds are not prices: they say which amounts are allowed at all. Under a floor, no last part
of what is held may earn less than it, as far as that part can be brought home; over a hurdle, no
last part of what is put in. Both are the running maximum of what the amount earns above the
threshold, so that a small first tier does not hide a better one behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from earnd.domain.money import ZERO
from earnd.domain.product import Band
from earnd.domain.strategy import TierRule

if TYPE_CHECKING:
    from earnd.domain.allocation import Option


class Piece(NamedTuple):
    """From `low` up to `high` the worth is `worth` and `slope` for each coin more."""

    low: Decimal
    high: Decimal
    worth: Decimal
    slope: Decimal

    def at(self, amount: Decimal) -> Decimal:
        """The worth of an amount in the piece."""
        return self.worth + (amount - self.low) * self.slope


def yearly(bands: Sequence[Band], rule: TierRule, amount: Decimal) -> Decimal:
    """What `amount` earns in a year, exactly; beyond the last band nothing more."""
    result = ZERO
    for band in bands:
        if rule is TierRule.WHOLE:
            if amount <= band.lower:
                break
            top = amount if band.upper is None else min(amount, band.upper)
            result = top * band.rate.value
        else:
            top = amount if band.upper is None else min(amount, band.upper)
            if top <= band.lower:
                break
            result += (top - band.lower) * band.rate.value
    return result


def curve(option: Option, unit: Decimal, price: Decimal, fee: Decimal) -> list[Piece]:
    """The pieces of what an option is worth, in the order of their amounts.

    The worth is the yearly yield less the price of leaving: `price` times the yield left behind
    and `fee`, for every amount under what is held now, or under what a floor lets stay of it.
    """
    dust = option.held % unit if option.held else ZERO
    lines = _lines(option)
    pieces = [
        piece
        for low, high in _spans(option, dust, unit)
        for piece in _within(lines, low, high, dust, unit)
    ]
    if option.rule is TierRule.WHOLE or option.floor.value > 0 or option.hurdle.value > 0:
        pieces = _admissible(pieces, option, unit)
    if (price or fee) and option.held:
        pieces = _priced(pieces, option.held, unit, price, fee)
    return pieces


def _spans(option: Option, dust: Decimal, unit: Decimal) -> list[tuple[Decimal, Decimal]]:
    """The amounts that one request can lead to, and what is held now."""
    held = option.held
    spans = []
    if held and option.may_leave:
        top = held - _ceil(max(option.least_out, unit), unit)
        if top >= dust:
            spans.append((dust, dust))
            bottom = max(dust + unit, dust + _ceil(option.least_left - dust, unit))
            if top >= bottom:
                spans.append((bottom, top))
    spans.append((held, held))
    if option.may_enter and option.ceiling > held:
        bottom = held + _ceil(max(option.least_in, unit), unit)
        room = option.ceiling - held
        top = option.ceiling - room % unit
        if top >= bottom:
            spans.append((bottom, top))
    return spans


def _ceil(amount: Decimal, unit: Decimal) -> Decimal:
    """The least number of whole units that is not less."""
    rest = amount % unit
    return amount if not rest else amount - rest + (unit if amount > 0 else ZERO)


_Line = tuple[Decimal, Decimal | None, Decimal, Decimal, bool]
"""The yearly yield from a lower up to an upper amount: what the lower earns, the rate from there,
and whether the lower itself is not included. A tuple, because a thousand products have thousands.
"""


def _lines(option: Option) -> list[_Line]:
    """The yearly yield of every amount, as straight lines; the last one has no end."""
    whole = option.rule is TierRule.WHOLE
    lines: list[_Line] = []
    end = earned = ZERO
    for band in option.bands:
        lower, upper, rate = band.lower, band.upper, band.rate.value
        lines.append((lower, upper, lower * rate if whole else earned, rate, whole and lower > 0))
        if upper is None:
            return lines
        end = upper
        earned = upper * rate if whole else earned + (upper - lower) * rate
    lines.append((end, None, earned, ZERO, False))
    return lines


def _within(
    lines: Sequence[_Line], low: Decimal, high: Decimal, dust: Decimal, unit: Decimal
) -> list[Piece]:
    """The pieces between two amounts, ending where whole units from `dust` end."""
    pieces = []
    for lower, upper, base, rate, is_open in lines:
        if lower > high:
            break
        begin, end = low, high
        if begin <= lower:
            begin = lower
            rest = (begin - dust) % unit
            if rest:
                begin += unit - rest
            elif is_open:
                begin += unit
        if upper is not None and upper < high:
            rest = (upper - dust) % unit
            end = upper - rest if rest else upper
        if begin <= end:
            pieces.append(Piece(begin, end, base + (begin - lower) * rate, rate))
    return pieces


def _admissible(pieces: list[Piece], option: Option, unit: Decimal) -> list[Piece]:
    """What the floor and, above what is held, the hurdle let be."""
    floor, hurdle, held = option.floor.value, option.hurdle.value, option.held
    kept: list[Piece] = []
    best: Decimal | None = None
    best_above: Decimal | None = None
    for piece in pieces:
        found, best = _record(piece, floor, best, unit)
        if piece.low >= held:
            above, best_above = _record(piece, hurdle, best_above, unit)
            found = _common(found, above) if piece.low > held else found
        if found is not None:
            low, high = found
            kept.append(Piece(low, high, piece.at(low), piece.slope))
    return kept


_Span = tuple[Decimal, Decimal]


def _record(
    piece: Piece, threshold: Decimal, best: Decimal | None, unit: Decimal
) -> tuple[_Span | None, Decimal]:
    """Where a piece earns, above the threshold, at least as much as all before it; and the best.

    A piece that falls against the threshold can be a record where it begins only.
    """
    slope = piece.slope - threshold
    first = piece.worth - piece.low * threshold
    if best is None:
        best = first
    if slope < 0:
        return ((piece.low, piece.low) if first >= best else None), max(best, first)
    last = first + (piece.high - piece.low) * slope
    if last < best:
        return None, best
    low = piece.low
    if first < best:
        low += _units(best - first, slope, unit)
    return ((low, piece.high) if low <= piece.high else None), last


def _units(rise: Decimal, slope: Decimal, unit: Decimal) -> Decimal:
    """How far to go, in whole units, to rise by at least so much."""
    step = slope * unit
    count = rise // step
    return (count if count * step >= rise else count + 1) * unit


def _common(one: _Span | None, other: _Span | None) -> _Span | None:
    """Where both are."""
    if one is None or other is None:
        return None
    low, high = max(one[0], other[0]), min(one[1], other[1])
    return (low, high) if low <= high else None


def _priced(
    pieces: list[Piece], held: Decimal, unit: Decimal, price: Decimal, fee: Decimal
) -> list[Piece]:
    """The price of leaving taken off every amount under the one that may stay.

    None of them earns more than that one: no rate is under zero, and where adding lowers what the
    whole balance earns, the floor has let the greater amount go already.
    """
    stays = max(piece.high for piece in pieces if piece.high <= held)
    kept = next(piece for piece in pieces if piece.high == stays).at(stays)
    found: list[Piece] = []
    for low, high, worth, slope in pieces:
        if low >= stays:
            found.append(Piece(low, high, worth, slope))
            continue
        less = worth - (kept - worth) * price - fee
        found.append(Piece(low, min(high, stays - unit), less, slope + slope * price))
        if high == stays:
            found.append(Piece(stays, stays, kept, slope))
    return found


def stays(option: Option, unit: Decimal) -> Decimal:
    """How much of what is held the floor lets stay, whatever the smallest move is."""
    alone = replace(option, may_enter=False, least_out=ZERO)
    return max(piece.high for piece in curve(alone, unit, ZERO, ZERO))
