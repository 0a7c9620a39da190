"""A ledger that is gone, is an old copy, or is somebody else's: what the next cycle makes of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.ledger.engine import open_reader
from earnd.sandbox import Fault
from tests.support.practice import Practice, flexible, practice

QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as ready:
        yield ready


def numbers(account: Practice) -> list[str]:
    """The request numbers that the ledger knows."""
    return [row[0] for row in account.sql("SELECT request_no FROM action_now")]


def test_a_ledger_begun_anew_takes_all_the_past_for_a_persons_and_repeats_nothing(
    account: Practice,
) -> None:
    """O8, L19: what is held is derived from the exchange's own history."""
    account.cycle()
    before = numbers(account)
    held = account.held()
    account.ledger.unlink()
    report = account.cycle()

    assert report.moves == []
    assert account.held() == held
    assert account.sql("SELECT amount, verified FROM holding_now WHERE product_id = '1001'") == [
        (f"{held.normalize():f}", 1)
    ]
    assert account.sql("SELECT DISTINCT attributed_to FROM movement") == [("person",)]
    account.books.deposit("USDT", "500")
    assert account.cycle().moves == [], "what a person moved is left as it is for a day"
    account.clock.advance(DAY)
    account.cycle()
    assert account.states() == ["settled"]
    assert not set(before) & set(numbers(account)), "the numbers begin anew with other digits"
    assert account.findings() == {}


def test_a_ledger_restored_from_an_old_copy_repeats_nothing_and_numbers_go_on_apart(
    account: Practice, tmp_path: Path
) -> None:
    """L19, C15, X7."""
    account.cycle()
    with closing(open_reader(account.ledger)) as reader:
        reader.copy_to(tmp_path / "copy.db")
    account.books.deposit("USDT", "500")
    account.cycle()
    later, held = numbers(account), account.held()
    shutil.copy(tmp_path / "copy.db", account.ledger)
    report = account.cycle()

    assert report.moves == []
    assert account.held() == held
    account.books.deposit("USDT", "250")
    account.clock.advance(DAY)
    account.cycle()
    assert len(account.states()) == 2, "one before the copy was made, one since it is in place"
    assert len(set(later) | set(numbers(account))) == 3, "no number was drawn twice"
    owners = account.sql(
        "SELECT attributed_to, count(*) FROM movement WHERE kind <> 'interest'"
        " AND record_id IS NOT NULL"
        " GROUP BY 1 ORDER BY 1"
    )
    assert owners == [("earnd", 2), ("person", 1)]
    assert account.findings() == {}


def test_an_action_in_doubt_that_a_lost_ledger_knew_of_is_a_persons_once_it_shows(
    account: Practice,
) -> None:
    """O8: nobody knows of it any more, and still nothing is counted twice."""
    account.books.change_settings(record_lag=timedelta(hours=1))
    account.server.faults.add(Fault("subscribe", "drop_after"))
    account.cycle()
    assert account.states() == ["unknown"]
    account.ledger.unlink()
    for _ in range(6):
        account.clock.advance(QUARTER)
        account.cycle()

    assert account.states() == []
    assert account.sql("SELECT attributed_to FROM movement") == [("person",)]
    assert Decimal("899.9") < account.held() <= 900
    assert account.findings() == {}


@pytest.mark.parametrize("has_history", [False, True])
def test_the_key_of_another_account_moves_nothing_in_a_coin_that_does_not_add_up(
    tmp_path: Path, *, has_history: bool
) -> None:
    """O3: both call themselves `default`, so that only the money tells them apart."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    offer = flexible("1001", "0.05")
    with (
        practice(tmp_path, offer) as right,
        practice(elsewhere, offer, deposit="5000") as wrong,
    ):
        if has_history:  # long ago, since the first ids of both exchanges are the same
            wrong.books.subscribe_by_hand("1001", "7")
        for account in (right, wrong):
            account.clock.advance(timedelta(days=40))
        right.cycle()
        if has_history:
            wrong.books.subscribe_by_hand("1001", "700")
        swapped = replace(wrong, directory=tmp_path, clock=right.clock)
        for _ in range(3):
            for account in (right, wrong):
                account.clock.advance(QUARTER)
            swapped.cycle()

        assert wrong.server.received == []
        assert "audit_holding_drift" in swapped.findings()
        assert ("holding_unverified",) in swapped.sql("SELECT reason FROM decision_log")
        right.cycle()
        # Nothing is ever taken out of a ledger: with the other's records in it, the coin rests.
        assert right.findings().keys() == ({"audit_holding_drift"} if has_history else set())
        if has_history:
            right.ledger.unlink()
            right.cycle()
            assert right.findings() == {}, "a ledger begun anew has this account's past alone"
