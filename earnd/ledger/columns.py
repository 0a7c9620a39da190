"""How values become text in the ledger and values again; the Python half of the schema's CHECKs.

SQLite turns a number into text without a word, and SQLAlchemy's `Numeric` is a float there: so
each type takes its one Python type and refuses all others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from earnd.domain.money import Rate, plain

_RATE_DECIMALS = 20


def moment_text(at: datetime) -> str:
    """`2026-11-22T17:00:00.000Z`: UTC, cut to milliseconds.

    Raises `ValueError` for a time without a zone: it could be any of 38 hours.
    """
    if at.tzinfo is None:
        raise ValueError(f"a time without a zone: {at!r}")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def moment_from(text: str) -> datetime:
    """The time that `moment_text` wrote."""
    return datetime.fromisoformat(text)


def rate_text(rate: Rate) -> str:
    """A fraction per year in plain digits: five per cent is `0.05`.

    Raises `ValueError` for a negative rate, or one with more digits than a percentage can have.
    """
    if rate.value < 0:
        raise ValueError(f"a negative rate: {rate.value!r}")
    text = format(rate.value, "f")
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    if len(part) > _RATE_DECIMALS:
        raise ValueError(f"a rate beyond {_RATE_DECIMALS} decimals: {rate.value!r}")
    return f"{whole}.{part}" if part else whole


def storable(text: str) -> str:
    r"""Text as UTF-8 can hold it and every shell shows it whole.

    Replies may hold half a surrogate pair (`"\ud800"` is legal JSON), which the driver refuses to
    write, and NUL, at which SQLite's functions stop reading. Both are written as escapes: the
    record of an answer must not fail for what is in it.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


def evidence_text(evidence: Mapping[str, str]) -> str:
    """Canonical JSON: sorted keys, text values only, no blanks.

    Raises `TypeError` for a value that is not text: a float would be one way to lose money.
    """
    for key, value in evidence.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise TypeError(f"evidence is text only, not {key!r}: {value!r}")
    ordered = {storable(key): storable(value) for key, value in sorted(evidence.items())}
    return json.dumps(ordered, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


class Money(TypeDecorator[Decimal]):
    """A `Decimal` as plain digits; nothing but a `Decimal` goes in."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        del dialect
        if value is None:
            return None
        if not isinstance(value, Decimal):
            raise TypeError(f"money is a Decimal, not {value!r}")
        return plain(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        del dialect
        return None if value is None else Decimal(value)


class RateText(TypeDecorator[Rate]):
    """A `Rate` as a fraction in plain digits."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Rate | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else rate_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Rate | None:
        del dialect
        return None if value is None else Rate(Decimal(value))


class Moment(TypeDecorator[datetime]):
    """A time with its zone, as UTC text with milliseconds."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else moment_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        del dialect
        return None if value is None else moment_from(value)


class Words(TypeDecorator[str]):
    """Text from anywhere, made storable."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else storable(value)


class Evidence(TypeDecorator[Mapping[str, str]]):
    """What we were told, as canonical JSON; written here, read by people and SQL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else evidence_text(value)
