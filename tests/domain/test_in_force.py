"""Every limit that a coin is held to has a name and a value, and nothing else is said."""

from __future__ import annotations

from decimal import Decimal

from earnd.domain.ids import Coin
from earnd.domain.in_force import EVERY_COIN, NAMES, limits_in_force
from earnd.domain.strategy import CoinStrategy, Mode, Share, Strategy

NOTHING = dict.fromkeys(NAMES)


def test_the_limits_of_a_coin_are_its_own_and_the_rest_are_the_others() -> None:
    own = CoinStrategy(reserve=Decimal(5), max_total=Share(Decimal("0.25")))
    others = CoinStrategy(mode=Mode.HOLD, max_per_day=Decimal(7), max_total=Decimal(9))
    found = limits_in_force(Strategy({Coin("BTC"): own}, others), {"ETH", "BTC"})

    assert set(found) == {"BTC", "ETH", EVERY_COIN}
    assert all(tuple(values) == NAMES for values in found.values())
    assert found["ETH"] == found[EVERY_COIN]
    assert found["BTC"]["max_total_share"] == Decimal("0.25")
    assert found["BTC"]["max_total"] is None
    assert found["BTC"]["max_per_day"] is None
    assert found["BTC"]["reserve"] == Decimal(5)
    assert found[EVERY_COIN]["max_total"] == Decimal(9)
    assert found[EVERY_COIN]["max_total_share"] is None
    assert found[EVERY_COIN]["max_per_day"] == Decimal(7)
    assert found[EVERY_COIN]["respect_person"] == Decimal(86400)
    assert found[EVERY_COIN]["cool_down"] == Decimal(3600)


def test_what_is_not_managed_has_no_limits() -> None:
    assert limits_in_force(Strategy({}), {"ETH"}) == {"ETH": NOTHING, EVERY_COIN: NOTHING}
