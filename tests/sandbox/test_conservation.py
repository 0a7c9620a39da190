"""Laws over any sequence of doings: no coin is made or lost, no number does two things."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from earnd.sandbox import (
    Books,
    CoinSpec,
    Kind,
    ProductSpec,
    Refusal,
    Settings,
    TierSpec,
    VirtualClock,
)

PRODUCTS = (
    ProductSpec(
        product_id="1",
        coin="USDT",
        apy=Decimal("0.0791"),
        additional_apy=Decimal("0.0133"),
        minimum=Decimal("0.01"),
        tiers=(
            TierSpec(Decimal("0.01"), Decimal(100), Decimal("0.0791")),
            TierSpec(Decimal(100), Decimal(1000), Decimal("0.0317")),
        ),
        quota=Decimal(5000),
    ),
    ProductSpec(product_id="2", coin="USDT", apy=Decimal("0.0207"), minimum=Decimal("0.01")),
    ProductSpec(product_id="3", coin="BTC", apy=Decimal("0.5"), minimum=Decimal("0.00001")),
)

amounts = st.one_of(
    st.integers(1, 10**11).map(lambda n: f"{n // 10**8}.{n % 10**8:08}"),
    st.integers(1, 300).map(str),
    st.sampled_from(["0.00000001", "0.01", "0.00001"]),
)
earn_ids = st.sampled_from(["200001", "200002", "200003"])
product_ids = st.sampled_from(["1", "2", "3"])
numbers = st.integers(0, 40).map(lambda n: f"{n + 10**19}")
regimes = st.builds(
    Settings,
    interest_paid=st.sampled_from(["wallet", "product"]),
    interest_every=st.sampled_from(["day", "hour"]),
    tier_rule=st.sampled_from(["marginal", "whole"]),
    payout_delay=st.sampled_from([timedelta(0), timedelta(minutes=20)]),
    redeem_takes=st.sampled_from([timedelta(0), timedelta(hours=7)]),
    duplicate_answer=st.sampled_from(["refuse", "agree"]),
    dedupe=st.sampled_from(["first", "last"]),
    burn_refused=st.booleans(),
    remember_for=st.none(),
)
doings = st.lists(
    st.one_of(
        st.tuples(st.just("deposit"), st.sampled_from(["USDT", "BTC"]), amounts),
        st.tuples(st.just("withdraw"), st.sampled_from(["USDT", "BTC"]), amounts),
        st.tuples(st.just("freeze"), st.sampled_from(["USDT", "BTC"]), amounts),
        st.tuples(st.just("unfreeze"), st.sampled_from(["USDT", "BTC"]), amounts),
        st.tuples(st.just("subscribe"), product_ids, amounts, numbers),
        st.tuples(st.just("redeem"), earn_ids, amounts, numbers),
        st.tuples(st.just("subscribe_by_hand"), product_ids, amounts),
        st.tuples(st.just("redeem_by_hand"), product_ids, amounts),
        st.tuples(st.just("force_redeem"), product_ids),
        st.tuples(st.just("set_auto"), st.booleans(), product_ids),
        st.tuples(st.just("pass"), st.integers(1, 100)),
    ),
    min_size=5,
    max_size=40,
)


def run(regime: Settings, script: list[tuple[object, ...]]) -> Books:
    clock = VirtualClock(datetime(2026, 5, 25, 10, 0, tzinfo=UTC))
    books = Books(clock, settings=regime, coins=[CoinSpec("BTC", "Bitcoin", 3)], products=PRODUCTS)
    books.deposit("USDT", "2500.12345678")
    books.deposit("BTC", "1")
    books.subscribe_by_hand("1", "700")
    books.subscribe_by_hand("2", "500.00000001")
    books.subscribe_by_hand("3", "0.5")
    for name, *arguments in script:
        if name == "pass":
            clock.advance(timedelta(hours=int(str(arguments[0]))))
            continue
        with suppress(Refusal, ValueError):
            getattr(books, str(name))(*arguments)
        for coin in books.coins():
            assert books.sums(coin).balanced
    return books


@settings(max_examples=200, deadline=None)
@given(regimes, doings)
def test_wallet_and_positions_are_deposits_less_withdrawals_plus_interest(
    regime: Settings, script: list[tuple[object, ...]]
) -> None:
    books = run(regime, script)
    for coin in books.coins():
        journal = [entry for entry in books.journal() if entry.coin == coin]
        sums = books.sums(coin)
        assert sums.balanced
        # The same once more, from the journal and the records alone.
        assert sums.wallet == sum(entry.available + entry.frozen for entry in journal)
        assert sums.held == sum(entry.held for entry in journal)
        assert sums.in_transit == sum(entry.in_transit for entry in journal)
        records = [record for record in books.records() if record.coin == coin]
        total = {
            kind: sum(record.amount for record in records if record.kind == kind)
            for kind in ("subscribe", "redeem", "interest")
        }
        assert sums.interest == total["interest"]
        compounded = total["interest"] if regime.interest_paid == "product" else 0
        assert sums.held == total["subscribe"] - total["redeem"] + compounded
        for entry in journal:
            inside = entry.available + entry.frozen + entry.held + entry.in_transit
            outside = {Kind.DEPOSIT, Kind.WITHDRAW, Kind.INTEREST}
            assert (inside != 0) == (entry.kind in outside)


@settings(max_examples=200, deadline=None)
@given(regimes, doings)
def test_no_number_is_ever_on_two_records(
    regime: Settings, script: list[tuple[object, ...]]
) -> None:
    records = run(regime, script).records()
    used = [record.request_no for record in records if record.by == "api"]
    assert len(used) == len(set(used))
    assert len({record.record_id for record in records}) == len(records)
    assert [record.at for record in records] == sorted(record.at for record in records)
