"""`earnd explain ACTION`: why it was decided, its life, its requests, and the record it left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from earnd.cli.reasons import in_full
from earnd.domain.action import State
from earnd.domain.answer import Outcome
from earnd.ledger import explaining, queries

Facts = dict[str, Any]

STATES: Final[Mapping[str, str]] = {
    State.PLANNED: "decided and written down; nothing has left",
    State.SENDING: "about to be sent",
    State.UNKNOWN: "no answer settles what became of it",
    State.ACCEPTED: "the exchange said yes",
    State.SETTLED: "it was done: its effect was seen",
    State.REJECTED: "it was not done",
    State.DROPPED: "it never left",
    State.NEEDS_OPERATOR: "it waits for a person: `earnd resolve`",
    State.LATE: "it was written off, and then its record appeared",
}
"""What is known in each state."""

OUTCOMES: Final[Mapping[str, str]] = {
    Outcome.NOT_SENT: "it never left",
    Outcome.YES: "yes",
    Outcome.SEEN: "the number is known over there",
    Outcome.REFUSED: "refused",
    Outcome.NOT_EXECUTED: "turned away before it could be carried out",
    Outcome.UNCLEAR: "unclear",
}
"""What an answer said."""


def about(facts: explaining.ActionFacts) -> Facts:
    """All of it for programs; amounts are text, and the keys are always there."""
    detail = _json(facts.events[0]["evidence"]) if facts.events else {}
    return {
        "action": facts.action,
        "why": in_full(str(facts.action["reason"]), detail),
        "detail": detail,
        "events": [{**row, "evidence": _json(row["evidence"])} for row in facts.events],
        "attempts": facts.attempts,
        "absent_looks": facts.looks,
        "records": facts.records,
        "notes": facts.notes,
    }


def _json(text: object) -> dict[str, str]:
    """Evidence as data; none where there is none, or none that can be read."""
    try:
        found = json.loads(str(text)) if text else {}
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def in_words(told: Facts) -> Iterator[str]:
    """The same for a person, line by line."""
    row = told["action"]
    way = "into" if row["verb"] == "subscribe" else "from"
    yield (
        f"action {row['action_id']}: {row['verb']} {row['amount']} {row['coin']} {way} product"
        f" {row['product_id']}, {row['state']}"
    )
    yield f"number {row['request_no']}, decided in cycle {row['cycle_id']}"
    yield ""
    yield "why"
    yield f"  {told['why']}"
    yield ""
    yield "its life"
    for event in told["events"]:
        yield f"  {event['at']}  {event['to_state']}: {_what_happened(event)}"
    if told["absent_looks"]:
        yield f"  complete looks at the history without it: {told['absent_looks']}"
    yield ""
    yield "its requests"
    yield from (f"  {_sending(sent)}" for sent in told["attempts"])
    if not told["attempts"]:
        yield "  none was sent"
    yield ""
    yield "its record at the exchange"
    yield from (f"  {_record(record)}" for record in told["records"])
    if not told["records"]:
        yield "  none is known"
    for note in told["notes"]:
        yield ""
        yield f"{note['who']} said at {note['at']}: {note['text']}"


def _what_happened(event: Facts) -> str:
    """What is known in the state, and the evidence that led there."""
    state, evidence = str(event["to_state"]), event["evidence"]
    words = STATES.get(state, state)
    if state == State.PLANNED:
        return words
    if event["attempt"] is not None:
        words += f", for the {_ordinal(int(event['attempt']))} time"
    told = [evidence[key] for key in ("why", "because") if evidence.get(key)]
    if evidence.get("record_id"):
        told.append(f"record {evidence['record_id']}")
    if evidence.get("code"):
        told.append(f"code {evidence['code']}")
    if event["actor"] == "operator":
        told.append(f"said by {evidence.get('who', 'a person')}")
    return f"{words} ({'; '.join(told)})" if told else words


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")


def _sending(sent: queries.Row) -> str:
    begin = f"{sent['attempt']}. sent at {sent['sent_at']}"
    if sent["outcome"] is None:
        return f"{begin}, and no answer is on record"
    outcome = str(sent["outcome"])
    said = OUTCOMES.get(outcome, outcome)
    facts = [
        f"{name} {sent[key]}"
        for name, key in (("HTTP", "http_status"), ("code", "code"), ("trace", "trace"))
        if sent[key] is not None
    ]
    where = f" ({', '.join(facts)})" if facts else ""
    words = str(sent["detail"] or "")
    return f"{begin}, answered after {sent['latency_ms']} ms: {said}{where}. {words}".rstrip()


def _record(record: queries.Row) -> str:
    return (
        f"{record['record_id']}: {record['kind']} {record['amount']} {record['coin']}, product"
        f" {record['product_id']}, at {record['at']}"
    )
