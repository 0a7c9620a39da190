"""The audits are empty in a healthy life, and each finds what it is there to find."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

import pytest

from earnd.domain.action import State
from earnd.domain.answer import Outcome
from earnd.domain.attribution import AttributedTo, Attribution
from earnd.domain.ids import RequestNo
from earnd.ledger import queries
from tests.ledger.story import Life, a_look, held

AUDITS = {
    "audit_accepted_without_effect",
    "audit_attempt_without_answer",
    "audit_chain_broken",
    "audit_event_gap",
    "audit_holding_drift",
    "audit_late_action",
    "audit_limit_exceeded",
    "audit_number_reused",
    "audit_paid_less",
    "audit_settled_without_record",
    "audit_stale_unknown",
    "audit_two_open_actions",
    "audit_unexplained_movement",
    "audit_unexplained_wallet_change",
}


def findings(life: Life) -> dict[str, list[str]]:
    """What each audit that is not empty says."""
    found = queries.audits(life.book)
    assert set(found) == AUDITS
    assert all(next(iter(row)) == "what" for rows in found.values() for row in rows)
    return {name: [str(row["what"]) for row in rows] for name, rows in found.items() if rows}


@pytest.fixture
def forge(life: Life) -> Callable[..., None]:
    """A hand in the file with all fences taken down: the tables become plain ones."""

    def write(*statements: str) -> None:
        connection = sqlite3.connect(life.book.path, isolation_level=None)
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA legacy_alter_table = ON")
        for table in ("action", "action_event", "attempt", "attribution"):
            connection.execute(f"CREATE TABLE plain AS SELECT * FROM {table}")  # noqa: S608 - ours
            connection.execute(f"DROP TABLE {table}")
            connection.execute(f"ALTER TABLE plain RENAME TO {table}")
        for statement in statements:
            connection.execute(statement)
        connection.close()

    return write


def test_a_healthy_life_has_no_findings(life: Life) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now))
    life.book.record_holdings(life.cycle_id, life.now, [held("5")])
    life.settled()
    lost = life.planned(coin="BTC")
    life.answered(lost, State.UNKNOWN, Outcome.UNCLEAR)
    life.enter(lost, State.REJECTED)
    life.answered(life.planned(coin="ETH"), State.DROPPED, Outcome.NOT_SENT)
    killed = life.planned(coin="XRP")
    life.sending(killed)
    life.enter(killed, State.UNKNOWN)
    life.enter(killed, State.SETTLED, record_seq=life.seen(life.record(coin="XRP")))
    seq = life.seen(life.record("0.5", kind="interest"))
    life.book.attribute(life.cycle_id, life.now, [Attribution(seq, AttributedTo.INTEREST)])
    person = life.planned(coin="DOGE")
    life.answered(person, State.ACCEPTED)
    life.enter(person, State.NEEDS_OPERATOR)
    life.book.resolve(person.action_id, State.SETTLED, life.now, because="seen", who="ann")
    for hours in (0.25, 2, 24):
        life.next_cycle(hours=hours)
        assert findings(life) == {}


def test_a_ledger_without_a_cycle_has_no_findings(open_book: Callable[..., object]) -> None:
    book = open_book()
    assert not any(queries.audits(book).values())  # type: ignore[arg-type]


@pytest.mark.parametrize("state", ["planned", "sending", "unknown", "accepted"])
def test_an_action_open_for_more_than_an_hour_is_found(life: Life, state: str) -> None:
    action = life.planned()
    if state == "sending":
        life.sending(action)
    elif state != "planned":
        life.answered(action, State(state))
    life.next_cycle(minutes=60)
    assert findings(life) == {}
    life.next_cycle(minutes=1)
    found = findings(life)
    assert found["audit_stale_unknown"] == [
        (
            f"Action 1, subscribe 100.5 USDT, is {state} since 2026-11-22T12:00:00.000Z,"
            " more than an hour."
        )
    ]
    assert ("audit_accepted_without_effect" in found) is (state == "accepted")


def test_an_action_that_needs_a_person_is_found_at_once(life: Life) -> None:
    action = life.planned()
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    life.enter(action, State.NEEDS_OPERATOR)
    assert findings(life) == {
        "audit_stale_unknown": [
            (
                "Action 1, subscribe 100.5 USDT, waits for a person since 2026-11-22T12:00:00.000Z:"
                " `earnd resolve`."
            )
        ]
    }


def test_a_late_action_is_found_for_a_week(life: Life) -> None:
    action = life.planned()
    life.answered(action, State.REJECTED, Outcome.REFUSED)
    life.enter(action, State.LATE, record_seq=life.seen(life.record()))
    assert list(findings(life)) == ["audit_late_action"]
    life.next_cycle(days=6)
    assert list(findings(life)) == ["audit_late_action"]
    life.next_cycle(days=2)
    assert findings(life) == {}


def test_a_movement_that_nobody_explains_is_found_after_an_hour(life: Life) -> None:
    life.seen(life.record("3"))
    life.next_cycle(minutes=60)
    assert findings(life) == {}
    life.next_cycle(minutes=1)
    assert findings(life) == {
        "audit_unexplained_movement": [
            (
                "Nobody is known to have caused subscribe 3 USDT at 2026-11-22T12:00:00.000Z"
                " (record r1)."
            )
        ]
    }
    life.book.attribute(life.cycle_id, life.now, [Attribution(1, AttributedTo.PERSON)])
    assert findings(life) == {}


def test_a_movement_that_an_open_action_may_claim_is_not_unexplained(life: Life) -> None:
    action = life.planned()
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    life.seen(life.record(), life.record())
    life.enter(action, State.NEEDS_OPERATOR)
    life.next_cycle(hours=2)
    assert list(findings(life)) == ["audit_stale_unknown"]


def test_a_holding_that_is_not_verified_is_found(life: Life) -> None:
    life.book.record_holdings(life.cycle_id, life.now, [held("5", why="the total says 6")])
    assert findings(life) == {
        "audit_holding_drift": [
            "What is held of USDT in product p-USDT is not verified: the total says 6."
        ]
    }


def test_a_number_that_was_carried_out_twice_is_found(life: Life) -> None:
    number = RequestNo("12345678000000000001")
    life.seen(life.record(request_no=number), life.record(request_no=number))
    assert findings(life)["audit_number_reused"] == [
        f"Number {number} was carried out 2 times, as records r1, r2."
    ]


def test_a_number_of_two_actions_is_found(life: Life, forge: Callable[..., None]) -> None:
    """E10."""
    life.settled()
    forge(
        "INSERT INTO action SELECT 2, cycle_id, request_no, verb, product_id, earn_id, coin,"
        " amount, reason, known_upto, available_before, total_before FROM action",
    )
    assert findings(life)["audit_number_reused"] == [
        "Number 12345678000000000001 belongs to actions 1, 2."
    ]


def test_a_number_sent_with_two_contents_is_found(life: Life, forge: Callable[..., None]) -> None:
    life.settled()
    forge("INSERT INTO attempt SELECT 1, 2, sent_at, 'POST /other' FROM attempt")
    assert findings(life)["audit_number_reused"] == [
        "Number 12345678000000000001 was sent with 2 different requests."
    ]


def test_a_missing_event_is_found(life: Life, forge: Callable[..., None]) -> None:
    """E10."""
    life.settled()
    forge("DELETE FROM action_event WHERE seq = 2")
    assert findings(life)["audit_event_gap"] == [
        "Action 1, subscribe 100.5 USDT, has 3 events of which the last is number 3.",
        (
            "Action 1, subscribe 100.5 USDT, goes from accepted to settled at event 3"
            " but was nothing before."
        ),
    ]


def test_an_action_without_any_event_is_found(life: Life, forge: Callable[..., None]) -> None:
    life.settled()
    forge("DELETE FROM action_event")
    assert "audit_event_gap" in findings(life)


def test_a_step_that_cannot_be_is_found(life: Life, forge: Callable[..., None]) -> None:
    """E10."""
    life.settled()
    forge("UPDATE action_event SET to_state = 'rejected' WHERE seq = 3")
    assert findings(life)["audit_event_gap"] == [
        (
            "Action 1, subscribe 100.5 USDT, goes from accepted to rejected at event 3"
            " but was accepted before."
        )
    ]


def test_a_settled_action_without_its_record_is_found(
    life: Life, forge: Callable[..., None]
) -> None:
    life.settled()
    forge("DELETE FROM attribution")
    found = findings(life)
    assert found["audit_settled_without_record"] == [
        (
            "Action 1, subscribe 100.5 USDT, is settled since 2026-11-22T12:00:00.000Z,"
            " but no record is attributed to it."
        )
    ]


def test_a_judgement_without_an_answer_is_found(life: Life) -> None:
    action = life.planned()
    life.sending(action)
    life.enter(action, State.REJECTED)
    assert findings(life) == {
        "audit_attempt_without_answer": [
            (
                "Action 1, subscribe 100.5 USDT, was judged rejected at 2026-11-22T12:00:00.000Z"
                " though nothing was answered to attempt 1."
            )
        ]
    }


def test_two_open_actions_of_a_coin_are_found(life: Life, forge: Callable[..., None]) -> None:
    life.planned()
    forge(
        "INSERT INTO action SELECT 2, cycle_id, '12345678000000000002', verb, product_id, earn_id,"
        " coin, amount, reason, known_upto, available_before, total_before FROM action",
        "INSERT INTO action_event SELECT 2, seq, from_seq, from_state, to_state, at, actor,"
        " evidence, attempt, record_seq FROM action_event",
    )
    assert findings(life) == {"audit_two_open_actions": ["USDT has 2 open actions: 1, 2."]}
