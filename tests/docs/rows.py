"""The rows of docs/failures.md, and the tests that name them.

A test names the rows it proves at the beginning of its docstring, before anything else:

    def test_a_redirect_takes_the_signature_nowhere() -> None:
        '''H10, H11: what follows is for the reader.'''

`C1 to C4` names four. A class or a whole file of tests may do the same in its own docstring.
`python tests/docs/rows.py --write` puts the names of these tests into the last column of the
page's tables, and counts them; what stands in the other columns, and the reason of a row that no
test names, is written by hand.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "failures.md"

FAMILIES: Mapping[str, int] = {
    "H": 32,
    "X": 43,
    "N": 18,
    "L": 30,
    "C": 16,
    "S": 12,
    "O": 13,
    "E": 15,
    "K": 8,
    "T": 9,
    "U": 9,
    "R": 9,
}
"""Each family of failures and how many rows it has."""

NOT_TESTED = "not tested: "

_ID = r"[A-Z][1-9][0-9]?"
_BEGINNING = re.compile(rf"{_ID}(?: to {_ID})?(?:, {_ID}(?: to {_ID})?)*\b")
_ANY = re.compile(rf"(?<![\w-]){_ID}(?![\w-])")
_ROW = re.compile(r"^\| ([A-Z]\d+) \| (.+?) \| (.+?) \| (.*?) *\|$", re.MULTILINE)
_COUNTS = re.compile(r"(<!-- counts: begin [^\n]*-->\n)(.*?)(<!-- counts: end -->)", re.DOTALL)

_Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of the page; `proof` is its last cell."""

    id: str
    fault: str
    conduct: str
    proof: str


def every_id() -> list[str]:
    """All ids there are, in the order of the page."""
    return [f"{letter}{n}" for letter, last in FAMILIES.items() for n in range(1, last + 1)]


def rows(text: str) -> list[Row]:
    """The rows of a page's text, in its order."""
    return [Row(*match.groups()) for match in _ROW.finditer(text)]


def docstrings() -> Iterator[tuple[str, str]]:
    """Every docstring of the tests, with where it stands: `tests/x/test_y.py::test_z`."""
    for path in sorted(TESTS.rglob("test_*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"), str(path))
        yield from _documented(module, path.relative_to(TESTS.parent).as_posix())


def _documented(node: _Documented, where: str) -> Iterator[tuple[str, str]]:
    text = ast.get_docstring(node)
    if text:
        yield where, text
    for inner in node.body:
        if isinstance(inner, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _documented(inner, f"{where}::{inner.name}")


def named_in(docstring: str) -> list[str]:
    """The rows that a docstring names at its beginning; `C1 to C4` are four."""
    found = _BEGINNING.match(docstring)
    named: list[str] = []
    for part in found[0].split(", ") if found else []:
        first, _, last = part.partition(" to ")
        if last and first[0] != last[0]:
            raise ValueError(f"{part} is no range")
        named += [f"{first[0]}{n}" for n in range(int(first[1:]), int((last or first)[1:]) + 1)]
    return [name for name in named if name in every_id()]


def misplaced_in(docstring: str) -> list[str]:
    """What looks like the name of a row in the first line, but stands where nobody looks for it."""
    first = docstring.partition("\n")[0]
    found = _BEGINNING.match(first)
    rest = first[found.end() :] if found else first
    return [name for name in _ANY.findall(rest) if name in every_id()]


@cache
def named_by_tests() -> Mapping[str, list[str]]:
    """For each row that is named, the tests that name it."""
    found: dict[str, list[str]] = {}
    for where, docstring in docstrings():
        for row in named_in(docstring):
            found.setdefault(row, []).append(where)
    return found


def proof_of(row: Row) -> str:
    """What the last cell of a row must say; the reason where no test names it."""
    tests = named_by_tests().get(row.id)
    if tests:
        return "<br>".join(f"`{test}`" for test in tests)
    return row.proof if row.proof.startswith(NOT_TESTED) else f"{NOT_TESTED}?"


def counted(text: str) -> str:
    """How many rows of each family are proven by tests, as a table."""
    proven = {row.id for row in rows(text) if row.id in named_by_tests()}
    lines = ["| family | rows | proven by tests | not tested |", "|---|---|---|---|"]
    for letter, last in FAMILIES.items():
        held = sum(id_[0] == letter for id_ in proven)
        lines.append(f"| {letter} | {last} | {held} | {last - held} |")
    whole = sum(FAMILIES.values())
    lines.append(f"| all | {whole} | {len(proven)} | {whole - len(proven)} |")
    return "\n".join(lines)


def up_to_date(text: str) -> str:
    """The page's text with the last columns and the counts as they must be."""

    def anew(match: re.Match[str]) -> str:
        row = Row(*match.groups())
        return f"| {row.id} | {row.fault} | {row.conduct} | {proof_of(row)} |"

    text = _ROW.sub(anew, text)
    return _COUNTS.sub(lambda match: f"{match[1]}{counted(text)}\n{match[3]}", text)


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        raise SystemExit("usage: python tests/docs/rows.py --write")
    PAGE.write_text(up_to_date(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
