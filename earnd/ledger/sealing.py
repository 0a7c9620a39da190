"""The part of the book that keeps it provable: blocks, the anchor beside it, restored copies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, column, insert, table, text

from earnd.domain.history import CycleEnd
from earnd.domain.ids import CycleId, RunId
from earnd.errors import LedgerError
from earnd.ledger import anchors, chain, cycles, proof
from earnd.ledger.chain import NOTHING, Head, State
from earnd.ledger.columns import Moment, Words, moment_text
from earnd.ledger.cycles import RunStart
from earnd.ledger.store import Store

restoration = table(
    "restoration",
    column("restoration_id", Integer),
    column("run_id", Integer),
    column("at", Moment),
    column("found_block", Integer),
    column("found_hash", Words),
    column("expected_block", Integer),
    column("expected_hash", Words),
)

_HAS_ENDED = text("SELECT EXISTS (SELECT 1 FROM cycle_end)")
_RESTORED_BY = text("SELECT max(run_id) FROM restoration")
_LOOKED_BY = text(
    "SELECT c.run_id FROM look k JOIN cycle c ON c.cycle_id = k.cycle_id"
    " WHERE k.kind = 'full' ORDER BY k.look_id DESC LIMIT 1"
)


@dataclass(slots=True)
class Seal:
    """Where the chain stands, and what is to be told about it.

    `expected` is what was last written here, if this run found an older copy of it. `trouble` is
    why the anchor can't be kept. `must_reread` until a whole look followed a restored copy.
    """

    state: State
    expected: Head | None = None
    trouble: str | None = None
    must_reread: bool = False


@dataclass(frozen=True, slots=True)
class Sealed:
    """The part of `earnd.ledger.book.Book` that closes blocks and notices a restored copy."""

    store: Store
    run_id: RunId
    seal: Seal

    def end_cycle(self, cycle_id: CycleId, end: CycleEnd) -> None:
        """It ended, and how; its block is closed by the same transaction."""
        with self.store.writing() as connection:
            cycles.end(connection, cycle_id, end)
            state = chain.close_block(
                self.store.raw, self.seal.state, cycle_id=cycle_id, at=moment_text(end.at)
            )
        self.seal.state = state
        _keep_anchor(self.store, self.seal)

    def anchor(self) -> str | None:
        """The newest block as a person may keep it elsewhere; `None` before the first."""
        head = self.seal.state.head
        return head.anchor if head.block_id else None

    def anchor_trouble(self) -> str | None:
        """Why the anchor beside the ledger was not written or read; `None` if it was."""
        return self.seal.trouble

    def restored_from(self) -> tuple[str, str] | None:
        """The newest block that was found, and the one that was last written here.

        `None` unless this run found an older copy, or another ledger, in place of its own.
        """
        if self.seal.expected is None:
            return None
        with self.store.reading() as connection:
            row = connection.execute(
                text("SELECT found_block, found_hash FROM restoration WHERE run_id = :run"),
                {"run": self.run_id},
            ).one()
        found = Head(row.found_block, row.found_hash)
        return found.anchor if found.block_id else "none", self.seal.expected.anchor

    def must_reread(self) -> bool:
        """Whether the exchange's history must be read whole: no whole look followed a restoration.

        A restored copy does not know what was sent after it was made, however long ago.
        """
        if self.seal.must_reread:
            with self.store.reading() as connection:
                self.seal.must_reread = _is_unread(connection)
        return self.seal.must_reread


def begin(store: Store, run: RunStart) -> tuple[RunId, Seal]:
    """This run on record, in a ledger whose newest blocks fit and whose past is sealed.

    Raises `LedgerError` for a chain that does not fit.
    """
    kept, trouble = _kept(store)
    with store.reading():
        state = _standing(store)
        is_other = kept is not None and chain.block_hash(store.raw, kept.block_id) != kept.hash
    with store.writing() as connection:
        is_unsealed = state.head == NOTHING and bool(connection.execute(_HAS_ENDED).scalar_one())
        run_id = cycles.begin_run(connection, run)
        if kept is not None and is_other:
            record_restoration(connection, run_id, run.started_at, state.head, kept)
        must_reread = _is_unread(connection)
        if is_unsealed or is_other:
            state = chain.close_block(
                store.raw, state, cycle_id=None, at=moment_text(run.started_at)
            )
    seal = Seal(state, kept if is_other else None, trouble, must_reread)
    if is_unsealed or is_other:
        _keep_anchor(store, seal)
    return run_id, seal


def _standing(store: Store) -> State:
    state, finding = proof.walk_tail(store.raw)
    if finding is not None:
        raise LedgerError(
            f"the ledger is not as earnd wrote it: {finding.what}",
            where=str(store.path),
            todo="Stop, keep the file as it is, and restore the newest backup;"
            " `earnd ledger verify` recomputes all of a file.",
        )
    return state


def record_restoration(
    connection: Connection, run_id: RunId, at: datetime, found: Head, expected: Head
) -> None:
    """The file ends with another block than what was last written here."""
    row = {
        "run_id": run_id,
        "at": at,
        "found_block": found.block_id,
        "found_hash": found.hash,
        "expected_block": expected.block_id,
        "expected_hash": expected.hash,
    }
    connection.execute(insert(restoration), row)


def _is_unread(connection: Connection) -> bool:
    restored_by = connection.execute(_RESTORED_BY).scalar_one()
    looked_by = connection.execute(_LOOKED_BY).scalar_one_or_none()
    return restored_by is not None and (looked_by is None or looked_by < restored_by)


def _kept(store: Store) -> tuple[Head | None, str | None]:
    """What the anchor says, or why it can't be read; it is a help and no condition."""
    try:
        return anchors.read(store.path), None
    except (OSError, ValueError) as error:
        return None, f"{anchors.beside(store.path)} can't be read: {_said(error)}"


def _keep_anchor(store: Store, seal: Seal) -> None:
    try:
        anchors.write(store.path, seal.state.head)
    except OSError as error:
        seal.trouble = f"{anchors.beside(store.path)} can't be written: {_said(error)}"
    else:
        seal.trouble = None


def _said(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
