"""Records that the exchange lists no longer, and what a person says was held before all of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, column, insert, select, table, text

from earnd.domain.ids import Coin, CycleId, EarnId, ProductId
from earnd.domain.snapshot import Position
from earnd.domain.sums import Gone, Opening
from earnd.ledger import views
from earnd.ledger.columns import Moment, Money, Words
from earnd.ledger.records import by_seq

opening = table(
    "opening",
    column("opening_id", Integer),
    column("at", Moment),
    column("who", Words),
    column("product_id", Words),
    column("coin", Words),
    column("amount", Money),
    column("because", Words),
)

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
_COIN = text(
    "SELECT coin FROM record_seen WHERE product_id = :product_id"
    " UNION ALL SELECT coin FROM position_seen WHERE product_id = :product_id"
    " UNION ALL SELECT coin FROM product_seen WHERE product_id = :product_id LIMIT 1"
).bindparams(bindparam("product_id", type_=Words))
_ACCOUNT = text("SELECT account_label FROM ledger")


def openings(connection: Connection) -> tuple[Opening, ...]:
    """Every word that was given, oldest first."""
    said = opening.c
    rows = connection.execute(
        select(said.product_id, said.coin, said.amount, said.who).order_by(said.opening_id)
    )
    return tuple(
        Opening(ProductId(row.product_id), Coin(row.coin), row.amount, row.who) for row in rows
    )


def open_with(connection: Connection, at: datetime, word: Opening, because: str) -> None:
    """A person's word about one product; the table takes one of each."""
    row = {
        "at": at,
        "who": word.who,
        "product_id": word.product_id,
        "coin": word.coin,
        "amount": word.amount,
        "because": because,
    }
    connection.execute(insert(opening), row)


def coin_of(connection: Connection, product_id: str) -> Coin | None:
    """The coin of a product that was ever seen."""
    found = connection.execute(_COIN, {"product_id": product_id}).scalar()
    return None if found is None else Coin(found)


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
