"""Reading one field of a reply: of the documented form, or refused by its path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from earnd.domain.ids import Coin
from earnd.domain.money import Rate, parse_amount

_ID = re.compile(r"[0-9]{1,20}")
_COIN = re.compile(r"[A-Z0-9._-]{1,20}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# 2015 is before the exchange existed: an earlier moment is one in seconds; a later one than 2100
# is one in microseconds.
_EARLIEST_MS = 1_420_070_400_000
_LATEST_MS = 4_102_444_800_000

_SHOWN = 60
_MISSING = object()


class BadField(ValueError):
    """A field is missing or not of the documented form; `path` is where, `what` is why."""

    def __init__(self, path: str, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path = path
        self.what = what


def moment(milliseconds: int) -> datetime:
    """The UTC moment of Unix milliseconds, exactly."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(at: datetime) -> int:
    """Unix milliseconds, rounded down, exactly."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def is_coin(text: str) -> bool:
    """Whether it is a coin's symbol as earnd writes them."""
    return _COIN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Node:
    """One JSON value and its path. Every method raises `BadField` for what it does not find."""

    value: Any
    path: str

    def bad(self, what: str) -> BadField:
        """The error for this value, which is quoted."""
        shown = ascii(self.value)
        return BadField(
            self.path, f"{what}: {shown if len(shown) <= _SHOWN else shown[:_SHOWN] + '...'}"
        )

    def field(self, name: str) -> Node:
        """A field that must be there."""
        found = self.optional(name)
        if found is None:
            raise BadField(f"{self.path}.{name}", "missing")
        return found

    def optional(self, name: str) -> Node | None:
        """A field, or `None` where it is absent or null."""
        if not isinstance(self.value, dict):
            raise self.bad("not an object")
        value = self.value.get(name, _MISSING)
        return None if value is _MISSING or value is None else Node(value, f"{self.path}.{name}")

    def items(self) -> Iterator[Node]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            raise self.bad("not a list")
        for number, value in enumerate(self.value):
            yield Node(value, f"{self.path}[{number}]")

    def text(self) -> str:
        """A string."""
        if not isinstance(self.value, str):
            raise self.bad("not a string")
        return self.value

    def amount(self) -> Decimal:
        """An amount in a string, which is how the API page types every amount."""
        text = self.text()
        try:
            return parse_amount(text)
        except ValueError:
            raise self.bad("not an amount in plain digits") from None

    def rate(self) -> Rate:
        """A rate in a string with its percent sign."""
        text = self.text()
        try:
            return Rate.from_percent(text)
        except ValueError:
            raise self.bad("not a rate with a percent sign") from None

    def id(self) -> str:
        """One to twenty digits in a string."""
        if not _ID.fullmatch(self.text()):
            raise self.bad("not an id of 1 to 20 digits")
        return self.text()

    def coin(self) -> Coin:
        """A coin's symbol."""
        if not is_coin(self.text()):
            raise self.bad("not a coin's symbol")
        return Coin(self.text())

    def flag(self) -> bool:
        """A JSON boolean."""
        if not isinstance(self.value, bool):
            raise self.bad("not true or false")
        return self.value

    def whole(self) -> int:
        """A whole number that is not negative."""
        if type(self.value) is not int or self.value < 0:
            raise self.bad("not a whole number")
        return self.value

    def time(self) -> datetime:
        """A moment in Unix milliseconds, between 2015 and 2100."""
        value = self.whole()
        if not _EARLIEST_MS <= value < _LATEST_MS:
            raise self.bad("not a moment in milliseconds")
        return moment(value)
