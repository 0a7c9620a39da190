"""A person at a shell: earnd as a process of its own, and a practice account to use it on."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from earnd.sandbox import Books, CoinSpec, Gateway, ProductSpec, RealClock, SandboxServer, serve
from tests.support.practice import KEY, KEYS, flexible

PATIENCE_S = 60
"""Much longer than anything here takes; it only ends a test that would never end."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> Any:
        """What it printed for programs."""
        return json.loads(self.out)

    def refused(self, code: int, *words: str) -> None:
        """It ended with this code, said all these words on stderr, and nothing on stdout."""
        assert self.code == code, (self.code, self.out, self.err)
        assert self.out == ""
        assert self.err.endswith("\n")
        assert "Traceback" not in self.err
        for word in words:
            assert word in self.err, (word, self.err)


def bare_environment() -> dict[str, str]:
    """The environment without anything that earnd would take its settings from."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("EARND_", "CREDENTIALS_", "STATE_", "NOTIFY_"))
    }


def start(
    *arguments: object,
    environ: Mapping[str, str] = KEYS,
    cwd: Path | None = None,
    before: Callable[[], object] | None = None,
    through: Sequence[str] = (),
) -> subprocess.Popen[str]:
    """Starts earnd as a process of its own; `before` is called in it, `through` runs it."""
    return subprocess.Popen(
        [*through, sys.executable, "-m", "earnd", *map(str, arguments)],
        env={**bare_environment(), **environ},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=before,  # noqa: PLW1509 - no other thread of ours holds a lock here
    )


def ended(process: subprocess.Popen[str]) -> Ran:
    """Waits for its end."""
    try:
        out, err = process.communicate(timeout=PATIENCE_S)
    except BaseException:
        process.kill()
        process.communicate()
        raise
    assert "Traceback" not in err, err
    return Ran(process.returncode, out, err)


def earnd(*arguments: object, **how: Any) -> Ran:
    """Runs a command to its end."""
    return ended(start(*arguments, **how))


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Waits until something is so; how long that takes decides nothing."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, f"waited for {what}"
        time.sleep(0.02)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@dataclass
class Account:
    """A practice account in real time, and the files of whoever uses it."""

    directory: Path
    books: Books
    server: SandboxServer
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def ledger(self) -> Path:
        return self.directory / "ledger.db"

    def config(self, name: str = "config.yaml", **changes: str) -> Path:
        """A configuration file; a section is replaced by naming it."""
        sections = {
            "mode": "live",
            "exchange": f"{{base_url: '{self.server.base_url}', total_timeout: 5s, "
            "read_timeout: 5s, connect_timeout: 5s}",
            "ledger": "{path: ./ledger.db}",
            "strategy": "{coins: {USDT: {reserve: 100, min_move: 1, min_apy: 1%}}}",
            **self.settings,
            **changes,
        }
        path = self.directory / name
        path.write_text("".join(f"{key}: {value}\n" for key, value in sections.items()))
        return path

    def files(self) -> dict[str, bytes]:
        """Everything in the directory."""
        return {entry.name: entry.read_bytes() for entry in self.directory.iterdir()}


@contextmanager
def account(
    directory: Path, *products: ProductSpec, deposit: str = "1000", **settings: str
) -> Iterator[Account]:
    """An account with so much USDT; the products are two unless they are named."""
    usdt = CoinSpec("USDT", "Tether USD", 1, 8, Decimal(1))
    offers = list(products) or [flexible("1001"), flexible("1002", "0.03")]
    books = Books(RealClock(), coins=[usdt], products=offers)
    books.deposit("USDT", deposit)
    # The commands of a test follow each other faster than a person's.
    with serve(books, keys=(KEY,), gateway=Gateway(limits_on=False)) as server:
        yield Account(directory, books, server, settings)
