"""The hash chain: blocks over everything that is added, each on top of the one before.

A block is closed within the transaction that ends a cycle, over the rows that came since the block
before it, so that it costs what was added and not what is there.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

from earnd.ledger.canonical import Value, row_digest, row_text
from earnd.ledger.covered import CHAIN, ENTRY, NEWEST, Rows, form

FULL_EVERY = 64
"""Every so many blocks, beginning with the first, one names the last key of every table, so that
where the chain stands is known from the newest few blocks."""

MOST_MARKS = 10_000
"""A block of more rows has no marks: the first one over an older ledger may have millions."""

MARK = 4
"""Digits of a row's mark. It says which row does not fit; that one does not, the hash says."""

ANCHOR_DIGITS = 16
"""So many digits of a hash are told to people: nobody makes another block with the same."""

_BEFORE_ALL = -(2**63)
_BLOCKS = (
    "SELECT block_id, cycle_id, at, form, upto, rows, marks, previous, hash FROM chain"
    " WHERE block_id > ? AND block_id <= ? ORDER BY block_id"
)


class Head(NamedTuple):
    """A block's number and its hash; `NOTHING` before the first."""

    block_id: int
    hash: str

    @property
    def anchor(self) -> str:
        """As it is told to people: `1234:9f86d081884c7d65`."""
        return f"{self.block_id}:{self.hash[:ANCHOR_DIGITS]}"


NOTHING = Head(0, "0" * 64)


@dataclass(frozen=True, slots=True)
class State:
    """Where the chain stands: its newest block, and of each table the last key in a block."""

    head: Head = NOTHING
    upto: Mapping[str, int] = field(default_factory=dict)


class Row(NamedTuple):
    """A row as the chain sees it; without a digest it was entered once and is gone."""

    table: str
    key: tuple[Value, ...]
    digest: bytes


class Block(NamedTuple):
    """One row of table `chain`, as it stands there."""

    block_id: int
    cycle_id: int | None
    at: str
    form: int
    upto: str
    rows: int
    marks: str
    previous: str
    hash: str

    @property
    def head(self) -> Head:
        """The number and the hash."""
        return Head(self.block_id, self.hash)


class NotCanonical(Exception):
    """A row holds what no table of earnd's holds; `table` and `key` say which."""

    def __init__(self, what: str, table: str, key: tuple[Value, ...]) -> None:
        super().__init__(what)
        self.table, self.key = table, key


@contextmanager
def as_stored(raw: sqlite3.Connection) -> Iterator[None]:
    """Text as its bytes are, also where they are no UTF-8, which is a finding and no failure."""
    before = raw.text_factory
    raw.text_factory = lambda found: found.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = before


def added(
    raw: sqlite3.Connection, number: int, before: Mapping[str, int], upto: Mapping[str, int]
) -> Iterator[Row]:
    """The rows after `before` and up to `upto`: tables by name, rows by key, parts with theirs.

    Raises `NotCanonical` for a row that has no canonical text.
    """
    covered = form(number)
    for table in sorted(upto.keys() & covered.counted.keys()):
        rows = covered.counted[table]
        span = (before.get(table, _BEFORE_ALL), upto[table])
        for values in raw.execute(rows.select, span):
            yield _row(rows, values)
            if rows.parts is not None:
                yield from _found(raw, rows.parts, rows.key_of(values))
            if table == ENTRY:
                _, of, *keys = values
                entered = covered.entered.get(of)
                if entered is not None:
                    key_of_it = tuple(keys[: len(entered.key)])
                    gone = Row(of, key_of_it, b"")
                    yield next(_found(raw, entered, key_of_it), gone)


def _found(raw: sqlite3.Connection, rows: Rows, key: Iterable[Value]) -> Iterator[Row]:
    for values in raw.execute(rows.select, tuple(key)):
        yield _row(rows, values)


def _row(rows: Rows, values: tuple[Value, ...]) -> Row:
    key = rows.key_of(values)
    try:
        return Row(rows.name, key, row_digest(rows.name, values))
    except TypeError as error:
        raise NotCanonical(str(error), rows.name, key) from None


def close_block(raw: sqlite3.Connection, known: State, *, cycle_id: int | None, at: str) -> State:
    """Closes a block over what was added; answers where the chain stands once it is committed.

    Within the caller's transaction. `known` saves reading the chain where nobody else wrote to it.
    """
    with as_stored(raw):
        before = known if _newest(raw) == known.head else standing(raw)
        last = dict(raw.execute("SELECT name, seq FROM sqlite_sequence"))
        tables = form(NEWEST).counted
        grown = {
            name: last[name]
            for name in tables
            if last.get(name, _BEFORE_ALL) > before.upto.get(name, _BEFORE_ALL)
        }
        rows = list(added(raw, NEWEST, before.upto, grown))
        reached = dict(before.upto)
        for row in rows:
            if row.table in tables and isinstance(row.key[0], int):
                reached[row.table] = row.key[0]
        number = before.head.block_id + 1
        block = _sealed(
            Block(
                number,
                cycle_id,
                at,
                NEWEST,
                written(reached if is_full(number) else _changed(before.upto, reached)),
                len(rows),
                marks_of(rows),
                before.head.hash,
                "",
            ),
            rows,
        )
        raw.execute(
            f"INSERT INTO chain VALUES ({', '.join('?' * len(block))})",  # noqa: S608 - only marks
            block,
        )
    return State(block.head, reached)


def _changed(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    return {name: key for name, key in now.items() if before.get(name) != key}


def _sealed(block: Block, rows: Iterable[Row]) -> Block:
    return block._replace(hash=hash_of(block, rows))


def hash_of(block: Block, rows: Iterable[Row]) -> str:
    """The SHA-256 over the block's own columns, the hash before it among them, and its rows."""
    seal = sha256(row_text(CHAIN, block[:-1]))
    for row in rows:
        seal.update(row.digest)
    return seal.hexdigest()


def marks_of(rows: list[Row]) -> str:
    """By which a row that does not fit is found."""
    if len(rows) > MOST_MARKS:
        return ""
    return "".join(row.digest.hex()[:MARK] for row in rows)


def written(upto: Mapping[str, int]) -> str:
    """The last keys as the block keeps them."""
    return json.dumps(dict(upto), sort_keys=True, separators=(",", ":"))


def read_upto(text: str) -> dict[str, int]:
    """What `written` wrote; raises `ValueError` for anything else."""
    found = json.loads(text)
    if (
        not isinstance(found, dict)
        or any(type(key) is not int for key in found.values())
        or written(found) != text
    ):
        raise ValueError("its list of last keys is not one that earnd writes")
    return found


def is_full(block_id: int) -> bool:
    """Whether this block names every table."""
    return block_id % FULL_EVERY == 1


def standing(raw: sqlite3.Connection) -> State:
    """Where the chain stands, by its newest blocks; raises `ValueError` if they can't be read."""
    head = _newest(raw)
    return State(head, _upto_of(raw, head.block_id)) if head.block_id else State()


def standing_after(raw: sqlite3.Connection, block_id: int) -> State:
    """Where the chain stood once this block was closed; raises as `standing` does."""
    found = next(blocks(raw, block_id - 1, block_id), None)
    if found is None:
        raise ValueError(f"block {block_id} is missing")
    return State(found.head, _upto_of(raw, block_id))


def _upto_of(raw: sqlite3.Connection, block_id: int) -> dict[str, int]:
    full = block_id - (block_id - 1) % FULL_EVERY
    upto: dict[str, int] = {}
    for block in blocks(raw, full - 1, block_id):
        upto |= read_upto(block.upto)
    return upto


def blocks(raw: sqlite3.Connection, after: int, upto: int | None = None) -> Iterator[Block]:
    """The blocks with a number after `after`, and not after `upto`, in order."""
    last = 2**63 - 1 if upto is None else upto
    found = raw.execute(_BLOCKS, (after, last))
    return map(Block._make, found)


def block_hash(raw: sqlite3.Connection, block_id: int) -> str | None:
    """The hash of the block of this number; `None` if there is none."""
    found = raw.execute("SELECT hash FROM chain WHERE block_id = ?", (block_id,)).fetchone()
    return None if found is None else str(found[0])


def _newest(raw: sqlite3.Connection) -> Head:
    found = raw.execute(
        "SELECT block_id, hash FROM chain ORDER BY block_id DESC LIMIT 1"
    ).fetchone()
    return NOTHING if found is None else Head(*found)
