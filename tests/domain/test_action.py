from __future__ import annotations

import pytest

from earnd.domain.action import (
    OPEN_STATES,
    TRANSITIONS,
    WRITTEN_OFF_STATES,
    State,
    request_no_for,
)
from earnd.domain.ids import ActionId

TERMINAL = {State.SETTLED, State.LATE}


def paths(state: State, walked: tuple[State, ...]) -> list[tuple[State, ...]]:
    """All ways from a state to an end, going round by a re-send once at most."""
    if not TRANSITIONS[state]:
        return [walked]
    return [
        path
        for after in TRANSITIONS[state]
        if walked.count(after) < (2 if after in {State.SENDING, State.UNKNOWN} else 1)
        for path in paths(after, (*walked, after))
    ]


def test_every_state_is_in_the_table() -> None:
    assert set(TRANSITIONS) == set(State)


def test_only_a_resend_goes_round() -> None:
    """Without the step from unknown back to sending, every walk only goes forward."""
    order = [
        State.PLANNED,
        State.SENDING,
        State.UNKNOWN,
        State.ACCEPTED,
        State.NEEDS_OPERATOR,
        State.SETTLED,
        State.REJECTED,
        State.DROPPED,
        State.LATE,
    ]
    back = {
        (state, after)
        for state, steps in TRANSITIONS.items()
        for after in steps
        if order.index(after) <= order.index(state)
    }

    assert back == {(State.UNKNOWN, State.SENDING)}


def test_every_path_ends() -> None:
    found = paths(State.PLANNED, (State.PLANNED,))

    assert found
    assert {path[-1] for path in found} == TERMINAL
    assert {state for path in found for state in path} == set(State)


def test_terminal_states_have_no_way_out_and_written_off_ones_only_to_late() -> None:
    """X5."""
    assert {state for state, steps in TRANSITIONS.items() if not steps} == TERMINAL
    for state in WRITTEN_OFF_STATES:
        assert TRANSITIONS[state] == {State.LATE}


def test_an_action_is_open_over_or_written_off() -> None:
    assert set(State) == OPEN_STATES | WRITTEN_OFF_STATES | TERMINAL
    assert not OPEN_STATES & (WRITTEN_OFF_STATES | TERMINAL)


def test_the_number_is_twenty_digits_that_read_back_as_run_and_action() -> None:
    """X34, X35."""
    number = request_no_for("98765432", ActionId(42))

    assert number == "98765432000000000042"
    assert len(request_no_for("10000000", ActionId(10**12 - 1))) == 20


@pytest.mark.parametrize(
    "prefix",
    ["", "1234567", "123456789", "01234567", "1234567a", "١٢٣٤٥٦٧٨", " 1234567", "+1234567"],
)
def test_a_prefix_is_eight_digits_the_first_not_zero(prefix: str) -> None:
    with pytest.raises(ValueError, match="run prefix"):
        request_no_for(prefix, ActionId(1))


@pytest.mark.parametrize("number", [0, -1, 10**12])
def test_an_id_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="action id"):
        request_no_for("12345678", ActionId(number))
