"""Readers of the numbers that are neither amounts nor rates: counts, factors, shares above all."""

from __future__ import annotations

import re
from decimal import Decimal

from earnd.config.values import Read, read_amount, read_rate, refusal
from earnd.domain.money import plain


def count(least: int, most: int) -> Read:
    """A reader of whole numbers between these two, both included."""
    digits = len(str(most))

    def read(value: object) -> int:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if isinstance(text, str) and re.fullmatch(rf"[0-9]{{1,{digits}}}", text, re.ASCII):
            plain_form = str(int(text)) == text
            if plain_form and least <= int(text) <= most:
                return int(text)
        raise refusal(f"a whole number from {least} to {most} is wanted", value)

    return read


def factor(most: int) -> Read:
    """A reader of plain numbers above 1 and up to `most`."""

    def read(value: object) -> Decimal:
        wanted = f"a plain number above 1 and up to {most} is wanted, like 10 or 2.5"
        try:
            number = read_amount(value)
        except ValueError:
            raise refusal(wanted, value) from None
        if not 1 < number <= most:
            raise refusal(wanted, value)
        return number

    return read


def percent(most: int) -> Read:
    """A reader of shares from `0%` to `most` percent, as a fraction."""

    def read(value: object) -> Decimal:
        if isinstance(value, Decimal):
            return value
        try:
            fraction: Decimal = read_rate(value).value
        except ValueError as error:
            raise ValueError(str(error).replace("a rate", "a share", 1)) from None
        if fraction > Decimal(most).scaleb(-2):
            raise refusal(f"a share from 0% to {most}% is wanted", value)
        return fraction

    return read


def show_percent(fraction: Decimal) -> str:
    """The inverse of `percent`: `1` is `100%`."""
    return f"{plain(fraction.scaleb(2))}%"
