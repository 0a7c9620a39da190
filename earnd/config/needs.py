"""Dated needs: so much is to lie idle at a moment that the operator names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Final, TypeAlias

from earnd.config.kinds import AMOUNT, Written
from earnd.config.values import Mistakes, read_amount, refusal
from earnd.domain.money import ZERO, plain
from earnd.domain.strategy import Need

_KEYS: Final = ("amount", "by")
_WANTED: Final = (
    "a moment with its zone is wanted, like 2026-12-04T09:00Z or 2026-12-04T10:00+01:00"
)
_MOMENT: Final = re.compile(
    r"2[0-9]{3}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?"
    r"(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])",
    re.ASCII,
)

_Found: TypeAlias = tuple[tuple[str | int, ...], str]


def read_moment(value: object) -> datetime:
    """The moment that `2026-12-04T09:00Z` writes, in UTC.

    Without its zone it would be another moment on another machine, so there is no default for it.
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    if not isinstance(value, str):
        raise refusal(_WANTED, value)
    if not _MOMENT.fullmatch(value):
        raise refusal(_advice(value), value)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise refusal("there is no such day or time", value) from None
    return moment.astimezone(UTC)


def _advice(text: str) -> str:
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        return f"a day alone could be any of its hours: write the time too, like {text}T09:00Z"
    if re.fullmatch(r"[0-9-]{10}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?", text, re.ASCII):
        return f"a zone is missing: write {text}Z for UTC, or an offset like {text}+01:00"
    return _WANTED


def show_moment(moment: datetime) -> str:
    """The inverse of `read_moment`: in UTC, with seconds only if there are any."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}".removesuffix(":00") + "Z"


def read_needs(value: object) -> tuple[Need, ...]:
    """A list of needs, in its order; every mistake is told with its place in the list."""
    if isinstance(value, tuple):
        return value
    if not isinstance(value, list):
        raise refusal("a list is wanted, like [{amount: 500, by: 2026-12-04T09:00Z}]", value)
    wrong: list[_Found] = []
    found: dict[datetime, tuple[int, Need]] = {}
    for at, item in enumerate(value):
        need = _need(at, item, wrong)
        if need is not None and need.by in found:
            text = f"the same moment as needs[{found[need.by][0]}]: make one need of both amounts"
            wrong.append(((at, "by"), text))
        elif need is not None:
            found[need.by] = (at, need)
    if wrong:
        raise Mistakes(*wrong)
    return tuple(need for _, need in found.values())


def _need(at: int, item: object, wrong: list[_Found]) -> Need | None:
    if not isinstance(item, Mapping):
        text = "amount and by are wanted here, like {amount: 500, by: 2026-12-04T09:00Z}"
        wrong.append(((at,), str(refusal(text, item))))
        return None
    told = len(wrong)
    for key in item.keys() - set(_KEYS):
        near = get_close_matches(str(key).lower(), _KEYS, n=1)
        text = f"unknown key; did you mean '{near[0]}'?" if near else "unknown key"
        wrong.append(((at, key), text))
    values: dict[str, Any] = {}
    for key, read in (("amount", _read_needed), ("by", read_moment)):
        if key not in item:
            wrong.append(((at,), f"'{key}' is missing"))
            continue
        try:
            values[key] = read(item[key])
        except ValueError as error:
            wrong.append(((at, key), str(error)))
    return Need(**values) if len(wrong) == told else None


def _read_needed(value: object) -> object:
    amount = read_amount(value)
    if amount == ZERO:
        raise ValueError("0 needs nothing; leave this entry out")
    return amount


def _show(needs: tuple[Need, ...]) -> list[dict[str, str]]:
    return [{"amount": plain(need.amount), "by": show_moment(need.by)} for need in needs]


NEEDS: Final = Written(
    read_needs,
    _show,
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "amount": {
                    "description": "How much is to lie idle, on top of the reserve.",
                    **{key: what for key, what in AMOUNT.schema.items() if key != "minimum"},
                    "exclusiveMinimum": 0,
                },
                "by": {
                    "description": "The moment by which it is to lie there, with its zone.",
                    "type": "string",
                    "pattern": f"^{_MOMENT.pattern}$",
                },
            },
            "required": list(_KEYS),
            "additionalProperties": False,
        },
    },
)
