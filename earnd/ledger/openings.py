"""What a person says was held before the first known record, and what that is held against."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Integer, bindparam, column, insert, select, table, text

from earnd.domain.capability import Capability
from earnd.domain.ids import Coin, ProductId
from earnd.domain.opening import Grounds
from earnd.domain.sums import Beyond, Opening
from earnd.ledger import learnt, views
from earnd.ledger.columns import Moment, Money, Words
from earnd.ledger.gone import gone, positions_listed
from earnd.ledger.records import Records

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

_COIN = text(
    "SELECT coin FROM record_seen WHERE product_id = :product_id"
    " UNION ALL SELECT coin FROM position_seen WHERE product_id = :product_id"
    " UNION ALL SELECT coin FROM product_seen WHERE product_id = :product_id LIMIT 1"
).bindparams(bindparam("product_id", type_=Words))


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


def grounds(connection: Connection) -> Grounds:
    """What a word is held against before it is written down."""
    records, before = Records().read(connection)
    totals = None
    if learnt.known(connection).get(Capability.TOTALS) == "yes":
        view = views.total_now
        rows = connection.execute(select(*view.c))
        totals = {Coin(row.coin): row.amount for row in rows}
    beyond = Beyond(before, openings(connection), gone(connection))
    return Grounds(records, positions_listed(connection), totals, beyond)
