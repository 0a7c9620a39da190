"""The mode for all coins and a coin's own: the stricter counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from earnd.config.load import load
from earnd.domain.decide import decide
from earnd.domain.reason import Reason
from earnd.domain.strategy import CoinStrategy, Mode, Strategy
from tests.support.world import BTC, USDT, product, situation


@pytest.mark.parametrize(
    ("for_all", "own", "counts"),
    [
        (Mode.ON, Mode.ON, Mode.ON),
        (Mode.ON, Mode.REDEEM_ONLY, Mode.REDEEM_ONLY),
        (Mode.ON, Mode.HOLD, Mode.HOLD),
        (Mode.REDEEM_ONLY, Mode.ON, Mode.REDEEM_ONLY),
        (Mode.REDEEM_ONLY, Mode.REDEEM_ONLY, Mode.REDEEM_ONLY),
        (Mode.REDEEM_ONLY, Mode.HOLD, Mode.HOLD),
        (Mode.HOLD, Mode.ON, Mode.HOLD),
        (Mode.HOLD, Mode.REDEEM_ONLY, Mode.HOLD),
        (Mode.HOLD, Mode.HOLD, Mode.HOLD),
    ],
)
def test_of_two_modes_the_stricter_counts(for_all: Mode, own: Mode, counts: Mode) -> None:
    strategy = Strategy({USDT: CoinStrategy(mode=own)}, CoinStrategy(mode=own), for_all)

    for found in (strategy.for_coin(USDT), strategy.for_coin(BTC), strategy.for_all_others):
        assert found is not None
        assert found.mode is counts


def test_a_mode_for_all_manages_no_coin_that_was_not() -> None:
    strategy = Strategy({USDT: CoinStrategy()}, mode=Mode.REDEEM_ONLY)

    assert strategy.for_coin(BTC) is None
    assert strategy.for_all_others is None


def test_under_redeem_only_for_all_coins_nothing_is_put_in() -> None:
    offers = [product()]
    strategy = Strategy({USDT: CoinStrategy()})
    assert decide(situation(idle="1000", offers=offers, strategy=strategy)).moves
    strategy = Strategy({USDT: CoinStrategy()}, mode=Mode.REDEEM_ONLY)

    plan = decide(situation(idle="1000", offers=offers, strategy=strategy))

    assert plan.moves == ()
    assert Reason.MODE_REDEEM_ONLY in {hold.reason for hold in plan.holds}


def test_the_key_for_all_coins_is_read_and_defaults_to_on(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("strategy: {mode: redeem-only, coins: {USDT: {}, BTC: {mode: hold}}}")
    strategy = load(path).config.strategy_value()

    assert strategy.mode is Mode.REDEEM_ONLY
    modes = [entry.mode for coin in (USDT, BTC) if (entry := strategy.for_coin(coin)) is not None]
    assert modes == [Mode.REDEEM_ONLY, Mode.HOLD]
    path.write_text("strategy: {coins: {USDT: {}}}")
    assert load(path).config.strategy_value().mode is Mode.ON
