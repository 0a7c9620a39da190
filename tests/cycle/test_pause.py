"""A pause that comes while something is in doubt: looking goes on, sending does not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from earnd.sandbox import Fault
from tests.support.practice import Practice, flexible, practice

QUARTER = timedelta(minutes=15)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as ready:
        ready.more = "limits: {pause_file: ./pause}"
        yield ready


@pytest.mark.parametrize(
    ("fault", "ends"), [("drop_after", "settled"), ("drop_before", "rejected")]
)
def test_what_is_in_doubt_is_settled_while_paused_and_nothing_is_sent(
    account: Practice, fault: Any, ends: str
) -> None:
    """O6: recovery reads, and never sends."""

    def pause(_request: object) -> None:
        (account.directory / "pause").touch()

    account.books.change_settings(record_lag=timedelta(minutes=10))
    account.server.on_receive = pause
    account.server.faults.add(Fault("subscribe", fault, times=None))
    account.cycle()
    assert account.states() == ["unknown"]
    account.server.faults.clear()
    account.cycles(6, apart=QUARTER)

    assert account.states() == [ends]
    assert len(account.server.received) == 1
    assert account.findings() == {}


def test_a_pause_in_the_middle_of_a_plan_stops_the_rest_of_it(account: Practice) -> None:
    """O6: it is looked for right before each sending, not once a cycle."""
    account.coins = "USDT: {reserve: 0, max_per_product: 400, min_apy: 1%}"
    account.server.on_receive = lambda _request: (account.directory / "pause").touch()
    account.cycle()

    assert len(account.server.received) == 1
    assert ("paused",) in account.sql("SELECT reason FROM decision_log")
    (account.directory / "pause").unlink()
    account.server.on_receive = None
    account.cycle()
    assert account.states() == ["settled", "settled"]
