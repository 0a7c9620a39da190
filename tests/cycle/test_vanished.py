"""Records that the exchange listed once and does not list now."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from earnd.domain.history import CycleOutcome
from earnd.sandbox import Fault
from earnd.sandbox.history import Record
from tests.support.practice import Practice, flexible, practice

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as ready:
        yield ready


def rewritten(account: Practice, change: Callable[[Record], Record]) -> list[Record]:
    """The exchange's history as it is now; what `change` answers stands there from now on."""
    records = account.books._state.records
    before = list(records)
    records[:] = map(change, before)
    return before


def hidden(account: Practice, record_id: str) -> Callable[[], object]:
    """A record is listed no longer; call what this answers to have it back."""

    def shown(record: Record, at: datetime) -> Record:
        return replace(record, visible_at=at) if record.record_id == record_id else record

    rewritten(account, lambda record: shown(record, record.at + 999 * DAY))
    return lambda: rewritten(account, lambda record: shown(record, record.at))


def told(account: Practice, event: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in account.log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == event]


def frozen(account: Practice) -> list[tuple[Any, ...]]:
    return account.sql("SELECT coin, what FROM audit_holding_drift")


def test_a_record_that_vanished_freezes_its_coin_until_it_is_back(account: Practice) -> None:
    """X32, I31."""
    account.cycle()
    account.cycles(3, apart=DAY)
    lost = account.books.records()[-1]
    bring_back = hidden(account, lost.record_id)
    account.books.deposit("USDT", "500")
    account.clock.advance(QUARTER)
    sent = len(account.states())

    assert account.cycle().outcome is CycleOutcome.DONE
    assert len(account.states()) == sent, "its coin rests"
    ((_, what),) = frozen(account)
    assert f"interest record {lost.record_id} of " in what
    assert "is not listed any more, since 2026-05-03T12:15:" in what
    assert [line["record"] for line in told(account, "record.gone")] == [lost.record_id]
    account.cycles(3, apart=3 * DAY)
    assert account.sql("SELECT gone FROM record_gone") == [(1,)], "said once, and still so"
    assert len(account.states()) == sent

    bring_back()
    account.clock.advance(QUARTER)
    account.cycle()
    assert frozen(account) == []
    assert account.sql("SELECT gone FROM record_gone") == [(1,), (0,)]
    assert len(account.states()) == sent + 1, "and then it goes on"
    assert [line["record"] for line in told(account, "record.back")] == [lost.record_id]
    assert account.findings() == {}


def test_a_list_of_a_moment_ago_freezes_for_no_longer_than_it_is_shown(account: Practice) -> None:
    """H29: a copy that lags behind knows less than one that was asked before."""
    account.cycle()
    account.clock.advance(DAY)
    account.cycle()
    bring_back = hidden(account, account.books.records()[-1].record_id)
    account.clock.advance(QUARTER)
    account.cycle()
    assert len(frozen(account)) == 1
    bring_back()
    account.clock.advance(QUARTER)
    account.cycle()
    assert frozen(account) == []
    assert account.findings() == {}


def test_a_history_that_is_suddenly_empty_is_not_used(account: Practice) -> None:
    """X32: code 1000 and no row, during an incident; nothing of that look is recorded."""
    account.cycle()
    account.cycles(4, apart=DAY)
    account.clock.advance(QUARTER)
    rows = account.sql("SELECT (SELECT count(*) FROM record_gone), (SELECT count(*) FROM look)")
    account.server.faults.add(Fault("record", "empty_list", times=3))
    report = account.cycle()

    assert report.outcome is CycleOutcome.FAILED_LOOK
    assert "records known of late is in the history any more" in str(report.error)
    assert (
        account.sql("SELECT (SELECT count(*) FROM record_gone), (SELECT count(*) FROM look)")
        == rows
    )
    account.server.faults.clear()
    assert account.cycle().outcome is CycleOutcome.DONE
    assert account.findings() == {}


def test_the_history_of_another_account_is_not_used(account: Practice) -> None:
    """O3: its records are not written into this ledger, and nothing is sent."""
    account.cycle()
    account.cycles(4, apart=DAY)
    known = account.sql("SELECT record_id FROM record_seen")

    def somebody_elses(record: Record) -> Record:
        return replace(record, record_id=f"9{record.record_id}")

    before = rewritten(account, somebody_elses)
    account.clock.advance(QUARTER)
    account.books.deposit("USDT", "500")
    sent = len(account.states())
    report = account.cycle()
    assert report.outcome is CycleOutcome.FAILED_LOOK
    assert "is the key of another account in use?" in str(report.error)
    assert "default (sandbox) (account.label)" in str(report.error)
    assert account.sql("SELECT record_id FROM record_seen") == known
    assert len(account.states()) == sent
    account.books._state.records[:] = before
    assert account.cycle().outcome is CycleOutcome.DONE


def test_other_positions_with_too_few_records_to_tell_are_another_accounts(
    account: Practice,
) -> None:
    """O3: two positions were known, none of them is listed, and no record speaks for them."""
    account.coins = "USDT: {reserve: 100000}"
    account.books.subscribe_by_hand("1001", "100")
    account.books.subscribe_by_hand("1002", "100")
    account.cycle()
    positions = account.books._state.positions
    for position in positions.values():
        position.earn_id = f"9{position.earn_id}"
    account.books.change_settings(record_lag=timedelta(0))
    assert account.cycle().outcome is CycleOutcome.DONE, "X26: its records say that it is ours"
    for position in positions.values():
        position.earn_id = f"8{position.earn_id}"
    rewritten(account, lambda record: replace(record, record_id=f"9{record.record_id}"))
    report = account.cycle()
    assert report.outcome is CycleOutcome.FAILED_LOOK
    assert "none of the 2 positions known is listed, but others are" in str(report.error)


def test_everything_brought_home_by_hand_is_not_another_account(account: Practice) -> None:
    """O3, X32: its records say how that came about."""
    account.cycle()
    account.cycles(3, apart=DAY)
    account.books.change_settings(list_empty_positions=False)
    account.books.redeem_by_hand("1001", account.books.held("1001"))
    account.clock.advance(QUARTER)
    assert account.cycle().outcome is CycleOutcome.DONE
    account.clock.advance(30 * DAY)
    account.coins = "USDT: {reserve: 100000}"
    assert account.cycle().outcome is CycleOutcome.DONE
    assert account.findings() == {}


def test_a_record_that_came_late_is_told_and_found_by_a_query(account: Practice) -> None:
    """X31, X17."""
    account.coins = "USDT: {reserve: 100000}"
    account.books.change_settings(record_lag=timedelta(hours=3))
    account.books.subscribe_by_hand("1001", "100")
    account.clock.advance(timedelta(minutes=1))
    account.books.change_settings(record_lag=timedelta(0))
    account.books.subscribe_by_hand("1001", "50")
    account.cycle()
    account.cycles(3, apart=timedelta(hours=2))

    (late,) = told(account, "record.late")
    assert (late["record"], late["kind"], late["amount"]) == (
        account.books.records()[0].record_id,
        "subscribe",
        "100",
    )
    assert late["late_s"] >= 3 * 3600
    rows = account.sql(
        "SELECT record_id, seen_at >= at, missed_at > at FROM record_lateness ORDER BY record_seq"
    )
    assert (late["record"], 1, 1) in rows
    assert account.findings() == {}
