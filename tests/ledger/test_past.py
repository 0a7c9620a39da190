"""What the products have offered so far, read back from a real file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from earnd.domain.ids import ProductId
from earnd.domain.product import Product, Tier
from earnd.domain.quarantine import Reading
from earnd.ledger.book import Book
from tests.ledger.story import NOON, Life, a_look, a_product

HOUR = timedelta(hours=1)
USDT, BTC = ProductId("p-USDT"), ProductId("p-BTC")


def looked(life: Life, *products: Product, hours: float = 1) -> datetime:
    """Some time later, a look that finds these; answers when."""
    life.next_cycle(hours=hours)
    life.book.record_look(life.cycle_id, a_look(life.now, products=products))
    return life.now


def test_a_reading_is_what_was_seen_with_its_bands_to_the_last_digit(life: Life) -> None:
    plain = a_product("BTC", "0.123456789012345678%", tiers=(), has_tiers=False, tag="")
    at = looked(life, a_product(), plain)

    assert life.book.product_readings(NOON) == {
        USDT: (Reading(at, a_product()),),
        BTC: (Reading(at, plain),),
    }


def test_a_product_that_says_it_has_tiers_and_lists_none_is_read_like_that(life: Life) -> None:
    bare = a_product(tiers=())
    at = looked(life, bare)

    assert life.book.product_readings(NOON) == {USDT: (Reading(at, bare),)}


def test_changes_are_in_the_order_in_which_they_were_seen_and_gone_is_a_reading(
    life: Life,
) -> None:
    steps = [a_product(), a_product(percent="6%"), None, a_product(percent="4%")]
    times = [looked(life, *([] if step is None else [step])) for step in steps]
    looked(life, a_product(percent="4%"))

    found = life.book.product_readings(NOON)[USDT]

    assert found == tuple(Reading(at, step) for at, step in zip(times, steps, strict=True))


def test_what_was_offered_at_the_beginning_is_the_first_reading(life: Life) -> None:
    dearer = [a_product(percent=f"{rate}%") for rate in range(1, 5)]
    first, second, third, fourth = [looked(life, one, a_product("BTC")) for one in dearer]

    def since(at: datetime) -> list[datetime]:
        with_one = life.book.product_readings(at)
        assert [reading.at for reading in with_one[BTC]] == [first]
        return [reading.at for reading in with_one[USDT]]

    assert since(fourth) == [fourth]
    assert since(NOON) == [first, second, third, fourth], "and further back when that is asked"
    assert since(second) == [second, third, fourth]
    assert since(second + HOUR / 2) == [second, third, fourth]
    assert since(third) == [third, fourth]
    assert since(fourth + HOUR) == [fourth]


def test_a_book_that_has_read_before_sees_what_is_new(life: Life) -> None:
    first = looked(life, a_product())
    assert len(life.book.product_readings(NOON)) == 1
    second = looked(life, a_product(percent="6%"), a_product("BTC"))

    found = life.book.product_readings(NOON)

    assert [reading.at for reading in found[USDT]] == [first, second]
    assert [reading.at for reading in found[BTC]] == [second]


def test_a_new_process_reads_the_same(
    life: Life, path: Path, open_book: Callable[..., Book]
) -> None:
    """Whether bit by bit as it was seen, or all at once."""
    for rate in range(1, 9):
        looked(life, a_product(percent=f"{rate}%"), *[a_product("BTC")] * (rate % 3 > 0))
        life.book.product_readings(life.now - 3 * HOUR)
        life.book.looks_since(life.now - 3 * HOUR)
    since = life.now - 3 * HOUR
    readings, looks = life.book.product_readings(since), life.book.looks_since(since)
    life.book.close()

    anew = open_book(path, prefix="87654321")
    assert anew.product_readings(since) == readings
    assert anew.looks_since(since) == looks


def test_only_complete_looks_are_looks(life: Life) -> None:
    first = looked(life, a_product())
    life.book.record_wallet(life.cycle_id, life.later(minutes=5), {})
    life.book.record_holdings(life.cycle_id, life.later(minutes=5), [])
    second = looked(life, a_product())

    assert life.book.looks_since(second) == (second,)
    assert life.book.looks_since(first) == (first, second)
    assert life.book.looks_since(first + timedelta(milliseconds=1)) == (second,)
    third = looked(life)
    assert life.book.looks_since(first) == (first, second, third)
    assert life.book.looks_since(third + HOUR) == ()


def test_the_look_of_this_very_moment_is_there(life: Life) -> None:
    at = life.later(hours=1)
    life.book.record_look(life.cycle_id, a_look(at))

    assert life.book.looks_since(at) == (at,)
    assert life.book.product_readings(at)[USDT][-1].at == at


def test_a_ledger_without_a_look_has_no_past(life: Life) -> None:
    assert life.book.product_readings(NOON) == {}
    assert life.book.looks_since(NOON) == ()
    assert life.book.readings_between(USDT, NOON, NOON + HOUR) == ()


def test_of_one_product_a_stretch_of_time_can_be_asked_for(life: Life) -> None:
    dearer = [a_product(percent=f"{rate}%") for rate in range(1, 5)]
    first, second, third, _fourth = [looked(life, one, a_product("BTC")) for one in dearer]

    def between(since: datetime, until: datetime) -> list[datetime]:
        return [reading.at for reading in life.book.readings_between(USDT, since, until)]

    assert between(first, third) == [first, second]
    assert between(first, third) == [first, second], "and once more"
    assert between(second + HOUR / 2, third + HOUR / 2) == [second, third]
    assert between(NOON, second) == [first]
    assert between(NOON, first) == []
    two_bands = life.book.readings_between(USDT, first, second)[0].product
    assert two_bands is not None
    assert two_bands.tiers[0] == Tier(Decimal(0), Decimal(1000), two_bands.tiers[0].rate)
    assert two_bands == dearer[0]


def test_a_clock_that_was_set_back_loses_no_reading(life: Life) -> None:
    first = looked(life, a_product(), hours=3)
    second = looked(life, a_product(percent="6%"), hours=-2)

    found = life.book.product_readings(NOON)[USDT]

    assert [reading.at for reading in found] == [first, second]
    assert life.book.looks_since(NOON) == (first, second)
