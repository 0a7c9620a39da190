from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from earnd.domain.attribution import SeenRecord
from earnd.domain.holdings import Holdings, establish
from earnd.domain.ids import Coin, EarnId, ProductId
from earnd.domain.snapshot import Position, RecordKind, RecordStatus
from earnd.domain.strategy import InterestPaid
from tests.support.world import BTC, FLEX, USDT, dec, position, record

REDEEM, INTEREST = RecordKind.REDEEM, RecordKind.INTEREST
BOUGHT = [record(1, "100"), record(2, "30", REDEEM), record(3, "2", INTEREST)]


def held(
    records: list[SeenRecord],
    *positions: Position,
    total: str | None = None,
    paid: InterestPaid = InterestPaid.AUTO,
) -> Holdings:
    totals: Mapping[Coin, Decimal] | None = None if total is None else {USDT: dec(total)}
    return establish(records, positions, totals, lambda _: paid)


def test_a_holding_is_what_was_subscribed_less_what_was_redeemed() -> None:
    """X23."""
    found = held(BOUGHT, position(), total="70")

    (row,) = found.rows
    assert (row.amount, row.verified, row.earn_id) == (dec(70), True, EarnId("e1"))
    assert found.drift == {}
    assert found.interest_into == {USDT: InterestPaid.WALLET}
    assert found.in_product(FLEX) == 70
    assert found.of(BTC) == ()


def test_interest_into_the_product_is_inferred_from_the_total() -> None:
    found = held(BOUGHT, position(), total="72")

    assert found.rows[0].amount == 72
    assert found.rows[0].verified
    assert found.interest_into == {USDT: InterestPaid.PRODUCT}


def test_without_a_total_only_the_principal_counts() -> None:
    found = held(BOUGHT, position())

    assert found.rows[0].amount == 70
    assert found.rows[0].verified


@pytest.mark.parametrize(
    ("paid", "total", "amount", "adds_up"),
    [
        (InterestPaid.WALLET, "70", "70", True),
        (InterestPaid.WALLET, "72", "70", False),
        (InterestPaid.PRODUCT, "72", "72", True),
        (InterestPaid.PRODUCT, "70", "72", False),
        (InterestPaid.PRODUCT, None, "72", True),
        (InterestPaid.AUTO, "71", "70", False),
    ],
)
def test_the_total_is_a_witness(
    paid: InterestPaid, total: str | None, amount: str, adds_up: bool
) -> None:
    """X23."""
    found = held(BOUGHT, position(), total=total, paid=paid)

    assert found.rows[0].amount == dec(amount)
    assert found.rows[0].verified is adds_up
    assert ("in all" in found.drift.get(USDT, "")) is not adds_up


def test_an_amount_in_the_position_is_a_witness() -> None:
    assert held(BOUGHT, position(amount="70"), total="70").rows[0].verified
    found = held(BOUGHT, position(amount="69"), total="70")
    assert not found.rows[0].verified
    assert "the position says 69" in found.drift[USDT]


@pytest.mark.parametrize(
    ("records", "positions", "problem"),
    [
        ([], [position()], "no record of how it came about"),
        ([record(1, "5", REDEEM)], [position()], "redeem 5 more than they subscribe"),
        ([record(1, status=RecordStatus.PENDING)], [position()], "not final"),
        ([record(1, status=RecordStatus.UNCLEAR)], [position()], "not final"),
        ([record(1)], [position(), position(earn_id="e2")], "2 positions in one product"),
        ([record(1)], [], "there is no position"),
        ([record(1, "2", INTEREST)], [position()], "no record says on what"),
    ],
)
def test_each_way_of_not_adding_up_is_named(
    records: list[SeenRecord], positions: list[Position], problem: str
) -> None:
    """X24, X26, X32."""
    found = held(records, *positions)

    assert problem in found.drift[USDT]
    assert all(not row.verified for row in found.rows)
    assert all(row.amount >= 0 for row in found.rows)


def test_two_positions_in_one_product_name_neither() -> None:
    """X24, X25."""
    assert held([record(1)], position(), position(earn_id="e2")).rows[0].earn_id is None


def test_a_failed_record_moved_nothing() -> None:
    """X41."""
    found = held([record(1), record(2, status=RecordStatus.FAILED)], position(), total="100")

    assert found.rows[0].amount == 100
    assert found.drift == {}


def test_interest_after_everything_was_redeemed_is_no_drift() -> None:
    found = held([record(1), record(2, "100", REDEEM), record(3, "1", INTEREST)], total="0")

    assert found.rows[0].amount == 0
    assert found.drift == {}


def test_a_total_without_any_record_is_a_drift() -> None:
    assert "says 5 in all" in held([], total="5").drift[USDT]
    assert held([], total="0").drift == {}


def test_one_product_that_does_not_add_up_freezes_its_coin_and_no_other() -> None:
    found = establish(
        [record(1), record(2, product_id="2"), record(3, coin=BTC, product_id="3")],
        [position()],
        None,
        lambda _: InterestPaid.AUTO,
    )

    assert set(found.drift) == {USDT, BTC}
    verified = {row.product_id: row.verified for row in found.rows}
    assert verified == {FLEX: True, ProductId("2"): False, ProductId("3"): False}


def test_the_longest_amounts_are_not_rounded() -> None:
    """N7, N11."""
    long = "12345678901234567890.123456789012345678"

    found = held([record(1, long), record(2, "0.000000000000000001", REDEEM)], position())

    assert found.rows[0].amount == dec("12345678901234567890.123456789012345677")
