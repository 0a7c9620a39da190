"""Two ledgers that the pages are tried on: the demo's, and one with an action in doubt."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest

from earnd.cli.demo import DemoClock
from earnd.config.load import load
from earnd.cycle import run_cycle
from earnd.log import configure
from earnd.sandbox import (
    PRACTICE_ACCESS_KEY,
    PRACTICE_MEMO,
    PRACTICE_SECRET_KEY,
    Fault,
    Settings,
    VirtualClock,
    practice_world,
    serve,
)
from earnd.wiring import secrets_of, wired

BEGINS = datetime(2026, 5, 1, 0, 5, tzinfo=UTC)

PRACTICE_KEYS = {
    "EARND_ACCESS_KEY": PRACTICE_ACCESS_KEY,
    "EARND_SECRET_KEY": PRACTICE_SECRET_KEY,
    "EARND_MEMO": PRACTICE_MEMO,
}

DOUBTFUL_CONFIG = """\
mode: live
account: {{label: practice}}
exchange: {{base_url: "{base_url}"}}
ledger: {{path: ./ledger.db}}
strategy:
  coins:
    USDT: {{reserve: 100, products: {{allow: [1003]}}}}
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A directory as the pages assume it, and the environment their commands run in."""

    directory: Path
    environment: Mapping[str, str]


@pytest.fixture(scope="session")
def environment() -> Mapping[str, str]:
    """An operator's shell: `earnd` on the path, no keys, a terminal of fixed width."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("EARND_", "CREDENTIALS_", "STATE_"))
    }
    return kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
        "TERM": "dumb",
    }


@pytest.fixture(scope="session")
def demo_ledger(tmp_path_factory: pytest.TempPathFactory, environment: Mapping[str, str]) -> Path:
    """What `earnd demo` leaves behind; made once, also where several processes run the tests."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    place = shared / "demo-for-the-pages"
    with (shared / "demo-for-the-pages.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "is-whole").exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            subprocess.run(
                ["earnd", "demo", "--dir", "earnd-demo"],  # noqa: S607 - the one on the path is meant
                cwd=place,
                env=dict(environment),
                check=True,
                capture_output=True,
            )
            (place / "is-whole").touch()
    return place / "earnd-demo" / "ledger.db"


@pytest.fixture(scope="session")
def doubtful_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A subscribe that was carried out, whose reply was lost and whose record does not appear."""
    place = tmp_path_factory.mktemp("doubtful") / "doubtful"
    place.mkdir()
    clock = VirtualClock(BEGINS)
    books = practice_world(clock, settings=Settings(record_lag=timedelta(days=10)))
    with serve(books) as server:
        server.faults.add(Fault("subscribe", "drop_after"))
        path = place / "config.yaml"
        path.write_text(DOUBTFUL_CONFIG.format(base_url=server.base_url))
        file = load(path)
        log = configure(level="error", form="json", stream=StringIO())
        with wired(
            file,
            secrets_of(file, PRACTICE_KEYS),
            file.ledger_path({}),
            clock=DemoClock(clock),
            log=log,
        ) as here:
            for minutes in (0, 15, 30, 45, 75):
                clock.advance_to(BEGINS + timedelta(minutes=minutes))
                run_cycle(here.parts, "schedule")
    return place / "ledger.db"


@pytest.fixture
def place(
    tmp_path: Path,
    environment: Mapping[str, str],
    demo_ledger: Path,
    doubtful_ledger: Path,
) -> Place:
    """A directory of its own with a copy of both."""
    for ledger in (demo_ledger, doubtful_ledger):
        shutil.copytree(ledger.parent, tmp_path / ledger.parent.name)
    return Place(tmp_path, environment)
