"""What is around every reply of BitMart: code, message, trace and data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from earnd.exchange.bitmart.strict_json import NotStrictJson, parse

MAX_TEXT = 300
"""Characters of a message or trace that are kept; real ones are under a hundred."""

_LARGEST_CODE = 10**9


@dataclass(frozen=True, slots=True)
class Envelope:
    """The four parts; each is `None` when absent or not of its kind.

    `is_whole`: the body was one JSON object with a code, a message (`msg` in some replies of the
    gateway) and a trace (which may be `N/A`). `has_data` tells an absent `data` from a null one.
    """

    code: int | None = None
    message: str | None = None
    trace: str | None = None
    data: Any = None
    has_data: bool = False
    is_object: bool = False

    @property
    def is_whole(self) -> bool:
        """The reply has the shape that the API page gives every reply, `data` aside."""
        return None not in (self.code, self.message, self.trace)


def open_envelope(body: bytes) -> Envelope:
    """Whatever can be said of the body; never raises."""
    try:
        content = parse(body)
    except NotStrictJson:
        return Envelope()
    if not isinstance(content, dict):
        return Envelope()
    code = content.get("code")
    # `True` is an int in Python and not a code; the bound keeps it within a database's integer.
    is_code = type(code) is int and 0 <= code < _LARGEST_CODE
    message = content["message"] if "message" in content else content.get("msg")
    return Envelope(
        code=code if is_code else None,
        message=printable(message) if isinstance(message, str) else None,
        trace=printable(content["trace"]) if isinstance(content.get("trace"), str) else None,
        data=content.get("data"),
        has_data="data" in content,
        is_object=True,
    )


def printable(text: str) -> str:
    """The exchange's text made safe for logs, ledger and terminal: one line, escaped, cut."""
    kept = text[:MAX_TEXT]
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode("ascii")
        for each in kept
    )
