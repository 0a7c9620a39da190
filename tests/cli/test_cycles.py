"""`plan` and `once`: what is said is what is done, and a plan leaves no trace."""

from __future__ import annotations

import fcntl
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.sandbox import Fault
from tests.cli.conftest import Run
from tests.cli.shell import Account, account
from tests.support.practice import flexible, tiered

SIDE_FILES = {"ledger.db-shm", "ledger.db-wal"}
"""What SQLite needs beside a ledger to read it at all."""

TAG = Decimal("0.0001")
"""A subscribe's lowest digits are a mark; what is sent may be so much less than was planned."""


def test_a_plan_is_what_once_then_does(here: Run, tmp_path: Path) -> None:
    """O2."""
    steep = tiered("1001", ("1", "500", "0.08"), ("500", "1000", "0.02"))
    with account(tmp_path, steep, flexible("1002", "0.04"), deposit="1100") as ready:
        path = ready.config()
        plan = here("plan", "-c", path, "--json").facts
        once = here("once", "-c", path, "--json").facts

        assert plan["moves"] == once["moves"]
        assert plan["holds"] == once["holds"]
        assert plan["sends"] is False
        assert plan["sent"] == []
        assert len(once["sent"]) == len(plan["moves"]) == 2
        for planned, sent in zip(plan["moves"], once["sent"], strict=True):
            for key in ("verb", "coin", "product_id"):
                assert planned[key] == sent[key]
            assert 0 <= Decimal(planned["amount"]) - Decimal(sent["amount"]) < TAG
            assert sent["state"] == "settled"
        assert [len(row["request_no"]) for row in once["sent"]] == [20, 20]


def test_a_plan_begins_no_ledger_and_sends_nothing(here: Run, practice: Account) -> None:
    """O2."""
    path = practice.config()

    ran = here("plan", "-c", path)
    assert ran.code == 0
    assert ran.out.startswith("would subscribe 900 USDT into product 1001: ")
    assert ran.err == "", "what happens to a copy is not told as if it had happened"
    assert list(practice.directory.iterdir()) == [path]
    assert practice.server.received == []


@pytest.mark.parametrize("is_held", [True, False])
def test_a_plan_changes_no_byte_of_a_ledger_also_while_a_daemon_has_it(
    here: Run, practice: Account, *, is_held: bool
) -> None:
    """L17, T4."""
    path = practice.config()
    assert here("once", "-c", path).code == 0
    practice.books.deposit("USDT", "300")
    before = practice.files()

    with (practice.directory / "ledger.db.lock").open("r+") as lock:
        if is_held:
            fcntl.flock(lock, fcntl.LOCK_EX)
        ran = here("plan", "-c", path)

    assert ran.code == 0
    assert "would subscribe 300" in ran.out
    after = practice.files()
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() <= SIDE_FILES
    assert after.get("ledger.db-wal", b"") == b""
    assert len(practice.server.received) == 1


def test_a_plan_with_a_redeem_says_that_what_comes_home_is_decided_upon_later(
    here: Run, practice: Account
) -> None:
    strategy = "{coins: {USDT: {reserve: 100, min_apy: 1%, redeem_below_apy: 1%}}}"
    path = practice.config(strategy=strategy)
    assert here("once", "-c", path).code == 0
    practice.books.change_product("1001", apy=Decimal("0.008"))

    ran = here("plan", "-c", path)
    assert "would redeem" in ran.out
    assert "what comes home is decided upon when it has arrived" in ran.out
    once = here("once", "-c", path, "--json").facts
    assert [row["verb"] for row in once["sent"]] == ["redeem", "subscribe"]


def test_once_says_what_it_sent_under_which_number_and_what_became_of_it(
    here: Run, practice: Account
) -> None:
    ran = here("once", "-c", practice.config())

    row = here("actions", "-c", practice.config(), "--json").facts[0]
    assert "subscribe 900 USDT into product 1001: the best that is open to it" in ran.out
    assert f"sent subscribe {row['amount']} USDT as number {row['request_no']}: settled" in ran.out


def test_once_does_not_call_an_unclear_answer_a_success(here: Run, practice: Account) -> None:
    practice.server.faults.add(Fault("subscribe", "drop_before"))
    ran = here("once", "-c", practice.config(settling="{replay_window: 0s}"))

    assert "as number" in ran.out
    assert ": unknown (" in ran.out
    status = here("status", "-c", practice.config()).out
    assert "open actions" in status
    assert " unknown " in status


def test_once_with_nothing_to_do_says_why(here: Run, practice: Account) -> None:
    path = practice.config(strategy="{coins: {'*': {mode: hold}}}")

    assert here("once", "-c", path).out == ("hold USDT: the strategy says hold\nnothing to move\n")


def test_a_dry_run_says_what_it_would_do_and_sends_nothing(here: Run, practice: Account) -> None:
    """O2."""
    path = practice.config(mode="dry-run")

    ran = here("once", "-c", path)
    assert "would subscribe 900 USDT" in ran.out
    assert "sent " not in ran.out
    assert here("actions", "-c", path, "--json").facts[0]["state"] == "dropped"
    assert practice.server.received == []


def test_a_pause_that_cannot_be_looked_for_is_taken_as_one(here: Run, practice: Account) -> None:
    """O6."""
    pause = practice.directory / "pause"
    path = practice.config(limits="{pause_file: ./pause}")
    pause.symlink_to("pause")

    assert "the pause file exists" in here("once", "-c", path).out
    assert practice.server.received == []
    pause.unlink()
    assert "sent subscribe" in here("once", "-c", path).out
