"""Exact money and exact rates.

Amounts are `Decimal` from the text they arrived as to the text they leave as.
Rounding is always down and always named (`floor_to`).
Sums are exact or they raise: the context below traps every inexact result,
because Python's default one rounds silently to 28 digits and the API admits 38.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import (
    ROUND_DOWN,
    ROUND_FLOOR,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)
from functools import total_ordering

from earnd.domain.ids import Coin

ZERO = Decimal(0)

EXACT = Context(
    prec=100,
    rounding=ROUND_DOWN,
    traps=[DivisionByZero, Inexact, InvalidOperation, Overflow],
)
"""Adds, subtracts and multiplies amounts without losing a digit, or raises."""

ROUNDING_DOWN = Context(prec=60, rounding=ROUND_DOWN, traps=[DivisionByZero, InvalidOperation])
"""For yields, shares and other quotients, which need not be exact and never exceed the truth."""

_PLAIN = re.compile(r"[0-9]{1,20}(\.[0-9]{1,18})?")
_PERCENT = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,18})?) ?%")


def parse_amount(text: str) -> Decimal:
    """The amount that plain digits write: at most 20 before the point and 18 after it.

    Raises `ValueError` on anything else that `Decimal` would take: signs, exponents, blanks,
    underscores, digits of other scripts, `NaN`.
    """
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"not an amount in plain digits: {text!r}")
    return Decimal(text)


def plain(value: Decimal) -> str:
    """The one way an amount is written, on the wire and in the ledger: `0.0000001`, never `1E-7`.

    No exponent, no trailing zeros, no sign for zero; `parse_amount(plain(x)) == x`.
    Raises `ValueError` if the amount is negative, not finite, or longer than the API admits.
    """
    if not value.is_finite() or value < 0:
        raise ValueError(f"not an amount: {value!r}")
    if value == 0:
        return "0"
    if not -18 <= value.adjusted() <= 20:
        # Looked at before it is written out: `1E-99999999` is a hundred million digits.
        raise ValueError(f"amount beyond 20 digits or 18 decimals: {value!r}")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if not _PLAIN.fullmatch(text):
        raise ValueError(f"amount beyond 20 digits or 18 decimals: {value!r}")
    return text


def floor_to(value: Decimal, places: int) -> Decimal:
    """`value` cut, never raised, to at most `places` decimals."""
    return value.quantize(
        Decimal(1).scaleb(-places), context=Context(prec=100, rounding=ROUND_FLOOR)
    )


def total(values: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    result = ZERO
    for value in values:
        result = EXACT.add(result, value)
    return result


def minus(left: Decimal, right: Decimal) -> Decimal:
    """The exact difference."""
    return EXACT.subtract(left, right)


@total_ordering
@dataclass(frozen=True, slots=True)
class Amount:
    """So much of one coin. Adds to and compares with its own coin only; may be negative."""

    coin: Coin
    value: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal) or not self.value.is_finite():
            raise TypeError(f"an amount needs a finite Decimal, not {self.value!r}")

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.coin, EXACT.add(self.value, self._same(other)))

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.coin, EXACT.subtract(self.value, self._same(other)))

    def __lt__(self, other: Amount) -> bool:
        return self.value < self._same(other)

    def _same(self, other: Amount) -> Decimal:
        if not isinstance(other, Amount) or other.coin != self.coin:
            raise TypeError(f"{self} and {other} are not the same coin")
        return other.value

    def __str__(self) -> str:
        return f"{format(self.value, 'f')} {self.coin}"


@total_ordering
@dataclass(frozen=True, slots=True)
class Rate:
    """A fraction per year: 5 % is `Rate(Decimal("0.05"))`."""

    value: Decimal

    def __post_init__(self) -> None:
        if not isinstance(self.value, Decimal) or not self.value.is_finite():
            raise TypeError(f"a rate needs a finite Decimal, not {self.value!r}")

    @classmethod
    def from_percent(cls, text: str) -> Rate:
        """The rate that `"5.00%"` writes.

        Raises `ValueError` without a percent sign: 5 could be five percent or five hundred.
        """
        match = _PERCENT.fullmatch(text)
        if not match:
            raise ValueError(f"not a rate with a percent sign: {text!r}")
        return cls(Decimal(match.group(1)).scaleb(-2))

    def __add__(self, other: Rate) -> Rate:
        return Rate(EXACT.add(self.value, other.value))

    def __lt__(self, other: Rate) -> bool:
        return self.value < other.value

    def __str__(self) -> str:
        text = format(self.value.scaleb(2), "f")
        whole, _, part = text.partition(".")
        return f"{whole}.{part.rstrip('0').ljust(2, '0')}%"


NO_RATE = Rate(ZERO)
