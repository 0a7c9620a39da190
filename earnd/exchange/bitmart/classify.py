"""What one sending's fate proves: the table of design section 5, as a pure and total function.

The default is `UNCLEAR`. Every other outcome has to be earned by a reply that is whole, well
formed and exactly as documented: wrongly unclear costs patience, wrongly certain costs money.
"""

from __future__ import annotations

from typing import assert_never

from earnd.domain.answer import Answer, Consequence, Outcome
from earnd.exchange.bitmart.codes import CODES, meaning_of, meaning_of_status
from earnd.exchange.bitmart.envelope import Envelope, open_envelope
from earnd.exchange.transport import NoAnswer, NotSent, RawReply, Reply

OK = 1000


def classify(reply: Reply) -> Answer:
    """The answer to a subscribe or a redeem; never raises, for any status and any bytes."""
    match reply:
        case NotSent():
            detail = f"Nothing was sent: {reply.why}."
            return Answer(
                Outcome.NOT_SENT,
                reply.received_at,
                reply.latency_ms,
                detail,
                consequence=Consequence.NEXT_CYCLE,
            )
        case NoAnswer():
            return Answer(
                Outcome.UNCLEAR,
                reply.received_at,
                reply.latency_ms,
                f"It may have been carried out: {reply.why}.",
                http_status=reply.status,
                consequence=_consequence_without_body(reply.status),
            )
        case RawReply():
            return _classify_reply(reply)
        case _:
            assert_never(reply)


def _consequence_without_body(status: int | None) -> Consequence:
    return Consequence.NEXT_CYCLE if status is None else meaning_of_status(status).consequence


def _classify_reply(reply: RawReply) -> Answer:
    envelope = open_envelope(reply.body)
    outcome, detail = _judge(reply.status, envelope)
    return Answer(
        outcome,
        reply.received_at,
        reply.latency_ms,
        detail,
        http_status=reply.status,
        code=envelope.code,
        message=envelope.message,
        trace=envelope.trace,
        consequence=meaning_of(reply.status, envelope.code).consequence,
    )


def _judge(status: int, envelope: Envelope) -> tuple[Outcome, str]:
    if not envelope.is_whole or envelope.code is None:
        described = meaning_of_status(status).sentence
        return Outcome.UNCLEAR, f"HTTP {status} without a reply of the documented form. {described}"
    row = CODES.get(envelope.code)
    if row is None:
        return Outcome.UNCLEAR, f"Code {envelope.code} is not documented. {_look(status)}"
    if row.http_status != status:
        return Outcome.UNCLEAR, (
            f"Code {envelope.code} is documented with HTTP {row.http_status} and came with"
            f" {status}. {_look(status)}"
        )
    # `is True`: in Python 1 equals True, and a 1 is not what is documented.
    if envelope.code == OK and envelope.data is not True:
        return Outcome.UNCLEAR, f"Code {OK}, but its data is not true. {_look(status)}"
    if envelope.code != OK and envelope.data is True:
        return Outcome.UNCLEAR, f"Code {envelope.code}, but its data is true. {_look(status)}"
    return row.outcome, row.sentence


def _look(status: int) -> str:
    return meaning_of_status(status).earnd_does
