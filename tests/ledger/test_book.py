"""What the cycle tells the book, and what the book says back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from earnd.domain.action import TRANSITIONS, Baseline, State, Verb
from earnd.domain.answer import Consequence, Outcome
from earnd.domain.attribution import AttributedTo
from earnd.domain.history import PastRefusal, SentAmount
from earnd.domain.ids import ActionId, Coin, CycleId, ProductId
from earnd.domain.plan import Hold
from earnd.domain.reason import Reason
from earnd.errors import IllegalTransition, LedgerError
from earnd.ledger.book import Book
from tests.ledger.story import NOON, Life

if TYPE_CHECKING:
    from earnd.ports import Ledger

    def the_book_is_the_ledger_of_the_port(book: Book) -> Ledger:
        return book


def test_an_action_is_planned_sent_accepted_and_settled(life: Life) -> None:
    action = life.planned()
    assert action.state is State.PLANNED
    assert action.request_no == "12345678000000000001"
    assert action.attempts == 0
    attempt = life.sending(action)
    assert attempt == 1
    life.later(seconds=1)
    answer = life.answer(code=1000, http_status=200, trace="abc")
    life.book.end_attempt(action.action_id, attempt, answer, State.ACCEPTED)
    seq = life.seen(life.record())
    life.enter(action, State.SETTLED, record_seq=seq)
    assert life.book.open_actions() == ()
    assert life.sql("SELECT to_state FROM event_log ORDER BY seq") == [
        ("planned",),
        ("sending",),
        ("accepted",),
        ("settled",),
    ]
    owners = life.sql("SELECT attributed_to, action_id, record_id FROM movement")
    assert owners == [("earnd", 1, "r1")]
    (owned,) = life.book.records()
    assert owned.attributed_to is AttributedTo.EARND


def test_an_open_action_comes_back_with_all_that_settling_needs(life: Life) -> None:
    action = life.planned("0.000000000000000001", verb=Verb.REDEEM)
    first = life.later(seconds=1)
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    looked = life.later(minutes=1)
    life.book.record_absent_look(action.action_id, life.cycle_id, looked)
    second = life.later(minutes=1)
    life.answered(action, State.UNKNOWN, Outcome.SEEN, code=80013)
    (back,) = life.book.open_actions()
    assert back.amount == Decimal("1E-18")
    assert (back.earn_id, back.verb) == ("e-USDT", Verb.REDEEM)
    assert (back.attempts, back.last_outcome) == (2, "seen")
    assert (back.first_sent_at, back.last_sent_at) == (first, second)
    assert back.absent_looks == (looked,)
    assert back.baseline.available == Decimal(1000)
    assert back.baseline.total is None
    assert back.state is State.UNKNOWN
    assert back.since == second
    assert back.planned_at == NOON


def test_a_baseline_comes_back_as_it_was_given(life: Life) -> None:
    life.seen(life.record("7", coin="BTC"))
    baseline = Baseline(1, Decimal("0.1"), Decimal("99999999999999999999.999999999999999999"))
    action = life.book.plan_action(life.cycle_id, life.now, life.move(), baseline)
    assert action.baseline == baseline
    assert life.book.open_actions() == (action,)


def test_numbers_continue_where_an_earlier_run_ended(open_book: Callable[..., Book]) -> None:
    """X35."""
    first = Life(open_book())
    first.settled()
    first.book.close()
    second = Life(open_book(prefix="87654321"))
    assert second.planned().request_no == "87654321000000000002"


def test_one_coin_has_one_open_action(life: Life) -> None:
    """T7."""
    first = life.planned()
    with pytest.raises(IllegalTransition, match="this coin has an open action"):
        life.planned("7")
    assert [action.action_id for action in life.book.open_actions()] == [first.action_id]
    life.planned(coin="BTC")
    life.enter(first, State.DROPPED)
    assert life.planned("7").action_id == 3


def test_every_step_that_the_table_does_not_know_is_refused_and_writes_nothing(
    life: Life,
) -> None:
    action = life.planned()
    for state in set(State) - TRANSITIONS[State.PLANNED]:
        before = life.sql("SELECT * FROM action_event")
        with pytest.raises(IllegalTransition):
            life.enter(action, state)
        assert life.sql("SELECT * FROM action_event") == before


def test_an_action_is_sent_only_when_planned_or_unknown(life: Life) -> None:
    """X5."""
    action = life.planned()
    life.answered(action, State.ACCEPTED)
    with pytest.raises(IllegalTransition, match="is accepted and can't become sending"):
        life.sending(action)
    assert life.sql("SELECT count(*) FROM attempt") == [(1,)]


def test_sending_is_entered_with_an_attempt_only(life: Life) -> None:
    with pytest.raises(IllegalTransition, match="begin_attempt"):
        life.enter(life.planned(), State.SENDING)


def test_a_number_is_sent_again_with_the_same_bytes_or_not_at_all(life: Life) -> None:
    """X6."""
    action = life.planned()
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    with pytest.raises(IllegalTransition, match="same bytes"):
        life.book.begin_attempt(action.action_id, life.now, "POST /x something else")
    assert life.state(action.action_id) == "unknown"
    assert life.sending(action) == 2


def test_only_the_attempt_that_is_being_sent_is_answered(life: Life) -> None:
    action = life.planned()
    with pytest.raises(IllegalTransition, match="nothing can be answered"):
        life.book.end_attempt(action.action_id, 1, life.answer(), State.ACCEPTED)
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    life.sending(action)
    with pytest.raises(IllegalTransition):
        life.book.end_attempt(action.action_id, 1, life.answer(), State.ACCEPTED)
    assert life.state(action.action_id) == "sending"


def test_no_answer_settles_an_action(life: Life) -> None:
    action = life.planned()
    attempt = life.sending(action)
    with pytest.raises(IllegalTransition, match="only a record does"):
        life.book.end_attempt(action.action_id, attempt, life.answer(), State.SETTLED)
    assert life.sql("SELECT * FROM attempt_answer") == []


def test_nothing_is_settled_without_its_record_nor_the_reverse(life: Life) -> None:
    action = life.planned()
    life.answered(action, State.ACCEPTED)
    with pytest.raises(IllegalTransition, match="without a record"):
        life.enter(action, State.SETTLED)
    seq = life.seen(life.record())
    with pytest.raises(IllegalTransition, match="with a record"):
        life.enter(action, State.NEEDS_OPERATOR, record_seq=seq)
    assert life.state(action.action_id) == "accepted"
    assert life.sql("SELECT * FROM attribution") == []


@pytest.mark.parametrize(
    "other", [{"amount": "100.51"}, {"coin": "BTC"}, {"kind": "redeem"}], ids=str
)
def test_a_record_that_is_not_what_was_asked_for_settles_nothing(
    life: Life, other: dict[str, str]
) -> None:
    action = life.planned()
    life.answered(action, State.ACCEPTED)
    seq = life.seen(life.record(**{"amount": "100.5", **other}))
    with pytest.raises(IllegalTransition, match="not what the action asked for"):
        life.enter(action, State.SETTLED, record_seq=seq)
    assert life.state(action.action_id) == "accepted"


def test_a_record_that_was_there_before_settles_nothing(life: Life) -> None:
    seq = life.seen(life.record())
    action = life.planned()
    life.answered(action, State.ACCEPTED)
    with pytest.raises(IllegalTransition, match="was there before it"):
        life.enter(action, State.SETTLED, record_seq=seq)


def test_one_record_settles_one_action(life: Life) -> None:
    """X20."""
    life.settled()
    action = life.planned()
    life.answered(action, State.ACCEPTED)
    with pytest.raises(IllegalTransition):
        life.enter(action, State.SETTLED, record_seq=1)


def test_a_written_off_action_whose_record_appears_is_late(life: Life) -> None:
    action = life.planned()
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    life.enter(action, State.REJECTED)
    written = life.book.written_off(NOON)
    assert [known.action_id for known in written] == [action.action_id]
    seq = life.seen(life.record())
    life.enter(action, State.LATE, record_seq=seq)
    assert life.state(action.action_id) == "late"
    assert life.book.written_off(NOON) == ()


def test_what_never_left_is_not_watched_for(life: Life) -> None:
    life.enter(life.planned(), State.DROPPED)
    assert life.book.written_off(NOON) == ()


def test_what_was_written_off_before_is_not_watched_for(life: Life) -> None:
    life.answered(life.planned(), State.REJECTED, Outcome.REFUSED, code=80002)
    assert len(life.book.written_off(NOON)) == 1
    assert life.book.written_off(NOON + timedelta(milliseconds=1)) == ()


def test_what_settled_lately_can_be_looked_at_again(life: Life) -> None:
    first = life.settled()
    later = life.later(minutes=1)
    second = life.settled()
    life.planned()
    assert [known.action_id for known in life.book.settled_since(NOON)] == [first, second]
    (known,) = life.book.settled_since(later)
    assert (known.action_id, known.state, known.since) == (second, State.SETTLED, later)


def test_an_answer_is_kept_whatever_is_in_it(life: Life) -> None:
    """U8."""
    action = life.planned()
    attempt = life.sending(action)
    strange = life.answer(
        Outcome.UNCLEAR, code=10**30, message="half \ud800 and \0 nul", trace="\udfff"
    )
    life.book.end_attempt(action.action_id, attempt, strange, State.UNKNOWN)
    (row,) = life.sql("SELECT code, message, trace FROM attempt_log")
    assert row == (None, "half \\ud800 and \\x00 nul", "\\udfff")
    ((evidence,),) = life.sql("SELECT evidence FROM event_log WHERE to_state = 'unknown'")
    assert evidence == '{"attempt":"1","code":"' + str(10**30) + '","outcome":"unclear"}'


def test_evidence_is_canonical_text_only(life: Life) -> None:
    """L28."""
    action = life.planned()
    evidence = {"zebra": "1", "aal": "ä"}
    life.book.enter(action.action_id, State.DROPPED, life.now, evidence)
    rows = life.sql("SELECT evidence FROM event_log ORDER BY seq")
    assert rows == [('{"apy":"0.05"}',), ('{"aal":"ä","zebra":"1"}',)]
    with pytest.raises(LedgerError, match="text only"):
        life.book.enter(life.planned().action_id, State.DROPPED, life.now, {"a": 0.1})  # type: ignore[dict-item]


def test_limits_count_what_was_sent_once_and_not_what_provably_never_left(life: Life) -> None:
    """S8."""
    life.enter(life.planned("1", coin="A"), State.DROPPED)
    life.answered(life.planned("2", coin="B"), State.DROPPED, Outcome.NOT_SENT)
    refused = life.planned("3", coin="C")
    life.answered(refused, State.REJECTED, Outcome.REFUSED, code=80002)
    twice = life.planned("4", coin="D")
    life.answered(twice, State.UNKNOWN, Outcome.UNCLEAR)
    resent = life.later(minutes=1)
    life.sending(twice)
    sent = life.book.sent_since(NOON)
    assert [(str(one.coin), one.amount) for one in sent] == [("D", Decimal(4))]
    assert sent[0] == SentAmount(
        Verb.SUBSCRIBE, Coin("D"), ProductId("p-D"), Decimal(4), resent, "best_band"
    )
    assert [one.coin for one in life.book.sent_since(resent)] == ["D"]


def test_refusals_are_remembered_with_what_they_mean(life: Life) -> None:
    life.answered(life.planned(coin="A"), State.ACCEPTED, code=1000)
    life.answered(life.planned(coin="B"), State.UNKNOWN, Outcome.UNCLEAR)
    at = life.later(minutes=1)
    life.answered(
        life.planned(coin="C"),
        State.REJECTED,
        Outcome.REFUSED,
        code=80005,
        consequence=Consequence.HOLD_PRODUCT,
    )
    life.answered(
        life.planned(coin="D"),
        State.REJECTED,
        Outcome.NOT_EXECUTED,
        http_status=429,
        consequence=Consequence.BACK_OFF,
    )
    refusals = life.book.refusals_since(NOON)
    assert [(one.coin, one.code) for one in refusals] == [("C", 80005), ("D", None)]
    assert refusals[0] == PastRefusal(
        Verb.SUBSCRIBE, Coin("C"), ProductId("p-C"), Decimal("100.5"), 80005, "hold_product", at
    )
    assert life.book.refusals_since(at + timedelta(seconds=1)) == ()


def test_decisions_are_written_with_reason_and_numbers(life: Life) -> None:
    hold = Hold(Coin("BTC"), Reason.UNDER_MIN_APY, amount=Decimal("0.5"), detail={"apy": "0.001"})
    life.book.record_decisions(life.cycle_id, life.now, [life.move()], [hold])
    rows = life.sql("SELECT coin, verdict, product_id, amount, reason, detail FROM decision_log")
    assert rows == [
        ("USDT", "subscribe", "p-USDT", "100.5", "best_band", '{"apy":"0.05"}'),
        ("BTC", "hold", None, "0.5", "under_min_apy", '{"apy":"0.001"}'),
    ]
    assert json.loads(rows[0][5]) == {"apy": "0.05"}


def test_every_reason_and_consequence_can_be_written(life: Life) -> None:
    holds = [Hold(Coin("A"), reason) for reason in Reason]
    life.book.record_decisions(life.cycle_id, life.now, [], holds)
    for number, consequence in enumerate(Consequence):
        action = life.planned(coin=f"C{number}")
        life.answered(action, State.REJECTED, Outcome.REFUSED, consequence=consequence)
    assert len(life.sql("SELECT DISTINCT consequence FROM attempt_answer")) == len(Consequence)


def test_recent_amounts_are_those_of_actions_and_records(life: Life) -> None:
    life.planned("1")
    life.seen(life.record("2"), life.record("3", coin="BTC"))
    old = life.record("4", at=NOON - timedelta(days=2))
    life.seen(old)
    found = life.book.recent_amounts(Coin("USDT"), NOON - timedelta(days=1))
    assert found == {Decimal(1), Decimal(2)}


def test_a_person_resolves_what_needs_a_person_and_nothing_else(life: Life) -> None:
    """O7."""
    action = life.planned()
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    resolve = life.book.resolve
    with pytest.raises(IllegalTransition, match="needs no operator"):
        resolve(action.action_id, State.SETTLED, life.now, because="I saw it", who="ann")
    life.enter(action, State.NEEDS_OPERATOR)
    with pytest.raises(IllegalTransition, match="can't become dropped"):
        resolve(action.action_id, State.DROPPED, life.now, because="I saw it", who="ann")
    assert life.sql("SELECT * FROM operator_note") == []
    resolve(action.action_id, State.SETTLED, life.now, because="support said so", who="ann")
    assert life.sql("SELECT actor, evidence FROM event_log WHERE to_state = 'settled'") == [
        ("operator", '{"because":"support said so","who":"ann"}')
    ]
    assert life.sql("SELECT who, action_id, text FROM operator_note") == [
        ("ann", action.action_id, "support said so")
    ]


def test_a_person_can_name_the_record_that_settles(life: Life) -> None:
    action = life.planned()
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    life.enter(action, State.NEEDS_OPERATOR)
    seq = life.seen(life.record(), life.record())
    life.book.resolve(
        action.action_id, State.SETTLED, life.now, because="the later", who="ann", record_seq=seq
    )
    assert life.sql("SELECT record_seq, action_id FROM attribution") == [(seq, action.action_id)]


def test_no_transaction_stays_open(life: Life) -> None:
    """L10, L30."""
    life.settled()
    assert not life.book.in_transaction
    with pytest.raises(IllegalTransition):
        life.book.enter(ActionId(99), State.DROPPED, life.now, {})
    assert not life.book.in_transaction
    with life.book.reading():
        assert life.book.in_transaction


def test_an_unknown_cycle_or_action_is_refused_with_a_sentence(life: Life) -> None:
    with pytest.raises(IllegalTransition, match="there is no action 99"):
        life.book.enter(ActionId(99), State.DROPPED, life.now, {})
    with pytest.raises(LedgerError, match="refuses this row"):
        life.book.record_wallet(CycleId(99), life.now, {})


def test_a_time_without_a_zone_is_refused(life: Life) -> None:
    """K7."""
    with pytest.raises(LedgerError, match="without a zone"):
        life.book.begin_cycle(NOON.replace(tzinfo=None), trigger="once")
