"""What could have been earned: against a solver, against every plan there is, and in the books."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from earnd.domain.ids import ProductId
from earnd.domain.money import ROUNDING_DOWN, floor_to
from earnd.simulation.course import AMOUNT_SCALE, course_of
from earnd.simulation.flow import best_flow, steps_of
from earnd.simulation.foresight import Foresight, foresee
from earnd.simulation.history import HOUR
from earnd.simulation.world import Scene, World
from tests.support.rates import at, history, scene, scenes, solved, terms


@settings(max_examples=300)
@given(scenes())
def test_foresight_earns_what_a_solver_says_it_can(one: Scene) -> None:
    course = course_of(one)
    event("one way" if course.is_plain else "a flow")
    assert float(foresee(course).earned) == pytest.approx(solved(course), rel=1e-7, abs=1e-9)


@settings(max_examples=100)
@given(scenes(hours=60), st.sampled_from([1, 2]))
def test_hours_without_a_change_in_one_step_lose_nothing(one: Scene, transit: int) -> None:
    course = course_of(replace(one, transit=transit * HOUR))
    event(f"{course.length - len(steps_of(course))} hours fewer")
    assert float(foresee(course).earned) == pytest.approx(solved(course), rel=1e-7, abs=1e-9)


@settings(max_examples=100)
@given(scenes(plain=True))
def test_one_way_and_the_flow_are_the_same_where_both_apply(one: Scene) -> None:
    course = course_of(one)
    assert course.is_plain
    assert foresee(course).gain == best_flow(course)[0]


@settings(max_examples=150)
@given(scenes(on_the_hour=True))
def test_the_books_pay_what_foresight_says_for_the_steps_that_it_names(one: Scene) -> None:
    fine = replace(one, strategy=replace(one.strategy, precision=18))
    found = foresee(course_of(fine))
    paid = played(fine, found)
    # Each hour of each position is cut to 18 decimals.
    cut = Decimal(one.hours * 3).scaleb(-18)
    assert found.earned - cut <= paid <= found.earned


def played(one: Scene, found: Foresight) -> Decimal:
    """What the practice exchange pays for these steps, each at a moment at which it can be.

    What goes in beyond what a product takes, and out again at once, earns nothing: it stays out.
    """
    world = World(one)
    keys = list(one.history.names)
    for step in found.steps:
        world.advance(at(step.hour))
        key, amount = keys[step.product], Decimal(abs(step.amount)) / AMOUNT_SCALE
        held = world.held().get(key, Decimal(0))
        if step.amount < 0:
            assert not held or world.redeem(key, min(amount, held))
        else:
            part = min(amount, world.terms[key].maximum - held)
            assert not part or world.subscribe(key, part)
    world.advance(one.ends)
    assert world.is_balanced()
    return world.earned


@pytest.mark.parametrize("transit", [1, 2])
def test_no_plan_of_all_the_money_earns_more(transit: int) -> None:
    past = history(
        (0, "1", terms("0.05")),
        (0, "2", terms("0.01")),
        (2, "2", terms("0.3")),
        (3, "1", terms("0.05", is_open=False)),
        (4, "2", terms("0.02")),
        (5, "1", terms("0.09")),
    )
    one = scene(past, 7, transit=transit * HOUR)
    best = max(lived(one, plan) for plan in product((None, "1", "2"), repeat=7))
    most = foresee(course_of(one)).earned
    # Each hour that is paid is cut to 18 decimals.
    assert most - Decimal(7).scaleb(-18) <= best <= most


def lived(one: Scene, plan: tuple[str | None, ...]) -> Decimal:
    """What the books pay for being, as far as it can be, in these places, hour by hour."""
    world = World(one)
    for hour, place in enumerate(plan):
        world.advance(at(hour))
        for product_id, amount in world.held().items():
            if product_id != place:
                world.redeem(product_id, amount)
        if place is not None and world.idle:
            world.subscribe(place, world.idle)
    world.advance(one.ends)
    return world.earned


def test_a_move_pays_from_the_hour_after_it_and_loses_the_hour_that_it_is_in() -> None:
    """1000 put in at 0:00 earn 5 % from 1:00 to 4:00; on the way to 6:00; 20 % from 7:00 on."""
    past = history(
        (0, "1", terms("0.05")), (0, "2", terms("0")), (4, "1", terms("0")), (7, "2", terms("0.2"))
    )
    found = foresee(course_of(scene(past, 8, transit=3 * HOUR)))
    into_the_first, *later = found.steps
    assert (into_the_first.hour, into_the_first.product) == (0, 0)
    assert [step.amount < 0 for step in later] == [True, False]
    a_year = Decimal(1000) * (3 * Decimal("0.05") + Decimal("0.2"))
    assert found.earned == floor_to(ROUNDING_DOWN.divide(a_year, Decimal(8760)), 18)


def test_what_the_strategy_forbids_is_no_part_of_the_optimum() -> None:
    past = history((0, "1", terms("0.05")), (0, "2", terms("0.5")))
    one = scene(past, 5)
    denied = replace(one.strategy, deny=frozenset({ProductId("2")}), reserve=Decimal(400))
    found = foresee(course_of(replace(one, strategy=denied)))
    assert found.earned == pytest.approx(Decimal(600) * 4 * Decimal("0.05") / 8760)


def test_rising_tiers_are_bounded_from_above() -> None:
    """600 of 1000 at 1 % and the rest at 9 %: never less than what they pay together."""
    past = history((0, "1", terms("0", "600 0.01, 1000 0.09")))
    one = scene(past, 3)
    pays = (Decimal(600) * Decimal("0.01") + Decimal(400) * Decimal("0.09")) * 2 / 8760
    assert foresee(course_of(one)).earned == pytest.approx(pays)
    less = scene(past, 3, "600")
    assert foresee(course_of(less)).earned == pytest.approx(Decimal(6) * 2 / 8760)
