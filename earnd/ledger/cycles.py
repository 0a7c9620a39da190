"""The ledger's own identity, runs, cycles, and what was decided in them."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, select, text

from earnd.domain.history import CycleEnd
from earnd.domain.ids import CycleId, RunId
from earnd.domain.money import plain
from earnd.domain.plan import Hold, Move
from earnd.errors import LedgerMismatch
from earnd.ledger import tables
from earnd.ledger.columns import evidence_text, storable
from earnd.ledger.refusal import damaged


@dataclass(frozen=True, slots=True)
class RunStart:
    """One life of the process: what it is, and the prefix of its request numbers.

    `config_digest` is of the configuration without its secrets.
    """

    prefix: str
    started_at: datetime
    version: str
    config_digest: str


def found_ledger(connection: Connection, mode: str, account_label: str, run: RunStart) -> None:
    """The one row that says whose ledger this is."""
    row = {
        "id": 1,
        "mode": mode,
        "account_label": account_label,
        "created_at": run.started_at,
        "created_by": run.version,
    }
    connection.execute(insert(tables.ledger), row)


def refuse_mismatch(connection: Connection, path: Path, mode: str, account_label: str) -> None:
    """Raises `LedgerMismatch` if the ledger is another mode's or another account's."""
    rows = connection.execute(select(tables.ledger.c.mode, tables.ledger.c.account_label)).all()
    if len(rows) != 1:
        raise damaged(path, "it does not say whose ledger it is")
    found_mode, found_label = rows[0]
    if found_mode != mode:
        raise LedgerMismatch(
            f"this is a ledger of mode {found_mode}, and the configuration says {mode}",
            where=str(path),
            todo="Give each mode its own `ledger.path`; money and practice never share a ledger.",
        )
    if found_label != account_label:
        raise LedgerMismatch(
            f"this is the ledger of account {found_label!r}, and the configuration says"
            f" {account_label!r}",
            where=str(path),
            todo="Give each account its own `ledger.path`.",
        )


def begin_run(connection: Connection, run: RunStart) -> RunId:
    """This life of the process, with what it runs on."""
    row = {
        "prefix": run.prefix,
        "started_at": run.started_at,
        "version": run.version,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "config_digest": run.config_digest,
    }
    return RunId(connection.execute(insert(tables.run), row).lastrowid)


def begin(connection: Connection, run_id: RunId, at: datetime, trigger: str) -> CycleId:
    """A cycle begins."""
    row = {"run_id": run_id, "began_at": at, "trigger": trigger}
    return CycleId(connection.execute(insert(tables.cycle), row).lastrowid)


def end(connection: Connection, cycle_id: CycleId, closing: CycleEnd) -> None:
    """It ended, and how."""
    row = {
        "cycle_id": cycle_id,
        "ended_at": closing.at,
        "outcome": closing.outcome,
        "moves": closing.moves,
        "holds": closing.holds,
        "failure": closing.failure,
    }
    connection.execute(insert(tables.cycle_end), row)


def record_decisions(
    connection: Connection,
    cycle_id: CycleId,
    at: datetime,
    moves: Sequence[Move],
    holds: Sequence[Hold],
) -> None:
    """Every move and every hold, in their order, with their reasons.

    Where all of it is holds, and just those of the last cycle that decided anything new, one row
    says so instead; `decision_log` shows both alike.
    """
    rows = [*map(_decision, moves), *map(_decision, holds)]
    if holds and not moves:
        repeated = _repeated(connection, cycle_id, rows)
        if repeated is not None:
            again = {"cycle_id": cycle_id, "same_as": repeated, "at": at}
            connection.execute(insert(tables.decision_again), again)
            return
    for row in rows:
        connection.execute(insert(tables.decision), {"cycle_id": cycle_id, "at": at, **row})


def _decision(decided: Move | Hold) -> dict[str, Any]:
    return {
        "coin": decided.coin,
        "verdict": decided.verb if isinstance(decided, Move) else "hold",
        "product_id": decided.product_id,
        "amount": decided.amount,
        "reason": decided.reason,
        "detail": decided.detail,
    }


def _repeated(
    connection: Connection, cycle_id: CycleId, rows: Sequence[dict[str, Any]]
) -> int | None:
    """The last cycle with decisions of its own, if this one has none yet and decided the same."""
    last: int | None = connection.execute(_LAST_NEW).scalar_one()
    if last is None or last >= cycle_id or _is_mixed(connection, last, cycle_id):
        return None
    stored = [tuple(row) for row in connection.execute(_STORED, {"cycle_id": last})]
    return last if stored == [_as_stored(row) for row in rows] else None


def _is_mixed(connection: Connection, last: int, now: int) -> bool:
    return connection.execute(_MIXED, {"last": last, "now": now}).first() is not None


def _as_stored(row: dict[str, Any]) -> tuple[str | None, ...]:
    """As the columns' types would write it: what differs only beyond that is the same row."""
    return (
        storable(row["coin"]),
        str(row["verdict"]),
        None if row["product_id"] is None else storable(row["product_id"]),
        None if row["amount"] is None else plain(row["amount"]),
        storable(row["reason"]),
        evidence_text(row["detail"]),
    )


_LAST_NEW = text("SELECT max(cycle_id) FROM decision")

# A cycle that repeats one and then decides more is no repeat, and is not to be repeated.
_MIXED = text("SELECT 1 FROM decision_again WHERE cycle_id IN (:last, :now)")

_STORED = text(
    "SELECT coin, verdict, product_id, amount, reason, detail FROM decision"
    " WHERE cycle_id = :cycle_id ORDER BY decision_id"
)
