"""When a reading that looks wrong is believed; with the defaults, after 3 looks over 4 hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from earnd.domain.ids import Coin, ProductId
from earnd.domain.product import Product
from earnd.domain.quarantine import Doubt, Oddity, Reading, Shrunk, doubts, shrunken
from earnd.domain.strategy import Quarantine
from tests.support.world import BTC, FLEX, NOON, USDT, product, rate

HOUR = timedelta(hours=1)
RULES = Quarantine()
GONE = "gone"


def offer(words: str, product_id: str = "1") -> Product | None:
    """`5%`, bands as `product` takes them, or nothing where it is gone."""
    if words == GONE:
        return None
    if "@" in words:
        return product(product_id, "0%", tiers=words)
    return product(product_id, words)


def seen(*words: str, apart: timedelta = HOUR) -> tuple[list[Reading], list[datetime]]:
    """One look after another, and what each found; the ledger writes only what differs."""
    looks = [NOON + apart * place for place in range(len(words))]
    readings = [
        Reading(at, offer(now))
        for at, now, before in zip(looks, words, [None, *words[:-1]], strict=True)
        if now != before
    ]
    return readings, looks


def doubt(
    *words: str, apart: timedelta = HOUR, rules: Quarantine = RULES, extra: int = 0
) -> Doubt | None:
    """What is doubted after looks that found this, and then so many that found the same."""
    readings, looks = seen(*words, *[words[-1]] * extra, apart=apart)
    return doubts({FLEX: readings}, looks, lambda _: rules).get(FLEX)


def oddity(*words: str) -> Oddity | None:
    found = doubt(*words)
    return None if found is None else found.oddity


@pytest.mark.parametrize(
    ("before", "now", "odd"),
    [
        ("5%", "5%", None),
        ("5%", "0%", Oddity.ZERO),
        ("5%", GONE, Oddity.VANISHED),
        ("5%", "0.5%", None),
        ("5%", "0.49999%", Oddity.FELL),
        ("5%", "50%", None),
        ("5%", "50.00001%", Oddity.ROSE),
        ("0%", "0%", None),
        ("0%", "0.01%", Oddity.ROSE),
        ("0%", GONE, Oddity.VANISHED),
    ],
)
def test_a_reading_is_odd_against_the_last_one_believed(
    before: str, now: str, odd: Oddity | None
) -> None:
    assert oddity(before, now) is odd


@pytest.mark.parametrize(
    ("before", "now", "odd"),
    [
        # A band that comes, goes or changes is everyday, ...
        ("0-500 @ 10%, 500-1000 @ 3%", "3%", None),
        ("3%", "0-500 @ 10%, 500-1000 @ 3%", None),
        ("0-500 @ 10%, 500-1000 @ 3%", "0-1000 @ 3%", None),
        ("0-500 @ 10%, 500-1000 @ 0%", "0-500 @ 10%", None),
        ("0-500 @ 10%, 500-1000 @ 0.1%", "0-500 @ 10%", None),
        # ... unless the best rate goes with it ...
        ("0-500 @ 10%, 500-1000 @ 0.5%", "0.5%", Oddity.FELL),
        ("0.5%", "0-500 @ 10%, 500-1000 @ 0.5%", Oddity.ROSE),
        ("0-500 @ 10%, 500-1000 @ 3%", "0-500 @ 0%, 500-1000 @ 0%", Oddity.ZERO),
        ("0-500 @ 10%, 500-1000 @ 3%", GONE, Oddity.VANISHED),
        # ... or what is paid on the rest of the money.
        ("0-500 @ 10%, 500-1000 @ 3%", "0-500 @ 10%, 500-1000 @ 0%", Oddity.FELL),
        ("0-500 @ 10%, 500-1000 @ 3%", "0-500 @ 10%, 500-1000 @ 0.3%", None),
    ],
)
def test_bands_come_and_go_but_what_money_earns_does_not(
    before: str, now: str, odd: Oddity | None
) -> None:
    assert oddity(before, now) is odd


def test_the_additional_rate_is_paid_too() -> None:
    whole = replace(product(paid="0.4%"), additional_rate=rate("4%"))
    readings = [Reading(NOON, whole), Reading(NOON + HOUR, replace(whole, rate=rate("0%")))]
    bare = [*readings, Reading(NOON + 2 * HOUR, product(paid="0.4%"))]
    looks = [NOON, NOON + HOUR, NOON + 2 * HOUR]

    assert doubts({FLEX: readings}, looks, lambda _: RULES) == {}
    assert doubts({FLEX: bare}, looks, lambda _: RULES) == {}
    least = replace(RULES, factor=Decimal(9))
    assert doubts({FLEX: bare}, looks, lambda _: least)[FLEX].oddity is Oddity.FELL


def test_a_table_that_lists_no_tiers_is_read_by_the_rate() -> None:
    empty = product(paid="5%", tiers="none")

    readings = [Reading(NOON, empty), Reading(NOON + HOUR, replace(empty, rate=rate("0%")))]

    found = doubts({FLEX: readings}, [NOON, NOON + HOUR], lambda _: RULES)
    assert found[FLEX].oddity is Oddity.ZERO


def test_an_odd_reading_is_told_with_what_was_believed_and_until_when() -> None:
    found = doubt("5%", "4%", "0%", extra=1)

    since = NOON + 2 * HOUR
    assert found == Doubt(Oddity.ZERO, since, 2, 3, since + 4 * HOUR, product(paid="4%"))


@pytest.mark.parametrize("apart", [timedelta(minutes=5), timedelta(minutes=15), HOUR])
def test_a_fall_to_zero_is_believed_once_the_span_is_over(apart: timedelta) -> None:
    """Four hours after the first look that found it, and not a look sooner."""
    needed = int(4 * HOUR / apart)

    assert doubt("5%", "0%", apart=apart, extra=needed - 1) is not None
    assert doubt("5%", "0%", apart=apart, extra=needed) is None


def test_few_looks_far_apart_are_not_enough() -> None:
    day = timedelta(days=1)

    assert doubt("5%", "0%", apart=day, extra=1) is not None
    assert doubt("5%", "0%", apart=day, extra=2) is None


def test_looks_in_the_same_cycle_are_looks_but_no_time() -> None:
    assert doubt("5%", "0%", apart=timedelta(seconds=1), extra=20) is not None


def test_what_was_believed_after_the_span_is_what_the_next_is_held_against() -> None:
    assert doubt("5%", "0%", extra=30) is None
    believed = ["5%", *["0%"] * 5]

    assert oddity(*believed, "0%", "0%") is None
    assert oddity(*believed, "5%") is Oddity.ROSE
    assert oddity("5%", *["0.4%"] * 5, "0.04%") is None
    assert oddity("5%", *["0.4%"] * 5, "0.03%") is Oddity.FELL


def test_readings_odd_in_the_same_way_count_together_and_the_newest_is_believed() -> None:
    wobbling = ["5%", "0.1%", "0.2%", "0.05%", "0.3%"]

    assert doubt(*wobbling) is not None
    assert doubt(*wobbling, "0.02%") is None
    # 0.2 % is more than a tenth of 0.02 %, which is believed by then, times ten.
    assert oddity(*wobbling, "0.02%", "0.21%") is Oddity.ROSE
    assert oddity(*wobbling, "0.02%", "0.2%") is None


def test_readings_odd_in_different_ways_begin_anew() -> None:
    found = doubt("5%", "0.1%", "0.1%", "0.1%", "0.1%", "0%")

    assert found is not None
    assert (found.oddity, found.since, found.looks) == (Oddity.ZERO, NOON + 5 * HOUR, 1)


def test_a_reading_that_is_not_odd_ends_the_doubt() -> None:
    found = doubt("5%", "0%", "0%", "0%", "0%", "4%", "0%")

    assert found is not None
    assert (found.since, found.looks) == (NOON + 6 * HOUR, 1)
    assert doubt("5%", "0%", "0%", "0%", "5%") is None


def test_a_slow_fall_is_no_slip() -> None:
    assert doubt("5%", "1%", "0.2%", "0.04%", "0.01%") is None


def test_a_product_that_nobody_knew_is_believed_at_once() -> None:
    assert doubt("5%") is None
    assert doubt("150%") is None


def test_a_product_that_is_gone_comes_back_as_it_was_or_is_believed_to_be_gone() -> None:
    assert oddity("5%", GONE) is Oddity.VANISHED
    assert oddity("5%", GONE, "5%") is None
    assert oddity("5%", GONE, "0.1%") is Oddity.FELL
    assert doubt("5%", GONE, extra=4) is None


def test_what_comes_back_after_its_absence_was_believed_is_as_good_as_new() -> None:
    assert doubt("5%", *[GONE] * 5, "0.1%") is None
    assert doubt(GONE, GONE, "60%") is None
    assert oddity("5%", *[GONE] * 5, "0.1%", "0%") is Oddity.ZERO


def test_who_believes_everything_is_never_in_doubt() -> None:
    rules = Quarantine(looks=1, span=timedelta(0))

    for words in (("5%", "0%"), ("5%", GONE), ("5%", "60%"), ("5%", GONE, "0%", "7%")):
        assert doubt(*words, rules=rules) is None


def test_each_coin_has_its_own_rules() -> None:
    looks = [NOON, NOON + HOUR]
    readings = {
        ProductId(coin): [
            Reading(NOON, product(coin, coin=coin)),
            Reading(looks[1], product(coin, "0%", coin=coin)),
        ]
        for coin in (USDT, BTC)
    }
    rules: Mapping[Coin, Quarantine] = {USDT: Quarantine(looks=1, span=timedelta(0)), BTC: RULES}

    assert list(doubts(readings, looks, rules.__getitem__)) == [ProductId(BTC)]


@pytest.mark.parametrize("apart", [5, 15, 60])
@pytest.mark.parametrize("lasts", [60, 120, 180])
@pytest.mark.parametrize("offset", range(0, 60, 7))
def test_a_month_that_read_zero_for_up_to_three_hours_is_never_believed(
    apart: int, lasts: int, offset: int
) -> None:
    """It happened, on 2025-11-13; wherever the looks fall."""
    looks = [NOON + timedelta(minutes=place * apart) for place in range(12 * 60 // apart)]
    begins = NOON + timedelta(minutes=200 + offset)
    ends = begins + timedelta(minutes=lasts)
    words = ["0%" if begins <= at <= ends else "5%" for at in looks]
    readings = [
        Reading(at, offer(now))
        for at, now, before in zip(looks, words, ["", *words[:-1]], strict=True)
        if now != before
    ]

    in_doubt = 0
    for place, at in enumerate(looks):
        known = [reading for reading in readings if reading.at <= at]
        found = doubts({FLEX: known}, looks[: place + 1], lambda _: RULES)
        assert (FLEX in found) == (words[place] == "0%")
        in_doubt += FLEX in found
    assert in_doubt > 0


def listing(*sizes: int | Sequence[int]) -> tuple[dict[ProductId, list[Reading]], list[datetime]]:
    """The numbers of the products that each look finds, an hour apart; `5` for the first five."""
    looks = [NOON + HOUR * place for place in range(len(sizes))]
    wanted = [set(range(size) if isinstance(size, int) else size) for size in sizes]
    readings: dict[ProductId, list[Reading]] = {}
    for at, now, before in zip(looks, wanted, [set[int](), *wanted[:-1]], strict=True):
        for number in sorted(now ^ before):
            name = ProductId(str(number))
            found = product(name) if number in now else None
            readings.setdefault(name, []).append(Reading(at, found))
    return readings, looks


def shrunk(*sizes: int | Sequence[int], rules: Quarantine = RULES) -> Shrunk | None:
    return shrunken(*listing(*sizes), rules)


def test_a_list_that_lost_most_of_what_it_had_is_not_believed() -> None:
    since = NOON + HOUR

    assert shrunk(10, 4) == Shrunk(10, 4, since, since + 4 * HOUR)
    assert shrunk(10, 5) is None
    assert shrunk(10, 0) == Shrunk(10, 0, since, since + 4 * HOUR)
    assert shrunk(10, range(6, 16)) == Shrunk(10, 10, since, since + 4 * HOUR)
    assert shrunk(10, range(5, 15)) is None


def test_of_a_few_products_most_may_be_gone() -> None:
    assert shrunk(3, 0) is None
    assert shrunk(4, 2) is None
    assert shrunk(4, 1) is not None


def test_a_list_that_is_whole_again_was_never_short() -> None:
    assert shrunk(10, 4, 4, 10) is None
    assert shrunk(10, 4, 4, 10, 4) == Shrunk(10, 4, NOON + 4 * HOUR, NOON + 8 * HOUR)


def test_a_list_that_stays_short_is_believed_after_the_same_looks_and_time() -> None:
    assert shrunk(10, 4, 3, 4, 3) is not None
    assert shrunk(10, 4, 3, 4, 3, 4) is None
    assert shrunk(10, 4, 3, 4, 3, 4, 1) is not None
    assert shrunk(10, 4, 4, rules=Quarantine(looks=2, span=HOUR)) is None
    assert shrunk(10, 4, rules=Quarantine(looks=1, span=timedelta(0))) is None


def test_a_list_that_shortens_step_by_step_is_no_slip() -> None:
    assert shrunk(10, 6, 4, 2, 1, 0) is None


def test_nothing_was_ever_seen() -> None:
    assert shrunken({}, [], RULES) is None
    assert doubts({}, [], lambda _: RULES) == {}
