"""What the exchange has shown of itself, and the probes that asked it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Integer, column, func, insert, select, table, text

from earnd.domain.answer import Answer
from earnd.domain.capability import Capability
from earnd.domain.ids import ActionId, CycleId
from earnd.ledger.actions import storable_code
from earnd.ledger.columns import Moment, Words

capability_seen = table(
    "capability_seen",
    column("capability_seen_id", Integer),
    column("cycle_id", Integer),
    column("at", Moment),
    column("name", Words),
    column("value", Words),
)

probe_send = table(
    "probe_send",
    column("action_id", Integer),
    column("n", Integer),
    column("sent_at", Moment),
    column("request", Words),
)

probe_answer = table(
    "probe_answer",
    column("action_id", Integer),
    column("n", Integer),
    column("answered_at", Moment),
    column("outcome", Words),
    column("http_status", Integer),
    column("code", Integer),
    column("message", Words),
    column("trace", Words),
    column("detail", Words),
)


def known(connection: Connection) -> dict[str, str]:
    """The newest word about each thing."""
    rows = connection.execute(text("SELECT name, value FROM capability_now"))
    return {row.name: row.value for row in rows}


def record(
    connection: Connection, cycle_id: CycleId, at: datetime, shown: Mapping[Capability, str]
) -> None:
    """Writes what differs from what was last known."""
    before = known(connection)
    for name, value in shown.items():
        if before.get(name) != value:
            row = {"cycle_id": cycle_id, "at": at, "name": name, "value": value}
            connection.execute(insert(capability_seen), row)


def begin_probe(connection: Connection, action_id: ActionId, at: datetime, request: str) -> int:
    """One more sending of a probe's request; answers its number."""
    sends = probe_send.c
    made = select(func.count()).select_from(probe_send).where(sends.action_id == action_id)
    n = int(connection.execute(made).scalar_one()) + 1
    row = {"action_id": action_id, "n": n, "sent_at": at, "request": request}
    connection.execute(insert(probe_send), row)
    return n


def end_probe(connection: Connection, action_id: ActionId, n: int, answer: Answer) -> None:
    """What came back."""
    row = {
        "action_id": action_id,
        "n": n,
        "answered_at": answer.answered_at,
        "outcome": answer.outcome,
        "http_status": answer.http_status,
        "code": storable_code(answer.code),
        "message": answer.message,
        "trace": answer.trace,
        "detail": answer.detail,
    }
    connection.execute(insert(probe_answer), row)
