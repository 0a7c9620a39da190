"""The runs of a simulation: what they earn, to the last digit, and what none of them can."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings

from earnd.domain.money import ROUNDING_DOWN, floor_to, total
from earnd.domain.reason import Reason
from earnd.domain.strategy import Quarantine, Rotation, TierRule
from earnd.simulation.baselines import AutoSubscribe, Greedy, Static
from earnd.simulation.history import HOUR
from earnd.simulation.planner import Planner
from earnd.simulation.running import AUTO, GREEDY, STATIC, Simulation, simulate
from earnd.simulation.tally import ON_THE_WAY
from earnd.simulation.world import Scene, World
from tests.support.rates import DAY, USDT, at, history, scene, scenes, terms, whole

DEC = Decimal


def simulated(one: Scene) -> Simulation:
    return simulate(one, whole(one))


def earned_by(result: Simulation, name: str) -> Decimal:
    return next(run.earned for run in result.runs if run.name == name)


def test_a_year_of_one_rate_earns_what_arithmetic_says() -> None:
    """The first hour is the one that it is put in in; each other pays a 8760th of 5 %."""
    one = scene(history((0, "1", terms("0.05"))), 8760, "10000", every=timedelta(hours=24))
    result = simulated(one)
    an_hour = floor_to(ROUNDING_DOWN.divide(DEC(500), DEC(8760)), 18)
    assert result.own.earned == an_hour * 8759
    assert (result.own.subscribes, result.own.redeems) == (1, 0)
    assert result.own.idle_cost == {ON_THE_WAY: an_hour}
    assert earned_by(result, STATIC) == earned_by(result, GREEDY) == result.own.earned
    # The sweep comes at half past two, and pays from three on.
    assert earned_by(result, AUTO) == an_hour * 8757
    assert 0 <= result.best.earned - result.own.earned < DEC("1e-14")


@settings(max_examples=40)
@given(scenes(hours=36))
def test_nobody_earns_more_than_foresight_and_no_coin_is_lost(one: Scene) -> None:
    most = simulated(one).best.earned
    for make in (Static, Greedy, AutoSubscribe, lambda world: Planner(world, whole(one))):
        world = World(one)
        player = make(world)
        while world.now < one.ends:
            player.act()
            assert world.is_balanced()
            world.advance(min(world.now + one.every, one.ends))
        assert world.is_balanced()
        assert world.earned <= most
        assert world.earned == total(row.profit for row in world.positions())
        held = total(world.held().values())
        assert held + world.on_its_way <= one.money - one.keeps_idle


@settings(max_examples=10)
@given(scenes(hours=36))
def test_the_same_scene_has_the_same_result_to_the_last_digit(one: Scene) -> None:
    assert simulated(one) == simulated(one)


@settings(max_examples=30)
@given(scenes(hours=36))
def test_the_exchange_refuses_nothing_that_earnd_wants(one: Scene) -> None:
    assert simulated(one).own.refusals == 0


@settings(max_examples=30)
@given(scenes(hours=36, plain=True))
def test_whole_balance_tiers_are_bounded_by_foresight_too(one: Scene) -> None:
    tiers = terms("0.05", "300 0.01, 700 0.2, 2000 0.05")
    changed = history((0, "1", tiers), (12, "1", replace(tiers, is_open=False)))
    strategy = replace(one.strategy, tier_rule=TierRule.WHOLE)
    result = simulated(replace(one, history=changed, strategy=strategy))
    assert all(run.earned <= result.best.earned for run in result.runs)


@pytest.mark.parametrize("transit", [1, 5])
def test_moving_costs_so_many_hours_in_all(transit: int) -> None:
    """6 % until hour 10, then nothing, and 6 % elsewhere: only the time on the way is lost."""
    past = history(
        (0, "1", terms("0.06")),
        (0, "2", terms("0.01")),
        (10, "1", terms("0")),
        (10, "2", terms("0.06")),
    )
    eager = Rotation(proof=DEC(0), move_cost=timedelta(0), cool_down=timedelta(0))
    believing = Quarantine(looks=1, span=timedelta(0))
    one = scene(past, 40, transit=transit * HOUR)
    one = replace(one, strategy=replace(one.strategy, rotation=eager, quarantine=believing))
    result = simulated(one)
    an_hour = floor_to(ROUNDING_DOWN.divide(DEC(60), DEC(8760)), 18)
    assert result.own.earned == an_hour * (39 - transit)
    assert result.own.rotations == 1
    lost = floor_to(ROUNDING_DOWN.divide(DEC(60) * (1 + transit), DEC(8760)), 18)
    assert result.own.idle_cost == {ON_THE_WAY: lost}


def test_a_rate_that_reads_zero_for_three_hours_moves_nothing() -> None:
    past = history(
        (0, "1", terms("0.05")),
        (0, "2", terms("0.04")),
        (50, "1", terms("0")),
        (53, "1", terms("0.05")),
    )
    result = simulated(scene(past, 200))
    assert (result.own.subscribes, result.own.redeems) == (1, 0)


def test_what_vanishes_from_the_list_keeps_its_money_until_it_is_believed() -> None:
    past = history(
        (0, "1", terms("0.05")), (0, "2", terms("0.04")), (50, "1", terms("0.05", is_listed=False))
    )
    result = simulated(scene(past, 53))
    assert result.own.redeems == 0


def test_a_closed_product_takes_nothing_and_one_without_a_way_out_keeps_what_it_has() -> None:
    past = history(
        (0, "1", terms("0.05", may_leave=False)),
        (0, "2", terms("0.09", is_open=False)),
        (100, "2", terms("0.5")),
    )
    result = simulated(scene(past, 900))
    assert [earner.product_id for earner in result.own.earners] == ["1"]
    assert result.own.redeems == result.own.refusals == 0


def test_idle_money_is_told_by_its_cause() -> None:
    """100 of 1000 are a reserve, 500 find room at 10 %, 400 have no room at all."""
    past = history(
        (0, "1", terms("0.1", maximum=DEC(500))), (0, "2", terms("0.02", maximum=DEC(0)))
    )
    one = scene(past, 10)
    one = replace(one, strategy=replace(one.strategy, reserve=DEC(100)))
    result = simulated(one)
    assert set(result.own.idle_cost) == {ON_THE_WAY}
    assert result.own.earned == floor_to(ROUNDING_DOWN.divide(DEC(50), DEC(8760)), 18) * 9
    denied = replace(one.strategy, min_apy=replace(one.strategy.min_apy, value=DEC("0.2")))
    result = simulated(replace(one, strategy=denied))
    # 500 of the 1000 that lie idle could earn 10 %: half of each cause's amount, ten hours long.
    cost = result.own.idle_cost
    assert set(cost) == {Reason.KEPT_AS_RESERVE, Reason.UNDER_MIN_APY}
    assert cost[Reason.UNDER_MIN_APY] == floor_to(DEC(450) / 10 * 10 / 8760, 18)
    assert cost[Reason.KEPT_AS_RESERVE] == floor_to(DEC(50) / 10 * 10 / 8760, 18)


def test_products_report_what_they_paid_and_held() -> None:
    past = history((0, "1", terms("0.1", maximum=DEC(500))), (0, "2", terms("0.05")))
    result = simulated(scene(past, 25))
    first, second = result.own.earners
    assert first.average == second.average == DEC(500)
    assert first.earned + second.earned == result.own.earned
    assert result.own.samples[-1].held == {"1": 500, "2": 500}
    assert result.own.samples[-1].earned == result.own.earned


def test_greedy_follows_every_change_and_static_none() -> None:
    past = history(
        *((hour, "1", terms("0.06" if hour % 2 else "0.04")) for hour in range(20)),
        *((hour, "2", terms("0.04" if hour % 2 else "0.06")) for hour in range(20)),
    )
    result = simulated(scene(past, 20))
    moves = {run.name: run.redeems for run in result.runs}
    # At every full hour but the first, where the money comes in.
    assert (moves[GREEDY], moves[STATIC], moves[AUTO]) == (19, 0, 0)
    assert earned_by(result, GREEDY) == 0
    assert result.own.redeems == 0


def test_no_money_and_no_time_are_no_reason_to_fail() -> None:
    past = history((0, "1", terms("0.05")))
    one = scene(past, 1, "5")
    one = replace(one, strategy=replace(one.strategy, reserve=DEC(10)))
    result = simulated(one)
    assert all(run.earned == 0 for run in result.runs)
    assert result.share(result.own) is None


def test_a_day_is_a_day_wherever_the_period_begins() -> None:
    past = history((0, "1", terms("0.05")), (30, "1", terms("0.06")))
    one = replace(scene(past, 54), begins=at(6))
    assert simulated(one).scene.hours == 48
    assert one.ends - one.begins == 2 * DAY
    assert one.coin == USDT
