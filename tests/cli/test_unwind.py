"""`earnd unwind` as a person runs it: it asks, it can be killed, and it says what is left."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.sandbox import Books, CoinSpec, Fault, Gateway, RealClock, serve
from tests.cli.conftest import Run
from tests.cli.shell import Account, account, bare_environment, earnd, ended, start, wait_for
from tests.support.practice import KEY, KEYS, flexible

QUICK = ("--yes", "--rounds-apart", "1s")
HELD = "{coins: {USDT: {mode: hold, reserve: 100, max_per_action: 300}}}"


def invested(here: Run, place: Account, **changes: str) -> Path:
    """An account whose 900 USDT are at work, and the configuration of whoever wants them back."""
    assert here("once", "-c", place.config()).code == 0
    return place.config(**changes)


def held(place: Account) -> Decimal:
    return sum((position.amount for position in place.books.positions()), Decimal(0))


def all_is_home(here: Run, place: Account) -> None:
    """By the exchange's books, by the ledger, and by every audit."""
    assert held(place) == 0
    assert place.books.balance("USDT").available == 1000
    numbers = [request.body for request in place.server.received]
    assert len(set(numbers)) == len(numbers)
    assert here("audit", "--ledger", place.ledger).code == 0


def test_it_brings_everything_home_and_says_what_else_to_do(here: Run, practice: Account) -> None:
    path = invested(here, practice)
    practice.books.set_auto(on=True, product_id="1001")

    ran = here("unwind", "-c", path, *QUICK)

    assert ran.code == 0, ran.err
    lines = ran.out.splitlines()
    assert lines[0] == "this brings home, into the wallet:"
    assert "USDT from product 1001" in lines[1]
    assert any(line.startswith("brought home: 899.999") for line in lines)
    assert "everything is home: the last look found nothing held and nothing open" in lines
    assert "BitMart's own auto-subscribe is on for USDT: it will put the money back" in ran.out
    assert "running this again" in ran.out
    assert "`strategy.mode: redeem-only`" in ran.out
    all_is_home(here, practice)


def test_the_second_time_nothing_is_sent(here: Run, practice: Account) -> None:
    path = invested(here, practice)
    assert here("unwind", "-c", path, *QUICK).code == 0
    sent = len(practice.server.received)

    ran = here("unwind", "-c", path, *QUICK)

    assert ran.code == 0
    assert ran.out.startswith("everything is home: ")
    assert len(practice.server.received) == sent


@pytest.mark.slow
def test_what_the_strategy_says_of_the_coin_does_not_keep_it_there(
    here: Run, practice: Account
) -> None:
    path = invested(here, practice, strategy=HELD)

    ran = here("unwind", "-c", path, *QUICK, "--json")

    assert ran.code == 0, ran.err
    facts = ran.facts
    assert (facts["ending"], facts["home"], facts["left"]) == ("home", True, [])
    (coin,) = facts["coins"]
    assert coin["left"] == "0"
    assert coin["in_the_wallet"] == "1000"
    redeems = [
        row for row in here("actions", "-c", path, "--json").facts if row["verb"] == "redeem"
    ]
    assert len(redeems) == 3
    assert {row["reason"] for row in redeems} == {"unwind"}
    assert all(Decimal(row["amount"]) <= 300 for row in redeems)
    all_is_home(here, practice)


def test_once_the_daemon_may_not_put_it_back_nothing_is_said_of_that(
    here: Run, practice: Account
) -> None:
    path = invested(here, practice, strategy="{coins: {USDT: {mode: redeem-only}}}")

    assert "strategy.mode" not in here("unwind", "-c", path, *QUICK).out


def test_a_coin_that_nobody_knows_is_not_called_home(here: Run, practice: Account) -> None:
    path = invested(here, practice)

    ran = here("unwind", "-c", path, "--coin", "USTD", *QUICK)

    ran.refused(2, "--coin USTD", "do you mean USDT?")
    assert len(practice.server.received) == 1


@pytest.mark.slow
def test_only_the_coins_that_are_named_are_brought_home(here: Run, tmp_path: Path) -> None:
    coins = [CoinSpec(coin, coin, 1, 8, Decimal(1)) for coin in ("USDT", "USDC")]
    offers = [flexible("1001"), flexible("1101", coin="USDC")]
    books = Books(RealClock(), coins=coins, products=offers)
    for coin in coins:
        books.deposit(coin.symbol, "1000")
    strategy = "{coins: {USDT: {min_move: 1}, USDC: {min_move: 1}}}"
    with serve(books, keys=(KEY,), gateway=Gateway(limits_on=False)) as server:
        place = Account(tmp_path, books, server, {"strategy": strategy})
        path = invested(here, place)

        assert here("unwind", "-c", path, "--coin", "USDC", *QUICK).code == 0

        assert books.held("1001") > 999
        assert books.held("1101") == 0


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_without_a_terminal_and_without_a_yes_nothing_is_even_looked_at(
    here: Run, practice: Account, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = invested(here, practice)
    with Path(os.devnull).open() as nobody:
        monkeypatch.setattr("sys.stdin", nobody)
        here("unwind", "-c", path, *arguments).refused(2, "nobody to ask", "--yes")
    assert len(practice.server.received) == 1


def test_a_dry_run_says_what_it_would_do_and_sends_nothing(here: Run, practice: Account) -> None:
    """O2."""
    invested(here, practice)
    path = practice.config("dry.yaml", mode="dry-run", ledger="{path: ./dry.db}")

    ran = here("unwind", "-c", path)

    assert ran.code == 0, ran.err
    assert "would bring home 899.999" in ran.out
    assert "mode is dry-run: nothing was sent" in ran.out
    facts = here("unwind", "-c", path, "--json").facts
    assert (facts["ending"], facts["home"]) == ("dry_run", False)
    assert [row["product_id"] for row in facts["can_go"]] == ["1001"]
    assert len(practice.server.received) == 1
    assert here("actions", "-c", path, "--json").facts == []


def test_a_refusal_that_lasts_is_said_in_words_with_what_to_do(
    here: Run, practice: Account
) -> None:
    path = invested(here, practice)
    practice.books.change_account(risk_redeem=True)

    ran = here("unwind", "-c", path, *QUICK)

    assert ran.code == 1
    assert "refused: 899.999" in ran.out
    assert "risk control forbids this account to redeem" in ran.out
    assert "not everything is home: what is left cannot be brought home now" in ran.err
    account_of_it = ran.out[ran.out.index("0 brought home") :]
    assert "the exchange forbids this account to redeem: ask its support" in account_of_it
    assert "code 80009" in account_of_it
    assert "BitMart's app" in account_of_it
    facts = here("unwind", "-c", path, *QUICK, "--json").facts
    assert facts["ending"] == "stuck"
    (left,) = facts["left"]
    assert left["waiting_helps"] is False
    assert left["detail"]["consequence"] == "stop_redeeming"
    assert left["todo"]
    assert len(practice.server.received) == 2


def test_what_is_refused_for_now_is_reported_when_patience_is_over(
    here: Run, practice: Account
) -> None:
    path = invested(here, practice)
    practice.server.faults.add(Fault("redeem", "code", code=80005, times=None))

    ran = here("unwind", "-c", path, *QUICK, "--patience", "2s")

    assert ran.code == 1
    assert "nothing came home for 2s; run this again" in ran.err
    assert "code 80005" in ran.out


def test_a_key_that_is_refused_has_the_code_of_that(here: Run, practice: Account) -> None:
    path = invested(here, practice)
    practice.server.faults.add(Fault("redeem", "code", code=30012, times=None))

    ran = here("unwind", "-c", path, *QUICK)

    assert ran.code == 4
    assert "not everything is known to be home" in ran.err
    assert "permissions" in ran.err


def test_while_the_pause_file_is_there_nothing_is_sent_and_it_is_said(
    here: Run, practice: Account
) -> None:
    path = invested(here, practice, limits="{pause_file: ./pause}")
    (practice.directory / "pause").touch()

    ran = here("unwind", "-c", path, *QUICK)

    assert ran.code == 1
    assert "the pause file exists; remove it, and run this again" in ran.out
    assert len(practice.server.received) == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [("--rounds-apart", "0s"), ("--rounds-apart", "soon"), ("--patience", "8d")],
)
def test_a_span_that_makes_no_sense_is_refused(
    here: Run, practice: Account, option: str, value: str
) -> None:
    here("unwind", "-c", practice.config(), "--yes", option, value).refused(2, option)


@pytest.mark.slow
def test_while_the_daemon_runs_it_is_told_to_stop_it_first(practice: Account) -> None:
    """T1."""
    path = practice.config()
    daemon = start("run", "-c", path)
    wait_for(lambda: practice.server.received, "the daemon's first subscribe")
    try:
        earnd("unwind", "-c", path, *QUICK).refused(5, "another earnd", "systemctl stop earnd")
    finally:
        daemon.send_signal(signal.SIGTERM)
        ended(daemon)
    assert held(practice) > 899


@pytest.mark.slow
def test_killed_half_way_it_is_run_again_and_nothing_goes_twice(
    here: Run, practice: Account
) -> None:
    """C8."""
    path = invested(here, practice, strategy=HELD)
    killed = start("unwind", "-c", path, *QUICK)
    wait_for(lambda: len(practice.server.received) >= 2, "the first redeem")
    killed.kill()
    killed.communicate()
    assert held(practice) > 0

    assert earnd("unwind", "-c", path, *QUICK).code == 0

    all_is_home(here, practice)


@pytest.mark.slow
def test_killed_between_a_redeem_and_its_reply_it_finds_out_what_became_of_it(
    here: Run, practice: Account
) -> None:
    """C3."""
    path = invested(here, practice)
    practice.server.faults.add(Fault("redeem", "stall_after"))
    killed = start("unwind", "-c", path, *QUICK)
    wait_for(lambda: len(practice.server.received) >= 2, "the redeem")
    killed.kill()
    killed.communicate()
    practice.server.faults.release()

    assert earnd("unwind", "-c", path, *QUICK).code == 0

    assert len(practice.server.received) == 2
    all_is_home(here, practice)


@pytest.mark.slow
def test_a_wish_to_stop_ends_it_after_what_is_under_way_with_a_code_of_its_own(
    here: Run, practice: Account
) -> None:
    """C7."""
    path = invested(here, practice, strategy=HELD)
    running = start("unwind", "-c", path, "--yes", "--rounds-apart", "1h")
    wait_for(lambda: len(practice.server.received) >= 2, "the first redeem")
    running.send_signal(signal.SIGTERM)
    ran = ended(running)

    assert ran.code == 1
    assert "asked to stop" in ran.err
    assert "run this again" in ran.err
    assert "brought home, " in ran.out
    states = {row["state"] for row in here("actions", "-c", path, "--json").facts}
    assert states == {"settled"}


SILENCE_S = 5.0
"""After so long without a word the answer is typed again: a terminal throws away what was typed
while it changed its mode, and that is when the question is shown."""


def at_a_terminal(answer: bytes, *arguments: object) -> tuple[int, str]:
    """Runs it at a terminal and types the answer; its code, and all that the terminal showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        with suppress(BaseException):
            os.environ.clear()
            os.environ.update({**bare_environment(), **KEYS, "TERM": "xterm", "COLUMNS": "120"})
            words = [sys.executable, "-m", "earnd", *map(str, arguments)]
            os.execv(sys.executable, words)  # noqa: S606 - the child becomes the command
        os._exit(127)
    shown, is_typed = b"", False
    with suppress(OSError):
        while True:
            is_silent = not select.select([terminal], [], [], SILENCE_S)[0]
            if not is_silent:
                chunk = os.read(terminal, 4096)
                if not chunk:
                    break
                shown += chunk
            if b"Go on?" in shown and (is_silent or not is_typed):
                os.write(terminal, answer)
                is_typed = True
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 1), (b"\x03", 130)])
def test_at_a_terminal_it_asks_and_does_what_it_is_told(
    tmp_path: Path, here: Run, answer: bytes, code: int
) -> None:
    with account(tmp_path, flexible("1001")) as place:
        path = invested(here, place)

        ended_with, shown = at_a_terminal(answer, "unwind", "-c", path, "--rounds-apart", "1s")

        assert (ended_with, held(place) == 0) == (code, code == 0), shown
        assert "this brings home, into the wallet:" in shown
        assert "Traceback" not in shown
        if code == 0:
            assert "\x1b[" in shown, "a bar"
            assert "everything is home" in shown


def test_a_check_shows_the_mode_that_counts(here: Run, practice: Account) -> None:
    strategy = "{mode: redeem-only, coins: {USDT: {}, BTC: {mode: hold}, '*': {}}}"

    facts = here("check", "-c", practice.config(strategy=strategy), "--json").facts

    assert facts["coins"] == {"USDT": "mode redeem-only", "BTC": "mode hold"}
    assert facts["all_other_coins"] == "mode redeem-only"
