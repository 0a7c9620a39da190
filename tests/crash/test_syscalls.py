"""Killed at a system call, or told by one that the disk failed: C1 to C5, L22, L23, L24.

A sample: so many of each kind, spread evenly from the first call to the last. The whole matrix of
boundaries is in `test_matrix`; this is for what lies between two of them, a torn commit above all.
"""

from __future__ import annotations

import signal
from functools import cache

import pytest

from tests.crash.matrix import VARIANTS, Case, Played, Theatre
from tests.crash.stage import Life
from tests.crash.syscalls import CALLS, Injection, count, traced, unavailable
from tests.crash.verdict import WRITTEN_NOT_SENT, judged

SAMPLES = 6
KILLS = [(call, "signal=SIGKILL") for call in CALLS]
ERRORS = [(call, f"error={name}") for call in CALLS[:2] for name in ("EIO", "ENOSPC")]
FINE, NO_LEDGER = 0, 3

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(unavailable() is not None, reason=str(unavailable())),
]


@cache
def calls_of_a_life(house: Theatre) -> dict[str, int]:
    """How often an unharmed life makes each call."""
    with house.stage() as account:
        life, log = traced(account)
        assert life.status == 0, life.output
    return {call: count(log, call) for call in CALLS}


@pytest.mark.parametrize("sample", range(SAMPLES))
@pytest.mark.parametrize(("call", "what"), KILLS + ERRORS)
def test_whatever_system_call_is_the_last_one_it_repeats_and_forgets_nothing(
    house: Theatre, call: str, what: str, sample: int
) -> None:
    last = calls_of_a_life(house)[call]
    injection = Injection(call, what, 1 + sample * (last - 1) // (SAMPLES - 1))
    played = Played(Case(VARIANTS["delivered"], ()))
    with house.stage() as account:
        life, log = traced(account, injection)
        if what == "signal=SIGKILL":
            assert life.signal == signal.SIGKILL, (str(injection), life.output)
        else:
            # The last call of a life may belong to its tidying up, whose failure loses nothing.
            assert life.code in {FINE, NO_LEDGER}, (str(injection), life.output)
            assert log.count("(INJECTED)") == 1
            assert "Traceback" not in life.output
        account.clock.advance(played.case.variant.pause)
        house.to_rest(account, played)
        found = [*played.violations, *judged(account, _may_be_unsent(life))]
    assert not found, f"{injection}, after {life.trace[-1:]}: {found}"


def _may_be_unsent(life: Life) -> range:
    """Within a commit it is open whether it took place: both are right."""
    last = life.trace[-1] if life.trace else ""
    may = last in WRITTEN_NOT_SENT or last == "before commit in ledger.begin_attempt"
    return range(2 if may else 1)
