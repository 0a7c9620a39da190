"""A cycle that decides what the last one did takes one row, and nobody who reads can tell."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnd.domain.ids import Coin, ProductId
from earnd.domain.plan import Hold, Move
from earnd.domain.reason import Reason
from earnd.ledger import explaining, queries
from earnd.ledger.columns import evidence_text, moment_text
from tests.ledger.story import NOON, Life, opened
from tests.support.ledgers import lay_empty

KEPT = Hold(Coin("USDT"), Reason.UNDER_MIN_MOVE, amount=Decimal("0.5"), detail={"min_move": "1"})
INTO_CYCLE = (
    "INSERT INTO decision (cycle_id, at, coin, verdict, reason, detail)"
    " VALUES ({}, '{{now}}', 'BTC', 'hold', 'paused', '{{{{}}}}')"
)
FULL = Hold(Coin("ETH"), Reason.MAX_PER_PRODUCT, ProductId("p-ETH"), Decimal(2), {"rate": "1%"})


def decided(life: Life, *holds: Hold, moves: Sequence[Move] = ()) -> None:
    """In a cycle of its own."""
    life.next_cycle(minutes=5)
    life.book.record_decisions(life.cycle_id, life.now, moves, holds)


def rows(life: Life) -> tuple[int, int]:
    """How many are written of each kind."""
    counted = life.sql(
        "SELECT (SELECT count(*) FROM decision), (SELECT count(*) FROM decision_again)"
    )
    return counted[0][0], counted[0][1]


def test_a_quiet_day_takes_one_row_a_cycle(life: Life) -> None:
    for _ in range(288):
        decided(life, KEPT, FULL)
    assert rows(life) == (2, 287)
    assert life.sql("SELECT DISTINCT same_as FROM decision_again") == [(2,)]


def test_a_repeat_is_shown_with_its_own_cycle_and_its_own_time(life: Life) -> None:
    decided(life, KEPT, FULL)
    first = life.now
    decided(life, KEPT, FULL)
    shown = life.sql("SELECT cycle_id, at, coin, amount, detail FROM decision_log")
    assert shown == [
        (2, moment_text(first), "USDT", "0.5", '{"min_move":"1"}'),
        (2, moment_text(first), "ETH", "2", '{"rate":"1%"}'),
        (3, moment_text(life.now), "USDT", "0.5", '{"min_move":"1"}'),
        (3, moment_text(life.now), "ETH", "2", '{"rate":"1%"}'),
    ]


@pytest.mark.parametrize(
    "then",
    [
        (KEPT,),
        (FULL, KEPT),
        (KEPT, FULL, FULL),
        (KEPT, replace(FULL, amount=Decimal("2.00000001"))),
        (KEPT, replace(FULL, amount=None)),
        (KEPT, replace(FULL, product_id=None)),
        (KEPT, replace(FULL, product_id=ProductId("p-2"))),
        (KEPT, replace(FULL, reason=Reason.NOTHING_IDLE)),
        (KEPT, replace(FULL, detail={"rate": "2%"})),
        (KEPT, replace(FULL, coin=Coin("BTC"))),
    ],
    ids=["less", "order", "more", "amount", "none", "gone", "product", "reason", "detail", "coin"],
)
def test_what_differs_in_anything_is_written_whole(life: Life, then: tuple[Hold, ...]) -> None:
    decided(life, KEPT, FULL)
    decided(life, *then)
    assert rows(life) == (2 + len(then), 0)
    decided(life, *then)
    assert rows(life) == (2 + len(then), 1)


def test_a_cycle_with_a_move_is_never_a_repeat_and_never_repeated(life: Life) -> None:
    decided(life, KEPT, moves=[life.move()])
    decided(life, KEPT, moves=[life.move()])
    decided(life, KEPT)
    decided(life, KEPT)
    assert rows(life) == (5, 1)


def test_what_was_decided_before_the_last_change_is_written_anew(life: Life) -> None:
    for hold in (KEPT, FULL, KEPT, KEPT):
        decided(life, hold)
    assert rows(life) == (3, 1)
    assert life.sql("SELECT cycle_id, same_as FROM decision_again") == [(5, 4)]


def test_a_cycle_that_decided_nothing_does_not_end_the_repeating(life: Life) -> None:
    decided(life, KEPT)
    decided(life)
    decided(life, KEPT)
    assert life.sql("SELECT cycle_id, coin FROM decision_log") == [(2, "USDT"), (4, "USDT")]
    assert rows(life) == (1, 1)


def test_what_is_stored_alike_is_the_same(life: Life) -> None:
    decided(life, replace(KEPT, amount=Decimal("0.50"), detail={"a": "\ud800", "b": "1"}))
    decided(life, replace(KEPT, amount=Decimal("5E-1"), detail={"b": "1", "a": "\\ud800"}))
    assert rows(life) == (1, 1)


def test_a_repeat_that_then_decides_more_shows_all_and_is_not_repeated(life: Life) -> None:
    decided(life, KEPT)
    decided(life, KEPT)
    life.book.record_decisions(life.cycle_id, life.now, [], [FULL])
    life.book.record_decisions(life.cycle_id, life.now, [], [FULL])
    assert [row["coin"] for row in queries.decisions(life.book, 3)] == ["USDT", "ETH", "ETH"]
    decided(life, FULL, FULL)
    assert rows(life) == (5, 1)
    assert [row["coin"] for row in queries.decisions(life.book)] == ["ETH", "ETH"]


def test_whoever_asks_is_told_of_the_newest_repeat(life: Life) -> None:
    decided(life, FULL, KEPT)
    for _ in range(3):
        decided(life, FULL, KEPT)
    newest = life.cycle_id
    assert {row["cycle_id"] for row in queries.decisions(life.book)} == {newest}
    facts = explaining.coin_facts(life.book, "USDT", None)
    assert facts.cycle is not None
    assert facts.cycle["cycle_id"] == newest
    assert [(row["cycle_id"], row["at"], row["reason"]) for row in facts.decisions] == [
        (newest, moment_text(life.now), "under_min_move")
    ]
    told = explaining.cycle_facts(life.book, newest - 1)
    assert told is not None
    assert [row["coin"] for row in told.decisions] == ["ETH", "USDT"]


def test_an_older_cycle_is_explained_by_what_it_decided(life: Life) -> None:
    for hold in (KEPT, KEPT, FULL, FULL, KEPT):
        decided(life, hold)
    found = {}
    for upto in range(1, 7):
        facts = explaining.coin_facts(life.book, "USDT", upto)
        found[upto] = None if facts.cycle is None else facts.cycle["cycle_id"]
    assert found == {1: None, 2: 2, 3: 3, 4: 3, 5: 3, 6: 6}


def test_a_doubt_that_lasts_is_told_of_the_last_cycle_that_had_it(life: Life) -> None:
    doubted = replace(FULL, reason=Reason.QUARANTINED)
    decided(life, doubted)
    decided(life, doubted)
    decided(life, KEPT, FULL)
    facts = explaining.coin_facts(life.book, "ETH", None)
    assert [(row["cycle_id"], row["product_id"]) for row in facts.doubted] == [(3, "p-ETH")]
    life.later(days=8)
    decided(life, FULL)
    assert explaining.coin_facts(life.book, "ETH", None).doubted == []


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("INSERT INTO decision_again (cycle_id, same_as, at) SELECT 6, 2, '{now}'", "the newest"),
        ("INSERT INTO decision_again (cycle_id, same_as, at) SELECT 6, 3, '{now}'", "the newest"),
        ("INSERT INTO decision_again (cycle_id, same_as, at) SELECT 4, 4, '{now}'", "CHECK"),
        ("INSERT INTO decision_again (cycle_id, same_as, at) SELECT 9, 4, '{now}'", "FOREIGN KEY"),
        ("INSERT INTO decision_again (cycle_id, same_as, at) SELECT 6, 4, 'noon'", "CHECK"),
        (
            "INSERT INTO decision_again (cycle_id, same_as, at) SELECT 5, 4, '{now}'",
            "with this key",
        ),
        (INTO_CYCLE.format(4), "later cycles repeat"),
        (INTO_CYCLE.format(2), "later cycles repeat"),
    ],
    ids=["older", "repeat", "itself", "no-cycle", "no-time", "twice", "added", "added-before"],
)
def test_a_hand_can_not_make_a_repeat_say_what_was_not_decided(
    life: Life, by_hand: sqlite3.Connection, statement: str, refusal: str
) -> None:
    for hold in (KEPT, KEPT, FULL, FULL):
        decided(life, hold)
    life.next_cycle(minutes=5)
    with pytest.raises(sqlite3.IntegrityError, match=refusal):
        by_hand.execute(statement.format(now=moment_text(NOON)))


def test_what_moved_can_not_be_repeated_by_hand(life: Life, by_hand: sqlite3.Connection) -> None:
    decided(life, moves=[life.move()])
    life.next_cycle(minutes=5)
    with pytest.raises(sqlite3.IntegrityError, match="only the holds"):
        by_hand.execute(
            "INSERT INTO decision_again (cycle_id, same_as, at) VALUES (3, 2, ?)",
            (moment_text(NOON),),
        )


@pytest.mark.parametrize(
    "question",
    [
        "SELECT * FROM decision_log WHERE cycle_id = 5",
        (
            "SELECT * FROM decision_log WHERE cycle_id ="
            " (SELECT max(cycle_id) FROM cycle_log WHERE outcome = 'done')"
        ),
        (
            "SELECT coin, count(*) FROM decision_log WHERE cycle_id >"
            " (SELECT max(cycle_id) - 288 FROM cycle) GROUP BY coin"
        ),
    ],
    ids=["one", "newest", "a-day"],
)
def test_a_question_about_some_cycles_reads_these_only(
    life: Life, by_hand: sqlite3.Connection, question: str
) -> None:
    """R7."""
    assert life.book.path.exists()
    plan = [row[3] for row in by_hand.execute(f"EXPLAIN QUERY PLAN {question}")]
    assert [step for step in plan if step.startswith("SCAN") and step != "SCAN c"] == []
    assert any(step.startswith("SEARCH c USING INTEGER PRIMARY KEY") for step in plan), plan
    assert any("SEARCH d USING INDEX decision_by_cycle" in step for step in plan), plan


HOLDS = st.builds(
    Hold,
    coin=st.sampled_from([Coin("A"), Coin("B")]),
    reason=st.sampled_from([Reason.PAUSED, Reason.NOTHING_IDLE]),
    amount=st.none() | st.sampled_from([Decimal(1), Decimal("1.0"), Decimal(2)]),
    detail=st.sampled_from([{}, {"a": "1"}]),
)
BATCHES = st.lists(st.tuples(st.booleans(), st.lists(HOLDS, max_size=2)), max_size=3)


@settings(max_examples=60, deadline=None)
@given(cycles=st.lists(BATCHES, max_size=8), again=st.lists(st.integers(0, 3), max_size=8))
def test_the_log_shows_what_was_decided_whatever_was_repeated(
    cycles: list[list[tuple[bool, list[Hold]]]], again: list[int]
) -> None:
    told = [batches for batches, times in repeated_times(cycles, again) for _ in range(times)]
    with TemporaryDirectory() as folder:
        path = Path(folder).resolve() / "ledger.db"
        lay_empty(path, mode="live", account_label="main", at=NOON)
        with opened(path) as book:
            life = Life(book)
            expected: list[tuple[Any, ...]] = []
            for batches in told:
                life.next_cycle(minutes=5)
                for moving, holds in batches:
                    moves = [life.move()] if moving else []
                    book.record_decisions(life.cycle_id, life.now, moves, holds)
                    expected += [shown(life, move) for move in moves]
                    expected += [shown(life, hold) for hold in holds]
            listed = [
                tuple(row.values())
                for cycle_id in range(1, life.cycle_id + 1)
                for row in queries.decisions(book, cycle_id)
            ]
            assert listed == expected
            assert sorted(life.sql("SELECT * FROM decision_log"), key=repr) == sorted(
                expected, key=repr
            )


def repeated_times(
    cycles: Sequence[list[tuple[bool, list[Hold]]]], again: Sequence[int]
) -> list[tuple[list[tuple[bool, list[Hold]]], int]]:
    """Each cycle as often as is said; once where nothing is."""
    times = [*(1 + more for more in again), *[1] * len(cycles)]
    return list(zip(cycles, times, strict=False))


def shown(life: Life, one: Move | Hold) -> tuple[Any, ...]:
    """As a row of `decision_log`."""
    detail: Mapping[str, str] = one.detail
    return (
        int(life.cycle_id),
        moment_text(life.now),
        str(one.coin),
        str(one.verb) if isinstance(one, Move) else "hold",
        one.product_id,
        None if one.amount is None else format(one.amount.normalize(), "f"),
        str(one.reason),
        evidence_text(detail),
    )
