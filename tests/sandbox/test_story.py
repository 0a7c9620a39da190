from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from earnd.sandbox import (
    Books,
    SandboxServer,
    Settings,
    VirtualClock,
    chapters,
    practice_world,
    serve,
)
from earnd.sandbox.story import fullest


def tell(books: Books, clock: VirtualClock, days: int) -> SandboxServer:
    """Let the whole story happen to books in which most USDT lies in 1001."""
    books.subscribe_by_hand("1001", "9900")
    books.subscribe_by_hand("1002", "500")
    began = clock.now()
    with serve(books) as server:
        for chapter in chapters(days):
            clock.advance_to(began + chapter.after)
            chapter.happens(server)
        clock.advance_to(began + timedelta(days=days))
        return server


def test_the_practice_world_has_money_waiting_for_products_of_every_coin(
    clock: VirtualClock,
) -> None:
    books = practice_world(clock)
    coins = {spec.coin for spec in books.products()}
    assert coins == {"USDT", "USDC", "BTC", "ETH"}
    assert all(books.balance(coin).available > 0 for coin in coins)
    usdt = [spec for spec in books.products() if spec.coin == "USDT"]
    assert len(usdt) >= 3
    assert any(spec.quota is not None for spec in usdt)
    for spec in books.products():
        rates = [tier.apy for tier in spec.tiers]
        assert rates == sorted(rates, reverse=True)
        assert spec.limits_make_sense()


@pytest.mark.parametrize("days", [1, 7, 30, 365])
def test_the_chapters_fit_into_the_days_asked_for_in_their_order(days: int) -> None:
    moments = [chapter.after for chapter in chapters(days)]
    assert moments == sorted(moments)
    assert len(set(moments)) == len(moments)
    assert moments[-1] < timedelta(days=days)
    assert all(chapter.title.endswith(".") for chapter in chapters(days))


def test_the_chapters_shrink_with_the_length_of_a_day() -> None:
    quick = chapters(30, timedelta(seconds=60))
    slow = chapters(30)
    assert [chapter.after * 1440 for chapter in quick] == [chapter.after for chapter in slow]


def test_the_month_happens(clock: VirtualClock) -> None:
    books = practice_world(clock)
    server = tell(books, clock, 30)
    assert [fault.kind for fault in server.faults.pending()] == ["drop_after"]
    by_id = {spec.product_id: spec for spec in books.products()}
    assert by_id["1001"].apy == Decimal("0.003")
    assert {tier.apy for tier in by_id["1001"].tiers} == {Decimal("0.003")}
    assert by_id["1002"].apy == Decimal("0.08")
    assert by_id["1004"].apy == Decimal("0.065")
    interest = [record for record in books.records() if record.kind == "interest"]
    assert len(interest) == 2 * 29
    sums = books.sums("USDT")
    assert sums.deposited == 21000
    assert sums.withdrawn > 0
    assert sums.balanced


def test_the_withdrawal_leaves_less_idle_than_a_refill_level(clock: VirtualClock) -> None:
    books = practice_world(clock)
    with serve(books) as server:
        chapters()[-1].happens(server)
        assert books.balance("USDT").available == 20
        chapters()[-1].happens(server)
        assert books.balance("USDT").available == 20


def test_the_fullest_product_is_found_by_what_is_held(clock: VirtualClock) -> None:
    books = practice_world(clock, settings=Settings(interest_paid="product"))
    assert fullest(books, "USDT").product_id == "1001"
    books.subscribe_by_hand("1003", "10")
    assert fullest(books, "USDT").product_id == "1003"
