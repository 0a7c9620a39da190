"""What holdings rest on: records kept one by one, the sums of others, what is gone, a word."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnd.domain.action import State
from earnd.domain.answer import Outcome
from earnd.domain.attribution import AttributedTo, Attribution
from earnd.domain.ids import Coin, ProductId
from earnd.domain.snapshot import Record, RecordKind, RecordStatus
from earnd.domain.sums import Key, Opening, Sums, all_sums, sum_up, together
from earnd.errors import LedgerError
from earnd.ledger.openings import coin_of, grounds
from earnd.ledger.records import KEPT, Records
from tests.ledger.story import NOON, Life, a_look, opened
from tests.support.ledgers import lay_empty

DAY = timedelta(days=1)
USDT, PRODUCT = Coin("USDT"), ProductId("p-USDT")
WORD = Opening(PRODUCT, USDT, Decimal(500), "ann")


def written(life: Life, records: Sequence[Record]) -> None:
    """Records of any kinds; those that are nobody's are attributed."""
    for kind in RecordKind:
        mine = [record for record in records if record.kind is kind]
        life.book.record_history(life.cycle_id, life.now, kind, mine)
    owners = dict.fromkeys(RecordKind, AttributedTo.PERSON)
    owners[RecordKind.INTEREST] = AttributedTo.INTEREST
    life.book.attribute(
        life.cycle_id,
        life.now,
        [
            Attribution(seen.seq, owners[seen.record.kind])
            for seen in life.book.records()
            if seen.attributed_to is None
        ],
    )


def known(life: Life) -> dict[Key, Sums]:
    """The sums by the book that was open all the time, which a new one must agree with."""
    with life.book.reading() as connection:
        kept, before = Records().read(connection)
    here = all_sums(life.book.records(), life.book.beyond())
    assert here == together(before, sum_up(kept))
    return here


def interest(life: Life, count: int, *, age: timedelta, apart: timedelta = DAY) -> list[Record]:
    at = life.now - age
    return [life.record("0.1", kind="interest", at=at + n * apart) for n in range(count)]


def test_old_interest_is_kept_as_its_sum(life: Life) -> None:
    """R7."""
    written(life, interest(life, 400, age=399 * DAY))
    life.book.close()
    life.book = opened(life.book.path)
    assert len(life.book.records()) == KEPT // DAY + 1
    (before,) = life.book.beyond().before.values()
    assert before == Sums(interest=Decimal("27.9"))
    assert known(life) == {(USDT, PRODUCT): Sums(interest=Decimal(40))}


def test_what_has_become_old_goes_into_the_sum_while_the_book_is_open(life: Life) -> None:
    """R7."""
    written(life, interest(life, 100, age=99 * DAY))
    assert life.book.beyond().before == {}
    for _ in range(5):
        life.next_cycle(days=30)
        written(life, interest(life, 30, age=29 * DAY))
    assert len(life.book.records()) <= KEPT // DAY + 2
    assert known(life) == {(USDT, PRODUCT): Sums(interest=Decimal(25))}


def test_what_an_open_action_may_be_judged_by_is_kept_however_old_it_is(life: Life) -> None:
    """R7."""
    action = life.planned()
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    written(life, interest(life, 2, age=300 * DAY))
    written(life, interest(life, 2, age=2 * DAY))
    life.book.close()
    life.book = opened(life.book.path)
    assert [seen.seq for seen in life.book.records()] == [1, 2, 3, 4]
    life.enter(action, State.NEEDS_OPERATOR)
    life.book.resolve(action.action_id, State.REJECTED, life.now, because="lost", who="ann")
    life.next_cycle(days=1)
    assert len(life.book.records()) == 4, "and for some time after it is over"
    life.next_cycle(days=20)
    written(life, interest(life, 1, age=timedelta(0)))
    assert [seen.seq for seen in life.book.records()] == [3, 4, 5]
    assert known(life) == {(USDT, PRODUCT): Sums(interest=Decimal("0.5"))}


def test_a_record_that_says_more_after_it_was_summed_is_summed_anew(life: Life) -> None:
    """R7, X31."""
    old = life.record("100", at=life.now - 300 * DAY)
    written(life, [old, life.record("7")])
    life.book.close()
    life.book = opened(life.book.path)
    assert known(life) == {(USDT, PRODUCT): Sums(subscribed=Decimal(107))}
    assert len(life.book.records()) == 1
    cycle = life.book.begin_cycle(life.now, trigger="once")
    failed = replace(old, status=RecordStatus.FAILED)
    life.book.record_history(cycle, life.now, RecordKind.SUBSCRIBE, [failed])
    assert known(life) == {(USDT, PRODUCT): Sums(subscribed=Decimal(7))}


def test_a_clock_that_is_far_ahead_makes_no_record_old(life: Life) -> None:
    """R7: neither ours nor the exchange's alone."""
    written(life, [life.record("1", at=life.now - DAY)])
    life.later(days=3650)
    written(life, [life.record("2", at=NOON)])
    life.now = NOON
    written(life, [life.record("3", at=NOON + 3650 * DAY)])
    life.book.close()
    life.book = opened(life.book.path)
    assert len(life.book.records()) == 3


steps = st.lists(
    st.tuples(
        st.lists(
            st.tuples(
                st.sampled_from(list(RecordKind)),
                st.integers(0, 400),
                st.integers(1, 10**6),
                st.sampled_from([None, None, RecordStatus.DONE, RecordStatus.FAILED]),
            ),
            max_size=6,
        ),
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=8,
)


@given(steps=steps)
@settings(max_examples=25, deadline=None)
def test_a_book_that_goes_on_knows_what_a_new_one_does(
    steps: list[tuple[list[tuple[RecordKind, int, int, RecordStatus | None]], int]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """R7: whatever comes, however late, and however long it is open."""
    path = tmp_path_factory.mktemp("law") / "ledger.db"
    lay_empty(path, mode="live", account_label="main", at=NOON)
    with opened(path) as book:
        life = Life(book)
        subscribed, redeemed, paid = Decimal(0), Decimal(0), Decimal(0)
        for batch, days in steps:
            records = []
            for kind, age, cents, status in batch:
                amount = Decimal(cents).scaleb(-2)
                at = life.now - age * DAY
                records.append(life.record(str(amount), kind=kind, at=at, status=status))
                if status is not RecordStatus.FAILED:
                    subscribed += amount if kind is RecordKind.SUBSCRIBE else 0
                    redeemed += amount if kind is RecordKind.REDEEM else 0
                    paid += amount if kind is RecordKind.INTEREST else 0
            written(life, records)
            total = known(life).get((USDT, PRODUCT), Sums())
            assert (total.subscribed, total.redeemed, total.interest) == (
                subscribed,
                redeemed,
                paid,
            )
            life.next_cycle(days=days)


def test_a_record_is_gone_and_back_again_and_that_is_written_when_it_changes(
    life: Life, by_hand: sqlite3.Connection
) -> None:
    """X32, I31."""
    seq = life.seen(life.record("1"), life.record("2"))
    note = life.book.record_gone
    note(life.cycle_id, NOON, gone_now=[seq], back=[])
    (gone,) = life.book.beyond().gone
    assert (gone.seq, gone.record.amount, gone.since) == (seq, Decimal(2), NOON)
    with pytest.raises(LedgerError, match="when it changes only"):
        note(life.cycle_id, NOON, gone_now=[seq], back=[])
    note(life.cycle_id, NOON, gone_now=[], back=[seq])
    assert life.book.beyond().gone == ()
    with pytest.raises(LedgerError, match="when it changes only"):
        note(life.cycle_id, NOON, gone_now=[], back=[1])
    assert life.sql("SELECT record_seq, gone FROM record_gone") == [(seq, 1), (seq, 0)]
    by_hand.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError):
        by_hand.execute(
            "INSERT INTO record_gone VALUES (NULL, 99, 1, 1, '2026-11-22T12:00:00.000Z')"
        )


def test_a_word_about_the_past_is_given_once(life: Life) -> None:
    """X31."""
    life.book.open_with(NOON, WORD, because="the app shows it")
    assert life.book.beyond().openings == (WORD,)
    with pytest.raises(LedgerError):
        life.book.open_with(NOON, replace(WORD, amount=Decimal(1)), because="no")
    for word, because in (
        (replace(WORD, product_id=ProductId("2"), amount=Decimal(0)), "x"),
        (replace(WORD, product_id=ProductId("2"), who=""), "x"),
        (replace(WORD, product_id=ProductId("2")), ""),
    ):
        with pytest.raises(LedgerError):
            life.book.open_with(NOON, word, because=because)
    assert life.sql("SELECT who, product_id, coin, amount, because FROM opening") == [
        ("ann", "p-USDT", "USDT", "500", "the app shows it")
    ]


def test_what_a_word_is_held_against_is_what_the_last_look_showed(life: Life) -> None:
    """X31."""
    look = a_look(life.now)
    life.book.record_look(life.cycle_id, look)
    with life.book.reading() as connection:
        found = grounds(connection)
        coins = [coin_of(connection, product.product_id) for product in look.products]
        assert coin_of(connection, "nothing") is None
    assert found.positions == look.positions
    assert coins == [product.coin for product in look.products]
    assert found.totals is None


def test_records_dated_before_an_earlier_reading_are_late(life: Life) -> None:
    """X31, X17."""
    life.seen(life.record("1", at=life.now - DAY))
    began = life.now
    life.next_cycle(hours=2)
    life.seen(
        life.record("2", at=began - timedelta(minutes=1)),
        life.record("3", at=began + timedelta(minutes=1)),
    )
    assert life.sql("SELECT record_seq, at, missed_at, seen_at FROM record_lateness") == [
        (2, "2026-11-22T11:59:00.000Z", "2026-11-22T12:00:00.000Z", "2026-11-22T14:00:00.000Z")
    ]
