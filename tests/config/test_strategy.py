from __future__ import annotations

from decimal import Decimal

import pytest

from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import NO_RATE
from earnd.domain.strategy import CoinStrategy, Mode, Share, Strategy

USDT = Coin("USDT")
BTC = Coin("BTC")


def test_a_listed_coin_has_its_own_entry_and_any_other_the_default() -> None:
    own, other = CoinStrategy(reserve=Decimal(5)), CoinStrategy(mode=Mode.HOLD)
    strategy = Strategy({USDT: own}, other)

    assert strategy.for_coin(USDT) is own
    assert strategy.for_coin(BTC) is other


def test_without_a_default_a_coin_that_is_not_listed_is_not_managed() -> None:
    assert Strategy({USDT: CoinStrategy()}).for_coin(BTC) is None


def test_holding_all_others_does_not_silence_a_listed_coin() -> None:
    strategy = Strategy({USDT: CoinStrategy()}, CoinStrategy(mode=Mode.HOLD))

    found = strategy.for_coin(USDT)

    assert found is not None
    assert found.mode is Mode.ON


def test_every_product_is_permitted_unless_lists_say_otherwise() -> None:
    one, two = ProductId("1"), ProductId("2")

    assert CoinStrategy().permits(one)
    assert not CoinStrategy(deny=frozenset({one})).permits(one)
    assert CoinStrategy(deny=frozenset({one})).permits(two)
    assert CoinStrategy(allow=frozenset({one})).permits(one)
    assert not CoinStrategy(allow=frozenset({one})).permits(two)
    assert not CoinStrategy(allow=frozenset({one}), deny=frozenset({one})).permits(one)


def test_what_a_refill_makes_idle_stays_idle() -> None:
    assert CoinStrategy().keep_idle == 0
    assert CoinStrategy(reserve=Decimal(100)).keep_idle == 100
    refilled = CoinStrategy(reserve=Decimal(100), refill_below=Decimal(50), refill_to=Decimal(150))
    assert refilled.keep_idle == 150
    assert CoinStrategy(reserve=Decimal(200), refill_to=Decimal(150)).keep_idle == 200


def test_a_coin_with_nothing_said_is_on_without_limits() -> None:
    strategy = CoinStrategy()

    assert strategy.mode is Mode.ON
    assert strategy.redeem_below_apy == NO_RATE
    assert str(strategy.max_credible_apy) == "200.00%"
    assert strategy.max_per_action is strategy.max_per_day is strategy.max_per_product is None


@pytest.mark.parametrize("fraction", ["0", "-0.1", "1.01", "NaN"])
def test_a_share_is_a_part_of_the_whole(fraction: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        Share(Decimal(fraction))
