"""Records that the exchange lists no longer, and by what else a history is known to be ours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Integer, column, insert, select, table, text

from earnd.domain.ids import Coin, CycleId, EarnId, ProductId
from earnd.domain.snapshot import Position
from earnd.domain.sums import Gone
from earnd.ledger import views
from earnd.ledger.columns import Moment
from earnd.ledger.records import by_seq

record_gone = table(
    "record_gone",
    column("record_gone_id", Integer),
    column("record_seq", Integer),
    column("gone", Integer),
    column("cycle_id", Integer),
    column("at", Moment),
)

_GONE = text("SELECT record_seq, since FROM record_gone_now ORDER BY record_seq").columns(
    since=Moment
)
_ACCOUNT = text("SELECT account_label FROM ledger")


def gone(connection: Connection) -> tuple[Gone, ...]:
    """The records that are away now, in the order in which they were seen."""
    since = {row.record_seq: row.since for row in connection.execute(_GONE)}
    return tuple(
        Gone(seen.seq, seen.record, since[seen.seq]) for seen in by_seq(connection, list(since))
    )


def record(
    connection: Connection, cycle_id: CycleId, at: datetime, seqs: Iterable[int], *, is_gone: bool
) -> None:
    """These are listed no longer, or again."""
    for seq in seqs:
        row = {"record_seq": seq, "gone": int(is_gone), "cycle_id": cycle_id, "at": at}
        connection.execute(insert(record_gone), row)


def positions_listed(connection: Connection) -> tuple[Position, ...]:
    """The positions that the last complete look showed."""
    view = views.position_now
    rows = connection.execute(select(*view.c).where(view.c.listed == 1))
    return tuple(
        Position(
            EarnId(row.earn_id),
            ProductId(row.product_id),
            Coin(row.coin),
            row.apy,
            row.additional_apy,
            row.total_profit,
            bool(row.auto_subscribe),
            row.amount,
        )
        for row in rows
    )


def account(connection: Connection) -> str:
    """The label of the account that the ledger is of."""
    return str(connection.execute(_ACCOUNT).scalar_one())
