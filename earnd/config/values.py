"""Values as people write them, and back: amounts, rates, durations, choices, paths.

Each reader takes what stands in the file, always text, or a value that is already right; it
returns the value or raises `ValueError` with a message that says what was got and what is wanted.
No reader takes a float: it has lost what was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeAlias

from earnd.domain.ids import ProductId
from earnd.domain.money import ZERO, Rate, parse_amount, plain
from earnd.domain.strategy import Share

Read: TypeAlias = Callable[[object], Any]

LONGEST_SHOWN: Final = 40
"""Characters of a wrong value that a message repeats."""

MAX_PRECISION: Final = 18
"""Decimals of an amount that the API page admits."""


class Mistakes(ValueError):
    """Several things wrong at once, each with the way from here to where it stands."""

    def __init__(self, *found: tuple[tuple[str | int, ...], str]) -> None:
        super().__init__("; ".join(text for _, text in found))
        self.found = found


def got(value: object) -> str:
    """A wrong value as a message repeats it: short, and of a section only that it is one."""
    match value:
        case None:
            return "nothing"
        case str() if len(value) > LONGEST_SHOWN:
            return repr(value[:LONGEST_SHOWN] + "...")
        case str():
            return repr(value)
        case list():
            return "a list"
        case dict():
            return "keys under it"
        case _:
            return f"a Python {type(value).__name__}"


def refusal(wanted: str, value: object) -> ValueError:
    """What is wanted and what was got; pydantic gathers `ValueError`, whatever the kind of slip."""
    return ValueError(f"{wanted}; got {got(value)}")


_AMOUNT_ADVICE: Final = (
    (re.compile(r"-[0-9.]+"), "an amount is never negative"),
    (re.compile(r"\+[0-9.]+"), "leave out the sign"),
    (re.compile(r"[0-9.]+[eE][+-]?[0-9]+"), "write it out, without an exponent"),
    (re.compile(r"[0-9][0-9_.]*"), "use plain digits, at most 20 before the point and 18 after it"),
    (re.compile(r"[0-9][0-9_.,' ]*"), "no thousands separators, and a point before the decimals"),
    (re.compile(r"\.[0-9]+"), "write the zero before the point"),
    (re.compile(r"[0-9][0-9.]* ?[A-Za-z]+"), "leave out the unit: it is the coin's own"),
    (re.compile(r"[0-9][0-9.]* ?%"), "a share has no meaning here"),
)


def read_amount(value: object) -> Decimal:
    """The amount that the characters write; never negative, never rounded."""
    if isinstance(value, Decimal):
        plain(value)
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    wanted = "an amount is wanted, like 100 or 0.5"
    if not isinstance(value, str):
        raise refusal(wanted, value)
    if re.fullmatch(r"0[0-9].*", value):
        raise refusal("leave out the leading zero, which other YAML readers take for octal", value)
    try:
        return parse_amount(value)
    except ValueError:
        advice = [text for pattern, text in _AMOUNT_ADVICE if pattern.fullmatch(value)]
        raise refusal(advice[0] if advice else wanted, value) from None


def read_positive(value: object) -> Decimal:
    """An amount above zero: a limit of zero would be a second way to say `mode: hold`."""
    amount = read_amount(value)
    if amount == ZERO:
        raise ValueError("0 would stop every move; say that with mode: hold or redeem-only")
    return amount


def read_part(value: object) -> Decimal | Share:
    """An amount above zero, or a share like `40%`."""
    if isinstance(value, Share):
        return value
    if not isinstance(value, str) or not value.endswith("%"):
        return read_positive(value)
    share = read_rate(value).value
    if not ZERO < share <= 1:
        raise refusal("a share lies above 0% and up to 100%", value)
    return Share(share)


def show_part(value: Decimal | Share) -> str:
    """The inverse of `read_part`."""
    return f"{plain(value.fraction.scaleb(2))}%" if isinstance(value, Share) else plain(value)


def read_rate(value: object) -> Rate:
    """The rate that `5%` writes; without its sign, 5 could be five percent or five hundred."""
    if isinstance(value, Rate):
        return value
    wanted = "a rate is wanted, like 1% or 0.5%"
    if not isinstance(value, str):
        raise refusal(wanted, value)
    try:
        return Rate.from_percent(value)
    except ValueError:
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
            wanted = f"a rate needs its percent sign, like {value[:LONGEST_SHOWN]}%"
        raise refusal(wanted, value) from None


def read_rate_above_zero(value: object) -> Rate:
    """A rate of which zero would forbid everything."""
    rate = read_rate(value)
    if rate.value == ZERO:
        raise ValueError("0% would forbid every product; say that with mode: hold or redeem-only")
    return rate


def show_rate(rate: Rate) -> str:
    """The shortest text that reads as this rate: `1%`, `0.5%`."""
    return f"{plain(rate.value.scaleb(2))}%"


_DURATION: Final = re.compile(
    r"(?:([0-9]{1,6})d)?(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?"
)


def read_duration(value: object) -> timedelta:
    """The time that `15m`, `90s`, `2h`, `1d` or `1h30m` writes."""
    if isinstance(value, timedelta):
        return value
    wanted = "a duration is wanted, like 15m, 90s, 2h, 1d or 1h30m"
    if not isinstance(value, str):
        raise refusal(wanted, value)
    match = _DURATION.fullmatch(value)
    if not value or not match:
        if re.fullmatch(r"[0-9]{1,6}", value):
            wanted = f"a duration needs its unit, like {value}s or {value}m"
        raise refusal(wanted, value)
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def show_duration(value: timedelta) -> str:
    """The shortest text that reads as this time, in whole seconds."""
    minutes, seconds = divmod(value.days * 86_400 + value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0s"


def read_flag(value: object) -> bool:
    """True or false by those two words; `yes`, `on` and `1` mean different things to others."""
    if isinstance(value, bool):
        return value
    if value in {"true", "false"}:
        return value == "true"
    raise refusal("true or false is wanted", value)


def read_precision(value: object) -> int:
    """How many decimals an amount may have; the API page admits 18."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and text in map(str, range(MAX_PRECISION + 1)):
        return int(text)
    raise refusal(f"a whole number from 0 to {MAX_PRECISION} is wanted", value)


def read_product_id(value: object) -> ProductId:
    """A product's id: digits, kept as they are."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,20}", value):
        return ProductId(value)
    raise refusal("a product's id is wanted, which is digits", value)


def read_path(value: object) -> Path:
    """A path as written; what it is relative to is for the reader of the whole file to say."""
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value:
        raise refusal("a path is wanted", value)
    if value.startswith("~"):
        raise refusal("write the path out, ~ is not expanded", value)
    return Path(value)


def read_choice(choices: type[StrEnum], hints: Mapping[str, str]) -> Read:
    """A reader of one of these words; `hints` answers words that people may expect."""

    def read(value: object) -> StrEnum:
        if isinstance(value, str) and value in list(choices):
            return choices(value)
        hint = hints.get(value) if isinstance(value, str) else None
        raise refusal(hint or f"one of {', '.join(choices)} is wanted", value)

    return read


def read_products(value: object) -> frozenset[ProductId]:
    """A list of products' ids, each once; every wrong one is told with its place in the list."""
    if isinstance(value, frozenset):
        return value
    if not isinstance(value, list):
        raise refusal("a list of products' ids is wanted, like [123, 456]", value)
    found: set[ProductId] = set()
    wrong: list[tuple[tuple[str | int, ...], str]] = []
    for at, item in enumerate(value):
        try:
            product_id = read_product_id(item)
        except ValueError as error:
            wrong.append(((at,), str(error)))
            continue
        if product_id in found:
            wrong.append(((at,), f"{product_id} is in the list already"))
        found.add(product_id)
    if wrong:
        raise Mistakes(*wrong)
    return frozenset(found)


def read_some_products(value: object) -> frozenset[ProductId]:
    """The same, but not none: whether an empty list allows all or nothing is anyone's guess."""
    products = read_products(value)
    if not products:
        raise ValueError("an empty list allows nothing; leave it out to allow every product")
    return products


def show_products(products: frozenset[ProductId]) -> list[str]:
    """The ids in the order of their numbers."""
    return sorted(products, key=lambda product_id: (len(product_id), product_id))
