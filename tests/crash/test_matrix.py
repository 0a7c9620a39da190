"""The matrix: killed at every boundary of the cycle, restarted, and compared with the books.

The quick suite plays a handful of cases, the slow one a sixth, evenly spread. A case that fails
says how to run it alone; `python -m tests.crash --json FILE` runs all and writes the figures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest

from tests.crash.matrix import (
    GATE,
    GROUPS,
    SOON,
    VARIANTS,
    Case,
    Played,
    Theatre,
    first_death,
)
from tests.crash.verdict import judged

EVERY = 6
"""Of each set of cases one in so many is played in the gate, which has to end on slow machines."""
PARTS = 3
"""Each set is so many tests, so that several processes can share it."""


def play(house: Theatre, cases: Sequence[Case]) -> None:
    """Plays them all; that one did not die where it was told to is a violation too."""
    failed = []
    for case in cases:
        played = house.play(case)
        if played.violations:
            failed.append(played.told())
    assert not failed, f"{len(failed)} of {len(cases)} cases:\n" + "\n".join(failed)


def test_the_cycle_redeems_once_and_subscribes_twice_and_each_boundary_has_two_sides(
    house: Theatre,
) -> None:
    names = house.boundaries(VARIANTS["delivered"])
    sides = Counter(name.partition(" ")[0] for name in names)
    things = Counter(name.partition(" ")[2] for name in names if name.startswith("before "))
    commits = sum(count for name, count in things.items() if name.startswith("commit in "))
    calls = things.total() - commits

    assert (things["writer.redeem_request"], things["writer.subscribe_request"]) == (1, 2)
    assert things["writer.send"] == 3
    assert things["commit in ledger.begin_attempt"] == 3
    assert sides == {"before": calls + commits, "after": calls + commits}
    cases = house.cases(VARIANTS["delivered"])
    assert [case.kills for case in cases] == [(at,) for at in range(1, 2 * (calls + commits) + 1)]
    assert len(house.cases(VARIANTS["lost"])) == len(names) - names.index("after writer.send")


@pytest.mark.parametrize(
    "case",
    [
        "delivered/before commit in ledger.plan_action",
        "delivered/after commit in ledger.plan_action",
        "delivered/before writer.send",
        "delivered/after writer.send",
        "delivered/after commit in ledger.end_attempt",
        "delivered-late/before commit in ledger.enter",
        "lost/after commit in ledger.end_attempt",
        "no-redeem/after writer.send",
        "no-second-late/after ledger.end_cycle",
        "newborn/before commit in opening",
        "delivered/after writer.send+before commit in ledger.record_history+before ledger.enter",
    ],
)
def test_killed_at_the_boundaries_that_matter_most_it_repeats_and_forgets_nothing(
    house: Theatre, case: str
) -> None:
    """C1 to C5: before the intent, between it and the mark, around the sending, in recovery."""
    parsed = Case.parse(case)
    played = house.play(parsed)
    assert played.deaths == list(parsed.kills), played.told()
    assert not played.violations, played.told()


@pytest.mark.parametrize("state", ["planned", "sending, carried out", "unknown, carried out"])
def test_recovering_a_second_time_changes_nothing(house: Theatre, state: str) -> None:
    """C5: what a recovery has concluded, the next start finds concluded."""
    variant, boundary = first_death(state, "redeem")
    played = Played(Case(VARIANTS[variant], (boundary,)))
    with house.stage() as account:
        account.server.faults.add(*VARIANTS[variant].faults)
        assert house.stable.live(account, boundary).trace[-1] == boundary
        account.server.faults.clear()
        house.to_rest(account, played)
        events = account.sql("SELECT * FROM event_log")
        arrived = len(account.arrived)
        account.clock.advance(SOON)

        assert house.stable.live(account).code == 0
        assert account.sql("SELECT * FROM event_log") == events
        assert len(account.arrived) == arrived
        assert not [*played.violations, *judged(account, range(1))]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("group", GATE)
def test_killed_at_boundaries_all_over_it_repeats_and_forgets_nothing(
    house: Theatre, group: str, part: int
) -> None:
    """C1 to C5, C8, C9, L24: boundaries of the cycle with the replies delivered, lost, or caused
    by the second sending only; boundaries of a recovery; and three times in a row.
    """
    cases = GROUPS[group](house)
    # One in six, and of each six another one, so that both sides of the boundaries have a turn.
    chosen = [cases[at] for at in range(len(cases)) if at % EVERY == at // EVERY % EVERY]
    play(house, chosen[part::PARTS])
