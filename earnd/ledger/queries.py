"""What the command line shows of a ledger: rows of the views, as they stand in SQL.

A row is a plain dict of text, whole numbers and `None`; money stays the text that it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, cast

from sqlalchemy import ColumnClause, Connection, column, select, table, text

Row = dict[str, str | int | None]


class Source(Protocol):
    """An open ledger, for reading: a `Book` or a `Reader`."""

    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent moment of it."""
        ...


@dataclass(frozen=True, slots=True)
class Status:
    """Where things stand, at one moment of the ledger.

    `rates` are the offers that are listed now; `last_cycle` is `None` before the first.
    `closures` are the last of each kind, over or not. `sealed` is the newest block of the hash
    chain, `None` before the first; `restorations` are the older copies that were begun to be
    written to, newest first.
    """

    ledger: Row
    last_cycle: Row | None
    holdings: list[Row]
    balances: list[Row]
    rates: list[Row]
    open_actions: list[Row]
    capabilities: list[Row]
    closures: list[Row]
    sealed: Row | None
    restorations: list[Row]


def status(source: Source) -> Status:
    """The last cycle, what is held and idle, what is paid, and what is not over."""
    with source.reading() as connection:
        last = _rows(connection, "SELECT * FROM cycle_log ORDER BY cycle_id DESC LIMIT 1")
        sealed = _rows(
            connection,
            "SELECT block_id, at, hash, anchor FROM chain_log ORDER BY block_id DESC LIMIT 1",
        )
        return Status(
            ledger=_rows(connection, "SELECT * FROM ledger")[0],
            last_cycle=last[0] if last else None,
            holdings=_rows(connection, "SELECT * FROM holding_checked ORDER BY coin, product_id"),
            balances=_rows(connection, "SELECT * FROM balance_now ORDER BY coin"),
            rates=_rows(
                connection,
                "SELECT product_id, coin, apy, additional_apy, minimum, maximum, has_tiers, tag,"
                " seen_at FROM product_now WHERE listed ORDER BY coin, product_id",
            ),
            open_actions=_rows(
                connection,
                "SELECT * FROM action_now"
                " WHERE state NOT IN ('settled', 'rejected', 'dropped', 'late')"
                " ORDER BY action_id",
            ),
            capabilities=_rows(connection, "SELECT * FROM capability_now ORDER BY name"),
            closures=_rows(
                connection,
                "SELECT endpoint, closing, at, until, strikes FROM closure WHERE closure_id IN"
                " (SELECT max(closure_id) FROM closure GROUP BY endpoint, closing)"
                " ORDER BY until",
            ),
            sealed=sealed[0] if sealed else None,
            restorations=_rows(
                connection,
                "SELECT at, found_block, found_hash, expected_block, expected_hash"
                " FROM restoration ORDER BY restoration_id DESC",
            ),
        )


def actions(
    source: Source, *, limit: int, coin: str | None = None, state: str | None = None
) -> list[Row]:
    """The newest actions, newest first, of one coin or in one state if asked."""
    with source.reading() as connection:
        return _rows(
            connection,
            "SELECT * FROM action_now"
            " WHERE (:coin IS NULL OR coin = :coin) AND (:state IS NULL OR state = :state)"
            " ORDER BY action_id DESC LIMIT :limit",
            {"coin": coin, "state": state, "limit": limit},
        )


def action(source: Source, action_id: int) -> Row | None:
    """One action as it stands, or `None`."""
    with source.reading() as connection:
        found = _rows(
            connection, "SELECT * FROM action_now WHERE action_id = :id", {"id": action_id}
        )
    return found[0] if found else None


def events(source: Source, action_id: int) -> list[Row]:
    """The life of one action, from its first state."""
    with source.reading() as connection:
        return _rows(
            connection,
            "SELECT * FROM event_log WHERE action_id = :id ORDER BY seq",
            {"id": action_id},
        )


def attempts(source: Source, action_id: int) -> list[Row]:
    """The sendings of one action and what came back, from the first."""
    with source.reading() as connection:
        return _rows(
            connection,
            "SELECT * FROM attempt_log WHERE action_id = :id ORDER BY attempt",
            {"id": action_id},
        )


def decisions(source: Source, cycle_id: int | None = None) -> list[Row]:
    """What a cycle decided, in its order; without an id, the newest that decided anything."""
    with source.reading() as connection:
        found = cycle_id if cycle_id is not None else _newest_decided(connection)
        return decided_in(connection, found)


def decided_in(connection: Connection, cycle_id: int | None) -> list[Row]:
    """The rows of `decision_log` of one cycle, in the order in which it decided."""
    return _rows(connection, _DECIDED_IN, {"cycle": cycle_id})


def _newest_decided(connection: Connection) -> int | None:
    rows = _rows(
        connection,
        "SELECT max(cycle_id) AS newest FROM (SELECT max(cycle_id) AS cycle_id FROM decision"
        " UNION ALL SELECT max(cycle_id) FROM decision_again)",
    )
    return cast("int | None", rows[0]["newest"])


# The view has no column for the order, which is that of the rows that are repeated.
_DECIDED_IN = """SELECT :cycle AS cycle_id, coalesce(s.at, d.at) AS at, d.coin, d.verdict,
  d.product_id, d.amount, d.reason, d.detail
FROM (SELECT :cycle AS cycle_id, NULL AS at
  UNION ALL SELECT same_as, at FROM decision_again WHERE cycle_id = :cycle) s
CROSS JOIN decision d ON d.cycle_id = s.cycle_id
ORDER BY d.decision_id"""


def audits(source: Source) -> dict[str, list[Row]]:
    """Every audit by its name, with its findings; all of them empty is how it should be."""
    with source.reading() as connection:
        names = connection.execute(
            text(
                "SELECT name FROM sqlite_master"
                " WHERE type = 'view' AND name LIKE 'audit\\_%' ESCAPE '\\' ORDER BY name"
            )
        ).scalars()
        return {name: _all_of(connection, name) for name in names.all()}


def _all_of(connection: Connection, view: str) -> list[Row]:
    every: ColumnClause[str] = column("*", is_literal=True)
    found = connection.execute(select(every).select_from(table(view)))
    return [dict(row) for row in found.mappings()]


def _rows(
    connection: Connection, statement: str, values: Mapping[str, str | int | None] | None = None
) -> list[Row]:
    return [dict(row) for row in connection.execute(text(statement), values or {}).mappings()]
