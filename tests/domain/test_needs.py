"""Money that is to be at hand at a moment that the strategy names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from earnd.domain.decide import decide
from earnd.domain.money import plain
from earnd.domain.reason import Reason
from earnd.domain.strategy import CoinStrategy, Need
from tests.support.world import NOON, dec, holding, product, situation

HOUR = timedelta(hours=1)
STRATEGY = CoinStrategy(
    reserve=dec(100), needs=(Need(dec(400), NOON + 24 * HOUR),), need_lead=24 * HOUR
)


def redeemed(hours: int, idle: str = "100", strategy: CoinStrategy = STRATEGY) -> str:
    """What comes home, so many hours after the need begins to be brought home."""
    seen = situation(idle=idle, offers=[product()], held=[holding("5000")], strategy=strategy)
    plan = decide(replace(seen, now=NOON + hours * HOUR))
    assert {move.reason for move in plan.redeems()} <= {Reason.NEED}
    return ",".join(plain(move.amount) for move in plan.redeems())


@pytest.mark.parametrize(
    ("hours", "idle", "brought"),
    [
        (-1, "100", ""),
        (0, "100", "400"),
        (23, "100", "400"),
        (5, "320", "180"),
        (5, "500", ""),
        # Its moment is past: what is there stays for a day, what is gone was used.
        (24, "100", ""),
    ],
)
def test_a_need_is_brought_home_before_its_moment_on_top_of_the_reserve(
    hours: int, idle: str, brought: str
) -> None:
    assert redeemed(hours, idle) == brought


@pytest.mark.parametrize(("hours", "put_in"), [(-1, 400), (0, 0), (47, 0), (48, 400)])
def test_what_a_need_asks_for_is_kept_idle_until_a_day_after_its_moment(
    hours: int, put_in: int
) -> None:
    seen = situation(idle="500", offers=[product()], strategy=STRATEGY)

    plan = decide(replace(seen, now=NOON + hours * HOUR))

    assert sum(move.amount for move in plan.subscribes()) == put_in
    if not put_in:
        assert plan.holds[0].reason is Reason.KEPT_FOR_NEED


def test_needs_add_up_and_the_larger_of_a_refill_and_the_needs_is_brought() -> None:
    two = (*STRATEGY.needs, Need(dec(50), NOON + 10 * HOUR))
    refill = replace(STRATEGY, needs=two, refill_below=dec(200), refill_to=dec(300))

    assert redeemed(5, strategy=replace(STRATEGY, needs=two)) == "450"
    assert redeemed(5, strategy=refill) == "450"


def test_a_need_says_how_much_and_by_when() -> None:
    seen = situation(idle="100", offers=[product()], held=[holding("5000")], strategy=STRATEGY)

    (move,) = decide(seen).moves

    assert move.detail["need"] == "400"
    assert move.detail["by"] == "2026-03-02T12:00:00+00:00"
    assert move.detail["idle"] == "100"
