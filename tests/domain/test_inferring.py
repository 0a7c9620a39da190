"""How a product pays is told from what it paid, in every way that the practice exchange can pay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product as every_way
from typing import Literal

import pytest

from earnd.domain.holdings import Holdings
from earnd.domain.inferring import grew_by, pays_into
from earnd.domain.promise import Basis, Rule
from earnd.domain.regime import Additional, PaysInto, Starts
from earnd.domain.snapshot import RecordKind
from earnd.domain.strategy import InterestPaid, TierRule
from earnd.sandbox import Settings
from earnd.simulation.memory import as_product
from tests.support.paying import HOUR, USDT, Watched
from tests.support.practice import flexible, tiered
from tests.support.world import position, record, situation

Into = Literal["wallet", "product"]
Often = Literal["day", "hour"]
Meaning = Literal["marginal", "whole"]

WAYS = [
    (into, every, rule, paid, delay)
    for into, every, rule, paid, delay in every_way(
        ("wallet", "product"), ("day", "hour"), ("marginal", "whole"), (True, False), (0, 10)
    )
]


def offered() -> Watched:
    """Tiers and an additional rate, so that every reading promises something else."""
    tiers = tiered("1", ("0", "1000", "0.08"), ("1000", "100000", "0.03"))
    return Watched(replace(tiers, additional_apy=Decimal("0.01")))


def entered(watched: Watched, amount: str = "2500") -> Watched:
    """Money goes in between two hours, and far from the end of a day."""
    watched.look()
    watched.clock.advance(timedelta(minutes=20))
    watched.put(amount)
    return watched


@pytest.mark.parametrize(("into", "every", "rule", "paid", "delay"), WAYS)
def test_how_a_product_pays_is_told_as_it_is(
    into: Into, every: Often, rule: Meaning, paid: bool, delay: int
) -> None:
    settings = Settings(
        interest_paid=into,
        interest_every=every,
        tier_rule=rule,
        count_additional_apy=paid,
        payout_delay=timedelta(minutes=delay),
    )
    watched = entered(Watched(offered().spec, settings))
    watched.days(6 if every == "day" else 2.5, every=6 * HOUR if every == "day" else HOUR)
    found = watched.regime
    assert found.pays_into.value == into
    assert found.every.value == every
    assert found.pays_at == ((f"04:{delay:02}") if every == "day" else None)
    assert found.starts is (Starts.NEXT_DAY if every == "day" else Starts.NEXT_HOUR)
    assert found.additional is (Additional.PAID if paid else Additional.NOT_PAID)
    assert found.tier_rule.value == rule
    truth = Rule(TierRule(rule), paid)
    assert watched.promises
    for promise in watched.promises.values():
        assert promise.bounds[truth].exact == promise.payment.amount
        assert promise.bounds[truth].low <= promise.payment.amount <= promise.bounds[truth].high


@pytest.mark.parametrize("into", ["wallet", "product"])
@pytest.mark.parametrize("every", ["day", "hour"])
def test_five_per_cent_less_is_short_after_three_payments_until_one_is_right(
    into: Into, every: Often
) -> None:
    settings = Settings(interest_paid=into, interest_every=every)
    watched = entered(Watched(flexible("1", "0.05"), settings))
    watched.days(4 if every == "day" else 2.5)
    assert not watched.regime.short
    honest, watched.shown = len(watched.history), as_product(watched.spec)
    watched.change(apy=Decimal("0.0475"))
    watched.days(5 if every == "day" else 0.3)
    said = [found.regime.short for found in watched.history[honest:]]
    first = said.index(True)
    assert first in (2, 3)
    assert all(said[first:])
    lacks = watched.found.short
    assert lacks is not None
    assert lacks.paid < lacks.promised * Decimal("0.96")
    watched.change(apy=Decimal("0.05"))
    watched.days(2 if every == "day" else 0.2)
    assert not watched.regime.short


def test_what_was_proven_stays_while_no_payment_tells() -> None:
    """Three that pay what fits no reading do not turn a proven one into doubt, nor forgive them."""
    watched = entered(Watched(replace(flexible("1", "0.05"), additional_apy=Decimal("0.02"))))
    watched.days(7, every=6 * HOUR)
    assert watched.regime.additional is Additional.PAID
    watched.shown = as_product(watched.spec)
    watched.change(apy=Decimal("0.04"))
    watched.days(5, every=6 * HOUR)
    assert watched.regime.additional is Additional.PAID
    assert watched.regime.short


def test_an_additional_rate_that_is_paid_no_longer_is_told_and_is_no_accusation() -> None:
    watched = entered(Watched(replace(flexible("1", "0.05"), additional_apy=Decimal("0.02"))))
    watched.days(7, every=6 * HOUR)
    before = len(watched.history) - 1
    watched.books.change_settings(count_additional_apy=False)
    watched.days(4, every=6 * HOUR)
    said = list(dict.fromkeys(found.regime.additional for found in watched.history[before:]))
    assert said == [Additional.PAID, Additional.UNKNOWN, Additional.NOT_PAID]
    assert not any(found.regime.short for found in watched.history)


def test_an_exchange_that_is_looked_at_once_a_day_is_not_judged() -> None:
    """Between two looks so far apart the rates may have been anything."""
    watched = entered(Watched(flexible("1", "0.05")))
    watched.shown = as_product(watched.spec)
    watched.change(apy=Decimal("0.01"))
    watched.days(9, every=24 * HOUR)
    assert {promise.basis for promise in watched.promises.values()} == {Basis.UNWATCHED}
    assert not watched.regime.short


def test_a_payment_in_two_parts_is_not_half_a_payment() -> None:
    watched = entered(Watched(flexible("1", "0.05")))
    watched.days(8)
    watched.books.change_settings(interest_every="hour")
    watched.days(0.2)
    assert not any(found.regime.short for found in watched.history)
    bases = {promise.basis for promise in watched.promises.values()}
    assert Basis.IRREGULAR in bases


def test_a_product_that_was_not_listed_is_promised_nothing() -> None:
    watched = entered(Watched(flexible("1", "0.05")))
    watched.change(listed=False)
    watched.days(6, every=6 * HOUR)
    assert watched.promises == {}
    assert watched.regime.pays_into is PaysInto.WALLET


def test_where_interest_goes_is_seen_in_the_wallet_where_no_total_is_told() -> None:
    ways = (
        (Settings(interest_paid="wallet"), PaysInto.WALLET),
        (Settings(interest_paid="product"), PaysInto.UNKNOWN),
    )
    for settings, word in ways:
        watched = entered(Watched(flexible("1", "0.05"), settings, totals=False))
        watched.days(3, every=6 * HOUR)
        assert watched.regime.pays_into is word


def test_the_wallet_tells_only_of_interest_that_came_alone() -> None:
    paid = record(1, "0.5", RecordKind.INTEREST)
    assert grew_by(Decimal("0.5"), USDT, [paid])
    assert not grew_by(Decimal("0.6"), USDT, [paid])
    assert not grew_by(None, USDT, [paid])
    assert not grew_by(Decimal(1), USDT, [paid, record(2, "0.5")])
    assert not grew_by(Decimal(0), USDT, [])


def where(
    setting: InterestPaid = InterestPaid.AUTO,
    concluded: InterestPaid = InterestPaid.WALLET,
    *,
    totals: bool = False,
    amount: str | None = None,
    drift: str = "",
    witnessed: bool = False,
    paid: str = "0.5",
) -> PaysInto:
    """Where interest goes by these witnesses; it was known to go into the product."""
    seen = replace(
        situation().snapshot,
        positions=(position(amount=amount),),
        totals={USDT: Decimal(100)} if totals else None,
    )
    return pays_into(
        USDT,
        Holdings((), {USDT: drift} if drift else {}, {USDT: concluded}),
        seen,
        [record(1, paid, RecordKind.INTEREST)],
        setting=setting,
        witnessed=witnessed,
        before=PaysInto.PRODUCT,
    )


def test_the_witnesses_of_where_interest_goes_are_asked_in_their_order() -> None:
    assert where() is PaysInto.PRODUCT
    assert where(witnessed=True) is PaysInto.WALLET
    assert where(totals=True) is PaysInto.WALLET
    assert where(totals=True, drift="it does not add up") is PaysInto.PRODUCT
    assert where(totals=True, paid="0") is PaysInto.PRODUCT
    assert where(amount="100") is PaysInto.WALLET
    assert where(concluded=InterestPaid.PRODUCT, witnessed=True) is PaysInto.PRODUCT
    assert where(setting=InterestPaid.WALLET) is PaysInto.WALLET
