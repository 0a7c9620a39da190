"""Opening a ledger for reading, without all that the writer is made of: so that it is quick."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from earnd.ledger import files, schema
from earnd.ledger.store import Access, Store, open_store


def open_reader(path: Path) -> Reader:
    """The ledger, read-only; works beside a writer, waits for nobody, keeps nobody waiting.

    SQLite may leave an empty -wal and a -shm beside the file; it needs them to read at all.
    Raises `LedgerError` if there is none, and like `open_writer` for what can't be read.
    """
    real = files.resolved(path)
    if not files.exists(real):
        raise files.missing(real)
    store = open_store(real, Access.READ)
    try:
        with store.reading() as connection:
            schema.refuse_other_revision(connection, real)
    except BaseException:
        store.close()
        raise
    return Reader(store)


@dataclass(frozen=True, slots=True)
class Reader:
    """The ledger, open read-only; closed by `close`."""

    store: Store

    @property
    def path(self) -> Path:
        """Where the ledger lies."""
        return self.store.path

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent moment of the ledger, for `earnd.ledger.queries`."""
        with self.store.reading() as connection:
            yield connection

    def copy_to(self, path: Path) -> None:
        """A complete, verified copy in a new file, also while a writer is at work."""
        self.store.copy_to(path)

    def close(self) -> None:
        """Closes the file; doing it twice is harmless."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
