"""An exchange that wants silence gets it, from every life of earnd that follows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from earnd.cycle import CycleReport, run_cycle
from earnd.domain.history import CycleOutcome
from earnd.sandbox import Fault
from earnd.sandbox.settings import Notice
from tests.support.practice import KEY, Practice, flexible, practice

MINUTE = timedelta(minutes=1)
RECORDS = "/newearn/cloud/v1/saving/record"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as ready:
        yield ready


def quiet(account: Practice, span: timedelta, apart: timedelta = MINUTE) -> CycleReport:
    """Lives of the process, one after the other, of which none may send a packet."""
    arrived, until = len(account.server.arrivals), account.clock.now() + span
    report = account.cycle()
    while account.clock.now() + apart < until:
        account.clock.advance(apart)
        report = account.cycle()
    account.clock.advance(until - account.clock.now())
    assert len(account.server.arrivals) == arrived
    assert report.outcome is CycleOutcome.FAILED_LOOK
    return report


def knocks(account: Practice) -> int:
    """How many requests one more life makes."""
    arrived = len(account.server.arrivals)
    account.cycle()
    return len(account.server.arrivals) - arrived


def test_a_banned_address_is_silent_for_longer_each_time_whatever_process_asks(
    account: Practice,
) -> None:
    """H23: 418, then zero packets in the window, then one, and a window twice as long."""
    account.server.faults.add(Fault("*", "code", code=30017, times=3))
    for minutes in (15, 30, 60):
        assert knocks(account) == 1
        report = quiet(account, minutes * MINUTE, apart=4 * MINUTE)
        assert report.error is not None
        assert "blocks our address" in report.error.what
        assert f"nothing is asked before {account.clock.now():%Y-%m-%dT%H:%M}" in report.error.what

    assert account.cycle().outcome is CycleOutcome.DONE
    assert account.states() == ["settled"]
    strikes = account.sql("SELECT endpoint, closing, strikes FROM closure ORDER BY closure_id")
    assert strikes == [("*", "ban", 1), ("*", "ban", 2), ("*", "ban", 3)]


@pytest.mark.parametrize("status", [403, 503])
def test_a_page_of_the_guard_is_not_knocked_at(account: Practice, status: int) -> None:
    """H20: minutes of silence, not three more tries."""
    account.server.faults.add(Fault("*", "html", status=status, times=4))
    for minutes in (1, 1, 1, 2):
        assert knocks(account) == 1
        quiet(account, minutes * MINUTE)
    assert account.cycle().outcome is CycleOutcome.DONE


def test_maintenance_is_waited_for_with_growing_pauses(account: Practice) -> None:
    """Nothing is asked, so nothing is sent either."""
    account.server.faults.add(Fault("*", "code", code=30016, times=4))
    for minutes in (1, 2, 4, 8):
        assert knocks(account) == 1
        quiet(account, minutes * MINUTE)
    assert account.cycle().outcome is CycleOutcome.DONE


def test_a_429_keeps_its_endpoint_closed_in_the_next_life(account: Practice) -> None:
    """H22: the endpoint is left alone as long as the exchange says, or a minute."""
    account.cycle()
    account.server.faults.add(Fault("record", "code", code=30013))
    assert account.cycle().outcome is CycleOutcome.FAILED_LOOK
    ((until,),) = account.sql("SELECT until FROM closure WHERE closing = 'rate'")
    asked = [each.path for each in account.server.arrivals].count(RECORDS)

    assert account.cycle().outcome is CycleOutcome.FAILED_LOOK
    assert [each.path for each in account.server.arrivals].count(RECORDS) == asked
    assert until > f"{account.clock.now():%Y-%m-%dT%H:%M:%S}"


def test_a_ban_that_answers_a_subscribe_loses_neither_the_answer_nor_the_ban(
    account: Practice,
) -> None:
    """What was being sent is judged, and nothing more leaves in this life or the next."""
    account.server.faults.add(Fault("subscribe", "code", code=30017))
    account.cycle()
    assert account.sql("SELECT outcome, code FROM attempt_answer") == [("not_executed", 30017)]
    assert account.states() == ["rejected"]
    quiet(account, 15 * MINUTE, apart=5 * MINUTE)


def test_a_ledger_that_does_not_take_the_closure_still_takes_the_answer(
    account: Practice,
) -> None:
    """The reply is worth more than the note about it: the note is lost, and that is told."""
    account.server.faults.add(Fault("subscribe", "code", code=30017))
    with account.daemon() as here:
        with closing(sqlite3.connect(account.ledger)) as stranger:
            stranger.execute(
                "CREATE TRIGGER no_closures BEFORE INSERT ON closure BEGIN"
                " SELECT RAISE(ABORT, 'not this one'); END"
            )
        report = run_cycle(here.parts, "once")
        assert report.tally.sent == 1
        assert account.states() == ["rejected"]
        assert account.sql("SELECT * FROM closure") == []
        assert "closure.not_recorded" in account.log.getvalue()

        arrived = len(account.server.arrivals)
        assert run_cycle(here.parts, "once").outcome is CycleOutcome.FAILED_LOOK
        assert len(account.server.arrivals) == arrived, "this life knows it all the same"


@pytest.mark.parametrize("change", [None, {"expired": True}, {"frozen": True}], ids=str)
def test_a_key_that_is_refused_is_tried_once_in_a_cycle(account: Practice, change: Any) -> None:
    """O12, X16: no knocking with a dead key, and nothing is sent meanwhile."""
    known = account.server.keys.pop(KEY.access_key)
    if change is not None:
        account.server.keys[KEY.access_key] = replace(known, **change)
    for _ in range(3):
        arrived = len(account.server.arrivals)
        report = account.cycle()
        assert report.outcome is CycleOutcome.REFUSED
        keyed = [each for each in account.server.arrivals[arrived:] if "/system/" not in each.path]
        assert len(keyed) == 1
        account.clock.advance(15 * MINUTE)
    assert account.server.received == []

    account.server.keys[KEY.access_key] = known
    account.cycle()
    assert account.states() == ["settled"]


@pytest.mark.parametrize("service", ["spot", "account"])
def test_nothing_is_sent_while_a_notice_says_that_maintenance_is_running(
    account: Practice, service: Any
) -> None:
    now_ms = account.clock.now_ms()
    notice = Notice(
        title="Stop", service_type=service, status=1, start_ms=now_ms, end_ms=now_ms + 3_600_000
    )
    healthy = account.server.gateway
    account.server.gateway = replace(healthy, notices=(notice,))
    assert account.cycle().outcome is CycleOutcome.DONE
    assert account.server.received == []
    reasons = account.sql("SELECT DISTINCT reason FROM decision_log WHERE verdict = 'hold'")
    assert ("maintenance",) in reasons

    account.server.gateway = healthy
    account.cycle()
    assert account.states() == ["settled"]
