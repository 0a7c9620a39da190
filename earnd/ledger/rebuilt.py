"""What a ledger that was made from the exchange alone has, as rows; and the note that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, text

from earnd.ledger import tables
from earnd.ledger.queries import Row, Source
from earnd.ledger.store import Store

WHO = "earnd rebuild"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What the exchange still knew.

    `moves` are the subscribes and redeems that are on record as a person's; so many of them are
    `numbered`: they carry a request number of 20 digits, as earnd's own do.
    """

    records: list[Row]
    holdings: list[Row]
    balances: list[Row]
    moves: int
    numbered: int

    @property
    def frozen(self) -> list[Row]:
        """The holdings that do not add up; their coins are left alone."""
        return [row for row in self.holdings if not row["verified"]]


def rebuilt(source: Source) -> Rebuilt:
    """What is in the ledger now."""
    with source.reading() as connection:
        moves = connection.execute(
            text(
                "SELECT count(*) AS moves, count(CASE WHEN length(request_no) = 20"
                " AND request_no NOT GLOB '*[^0-9]*' THEN 1 END) AS numbered"
                " FROM record_now WHERE attributed_to = 'person'"
            )
        ).one()
        return Rebuilt(
            records=_rows(
                connection,
                "SELECT kind, count(*) AS records, min(at) AS first, max(at) AS last"
                " FROM record_seen GROUP BY kind ORDER BY kind DESC",
            ),
            holdings=_rows(
                connection,
                "SELECT coin, product_id, amount, verified, why FROM holding_checked"
                " WHERE amount <> '0' OR NOT verified ORDER BY coin, product_id",
            ),
            balances=_rows(
                connection,
                "SELECT coin, available, frozen FROM balance_now"
                " WHERE available <> '0' OR frozen <> '0' ORDER BY coin",
            ),
            moves=moves.moves,
            numbered=moves.numbered,
        )


def note(store: Store, at: datetime, said: str) -> None:
    """Keeps the statement in the ledger, beside what people did."""
    row = {"at": at, "who": WHO, "action_id": None, "text": said}
    with store.writing() as connection:
        connection.execute(insert(tables.operator_note), row)


def _rows(connection: Connection, statement: str) -> list[Row]:
    return [dict(row) for row in connection.execute(text(statement)).mappings()]
