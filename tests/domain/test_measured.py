"""How long moved money earned nothing, worked out by hand.

Nearly all stays are of 365 coins at 10 %: a day in which they earn is paid 0.1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import Coin, ProductId
from earnd.domain.measured import Stay, lost_time, measured, stays
from earnd.domain.product import Product
from earnd.domain.quarantine import Reading
from earnd.domain.snapshot import RecordKind, RecordStatus
from earnd.domain.strategy import CoinStrategy, InterestPaid, TierRule
from earnd.domain.sums import Sums
from tests.support.world import BTC, FLEX, NOON, USDT, dec, product, rate, record

DAY = timedelta(days=1)
TEN = product(paid="10%")
WALLET: dict[Coin, InterestPaid] = {}
GROWS = {USDT: InterestPaid.PRODUCT}


def stay(days: str, paid: str, amount: str = "365", *more: tuple[int, str]) -> Stay:
    """So much from noon on, and from so many days after it another amount."""
    amounts = [(NOON, dec(amount)), *((NOON + day * DAY, dec(later)) for day, later in more)]
    return Stay(USDT, FLEX, NOON, NOON + float(days) * DAY, tuple(amounts), dec(paid))


def seen(*offers: tuple[int, Product | None]) -> list[Reading]:
    return [Reading(NOON + day * DAY, offer) for day, offer in offers]


def lost(one: Stay, *offers: tuple[int, Product | None], **strategy: object) -> timedelta | None:
    readings = seen(*(offers or [(-1, TEN)]))
    return lost_time(one, readings, CoinStrategy(**strategy))  # type: ignore[arg-type]


def test_what_was_not_paid_is_time_in_which_nothing_was_earned() -> None:
    assert lost(stay("10", "1")) == timedelta(0)
    assert lost(stay("10", "0.9")) == DAY
    assert lost(stay("10", "0.85")) == DAY * 1.5
    assert lost(stay("2.5", "0.15")) == DAY


def test_more_than_was_promised_is_no_time_gained_and_nothing_at_all_has_another_cause() -> None:
    assert lost(stay("10", "1.1")) == timedelta(0)
    assert lost(stay("10", "0.7")) == 3 * DAY
    assert lost(stay("10", "0.69")) == 3 * DAY
    assert lost(stay("10", "0")) == 3 * DAY


def test_the_promise_follows_the_rate_and_the_amount() -> None:
    """Four days at 10 % are 0.4, four at 5 % are 0.2, and two of those with twice as much 0.4."""
    half = product(paid="5%")

    assert lost(stay("8", "0.6"), (-9, TEN), (4, half)) == timedelta(0)
    assert lost(stay("8", "0.45"), (-9, TEN), (4, half)) == 2 * DAY
    assert lost(stay("10", "0.8", "365", (4, "730"), (6, "182.5")), (0, TEN)) == 2 * DAY


def test_the_promise_is_read_as_the_strategy_reads_tiers() -> None:
    """Of 365 coins the first 73 earn 20 % and 292 earn 10 %: 0.04 + 0.08 a day; whole, 0.1."""
    banded = product(tiers="0-73 @ 20%, 73-1000 @ 10%")

    assert lost(stay("10", "1.2"), (0, banded)) == timedelta(0)
    assert lost(stay("10", "1.08"), (0, banded)) == DAY
    assert lost(stay("10", "0.9"), (0, banded), tier_rule=TierRule.WHOLE) == DAY


def test_the_additional_rate_is_promised_where_it_counts() -> None:
    more = replace(TEN, additional_rate=rate("10%"))

    assert lost(stay("10", "1.8"), (0, more)) == DAY
    assert lost(stay("10", "0.9"), (0, more), count_additional_apy=False) == DAY


def test_where_the_promise_is_not_known_nothing_can_be_said() -> None:
    assert lost_time(stay("10", "1"), [], CoinStrategy()) is None
    assert lost(stay("10", "1"), (1, TEN)) is None, "nobody saw what it paid at first"
    assert lost(stay("10", "1"), (0, TEN), (5, None)) is None
    assert lost(stay("10", "1"), (0, product(paid="0%"))) is None


INTEREST, REDEEM = RecordKind.INTEREST, RecordKind.REDEEM


def history(*rows: tuple[str, float, str]) -> list[SeenRecord]:
    """What happened, so many days after noon: `in`, `out` and `paid`, with an amount."""
    kinds = {"in": RecordKind.SUBSCRIBE, "out": REDEEM, "paid": INTEREST}
    return [
        record(seq, amount, kinds[kind], int(day * 24 * 60))
        for seq, (kind, day, amount) in enumerate(rows, 1)
    ]


def test_a_stay_goes_from_nothing_to_nothing() -> None:
    records = history(
        ("in", 0, "100"),
        ("paid", 1, "0.5"),
        ("in", 2, "50.5"),
        ("out", 3, "50"),
        ("paid", 3.5, "0.25"),
        ("out", 5, "100.5"),
        ("paid", 8, "0.125"),
        ("paid", 8.5, "7"),
    )
    amounts = (
        (NOON, dec(100)),
        (NOON + 2 * DAY, dec("150.5")),
        (NOON + 3 * DAY, dec("100.5")),
    )

    found = stays(records, WALLET)

    assert found == (Stay(USDT, FLEX, NOON, NOON + 5 * DAY, amounts, dec("0.875")),)
    assert stays(records[::-1], WALLET) == found, "by their time, not by their place"
    assert stays(records[:5], WALLET) == (), "not over"
    assert stays([], WALLET) == ()


def test_interest_paid_into_the_product_is_held_too() -> None:
    """What comes when all was redeemed is dust: no stay begins with it."""
    records = history(
        ("in", 0, "100"),
        ("paid", 1, "0.5"),
        ("out", 3, "100.5"),
        ("paid", 3.5, "0.25"),
        ("in", 10, "10"),
        ("out", 13, "10.25"),
    )

    first, second = stays(records, GROWS)

    assert first.amounts == ((NOON, dec(100)), (NOON + DAY, dec("100.5")))
    assert first.paid == dec("0.75")
    assert (second.began, second.ended) == (NOON + 10 * DAY, NOON + 13 * DAY)
    assert second.amounts == ((NOON + 10 * DAY, dec(10)),)
    # Paid elsewhere, more was redeemed than there was, which ends a stay as well.
    assert [one.amounts for one in stays(records, WALLET)][1] == second.amounts


@pytest.mark.parametrize(("gap", "told"), [(3, 2), (2.9, 0)])
def test_of_stays_that_follow_each_other_closely_nobody_knows_whose_interest_it_is(
    gap: float, told: int
) -> None:
    records = history(("in", 0, "1"), ("out", 4, "1"), ("in", 4 + gap, "1"), ("out", 20, "1"))

    assert len(stays(records, WALLET)) == told


def test_a_stay_that_is_not_over_keeps_its_distance_too() -> None:
    records = history(("in", 0, "1"), ("out", 4, "1"), ("in", 5, "1"))

    assert stays(records, WALLET) == ()


@pytest.mark.parametrize(("into", "left"), [(WALLET, "10"), (GROWS, "11")])
def test_a_stay_that_began_before_the_records_at_hand_is_not_told(
    into: dict[Coin, InterestPaid], left: str
) -> None:
    """R7: what was held before them is not taken for nothing."""
    before = {(USDT, FLEX): Sums(subscribed=dec("30"), redeemed=dec("20"), interest=dec("1"))}
    rest = history(
        ("in", 0, "5"), ("out", 9, str(5 + int(left))), ("in", 20, "7"), ("out", 30, "7")
    )
    (only,) = stays(rest, into, before)
    assert (only.began, only.ended) == (NOON + 20 * DAY, NOON + 30 * DAY)
    assert len(stays(rest, into)) == 2


def test_each_product_has_its_own_stays_and_a_failed_record_is_none() -> None:
    other = [
        replace(one, record=replace(one.record, product_id=ProductId("2")))
        for one in history(("in", 0, "9"), ("paid", 1, "0.5"), ("out", 4, "9"))
    ]
    failed = record(9, "9", status=RecordStatus.FAILED, minutes=60)
    mine = history(("in", 1, "1"), ("out", 4, "1"), ("out", 6, "5"))

    found = stays([*other, failed, *mine], WALLET)

    assert [(one.product_id, one.began, one.paid) for one in found] == [
        ("2", NOON, dec("0.5")),
        ("1", NOON + DAY, dec(0)),
    ]


def visits(*paid: str, coin: Coin = USDT, every: int = 10) -> list[SeenRecord]:
    """Stays of four days each, with so much paid the day after; promised is 0.4."""
    rows: list[tuple[str, float, str]] = []
    for place, amount in enumerate(paid):
        begin = place * every
        rows += [("in", begin, "365"), ("paid", begin + 5, amount), ("out", begin + 4, "365")]
    return [replace(one, record=replace(one.record, coin=coin)) for one in history(*rows)]


def figures(
    records: Sequence[SeenRecord],
    now: datetime = NOON + 90 * DAY,
    strategy: CoinStrategy | None = CoinStrategy(),  # noqa: B008 - frozen
) -> dict[Coin, timedelta]:
    return measured(
        records,
        now,
        interest_into=WALLET,
        strategy_of=lambda _: strategy,
        readings_of=lambda _: seen((-9, TEN)),
    )


def test_the_median_of_three_stays_or_more_is_the_measure() -> None:
    """A day lost is 0.1 less."""
    assert figures(visits("0.4", "0.3", "0.1")) == {USDT: DAY}
    assert figures(visits("0.1", "0.35", "0.25", "0.4")) == {USDT: DAY}
    assert figures(visits("0.4", "0.3")) == {}
    assert figures([]) == {}


def test_the_measure_is_in_whole_minutes_and_never_too_short() -> None:
    """A second more than a day, of which 0.1 is the 86400th part of a second."""
    second = Decimal("0.1") / 86400
    paid = f"{Decimal('0.3') - second:.18f}"

    assert figures(visits(paid, paid, paid)) == {USDT: DAY + timedelta(minutes=1)}


def test_each_coin_has_its_own_measure_and_only_one_that_is_asked_for() -> None:
    both = [*visits("0.3", "0.3", "0.3"), *visits("0.2", "0.2", "0.2", coin=BTC)]

    assert figures(both) == {USDT: DAY, BTC: 2 * DAY}
    assert figures(both, strategy=None) == {}


def test_a_stay_counts_from_three_days_after_its_end_until_ninety() -> None:
    """They end after 4, 14 and 24 days."""
    three = visits("0.3", "0.3", "0.3")

    assert figures(three, NOON + 27 * DAY) == {USDT: DAY}
    assert figures(three, NOON + 27 * DAY - timedelta(seconds=1)) == {}
    assert figures(three, NOON + 94 * DAY) == {USDT: DAY}
    assert figures(three, NOON + 94 * DAY + timedelta(seconds=1)) == {}


def test_a_stay_shorter_than_two_days_tells_more_of_the_hour_than_of_the_way() -> None:
    short = history(
        *[
            row
            for day in (0, 10, 20)
            for row in (("in", day, "365"), ("out", day + 1.9, "365"), ("paid", day + 2, "0.1"))
        ]
    )

    assert figures(short) == {}


def test_stays_of_which_nothing_is_known_are_not_among_the_three() -> None:
    def known(one: Stay) -> list[Reading]:
        return [] if one.began == NOON else seen((-9, TEN))

    found = measured(
        visits("0.3", "0.3", "0.3"),
        NOON + 90 * DAY,
        interest_into=WALLET,
        strategy_of=lambda _: CoinStrategy(),
        readings_of=known,
    )

    assert found == {}
