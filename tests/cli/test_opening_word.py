"""`earnd opening`: what was held before the first record that the exchange still shows."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from earnd.domain.history import CycleOutcome
from tests.cli.conftest import Run
from tests.support.practice import Practice, flexible, practice

DAY = timedelta(days=1)


@pytest.fixture
def forgotten(tmp_path: Path) -> Iterator[Practice]:
    """500 USDT in a product whose subscribe the exchange does not show any more."""
    products = flexible("1001"), flexible("1002", "0.03")
    with practice(tmp_path, *products, deposit="600") as account:
        account.books.change_settings(record_lag=timedelta(days=4000))
        account.books.subscribe_by_hand("1001", "500")
        account.books.change_settings(record_lag=timedelta(0))
        account.clock.advance(DAY)
        account.cycle()
        yield account


def word(product: object, amount: object, because: str = "the app shows it") -> list[str]:
    return ["opening", str(product), str(amount), "--because", because]


def test_a_holding_without_its_oldest_records_is_whole_again_by_a_persons_word(
    here: Run, forgotten: Practice
) -> None:
    """X31."""
    at = ("-c", forgotten.config)
    found = here("audit", *at)
    assert found.code == 1
    assert "`earnd opening` is how to say what was held before" in found.out

    ran = here(*word(1001, 500), *at)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == (
        "product 1001 began with 500 USDT; the ledger says that you said so, and why\n"
        "the next cycle counts it\n"
    )
    me = pwd.getpwuid(os.getuid()).pw_name
    assert forgotten.sql("SELECT who, product_id, coin, amount, because FROM opening") == [
        (me, "1001", "USDT", "500", "the app shows it")
    ]
    forgotten.books.deposit("USDT", "50")
    assert forgotten.cycle().outcome is CycleOutcome.DONE
    assert forgotten.sql("SELECT verified FROM holding_now WHERE product_id = '1001'") == [(1,)]
    assert "audit_holding_drift" not in forgotten.findings()
    assert forgotten.states() == ["settled"], "and the coin is at work again"


def test_for_programs_it_is_json(here: Run, forgotten: Practice) -> None:
    told = here(*word(1001, "500.0"), "-c", forgotten.config, "--json").facts
    assert (told["product_id"], told["coin"], told["amount"]) == ("1001", "USDT", "500")


@pytest.mark.parametrize(
    ("product", "amount", "because", "why"),
    [
        ("9", "500", "x", "product 9 is not in this ledger"),
        ("1001", "-5", "x", "No such option"),
        ("1001", "5e2", "x", "not an amount in plain digits: '5e2'"),
        ("1001", "0", "x", "an opening of nothing says nothing"),
        ("1001", "500", " ", "--because is empty"),
        ("1001", "5000", "x", "the exchange says 500 in all, the records say 5000"),
        ("1001", "400", "x", "the exchange says 500 in all, the records say 400"),
        ("1002", "400", "x", "nothing is known to be held in it"),
    ],
)
def test_a_word_that_cannot_be_is_refused_and_leaves_no_trace(
    here: Run, forgotten: Practice, *, product: str, amount: str, because: str, why: str
) -> None:
    """X31."""
    runs = forgotten.sql("SELECT count(*) FROM run")
    here(*word(product, amount, because), "-c", forgotten.config).refused(2, why)
    assert forgotten.sql("SELECT count(*) FROM opening") == [(0,)]
    assert forgotten.sql("SELECT count(*) FROM run") == runs


def test_it_is_said_once_and_of_nothing_that_is_whole(here: Run, forgotten: Practice) -> None:
    """X31."""
    at = ("-c", forgotten.config)
    assert here(*word(1001, 500), *at).code == 0
    here(*word(1001, 500), *at).refused(2, "said already that it began with 500 USDT")
    forgotten.cycle()
    here(*word(1001, 1), *at).refused(2, "said already")
    assert forgotten.sql("SELECT count(*) FROM opening") == [(1,)]


def test_it_is_not_said_while_a_daemon_has_the_ledger(here: Run, forgotten: Practice) -> None:
    """T4."""
    with forgotten.daemon():
        here(*word(1001, 500), "-c", forgotten.config).refused(5, "another earnd holds")
