"""A CSV file of rates as a history: every mistake in it is told at once, by file and line."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from earnd.config.values import read_amount
from earnd.domain.money import plain
from earnd.errors import ConfigError
from earnd.simulation.cells import read_moment, read_name, read_tiers, read_truth, read_yearly
from earnd.simulation.history import Change, History, Terms

MOST_TOLD: Final = 20

_KEYS: Final[Mapping[str, Callable[[str], Any]]] = {
    "time": read_moment,
    "product": read_name,
}
_TERMS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "rate": ("rate", read_yearly),
    "tiers": ("tiers", read_tiers),
    "additional": ("additional", read_yearly),
    "minimum": ("minimum", read_amount),
    "maximum": ("maximum", read_amount),
    "open": ("is_open", read_truth),
    "redeemable": ("may_leave", read_truth),
    "listed": ("is_listed", read_truth),
}
COLUMNS: Final = (*_KEYS, *_TERMS)
NEEDED: Final = ("time", "product", "rate")


@dataclass(slots=True)
class _Row:
    line: int
    values: dict[str, Any]


@dataclass(slots=True)
class _Told:
    """The mistakes found so far."""

    path: Path
    lines: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, text: str) -> None:
        self.lines.append((line, text))

    def raise_if_any(self) -> None:
        if not self.lines:
            return
        ordered = sorted(self.lines)
        shown = [f"{self.path}:{line}: {text}" for line, text in ordered[:MOST_TOLD]]
        if len(ordered) > MOST_TOLD:
            shown.append(f"{self.path}: and {len(ordered) - MOST_TOLD} more")
        count = "1 mistake" if len(ordered) == 1 else f"{len(ordered)} mistakes"
        raise ConfigError(
            f"{count} in {self.path}", todo="correct the file of rates", problems=tuple(shown)
        )


def read_rates(path: Path) -> History:
    """The history in a file; raises `ConfigError` with every mistake in it, up to `MOST_TOLD`.

    The order of the rows does not matter: each says from when it holds, until the product's next
    one. An empty cell leaves what was.
    """
    told = _Told(path)
    rows = list(_rows(path, told))
    names = _numbered(row.values["product"] for row in rows if "product" in row.values)
    by_name: dict[str, list[_Row]] = {name: [] for name in names.values()}
    for row in rows:
        if _KEYS.keys() <= row.values.keys():
            by_name[row.values["product"]].append(row)
    changes: list[Change] = []
    for product_id, name in names.items():
        mine = sorted(by_name[name], key=lambda row: row.values["time"])
        changes += _changes(product_id, mine, told)
    if not rows:
        told.add(1, "there are no rates in it, only a header")
    told.raise_if_any()
    return History.of(names, changes)


def _rows(path: Path, told: _Told) -> Iterator[_Row]:
    """The rows with their values; a wrong cell is told and left out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [name.strip() for name in next(reader, [])]
            columns = _columns(header, told)
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield _row(reader.line_num, cells, columns, told)
    except OSError as error:
        raise ConfigError(f"the rates cannot be read: {error.strerror}", where=str(path)) from None
    except UnicodeDecodeError:
        raise ConfigError("the file is not UTF-8 text", where=str(path)) from None
    except csv.Error as error:
        told.add(reader.line_num, f"this is no CSV: {error}")
        told.raise_if_any()


def _columns(header: list[str], told: _Told) -> list[str]:
    """The columns by their places; told at once where they make no sense of the rows."""
    if not header:
        told.add(1, f"the file is empty; its first line names the columns: {', '.join(COLUMNS)}")
    for name in header:
        if name not in COLUMNS:
            near = get_close_matches(name.lower(), COLUMNS, n=1)
            known = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(COLUMNS)}"
            told.add(1, f"unknown column {name!r}; {known}")
        elif header.count(name) > 1:
            told.add(1, f"there are two columns {name!r}")
    for name in NEEDED:
        if header and name not in header:
            told.add(1, f"there is no column {name!r}")
    told.raise_if_any()
    return header


def _row(line: int, cells: list[str], columns: list[str], told: _Told) -> _Row:
    row = _Row(line, {})
    if len(cells) != len(columns):
        told.add(line, f"{len(columns)} cells are wanted, there are {len(cells)}")
        return row
    for column, cell in zip(columns, map(str.strip, cells), strict=True):
        try:
            if column in _KEYS:
                row.values[column] = _KEYS[column](cell)
            elif cell:
                key, read = _TERMS[column]
                row.values[key] = read(cell)
        except ValueError as error:
            told.add(line, f"{column}: {error}")
    return row


def _numbered(names: Iterable[str]) -> dict[str, str]:
    """Ids for the products in the order in which they occur: their own digits, else numbers."""
    found = list(dict.fromkeys(names))
    taken = {name for name in found if re.fullmatch(r"[0-9]{1,20}", name)}
    ids: dict[str, str] = {}
    number = 0
    for name in found:
        if name in taken:
            ids[name] = name
            continue
        number += 1
        while str(number) in taken:
            number += 1
        ids[str(number)] = name
    return ids


def _changes(product_id: str, rows: list[_Row], told: _Told) -> Iterator[Change]:
    """A product's rows as its changes; told where they cannot be."""
    terms: Terms | None = None
    last: _Row | None = None
    for row in rows:
        at = row.values["time"]
        if last is not None and last.values["time"] == at:
            told.add(row.line, f"line {last.line} is about the same product at the same time")
        last = row
        new = {key: value for key, value in row.values.items() if key not in _KEYS}
        if terms is None and "rate" not in new:
            if not any(line == row.line for line, _ in told.lines):
                told.add(row.line, "rate: the product's first row says what it pays")
            continue
        terms = Terms(**new) if terms is None else replace(terms, **new)
        if terms.minimum > terms.maximum:
            text = f"minimum: {plain(terms.minimum)} is more than the maximum"
            told.add(row.line, f"{text}, {plain(terms.maximum)}")
        yield Change(at, product_id, terms)
