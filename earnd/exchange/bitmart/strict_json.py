"""JSON read without any of Python's leniency; what is odd is refused, never repaired."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NoReturn


class NotStrictJson(ValueError):
    """The bytes are not one JSON value in UTF-8, or are one that readers could disagree about."""


def parse(body: bytes) -> Any:
    """The value; numbers with a point or an exponent are `Decimal` from their characters.

    Refuses, by `NotStrictJson`: other encodings and byte-order marks, `NaN` and infinities, a key
    that occurs twice in an object, nesting and digits beyond what Python reads, and anything after
    the value.
    """
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except NotStrictJson:
        raise
    # ArithmeticError: an exponent beyond Decimal's. ValueError: also 4,300 digits and more.
    except (ValueError, RecursionError, ArithmeticError):
        raise NotStrictJson("not JSON") from None


def _refuse_constant(name: str) -> NoReturn:
    raise NotStrictJson(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        # Python takes the last, others the first: two readers would see two replies.
        raise NotStrictJson("a key occurs twice")
    return found
