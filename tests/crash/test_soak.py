"""The soak's short form; `python -m tests.crash.soak --kills 10000` is the long one."""

from __future__ import annotations

import json

import pytest

from tests.crash.soak import soak


@pytest.mark.slow
def test_killed_at_random_moments_it_repeats_and_forgets_nothing() -> None:
    """C3, C4, C7, C8, C9: the daemon, some of the time asked to stop just before."""
    figures = soak(kills=20, seed=1)
    assert figures["violations"] == [], json.dumps(figures, indent=2)
