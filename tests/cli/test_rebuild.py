"""`earnd rebuild`: a disk is lost with all copies, and the exchange is all there is."""

from __future__ import annotations

import signal
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.errors import ExitCode
from earnd.sandbox import Fault
from tests.cli.conftest import Run
from tests.cli.shell import Account, ended, start, wait_for

CAREFREE = "{coins: {USDT: {reserve: 100, min_move: 1, min_apy: 1%, respect_person: 0s}}}"


def lose(account: Account, *, but: tuple[str, ...] = ("config.yaml",)) -> None:
    """The disk is new: nothing is left on it but what is named."""
    for path in account.directory.iterdir():
        if path.name not in but:
            path.unlink()


def left(account: Account) -> set[str]:
    """What lies there, but for the lock, which is never removed."""
    return {path.name for path in account.directory.iterdir()} - {"ledger.db.lock"}


def held(account: Account) -> Decimal:
    return account.books.held("1001") + account.books.held("1002")


def test_a_rebuilt_ledger_goes_on_and_nothing_is_repeated(practice: Account, here: Run) -> None:
    """O8, L19."""
    config = practice.config(strategy=CAREFREE)
    assert here("once", "-c", config).code == 0
    practice.books.deposit("USDT", "50")
    assert here("once", "-c", config).code == 0
    before = here("status", "-c", config, "--json").facts
    money, sent = held(practice), len(practice.server.received)
    lose(practice)

    ran = here("rebuild", "-c", config)
    assert ran.code == 0
    assert "ledger.db is rebuilt from what the exchange remembers" in ran.out
    assert "subscribe records: 2" in ran.out
    assert "lost for good:" in ran.out
    assert "all 2 are on record as a person's; 0 carry a number" in ran.out
    assert len(practice.server.received) == sent, "nothing is sent"
    assert practice.ledger.stat().st_mode & 0o777 == 0o600
    assert left(practice) == {"config.yaml", "ledger.db", "ledger.db.anchor"}

    after = here("status", "-c", config, "--json").facts
    for key in ("coin", "product_id", "amount", "verified"):
        assert [row[key] for row in after["holdings"]] == [row[key] for row in before["holdings"]]
    assert here("once", "-c", config).code == 0
    assert held(practice) == money
    assert len(practice.server.received) == sent
    practice.books.deposit("USDT", "70")
    assert here("once", "-c", config).code == 0
    assert len(practice.server.received) == sent + 1
    assert held(practice) > money
    assert here("audit", "-c", config).code == 0
    assert here("ledger", "verify", "-c", config).code == 0


def test_the_statement_is_kept_in_the_ledger_and_told_to_programs(
    practice: Account, here: Run
) -> None:
    practice.books.change_settings(records_with_request_no=True)
    config = practice.config()
    assert here("once", "-c", config).code == 0
    lost = here("ledger", "verify", "-c", config, "--json").facts["anchor"]
    lose(practice, but=("config.yaml", "ledger.db.anchor"))

    facts = here("rebuild", "-c", config, "--json").facts
    assert facts["ledger"] == str(practice.ledger)
    assert facts["lost_anchor"] == lost, "an anchor of the lost one is no obstacle, and is told"
    assert (facts["moves_of_nobody_known"], facts["numbered_like_earnds"]) == (1, 1)
    assert [row["verified"] for row in facts["holdings"]] == [1]
    assert facts["openings_to_state"] == []
    verified = here("ledger", "verify", "-c", config, "--json").facts
    assert verified["fits"]
    assert verified["not_yet_in_a_block"] == {}, "the statement is in the cycle's block"
    assert verified["anchor"] != lost


def test_what_a_person_has_to_say_is_told_with_the_command(practice: Account, here: Run) -> None:
    practice.books.change_settings(record_lag=timedelta(days=400))
    practice.books.subscribe_by_hand("1002", "500")
    ran = here("rebuild", "-c", practice.config())
    assert ran.code == ExitCode.FINDING
    assert "no record: the exchange's history is empty" in ran.out
    assert "NOT verified" in ran.out
    assert "earnd opening 1002 AMOUNT --because TEXT   # USDT" in ran.out
    assert practice.server.received == []


def test_a_ledger_that_is_there_is_not_replaced(practice: Account, here: Run) -> None:
    config = practice.config()
    assert here("once", "-c", config).code == 0
    before = practice.ledger.read_bytes()
    here("rebuild", "-c", config).refused(2, "there is a ledger already", "move it away first")
    other = practice.directory / "other.db"
    other.touch()
    here("rebuild", "-c", config, "--to", other).refused(3, "the file is empty")
    assert practice.ledger.read_bytes() == before
    practice.ledger.rename(practice.directory / "moved.db")
    practice.ledger.with_name("ledger.db-wal").write_bytes(b"the newest commits")
    here("rebuild", "-c", config).refused(3, "ledger.db-wal, which belongs to it, is still here")


@pytest.mark.parametrize(
    ("endpoint", "code", "exit_code"),
    [("product", 80016, ExitCode.FINDING), ("wallet", 30002, ExitCode.REFUSED)],
)
def test_a_look_that_fails_leaves_nothing(
    practice: Account, here: Run, endpoint: str, code: int, exit_code: ExitCode
) -> None:
    """Nothing half: neither a ledger of a part, nor the place where it was built."""
    practice.server.faults.add(Fault(endpoint, "code", code=code, times=None))
    config = practice.config()
    ran = here("rebuild", "-c", config)
    assert (ran.code, ran.out) == (exit_code, "")
    assert "Traceback" not in ran.err
    assert left(practice) == {"config.yaml"}
    practice.server.faults.clear()
    assert here("rebuild", "-c", config).code == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_that_is_interrupted_leaves_nothing(practice: Account, number: signal.Signals) -> None:
    practice.server.faults.add(Fault("product", "stall_before", times=None))
    process = start("rebuild", "-c", practice.config())
    try:
        wait_for(lambda: list(practice.directory.glob(".ledger.db.rebuild-*/*.db")), "its work")
        process.send_signal(number)
        ran = ended(process)
    finally:
        practice.server.faults.release()
        process.kill()
    assert ran.code == 130
    assert left(practice) == {"config.yaml"}


def test_the_place_can_be_another_one(practice: Account, here: Run, tmp_path: Path) -> None:
    config = practice.config()
    assert here("once", "-c", config).code == 0
    other = tmp_path / "other.db"
    assert here("rebuild", "-c", config, "--to", other).code == 0
    assert here("status", "--ledger", other).code == 0
    here("rebuild", "-c", config, "--to", tmp_path / "no" / "x.db").refused(3, "does not exist")
