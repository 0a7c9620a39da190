"""The command line within this process, where a process of its own would add nothing."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from earnd.cli.main import run
from earnd.sandbox import Fault
from tests.cli.shell import Account, Ran, account
from tests.support.practice import KEYS, Practice, flexible
from tests.support.practice import practice as virtual

Run = Callable[..., Ran]


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Account]:
    """A practice account; its files are in `tmp_path`."""
    with account(tmp_path) as ready:
        yield ready


@pytest.fixture
def doubtful(tmp_path: Path) -> Iterator[Practice]:
    """A subscribe that the exchange says it knows, and of which no record ever appeared."""
    with virtual(tmp_path, flexible("1001"), flexible("1002", "0.03")) as account:
        account.server.faults.add(Fault("subscribe", "code", code=80013, apply=False))
        account.cycles(6, apart=timedelta(minutes=12))
        assert account.states() == ["needs_operator"]
        yield account


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Runs a command in this process, in `tmp_path`, with the practice keys; says how it ended."""
    monkeypatch.chdir(tmp_path)
    for name in ("EARND_CONFIG", "CREDENTIALS_DIRECTORY", "STATE_DIRECTORY", "NOTIFY_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    handlers = {
        number: signal.getsignal(number)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    }

    def run_here(*arguments: object, **environ: str | None) -> Ran:
        for name, value in {"EARND_CONFIG": None, **KEYS, **environ}.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        capfd.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        return Ran(int(code), out, err)

    yield run_here
    for number, handler in handlers.items():
        signal.signal(number, handler)
