from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from earnd.domain.action import Baseline, RecordedAction, State, Verb
from earnd.domain.attribution import AttributedTo, SeenRecord
from earnd.domain.settling import LOOKS_APART, UNSEEN_TRANSIT, Conclusion, Rules, judge
from earnd.domain.snapshot import RecordKind, RecordStatus, SubscribeType
from earnd.domain.witnesses import Witnesses, witnesses_for
from tests.support.world import BTC, NOON, action, dec, record

RULES = Rules()
SOON = NOON + timedelta(minutes=1)
LATER = NOON + RULES.patience
ASKED_AGAIN = NOON + 2 * RULES.patience
AGREE = Witnesses(dec(1000), None, dec(0), dec(0))


def conclude(
    of: RecordedAction,
    *records: SeenRecord,
    now: datetime = SOON,
    witnesses: Witnesses | None = None,
) -> Conclusion:
    return judge(of, records, now=now, rules=RULES, witnesses=witnesses)


def twice_absent(**more: str) -> RecordedAction:
    return action(absent_looks=(SOON,), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [State.UNKNOWN, State.ACCEPTED, State.NEEDS_OPERATOR])
def test_exactly_one_new_record_that_fits_settles(state: State) -> None:
    found = conclude(action(state=state), record(7))

    assert found.to is State.SETTLED
    assert found.record_seq == 7


def test_a_redeem_is_settled_by_a_record_of_the_redeem_list() -> None:
    redeem = action(verb=Verb.REDEEM)

    assert conclude(redeem, record(1, kind=RecordKind.REDEEM)).to is State.SETTLED
    assert conclude(redeem, record(1)).to is State.UNKNOWN


def test_two_records_that_fit_are_for_a_person() -> None:
    """X19."""
    found = conclude(action(), record(1), record(2))

    assert found.to is State.NEEDS_OPERATOR
    assert "r1, r2" in found.why


@pytest.mark.parametrize(
    "seen",
    [
        record(by=SubscribeType.AUTO),
        record(kind=RecordKind.REDEEM),
        record(kind=RecordKind.INTEREST),
        record(product_id="2"),
        record(coin=BTC),
        record(amount="100.00000001"),
        record(amount="99"),
        record(minutes=-2),
        record(minutes=3),
        record(owner=AttributedTo.PERSON),
        record(status=RecordStatus.FAILED),
        record(number=2),
    ],
    ids=lambda seen: f"{seen.record.kind}-{seen.record.amount}-{seen.record.at:%H:%M}",
)
def test_a_record_that_differs_settles_nothing(seen: SeenRecord) -> None:
    """X20."""
    assert conclude(action(), seen) == Conclusion(State.UNKNOWN, "no record yet", absent=True)


def test_a_record_that_was_known_before_settles_nothing() -> None:
    """X20."""
    assert conclude(action(known_upto=5), record(5)).to is State.UNKNOWN
    assert conclude(action(known_upto=5), record(6)).to is State.SETTLED


def test_the_clocks_may_differ_by_their_doubt() -> None:
    """X33, K6, K8."""
    sent_at = NOON + timedelta(seconds=60)

    assert conclude(action(sent_at=sent_at), record(minutes=0)).to is State.SETTLED
    assert conclude(action(), record(minutes=2)).to is State.SETTLED


def test_what_was_never_sent_is_settled_by_nothing() -> None:
    assert conclude(action(sent_at=None), record()).to is State.UNKNOWN


def test_a_record_that_is_not_final_proves_nothing_and_is_for_a_person_in_the_end() -> None:
    """X41."""
    for number in (1, None):
        for status in (RecordStatus.PENDING, RecordStatus.UNCLEAR):
            seen = record(status=status, number=number)
            waiting = conclude(action(), seen)
            assert waiting.to is State.UNKNOWN
            assert not waiting.absent
            assert conclude(action(), seen, now=LATER).to is State.NEEDS_OPERATOR


@pytest.mark.parametrize("status", [None, RecordStatus.DONE])
def test_its_own_number_settles_whatever_else_there_is(status: RecordStatus | None) -> None:
    """X19."""
    found = conclude(action(), record(1), record(2), record(3, number=1, status=status))

    assert (found.to, found.record_seq) == (State.SETTLED, 3)


def test_a_failed_record_with_its_number_rejects_unless_the_exchange_said_yes() -> None:
    """X41."""
    failed = record(number=1, status=RecordStatus.FAILED)

    assert conclude(action(), failed).to is State.REJECTED
    assert conclude(action(state=State.NEEDS_OPERATOR), failed).to is State.REJECTED
    assert conclude(action(state=State.ACCEPTED), failed).to is State.NEEDS_OPERATOR


@pytest.mark.parametrize(
    "seen",
    [
        record(number=1, amount="99"),
        record(number=1, product_id="2"),
        record(number=1, coin=BTC),
        record(number=1, kind=RecordKind.REDEEM),
        record(number=1, by=SubscribeType.AUTO),
        record(number=1, owner=AttributedTo.PERSON),
    ],
)
def test_its_number_on_something_else_is_for_a_person(seen: SeenRecord) -> None:
    assert conclude(action(), seen).to is State.NEEDS_OPERATOR
    kept = conclude(action(state=State.NEEDS_OPERATOR), seen)
    assert kept.to is State.NEEDS_OPERATOR


def test_its_number_on_two_records_is_for_a_person() -> None:
    assert conclude(action(), record(1, number=1), record(2, number=1)).to is State.NEEDS_OPERATOR


def test_before_patience_is_over_an_absence_means_nothing() -> None:
    """X17."""
    just_before = LATER - timedelta(milliseconds=1)

    for state in (State.UNKNOWN, State.ACCEPTED):
        waiting = action(state=state, last_outcome="seen", absent_looks=(SOON,))
        found = conclude(waiting, now=just_before, witnesses=AGREE)
        assert (found.to, found.absent) == (state, True)
        assert not found.wants_witnesses


def test_a_yes_without_a_record_is_for_a_person_after_a_second_look() -> None:
    once = conclude(action(state=State.ACCEPTED), now=LATER, witnesses=AGREE)
    twice = action(state=State.ACCEPTED, absent_looks=(SOON,))

    assert (once.to, once.absent) == (State.ACCEPTED, True)
    assert conclude(twice, now=LATER, witnesses=AGREE).to is State.NEEDS_OPERATOR


@pytest.mark.parametrize("state", [State.UNKNOWN, State.ACCEPTED])
def test_on_a_clock_that_is_not_proven_an_absence_means_nothing(state: State) -> None:
    """K3, I33: after a jump ahead everything looks old."""
    waiting = action(state=state, absent_looks=(SOON,))
    late = NOON + timedelta(days=400)

    found = judge(waiting, [], now=late, rules=RULES, witnesses=AGREE, is_clock_trusted=False)

    assert (found.to, found.absent, found.wants_witnesses) == (state, False, False)
    pending = [record(number=1, status=RecordStatus.PENDING)]
    kept = judge(waiting, pending, now=late, rules=RULES, is_clock_trusted=False)
    assert kept.to is state
    proof = judge(waiting, [record()], now=SOON, rules=RULES, is_clock_trusted=False)
    assert proof.to is State.SETTLED, "what is there is there, whatever the time"


def test_a_number_that_is_known_over_there_without_a_record_is_for_a_person() -> None:
    """X3."""
    seen = action(last_outcome="seen", absent_looks=(SOON,))

    found = conclude(seen, now=LATER, witnesses=AGREE)

    assert found.to is State.NEEDS_OPERATOR
    assert "80013" in found.why


def test_one_look_is_not_enough_to_write_off() -> None:
    """H29, X17."""
    found = conclude(action(), now=LATER, witnesses=AGREE)

    assert (found.to, found.absent) == (State.UNKNOWN, True)


def test_two_looks_close_together_are_one() -> None:
    """H29, X17."""
    close = action(absent_looks=(LATER - LOOKS_APART + timedelta(seconds=1),))

    assert conclude(close, now=LATER, witnesses=AGREE).to is State.UNKNOWN
    apart = action(absent_looks=(LATER - LOOKS_APART,))
    assert conclude(apart, now=LATER, witnesses=AGREE).to is State.REJECTED


def test_looks_before_the_last_sending_do_not_count() -> None:
    early = action(absent_looks=(NOON - timedelta(hours=1),))

    assert conclude(early, now=LATER, witnesses=AGREE).to is State.UNKNOWN


def test_witnesses_are_asked_before_anything_is_written_off() -> None:
    found = conclude(twice_absent(), now=LATER)

    assert found.to is State.UNKNOWN
    assert found.wants_witnesses


def test_what_nobody_saw_is_written_off_with_what_was_compared() -> None:
    found = conclude(
        twice_absent(total="500"),
        now=LATER,
        witnesses=Witnesses(dec(1030), dec(470), dec(30), dec(-30)),
    )

    assert found.to is State.REJECTED
    assert found.evidence["wallet_expected"] == "1030"
    assert found.evidence["wallet_seen"] == "1030"
    assert found.evidence["total_expected"] == "470"
    assert NOON.date().isoformat() in found.evidence["absent_looks"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Witnesses(dec(900), dec(500), dec(0), dec(0)), "the wallet has 900 where 1000"),
        (Witnesses(dec(900), dec(600), dec(0), dec(0)), "expected and the total is 600"),
        (Witnesses(dec(950), dec(600), dec(0), dec(0)), "the wallet has 950 where 1000"),
        (Witnesses(dec(1000), dec(600), dec(0), dec(0)), "the total is 600 where 500"),
        (Witnesses(dec(1000), dec(600), dec(-100), dec(0)), "where 900 was expected"),
    ],
)
def test_witnesses_that_still_disagree_when_asked_again_call_a_person(
    said: Witnesses, why: str
) -> None:
    early = conclude(twice_absent(total="500"), now=LATER, witnesses=said)
    found = conclude(twice_absent(total="500"), now=ASKED_AGAIN, witnesses=said)

    assert (early.to, early.absent) == (State.UNKNOWN, True)
    assert why in early.why
    assert found.to is State.NEEDS_OPERATOR
    assert why in found.why
    assert found.evidence["wallet_seen"]


def test_a_wallet_that_others_moved_does_not_speak_against_a_total_that_is_as_it_was() -> None:
    """A deposit or a withdrawal in between; the action's own amount would be no coincidence."""
    deposit = Witnesses(dec(1050), dec(500), dec(0), dec(0))

    assert conclude(twice_absent(total="500"), now=LATER, witnesses=deposit).to is State.UNKNOWN
    found = conclude(twice_absent(total="500"), now=ASKED_AGAIN, witnesses=deposit)
    assert found.to is State.REJECTED
    assert found.evidence["total_seen"] == "500"
    no_total = conclude(twice_absent(), now=ASKED_AGAIN, witnesses=deposit)
    assert no_total.to is State.NEEDS_OPERATOR


def test_a_redeem_of_which_only_the_wallet_can_tell_is_waited_for_a_day() -> None:
    """Its money may be on its way, and then an unchanged wallet says nothing."""
    redeem = action(verb=Verb.REDEEM, absent_looks=(SOON,))
    day = NOON + UNSEEN_TRANSIT

    soon = conclude(redeem, now=day - timedelta(seconds=1), witnesses=AGREE)
    assert (soon.to, soon.absent) == (State.UNKNOWN, True)
    assert conclude(redeem, now=day, witnesses=AGREE).to is State.REJECTED
    with_total = replace(redeem, baseline=Baseline(0, dec(1000), dec(500)))
    both = Witnesses(dec(1000), dec(500), dec(0), dec(0))
    assert conclude(with_total, now=LATER, witnesses=both).to is State.REJECTED
    gone_by_now = Witnesses(dec(1000), None, dec(0), dec(0))
    assert conclude(with_total, now=LATER, witnesses=gone_by_now).to is State.UNKNOWN
    assert conclude(with_total, now=day, witnesses=gone_by_now).to is State.REJECTED


def test_patience_is_five_times_the_slowest_record_ever_seen_up_to_a_day() -> None:
    def patience(minutes: int) -> timedelta:
        return replace(RULES, slowest=timedelta(minutes=minutes)).waits

    assert patience(0) == patience(6) == timedelta(minutes=30)
    assert patience(7) == timedelta(minutes=35)
    assert patience(600) == timedelta(hours=24)
    waiting = twice_absent()
    slow = replace(RULES, slowest=timedelta(minutes=20))
    hour = NOON + timedelta(hours=1)
    assert judge(waiting, [], now=hour, rules=RULES, witnesses=AGREE).to is State.REJECTED
    assert judge(waiting, [], now=hour, rules=slow, witnesses=AGREE).to is State.UNKNOWN


def test_where_records_carry_numbers_one_without_proves_nothing() -> None:
    """A forced redemption by the exchange, of the same amount, is not ours."""
    redeem = action(verb=Verb.REDEEM, total="500", absent_looks=(SOON,))
    forced = record(2, kind=RecordKind.REDEEM)
    numbered = record(1, "7", RecordKind.REDEEM, number=9)
    other_kind = record(1, "7", RecordKind.SUBSCRIBE, number=9)

    assert conclude(redeem, numbered, forced).to is State.UNKNOWN
    assert conclude(redeem, other_kind, forced).to is State.SETTLED
    assert conclude(redeem, numbered, forced, now=LATER).to is State.NEEDS_OPERATOR


def test_a_total_that_is_not_given_on_both_sides_is_no_witness() -> None:
    unknown_before = Witnesses(dec(1000), dec(600), dec(0), dec(0))

    assert conclude(twice_absent(), now=LATER, witnesses=unknown_before).to is State.REJECTED
    assert conclude(twice_absent(total="500"), now=LATER, witnesses=AGREE).to is State.REJECTED


@pytest.mark.parametrize("amount", ["101", "99", "99.99999999"])
def test_a_near_miss_is_for_a_person(amount: str) -> None:
    """X28."""
    near = record(amount=amount)

    assert conclude(twice_absent(), near, now=LATER, witnesses=AGREE).to is State.NEEDS_OPERATOR
    assert conclude(twice_absent(), near).to is State.UNKNOWN


@pytest.mark.parametrize(
    "seen",
    [
        record(amount="101.00000001"),
        record(amount="99", owner=AttributedTo.PERSON),
        record(amount="99", product_id="2"),
        record(amount="99", number=2),
    ],
)
def test_what_is_far_or_somebody_elses_is_no_near_miss(seen: SeenRecord) -> None:
    assert conclude(twice_absent(), seen, now=LATER, witnesses=AGREE).to is State.REJECTED


def test_a_near_miss_of_the_longest_amounts_is_not_rounded_away() -> None:
    """X28."""
    long = "10000000000000000000.000000000000000001"
    edge = "10100000000000000000.000000000000000002"

    found = conclude(twice_absent(amount=long), record(amount=edge), now=LATER, witnesses=AGREE)

    assert found.to is State.REJECTED


def test_what_is_with_a_person_stays_there_until_a_record_appears() -> None:
    open_action = action(state=State.NEEDS_OPERATOR, absent_looks=(SOON,))

    assert conclude(open_action, now=LATER, witnesses=AGREE).to is State.NEEDS_OPERATOR
    assert conclude(open_action, record(), record(2), now=LATER).to is State.NEEDS_OPERATOR
    assert conclude(open_action, record(), now=LATER).to is State.SETTLED


def test_witnesses_say_what_the_other_records_did_since() -> None:
    """
    known   subscribe 1000, before the action
    since   subscribe 10, redeem 5, interest 1; a failed one, and one of another coin
    """
    seen = [
        record(1, "1000"),
        record(2, "10"),
        record(3, "5", RecordKind.REDEEM),
        record(4, "1", RecordKind.INTEREST),
        record(5, "70", status=RecordStatus.FAILED),
        record(6, "70", coin=BTC),
    ]
    asked = action(known_upto=1)

    wallet = witnesses_for(
        asked, seen, available=dec(7), total_now=dec(8), interest_into_wallet=True
    )
    compound = witnesses_for(
        asked, seen, available=dec(7), total_now=None, interest_into_wallet=False
    )

    assert wallet == Witnesses(dec(7), dec(8), dec(-4), dec(5))
    assert compound == Witnesses(dec(7), None, dec(-5), dec(6))


def test_the_testimony_of_the_longest_amounts_is_not_rounded() -> None:
    long = "12345678901234567890.123456789012345678"
    seen = [record(1, long), record(2, long, RecordKind.REDEEM)]

    said = witnesses_for(
        action(), seen, available=dec(0), total_now=None, interest_into_wallet=True
    )

    assert said.wallet_effect == 0
    assert said.total_effect == 0


@pytest.mark.parametrize("minutes", [-90, -2, 90])
def test_with_an_unclaimed_equal_record_about_nothing_is_written_off_whatever_its_date(
    minutes: int,
) -> None:
    """K8: The exchange may date its records by another clock than the one it shows."""
    odd = record(minutes=minutes)

    found = conclude(twice_absent(), odd, now=LATER, witnesses=AGREE)

    assert found.to in (State.NEEDS_OPERATOR, State.SETTLED)
    assert found.to is State.NEEDS_OPERATOR or minutes == 90
