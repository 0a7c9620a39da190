"""When the exchange wanted silence: kept, so that a new life does not knock at a closed door."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, func, insert, select

from earnd.domain.closure import Closing, Closure, Instant
from earnd.domain.ids import RunId
from earnd.ledger.tables import closure as table

_MILLISECOND = timedelta(milliseconds=1)


def record(connection: Connection, run_id: RunId, closure: Closure) -> None:
    """Something was closed, or closed for longer."""
    row = {
        "run_id": run_id,
        "at": closure.at.wall,
        "endpoint": closure.endpoint,
        "closing": closure.closing,
        "until": closure.until,
        "strikes": closure.strikes,
        "boot": closure.at.boot,
        "steady_ms": closure.at.steady // _MILLISECOND,
    }
    connection.execute(insert(table), row)


def newest(connection: Connection) -> tuple[Closure, ...]:
    """The last word about each endpoint and kind of closing, over or not."""
    last = select(func.max(table.c.closure_id)).group_by(table.c.endpoint, table.c.closing)
    rows = connection.execute(
        select(table).where(table.c.closure_id.in_(last)).order_by(table.c.closure_id)
    )
    return tuple(
        Closure(
            endpoint=row.endpoint,
            closing=Closing(row.closing),
            at=Instant(row.at, row.boot, row.steady_ms * _MILLISECOND),
            lasts=row.until - row.at,
            strikes=row.strikes,
        )
        for row in rows
    )
