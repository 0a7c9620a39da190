"""The kinds of value that a key may have: how each is read, written, and described to editors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from earnd.config.numbers import count
from earnd.config.values import (
    MAX_PRECISION,
    Read,
    read_amount,
    read_choice,
    read_duration,
    read_flag,
    read_part,
    read_path,
    read_positive,
    read_precision,
    read_products,
    read_rate,
    read_rate_above_zero,
    read_some_products,
    show_duration,
    show_part,
    show_products,
    show_rate,
)
from earnd.config.words import read_base_url, read_coin, read_cron, read_label
from earnd.domain.money import plain
from earnd.domain.strategy import InterestPaid, Mode, TierRule

Shown: TypeAlias = str | int | bool | list[str] | list[dict[str, str]] | None


AUTO: Final = "auto"


@dataclass(frozen=True, slots=True)
class Written:
    """One kind of value: its reader, its writer, and its JSON Schema."""

    read: Read
    show: Callable[[Any], Shown]
    schema: Mapping[str, object]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        del source, handler  # the reader alone decides, so that no message is pydantic's own
        return core_schema.no_info_plain_validator_function(self.read)

    def or_nothing(self) -> Written:
        """The same, where the key may also stand without a value."""
        kinds = self.schema["type"]
        return Written(
            read=lambda value: None if value is None else self.read(value),
            show=lambda value: None if value is None else self.show(value),
            schema={
                **self.schema,
                "type": [*(kinds if isinstance(kinds, list) else [kinds]), "null"],
            },
        )

    def or_auto(self) -> Written:
        """The same, or the word `auto`, which reads as `None`."""

        def read(value: object) -> object:
            if value is None or value == AUTO:
                return None
            try:
                return self.read(value)
            except ValueError as error:
                raise ValueError(f"{AUTO}, or {error}") from None

        return Written(
            read=read,
            show=lambda value: AUTO if value is None else self.show(value),
            schema={**self.schema, "pattern": f"^{AUTO}$|{self.schema['pattern']}"},
        )


def choice(choices: type[StrEnum], **hints: str) -> Written:
    """One of these words; `hints` answers others that people may expect."""
    return Written(
        read_choice(choices, hints), str, {"type": "string", "enum": [str(one) for one in choices]}
    )


def duration(least: str, most: str) -> Written:
    """A duration between these two, both included."""
    low, high = read_duration(least), read_duration(most)

    def read(value: object) -> timedelta:
        span = read_duration(value)
        if not low <= span <= high:
            raise ValueError(f"from {least} to {most} is possible; got {show_duration(span)}")
        return span

    pattern = "^([0-9]{1,6}d)?([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}s)?$"
    return Written(read, show_duration, {"type": "string", "minLength": 2, "pattern": pattern})


_PLAIN: Final = r"(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?"
_PERCENT: Final = r"[0-9]{1,7}(\.[0-9]{1,18})? ?%"
_NUMBER: Final = {"type": ["string", "number"], "pattern": f"^{_PLAIN}$"}
_IDS: Final = {
    "type": "array",
    "uniqueItems": True,
    "items": {"type": ["string", "integer"], "minimum": 0, "pattern": "^[0-9]{1,20}$"},
}

AMOUNT: Final = Written(read_amount, plain, {**_NUMBER, "minimum": 0})
LIMIT: Final = Written(read_positive, plain, {**_NUMBER, "exclusiveMinimum": 0}).or_nothing()
PART: Final = Written(
    read_part,
    show_part,
    {**_NUMBER, "exclusiveMinimum": 0, "pattern": f"^({_PLAIN}|{_PERCENT})$"},
).or_nothing()
RATE: Final = Written(read_rate, show_rate, {"type": "string", "pattern": f"^{_PERCENT}$"})
RATE_ABOVE_ZERO: Final = Written(read_rate_above_zero, show_rate, RATE.schema)
FLAG: Final = Written(read_flag, bool, {"type": "boolean"})
PRECISION: Final = Written(
    read_precision, int, {"type": "integer", "minimum": 0, "maximum": MAX_PRECISION}
)
PRODUCTS: Final = Written(read_products, show_products, _IDS)
ALLOWED: Final = Written(read_some_products, show_products, {**_IDS, "minItems": 1}).or_nothing()
COPIES: Final = Written(count(1, 1000), int, {"type": "integer", "minimum": 1, "maximum": 1000})
PATH: Final = Written(read_path, str, {"type": "string", "minLength": 1}).or_nothing()

COIN: Final = Written(read_coin, str, {"type": "string", "pattern": r"^(\*|[A-Z0-9._-]{1,20})$"})
LABEL: Final = Written(read_label, str, {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,40}$"})
ADDRESS: Final = Written(
    read_base_url, str, {"type": "string", "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://[^/?#@]+/?$"}
)
CRON: Final = Written(
    read_cron, str, {"type": "string", "pattern": r"^\s*\S+(\s+\S+){4}\s*$"}
).or_nothing()

COIN_MODE: Final = choice(
    Mode,
    off="to leave a coin alone, write hold",
    no="to leave a coin alone, write hold",
    true="write on",
    yes="write on",
    live="live is a mode of the whole file; for one coin, write on",
)
INTEREST_PAID: Final = choice(InterestPaid)
TIER_RULE: Final = choice(TierRule)
