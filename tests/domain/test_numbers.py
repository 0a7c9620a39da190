"""The numbers that money hangs on, said a second time: none of them changes by accident.

Each has its reason beside it, where it is defined.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from earnd.domain import matching, resend, settling, witnesses
from earnd.domain.action import OPEN_STATES, WRITTEN_OFF_STATES, State
from earnd.domain.limits import Bounds
from earnd.domain.settling import Rules
from earnd.exchange.bitmart.classify import OK

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def test_how_long_is_waited_and_watched() -> None:
    assert Rules() == Rules(30 * MINUTE, MINUTE, 2 * MINUTE, timedelta(0))
    assert settling.LOOKS_APART == 10 * MINUTE
    assert settling.LATE_WINDOW == HOUR
    assert settling.WATCH == 7 * DAY
    assert settling.LONGEST_EXECUTION == DAY
    assert settling.UNSEEN_TRANSIT == DAY
    assert settling.MOST_PATIENCE == DAY
    assert (settling.SLOWER, settling.ASKED_AGAIN) == (5, 2)
    assert witnesses.TRANSIT == HOUR


def test_how_often_and_how_late_is_sent_again() -> None:
    assert resend.MOST_ATTEMPTS == 4
    assert resend.LONGEST_REPLAY == 10 * MINUTE


def test_how_much_may_differ() -> None:
    assert Decimal("0.01") == matching._NEAR
    assert Bounds() == Bounds(timedelta(seconds=10), 2 * MINUTE, paused=False)
    assert OK == 1000


def test_which_states_keep_a_coin_busy_and_which_are_watched() -> None:
    names = {"planned", "sending", "unknown", "accepted", "needs_operator"}
    assert {state.value for state in OPEN_STATES} == names
    assert {State.REJECTED, State.DROPPED} == WRITTEN_OFF_STATES
