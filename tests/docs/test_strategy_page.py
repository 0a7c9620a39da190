"""The worked examples of the page on strategies, decided anew; and that no knob is left out."""

from __future__ import annotations

import re

import pytest

from earnd.config.coin import CoinSection
from earnd.domain.money import plain
from earnd.domain.plan import Hold, Move
from earnd.domain.reason import Reason
from tests.docs.examples import Case, cases, done, figure, outcome, seen
from tests.docs.generated import DOCS, key_rows

PAGE = DOCS / "strategy.md"
CASES = list(cases(PAGE))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_an_example_says_is_what_is_decided(case: Case) -> None:
    moves, holds = outcome(seen(case.world))
    steps: list[Move | Hold] = [*moves, *holds]
    told = [] if case.says["earnd"] == "nothing" else case.says["earnd"].split("; ")
    left = [clause for clause in told if clause.startswith("leaves ")]
    whys = {Reason(name) for name in re.findall(r"`([a-z_]+)`", case.says["why"])}

    assert sorted(map(done, moves)) == sorted(clause for clause in told if clause not in left)
    assert whys, "a row says why"
    assert {move.reason for move in moves} <= whys
    assert whys <= {step.reason for step in steps}
    for clause in left:
        amount = clause.removeprefix("leaves ")
        assert any(
            hold.amount is not None and plain(hold.amount) == amount and hold.reason in whys
            for hold in holds
        ), clause


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_figures_beside_an_example_are_those_of_the_decision(case: Case) -> None:
    moves, holds = outcome(seen(case.world))
    decided: list[Move | Hold] = [*moves, *holds]
    whys = [Reason(name) for name in re.findall(r"`([a-z_]+)`", case.says["why"])]
    steps = [step for step in decided if step.reason in whys]
    for key, shown in case.says.items():
        if key.startswith("`") and shown:
            assert figure(steps, key.strip("`"), shown) == shown, key


def test_the_page_has_examples() -> None:
    assert len(CASES) >= 40


def test_every_knob_is_on_the_page_with_its_default() -> None:
    text = PAGE.read_text(encoding="utf-8")
    missing = [
        (key, default)
        for key, default, _ in key_rows(CoinSection)
        if f"| `{key}` | {default} |" not in text
    ]
    assert missing == []
