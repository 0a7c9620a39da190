"""Which words about the past are taken: one, and only one that makes the holding add up."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from earnd.domain.attribution import AttributedTo, SeenRecord
from earnd.domain.ids import Coin, EarnId, ProductId, RecordId
from earnd.domain.money import NO_RATE
from earnd.domain.opening import Grounds, objection
from earnd.domain.snapshot import Position, Record, RecordKind
from earnd.domain.strategy import InterestPaid
from earnd.domain.sums import Beyond, Gone, Opening

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
USDT = Coin("USDT")


def record(kind: str, amount: str, product: str = "1") -> SeenRecord:
    made = Record(
        RecordId(f"{kind}{product}"),
        RecordKind(kind),
        ProductId(product),
        USDT,
        Decimal(amount),
        NOON,
    )
    return SeenRecord(1, made, AttributedTo.PERSON)


def position(product: str = "1", amount: str | None = None, earn_id: str = "") -> Position:
    shown = None if amount is None else Decimal(amount)
    key, product_id = EarnId(earn_id or f"e{product}"), ProductId(product)
    return Position(key, product_id, USDT, NO_RATE, NO_RATE, Decimal(0), False, shown)


def says(
    amount: str,
    *records: SeenRecord,
    at: tuple[Position, ...] = (position(),),
    total: str | None = None,
    beyond: Beyond | None = None,
) -> str:
    totals = None if total is None else {USDT: Decimal(total)}
    word = Opening(ProductId("1"), USDT, Decimal(amount), "ann")
    grounds = Grounds(records, at, totals, beyond or Beyond())
    return objection(word, grounds, lambda _: InterestPaid.AUTO)


def test_a_word_that_makes_it_add_up_is_taken() -> None:
    """X31: by the total, by the position's own amount, or where neither is given."""
    assert not says("500")
    assert not says("500", record("redeem", "200"))
    assert not says("500", record("redeem", "200"), total="300")
    assert not says("500", record("redeem", "200"), at=(position(amount="300"),))
    assert not says("500", record("interest", "2"))
    assert not says("500", record("interest", "2"), total="502")
    assert not says("500", record("subscribe", "100"), total="600")


@pytest.mark.parametrize(
    ("word", "records", "more", "why"),
    [
        ("500", [], {"total": "600"}, "the exchange says 600 in all, the records say 500"),
        ("700", [], {"total": "600"}, "the exchange says 600 in all, the records say 700"),
        ("100", [record("redeem", "200")], {}, "redeem 100 more than they subscribe"),
        ("500", [record("subscribe", "100")], {}, "its records are complete: 100 USDT are held"),
        ("500", [], {"at": ()}, "nothing is known to be held in it"),
        ("500", [], {"at": (position(amount="400"),)}, "the exchange says 400 in all"),
        ("500", [], {"at": (position(), position(earn_id="e"))}, "2 positions in one product"),
    ],
)
def test_a_word_that_does_not_is_refused(
    word: str, records: list[SeenRecord], more: dict[str, Any], why: str
) -> None:
    """X31."""
    told = says(word, *records, **more)
    assert why in told


def test_a_second_word_is_refused() -> None:
    """X31."""
    first = Opening(ProductId("1"), USDT, Decimal(400), "bob")
    told = says("500", beyond=Beyond(openings=(first,)))
    assert told == "bob said already that it began with 400 USDT"


def test_a_word_does_not_mend_a_record_that_is_gone() -> None:
    """X32."""
    lost = record("subscribe", "100")
    told = says("500", lost, beyond=Beyond(gone=(Gone(1, lost.record, NOON),)))
    assert "is not listed any more" in told


def test_two_products_of_a_coin_are_told_one_after_the_other() -> None:
    """X31: the first word leaves room for the second, and no more than that."""
    both = (position("1"), position("2"))
    assert not says("400", at=both, total="600")
    assert not says("600", at=both, total="600")
    assert "the exchange says 600 in all" in says("700", at=both, total="600")
    shown = (position("1", "400"), position("2", "200"))
    assert not says("400", at=shown)
    assert "the position says 400, the records say 300" in says("300", at=shown)
    second = Opening(ProductId("2"), USDT, Decimal(200), "ann")
    assert not says("400", at=both, total="600", beyond=Beyond(openings=(second,)))
    assert "600 in all" in says("300", at=both, total="600", beyond=Beyond(openings=(second,)))
