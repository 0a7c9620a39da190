"""What may be sent in a day: the last 24 hours, not the day of any calendar."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.sandbox import Fault
from tests.support.practice import START, Practice, flexible, practice

HOUR = timedelta(hours=1)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05")) as ready:
        ready.coins = "USDT: {reserve: 0, min_move: 1, max_per_action: 100, max_per_day: 300}"
        yield ready


def sent(account: Practice) -> Decimal:
    """What all subscribes that left come to."""
    amounts = account.sql("SELECT amount FROM action_now WHERE verb = 'subscribe'")
    return sum((Decimal(amount) for (amount,) in amounts), Decimal(0))


def test_midnight_gives_no_second_allowance(account: Practice) -> None:
    """S8: by the calendar, two allowances would fit into one night."""
    account.clock.advance(START.replace(hour=22, minute=30) - START)
    account.cycles(4, apart=HOUR)
    assert Decimal(299) < sent(account) <= 300
    assert ("per_day_limit",) in account.sql("SELECT DISTINCT reason FROM decision_log")

    account.clock.advance(20 * HOUR)
    account.cycle()
    assert sent(account) <= 300, "23 hours after the first"
    account.clock.advance(HOUR)
    account.cycle()
    assert 390 < sent(account) <= 400, "24 hours after it, as much as it was"


def test_what_was_sent_counts_also_if_nobody_knows_what_became_of_it(account: Practice) -> None:
    """S8, O2."""
    account.coins = "USDT: {reserve: 0, min_move: 1, max_per_action: 200, max_per_day: 300}"
    account.server.faults.add(Fault("subscribe", "drop_before", times=None))
    account.cycle()
    account.server.faults.clear()
    account.cycles(6, apart=timedelta(minutes=12))

    assert account.states()[0] == "rejected"
    assert account.states()[1:] == ["settled"]
    assert account.held() < 101, "of the 300 of this day, nearly 200 are spent"
    assert sent(account) <= 300
