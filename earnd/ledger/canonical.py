"""A row as bytes, in one way only: what the hash chain is made of.

Typed, and each length told before its text, so that no two different rows have the same bytes. It
depends on the values and their order alone: not on a dictionary's order, a locale, a version of
Python or of SQLite. Once a ledger was sealed with it, it is never changed: a change is a new form.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

Value = str | int | bytes | None
"""What a table of the ledger holds; `bytes` only if somebody put them there."""


def row_text(table: str, values: Sequence[Value]) -> bytes:
    """The table's name and every value, in the order given.

    Raises `TypeError` for anything but text, whole numbers, bytes and nothing: a float has no one
    way to be written.
    """
    return b"".join((_value(table), b"%d;" % len(values), *map(_value, values)))


def row_digest(table: str, values: Sequence[Value]) -> bytes:
    """The SHA-256 of the row's text."""
    return sha256(row_text(table, values)).digest()


def _value(value: Value) -> bytes:
    if value is None:
        return b"n;"
    if type(value) is int:
        return b"i%d;" % value
    if isinstance(value, str):
        # Bytes that are no UTF-8 are read as surrogates; they go in as the bytes that they are.
        text = value.encode("utf-8", "surrogateescape")
        return b"t%d:%b;" % (len(text), text)
    if isinstance(value, bytes):
        return b"b%d:%b;" % (len(value), value)
    raise TypeError(f"{value!r} has no one way to be written")
