"""A ledger on a real file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from earnd.ledger.book import Book
from tests.ledger.story import NOON, Life, opened
from tests.support.ledgers import lay_empty


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a ledger may be."""
    return tmp_path / "ledger.db"


@pytest.fixture
def open_book(path: Path) -> Iterator[Callable[..., Book]]:
    """Opens ledgers, and closes them in the end."""
    books: list[Book] = []

    def open_one(at: Path = path, **changes: Any) -> Book:
        books.append(opened(at, **changes))
        return books[-1]

    yield open_one
    for book in books:
        book.close()


@pytest.fixture
def life(path: Path, open_book: Callable[..., Book]) -> Life:
    """A live ledger in its first cycle."""
    lay_empty(path, mode="live", account_label="main", at=NOON)
    return Life(open_book())


@pytest.fixture
def by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    """A stranger's connection, with foreign keys on, as `sqlite3` and a careful hand have it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    yield connection
    connection.close()
