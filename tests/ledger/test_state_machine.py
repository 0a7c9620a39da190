"""SQLite itself knows the steps that an action may take, and refuses all others."""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable

import pytest

from earnd.domain.action import TRANSITIONS, State
from earnd.domain.answer import Outcome
from tests.ledger.story import Life

AT = "2026-11-22T13:00:00.000Z"


def to_sending(life: Life) -> None:
    life.sending(life.planned())


def to_unknown(life: Life) -> None:
    life.answered(life.planned(), State.UNKNOWN, Outcome.UNCLEAR)


def to_needs_operator(life: Life) -> None:
    to_unknown(life)
    life.enter(life.book.open_actions()[0], State.NEEDS_OPERATOR)


def to_late(life: Life) -> None:
    action = life.planned()
    life.answered(action, State.REJECTED, Outcome.REFUSED)
    life.enter(action, State.LATE, record_seq=life.seen(life.record()))


WAYS: dict[State, Callable[[Life], object]] = {
    State.PLANNED: lambda life: life.planned(),
    State.SENDING: to_sending,
    State.UNKNOWN: to_unknown,
    State.ACCEPTED: lambda life: life.answered(life.planned(), State.ACCEPTED),
    State.SETTLED: lambda life: life.settled(),
    State.REJECTED: lambda life: life.answered(life.planned(), State.REJECTED, Outcome.REFUSED),
    State.DROPPED: lambda life: life.enter(life.planned(), State.DROPPED),
    State.NEEDS_OPERATOR: to_needs_operator,
    State.LATE: to_late,
}


def step(by_hand: sqlite3.Connection, to: str, **changes: object) -> None:
    """The next event of action 1 as a careful hand would write it; by an operator, who needs no
    record to settle, so that nothing but the state machine can refuse."""
    seq, state = by_hand.execute(
        "SELECT seq, to_state FROM action_event WHERE action_id = 1 ORDER BY seq DESC"
    ).fetchone()
    row = {"action_id": 1, "seq": seq + 1, "from_state": state, "to_state": to, "at": AT}
    row |= {"actor": "operator", **changes}
    names = ", ".join(row)
    by_hand.execute(
        f"INSERT INTO action_event ({names}) VALUES ({', '.join('?' * len(row))})",
        tuple(row.values()),
    )


def test_the_table_of_steps_is_the_domains(life: Life) -> None:
    stored = set(life.sql("SELECT from_state, to_state FROM action_transition"))
    assert stored == {(before, after) for before in State for after in TRANSITIONS[before]}


@pytest.mark.parametrize("state", State)
def test_sqlite_takes_the_legal_steps_and_refuses_every_other(
    life: Life, by_hand: sqlite3.Connection, state: State
) -> None:
    WAYS[state](life)
    assert life.state(1) == state
    for to in State:
        by_hand.execute("BEGIN")
        if to is State.SENDING:
            # Never without an attempt; with one it is `Book.begin_attempt`, tested elsewhere.
            with pytest.raises(sqlite3.IntegrityError):
                step(by_hand, to)
        elif to in TRANSITIONS[state]:
            step(by_hand, to)
        else:
            with pytest.raises(sqlite3.IntegrityError, match=r"FOREIGN KEY|CHECK"):
                step(by_hand, to)
        by_hand.execute("ROLLBACK")


@pytest.mark.parametrize("state", [State.PLANNED, State.UNKNOWN])
def test_the_next_event_joins_the_last_one_exactly(
    life: Life, by_hand: sqlite3.Connection, state: State
) -> None:
    WAYS[state](life)
    to = State.DROPPED if state is State.PLANNED else State.REJECTED
    last = life.sql("SELECT max(seq) FROM action_event")[0][0]
    wrong: tuple[dict[str, object], ...] = (
        {"seq": last},
        {"seq": last + 2},
        {"seq": -1},
        {"from_state": "accepted"},
        {"from_state": None},
        {"action_id": 2},
        {"at": "2026-11-22 13:00:00"},
        {"at": "2026-11-22T13:00:00Z"},
        {"actor": "somebody"},
        {"evidence": "not json"},
        {"attempt": 1},
        {"record_seq": 1},
    )
    for change in wrong:
        with pytest.raises(sqlite3.IntegrityError):
            step(by_hand, to, **change)
    step(by_hand, to)


@pytest.mark.parametrize("first", [state for state in State if state is not State.PLANNED])
def test_a_life_begins_with_planned(life: Life, by_hand: sqlite3.Connection, first: State) -> None:
    life.settled()
    by_hand.execute("BEGIN")
    by_hand.execute(
        "INSERT INTO action SELECT 2, cycle_id, '12345678000000000002', verb, product_id, earn_id,"
        " 'BTC', amount, reason, known_upto, available_before, total_before FROM action"
    )
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        by_hand.execute(
            "INSERT INTO action_event (action_id, seq, to_state, at, actor)"
            " VALUES (2, 0, ?, ?, 'operator')",
            (first, AT),
        )
    by_hand.execute("ROLLBACK")


def test_earnd_settles_nothing_without_a_record(life: Life, by_hand: sqlite3.Connection) -> None:
    WAYS[State.ACCEPTED](life)
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        step(by_hand, State.SETTLED, actor="earnd")
    seq = life.seen(life.record())
    by_hand.execute("BEGIN")
    step(by_hand, State.SETTLED, actor="earnd", record_seq=seq)
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        by_hand.execute("COMMIT")  # the event names a record that is not attributed
    by_hand.execute("ROLLBACK")


def test_a_record_is_not_attributed_to_an_action_that_is_not_settled(
    life: Life, by_hand: sqlite3.Connection
) -> None:
    WAYS[State.ACCEPTED](life)
    seq = life.seen(life.record())
    with pytest.raises(sqlite3.IntegrityError, match="settled, or late"):
        by_hand.execute(
            "INSERT INTO attribution VALUES (?, 'earnd', 1, ?, ?)", (seq, life.cycle_id, AT)
        )


def test_an_attempt_is_committed_with_its_event_or_not_at_all(
    life: Life, by_hand: sqlite3.Connection
) -> None:
    """C3."""
    life.planned()
    by_hand.execute("BEGIN")
    by_hand.execute("INSERT INTO attempt VALUES (1, 1, ?, 'POST')", (AT,))
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        by_hand.execute("COMMIT")
    by_hand.execute("ROLLBACK")
    assert life.sql("SELECT * FROM attempt") == []


@pytest.mark.parametrize("attempt", [0, 2, 3])
def test_attempts_are_numbered_without_gaps(
    life: Life, by_hand: sqlite3.Connection, attempt: int
) -> None:
    life.planned()
    with pytest.raises(sqlite3.IntegrityError, match=r"numbered|CHECK"):
        by_hand.execute("INSERT INTO attempt VALUES (1, ?, ?, 'POST')", (attempt, AT))


@pytest.mark.parametrize("state", [state for state in State if state not in ("planned", "unknown")])
def test_nothing_else_than_planned_and_unknown_is_sent(
    life: Life, by_hand: sqlite3.Connection, state: State
) -> None:
    """X5."""
    WAYS[state](life)
    number = life.sql("SELECT count(*) FROM attempt")[0][0] + 1
    request = "POST /x 12345678000000000001"
    with pytest.raises(sqlite3.IntegrityError, match="only a planned or an unknown action"):
        by_hand.execute("INSERT INTO attempt VALUES (1, ?, ?, ?)", (number, AT, request))


BAD_NUMBERS = [
    "02345678000000000002",
    "1234567800000000000",
    "123456780000000000022",
    "1234567800000000000x",
    "12345678000000000003",
    "99999999000000000002",
]


@pytest.mark.parametrize("number", BAD_NUMBERS)
def test_a_number_is_twenty_digits_of_its_run_and_its_action(
    life: Life, by_hand: sqlite3.Connection, number: str
) -> None:
    """X34, X35."""
    life.settled()
    with pytest.raises(sqlite3.IntegrityError):
        by_hand.execute(
            "INSERT INTO action SELECT 2, cycle_id, ?, verb, product_id, earn_id, coin, amount,"
            " reason, known_upto, available_before, total_before FROM action",
            (number,),
        )


def test_every_pair_of_states_was_tried() -> None:
    assert set(WAYS) == set(State)
    assert len(list(itertools.product(State, State))) == 81
