"""One file decides, as it was when it was read: nothing else has a say in what is moved."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from earnd.config.load import load
from earnd.config.write import effective
from earnd.cycle import run_cycle
from tests.config.conftest import Write
from tests.support.practice import Practice, flexible, practice

VARIABLES = {
    "EARND_MODE": "live",
    "EARND_STRATEGY": "{coins: {USDT: {reserve: 0}}}",
    "EARND_STRATEGY__COINS__USDT__RESERVE": "0",
    "EARND_LIMITS_PAUSE_FILE": "/nowhere",
    "EARND_EXCHANGE__BASE_URL": "https://elsewhere.example",
    "EARND_LEDGER_PATH": "/tmp/elsewhere.db",  # noqa: S108 - nothing is made there
    "MODE": "live",
    "BASE_URL": "https://elsewhere.example",
}


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05")) as ready:
        yield ready


def test_no_variable_of_the_environment_changes_what_the_file_says(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O13, O4: a variable that somebody forgot would decide about money unseen."""
    path = write("mode: dry-run\nstrategy: {coins: {USDT: {reserve: 100}}}\n")
    before = load(path)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)

    after = load(path)
    assert effective(after.config) == effective(before.config)
    assert after.ledger_path(VARIABLES) == before.ledger_path({})


def test_a_file_that_is_edited_while_earnd_runs_is_not_half_taken(account: Practice) -> None:
    """O5: the next start reads all of it."""
    with account.daemon() as here:
        account.coins = "USDT: {reserve: 700, min_move: 1}"
        assert "700" in account.config.read_text()
        run_cycle(here.parts, "once")
        assert account.held() > 899
    account.books.deposit("USDT", "500")
    account.cycle()
    assert account.idle() >= 600, "and then keeps 700: nothing is put in"
    assert len(account.server.received) == 1


def test_each_run_has_on_record_which_configuration_it_read(account: Practice) -> None:
    """O5."""
    digests = []
    for coins in ("USDT: {reserve: 100}", "USDT: {reserve: 200}"):
        account.coins = coins
        account.cycle()
        digests.append(hashlib.sha256((account.directory / "config.yaml").read_bytes()).hexdigest())

    assert [row[0] for row in account.sql("SELECT config_digest FROM run")] == digests
    assert digests[0] != digests[1]
