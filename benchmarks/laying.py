"""Rows laid into a ledger many at a time, sealed by the chain as earnd would seal them.

For ledgers that would take a year to live through. The columns are those of the schema, the keys
count on, and each block is closed over what was laid since the one before. While rows are laid the
triggers are down, which is what makes it quick: whoever lays a ledger checks it afterwards
(`earnd ledger verify`, `earnd audit`, `PRAGMA foreign_key_check`).
"""

# ruff: noqa: S608 - the SQL is put together from names in the schema only

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from earnd.ledger import chain
from earnd.ledger.canonical import Value, row_digest
from earnd.ledger.chain import Block, Head, Row, State
from earnd.ledger.covered import CHAIN, ENTRY, NEWEST, form

AT_ONCE = 50_000
"""Rows kept in memory before they are written."""


class Layer:
    """Takes rows table by table; `lay` opens and ends it."""

    def __init__(self, raw: sqlite3.Connection, at: str) -> None:
        self._raw = raw
        covered = form(NEWEST)
        self._counted = {name: rows.columns for name, rows in covered.counted.items()}
        self._entered = {name: (rows.columns, rows.key) for name, rows in covered.entered.items()}
        self._keys = {name: rows.key[0] for name, rows in covered.counted.items()}
        parts = {name: rows.parts for name, rows in covered.counted.items()}
        self._parts = {
            rows.name: (owner, rows.columns) for owner, rows in parts.items() if rows is not None
        }
        self._last: dict[str, int] = defaultdict(
            int, raw.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
        )
        # What the ledger was founded with is sealed the usual way.
        self._state = chain.close_block(raw, chain.standing(raw), cycle_id=None, at=at)
        self._waiting: dict[str, list[tuple[Value, ...]]] = defaultdict(list)
        self._count = 0
        self._fresh: dict[str, list[bytes]] = defaultdict(list)

    def last(self, table: str) -> int:
        """The newest key of a table that counts its rows."""
        return self._last[table]

    def put(self, table: str, **values: Value) -> int:
        """One row; answers its key where the table counts, 0 elsewhere.

        What belongs to a row of another table (the bands of an offer) comes right after it.
        """
        if table in self._counted:
            self._last[table] += 1
            values[self._keys[table]] = self._last[table]
            row = self._row(table, self._counted[table], values)
            self._fresh[table].append(row_digest(table, row))
            return self._last[table]
        if table in self._parts:
            owner, columns = self._parts[table]
            row = self._row(table, columns, values)
            self._fresh[owner].append(row_digest(table, row))
            return 0
        if table == "action_event":
            values["from_seq"] = _one_less(values["seq"])
        columns, key = self._entered[table]
        first, *more = [values[name] for name in key]
        row = self._row(table, columns, values)
        self.put(ENTRY, of=table, key1=first, key2=more[0] if more else None)
        self._fresh[ENTRY].append(row_digest(table, row))
        return 0

    def close_block(self, cycle_id: int, at: str) -> None:
        """Seals what was laid since the last block."""
        before, number = self._state, self._state.head.block_id + 1
        grown = {table: self._last[table] for table in self._fresh if table in self._counted}
        rows = [
            Row(table, (), digest) for table in sorted(self._fresh) for digest in self._fresh[table]
        ]
        reached = {**before.upto, **grown}
        block = Block(
            number,
            cycle_id,
            at,
            NEWEST,
            chain.written(reached if chain.is_full(number) else grown),
            len(rows),
            chain.marks_of(rows),
            before.head.hash,
            "",
        )
        block = block._replace(hash=chain.hash_of(block, rows))
        self._waiting[CHAIN].append(tuple(block))
        self._state = State(Head(number, block.hash), reached)
        self._fresh.clear()
        if self._count > AT_ONCE:
            self.write()

    def write(self) -> None:
        """Puts into the file what waits in memory."""
        for table, rows in self._waiting.items():
            marks = ", ".join("?" * len(rows[0]))
            listed = ", ".join(f'"{name}"' for name in self._written(table))
            self._raw.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", rows)
        self._raw.execute("COMMIT")
        self._raw.execute("BEGIN IMMEDIATE")
        self._waiting.clear()
        self._count = 0

    def _row(
        self, table: str, columns: tuple[str, ...], values: dict[str, Value]
    ) -> tuple[Value, ...]:
        row = tuple([values.pop(name, None) for name in columns])
        if values:
            raise KeyError(f"{table} has no {sorted(values)}")
        kept = row
        if table == "action_event":  # one column is computed, and not written
            kept = row[:2] + row[3:]
        self._waiting[table].append(kept)
        self._count += 1
        return row

    def _written(self, table: str) -> list[str]:
        found = self._raw.execute(f"PRAGMA table_info({table})")
        return [row[1] for row in found]


def _one_less(seq: Value) -> Value:
    return seq - 1 if isinstance(seq, int) and seq else None


@contextmanager
def lay(raw: sqlite3.Connection, at: str) -> Iterator[Layer]:
    """A layer on an open ledger that nobody else reads or writes.

    The triggers stand again at the end. A ledger whose laying failed is worth nothing.
    """
    raw.isolation_level = None
    for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
        raw.execute(f"PRAGMA {setting}")
    fences = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    raw.execute("BEGIN IMMEDIATE")
    layer = Layer(raw, at)
    for name, _ in fences:
        raw.execute(f"DROP TRIGGER {name}")
    yield layer
    layer.write()
    for _, statement in fences:
        raw.execute(statement)
    raw.execute("COMMIT")
    raw.execute("PRAGMA journal_mode = WAL")
