"""Real processes: pipes that close, disks that are full, Ctrl-C, and the daemon from end to end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from earnd.sandbox import Fault
from tests.cli.shell import (
    Account,
    account,
    bare_environment,
    earnd,
    ended,
    free_port,
    start,
    wait_for,
)
from tests.support.practice import KEYS, Practice

pytestmark = pytest.mark.slow

FULL = Path("/dev/full")

CYCLE_FIELDS = {
    "cycle",
    "mode",
    "outcome",
    "duration_s",
    "subscribes",
    "redeems",
    "sent",
    "holds",
    "settled",
    "open",
    "idle",
    "placed",
}


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account after a cycle; tests only look at it."""
    with account(tmp_path_factory.mktemp("used")) as ready:
        assert earnd("once", "-c", ready.config()).code == 0
        yield ready


def into_nothing(*arguments: object) -> tuple[int, str]:
    """Runs a command whose reader has gone away; its code, and what it said on stderr."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "earnd", *map(str, arguments)],
            env={**bare_environment(), **KEYS},
            stdout=writer,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writer)
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", ["status", "actions", "plan"])
def test_a_reader_that_goes_away_is_no_failure(used: Account, command: str) -> None:
    assert into_nothing(command, "-c", used.config()) == (0, "")


def test_help_into_a_pipe_that_closed_is_no_failure() -> None:
    assert into_nothing("--help") == (0, "")


def test_what_an_audit_found_is_in_its_code_even_if_nobody_reads_it(doubtful: Practice) -> None:
    assert into_nothing("audit", "--ledger", doubtful.ledger) == (1, "")


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", ["actions", "status", "plan"])
def test_an_output_that_cannot_be_written_is_told_in_one_sentence(
    used: Account, command: str
) -> None:
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "earnd", command, "-c", str(used.config())],
            env={**bare_environment(), **KEYS},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("earnd: standard output: ")
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_log_that_cannot_be_written_stops_no_cycle(used: Account) -> None:
    """R5."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "earnd", "once", "-c", str(used.config())],
            env={**bare_environment(), **KEYS},
            stdout=subprocess.PIPE,
            stderr=writer,
            text=True,
            check=False,
        )
    finally:
        os.close(writer)
    assert done.returncode == 0
    assert "nothing to move" in done.stdout


def test_the_practice_exchange_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        process = start("sandbox", "--port", "0", cwd=tmp_path)
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(5)]
        address = said[0].split()[-1]
        keys = dict(line.removeprefix("export ").strip().split("=") for line in said[1:4])
        (tmp_path / "config.yaml").write_text(f"exchange: {{base_url: '{address}'}}\n")
        assert earnd("plan", cwd=tmp_path, environ=keys).code == 0
        process.send_signal(number)
        assert ended(process).code == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_in_the_middle_of_a_request_once_records_its_end_and_leaves_the_rest(
    tmp_path: Path, number: signal.Signals
) -> None:
    """C7."""
    with account(tmp_path) as ready:
        ready.server.faults.add(Fault("subscribe", "stall_after"))
        process = start("once", "-c", ready.config())
        assert ready.server.faults.wait_until_held(timeout_s=60)
        process.send_signal(number)
        ready.server.faults.release()
        ran = ended(process)

        assert ran.code == 0
        assert "asked to stop" in ran.err
        assert ": settled (" in ran.out
        assert earnd("audit", "-c", ready.config()).code == 0


def test_interrupted_while_it_waits_for_a_look_plan_leaves_nothing_behind(tmp_path: Path) -> None:
    """E14."""
    with account(tmp_path) as ready:
        ready.server.faults.add(Fault("time", "stall_before"))
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        process = start("plan", "-c", ready.config(), environ={**KEYS, "TMPDIR": str(scratch)})
        assert ready.server.faults.wait_until_held(timeout_s=60)
        assert list(scratch.iterdir()) != []
        process.send_signal(signal.SIGTERM)
        ready.server.faults.release()
        ended(process)

        assert list(scratch.iterdir()) == []


def lines_of(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    """The log as it is written."""
    assert process.stderr is not None
    for line in process.stderr:
        yield json.loads(line)


def cycles_of(process: subprocess.Popen[str], count: int) -> list[dict[str, Any]]:
    """The canonical lines of the next so many cycles."""
    found = (line for line in lines_of(process) if line["event"] == "cycle.finished")
    return [next(found) for _ in range(count)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_daemon_does_a_cycle_at_once_says_one_line_for_each_and_ends_with_0(
    tmp_path: Path, number: signal.Signals
) -> None:
    """O11."""
    with account(tmp_path, schedule="{every: 10s}") as ready:
        process = start("run", "-c", ready.config())
        (line,) = cycles_of(process, 1)
        assert line.keys() >= CYCLE_FIELDS
        assert list(line)[:3] == ["timestamp", "level", "event"]
        assert (line["cycle"], line["mode"], line["outcome"]) == (1, "live", "done")
        assert (line["subscribes"], line["redeems"], line["sent"], line["open"]) == (1, 0, 1, 0)
        assert all(isinstance(amount, str) for amount in line["idle"].values())
        if number is signal.SIGTERM:
            (line,) = cycles_of(process, 1)
            assert (line["cycle"], line["sent"], line["outcome"]) == (2, 0, "done")
        process.send_signal(number)
        ran = ended(process)

        assert ran.code == 0
        assert ran.out == ""
        assert '"event": "daemon.stopping"' in ran.err
        assert earnd("audit", "-c", ready.config()).code == 0


def test_a_refused_cycle_is_told_with_its_reason_and_the_daemon_tries_again(
    tmp_path: Path,
) -> None:
    """X16."""
    with account(tmp_path, schedule="{every: 10s}") as ready:
        environ = {**KEYS, "EARND_ACCESS_KEY": "not-the-key"}
        process = start("run", "-c", ready.config(), environ=environ)
        (line,) = cycles_of(process, 1)
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        ran = ended(process)

        assert line["outcome"] == "refused"
        assert "The exchange does not know the access key" in line["failure"]
        assert "not-the-key" not in ran.err + str(line)
        assert ran.code == 0


def test_the_daemon_stays_when_the_exchange_is_away(tmp_path: Path) -> None:
    """X42."""
    with account(tmp_path, schedule="{every: 10s}") as ready:
        path = ready.config(
            exchange=f"{{base_url: 'http://127.0.0.1:{free_port()}', connect_timeout: 1s,"
            " total_timeout: 2s, read_timeout: 1s}"
        )
        process = start("run", "-c", path)
        (line,) = cycles_of(process, 1)
        assert line["outcome"] == "failed_look"
        assert process.poll() is None
        process.send_signal(signal.SIGHUP)
        said = next(line for line in lines_of(process) if line["event"] == "daemon.not_reloaded")
        assert said["todo"] == "restart earnd"
        process.send_signal(signal.SIGTERM)
        assert ended(process).code == 0


def test_the_daemon_is_terse_in_text_form_and_no_line_can_be_forged(tmp_path: Path) -> None:
    """E8."""
    with account(tmp_path, log="{format: text}") as ready:
        process = start("run", "-c", ready.config())
        assert process.stderr is not None
        for line in process.stderr:
            if "cycle.finished" in line:
                break
        process.send_signal(signal.SIGTERM)
        ran = ended(process)

        assert ran.code == 0
        assert line.endswith("\n")
        assert "outcome=done" in line
        assert "\x1b" not in line, "no colours where there is no terminal"


def test_systemd_is_told_that_it_is_ready_how_each_cycle_went_and_that_it_stops(
    tmp_path: Path,
) -> None:
    """O10."""
    with account(tmp_path) as ready, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(60)
        environ = {**KEYS, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        process = start("run", "-c", ready.config(), environ=environ)
        first = heard.recv(4096)
        told = "STATUS=cycle 1 done, sent 1"
        words: list[str] = []
        while told not in words:
            words.append(heard.recv(4096).decode())
        process.send_signal(signal.SIGTERM)
        while words[-1] != "STOPPING=1":
            words.append(heard.recv(4096).decode())

        assert ended(process).code == 0
        assert first.startswith(b"READY=1\nSTATUS=live, ")
        assert set(words) <= {told, "WATCHDOG=1", "STOPPING=1"}


def test_interrupted_before_anything_began_it_says_so_without_a_traceback(tmp_path: Path) -> None:
    with account(tmp_path) as ready:
        ready.server.faults.add(Fault("time", "stall_before"))
        process = start("run", "-c", ready.config())
        assert ready.server.faults.wait_until_held(timeout_s=60)
        process.send_signal(signal.SIGINT)
        wait_for(lambda: process.poll() is not None, "its end")
        ready.server.faults.release()
        ran = ended(process)

        assert ran.code == 130
        assert ran.err.endswith("earnd: interrupted\n")


def test_no_process_sends_a_packet_while_the_exchange_blocks_us(tmp_path: Path) -> None:
    """H23: the ban of one process is kept by all that follow, `plan` on its copy included."""
    with account(tmp_path) as practice:
        practice.server.faults.add(Fault("time", "code", code=30017))
        first = earnd("once", "-c", practice.config())
        assert first.code == 1
        assert "blocks us" in first.err
        assert len(practice.server.arrivals) == 1
        status = earnd("status", "-c", practice.config())
        assert "everything is closed by the exchange (ban): not asked before 20" in status.out

        for command in ("once", "plan", "once"):
            ran = earnd(command, "-c", practice.config())
            assert ran.code == 1, ran
            assert "nothing is asked before 20" in ran.err, ran
        daemon = start("run", "-c", practice.config())
        (cycle,) = cycles_of(daemon, 1)
        assert cycle["outcome"] == "failed_look"
        daemon.send_signal(signal.SIGTERM)
        assert ended(daemon).code == 0
        assert len(practice.server.arrivals) == 1
