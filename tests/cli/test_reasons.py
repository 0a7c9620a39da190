"""The words for every reason, what else was possible, and what would make money move."""

from __future__ import annotations

import re

import pytest

from earnd.cli.changes import what_would_move_it
from earnd.cli.reasons import (
    BINDS,
    SENTENCES,
    in_full,
    in_short,
    in_utc,
    instead,
    rounded,
    sentence,
)
from earnd.domain.reason import Reason
from earnd.domain.telling import BINDING

EVERY_KEY = {key for text in SENTENCES.values() for key in re.findall(r"\{([a-z_]+)\}", text)}

WAITING = {
    "binding": "proof",
    "cost": "1.11958415",
    "gain": "24.65340563",
    "gap_bp": "393.21",
    "gap_per_year": "642.74950398",
    "horizon": "14d",
    "needed": "1.11958415",
    "proven": "0.3",
    "rate": "2.50%",
    "runner_up": "1004",
    "runner_up_rate": "6.4321%",
    "to": "1004",
}
PLACED = {
    "bands": "190 at 8.00%; 309.99 at 6.00%",
    "binding": "money",
    "gap_bp": "146.9",
    "gap_per_year": "7.3059",
    "held": "0",
    "rate": "6.76%",
    "runner_up": "1001",
    "runner_up_rate": "5.50%",
}


def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_without_its_numbers_a_sentence_leaves_them_out(reason: Reason) -> None:
    said = in_full(reason, {})
    assert re.fullmatch(r"[^{}\[\]]+[^{}\[\] :;,(-]", said), said
    assert "None" not in said


@pytest.mark.parametrize("reason", Reason)
def test_with_any_one_number_missing_a_sentence_is_still_whole(reason: Reason) -> None:
    numbers = dict.fromkeys(EVERY_KEY - {"odd", "places"}, "7")
    numbers |= {"to": "1,2", "oddity": "zero"}
    for gone in numbers:
        said = sentence(reason, {key: text for key, text in numbers.items() if key != gone})
        assert re.fullmatch(r"[^{}\[\]]+[^{}\[\] :;,(-]", said), (gone, said)
        assert said.count("(") == said.count(")"), said


def test_a_number_that_is_there_and_says_nothing_is_left_out_too() -> None:
    detail = {"code": "None", "until": ""}
    assert sentence("cooling_down", detail) == "refused lately; left alone"


def test_a_reason_of_a_later_version_stays_as_it_is() -> None:
    assert sentence("phase_of_the_moon", {"runner_up": "1"}) == "phase_of_the_moon"
    assert what_would_move_it("phase_of_the_moon", {}) is None


def test_a_purchase_says_what_its_runner_up_would_have_earned() -> None:
    assert in_full("best_band", PLACED) == (
        "the best that is open to it: 190 at 8.00%, 309.99 at 6.00%;"
        " product 1001 at 5.50% would earn 7.3 a year less (146 bp)"
    )


def test_a_purchase_says_what_keeps_it_from_being_more() -> None:
    full = PLACED | {"binding": "product_full", "runner_up": "idle"}
    assert list(instead("best_band", full)) == [
        "left idle it would earn 7.3 a year less (146 bp)",
        "the product takes no more",
    ]


def test_a_runner_up_that_earns_as_much_or_more_is_told_so() -> None:
    same = PLACED | {"gap_per_year": "0"}
    more = PLACED | {"gap_per_year": "-1.5", "gap_bp": "-3"}
    assert "; product 1001 at 5.50% would earn as much" in in_full("best_band", same)
    assert "; product 1001 at 5.50% would earn 1.5 a year more (3 bp)" in in_full("best_band", more)


def test_money_that_waits_for_its_proof_says_what_is_better_and_what_is_lacking() -> None:
    assert in_full("not_proven_yet", WAITING) == (
        "product 1004 would earn 642.74 a year more (393 bp), but moving costs 1.11, and it waits"
        " until staying has cost enough: 0.3 of 1.11"
    )
    # 0.82 at 642.75 a year.
    assert what_would_move_it("not_proven_yet", WAITING) == (
        "when product 1004 has paid 3.93 points more for 12 more hours"
    )


def test_money_that_is_not_worth_moving_says_how_much_more_would_do() -> None:
    detail = WAITING | {"gain": "0.5", "cost": "0.75", "gap_bp": "40"}
    assert in_full("not_worth_moving", detail).endswith(
        "but moving would not pay: it would bring 0.5 in 14d and cost 0.75"
    )
    # 40 bp bring 0.5, so that 0.25 more take 20 bp more.
    assert what_would_move_it("not_worth_moving", detail) == (
        "when product 1004 pays about 0.20 points more than now"
    )


def test_a_rotation_says_what_it_brings_and_what_it_costs() -> None:
    said = in_full("rotate", WAITING | {"to": "1004,1005"})
    assert said == (
        "it earns more elsewhere: 642.74 a year more (393 bp) in products 1004 and 1005 than at"
        " 2.50%; that is 24.65 in 14d, and moving costs 1.11; staying has cost 0.3 so far"
    )


def test_in_short_a_sentence_ends_with_its_first_clause() -> None:
    assert in_short("rotate", WAITING) == (
        "it earns more elsewhere: 642.74 a year more (393 bp) in product 1004 than at 2.50%"
    )
    assert in_short("best_band", PLACED) == sentence("best_band", PLACED)


def test_a_reading_that_is_not_believed_says_what_is_odd_and_until_when() -> None:
    detail = {
        "oddity": "zero",
        "since": "2026-05-01T12:00:00+00:00",
        "looks": "2",
        "needed_looks": "3",
        "until": "2026-05-01T18:30:00+02:00",
        "trusted_rate": "5.00%",
        "seen_rate": "0.00%",
    }
    assert sentence("quarantined", detail) == (
        "not believed yet: it is shown to pay nothing since 2026-05-01 12:00 UTC, 0.00% after"
        " 5.00%; seen in 2 of 3 looks; not believed before 2026-05-01 16:30 UTC"
    )
    assert what_would_move_it("quarantined", detail) == (
        "when 3 looks have found the same, and not before 2026-05-01 16:30 UTC, or it is as it was"
    )


def test_a_move_that_was_blocked_says_what_it_wanted() -> None:
    assert in_full("paused", {"wanted": "redeem 80"}) == (
        "the pause file exists; it wanted to redeem 80"
    )


def test_a_search_that_was_cut_short_is_told() -> None:
    said = in_full("best_band", PLACED | {"search_gap": "0.01234"})
    assert said.endswith("; the search was cut short: the best earns at most 0.0123 a year more")


@pytest.mark.parametrize("reason", Reason)
def test_what_would_move_it_is_told_without_any_number(reason: Reason) -> None:
    said = what_would_move_it(reason, {})
    assert said is None or re.fullmatch(r"(when|in|at) [^{}]+[^{} :;,(-]", said)


def test_every_hold_of_idle_money_says_what_would_move_it() -> None:
    for reason in BINDING:
        detail = {"until": "2026-05-01T12:00:00+00:00"}
        assert what_would_move_it(reason, detail), reason


def test_what_binds_has_words_wherever_a_decision_says_it() -> None:
    assert set(BINDING.values()) <= BINDS.keys()


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("642.74950398", "642.74"),
        ("1", "1"),
        ("10", "10"),
        ("0.0123999", "0.0123"),
        ("0.00000001", "0.00000001"),
        ("-0.0999", "-0.0999"),
        ("-0.09999", "-0.0999"),
        ("0", "0"),
        ("NaN", "NaN"),
        ("many", "many"),
    ],
)
def test_numbers_are_cut_never_raised(number: str, shown: str) -> None:
    assert rounded(number) == shown


def test_a_moment_without_a_zone_is_shown_as_it_is() -> None:
    assert in_utc("2026-05-01T12:00:00") == "2026-05-01T12:00:00"
    assert in_utc("soon") == "soon"
