"""`earnd reconcile`: exact, named, and with an exit code for cron."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.shell import Ran
from tests.support.practice import Practice, flexible
from tests.support.practice import practice as virtual

Run = Callable[..., Ran]
HOUR = timedelta(hours=1)


def test_what_adds_up_exits_with_nothing_and_shows_every_term(here: Run, tmp_path: Path) -> None:
    """I16."""
    with virtual(tmp_path, flexible("1001")) as account:
        account.cycle()
        account.books.deposit("USDT", "50")
        account.cycles(3, apart=2 * HOUR)
        ran = here("reconcile", "--ledger", account.ledger)

    assert ran.code == 0
    lines = [line.split() for line in ran.out.splitlines()]
    assert ["deposits", "50"] in lines
    assert ["USDT:", "balanced"] in lines
    assert ran.out.splitlines()[-1] == "1 coin: balanced"


def test_money_on_its_way_is_in_flight_with_its_cause(here: Run, tmp_path: Path) -> None:
    """X27."""
    with virtual(tmp_path, flexible("1001")) as account:
        account.cycle()
        account.books.deposit("USDT", "50")
        account.coins = "USDT: {mode: hold}"
        account.clock.advance(HOUR)
        account.cycle()
        ran = here("reconcile", "usdt", "-c", account.config)
        facts = json.loads(here("reconcile", "USDT", "--json", "-c", account.config).out)

    assert ran.code == 0
    assert "in flight: -50 come into the wallet without a record since 2026-05-01T13" in ran.out
    assert facts["verdict"] == "in flight"
    assert facts["coins"][0]["in_flight"] == "-50"
    assert facts["coins"][0]["remarks"][0]["amount"] == "-50"


def test_a_difference_exits_with_a_finding(here: Run, tmp_path: Path) -> None:
    with virtual(tmp_path, flexible("1001")) as account:
        account.cycle()
        account.books.open_product(flexible("1002"))
        account.cycle()
        _a_total_that_lies(account)
        ran = here("reconcile", "--ledger", account.ledger)

    assert ran.code == 1
    assert "USDT: DIFFERENCE" in ran.out


def _a_total_that_lies(account: Practice) -> None:
    """A fixed-term position in the same coin is in the exchange's sum and in no record."""
    state = account.books._state
    state.positions["1002"] = type(next(iter(state.positions.values())))("9", "1002", "USDT")
    state.positions["1002"].amount = account.held()
    account.clock.advance(HOUR)
    account.cycle()


@pytest.mark.parametrize("coins", [("DOGE",), ("USDT", "DOGE")])
def test_an_unknown_coin_is_a_mistake_and_the_known_are_named(
    here: Run, tmp_path: Path, coins: tuple[str, ...]
) -> None:
    with virtual(tmp_path, flexible("1001")) as account:
        account.cycle()
        ran = here("reconcile", *coins, "--ledger", account.ledger)

    assert ran.code == 2
    assert "has nothing of DOGE; known are USDT" in ran.err
    assert ran.out == ""


def test_before_the_first_look_there_is_nothing_to_add_up(here: Run, tmp_path: Path) -> None:
    with virtual(tmp_path, flexible("1001")) as account, account.daemon():
        ran = here("reconcile", "USDT", "--ledger", account.ledger)

    assert ran.code == 0
    assert ran.out.startswith("no account of the wallet yet")
