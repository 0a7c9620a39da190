"""The real process, killed with SIGKILL in the middle of a subscribe, and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.sandbox import Books, CoinSpec, Fault, RealClock, serve
from tests.support.practice import KEY, Practice, environment, flexible

PATIENCE_S = 30


@contextmanager
def live(directory: Path) -> Iterator[Practice]:
    """A practice account in real time, for processes of their own."""
    usdt = CoinSpec("USDT", "Tether USD", 1, 8, Decimal(1))
    clock = RealClock()
    books = Books(clock, coins=[usdt], products=[flexible("1001"), flexible("1002", "0.03")])
    books.deposit("USDT", "1000")
    with serve(books, keys=(KEY,)) as server:
        yield Practice(directory, clock, books, server)  # type: ignore[arg-type] # told the time only


def earnd(account: Practice, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "earnd", *arguments, "-c", str(account.config)],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def wait_for(condition: object, what: str) -> None:
    """Waits until something is so; how long that takes decides nothing."""
    assert callable(condition)
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, f"waited for {what}"
        time.sleep(0.02)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("command", ["once", "run"])
@pytest.mark.parametrize("kind", ["stall_after", "stall_before"])
def test_killed_in_the_middle_of_a_subscribe_it_is_neither_repeated_nor_forgotten(
    tmp_path: Path, command: str, kind: str
) -> None:
    """C3: by somebody else, while the exchange holds its reply back or its request up."""
    with live(tmp_path) as account:
        account.server.faults.add(Fault("subscribe", kind))
        process = earnd(account, command)
        assert account.server.faults.wait_until_held(timeout_s=PATIENCE_S)
        kill(process)
        assert account.states() == ["sending"]
        account.server.faults.release()

        again = earnd(account, "once")
        out, err = again.communicate(timeout=PATIENCE_S)
        assert again.returncode == 0, (out, err)

        was_done = kind == "stall_after"
        subscribes = [row for row in account.books.records() if row.kind == "subscribe"]
        assert len(subscribes) == 1
        assert account.states() == ["settled"]
        received = account.server.received
        assert len(received) == (1 if was_done else 2), "only what was lost is sent again"
        assert len({request.body for request in received}) == 1, "with the very same bytes"


def test_asked_to_stop_in_the_middle_of_a_subscribe_it_finishes_and_records_it(
    tmp_path: Path,
) -> None:
    """C7: what is under way is finished first."""
    with live(tmp_path) as account:
        account.server.faults.add(Fault("subscribe", "stall_after"))
        process = earnd(account, "run")
        assert account.server.faults.wait_until_held(timeout_s=PATIENCE_S)
        process.send_signal(signal.SIGTERM)
        account.server.faults.release()
        out, err = process.communicate(timeout=PATIENCE_S)

        assert process.returncode == 0, (out, err)
        assert account.states() == ["settled"]
        assert account.findings() == {}
        assert account.sql("SELECT outcome FROM cycle_log") == [("interrupted",)]


def test_a_second_earnd_on_the_same_ledger_is_told_so_and_exits_5(tmp_path: Path) -> None:
    """T1, T3: the lock is the system's and ends with its holder."""
    with live(tmp_path) as account:
        account.server.faults.add(Fault("subscribe", "stall_before"))
        first = earnd(account, "run")
        assert account.server.faults.wait_until_held(timeout_s=PATIENCE_S)
        second = earnd(account, "once")
        out, err = second.communicate(timeout=PATIENCE_S)
        kill(first)

        assert second.returncode == 5, (out, err)
        assert b"Traceback" not in err


def test_secrets_are_in_no_output_no_ledger_and_no_environment_of_the_process(
    tmp_path: Path,
) -> None:
    """E1, E3, E5."""
    with live(tmp_path) as account:
        account.more = "log: {level: debug}"
        account.server.faults.add(Fault("subscribe", "stall_after"))
        process = earnd(account, "run")
        assert account.server.faults.wait_until_held(timeout_s=PATIENCE_S)
        command_line = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        process.send_signal(signal.SIGTERM)
        account.server.faults.release()
        out, err = process.communicate(timeout=PATIENCE_S)

        everything = command_line + out + err
        for path in tmp_path.rglob("*"):
            if path.is_file():
                everything += path.read_bytes()
        for name, value in environment().items():
            if name.startswith("EARND_"):
                assert value.encode() not in everything, name
        assert os.environ.get("EARND_SECRET_KEY") is None
