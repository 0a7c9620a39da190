"""What the ledger answered is kept only until something is written."""

from __future__ import annotations

import sqlite3

import pytest

from earnd.domain.action import State
from earnd.errors import LedgerError
from tests.ledger.story import Life


def test_an_answer_is_given_again_until_something_is_written(life: Life) -> None:
    action = life.planned()
    first = life.book.open_actions()

    assert life.book.open_actions() is first
    life.book.record_absent_look(action.action_id, life.cycle_id, life.now)
    assert life.book.open_actions() is not first
    assert life.book.open_actions()[0].absent_looks == (life.now,)
    life.enter(action, State.DROPPED)
    assert life.book.open_actions() == ()


def test_what_a_stranger_writes_is_seen_at_once(life: Life, by_hand: sqlite3.Connection) -> None:
    """L1: nobody else should write; if somebody does, nothing out of date is believed."""
    before = life.book.open_actions()
    life.planned()
    assert before == ()
    held = life.book.open_actions()
    by_hand.execute(
        "INSERT INTO action_event (action_id, seq, from_state, to_state, at, actor)"
        " VALUES (1, 1, 'planned', 'dropped', '2026-11-22T12:00:00.000Z', 'operator')"
    )

    assert len(held) == 1
    assert life.book.open_actions() == ()


def test_what_was_taken_back_is_not_remembered(life: Life) -> None:
    before = life.book.store.moment()
    refused = "INSERT INTO operator_note (at, who, text) VALUES ('soon', 'ann', 'x')"
    with pytest.raises(LedgerError), life.book.store.writing() as connection:
        connection.exec_driver_sql(refused)

    assert life.book.store.moment() >= before
    assert life.sql("SELECT count(*) FROM operator_note") == [(0,)]
    assert life.book.open_actions() == ()
