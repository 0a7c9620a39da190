"""The simulation finds what it is there to find: each of these mistakes, within so many seeds."""

from __future__ import annotations

import sys

import pytest

from tests.simulation.canaries import CANARIES, Canary, caught_after

MOST_SEEDS = 60


@pytest.mark.slow
@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.name)
def test_a_mistake_is_caught_and_nothing_else_is_taken_for_one(canary: Canary) -> None:
    """`pytest -rP` shows within how many seeds, and by what."""
    caught = caught_after(canary, MOST_SEEDS)

    assert caught.report is not None, f"{canary.name}: not caught within {MOST_SEEDS} seeds"
    found = caught.report.violations[0]
    sys.stdout.write(f"{canary.name}: caught within {caught.seeds} seeds: {found}\n")
    honest = [report.short() for report in caught.clean if report.violations]
    assert not honest, "\n".join(honest)
