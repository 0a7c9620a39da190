"""The schema: documented, complete, and the contract that other people's scripts rely on."""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

import re
import sqlite3
from enum import StrEnum
from importlib import import_module
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import TableClause

from earnd.domain.action import Actor, Verb
from earnd.domain.answer import Outcome
from earnd.domain.attribution import AttributedTo
from earnd.domain.history import CycleOutcome
from earnd.domain.snapshot import RecordKind, RecordStatus, SubscribeType
from earnd.domain.walletflow import FlowKind, FlowOwner
from earnd.ledger import schema, tables, views, wallettables
from tests.ledger.story import Life

CONTRACT = {
    "action_now": "action_id, cycle_id, request_no, verb, coin, product_id, earn_id, amount,"
    " reason, state, since, planned_at, sent_at, settled_at, attempts, http_status, code, message,"
    " trace",
    "attempt_log": "action_id, attempt, request_no, sent_at, answered_at, http_status, code,"
    " message, trace, outcome",
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


def test_the_views_for_people_have_the_columns_of_the_contract(
    life: Life, by_hand: sqlite3.Connection
) -> None:
    assert life.book.path.exists()
    for view, columns in CONTRACT.items():
        found = by_hand.execute(f"SELECT * FROM {view}").description
        assert ", ".join(column[0] for column in found) == columns, view


def test_every_view_can_be_read_in_a_schema_that_is_not_trusted(
    life: Life, by_hand: sqlite3.Connection
) -> None:
    by_hand.execute("PRAGMA trusted_schema = OFF")
    views = life.sql("SELECT name FROM sqlite_master WHERE type = 'view'")
    assert set(CONTRACT) <= {view for (view,) in views}
    for (view,) in views:
        by_hand.execute(f"SELECT * FROM {view}").fetchall()


def test_every_table_says_in_its_statement_what_it_is_for(life: Life) -> None:
    statements = life.sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
    for name, statement in statements:
        if name != "alembic_version" and not name.startswith("sqlite_"):
            first = statement.splitlines()[0]
            assert " -- " in first, f"{name} has no comment in its first line"


def test_the_tables_in_python_are_those_of_the_schema(
    life: Life, by_hand: sqlite3.Connection
) -> None:
    python = {
        value.name: {column.name for column in value.c}
        for value in (vars(tables) | vars(views) | vars(wallettables)).values()
        if isinstance(value, TableClause)
    }
    stored = {
        name: {row[1] for row in by_hand.execute(f"PRAGMA table_info({name})")}
        for (name,) in life.sql("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    }
    for name, columns in python.items():
        assert columns <= stored[name], name
        is_table = not name.endswith("_now") and name != "holding_checked"
        if is_table:
            assert columns == stored[name], name


CLOSED: tuple[tuple[str, type[StrEnum]], ...] = (
    ("cycle_end", CycleOutcome),
    ("action", Verb),
    ("action_event", Actor),
    ("attempt_answer", Outcome),
    ("record_seen", RecordKind),
    ("record_seen", SubscribeType),
    ("record_seen", RecordStatus),
    ("attribution", AttributedTo),
    ("wallet_flow", FlowKind),
    ("wallet_flow", FlowOwner),
)


def test_closed_lists_are_the_domains(life: Life) -> None:
    for table, members in CLOSED:
        ((statement,),) = life.sql("SELECT sql FROM sqlite_master WHERE name = ?", table)
        listed = ", ".join(f"'{member}'" for member in members)
        assert f"IN ({listed})" in statement, members


def test_the_steps_are_installed_with_the_package() -> None:
    steps = {entry.name for entry in files("earnd.migrations").joinpath("versions").iterdir()}
    assert {
        "0001_tables.py",
        "0002_fences.py",
        "0003_views.py",
        "0004_audits.py",
        "0005_closures.py",
        "0006_capabilities.py",
        "0007_lessons.py",
        "0008_chain.py",
        "0009_accounts.py",
        "0010_promises.py",
        "0011_repeats.py",
        "0012_limits.py",
    } <= steps
    assert files("earnd.migrations").joinpath("script.py.mako").is_file()


def test_the_steps_lean_on_nothing_of_earnds() -> None:
    for step in (*schema.scripts_folder().glob("*.py"), *_steps()):
        text = step.read_text(encoding="utf-8")
        assert "import earnd" not in text
        assert "from earnd" not in text


def _steps() -> list[Path]:
    return sorted((schema.scripts_folder() / "versions").glob("[0-9]*.py"))


def test_every_step_is_dated_and_has_no_way_back() -> None:
    for path in _steps():
        step = import_module(f"earnd.migrations.versions.{path.stem}")
        assert step.__doc__
        assert re.search(r"^Date: 2026-11-2[247]$", step.__doc__, re.MULTILINE)
        with pytest.raises(NotImplementedError):
            step.downgrade()


def test_the_newest_step_is_the_one_that_is_named_so() -> None:
    """By Alembic's own count: readers go by the name, so that they need not import it."""
    assert schema.head(schema.scripts_folder()) == schema.NEWEST


def test_file_can_tell_what_it_is(life: Life, by_hand: sqlite3.Connection) -> None:
    mark = by_hand.execute("PRAGMA application_id").fetchone()[0]
    assert mark.to_bytes(4, "big") == b"earn"
    assert life.sql("SELECT version_num FROM alembic_version") == [(schema.head(),)]
