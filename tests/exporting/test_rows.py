"""CSV and JSON lines: nothing is lost, nothing is rounded, and no cell is a formula."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import given

from earnd.domain.movement import Movement
from earnd.exporting.rows import FIELDS, as_csv, as_json_lines, harmless
from tests.exporting.made import lives, movement

PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@given(lives())
def test_every_movement_is_one_row_with_the_ledgers_own_amount(made: list[Movement]) -> None:
    rows = read_csv("".join(as_csv(made)))

    assert [row["amount"] for row in rows] == [each.amount for each in made]
    assert [row["at"] for row in rows] == [each.at for each in made]
    assert all(PLAIN.fullmatch(row["amount"]) for row in rows)


@given(lives())
def test_no_cell_that_is_foreign_text_can_be_a_formula(made: list[Movement]) -> None:
    for row in read_csv("".join(as_csv(made))):
        for cell in row.values():
            assert not re.match(r"\s*[=+@-]", cell)
            assert not re.search(r"[\t\r\n]", cell)


def test_a_csv_has_its_header_also_without_rows_and_its_lines_end_as_rfc_4180_says() -> None:
    assert "".join(as_csv([])) == ",".join(FIELDS) + "\r\n"
    one = "".join(as_csv([movement(coin='U,"S')]))
    assert one.splitlines(keepends=True)[1] == (
        'subscribe:1,2026-02-27T22:07:00.000Z,subscribe,out,"U,""S",100.5,1001,earnd,1,1\r\n'
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("USDT", "USDT"),
        ("=1+1", "'=1+1"),
        ("+A", "'+A"),
        ("-A", "'-A"),
        ("@A", "'@A"),
        (" =1", "' =1"),
        ("\t=1", "\\x09=1"),
        ("A\r\n=1", "A\\x0d\\x0a=1"),
        ("A-B", "A-B"),
    ],
)
def test_a_formulas_first_letter_gets_an_apostrophe_and_what_acts_is_written_out(
    text: str, told: str
) -> None:
    assert harmless(text) == told


@given(lives())
def test_json_lines_give_back_every_field_and_amounts_as_text(made: list[Movement]) -> None:
    lines = list(as_json_lines(made))

    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    for line, each in zip(lines, made, strict=True):
        told = json.loads(line, parse_float=lambda _: pytest.fail("a float"))
        assert told == {name: getattr(each, name) for name in FIELDS}
        assert isinstance(told["amount"], str)


def test_the_same_movements_give_the_same_bytes_whatever_comes_after_them() -> None:
    some = [movement(1), movement(2, kind="interest")]

    for write in (as_csv, as_json_lines):
        first = "".join(write(some))
        assert first == "".join(write(some))
        assert "".join(write([*some, movement(3)])).startswith(first)
