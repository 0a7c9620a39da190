"""A directory with a strategy and a file of rates, and the command in this process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from earnd.cli.main import run
from tests.cli.shell import Ran

Simulate = Callable[..., Ran]

RATES = """\
time,product,rate,maximum
2026-01-01,Blue,4%,
2026-01-01,Green,3%,6000
2026-01-04,Green,9%,
2026-01-09,Blue,4%,
"""


@pytest.fixture
def simulate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Simulate:
    """Runs `earnd simulate` in `tmp_path`, on `rates.csv` and `config.yaml` there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("EARND_CONFIG", raising=False)
    Path("config.yaml").write_text("strategy: {coins: {USDT: {}}}\n")
    Path("rates.csv").write_text(RATES)

    def run_here(*arguments: str, **options: str) -> Ran:
        given = {"rates": "rates.csv", "coin": "USDT", "money": "10000", **options}
        named = [word for key, value in given.items() for word in (f"--{key}", value) if value]
        capfd.readouterr()
        code = run(["simulate", "-c", "config.yaml", *named, *arguments])
        out, err = capfd.readouterr()
        return Ran(int(code), out, err)

    return run_here
