from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from earnd.domain.action import Verb
from earnd.domain.answer import Consequence
from earnd.domain.cooldown import LONGEST, PERIODS, cooldowns
from earnd.domain.history import PastRefusal
from earnd.domain.ids import ProductId
from tests.support.world import BTC, FLEX, NOON, USDT

OTHER = ProductId("2")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def refusal(
    consequence: Consequence,
    at: datetime = NOON,
    verb: Verb = Verb.SUBSCRIBE,
    code: int = 80004,
    amount: str = "10.5",
) -> PastRefusal:
    return PastRefusal(verb, USDT, FLEX, Decimal(amount), code, consequence.value, at)


OF_THE_PRODUCT = {
    Consequence.QUOTA_GONE: 15 * MINUTE,
    Consequence.CAP_REACHED: 15 * MINUTE,
    Consequence.MINIMUM_HIGHER: HOUR,
    Consequence.NOT_ON_SALE: HOUR,
    Consequence.HOLD_PRODUCT: HOUR,
    Consequence.CLOSED: 12 * HOUR,
}


@pytest.mark.parametrize("consequence", OF_THE_PRODUCT)
def test_a_refused_product_is_left_alone_and_its_neighbour_is_not(
    consequence: Consequence,
) -> None:
    """X12, X13, X15."""
    found = cooldowns([refusal(consequence)], NOON)

    until = found.on(Verb.SUBSCRIBE, USDT, FLEX)
    assert until is not None
    assert (until.at, until.code) == (NOON + OF_THE_PRODUCT[consequence], 80004)
    assert found.on(Verb.SUBSCRIBE, USDT, OTHER) is None
    assert found.on(Verb.REDEEM, USDT, FLEX) is None


@pytest.mark.parametrize("consequence", OF_THE_PRODUCT)
def test_a_redeem_refused_with_a_word_about_sales_is_tried_again_in_an_hour(
    consequence: Consequence,
) -> None:
    found = cooldowns([refusal(consequence, verb=Verb.REDEEM)], NOON)

    until = found.on(Verb.REDEEM, USDT, FLEX)
    assert until is not None
    assert until.at == NOON + HOUR
    assert found.on(Verb.SUBSCRIBE, USDT, FLEX) is None


@pytest.mark.parametrize(
    "consequence",
    [Consequence.HOLD_COIN, Consequence.WAIT, Consequence.NOT_NOW, Consequence.TOO_PRECISE],
)
def test_a_refused_coin_is_left_alone_in_all_its_products(consequence: Consequence) -> None:
    """X13, X15."""
    found = cooldowns([refusal(consequence)], NOON)

    assert found.on(Verb.SUBSCRIBE, USDT, OTHER) is not None
    assert found.on(Verb.SUBSCRIBE, BTC, OTHER) is None
    assert found.on(Verb.REDEEM, USDT, FLEX) is None


def test_a_coin_rests_for_a_quarter_of_an_hour() -> None:
    """X11."""
    found = cooldowns([refusal(Consequence.NOT_NOW, code=80005)], NOON)

    until = found.on(Verb.SUBSCRIBE, USDT, FLEX)
    assert until is not None
    assert (until.at, until.code) == (NOON + 15 * MINUTE, 80005)


@pytest.mark.parametrize(
    ("amount", "minutes"), [("899.99999574", 15), ("0.25", 15), ("0.2", 60), ("900", 60)]
)
def test_an_amount_that_can_be_coarser_is_tried_again_sooner_than_one_that_cannot(
    amount: str, minutes: int
) -> None:
    """X13."""
    past = refusal(Consequence.TOO_PRECISE, amount=amount)
    until = cooldowns([past], NOON).on(Verb.SUBSCRIBE, USDT, OTHER)

    assert until is not None
    assert until.at == NOON + minutes * MINUTE


@pytest.mark.parametrize(
    ("hold_at", "wait_at", "end", "code"),
    [
        pytest.param(0, 10, 60, 80000, id="a wait within a hold"),
        pytest.param(0, 50, 65, 80005, id="a wait beyond a hold"),
        pytest.param(10, 0, 70, 80000, id="a hold after a wait"),
    ],
)
def test_a_wait_and_a_hold_of_one_coin_do_not_shorten_each_other(
    hold_at: int, wait_at: int, end: int, code: int
) -> None:
    hold = refusal(Consequence.HOLD_COIN, NOON + hold_at * MINUTE, code=80000)
    wait = refusal(Consequence.WAIT, NOON + wait_at * MINUTE, code=80005)
    now = NOON + max(hold_at, wait_at) * MINUTE

    for refusals in ([hold, wait], [wait, hold]):
        until = cooldowns(refusals, now).on(Verb.SUBSCRIBE, USDT, OTHER)
        assert until is not None
        assert (until.at, until.code) == (NOON + end * MINUTE, code)


@pytest.mark.parametrize(
    ("consequence", "stopped"),
    [
        (Consequence.STOP_SUBSCRIBING, {Verb.SUBSCRIBE}),
        (Consequence.STOP_REDEEMING, {Verb.REDEEM}),
        (Consequence.STOP_ALL, set(Verb)),
    ],
)
def test_some_refusals_stop_a_verb_everywhere(consequence: Consequence, stopped: set[Verb]) -> None:
    """X14."""
    found = cooldowns([refusal(consequence)], NOON)

    assert {verb for verb in Verb if found.on(verb, BTC, OTHER) is not None} == stopped


@pytest.mark.parametrize("consequence", PERIODS)
def test_a_cool_down_ends_when_its_period_is_over(consequence: Consequence) -> None:
    verb = Verb.REDEEM if consequence is Consequence.STOP_REDEEMING else Verb.SUBSCRIBE
    period = PERIODS[consequence]
    just_before = NOON + period - timedelta(milliseconds=1)

    assert cooldowns([refusal(consequence)], just_before).on(verb, USDT, FLEX) is not None
    assert cooldowns([refusal(consequence)], NOON + period).on(verb, USDT, FLEX) is None
    assert period <= LONGEST


@pytest.mark.parametrize("consequence", [c for c in Consequence if c not in PERIODS])
def test_other_consequences_leave_nothing_alone(consequence: Consequence) -> None:
    assert cooldowns([refusal(consequence)], NOON).on(Verb.SUBSCRIBE, USDT, FLEX) is None


def test_a_short_stop_that_comes_later_does_not_end_a_long_one() -> None:
    long = refusal(Consequence.STOP_SUBSCRIBING, code=80008)
    short = refusal(Consequence.STOP_ALL, NOON + HOUR, code=418)
    long_redeem = refusal(Consequence.STOP_REDEEMING, code=80009)

    found = cooldowns([short, long, long_redeem], NOON + HOUR)

    subscribe, redeem = (found.on(verb, BTC, OTHER) for verb in Verb)
    assert subscribe is not None
    assert redeem is not None
    assert (subscribe.at, subscribe.code) == (NOON + PERIODS[Consequence.STOP_SUBSCRIBING], 80008)
    assert (redeem.at, redeem.code) == (NOON + PERIODS[Consequence.STOP_REDEEMING], 80009)


def test_refused_again_means_left_alone_again() -> None:
    found = cooldowns(
        [
            refusal(Consequence.HOLD_PRODUCT, NOON + timedelta(minutes=30)),
            refusal(Consequence.HOLD_PRODUCT),
        ],
        NOON + timedelta(minutes=40),
    )

    until = found.on(Verb.SUBSCRIBE, USDT, FLEX)
    assert until is not None
    assert until.at == NOON + timedelta(minutes=90)


def test_a_short_rest_of_a_product_does_not_end_a_long_one() -> None:
    found = cooldowns(
        [refusal(Consequence.CLOSED), refusal(Consequence.QUOTA_GONE, NOON + MINUTE)],
        NOON + MINUTE,
    )

    until = found.on(Verb.SUBSCRIBE, USDT, FLEX)
    assert until is not None
    assert until.at == NOON + 12 * HOUR


def test_of_several_the_latest_end_counts() -> None:
    found = cooldowns(
        [refusal(Consequence.HOLD_PRODUCT), refusal(Consequence.STOP_SUBSCRIBING, code=80015)], NOON
    )

    until = found.on(Verb.SUBSCRIBE, USDT, FLEX)
    assert until is not None
    assert until.code == 80015
