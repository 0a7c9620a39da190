"""Recomputing the chain: the first row that does not fit, or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from earnd.errors import LedgerError
from earnd.ledger import chain
from earnd.ledger.canonical import Value
from earnd.ledger.chain import Block, NotCanonical, Row, State
from earnd.ledger.covered import CHAIN, form

TAIL = 50
"""So many of the newest blocks, at least, are recomputed whenever earnd begins to write."""

_NOT_UTF8 = "holds text that is no UTF-8"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, in a sentence; where it is known, the row, and the block that covers it."""

    what: str
    table: str | None = None
    key: str | None = None
    block_id: int | None = None
    cycle_id: int | None = None
    at: str | None = None


def walk(
    raw: sqlite3.Connection, start: State, tell: Callable[[Block], None] = lambda _block: None
) -> tuple[State, Finding | None]:
    """Recomputes every block after `start`; ends at the first that does not fit.

    `tell` hears of every block that does. Answers where the chain stands after the last of them.
    """
    state = start
    with chain.as_stored(raw):
        for block in chain.blocks(raw, start.head.block_id):
            found = _outside(block, state)
            if found is None:
                state, found = _inside(raw, block, state)
            if found is not None:
                return state, found
            tell(block)
    return state, None


def walk_tail(raw: sqlite3.Connection) -> tuple[State, Finding | None]:
    """The same for the newest blocks only."""
    with chain.as_stored(raw):
        try:
            head = chain.standing(raw).head.block_id
            start = max(0, head - TAIL)
            start -= (start - 1) % chain.FULL_EVERY if start else 0
            state = chain.standing_after(raw, start) if start > 0 else State()
        except ValueError as error:
            return State(), Finding(f"The newest blocks can't be read: {error}.", CHAIN)
    return walk(raw, state)


def _outside(block: Block, state: State) -> Finding | None:
    """Whether the block is the next one, by its own columns."""
    expected = state.head.block_id + 1
    if block.block_id != expected:
        return Finding(f"Block {expected} is missing.", CHAIN, str(expected), expected)
    if block.previous != state.head.hash:
        return _of_block(block, "does not follow the block before it: it names another hash")
    try:
        form(block.form)
        upto = chain.read_upto(block.upto)
    except (ValueError, LedgerError) as error:
        return _of_block(block, f"can't be read: {error.args[0]}")
    if any(key < state.upto.get(name, key) for name, key in upto.items()):
        return _of_block(block, "goes back behind the block before it")
    return None


def _inside(raw: sqlite3.Connection, block: Block, state: State) -> tuple[State, Finding | None]:
    """Whether its rows are those that it was closed over."""
    upto = chain.read_upto(block.upto)
    reached = {**state.upto, **upto}
    try:
        rows = list(chain.added(raw, block.form, state.upto, upto))
    except NotCanonical as error:
        return state, _of_row(block, error.table, error.key, f"can't be: {error}")
    if chain.is_full(block.block_id) and reached != upto:
        return state, _of_block(block, "does not name every table, as it should")
    if chain.hash_of(block, rows) != block.hash:
        return state, _which(raw, block, state, rows)
    return State(block.head, reached), None


def _which(raw: sqlite3.Connection, block: Block, state: State, rows: list[Row]) -> Finding:
    """The first row that does not fit, by its mark."""
    marks = [block.marks[at : at + chain.MARK] for at in range(0, len(block.marks), chain.MARK)]
    if len(rows) < block.rows:
        gone = _gap(raw, block, state)
        if gone is not None:
            return _of_row(block, *gone, "is gone")
    for row, mark in zip(rows, marks, strict=False):
        if row.digest.hex()[: chain.MARK] != mark:
            return _of_row(block, row.table, row.key, _how(raw, block, row, len(rows)))
    if len(rows) > block.rows and rows:
        row = rows[block.rows]
        return _of_row(block, row.table, row.key, "was not there when its block was closed")
    if len(rows) < block.rows:
        return _of_block(block, f"covers {block.rows} rows, of which {len(rows)} are there")
    return _of_block(block, "does not have the hash of its rows")


def _how(raw: sqlite3.Connection, block: Block, row: Row, rows: int) -> str:
    if not row.digest:
        return "is gone"
    how = "is not as it was written" if rows == block.rows else "is not what was here"
    return how + _spelt(raw, block, row)


def _gap(
    raw: sqlite3.Connection, block: Block, state: State
) -> tuple[str, tuple[Value, ...]] | None:
    """The first row that its table's numbering leaves out."""
    for name, last in sorted(chain.read_upto(block.upto).items()):
        rows = form(block.form).counted.get(name)
        if rows is None:
            continue
        expected = state.upto.get(name, 0) + 1
        for values in raw.execute(rows.select, (expected - 1, last)):
            if rows.key_of(values) != (expected,):
                return name, (expected,)
            expected += 1
        if expected <= last:
            return name, (expected,)
    return None


def _spelt(raw: sqlite3.Connection, block: Block, row: Row) -> str:
    """Says it if the row holds text that nobody can have written."""
    covered = form(block.form)
    rows = covered.entered.get(row.table)
    if rows is not None:
        found = raw.execute(rows.select, row.key).fetchone()
    else:
        counted = covered.counted.get(row.table)
        key = row.key[0]
        if counted is None or not isinstance(key, int):
            return ""
        found = raw.execute(counted.select, (key - 1, key)).fetchone()
    texts = [value for value in found or () if isinstance(value, str)]
    return f", and {_NOT_UTF8}" if any(_is_foreign(text) for text in texts) else ""


def _is_foreign(text: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in text)


def _of_block(block: Block, how: str) -> Finding:
    return Finding(
        f"Block {block.block_id}, of {block.at}, {how}.",
        CHAIN,
        str(block.block_id),
        block.block_id,
        block.cycle_id,
        block.at,
    )


def _of_row(block: Block, table: str, key: tuple[Value, ...], how: str) -> Finding:
    named = ", ".join(map(str, key))
    return Finding(
        f"Row {named} of {table} {how} (block {block.block_id}, of {block.at}).",
        table,
        named,
        block.block_id,
        block.cycle_id,
        block.at,
    )
