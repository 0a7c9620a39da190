"""A reply as a value, and how each kind of answer is put into the exchange's envelope."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from earnd.sandbox.codes import EARN_CODES, OK, SAID_AS_MSG, Refusal
from earnd.sandbox.gateway import Headers
from earnd.sandbox.routes import Listing

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: a JSON document, or raw bytes in its stead."""

    status: int
    document: dict[str, object] | None = None
    raw: bytes | None = None
    headers: Headers = ()
    content_type: str = JSON
    listing: Listing | None = None
    """Where the document is a page: all of it, so that a fault can cut it anew."""

    @property
    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return json.dumps(self.document, separators=(",", ":")).encode()

    def with_data(self, data: object) -> Reply:
        """The same envelope around other data."""
        return replace(self, document=(self.document or {}) | {"data": data}, listing=None)


def said_yes(answer: object, trace: str) -> Reply:
    """Code 1000 around the data."""
    listing = answer if isinstance(answer, Listing) else None
    data = answer.data() if isinstance(answer, Listing) else answer
    document = {"message": "OK", "code": OK, "trace": trace, "data": data}
    return Reply(200, document, listing=listing)


def said_no(refusal: Refusal, trace: str) -> Reply:
    """The refusal in its envelope, with its documented HTTP status."""
    return envelope(refusal.code, refusal.message, refusal.status, trace)


def envelope(code: int, message: str, status: int, trace: str) -> Reply:
    """Any code with any words and status, shaped as the exchange shapes that code."""
    if code in SAID_AS_MSG:
        return Reply(status, {"trace": trace, "msg": message, "code": code})
    if code in EARN_CODES:
        return Reply(status, {"message": message, "code": code, "trace": trace, "data": {}})
    return Reply(status, {"trace": trace, "code": code, "data": {}, "message": message})
