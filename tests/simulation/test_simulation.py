"""Years of trouble, in virtual time: the ledger agrees with the exchange's own books throughout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.seed import DAYS, Plan, run_seed

ROOT = Path(__file__).parent.parent.parent
SEEDS = 60
"""Of 20 days each: 1,200 simulated days in the gate, which has to end on slow machines;
`python -m tests.simulation --days 10000` plays on."""
CHUNKS = 20


@pytest.mark.parametrize("seed", [1, 8, 19])
def test_a_week_of_trouble_leaves_nothing_unsaid(seed: int) -> None:
    report = run_seed(seed, Plan(days=7))

    assert not report.violations, report.short()
    assert report.counts["cycles"] > 5


def test_a_seed_repeats_itself_byte_by_byte() -> None:
    first, second = run_seed(8, Plan(days=5)), run_seed(8, Plan(days=5))

    assert first.trace == second.trace
    assert first.digest == second.digest
    assert first.counts["sent"] > 0
    assert run_seed(1, Plan(days=5)).digest != first.digest


@pytest.mark.slow
def test_a_seed_tells_the_same_story_in_another_process() -> None:
    """Whatever order sets and hashes have there."""
    command = [sys.executable, "-m", "tests.simulation", "--seed", "17"]
    stories = {
        subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("1", "2")
    }

    assert len(stories) == 1
    assert b"violations" in stories.pop()


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_twelve_hundred_days_of_trouble_leave_nothing_unsaid(chunk: int) -> None:
    """A failure prints the seed and the command that tells its story."""
    reports = [run_seed(seed) for seed in range(chunk, SEEDS, CHUNKS)]

    failed = [report.short() for report in reports if report.violations]
    assert not failed, "\n".join(failed)
    assert sum(report.days for report in reports) == SEEDS * DAYS // CHUNKS
