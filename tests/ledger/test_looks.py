"""What was seen is written when it differs, and never forgotten when it is gone."""

from __future__ import annotations

import json
from decimal import Decimal

from earnd.domain.ids import Coin
from earnd.domain.money import Rate
from earnd.domain.product import Tier
from tests.ledger.story import Life, a_look, a_position, a_product, a_wallet, held

SEEN = ("product_seen", "tier_seen", "position_seen", "balance_seen", "total_seen")


def counts(life: Life) -> list[int]:
    return [life.sql(f"SELECT count(*) FROM {table}")[0][0] for table in SEEN]  # noqa: S608 - ours


def test_a_look_is_written_as_it_was(life: Life) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now))
    assert counts(life) == [1, 2, 1, 1, 1]
    assert life.sql("SELECT coin, available, frozen, as_of FROM balance_now") == [
        ("USDT", "250.75", "0", "2026-11-22T12:00:00.000Z")
    ]
    ((apy, extra, tiers),) = life.sql("SELECT apy, additional_apy, tiers FROM rate_history")
    assert (apy, extra) == ("0.05", "0.005")
    assert json.loads(tiers) == [
        {"lower": "0", "upper": "1000", "rate": "0.1"},
        {"lower": "1000", "upper": "100000", "rate": "0.05"},
    ]
    assert life.sql("SELECT kind, products, positions, coins, clock_skew_ms FROM look") == [
        ("full", 1, 1, 1, -12)
    ]


def test_a_look_that_finds_nothing_new_costs_one_row(life: Life) -> None:
    """R7."""
    life.book.record_look(life.cycle_id, a_look(life.now))
    first = counts(life)
    for _ in range(3):
        life.next_cycle(minutes=15)
        life.book.record_look(life.cycle_id, a_look(life.now))
        life.book.record_wallet(life.cycle_id, life.now, a_wallet(USDT="250.750"))
    assert counts(life) == first
    assert life.sql("SELECT count(*) FROM look") == [(7,)]
    ((as_of,),) = life.sql("SELECT as_of FROM balance_now")
    assert as_of == "2026-11-22T12:45:00.000Z"


def test_a_change_is_a_row_beside_the_old_one(life: Life) -> None:
    """X38."""
    life.book.record_look(life.cycle_id, a_look(life.now))
    dearer = a_product(percent="6%")
    life.book.record_look(life.cycle_id, a_look(life.later(minutes=15), products=(dearer,)))
    assert life.sql("SELECT apy FROM rate_history ORDER BY seen_at") == [("0.05",), ("0.06",)]
    assert counts(life) == [2, 4, 1, 1, 1]


def test_a_change_in_a_tier_alone_is_a_change(life: Life) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now))
    tiers = (Tier(Decimal(0), Decimal(100000), Rate.from_percent("10%")),)
    look = a_look(life.later(minutes=15), products=(a_product(tiers=tiers),))
    life.book.record_look(life.cycle_id, look)
    assert counts(life) == [2, 3, 1, 1, 1]


def test_what_is_gone_gets_a_row_that_says_so_once(life: Life) -> None:
    """X26, X42."""
    life.book.record_look(life.cycle_id, a_look(life.now))
    nothing = a_look(life.later(minutes=15), products=(), positions=(), balances={}, totals={})
    life.book.record_look(life.cycle_id, nothing)
    life.book.record_look(life.cycle_id, nothing)
    assert counts(life) == [2, 4, 2, 2, 2]
    assert life.sql("SELECT listed, apy FROM product_now") == [(0, "0.05")]
    assert life.sql("SELECT listed FROM position_now") == [(0,)]
    assert life.sql("SELECT available FROM balance_now") == [("0",)]
    assert life.sql("SELECT amount FROM total_now") == [("0",)]
    assert len(life.sql("SELECT * FROM rate_history")) == 1


def test_what_comes_back_is_listed_again(life: Life) -> None:
    for products in ((a_product(),), (), (a_product(),)):
        life.book.record_look(life.cycle_id, a_look(life.later(minutes=15), products=products))
    assert life.sql("SELECT listed FROM product_seen ORDER BY product_seen_id") == [
        (1,),
        (0,),
        (1,),
    ]


def test_an_exchange_that_gives_no_totals_does_not_say_that_they_are_zero(life: Life) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now))
    life.book.record_look(life.cycle_id, a_look(life.later(minutes=15), totals=None))
    assert life.sql("SELECT amount FROM total_now") == [("5",)]


def test_each_of_many_is_seen_at_its_newest(life: Life) -> None:
    coins = [f"C{number:02}" for number in range(20)]
    for day in range(3):
        look = a_look(
            life.later(days=1),
            products=tuple(a_product(coin, percent=f"{day}.5%") for coin in coins),
            positions=tuple(a_position(coin, profit=f"{day}") for coin in coins),
            balances=a_wallet(**dict.fromkeys(coins, f"{day}.25")),
            totals={Coin(coin): Decimal(day) for coin in coins},
        )
        life.book.record_look(life.cycle_id, look)
    assert life.sql("SELECT coin, apy FROM product_now ORDER BY coin") == [
        (coin, "0.025") for coin in coins
    ]
    assert life.sql("SELECT coin, available FROM balance_now ORDER BY coin") == [
        (coin, "2.25") for coin in coins
    ]
    assert life.sql("SELECT DISTINCT total_profit FROM position_now") == [("2",)]
    assert life.sql("SELECT count(*), min(amount) FROM total_now") == [(20, "2")]


def test_the_wallet_alone_leaves_the_rest_alone(life: Life) -> None:
    life.book.record_look(life.cycle_id, a_look(life.now))
    life.book.record_wallet(life.cycle_id, life.later(seconds=5), a_wallet(USDT="1", BTC="0.5"))
    assert counts(life) == [1, 2, 1, 3, 1]
    assert life.sql("SELECT coin, available FROM balance_now ORDER BY coin") == [
        ("BTC", "0.5"),
        ("USDT", "1"),
    ]


def test_holdings_are_written_on_change_with_what_speaks_against_them(life: Life) -> None:
    steps = (
        [held("5"), held("1", "BTC")],
        [held("5"), held("1", "BTC")],
        [held("5", why="the total says 6")],
        [held("5.5")],
    )
    for holdings in steps:
        life.book.record_holdings(life.cycle_id, life.later(minutes=15), holdings)
    assert life.sql("SELECT coin, amount, verified, why FROM holding_seen") == [
        ("USDT", "5", 1, ""),
        ("BTC", "1", 1, ""),
        ("USDT", "5", 0, "the total says 6"),
        ("BTC", "0", 1, ""),
        ("USDT", "5.5", 1, ""),
    ]
    assert life.sql("SELECT coin, amount, verified, as_of FROM holding_now ORDER BY coin") == [
        ("BTC", "0", 1, "2026-11-22T13:00:00.000Z"),
        ("USDT", "5.5", 1, "2026-11-22T13:00:00.000Z"),
    ]


def test_a_quiet_day_costs_a_few_pages(life: Life) -> None:
    """R7."""
    life.book.record_look(life.cycle_id, a_look(life.now))
    for _ in range(96):
        life.next_cycle(minutes=15)
        life.book.record_look(life.cycle_id, a_look(life.now))
        life.book.record_holdings(life.cycle_id, life.now, [])
    ((size,),) = life.sql(
        "SELECT sum(pgsize) FROM dbstat WHERE name IN ('cycle', 'cycle_end', 'look')"
    )
    assert counts(life) == [1, 2, 1, 1, 1]
    assert size <= 32 * 1024
