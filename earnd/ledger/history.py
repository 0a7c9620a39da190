"""The exchange's history as seen, and whose doing each row is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select

from earnd.domain.action import State
from earnd.domain.attribution import AttributedTo, Attribution
from earnd.domain.ids import Coin, CycleId
from earnd.domain.snapshot import Record, RecordKind
from earnd.errors import IllegalTransition, SurprisingReply
from earnd.ledger import tables, views
from earnd.ledger.columns import moment_text, storable

_FIXED = ("product_id", "coin", "amount", "at")
_TOLD_LATER = ("subscribe_type", "request_no", "status")
_MAY_CHANGE = "status"
_AT_ONCE = 500  # ids in one question; SQLite takes some tens of thousands


def record_history(
    connection: Connection,
    cycle_id: CycleId,
    at: datetime,
    kind: RecordKind,
    records: Sequence[Record],
) -> int:
    """Writes the records that are new and answers how many there were.

    A known record may say its status, number or type only later; that is written beside it.
    Raises `SurprisingReply` if anything else of it is different now.
    """
    new = 0
    before = _known(connection, kind, records)
    for record in records:
        if record.kind is not kind:
            raise SurprisingReply(f"a {record.kind} record in a list of {kind} records")
        row = _row(record)
        known = before.get(storable(record.record_id))
        stamp = {"cycle_id": cycle_id, "seen_at": at}
        if known is None:
            connection.execute(insert(tables.record_seen), {**row, **stamp})
            new += 1
            continue
        later = _told_later(known, row)
        if later:
            told = {"record_seq": known["record_seq"], **later}
            connection.execute(insert(tables.record_status_seen), {**told, **stamp})
    return new


def watermark(connection: Connection, kind: RecordKind) -> datetime | None:
    """The time of the newest record of this kind that we have."""
    seen = tables.record_seen.c
    statement = select(func.max(seen.at, type_=seen.at.type)).where(seen.kind == kind)
    newest: datetime | None = connection.execute(statement).scalar_one()
    return newest


def known_upto(connection: Connection) -> int:
    """The highest place that a record has; 0 while there is none."""
    statement = select(func.coalesce(func.max(tables.record_seen.c.record_seq), 0))
    return int(connection.execute(statement).scalar_one())


def attribute(
    connection: Connection,
    cycle_id: CycleId | None,
    at: datetime,
    attributions: Sequence[Attribution],
) -> None:
    """Says whose doing records are.

    To an action only if it is settled or late: a record that settles one is attributed by the same
    step (`Book.enter`). This way stays for a record that appears after a person settled its action.
    """
    for attribution in attributions:
        if attribution.action_id is not None:
            _refuse_open(connection, attribution)
        row = {
            "record_seq": attribution.seq,
            "attributed_to": attribution.attributed_to,
            "action_id": attribution.action_id,
            "cycle_id": cycle_id,
            "at": at,
        }
        connection.execute(insert(tables.attribution), row)


def attribute_to_action(
    connection: Connection, cycle_id: CycleId | None, at: datetime, record_seq: int, action_id: int
) -> None:
    """The record that the action's last event names."""
    row = {
        "record_seq": record_seq,
        "attributed_to": AttributedTo.EARND,
        "action_id": action_id,
        "cycle_id": cycle_id,
        "at": at,
    }
    connection.execute(insert(tables.attribution), row)


def _refuse_open(connection: Connection, attribution: Attribution) -> None:
    events = tables.action_event.c
    settled = select(events.seq).where(
        events.action_id == attribution.action_id,
        events.to_state.in_((State.SETTLED, State.LATE)),
    )
    if connection.execute(settled).first() is None:
        raise IllegalTransition(
            f"record {attribution.seq} can't belong to action {attribution.action_id},"
            " which is not settled",
            todo="Nothing was written. This is a bug in earnd; please report it.",
        )


def recent_amounts(connection: Connection, coin: Coin, since: datetime) -> frozenset[Decimal]:
    """Amounts of this coin in actions planned and records dated at or after `since`."""
    action, event, record = tables.action.c, tables.action_event.c, tables.record_seen.c
    planned = (
        select(action.amount)
        .join_from(tables.action, tables.action_event, event.action_id == action.action_id)
        .where(action.coin == coin, event.seq == 0, event.at >= since)
    )
    seen = select(record.amount).where(record.coin == coin, record.at >= since)
    amounts = [*connection.execute(planned).scalars(), *connection.execute(seen).scalars()]
    return frozenset(amounts)


def _row(record: Record) -> dict[str, Any]:
    return {
        "record_id": record.record_id,
        "kind": record.kind,
        "product_id": record.product_id,
        "coin": record.coin,
        "amount": record.amount,
        "at": record.at,
        "subscribe_type": record.subscribe_type,
        "request_no": record.request_no,
        "status": record.status,
    }


def _known(
    connection: Connection, kind: RecordKind, records: Sequence[Record]
) -> Mapping[str, RowMapping]:
    """Those of the records that we have, by their id."""
    view = views.record_now
    found = {}
    for begin in range(0, len(records), _AT_ONCE):
        ids = [record.record_id for record in records[begin : begin + _AT_ONCE]]
        statement = select(*view.c).where(view.c.kind == kind, view.c.record_id.in_(ids))
        for row in connection.execute(statement).mappings():
            found[row["record_id"]] = row
    return found


def _told_later(known: RowMapping, row: dict[str, Any]) -> dict[str, Any]:
    for name in _FIXED:
        if _comparable(known[name]) != _comparable(row[name]):
            raise _changed(known, name, row[name])
    later = {}
    for name in _TOLD_LATER:
        if row[name] is None or row[name] == known[name]:
            continue
        if known[name] is not None and name != _MAY_CHANGE:
            raise _changed(known, name, row[name])
        later[name] = row[name]
    return later


def _comparable(value: object) -> object:
    # The ledger keeps milliseconds and storable text; what it would keep is what is compared.
    if isinstance(value, datetime):
        return moment_text(value)
    return storable(value) if isinstance(value, str) else value


def _changed(known: RowMapping, name: str, now: object) -> SurprisingReply:
    return SurprisingReply(
        f"{known['kind']} record {known['record_id']} changed its {name}:"
        f" it was {known[name]} and is {now}",
        where="the exchange's history",
        todo="Nothing of it was written; earnd moves nothing until this is understood.",
    )
