from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from earnd.sandbox import Books, ProductSpec, Record, Settings, TierSpec, VirtualClock
from earnd.sandbox.interest import interest
from earnd.sandbox.products import rate_text

TIERED = ProductSpec(
    product_id="1",
    coin="USDT",
    apy=Decimal("0.05"),
    additional_apy=Decimal("0.01"),
    tiers=(
        TierSpec(Decimal(1), Decimal(10000), Decimal("0.05")),
        TierSpec(Decimal(10000), Decimal(100000), Decimal("0.04")),
    ),
)
FLAT = ProductSpec(product_id="2", coin="USDT", apy=Decimal("0.073"))


@pytest.mark.parametrize(
    ("amount", "by_hand"),
    [
        ("1000", "0.16438356"),  # (50 + 10) / 365 = 0.164383561...
        ("10000", "1.64383561"),  # (500 + 100) / 365
        ("15000", "2.32876712"),  # (500 + 200 + 150) / 365 = 2.328767123...
        ("100000", "13.97260273"),  # (500 + 3600 + 1000) / 365 = 13.972602739...
        ("200000", "16.71232876"),  # what lies above the last band earns the additional rate only
    ],
)
def test_marginal_tiers_pay_each_band_its_own_rate(amount: str, by_hand: str) -> None:
    assert interest(TIERED, Decimal(amount), Settings()) == Decimal(by_hand)


@pytest.mark.parametrize(
    ("amount", "by_hand"),
    [
        ("10000", "1.64383561"),  # a shared edge belongs to the lower band: (500 + 100) / 365
        ("10000.01", "1.36986438"),  # (400.0004 + 100.0001) / 365 = 1.36986438...
        ("15000", "2.05479452"),  # (600 + 150) / 365
    ],
)
def test_whole_tiers_pay_the_rate_of_the_band_on_everything(amount: str, by_hand: str) -> None:
    assert interest(TIERED, Decimal(amount), Settings(tier_rule="whole")) == Decimal(by_hand)


def test_the_additional_rate_can_be_left_out() -> None:
    settings = Settings(count_additional_apy=False)
    assert interest(TIERED, Decimal(15000), settings) == Decimal("1.91780821")  # 700 / 365


def test_an_hour_pays_a_24th_of_a_day_cut_once() -> None:
    settings = Settings(interest_every="hour")
    assert interest(FLAT, Decimal(1000), Settings()) == Decimal("0.2")  # 73 / 365
    assert interest(FLAT, Decimal(1000), settings) == Decimal("0.00833333")  # 73 / 8760


def test_interest_is_cut_and_never_raised() -> None:
    assert interest(FLAT, Decimal("0.00009999"), Settings()) == Decimal("0.00000001")
    assert interest(FLAT, Decimal("0.00004999"), Settings()) == 0


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, day, hour, minute, tzinfo=UTC)


def paid(books: Books) -> list[Record]:
    return [record for record in books.records() if record.kind == "interest"]


def test_what_is_subscribed_on_the_25th_is_paid_first_on_the_27th_at_four(
    books: Books, clock: VirtualClock
) -> None:
    books.subscribe_by_hand("1002", "1000")
    clock.advance_to(utc(27, 4) - timedelta(microseconds=1))
    assert paid(books) == []
    before = books.balance("USDT").available
    clock.advance_to(utc(27, 4))
    assert [(record.amount, record.at) for record in paid(books)] == [(Decimal("0.2"), utc(27, 4))]
    assert books.balance("USDT").available == before + Decimal("0.2")
    assert books.held("1002") == 1000


def test_each_day_that_passes_is_paid_at_its_own_moment(books: Books, clock: VirtualClock) -> None:
    books.subscribe_by_hand("1002", "1000")
    clock.advance(timedelta(days=10))
    assert [record.at for record in paid(books)] == [utc(day, 4) for day in range(27, 32)] + [
        datetime(2026, 6, day, 4, tzinfo=UTC) for day in range(1, 5)
    ]


def test_a_day_pays_on_the_least_that_was_held_in_it(books: Books, clock: VirtualClock) -> None:
    books.subscribe_by_hand("1002", "1000")
    clock.advance_to(utc(26, 12))
    books.redeem_by_hand("1002", "500")
    books.subscribe_by_hand("1002", "300")
    clock.advance_to(utc(28, 4))
    assert [record.amount for record in paid(books)] == [Decimal("0.1"), Decimal("0.16")]


def test_the_rate_at_the_end_of_the_day_is_the_rate_of_the_day(
    books: Books, clock: VirtualClock
) -> None:
    books.subscribe_by_hand("1002", "1000")
    clock.advance_to(utc(27, 3))
    books.change_product("1002", apy=Decimal("0.0365"))
    clock.advance_to(utc(27, 4))
    assert [record.amount for record in paid(books)] == [Decimal("0.1")]


def test_interest_can_be_paid_later_than_it_was_earned(books: Books, clock: VirtualClock) -> None:
    books.change_settings(day_starts=timedelta(0), payout_delay=timedelta(hours=4))
    books.subscribe_by_hand("1002", "1000")
    clock.advance_to(utc(27, 3, 59))
    assert paid(books) == []
    books.redeem_by_hand("1002", "1000")
    clock.advance_to(utc(28, 5))
    assert [record.at for record in paid(books)] == [utc(27, 4)]


def test_hourly_interest_goes_into_the_product_and_compounds(
    books: Books, clock: VirtualClock
) -> None:
    books.change_settings(interest_paid="product", interest_every="hour")
    clock.advance_to(utc(25, 10, 30))
    books.subscribe_by_hand("1002", "1000")
    books.change_product("1002", apy=Decimal("8.76"))  # a thousandth per hour
    clock.advance_to(utc(25, 13))
    assert [(record.amount, record.at) for record in paid(books)] == [
        (Decimal(1), utc(25, 12)),
        (Decimal("1.001"), utc(25, 13)),
    ]
    assert books.held("1002") == Decimal("1002.001")
    assert books.positions()[0].profit == Decimal("2.001")


def test_nothing_is_recorded_when_nothing_is_earned(books: Books, clock: VirtualClock) -> None:
    books.change_product("1002", minimum=Decimal("0.00000001"))
    books.subscribe_by_hand("1002", "0.00000001")
    clock.advance(timedelta(days=5))
    assert paid(books) == []


def test_a_day_may_last_a_minute(clock: VirtualClock) -> None:
    books = Books(clock, settings=Settings(day=timedelta(seconds=60)), products=[FLAT])
    books.deposit("USDT", "1000")
    books.subscribe_by_hand("2", "1000")
    clock.advance(timedelta(minutes=5))
    times = [record.at for record in paid(books)]
    assert len(times) == 4
    assert {later - sooner for sooner, later in pairwise(times)} == {timedelta(seconds=60)}


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        ("0.05", "5.00%"),
        ("0.0125", "1.25%"),
        ("0.012345", "1.2345%"),
        ("0", "0.00%"),
        ("1.5", "150.00%"),
        ("0.003", "0.30%"),
    ],
)
def test_a_rate_is_written_with_its_percent_sign_and_two_decimals_at_least(
    rate: str, text: str
) -> None:
    assert rate_text(Decimal(rate)) == text
