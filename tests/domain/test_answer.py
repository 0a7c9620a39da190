from __future__ import annotations

import pytest

from earnd.domain.action import TRANSITIONS, State
from earnd.domain.answer import Outcome, verdict

VERDICTS = {
    Outcome.NOT_SENT: (State.DROPPED, State.UNKNOWN),
    Outcome.YES: (State.ACCEPTED, State.ACCEPTED),
    Outcome.SEEN: (State.UNKNOWN, State.UNKNOWN),
    Outcome.REFUSED: (State.REJECTED, State.UNKNOWN),
    Outcome.NOT_EXECUTED: (State.REJECTED, State.UNKNOWN),
    Outcome.UNCLEAR: (State.UNKNOWN, State.UNKNOWN),
}


@pytest.mark.parametrize("outcome", Outcome)
def test_a_refusal_proves_something_only_of_the_first_sending(outcome: Outcome) -> None:
    """X8."""
    clean, not_clean = VERDICTS[outcome]

    assert verdict(outcome, clean=True) is clean
    assert verdict(outcome, clean=False) is not_clean


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("clean", [True, False])
def test_every_verdict_is_a_legal_step_from_sending(outcome: Outcome, clean: bool) -> None:
    assert verdict(outcome, clean=clean) in TRANSITIONS[State.SENDING]


def test_an_outcome_that_does_not_exist_is_never_taken_for_one() -> None:
    with pytest.raises(AssertionError, match="perhaps"):
        verdict("perhaps", clean=True)  # type: ignore[arg-type] # that is the point
