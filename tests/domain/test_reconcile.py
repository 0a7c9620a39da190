from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from earnd.domain.action import State, Verb
from earnd.domain.attribution import AttributedTo, Attribution, SeenRecord
from earnd.domain.reconcile import Attributed, attribute, fresh_interest, moved_by_person
from earnd.domain.settling import LATE_WINDOW, Rules
from earnd.domain.snapshot import RecordKind, RecordStatus, SubscribeType
from tests.support.world import BTC, NOON, USDT, action, dec, record

OFF = action(state=State.REJECTED)
DOUBT = Rules().doubt


def owners(*records: SeenRecord, **actions: list[object]) -> Attributed:
    waiting = actions.get("waiting", [])
    over = actions.get("over", [])
    return attribute(records, waiting, over, doubt=DOUBT)  # type: ignore[arg-type]


def test_interest_auto_subscribes_and_a_persons_moves_are_told_apart() -> None:
    """X21, X22."""
    found = owners(
        record(1, "1", RecordKind.INTEREST),
        record(2, by=SubscribeType.AUTO),
        record(3, by=SubscribeType.NORMAL),
        record(4, kind=RecordKind.REDEEM),
        record(5, owner=AttributedTo.EARND),
    )

    assert found == Attributed(
        (
            Attribution(1, AttributedTo.INTEREST),
            Attribution(2, AttributedTo.AUTO_SUBSCRIBE),
            Attribution(3, AttributedTo.PERSON),
            Attribution(4, AttributedTo.PERSON),
        ),
        (),
    )


def test_what_an_open_action_may_still_claim_is_left_to_it() -> None:
    waiting = [action()]

    assert owners(record(), record(2, "101"), waiting=list(waiting)) == Attributed((), ())
    assert len(owners(record(2, "150"), record(3, number=9), waiting=list(waiting)).owners) == 2
    assert owners(record(number=1, amount="5"), waiting=list(waiting)) == Attributed((), ())


def test_a_record_of_a_written_off_action_makes_it_late() -> None:
    """H28."""
    assert owners(record(), over=[OFF]).late == ((OFF, 1),)
    assert owners(record(number=1, minutes=600), over=[OFF]).late == ((OFF, 1),)


def test_two_identical_records_make_one_late_and_leave_one_to_a_person() -> None:
    """X19."""
    found = owners(record(1), record(2), over=[OFF])

    assert found.late == ((OFF, 1),)
    assert found.owners == (Attribution(2, AttributedTo.PERSON),)


def test_a_record_long_after_the_sending_is_a_persons() -> None:
    minutes = int((LATE_WINDOW + DOUBT) / timedelta(minutes=1))

    assert owners(record(minutes=minutes), over=[OFF]).late
    assert not owners(record(minutes=minutes + 1), over=[OFF]).late


def test_what_was_never_sent_is_never_late() -> None:
    never = action(state=State.DROPPED, sent_at=None)

    assert not owners(record(), over=[never]).late


def test_a_failed_record_with_its_number_does_not_make_a_rejected_action_late() -> None:
    """X41: rejected because of this very record; nothing moved, and no person did anything."""
    failed = record(number=1, status=RecordStatus.FAILED)

    assert owners(failed, over=[OFF]) == Attributed((), ())


def test_its_number_on_something_else_stays_unexplained() -> None:
    assert owners(record(number=1, amount="7"), over=[OFF]) == Attributed((), ())


def test_a_late_redeem_is_found_among_redeems() -> None:
    redeem = action(verb=Verb.REDEEM, state=State.REJECTED)

    assert owners(record(kind=RecordKind.REDEEM), over=[redeem]).late == ((redeem, 1),)
    assert not owners(record(), over=[redeem]).late


def test_a_redeem_that_was_refused_is_not_found_in_a_persons_own() -> None:
    """Who redeems everything by hand after a refusal asks for the same amount."""
    refused = action(verb=Verb.REDEEM, state=State.REJECTED, last_outcome="refused")
    by_hand = record(kind=RecordKind.REDEEM, minutes=2)

    assert owners(by_hand, over=[refused]).owners == (Attribution(1, AttributedTo.PERSON),)
    assert owners(record(kind=RecordKind.REDEEM, number=1), over=[refused]).late
    resent = replace(refused, attempts=2)
    assert owners(by_hand, over=[resent]).late == ((resent, 1),)
    by_a_second_delivery = record(kind=RecordKind.REDEEM, minutes=1)
    assert owners(by_a_second_delivery, over=[refused]).late == ((refused, 1),), "H27"
    subscribe = action(state=State.REJECTED, last_outcome="refused")
    assert owners(record(), over=[subscribe]).late == ((subscribe, 1),)


def test_where_records_carry_numbers_one_without_makes_nothing_late() -> None:
    found = owners(record(1, "5", number=9), record(2), over=[OFF])

    assert found.late == ()
    assert Attribution(2, AttributedTo.PERSON) in found.owners


def test_fresh_interest_is_what_came_after_the_last_subscribe_of_the_coin() -> None:
    interest = RecordKind.INTEREST
    records = [
        record(1, "1", interest, 0),
        record(2, "50", minutes=10),
        record(3, "2", interest, 10),
        record(4, "3", interest, 20),
        record(5, "4", interest, 30),
        record(6, "5", interest, 0, coin=BTC),
        record(7, "50", minutes=60, status=RecordStatus.FAILED),
    ]

    assert fresh_interest(records) == {USDT: dec(7), BTC: dec(5)}
    assert fresh_interest([]) == {}


def test_what_is_strange_does_not_keep_the_records_after_it_from_their_owners() -> None:
    strange, next_one = record(1, "7", number=1), record(2, "1", RecordKind.INTEREST)

    assert owners(strange, next_one, over=[OFF]).owners == (Attribution(2, AttributedTo.INTEREST),)


def test_the_last_subscribe_is_the_latest_in_time_and_not_in_the_list() -> None:
    records = [
        record(1, "50", minutes=30),
        record(2, "50", minutes=10),
        record(3, "2", RecordKind.INTEREST, 20),
        record(4, "3", RecordKind.INTEREST, 40),
    ]

    assert fresh_interest(records) == {USDT: dec(3)}


def test_a_person_moved_money_when_the_latest_record_of_theirs_says() -> None:
    person = AttributedTo.PERSON
    records = [
        record(1, minutes=40, owner=person),
        record(2, kind=RecordKind.REDEEM, minutes=30, owner=person),
        record(3, minutes=50, owner=AttributedTo.EARND),
        record(4, minutes=51, owner=AttributedTo.AUTO_SUBSCRIBE, by=SubscribeType.AUTO),
        record(5, "1", RecordKind.INTEREST, 52, owner=AttributedTo.INTEREST),
        record(6, minutes=53, owner=person, status=RecordStatus.FAILED),
        record(7, minutes=54),
        record(8, kind=RecordKind.REDEEM, minutes=20, coin=BTC, owner=person),
    ]

    assert moved_by_person(records) == {
        USDT: NOON + timedelta(minutes=40),
        BTC: NOON + timedelta(minutes=20),
    }
    assert moved_by_person([]) == {}
