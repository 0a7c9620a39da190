"""Needs, rotation, quarantine: what is taken, and how a mistake in them is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnd.config.needs import NEEDS, read_moment, read_needs, show_moment
from earnd.config.numbers import count, factor, percent, show_percent
from earnd.config.rotate import MOVE_COST
from earnd.config.values import show_duration
from earnd.domain.ids import Coin
from earnd.domain.strategy import CoinStrategy, Need, Rotation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.config.conftest import Complains, Loads

USDT = Coin("USDT")
NINE = datetime(2026, 12, 4, 9, tzinfo=UTC)

DAY_ALONE = "a day alone could be any of its hours: write the time too, like 2026-12-04T09:00Z"
BOTH_WANTED = "amount and by are wanted here, like {amount: 500, by: 2026-12-04T09:00Z}"
SAME = "the same moment as needs[4]: make one need of both amounts"


def usdt(text: str) -> str:
    return f"strategy: {{coins: {{USDT: {{{text}}}}}}}"


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-04T09:00Z",
        "2026-12-04T09:00:00Z",
        "2026-12-04 09:00Z",
        "2026-12-04T10:00+01:00",
        "2026-12-04T03:30-05:30",
        "2026-12-04T22:45+13:45",
    ],
)
def test_a_moment_is_the_same_in_every_zone_that_it_is_written_in(text: str) -> None:
    assert read_moment(text) == NINE
    assert show_moment(read_moment(text)) == "2026-12-04T09:00Z"


@given(st.integers(-800_000_000, 30_000_000_000))
def test_a_moment_survives_being_written_and_read(seconds: int) -> None:
    moment = NINE + timedelta(seconds=seconds)

    assert read_moment(show_moment(moment)) == moment


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-12-04", "a day alone could be any of its hours: write the time too, like 2026-12-0"),
        ("2026-12-04T09:00", "a zone is missing: write 2026-12-04T09:00Z for UTC, or an offset"),
        ("2026-12-04 09:00:30", "a zone is missing: write 2026-12-04 09:00:30Z for UTC"),
        ("2026-02-30T09:00Z", "there is no such day or time"),
        ("2026-12-04T24:30Z", "there is no such day or time"),
        ("2026-12-04T09:00+0100", "a moment with its zone is wanted"),
        ("2026-12-04T09:00+15:00", "a moment with its zone is wanted"),
        ("2026-12-04T09:00 CET", "a moment with its zone is wanted"),
        ("1026-12-04T09:00Z", "a moment with its zone is wanted"),
        ("tomorrow", "a moment with its zone is wanted"),
        ("1764838800", "a moment with its zone is wanted"),
    ],
)
def test_a_moment_that_could_be_another_is_refused_with_what_to_write(text: str, told: str) -> None:
    with pytest.raises(ValueError, match="got") as caught:
        read_moment(text)

    assert told in str(caught.value)


def test_a_moment_without_a_zone_is_none_wherever_it_comes_from() -> None:
    with pytest.raises(ValueError, match="with its zone"):
        read_moment(datetime(2026, 12, 4, 9))  # noqa: DTZ001 - that is the point


def test_needs_keep_their_order_and_their_digits(loads: Loads) -> None:
    text = """\
strategy:
  coins:
    USDT:
      needs:
        - amount: 40000
          by: 2026-12-04T09:00Z
        - {by: 2026-11-01T00:00+01:00, amount: 0.10}
"""
    strategy = loads(text).strategy_value().for_coin(USDT)

    assert strategy is not None
    assert strategy.needs == (
        Need(Decimal(40000), NINE),
        Need(Decimal("0.1"), datetime(2026, 10, 31, 23, tzinfo=UTC)),
    )
    assert NEEDS.show(strategy.needs) == [
        {"amount": "40000", "by": "2026-12-04T09:00Z"},
        {"amount": "0.1", "by": "2026-10-31T23:00Z"},
    ]
    assert read_needs(strategy.needs) == strategy.needs


def test_every_mistake_in_a_need_is_told_with_its_place(complains: Complains) -> None:
    told = complains(
        "strategy:\n"
        "  coins:\n"
        "    USDT:\n"
        "      needs:\n"
        "        - {amount: -1, by: 2026-12-04}\n"
        "        - {amonut: 5}\n"
        "        - 500 tomorrow\n"
        "        - {amount: 0, by: 2026-12-04T09:00Z}\n"
        "        - {amount: 1, by: 2026-12-04T09:00Z}\n"
        "        - {amount: 1, by: 2026-12-04T10:00+01:00}\n"
        "        - {amount: 1, by: 2027-12-04T10:00Z, colour: red}\n"
    )

    assert [line.removeprefix("config.yaml:").split(";")[0] for line in told] == [
        "5: strategy.coins.USDT.needs[0].amount: an amount is never negative",
        f"5: strategy.coins.USDT.needs[0].by: {DAY_ALONE}",
        "6: strategy.coins.USDT.needs[1]: 'amount' is missing",
        "6: strategy.coins.USDT.needs[1]: 'by' is missing",
        "6: strategy.coins.USDT.needs[1].amonut: unknown key",
        f"7: strategy.coins.USDT.needs[2]: {BOTH_WANTED}",
        "8: strategy.coins.USDT.needs[3].amount: 0 needs nothing",
        f"10: strategy.coins.USDT.needs[5].by: {SAME}",
        "11: strategy.coins.USDT.needs[6].colour: unknown key",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("needs: 5", "needs: a list is wanted, like [{amount: 500, by: 2026-12-04T09:00Z}]"),
        ("needs: {amount: 5}", "needs: a list is wanted"),
        ("need_lead: 31d", "need_lead: from 0s to 30d is possible; got 31d"),
        ("respect_person: 31d", "respect_person: from 0s to 30d is possible; got 31d"),
        ("tier_rule: progressive", "tier_rule: one of marginal, whole is wanted"),
        ("max_total: 101%", "max_total: a share lies above 0% and up to 100%; got '101%'"),
        ("max_total: 0", "max_total: 0 would stop every move"),
        ("max_total: 5, min_move: 6", "max_total: 5 is less than min_move, 6"),
        ("rotate: false", "rotate: keys are wanted here, indented one level"),
        ("rotate: {on: true}", "rotate.on: unknown key"),
        ("rotate: {enabled: on}", "rotate.enabled: true or false is wanted; got 'on'"),
        ("rotate: {horizon: 30m}", "rotate.horizon: from 1h to 365d is possible; got 30m"),
        ("rotate: {horizon: 366d}", "rotate.horizon: from 1h to 365d is possible; got 366d"),
        ("rotate: {move_cost: 31d}", "rotate.move_cost: from 0s to 30d is possible; got 31d"),
        ("rotate: {move_cost: 5}", "rotate.move_cost: auto, or a duration needs its unit"),
        ("rotate: {move_cost: Auto}", "rotate.move_cost: auto, or a duration is wanted"),
        ("rotate: {min_gain: 1%}", "rotate.min_gain: a share has no meaning here; got '1%'"),
        ("rotate: {proof: 1}", "rotate.proof: a share needs its percent sign, like 1%"),
        ("rotate: {proof: 1000.1%}", "rotate.proof: a share from 0% to 1000% is wanted"),
        ("rotate: {proof: all}", "rotate.proof: a share is wanted, like 1% or 0.5%"),
        ("rotate: {cool_down: 31d}", "rotate.cool_down: from 0s to 30d is possible; got 31d"),
        ("rotate: {horizon: 1d, move_cost: 1d}", "rotate.horizon: 1d is not longer than move_cost"),
        ("quarantine: {looks: 0}", "quarantine.looks: a whole number from 1 to 100 is wanted"),
        ("quarantine: {looks: 101}", "quarantine.looks: a whole number from 1 to 100 is wanted"),
        ("quarantine: {looks: 3.5}", "quarantine.looks: a whole number from 1 to 100 is wanted"),
        ("quarantine: {looks: 03}", "quarantine.looks: a whole number from 1 to 100 is wanted"),
        ("quarantine: {span: 8d}", "quarantine.span: from 0s to 7d is possible; got 8d"),
        ("quarantine: {factor: 1}", "quarantine.factor: a plain number above 1 and up to 1000000"),
        ("quarantine: {factor: 10%}", "quarantine.factor: a plain number above 1"),
        ("quarantine: {factor: 1000001}", "quarantine.factor: a plain number above 1"),
        ("quarantine: {sapn: 4h}", "quarantine.sapn: unknown key; did you mean 'span'?"),
        (
            "need_lead: 0s, needs: [{amount: 5, by: 2026-12-04T09:00Z}]",
            "need_lead: 0s leaves no time in which a need could be brought home",
        ),
        (
            "need_lead: 10m, needs: [{amount: 5, by: 2026-12-04T09:00Z}]",
            "need_lead: 10m is less than schedule.every, 15m: a need could be over between two",
        ),
        (
            "max_per_day: 20, needs: [{amount: 21, by: 2026-12-04T09:00Z}]",
            "needs[0].amount: max_per_day, 20, lets no more than 20 come home in need_lead, 1d",
        ),
        (
            "max_per_day: 20, need_lead: 25h, needs: [{amount: 41, by: 2026-12-04T09:00Z}]",
            "needs[0].amount: max_per_day, 20, lets no more than 40 come home in need_lead, 1d1h",
        ),
    ],
)
def test_a_wrong_value_is_told_once_and_where(complains: Complains, text: str, told: str) -> None:
    (line,) = complains(usdt(text))

    assert line.startswith(f"config.yaml:1: strategy.coins.USDT.{told}")


@pytest.mark.parametrize(
    "text",
    [
        "need_lead: 0s",
        "need_lead: 15m, needs: [{amount: 5, by: 2026-12-04T09:00Z}]",
        "max_per_day: 20, needs: [{amount: 20, by: 2026-12-04T09:00Z}]",
        "max_per_day: 20, need_lead: 25h, needs: [{amount: 40, by: 2026-12-04T09:00Z}]",
        "mode: redeem-only, needs: [{amount: 5, by: 2026-12-04T09:00Z}]",
        "rotate: {horizon: 1h, move_cost: auto}",
        "rotate: {horizon: 24h1s, move_cost: 1d}",
        "rotate: {proof: 0%}",
        "quarantine: {looks: 1, span: 0s}",
    ],
)
def test_what_is_right_by_a_hair_is_right(loads: Loads, text: str) -> None:
    assert loads(usdt(text)).strategy_value().for_coin(USDT) is not None


def test_a_need_that_every_cycle_of_a_crontab_may_miss_is_its_writers_to_see_to(
    loads: Loads,
) -> None:
    text = 'schedule: {cron: "5 4 * * *"}\n'
    text += usdt("need_lead: 1h, needs: [{amount: 5, by: 2026-12-04T04:30Z}]")

    assert loads(text).schedule.every is None


def test_the_defaults_are_those_of_the_strategy(loads: Loads) -> None:
    assert loads(usdt("")).strategy_value().for_coin(USDT) == CoinStrategy()
    for nothing in ("rotate:", "quarantine:"):
        text = f"strategy:\n  coins:\n    USDT:\n      {nothing}\n"
        assert loads(text).strategy_value().for_coin(USDT) == CoinStrategy()


def test_the_cost_of_moving_is_measured_unless_it_is_told(loads: Loads) -> None:
    for text, cost in (("auto", None), ("null", None), ("0s", timedelta(0)), ("2h", 2)):
        strategy = loads(usdt(f"rotate: {{move_cost: {text}}}")).strategy_value().for_coin(USDT)
        assert strategy is not None
        wanted = timedelta(hours=cost) if isinstance(cost, int) else cost
        assert strategy.rotation == Rotation(move_cost=wanted)
        assert MOVE_COST.show(wanted) == ("auto" if wanted is None else show_duration(wanted))


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        (count(1, 100), [True, 1.0, "1e1", "٣", None, [], "+3", " 3"]),
        (factor(1_000_000), [True, 10.0, "1e1", "inf", None, [], "-2", "0.5"]),
        (percent(1000), [True, 1.0, "1e1%", "-1%", None, [], "٣%"]),
    ],
)
def test_what_is_not_a_number_as_people_write_it_is_refused(
    read: Callable[[object], object], wrong: list[object]
) -> None:
    for value in wrong:
        with pytest.raises(ValueError, match="got"):
            read(value)


@given(st.decimals(0, 1000, places=6))
def test_a_percentage_survives_being_written_and_read(number: Decimal) -> None:
    fraction = number.scaleb(-2)

    assert percent(1000)(show_percent(fraction)) == fraction
