"""docs/failures.md: every known way of failing is there, with the test that proves our conduct."""

from __future__ import annotations

import re

import pytest

from earnd.config.coin import CoinSection
from earnd.config.model import Config
from earnd.domain.action import State
from earnd.domain.reason import Reason
from tests.docs.generated import ROOT, key_rows
from tests.docs.rows import (
    FAMILIES,
    NOT_TESTED,
    PAGE,
    docstrings,
    every_id,
    misplaced_in,
    named_by_tests,
    named_in,
    rows,
    up_to_date,
)

TEXT = PAGE.read_text(encoding="utf-8")
ROWS = rows(TEXT)
A_WORD = 5
A_REASON = 40
"""Characters: less than this is not a reason but an excuse."""


def test_every_row_is_on_the_page_once_and_in_order() -> None:
    assert [row.id for row in ROWS] == every_id()


def test_there_are_214_rows() -> None:
    assert sum(FAMILIES.values()) == 214


def test_the_page_names_the_tests_that_name_the_rows() -> None:
    assert up_to_date(TEXT) == TEXT, "run: python tests/docs/rows.py --write"


@pytest.mark.parametrize("letter", FAMILIES)
def test_a_row_says_what_goes_wrong_what_earnd_does_and_how_that_is_known(letter: str) -> None:
    for row in (row for row in ROWS if row.id[0] == letter):
        assert len(row.fault) >= A_WORD, row
        assert len(row.conduct) >= A_WORD, row
        if row.id not in named_by_tests():
            assert row.proof.startswith(NOT_TESTED), row
            assert len(row.proof.removeprefix(NOT_TESTED)) >= A_REASON, row


def test_rows_are_named_where_they_are_looked_for() -> None:
    for where, docstring in docstrings():
        assert not misplaced_in(docstring), f"{where}: rows come first in a docstring"


def test_what_begins_a_docstring_names_rows_and_nothing_else_does() -> None:
    assert named_in("H10, H11: a redirect is not followed.") == ["H10", "H11"]
    assert named_in("C1 to C4, C9, recursively") == ["C1", "C2", "C3", "C4", "C9"]
    assert named_in("H10") == ["H10"]
    assert named_in("X7, I5, H99: what is no row of the page is for others") == ["X7"]
    assert named_in("As H10, this one") == []
    assert misplaced_in("H10: as in H11, but not X-H12 nor AH13.") == ["H11"]
    assert misplaced_in("H10: a line.\n\nUnlike H11.") == []


@pytest.mark.parametrize("letter", FAMILIES)
def test_each_family_says_what_an_operator_needs_before_its_rows(letter: str) -> None:
    (part,) = (
        part for part in TEXT.split("\n## ") if part.partition("\n")[0].endswith(f"({letter})")
    )
    words = part.partition("<details>")[0]
    places = [
        words.index(f"**{question}**")
        for question in ("What can go wrong.", "What earnd does.", "What you see.", "What to do.")
    ]
    assert places == sorted(places)
    assert {row.id for row in rows(part)} == {id_ for id_ in every_id() if id_[0] == letter}


def test_the_events_of_the_log_on_the_page_are_those_of_the_program() -> None:
    keys = {key for keys in (Config, CoinSection) for key, _, _ in key_rows(keys)}
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "earnd").rglob("*.py"))
    states = {f"action.{state.value}" for state in State}
    named = set(re.findall(r"`([a-z]+\.[a-z_]+)`", TEXT)) - keys - states
    assert len(named) >= 5
    for event in named:
        assert f'"{event}"' in source, event


def test_the_reasons_on_the_page_are_those_of_the_program() -> None:
    for reason in ("clock_skew", "paused", "cooling_down", "holding_unverified"):
        assert f"`{reason}`" in TEXT
        assert reason in set(Reason)
