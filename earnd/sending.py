"""Sending: written down, sent once, written down again.

One call of `send` is one attempt. The attempt and the state `sending` are durable before the
request leaves; no transaction is open while a socket is.
"""

from __future__ import annotations

from earnd.domain.action import RecordedAction, Verb
from earnd.domain.answer import Answer, verdict
from earnd.domain.ids import EarnId
from earnd.domain.request import MoneyRequest
from earnd.parts import Parts
from earnd.ports import ExchangeWriter
from earnd.telling import tell


def send(parts: Parts, writer: ExchangeWriter, action: RecordedAction) -> Answer:
    """One attempt of an action; what came back is recorded when this returns.

    A later attempt carries the very bytes of the first: the ledger refuses any other, by
    constraint, before anything leaves. Raises `LedgerError` if the attempt cannot be recorded.
    """
    request = request_of(writer, action)
    attempt = parts.ledger.begin_attempt(action.action_id, parts.clock.now(), request.text())
    answer = writer.send(request)
    state = verdict(answer.outcome, clean=attempt == 1)
    parts.ledger.end_attempt(action.action_id, attempt, answer, state)
    tell(parts.log, action, state, answer.detail, code=answer.code)
    return answer


def request_of(writer: ExchangeWriter, action: RecordedAction) -> MoneyRequest:
    """What is sent for an action: the same every time, since it is made of its row alone."""
    if action.verb is Verb.SUBSCRIBE:
        return writer.subscribe_request(action.product_id, action.amount, action.request_no)
    earn_id = action.earn_id or EarnId("")
    return writer.redeem_request(earn_id, action.amount, action.request_no)
