"""A hand in a closed ledger that leaves no other trace: the fences are down, and up again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def tamper(path: Path, *statements: str) -> None:
    """Carries the statements out as somebody who knows what he does."""
    with closing(sqlite3.connect(path, isolation_level=None)) as ledger:
        ledger.execute("PRAGMA foreign_keys = OFF")
        ledger.execute("PRAGMA ignore_check_constraints = ON")
        ledger.execute("BEGIN")
        fences = ledger.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid"
        ).fetchall()
        for name, _ in fences:
            ledger.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            done = ledger.execute(statement)
            assert done.rowcount != 0, f"nothing was there to be changed: {statement}"
        for _, fence in fences:
            ledger.execute(fence)
        ledger.execute("COMMIT")


def loosen(path: Path, table: str, statement: str) -> None:
    """Carries it out while the table is not STRICT, so that it takes anything."""
    strict = _swap(path, table, "STRICT", "")
    tamper(path, statement)
    with closing(sqlite3.connect(path)) as ledger:
        _restore(ledger, table, strict)


def _swap(path: Path, table: str, before: str, after: str) -> str:
    with closing(sqlite3.connect(path)) as ledger:
        ((found,),) = ledger.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,))
        head, _, tail = str(found).rpartition(before)
        _restore(ledger, table, f"{head}{after}{tail}")
    return str(found)


def _restore(ledger: sqlite3.Connection, table: str, statement: str) -> None:
    with ledger:
        ledger.execute("PRAGMA writable_schema = ON")
        ledger.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (statement, table))
