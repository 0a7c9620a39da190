"""Whether a file is, to the last row, what earnd wrote: everything is recomputed, nothing believed.

What is wrong is told in sentences and not raised, as long as there is a ledger to be read at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from earnd.errors import LedgerError
from earnd.ledger import anchors, chain, files, proof, schema
from earnd.ledger.chain import NOTHING, Block, Head, State
from earnd.ledger.covered import CHAIN, ENTRY, NEWEST, form
from earnd.ledger.proof import Finding
from earnd.ledger.store import Access, open_store

__all__ = ["Finding", "Verdict", "verify"]

_FAULTS = 10
"""So many faults of one kind are told; whoever has more restores a backup all the same."""


@dataclass(slots=True)
class Verdict:
    """What became of the verification.

    `head` is the newest block that fits and `head_at` when it was closed, `None` without any.
    `loose` are the rows that are in no block yet, by table: nothing proves those.
    """

    path: Path
    blocks: int = 0
    rows: int = 0
    head: Head | None = None
    head_at: str | None = None
    loose: Mapping[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether the file can be trusted."""
        return not self.findings


def verify(
    path: Path,
    *,
    anchor: Head | None = None,
    tell: Callable[[int, int], None] = lambda _done, _of: None,
) -> Verdict:
    """Recomputes the whole chain, and asks SQLite whether the file is sound.

    With `anchor`, the chain must have that block with a hash that begins so; the anchor beside the
    file is compared in any case. `tell` hears how many blocks of how many are done. Read-only; a
    writer may be at work meanwhile. Raises `LedgerError` for what is no ledger, or can't be read
    at all, and for another schema.
    """
    real = files.resolved(path)
    if not files.exists(real):
        raise files.missing(real)
    verdict = Verdict(real)
    # Before the file itself: a writer that closes a block meanwhile is ahead of what was read here.
    beside = _beside(real, verdict)
    store = open_store(real, Access.READ)
    try:
        with store.reading() as connection:
            schema.refuse_other_revision(connection, real)
            raw = store.raw
            with _noted(verdict, "The chain"):
                _walk(raw, verdict, tell)
            with _noted(verdict, "The schema"):
                schema.refuse_altered(connection, real)
            with _noted(verdict, "The file"):
                verdict.findings += _unsound(connection)
            with _noted(verdict, "The rest"), chain.as_stored(raw):
                verdict.findings += [*_given(raw), *_miscounted(raw), *_not_entered(raw)]
            with _noted(verdict, "The chain"):
                verdict.findings += [
                    *_unanchored(raw, anchor, "the anchor that was given"),
                    *_unanchored(raw, beside, "the anchor beside it: an older copy, perhaps"),
                ]
    finally:
        store.close()
    return verdict


@contextmanager
def _noted(verdict: Verdict, what: str) -> Iterator[None]:
    """What cannot be read, or is refused, is a finding."""
    try:
        yield
    except LedgerError as error:
        verdict.findings.append(Finding(f"{error.what[:1].upper()}{error.what[1:]}."))
    except (DBAPIError, sqlite3.Error, OverflowError) as error:
        said = error.orig if isinstance(error, DBAPIError) else error
        verdict.findings.append(Finding(f"{what} can't be read: {said}."))


def _beside(path: Path, verdict: Verdict) -> Head | None:
    try:
        return anchors.read(path)
    except (OSError, ValueError) as error:
        verdict.findings.append(Finding(f"{anchors.beside(path).name} can't be read: {error}."))
        return None


def _unsound(connection: Connection) -> Iterator[Finding]:
    """What SQLite itself finds."""
    for fault in connection.exec_driver_sql(f"PRAGMA integrity_check({_FAULTS})").scalars():
        if fault != "ok":
            yield Finding(f"SQLite finds a fault: {fault}.")
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(_FAULTS)
    for table, _, parent, _ in orphans:
        yield Finding(f"A row of {table} refers to a row of {parent} that is not there.", table)


def _walk(raw: sqlite3.Connection, verdict: Verdict, tell: Callable[[int, int], None]) -> None:
    of = raw.execute("SELECT count(*) FROM chain").fetchone()[0]

    def count(block: Block) -> None:
        verdict.blocks += 1
        verdict.rows += block.rows
        verdict.head, verdict.head_at = block.head, block.at
        tell(verdict.blocks, of)

    state, found = proof.walk(raw, State(), count)
    if found is not None:
        verdict.findings.append(found)
    else:
        with chain.as_stored(raw):
            verdict.loose = dict(_loose(raw, state))


def _loose(raw: sqlite3.Connection, state: State) -> Iterator[tuple[str, int]]:
    """How many rows of each table are in no block yet."""
    for name, rows in form(NEWEST).counted.items():
        last, key = state.upto.get(name, 0), rows.key[0]
        if name == ENTRY:
            yield from raw.execute(
                "SELECT of, count(*) FROM entry WHERE entry_id > ? GROUP BY of", (last,)
            )
            continue
        beyond = f"SELECT count(*) FROM {name} WHERE {key} > ?"  # noqa: S608 - our steps' own names
        ((count,),) = raw.execute(beyond, (last,))
        if count:
            yield name, count


def _given(raw: sqlite3.Connection) -> Iterator[Finding]:
    """Rows that the steps of the schema wrote are in no block, and are the same in every ledger."""
    for name, expected in form(NEWEST).given.items():
        found = raw.execute(f"SELECT * FROM {name}").fetchall()  # noqa: S608 - our steps' own names
        if sorted(map(repr, found)) != sorted(map(repr, expected)):
            yield Finding(f"Table {name} is not as the schema's steps make it.", name)


def _miscounted(raw: sqlite3.Connection) -> Iterator[Finding]:
    """SQLite's own counters of rows that were numbered; those of an auditor's tables are his."""
    tables = {
        name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    keys = {name: rows.key[0] for name, rows in form(NEWEST).counted.items()}
    keys[CHAIN] = "block_id"
    counters = raw.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
    for name in sorted({str(name) for name, _ in counters} - tables):
        yield Finding(f"There is a counter for table {name!r}, which is not there.")
    for name, key in keys.items():
        newest = f"SELECT coalesce(max({key}), 0) FROM {name}"  # noqa: S608 - our steps' own names
        last = raw.execute(newest).fetchone()[0]
        found = [seq for counted, seq in counters if counted == name]
        if repr(found) != repr([last]) and (found or last):
            yield Finding(
                f"The counter of table {name} says {', '.join(map(str, found)) or 'nothing'},"
                f" and its last row is {last}.",
                name,
            )


def _not_entered(raw: sqlite3.Connection) -> Iterator[Finding]:
    """Rows that no block covers, because they came while their trigger was not there."""
    entries = dict(raw.execute("SELECT of, count(*) FROM entry GROUP BY of"))
    entered = form(NEWEST).entered
    for name in sorted(entries.keys() - entered.keys()):
        yield Finding(f"Rows of {name!r} are entered, which is no such table.", ENTRY)
    for name, rows in entered.items():
        # S608 in both: the names are those of our own steps.
        count = raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - see above
        if count <= entries.get(name, 0):
            continue
        keys = ", ".join((*rows.key, "NULL")[:2])
        strays = raw.execute(
            f"SELECT {keys} FROM {name}"  # noqa: S608 - see above
            " EXCEPT SELECT key1, key2 FROM entry WHERE of = ? LIMIT 1",
            (name,),
        )
        for stray in strays:
            key = ", ".join(str(part) for part in stray if part is not None)
            what = f"Row {key} of {name} was written past its trigger: no block covers it."
            yield Finding(what, name, key)


def _unanchored(raw: sqlite3.Connection, anchor: Head | None, whose: str) -> Iterator[Finding]:
    if anchor is None or anchor == NOTHING:
        return
    found = chain.block_hash(raw, anchor.block_id)
    if found is None:
        yield Finding(
            f"There is no block {anchor.block_id}, as in {whose}.", CHAIN, None, anchor.block_id
        )
    elif not found.startswith(anchor.hash):
        yield Finding(
            f"Block {anchor.block_id} has another hash than in {whose}.",
            CHAIN,
            None,
            anchor.block_id,
        )
