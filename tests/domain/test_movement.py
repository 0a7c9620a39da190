"""What a movement changes, and by how much."""

from __future__ import annotations

from decimal import Decimal

import pytest

from earnd.domain.movement import FLOWS, Direction, Movement, Place

WALLET, PRODUCT = Place("USDT", None), Place("USDT", "1001")


def moved(kind: str, direction: Direction, *, compounds: bool = False) -> Movement:
    at, product_id = "2026-05-01T00:05:00.000Z", None if kind in FLOWS else "1001"
    return Movement(
        "id", at, kind, direction, "USDT", "1.5", product_id, "earnd", None, None, compounds
    )


def effects(movement: Movement) -> dict[Place, Decimal]:
    return dict(movement.effects)


def test_what_goes_into_a_product_leaves_the_wallet_and_comes_back_the_same_way() -> None:
    there, back = Decimal("1.5"), Decimal("-1.5")

    assert effects(moved("subscribe", Direction.OUT)) == {WALLET: back, PRODUCT: there}
    assert effects(moved("redeem", Direction.IN)) == {WALLET: there, PRODUCT: back}


def test_interest_goes_where_the_product_pays_it() -> None:
    assert effects(moved("interest", Direction.IN)) == {WALLET: Decimal("1.5")}
    assert effects(moved("interest", Direction.IN, compounds=True)) == {PRODUCT: Decimal("1.5")}


@pytest.mark.parametrize("kind", FLOWS)
def test_what_comes_from_outside_or_goes_there_changes_the_wallet_alone(kind: str) -> None:
    assert effects(moved(kind, Direction.IN)) == {WALLET: Decimal("1.5")}
    assert effects(moved(kind, Direction.OUT)) == {WALLET: Decimal("-1.5")}
