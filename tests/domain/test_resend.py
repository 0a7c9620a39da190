"""When a request may be sent again; each reason against it is enough."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from earnd.domain.action import Baseline, RecordedAction, State, Verb
from earnd.domain.attribution import AttributedTo, SeenRecord
from earnd.domain.resend import evidence_forbids, forbids_resend, longest_backoff
from earnd.domain.settling import Rules
from earnd.domain.snapshot import RecordKind
from earnd.domain.witnesses import Witnesses
from tests.support.world import NOON, action, dec, record

RULES = Rules(replay_window=timedelta(minutes=2))
LOST = action()
SECOND = timedelta(seconds=1)


def forbidden(
    lost: RecordedAction = LOST, *, now: datetime = NOON + SECOND, rules: Rules = RULES
) -> str:
    return forbids_resend(lost, now=now, rules=rules)


@pytest.mark.parametrize("outcome", [None, "unclear", "not_sent"])
@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_what_was_lost_a_moment_ago_may_be_sent_again(outcome: str | None, attempts: int) -> None:
    assert forbidden(replace(LOST, last_outcome=outcome, attempts=attempts)) == ""


@pytest.mark.parametrize("state", [state for state in State if state is not State.UNKNOWN])
def test_only_what_is_unknown_is_sent_again(state: State) -> None:
    assert forbidden(replace(LOST, state=state)) == f"it is {state.value}"


@pytest.mark.parametrize("outcome", ["yes", "seen", "refused", "not_executed"])
def test_after_an_answer_that_says_something_nothing_is_sent_again(outcome: str) -> None:
    assert forbidden(replace(LOST, last_outcome=outcome)) == f"the last answer was {outcome}"


def test_what_was_never_sent_is_not_sent_again() -> None:
    assert forbidden(replace(LOST, first_sent_at=None)) == "it was never sent"
    assert forbidden(replace(LOST, last_sent_at=None)) == "it was never sent"


@pytest.mark.parametrize("attempts", [4, 5])
def test_nothing_is_sent_a_fifth_time(attempts: int) -> None:
    assert forbidden(replace(LOST, attempts=attempts)) == f"it was sent {attempts} times"


@pytest.mark.parametrize(
    ("window", "age", "may"),
    [
        (timedelta(minutes=2), timedelta(0), True),
        (timedelta(minutes=2), timedelta(minutes=2) - SECOND, True),
        (timedelta(minutes=2), timedelta(minutes=2), False),
        (timedelta(minutes=2), -SECOND, False),
        (timedelta(0), timedelta(0), False),
        (timedelta(hours=1), timedelta(minutes=10) - SECOND, True),
        (timedelta(hours=1), timedelta(minutes=10), False),
    ],
)
def test_its_age_counts_from_the_first_sending_and_never_beyond_ten_minutes(
    window: timedelta, age: timedelta, may: bool
) -> None:
    rules = replace(RULES, replay_window=window)
    again = replace(LOST, attempts=2, last_sent_at=NOON + age)

    assert forbidden(again, now=NOON + age, rules=rules) == ("" if may else "it is too old")


def test_where_records_are_slow_their_absence_is_waited_for() -> None:
    slow = replace(RULES, slowest=timedelta(seconds=30))
    why = "records were known to be slower than this, so their absence says nothing"

    assert forbidden(now=NOON + 30 * SECOND, rules=slow) == ""
    assert forbidden(now=NOON + 29 * SECOND, rules=slow) == why
    later = replace(LOST, attempts=2, last_sent_at=NOON + 10 * SECOND)
    assert forbidden(later, now=NOON + 39 * SECOND, rules=slow) == why
    assert forbidden(later, now=NOON + 40 * SECOND, rules=slow) == ""


def test_each_wait_may_be_twice_as_long_as_the_one_before_up_to_a_minute() -> None:
    longest = [longest_backoff(attempts) / SECOND for attempts in range(1, 7)]
    assert longest == [4, 8, 16, 32, 60, 60]


def against(
    *records: SeenRecord,
    verb: Verb = Verb.SUBSCRIBE,
    available: str = "1000",
    before: str | None = "500",
    now: str | None = "500",
) -> str:
    lost = replace(
        action(verb=verb), baseline=Baseline(0, dec(1000), None if before is None else dec(before))
    )
    said = Witnesses(dec(available), None if now is None else dec(now), dec(0), dec(0))
    return evidence_forbids(lost, records, said)


def test_where_nothing_moved_nothing_speaks_against_it() -> None:
    assert against() == ""
    assert against(verb=Verb.REDEEM) == ""
    assert against(before=None) == against(now=None) == ""


def test_a_record_that_is_close_speaks_against_it_until_somebody_owns_it() -> None:
    assert against(record(1, "99.5")) == "a new record is close"
    assert against(record(1, "99.5", owner=AttributedTo.PERSON)) == ""
    assert against(record(1, "99.5", RecordKind.REDEEM)) == ""


@pytest.mark.parametrize(("before", "now"), [(None, "500"), ("500", None), (None, None)])
def test_a_redeem_without_a_total_is_not_sent_again(before: str | None, now: str | None) -> None:
    why = "only the wallet can be asked, and redeemed money may be on its way"

    assert against(verb=Verb.REDEEM, before=before, now=now) == why


def test_witnesses_that_disagree_speak_against_it() -> None:
    assert against(available="900") == "the wallet has 900 where 1000 was expected"
    assert against(now="600") == "the total is 600 where 500 was expected"
