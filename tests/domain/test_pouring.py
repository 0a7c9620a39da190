"""The search for the best filling: where it ends, and what it says when it is cut short."""

from __future__ import annotations

from decimal import Decimal

import pytest

from earnd.domain import pouring
from earnd.domain.allocation import Option, Prepared, Question, allocate
from earnd.domain.curve import Piece
from earnd.domain.decide import decide
from earnd.domain.ids import ProductId
from earnd.domain.money import Rate
from earnd.domain.pouring import Item, Vessels
from earnd.domain.product import Band
from tests.support.world import product, situation

ZERO = Decimal(0)


def all_or_nothing(*sizes: int) -> list[Item]:
    """Things to buy whole or not at all, each worth a little less than its size."""
    nothing = Piece(ZERO, ZERO, ZERO, ZERO)
    return [
        Item([nothing, Piece(Decimal(size), Decimal(size), size - Decimal("0.1"), ZERO)], ZERO)
        for size in sizes
    ]


def test_the_best_of_things_that_are_bought_whole_is_found_by_search() -> None:
    """Water-filling takes 60 and has no use for the other 41; 53 and 48 make 101."""
    found = Vessels(all_or_nothing(60, 53, 48)).pour(Decimal(101))

    assert found.amounts == [0, 53, 48]
    assert found.exact


HARD = [2 * number + 100 for number in range(40)]


def test_a_search_that_is_cut_short_says_how_much_better_another_could_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even sizes never fill an odd sum, and there are very many ways to try."""
    monkeypatch.setattr(pouring, "MOST_WORK", 2000)
    money = Decimal(1499)

    found = Vessels(all_or_nothing(*HARD)).pour(money)

    assert not found.exact
    assert found.gap > 0
    assert sum(found.amounts) <= money
    assert all(amount in {0, size} for amount, size in zip(found.amounts, HARD, strict=True))
    # Fourteen of them fill it but for less than the smallest.
    assert sum(found.amounts) > money - 100


def test_many_equal_products_are_no_harder_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are filled in the order of their ids, so that no two ways of the same sum are tried."""
    monkeypatch.setattr(pouring, "MOST_WORK", 60 * 600)
    bands = (Band(ZERO, Decimal(5), percent(10)), Band(Decimal(5), Decimal(97), percent(1)))
    options = [
        Option(ProductId(f"{number:02}"), bands, ceiling=Decimal(97), least_in=Decimal(71))
        for number in range(60)
    ]

    found = allocate(Question(options, Decimal(1030), Decimal(1)))

    assert found.exact
    assert sum(found.targets.values()) == 1030
    # Fourteen times five coins at 10 %, the other 960 at 1 %; fifteen would need 1,065.
    assert found.yearly == Decimal("16.6")


def percent(number: int) -> Rate:
    return Rate(Decimal(number).scaleb(-2))


def test_a_decision_after_a_search_that_was_cut_short_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pouring, "MOST_WORK", 100)
    offers = [
        product(str(1000 + size), f"{5 + size % 7}%", minimum=str(size), maximum=str(size))
        for size in HARD
    ]

    plan = decide(situation(idle="1499", offers=offers))

    assert plan.moves
    assert all(Decimal(move.detail["search_gap"]) > 0 for move in plan.moves)


def test_a_product_that_nothing_is_put_into_can_still_be_left_by_search() -> None:
    """Of 10 at least 6 stay or nothing does, and there is room for 4."""
    bands = (Band(ZERO, None, percent(5)),)
    held = Option(ProductId("1"), bands, held=Decimal(10), least_left=Decimal(6))

    found = Prepared(Question([held], Decimal(4), Decimal(1))).best(without=ProductId("1"))

    assert found.targets == {"1": ZERO}
