"""The journal, read by beancount itself."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from beancount import loader
from beancount.core import data
from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.movement import Direction, Movement, Place
from earnd.exporting.beancount import Witnessed, differences, journal
from earnd.exporting.names import commodity, component
from tests.exporting.made import BEGAN, ODD_COINS, lives, movement, summed

NOTHING = Witnessed({}, {}, None)
COINS = st.sampled_from(ODD_COINS) | st.text(min_size=1, max_size=6)


def written(
    made: list[Movement],
    witnessed: Witnessed = NOTHING,
    *,
    earlier: list[Movement] | None = None,
    begins: date | None = None,
) -> str:
    return "".join(journal(earlier or [], lambda: made, witnessed, begins))


def read(text: str) -> list[Any]:
    """The journal as beancount takes it, which must have nothing to say against it."""
    entries, errors, _ = loader.load_string(text)
    assert errors == [], text
    return list(entries)


def transactions(entries: list[Any]) -> list[data.Transaction]:
    return [each for each in entries if isinstance(each, data.Transaction)]


def posted(entries: list[Any], account: str) -> list[str]:
    return [
        f"{posting.units.number:f}"
        for entry in transactions(entries)
        for posting in entry.postings
        if posting.account == account and posting.units is not None
    ]


@given(lives())
def test_beancount_takes_every_life_and_no_digit_is_lost(made: list[Movement]) -> None:
    entries = read(written(made))

    by_id = {entry.meta["id"]: entry for entry in transactions(entries)}
    assert len(by_id) == len(made)
    for each in made:
        postings = by_id[each.id].postings
        numbers = {posting.units.number for posting in postings if posting.units is not None}
        assert numbers == {Decimal(each.amount), -Decimal(each.amount)}


@given(COINS, COINS)
def test_two_coins_never_share_a_name(one: str, other: str) -> None:
    assert (commodity(one) == commodity(other)) == (one == other)
    assert (component(one) == component(other)) == (one == other)


@given(COINS)
def test_beancount_takes_the_name_of_any_coin_and_keeps_the_coins_own(coin: str) -> None:
    entries = read(written([movement(coin=coin)]))

    (found,) = (each for each in entries if isinstance(each, data.Commodity))
    assert found.currency == commodity(coin)


def test_usual_names_stay_as_they_are() -> None:
    assert [commodity(coin) for coin in ("USDT", "BTC", "1INCH", "T", "TRUE")] == [
        "USDT",
        "BTC",
        "X.1INCH",
        "X.T",
        "X.TRUE",
    ]
    assert [component(name) for name in ("USDT", "1INCH", "1001", "-")] == [
        "USDT",
        "1INCH",
        "1001",
        "X-00002D",
    ]


def test_each_kind_of_movement_goes_where_an_accountant_looks_for_it() -> None:
    made = [
        movement(1, kind="deposit", amount="1000"),
        movement(2, amount="600"),
        movement(3, kind="interest", amount="0.5"),
        movement(4, kind="interest", amount="0.25", product_id="1002", compounds=True),
        movement(5, kind="redeem", amount="100"),
        movement(6, kind="withdrawal", amount="50"),
        movement(7, kind="trade", direction=Direction.OUT, amount="10"),
        movement(8, kind="correction", direction=Direction.IN, amount="1"),
        movement(9, kind="deposit", amount="2", attributed_to="unexplained"),
    ]
    entries = read(written(made))

    sums = {
        account: summed(posted(entries, account))
        for account in sorted({each.account for each in entries if isinstance(each, data.Open)})
    }
    assert {account: f"{amount:f}".rstrip("0").rstrip(".") for account, amount in sums.items()} == {
        "Assets:BitMart:Earn:USDT:1001": "500",
        "Assets:BitMart:Earn:USDT:1002": "0.25",
        "Assets:BitMart:Spot:USDT": "443.5",
        "Equity:BitMart:Corrections": "-1",
        "Equity:BitMart:Deposits": "-1000",
        "Equity:BitMart:Trades": "10",
        "Equity:BitMart:Unexplained": "-2",
        "Equity:BitMart:Withdrawals": "50",
        "Income:BitMart:Interest:USDT": "-0.75",
    }
    last = transactions(entries)[-1]
    assert last.flag == "!", "what nobody is known for asks to be looked at"
    first = transactions(entries)[1]
    assert {key: first.meta[key] for key in ("id", "at", "product", "action", "attributed_to")} == {
        "id": "subscribe:2",
        "at": "2026-02-27T22:14:00.000Z",
        "product": "1001",
        "action": "2",
        "attributed_to": "earnd",
    }


def test_a_book_that_begins_later_opens_with_what_lay_there() -> None:
    earlier = [movement(1, kind="deposit", amount="70"), movement(2, amount="60")]
    before = {Place("USDT", None): Decimal(30), Place("USDT", "1001"): Decimal("0.5")}
    witnessed = Witnessed(
        before,
        {Place("USDT", None): Decimal(45), Place("USDT", "1001"): Decimal("55.5")},
        date(2026, 3, 2),
    )
    redeemed = movement(400, kind="redeem", amount="5")

    entries = read(written([redeemed], witnessed, earlier=earlier, begins=date(2026, 3, 1)))

    opening = transactions(entries)[0]
    assert opening.date == date(2026, 3, 1)
    assert [
        (each.account, f"{each.units.number:f}") for each in opening.postings if each.units
    ] == [
        ("Assets:BitMart:Spot:USDT", "40"),
        ("Equity:Opening-Balances", "-40"),
        ("Assets:BitMart:Earn:USDT:1001", "60.5"),
        ("Equity:Opening-Balances", "-60.5"),
    ]


def test_what_the_exchange_showed_is_asserted_where_the_movements_say_the_same() -> None:
    places = {Place("USDT", None): Decimal(-60), Place("USDT", "1001"): Decimal(61)}
    witnessed = Witnessed({}, places, date(2026, 3, 1))

    text = written([movement(1, amount="60")], witnessed)

    (balance,) = (each for each in read(text) if isinstance(each, data.Balance))
    assert (balance.account, balance.amount.number) == ("Assets:BitMart:Spot:USDT", Decimal(-60))
    assert (
        "; not asserted: Assets:BitMart:Earn:USDT:1001 showed 61, the movements add up to 60"
        in text
    )


def test_a_lost_transaction_is_noticed_by_the_assertion_to_the_last_digit() -> None:
    made = [
        movement(1, kind="deposit", amount="1"),
        movement(2, kind="deposit", amount="0." + "0" * 17 + "1"),
    ]
    shown = {Place("USDT", None): Decimal("1." + "0" * 17 + "1")}
    text = written(made, Witnessed({}, shown, date(2026, 3, 1)))
    read(text)

    head, _, rest = text.rpartition('\n2026-02-27 * "BitMart" "deposit"')
    without = head + "\n" + rest[rest.index("\n; What the exchange showed") :]
    _, errors, _ = loader.load_string(without)
    assert [type(error).__name__ for error in errors] == ["BalanceError"]


def test_a_period_without_movements_is_a_journal_without_entries() -> None:
    assert read(written([])) == []


def test_the_same_rows_give_the_same_journal() -> None:
    made = [movement(2, kind="interest"), movement(3), movement(4, kind="deposit", coin="BTC")]

    assert written(made) == written(list(made))
    assert BEGAN.date().isoformat() in written(made)


def test_a_place_that_was_never_moved_is_nothing_by_the_sums() -> None:
    place = Place("BTC", None)

    (found,) = differences({}, {place: Decimal(3)})

    assert found.account == "Assets:BitMart:Spot:BTC"
    assert (found.seen, found.added_up) == (Decimal(3), Decimal(0))
