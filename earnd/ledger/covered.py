"""Which tables and columns the hash chain covers, and how their new rows are found: the forms.

A form is the schema of one revision, so it is as fixed as the steps are. Every block says by which
form it was made; the newest is the schema of today, and a table that no rule here covers stops
earnd before a block is closed without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType

from earnd.errors import LedgerError
from earnd.ledger import schema
from earnd.ledger.canonical import Value

FORMS = MappingProxyType({1: "0012"})
"""By its number, the revision whose tables and columns a form covers."""

NEWEST = max(FORMS)
CHAIN = "chain"
ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Rows:
    """A table whose rows are found by statements: their columns, in order, are what is hashed."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    places: tuple[int, ...]
    """Of the key's columns among all of them."""
    select: str
    parts: Rows | None = None
    """Rows of another table that belong to one of these: they came with it."""

    def key_of(self, values: Sequence[Value]) -> tuple[Value, ...]:
        """The row's own key, to name it by."""
        return tuple([values[place] for place in self.places])


@dataclass(frozen=True, slots=True)
class Form:
    """`counted` tables number their rows as they come, and a range of numbers finds the new ones.

    `entered` tables do not: table `entry`, a counted one, says in which order theirs came. `given`
    are rows that the steps themselves wrote; they never change.
    """

    counted: Mapping[str, Rows]
    entered: Mapping[str, Rows]
    given: Mapping[str, tuple[tuple[Value, ...], ...]]


@cache
def form(number: int) -> Form:
    """The form of this number; raises `LedgerError` for one of a newer earnd."""
    if number not in FORMS:
        raise LedgerError(
            f"its blocks are of form {number}, which this earnd does not know",
            todo="Install the earnd that wrote them.",
        )
    return form_of(schema.made(FORMS[number]))


def form_of(made: schema.Made) -> Form:
    """How each table of a schema is covered; raises `LedgerError` for one that is not."""
    counted: dict[str, Rows] = {}
    entered: dict[str, Rows] = {}
    parts: dict[str, Rows] = {}
    for name, columns in made.columns.items():
        key = made.keys[name]
        if name == CHAIN or name in made.given:
            continue
        if "AUTOINCREMENT" in (made.objects["table", name] or ""):
            where = f"{key[0]} > ? AND {key[0]} <= ? ORDER BY {key[0]}"
            counted[name] = _rows(name, key, columns, where)
        elif ("trigger", f"{name}_is_entered") in made.objects:
            entered[name] = _rows(name, key, columns, " AND ".join(f"{one} = ?" for one in key))
        else:
            where = f"{key[0]} = ? ORDER BY {', '.join(key)}"
            parts[key[0]] = _rows(name, key, columns, where)
    for name, rows in counted.items():
        counted[name] = replace(rows, parts=parts.pop(rows.key[0], None))
    if parts:
        raise _uncovered(sorted(rows.name for rows in parts.values()))
    return Form(MappingProxyType(counted), MappingProxyType(entered), made.given)


def _rows(name: str, key: tuple[str, ...], columns: tuple[str, ...], where: str) -> Rows:
    listed = ", ".join(f'"{column}"' for column in columns)
    select = f"SELECT {listed} FROM {name} WHERE {where}"  # noqa: S608 - our steps' own names
    places = tuple(columns.index(column) for column in key)
    return Rows(name, key, columns, places, select)


def _uncovered(names: list[str]) -> LedgerError:
    return LedgerError(
        f"the hash chain does not cover {', '.join(names)}",
        todo="This is a bug in earnd; please report it.",
    )
