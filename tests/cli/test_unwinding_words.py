"""What `earnd unwind` says of money that does not come home: why, and what a person can do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from earnd.cli.unwinding_view import facts_of, left_line, todo
from earnd.domain.action import State, Verb
from earnd.domain.answer import Consequence
from earnd.domain.cooldown import PERIODS, Cooldowns, Until, what_rests
from earnd.domain.decide import decide
from earnd.domain.limits import Bounds, enforce
from earnd.domain.plan import Hold
from earnd.domain.situation import Situation
from earnd.domain.snapshot import ServiceNotice
from earnd.domain.strategy import CoinStrategy, Strategy
from earnd.domain.unwinding import Outlook, outlook, standing_of
from tests.support.world import NOON, USDT, action, dec, holding, situation

LEAVING = Strategy({USDT: CoinStrategy()}).unwinding(None)
HELD = holding("9")


def left(seen: Situation, bounds: Bounds | None = None) -> Hold:
    """The one thing that is left."""
    standing = standing_of(seen, enforce(decide(seen), seen, bounds or Bounds(), NOON))
    assert standing.moves == ()
    (hold,) = standing.holds
    return hold


def resting(consequence: Consequence) -> Situation:
    until = Until(NOON + timedelta(hours=1), 80001, consequence)
    rests = Cooldowns(products={(Verb.REDEEM, HELD.product_id): until})
    return situation(held=[HELD], cooldowns=rests, strategy=LEAVING)


@pytest.mark.parametrize(
    ("seen", "bounds", "words"),
    [
        (
            situation(
                held=[HELD],
                busy={USDT: action("9", Verb.REDEEM, State.NEEDS_OPERATOR, 7)},
                strategy=LEAVING,
            ),
            Bounds(),
            ["9 USDT in product 1: ", "earnd resolve 7"],
        ),
        (
            situation(held=[HELD], drift={USDT: "the position says 4"}, strategy=LEAVING),
            Bounds(),
            ["9 USDT in product 1: ", "the position says 4", "BitMart's app"],
        ),
        (
            situation(held=[holding("9", earn_id=None)], strategy=LEAVING),
            Bounds(),
            ["9 USDT in product 1: ", "BitMart's app"],
        ),
        (
            situation(held=[HELD], strategy=LEAVING),
            Bounds(paused=True),
            ["9 USDT in product 1: ", "pause file", "remove it"],
        ),
        (
            resting(Consequence.CLOSED),
            Bounds(),
            ["closed for good", "80001", "13:00", "run this again after that", "BitMart's app"],
        ),
        (resting(Consequence.STOP_ALL), Bounds(), ["has ended its API", "13:00"]),
    ],
)
def test_what_is_left_says_how_much_why_and_what_to_do(
    seen: Situation, bounds: Bounds, words: list[str]
) -> None:
    line = left_line(left(seen, bounds))

    for word in words:
        assert word in line, line


def test_maintenance_and_a_clock_that_is_off_say_what_to_do_too() -> None:
    calm = situation(held=[HELD], strategy=LEAVING)
    upgrade = replace(calm.snapshot, maintenance=(ServiceNotice("spot", "upgrade", None),))
    off = replace(calm.snapshot, clock_skew_ms=60_000)

    assert "when it is over" in left_line(left(replace(calm, snapshot=upgrade)))
    assert "set this machine's clock right" in left_line(left(replace(calm, snapshot=off)))


@pytest.mark.parametrize(
    "consequence",
    [each for each in PERIODS if what_rests(each) != frozenset({Verb.SUBSCRIBE})],
)
def test_a_refusal_that_does_not_pass_always_has_words_of_its_own(
    consequence: Consequence,
) -> None:
    hold = left(resting(consequence))

    is_stuck = outlook(hold) is Outlook.STUCK
    assert bool(list(todo(hold))) is is_stuck
    assert left_line(hold).startswith("9 USDT in product 1: the exchange ") is is_stuck


def test_what_waiting_helps_with_asks_nothing_of_a_person() -> None:
    hold = left(situation(held=[HELD], busy={USDT: action("9", Verb.REDEEM)}, strategy=LEAVING))

    assert list(todo(hold)) == []


def test_the_facts_name_what_can_go_what_is_left_and_what_is_too_little_to_go() -> None:
    strategy = Strategy({USDT: CoinStrategy(precision=2)}).unwinding(None)
    seen = situation(
        idle="5",
        held=[HELD, holding("0.001", "2"), holding("4", "3", earn_id=None)],
        strategy=strategy,
    )
    plan = enforce(decide(seen), seen, Bounds(), NOON)

    facts = facts_of(standing_of(seen, plan), {USDT: dec("7")})

    assert facts["coins"] == [
        {"coin": USDT, "brought_home": "7", "left": "13.001", "in_the_wallet": "5"}
    ]
    assert facts["can_go"] == [{"coin": USDT, "product_id": "1", "amount": "9"}]
    assert [(row["product_id"], row["waiting_helps"]) for row in facts["left"]] == [("3", False)]
    assert facts["dust"] == {"2": "0.001"}
