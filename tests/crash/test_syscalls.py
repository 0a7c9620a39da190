"""C1 to C5, L22, L23, L24: killed at a system call, or told by one that the disk failed.

A sample, for what lies between two boundaries of the matrix: a torn commit above all.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.crash.matrix import Theatre
from tests.crash.syscalls import KINDS, SAMPLES, calls_of_a_life, spread, strike, unavailable

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _can_inject() -> None:
    reason = unavailable()
    if reason is not None:
        pytest.skip(reason)


counted = cache(calls_of_a_life)


@pytest.mark.parametrize("sample", range(SAMPLES))
@pytest.mark.parametrize(("call", "what"), KINDS)
def test_whatever_system_call_is_the_last_one_it_repeats_and_forgets_nothing(
    house: Theatre, call: str, what: str, sample: int
) -> None:
    injection = spread(call, what, counted(house)[call], sample, SAMPLES)
    violations = strike(house, injection)
    assert not violations, violations
