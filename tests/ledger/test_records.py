"""The exchange's history as the ledger keeps it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from earnd.domain.action import State
from earnd.domain.answer import Outcome
from earnd.domain.attribution import AttributedTo, Attribution
from earnd.domain.ids import Coin, ProductId, RequestNo
from earnd.domain.snapshot import RecordKind, RecordStatus, SubscribeType
from earnd.errors import IllegalTransition, LedgerError, SurprisingReply
from tests.ledger.story import NOON, Life


def test_a_record_is_written_once_however_often_it_is_seen(life: Life) -> None:
    records = [life.record("1"), life.record("2")]
    assert life.book.record_history(life.cycle_id, NOON, RecordKind.SUBSCRIBE, records) == 2
    more = [*records, life.record("3")]
    assert life.book.record_history(life.cycle_id, NOON, RecordKind.SUBSCRIBE, more) == 1
    assert [seen.record for seen in life.book.records()] == more
    assert [seen.seq for seen in life.book.records()] == [1, 2, 3]
    assert life.book.known_upto() == 3


def test_an_empty_ledger_knows_no_records(life: Life) -> None:
    assert life.book.known_upto() == 0
    assert life.book.records() == ()
    assert life.book.watermark(RecordKind.REDEEM) is None


def test_the_watermark_is_the_newest_time_of_its_kind(life: Life) -> None:
    late = NOON + timedelta(hours=1)
    life.seen(life.record(at=late), life.record(at=NOON), life.record(kind="redeem"))
    assert life.book.watermark(RecordKind.SUBSCRIBE) == late
    assert life.book.watermark(RecordKind.REDEEM) == NOON


def test_the_same_id_in_another_list_is_another_record(life: Life) -> None:
    life.seen(life.record(record_id="7"), life.record(record_id="7", kind="redeem"))
    assert life.book.known_upto() == 2


CHANGES: list[dict[str, Any]] = [
    {"product_id": ProductId("p-2")},
    {"coin": Coin("BTC")},
    {"amount": Decimal("100.6")},
    {"at": NOON + timedelta(milliseconds=1)},
    {"subscribe_type": SubscribeType.AUTO},
    {"request_no": RequestNo("12345678000000000009")},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_a_record_that_changed_is_surprising_and_nothing_is_written(
    life: Life, change: dict[str, Any]
) -> None:
    """X39."""
    known = life.record(
        subscribe_type=SubscribeType.NORMAL, request_no=RequestNo("12345678000000000001")
    )
    life.seen(known)
    batch = [life.record("5"), replace(known, **change)]
    with pytest.raises(SurprisingReply, match=next(iter(change))):
        life.book.record_history(life.cycle_id, NOON, RecordKind.SUBSCRIBE, batch)
    assert [seen.record for seen in life.book.records()] == [known]


def test_a_record_may_say_more_later_and_its_status_may_change(life: Life) -> None:
    known = life.record()
    pending = replace(known, status=RecordStatus.PENDING, request_no=RequestNo("1" * 20))
    done = replace(pending, status=RecordStatus.DONE, subscribe_type=SubscribeType.NORMAL)
    for version in (known, pending, pending, done, known):
        life.seen(version)
    assert [seen.record for seen in life.book.records()] == [done]
    assert life.sql("SELECT status, request_no FROM record_seen") == [(None, None)]
    assert life.sql("SELECT status, request_no, subscribe_type FROM record_status_seen") == [
        ("pending", "1" * 20, None),
        ("done", None, "NORMAL"),
    ]


def test_the_same_amount_written_otherwise_is_the_same(life: Life) -> None:
    """N16."""
    known = life.record("100.50")
    life.seen(known, replace(known, amount=Decimal("1.005E+2")))
    assert life.book.known_upto() == 1


def test_a_record_in_the_wrong_list_is_surprising(life: Life) -> None:
    with pytest.raises(SurprisingReply, match="a redeem record in a list of subscribe records"):
        life.book.record_history(
            life.cycle_id, NOON, RecordKind.SUBSCRIBE, [life.record(kind="redeem")]
        )


def test_records_are_attributed_once(life: Life) -> None:
    """X20."""
    seq = life.seen(life.record("1", kind="interest"), life.record("2"))
    said = [
        Attribution(seq - 1, AttributedTo.INTEREST),
        Attribution(seq, AttributedTo.PERSON),
    ]
    life.book.attribute(life.cycle_id, NOON, said)
    owners = [seen.attributed_to for seen in life.book.records()]
    assert owners == [AttributedTo.INTEREST, AttributedTo.PERSON]
    with pytest.raises(LedgerError, match="has a row with this key"):
        life.book.attribute(life.cycle_id, NOON, [Attribution(seq, AttributedTo.PERSON)])


@pytest.mark.parametrize(
    ("kind", "owner"), [("interest", AttributedTo.PERSON), ("subscribe", AttributedTo.INTEREST)]
)
def test_interest_is_interest_and_nothing_else_is(
    life: Life, kind: str, owner: AttributedTo
) -> None:
    seq = life.seen(life.record(kind=kind))
    with pytest.raises(LedgerError, match="interest records, and only they, are interest"):
        life.book.attribute(life.cycle_id, NOON, [Attribution(seq, owner)])


def test_an_auto_record_never_belongs_to_an_action_even_if_told_so_later(life: Life) -> None:
    """X21."""
    action = life.planned()
    life.answered(action, State.ACCEPTED)
    known = life.record()
    seq = life.seen(known, replace(known, subscribe_type=SubscribeType.AUTO))
    with pytest.raises(IllegalTransition, match="not what the action asked for"):
        life.enter(action, State.SETTLED, record_seq=seq)


def test_a_record_belongs_to_an_action_only_once_that_is_settled(life: Life) -> None:
    action = life.planned()
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    seq = life.seen(life.record())
    ours = [Attribution(seq, AttributedTo.EARND, action.action_id)]
    with pytest.raises(IllegalTransition, match="which is not settled"):
        life.book.attribute(life.cycle_id, NOON, ours)
    life.enter(action, State.NEEDS_OPERATOR)
    life.book.resolve(action.action_id, State.SETTLED, NOON, because="seen", who="ann")
    life.book.attribute(life.cycle_id, NOON, ours)
    assert life.sql("SELECT record_seq, action_id FROM attribution") == [(seq, action.action_id)]


def test_what_is_remembered_of_the_records_is_what_is_written(life: Life) -> None:
    """They are read again after every change there is, and not without one."""
    first = life.record("1")
    life.book.record_history(life.cycle_id, NOON, RecordKind.SUBSCRIBE, [first])
    before = life.book.records()
    assert life.book.records() is before

    attributed = [Attribution(1, AttributedTo.PERSON)]
    life.book.attribute(life.cycle_id, NOON, attributed)
    assert [seen.attributed_to for seen in life.book.records()] == [AttributedTo.PERSON]

    told = replace(first, status=RecordStatus.DONE)
    second = life.record("2")
    life.book.record_history(life.cycle_id, NOON, RecordKind.SUBSCRIBE, [told, second])
    assert [seen.record for seen in life.book.records()] == [told, second]


def test_more_records_than_one_question_takes_are_known_again(life: Life) -> None:
    many = [life.record(str(number)) for number in range(1, 1203)]
    write = life.book.record_history
    assert write(life.cycle_id, NOON, RecordKind.SUBSCRIBE, many) == 1202
    assert write(life.cycle_id, NOON, RecordKind.SUBSCRIBE, many) == 0
    changed = [*many[:-1], replace(many[-1], amount=Decimal("77.7"))]
    with pytest.raises(SurprisingReply, match="record r1202 changed its amount"):
        write(life.cycle_id, NOON, RecordKind.SUBSCRIBE, changed)
