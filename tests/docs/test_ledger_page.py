"""docs/ledger.md against a real ledger: its SQL, its views and columns, its audits, its states."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.domain.action import OPEN_STATES, State
from earnd.domain.attribution import AttributedTo
from earnd.domain.history import CycleOutcome
from tests.docs.generated import DOCS
from tests.docs.pages import PAGES, Block, blocks, fits, shape, tried
from tests.support.practice import flexible, practice

PAGE = DOCS / "ledger.md"
SQL = [block for page in PAGES for block in tried(page, "sql")]

# The contract: columns may be added, none renamed or removed.
CONTRACT = {
    "action_now": "action_id, cycle_id, request_no, verb, coin, product_id, earn_id, amount, "
    "reason, state, since, planned_at, sent_at, settled_at, attempts, http_status, code, message, "
    "trace",
    "attempt_log": "action_id, attempt, request_no, sent_at, answered_at, http_status, code, "
    "message, trace, outcome",
    "event_log": "action_id, seq, from_state, to_state, at, actor, evidence",
    "decision_log": "cycle_id, at, coin, verdict, product_id, amount, reason, detail",
    "cycle_log": "cycle_id, run_id, began_at, ended_at, outcome, moves, holds, failure",
    "holding_now": "coin, product_id, earn_id, amount, verified, as_of",
    "balance_now": "coin, available, frozen, as_of",
    "interest_daily": "day, coin, product_id, amount, records",
    "interest_against_promise": "day, coin, product_id, paid, promised, records, promised_low,"
    " promised_high",
    "interest_regime_now": "product_id, coin, pays_into, every, pays_at, starts, additional,"
    " tier_rule, payments, short, since",
    "rate_history": "seen_at, product_id, coin, apy, additional_apy, tiers",
    "movement": "at, kind, coin, product_id, amount, attributed_to, action_id, record_id,"
    " direction",
    "lesson_log": "at, until, kind, verb, coin, product_id, amount, code, action_id",
}


@pytest.fixture
def ledger(demo_ledger: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{demo_ledger.as_uri()}?mode=ro", uri=True)) as connection:
        yield connection


def views(ledger: sqlite3.Connection) -> set[str]:
    rows = ledger.execute("SELECT name FROM sqlite_master WHERE type = 'view'")
    return {str(name) for (name,) in rows}


def columns(ledger: sqlite3.Connection, view: str) -> list[str]:
    rows = ledger.execute("SELECT name FROM pragma_table_info(?)", (view,))
    return [str(name) for (name,) in rows]


def table_under(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading of the page, without its head."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert lines is not None
    rows = [line.strip("|").split(" | ") for line in lines[0].splitlines()]
    return [[cell.strip() for cell in row] for row in rows[2:]]


@pytest.mark.parametrize("block", SQL, ids=lambda block: block.name)
def test_every_question_in_sql_has_the_answer_that_the_page_shows(
    block: Block, demo_ledger: Path
) -> None:
    shell = shutil.which("sqlite3")
    if shell is None and "decimal_" in block.text:
        pytest.skip("decimal_sum and its like are in the sqlite3 shell, which is not installed")
    if shell is None:
        with closing(sqlite3.connect(f"{demo_ledger.as_uri()}?mode=ro", uri=True)) as connection:
            for statement in filter(str.strip, block.text.split(";")):
                connection.execute(statement).fetchall()
        return
    done = subprocess.run(
        [shell, "-readonly", "-bail", "-box", "-cmd", ".timeout 5000", str(demo_ledger)],
        input=block.text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    if block.printed is not None:
        assert fits(block.printed, done.stdout), (shape(done.stdout), shape(block.printed))


def test_the_demo_adds_up_by_the_question_that_the_page_asks(demo_ledger: Path) -> None:
    shell = shutil.which("sqlite3")
    if shell is None:
        pytest.skip("decimal_sub is in the sqlite3 shell, which is not installed")
    (block,) = (block for block in SQL if "AS adds_up\n" in block.text)
    done = subprocess.run(
        [shell, "-readonly", "-csv", "-cmd", ".timeout 5000", str(demo_ledger)],
        input=block.text,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answers = [line.rsplit(",", 1)[1] for line in done.stdout.splitlines()]
    assert answers
    assert set(answers) == {"1"}


def test_the_question_about_refusals_has_the_answer_that_the_page_shows(tmp_path: Path) -> None:
    shell = shutil.which("sqlite3")
    if shell is None:
        pytest.skip("the sqlite3 shell, which prints the table, is not installed")
    after = iter(blocks(PAGE))
    question = next(block for block in after if "FROM lesson_log" in block.text)
    limited = flexible("1001", user_limit=Decimal(300))
    with practice(tmp_path, limited) as account:
        account.cycles(3, apart=timedelta(minutes=16))
        done = subprocess.run(
            [shell, "-readonly", "-bail", "-box", str(account.ledger)],
            input=question.text,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    assert fits(next(after).text, done.stdout), shape(done.stdout)


def test_every_kind_of_lesson_is_explained(ledger: sqlite3.Connection) -> None:
    ((statement,),) = ledger.execute("SELECT sql FROM sqlite_master WHERE name = 'lesson_log'")
    written = set(re.findall(r"^  \('[a-z_]+', +'([a-z_]+)'", str(statement), re.MULTILINE))
    told = [row[0].strip("`") for row in table_under("What refusals taught")]
    assert len(written) == 7
    assert sorted(told) == sorted(written)


def test_the_page_asks_ten_questions_or_more() -> None:
    assert len(tried(PAGE, "sql")) >= 10


def test_the_views_and_columns_on_the_page_are_those_of_the_ledger(
    ledger: sqlite3.Connection,
) -> None:
    told = {row[0].strip("`"): row[2].split(", ") for row in table_under("The views")}
    assert told.keys() == CONTRACT.keys()
    for view, named in told.items():
        assert named == columns(ledger, view)


@pytest.mark.parametrize("view", CONTRACT)
def test_the_columns_of_the_contract_are_there_and_in_order(
    view: str, ledger: sqlite3.Connection
) -> None:
    promised = CONTRACT[view].split(", ")
    assert [name for name in columns(ledger, view) if name in promised] == promised


def test_every_view_of_the_ledger_is_named_on_the_page(ledger: sqlite3.Connection) -> None:
    named = set(re.findall(r"`([a-z_]+)`", PAGE.read_text(encoding="utf-8")))
    assert views(ledger) <= named


def test_the_audits_on_the_page_are_those_of_the_ledger(ledger: sqlite3.Connection) -> None:
    told = [row[0].strip("`") for row in table_under("Audits")]
    assert sorted(told) == sorted(view for view in views(ledger) if view.startswith("audit_"))


def test_every_audit_says_first_what_is_wrong(ledger: sqlite3.Connection) -> None:
    for view in views(ledger):
        if view.startswith("audit_"):
            assert columns(ledger, view)[0] == "what"


def test_the_states_on_the_page_are_those_of_the_code() -> None:
    told = [row[0].strip("`") for row in table_under("The life of an action")]
    assert told == [state.value for state in State]


def test_the_page_names_the_states_that_keep_a_coin_busy() -> None:
    line = next(
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if line.startswith("Those with a thick border")
    )
    assert set(re.findall(r"`(\w+)`", line)) == {state.value for state in OPEN_STATES}


def test_the_steps_in_the_file_are_those_on_the_page(ledger: sqlite3.Connection) -> None:
    text = PAGE.read_text(encoding="utf-8")
    drawn = set(re.findall(r"^    (\w+) --> (\w+)$", text, re.MULTILINE))
    rows = ledger.execute("SELECT from_state, to_state FROM action_transition")
    assert drawn == {(str(before), str(after)) for before, after in rows}


@pytest.mark.parametrize("word", [*AttributedTo, *CycleOutcome], ids=str)
def test_every_word_of_the_closed_lists_is_on_the_page(word: str) -> None:
    assert f"`{word}`" in PAGE.read_text(encoding="utf-8")
