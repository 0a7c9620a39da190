"""The cells of a file of rates: each reader takes text and returns the value or says the slip."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from earnd.config.values import got, read_amount, read_flag, refusal
from earnd.domain.money import Rate, parse_amount
from earnd.sandbox import TierSpec

NO_TIERS: Final = "none"
MOST_WITHOUT_SIGN: Final = 2
"""From here on a bare number is more likely a percentage without its sign than a fraction."""

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_TIER: Final = re.compile(r"([0-9.]+) ?- ?([0-9.]+) ?@ ?([0-9.]+ ?%?)")


def read_moment(text: str) -> datetime:
    """The moment that a date (its midnight, UTC) or a date and time with a zone writes."""
    wanted = "a date or a time with its zone is wanted, like 2026-01-31 or 2026-01-31T13:00Z"
    is_date = _DATE.fullmatch(text)
    match = _MOMENT.fullmatch(text)
    if not is_date and not match:
        raise refusal(wanted, text)
    if match and not match[3]:
        raise refusal("a time needs its zone, like 2026-01-31T13:00Z", text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise refusal(f"there is no such time ({error})", text) from None
    return moment.replace(tzinfo=UTC) if is_date else moment.astimezone(UTC)


def read_yearly(text: str) -> Decimal:
    """The fraction per year that `2.5%` or `0.025` writes."""
    if text.endswith("%"):
        try:
            return Rate.from_percent(text).value
        except ValueError:
            raise refusal("a rate is wanted, like 2.5% or 0.025", text) from None
    try:
        fraction = parse_amount(text)
    except ValueError:
        raise refusal("a rate is wanted, like 2.5% or 0.025", text) from None
    if fraction >= MOST_WITHOUT_SIGN:
        raise refusal(f"without a sign this is {text}00 %; write {text}% or a fraction", text)
    return fraction


def read_tiers(text: str) -> tuple[TierSpec, ...]:
    """The tiers that `0-200 @ 5%; 200-1000 @ 3%`, or the same as JSON, writes; `none` for none."""
    if text == NO_TIERS:
        return ()
    tiers = _from_json(text) if text.startswith("[") else _from_words(text)
    for tier in tiers:
        if tier.minimum >= tier.maximum:
            raise refusal("a tier ends above where it begins", text)
    for before, after in pairwise(tiers):
        if before.maximum != after.minimum:
            raise refusal("each tier begins where the one before ends", text)
    return tiers


def _from_words(text: str) -> tuple[TierSpec, ...]:
    tiers = []
    for part in text.split(";"):
        match = _TIER.fullmatch(part.strip())
        if not match:
            raise refusal("tiers are wanted, like 0-200 @ 5%; 200-1000 @ 3%", text)
        lower, upper, rate = match.groups()
        tiers.append(TierSpec(read_amount(lower), read_amount(upper), read_yearly(rate)))
    return tuple(tiers)


def _from_json(text: str) -> tuple[TierSpec, ...]:
    wanted = 'JSON tiers are wanted, like [["0", "200", "5%"], ["200", "1000", "3%"]]'
    try:
        rows: Any = json.loads(text, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise refusal(wanted, text) from None
    tiers = []
    for row in rows:
        if not isinstance(row, list) or [type(cell) for cell in row] != [str, str, str]:
            raise refusal(wanted, text)
        lower, upper, rate = row
        tiers.append(TierSpec(read_amount(lower), read_amount(upper), read_yearly(rate)))
    if not tiers:
        raise refusal(f"{wanted}; {NO_TIERS} for none", text)
    return tuple(tiers)


def read_truth(text: str) -> bool:
    """`true` or `false`, in the capitals of whoever wrote the file."""
    return read_flag(text.lower() if text.lower() in {"true", "false"} else text)


def read_name(text: str) -> str:
    """A product's name: digits are its id."""
    if not text:
        raise ValueError(f"a product's id or name is wanted; got {got(text or None)}")
    return text
