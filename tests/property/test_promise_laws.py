"""An exchange that pays what it says is never said to pay less, whatever it leaves unsaid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from earnd.domain.accrual import LATEST_PAYMENT
from earnd.domain.money import floor_to
from earnd.domain.promise import Promise, Rule
from earnd.domain.regime import Additional, PaysInto, Tiers, explains, unit_of
from earnd.domain.strategy import TierRule
from earnd.sandbox import Settings
from tests.support.paying import Watched
from tests.support.practice import flexible, tiered

RATES = st.sampled_from(["0", "0.0001", "0.01", "0.03", "0.05", "0.12"])
AMOUNTS = st.sampled_from(["1", "7.5", "300", "1000", "2500.12345678", "40000"])

products = st.one_of(
    st.builds(lambda apy: flexible("1", apy, maximum=Decimal(1_000_000)), RATES),
    st.builds(
        lambda low, high, edge: tiered("1", ("0", edge, low), (edge, "1000000", high)),
        RATES,
        RATES,
        st.sampled_from(["500", "1000", "2500"]),
    ),
)

Deed = Callable[[Watched], None]


def _put(amount: str) -> Deed:
    return lambda watched: watched.put(amount)


def _take(part: str) -> Deed:
    def take(watched: Watched) -> None:
        held = watched.books.held("1")
        amount = floor_to(held * Decimal(part), 8)
        if amount > 0:
            watched.take(f"{amount:f}")

    return take


def _pay(rate: str, additional: str) -> Deed:
    def change(watched: Watched) -> None:
        (spec,) = watched.books.products()
        tiers = tuple(replace(tier, apy=tier.apy + Decimal(rate)) for tier in spec.tiers)
        watched.change(apy=Decimal(rate), tiers=tiers, additional_apy=Decimal(additional))

    return change


deeds = st.one_of(
    st.builds(_put, AMOUNTS),
    st.builds(_take, st.sampled_from(["0.1", "0.5", "1"])),
    st.builds(_pay, RATES, RATES),
)


@st.composite
def lives(draw: st.DrawFn) -> tuple[Watched, list[tuple[int, Deed]]]:
    """A product under any settings, and what happens after so many hours each."""
    every: Literal["day", "hour"] = draw(st.sampled_from(["day", "hour"]))
    delays = [0, 10, 90, 300, 1440] if every == "day" else [0, 10, 50]
    watched = Watched(
        replace(draw(products), additional_apy=Decimal(draw(RATES))),
        Settings(
            interest_paid=draw(st.sampled_from(["wallet", "product"])),
            interest_every=every,
            tier_rule=draw(st.sampled_from(["marginal", "whole"])),
            count_additional_apy=draw(st.booleans()),
            interest_places=draw(st.sampled_from([2, 6, 8, 12])),
            payout_delay=timedelta(minutes=draw(st.sampled_from(delays))),
            day_starts=timedelta(hours=draw(st.sampled_from([0, 4, 16]))),
        ),
        totals=draw(st.booleans()),
    )
    longest = 60 if every == "day" else 12
    hours = st.integers(0, longest)
    return watched, draw(st.lists(st.tuples(hours, deeds), min_size=1, max_size=8))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(lives())
def test_an_honest_exchange_is_never_said_to_pay_less(
    life: tuple[Watched, list[tuple[int, Deed]]],
) -> None:
    """And what is inferred of it is what it does, or `unknown`."""
    watched, story = life
    watched.look()
    watched.clock.advance(timedelta(minutes=20))
    watched.put("100")
    for hours, deed in story:
        watched.days(hours / 24)
        deed(watched)
    watched.days(4 if watched.settings.interest_every == "day" else 0.5)
    truth = _truth(watched)
    for found in watched.history:
        assert not found.regime.short
        assert found.regime.additional in (truth[0], Additional.UNKNOWN)
        assert found.regime.tier_rule in (truth[1], Tiers.UNKNOWN)
        assert found.regime.pays_into in (truth[2], PaysInto.UNKNOWN)
        assert found.regime.every.value in (watched.settings.interest_every, "unknown", "other")
        if watched.settings.payout_delay <= LATEST_PAYMENT:
            assert found.regime.starts.value in (truth[3], "unknown")
    event(f"promises: {min(len(watched.promises), 3)}")
    rule = Rule(TierRule(watched.settings.tier_rule), watched.settings.count_additional_apy)
    unit = unit_of([promise.payment for promise in watched.promises.values()])
    for promise in watched.promises.values():
        if promise.is_sure:
            assert explains(promise, rule, unit), _told(promise, rule)


def _truth(watched: Watched) -> tuple[Additional, Tiers, PaysInto, str]:
    settings = watched.settings
    return (
        Additional.PAID if settings.count_additional_apy else Additional.NOT_PAID,
        Tiers(settings.tier_rule),
        PaysInto(settings.interest_paid),
        "next_hour" if settings.interest_every == "hour" else "next_day",
    )


def _told(promise: Promise, rule: Rule) -> str:
    return f"{promise.payment}: {promise.bounds[rule]}"
