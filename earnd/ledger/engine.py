"""Opening a ledger: `open_writer` for the one that writes, `open_reader` for everybody else.

A ledger is refused rather than repaired: each refusal says what, where, and what to do.
"""

from __future__ import annotations

from pathlib import Path

from earnd.ledger import anchors, cycles, files, schema, sealing
from earnd.ledger.book import Book
from earnd.ledger.cycles import RunStart
from earnd.ledger.lock import WriterLock
from earnd.ledger.reader import Reader, open_reader
from earnd.ledger.store import PATIENCE_MS, Access, Store, open_store

__all__ = ["Reader", "RunStart", "open_reader", "open_writer"]


def open_writer(
    path: Path, *, mode: str, account_label: str, run: RunStart, patience_ms: int = PATIENCE_MS
) -> Book:
    """The ledger, locked, checked, and with this run written down; a new one if there is none.

    Raises `LedgerBusy` if another earnd holds it, `LedgerTooOld`, `LedgerTooNew`, `LedgerMismatch`,
    or `LedgerError` for what is no ledger, is damaged, does not fit its hash chain, or is gone
    while its anchor is still there. None of these changes anything.
    """
    real = files.resolved(path)
    files.exists(real)
    lock = WriterLock(real)
    try:
        files.clear_unfinished(real)
        if not files.exists(real):
            files.refuse_orphans(real)
            anchors.refuse_orphan(real)
            _create(real, mode, account_label, run)
        files.refuse_second_name(real)
        store = open_store(real, Access.WRITE, patience_ms=patience_ms)
        try:
            _refuse_unfit(store, mode, account_label)
            run_id, seal = sealing.begin(store, run)
        except BaseException:
            store.close()
            raise
    except BaseException:
        lock.release()
        raise
    return Book(store=store, run_id=run_id, seal=seal, lock=lock, run_prefix=run.prefix)


def _create(path: Path, mode: str, account_label: str, run: RunStart) -> None:
    def build(new: Path) -> None:
        schema.lay(new)
        store = open_store(new, Access.BUILD)
        try:
            with store.writing() as connection:
                cycles.found_ledger(connection, mode, account_label, run)
        finally:
            store.close()

    files.appear(path, build)


def _refuse_unfit(store: Store, mode: str, account_label: str) -> None:
    with store.reading() as connection:
        schema.refuse_other_revision(connection, store.path)
        cycles.refuse_mismatch(connection, store.path, mode, account_label)
        schema.refuse_altered(connection, store.path)
    schema.refuse_damaged(store)
