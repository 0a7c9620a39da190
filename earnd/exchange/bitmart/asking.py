"""One question to BitMart: the `data` of its reply, or an error that says what happens next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from earnd.domain.answer import Consequence, Outcome
from earnd.domain.priority import Priority
from earnd.errors import (
    EarndError,
    ExchangeClosed,
    ExchangeRefusedUs,
    ExchangeUnavailable,
    SurprisingReply,
)
from earnd.exchange.bitmart.client import is_edge_page
from earnd.exchange.bitmart.codes import CODES, meaning_of_status
from earnd.exchange.bitmart.envelope import Envelope, open_envelope
from earnd.exchange.transport import NoAnswer, NotSent, RawReply

if TYPE_CHECKING:
    from earnd.exchange.bitmart.client import BitmartClient

TRIES = 3
"""A read changes nothing, so it may be repeated; more than this is the next cycle's business."""

_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 5.0

OK = 1000

MISUNDERSTOOD = frozenset({30000, 30018, 30030, 30031, 60000, 60030, 60031, 80000, 80012, 80022})
"""Codes by which the exchange says that the API is not what we take it for."""

BAD_PARAMETER = frozenset({60000, 80000, 80012})
"""Those of them that may be about a parameter's value, such as a span of time that is too long."""

CLOSED = frozenset({30016, 30017})
"""Codes by which it says that it is closed: to everybody for maintenance, or to us."""

_REPORT = "Nothing is moved. If it lasts, see whether BitMart changed its API, and report it."
_WAIT = "The next cycle asks again."


class BadParameter(SurprisingReply):
    """The exchange refuses what was asked for, and not us; asked for less, it may answer."""


def ask(
    client: BitmartClient,
    path: str,
    query: Mapping[str, str] | None = None,
    *,
    keyed: bool = True,
    priority: Priority = Priority.LOOK,
) -> Any:
    """The `data` of a reply with HTTP 200 and code 1000.

    Repeats up to `TRIES` times, with full jitter, what had no answer or a 5xx; never a 4xx.
    Raises `ExchangeUnavailable`, `ExchangeRefusedUs` or `SurprisingReply`.
    """
    reply = answered(client, path, query, keyed=keyed, priority=priority)
    envelope = open_envelope(reply.body)
    if reply.status != 200 or envelope.code != OK:
        raise trouble(path, reply, envelope)
    if not envelope.has_data:
        raise SurprisingReply("the reply has no data", where=f"GET {path}", todo=_REPORT)
    return envelope.data


def answered(
    client: BitmartClient,
    path: str,
    query: Mapping[str, str] | None = None,
    *,
    keyed: bool = True,
    priority: Priority = Priority.LOOK,
) -> RawReply:
    """A whole reply of whatever status. Raises `ExchangeUnavailable` if there is none."""
    for attempt in range(TRIES):
        if attempt:
            longest = min(_LONGEST_BACKOFF_S, _BACKOFF_S * 2**attempt)
            client.clock.sleep(client.jitter() * longest)
        reply = client.get(path, query, keyed=keyed, priority=priority)
        if isinstance(reply, RawReply) and reply.status < 500:
            break
    if isinstance(reply, NotSent | NoAnswer):
        raise _no_reply(path, reply)
    return reply


def trouble(path: str, reply: RawReply, envelope: Envelope) -> EarndError:
    """The error for a reply that is not a yes; on a read a code counts whatever its status."""
    where = f"GET {path}"
    row = CODES.get(envelope.code) if envelope.code is not None else None
    said = f"HTTP {reply.status}"
    if envelope.code is not None:
        said += f", code {envelope.code}, {envelope.message!r}, trace {envelope.trace}"
    if row is None:
        return _by_status(where, reply, said)
    what = f"{row.happened} ({said})"
    if envelope.code == OK:
        return SurprisingReply(f"a yes with the wrong status ({said})", where=where, todo=_REPORT)
    if envelope.code in BAD_PARAMETER:
        return BadParameter(what, where=where, todo=_REPORT)
    if envelope.code in MISUNDERSTOOD:
        return SurprisingReply(what, where=where, todo=_REPORT)
    if row.consequence in (Consequence.FIX_CREDENTIALS, Consequence.FIX_CLOCK):
        return ExchangeRefusedUs(what, where=where, todo=row.you_can)
    if row.outcome is Outcome.REFUSED and row.consequence is Consequence.STOP_ALL:
        return ExchangeRefusedUs(what, where=where, todo=row.you_can)
    kind = ExchangeClosed if envelope.code in CLOSED else ExchangeUnavailable
    return kind(what, where=where, todo=f"{row.you_can} {_WAIT}")


def _by_status(where: str, reply: RawReply, said: str) -> EarndError:
    row = meaning_of_status(reply.status)
    what = f"{row.happened} ({said})"
    if is_edge_page(reply):
        page = meaning_of_status(403)
        return ExchangeUnavailable(f"{page.happened} ({said})", where=where, todo=page.you_can)
    if reply.status == 401:
        return ExchangeRefusedUs(what, where=where, todo=row.you_can)
    if reply.status == 418:
        return ExchangeClosed(what, where=where, todo=f"{row.you_can} {_WAIT}")
    if reply.status in (403, 429) or reply.status >= 500:
        return ExchangeUnavailable(what, where=where, todo=f"{row.you_can} {_WAIT}")
    return SurprisingReply(what, where=where, todo=_REPORT)


def _no_reply(path: str, reply: NotSent | NoAnswer) -> ExchangeUnavailable:
    return ExchangeUnavailable(reply.why, where=f"GET {path}", todo=_WAIT)
