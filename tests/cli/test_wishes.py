"""What `earnd check` says of a coin."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from earnd.cli.wishes import in_words
from earnd.config.load import load
from earnd.domain.ids import Coin
from earnd.domain.strategy import CoinStrategy, Quarantine, Rotation

EVERYTHING = """\
strategy:
  coins:
    USDT:
      reserve: 100
      min_move: 10
      min_apy: 2%
      redeem_below_apy: 1%
      refill_below: 50
      refill_to: 150
      needs: [{amount: 500, by: 2026-12-04T10:00+01:00}]
      need_lead: 2d
      max_per_product: 40%
      max_total: 5000
      products: {allow: [12, 3], deny: [7]}
      precision: 6
      count_additional_apy: false
      tier_rule: whole
      interest_paid: wallet
      max_credible_apy: 50%
      max_per_action: 1000
      max_per_day: 2500
      rotate: {horizon: 30d, move_cost: 2h, min_gain: 0.5, proof: 50%, cool_down: 1d}
      quarantine: {looks: 1, span: 0s, factor: 2.5}
      respect_person: 0s
"""


def said(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    entry = load(path).config.strategy_value().for_coin(Coin("USDT"))
    assert entry is not None
    return in_words(entry).split(", ")


def test_a_coin_with_nothing_said_is_only_on(tmp_path: Path) -> None:
    assert said(tmp_path, "strategy: {coins: {USDT: {}}}") == ["mode on"]


def test_everything_that_is_not_as_usual_is_said(tmp_path: Path) -> None:
    assert said(tmp_path, EVERYTHING) == [
        "mode on",
        "reserve 100",
        "moves of at least 10",
        "into 2.00% or more",
        "out under 1.00%",
        "refill under 50 to 150",
        "500 by 2026-12-04T09:00Z",
        "needs brought home 2d before",
        "at most 40% in one product",
        "at most 5000 in all products",
        "at most 1000 in one request",
        "at most 2500 a day",
        "only products 3 12",
        "never products 7",
        "6 decimals",
        "additional rates not counted",
        "a tier's rate on all of the amount",
        "interest paid into the wallet",
        "nothing above 50.00% believed",
        "moving pays back in 30d",
        "2h on the way",
        "for a gain of at least 0.5",
        "proven to 50%",
        "back after 1d",
        "odd readings (by a factor of 2.5) believed after 1 look over 0s",
        "rests 0s after a person's move",
    ]


def test_no_key_of_a_coin_is_passed_over(tmp_path: Path) -> None:
    """One more field of a strategy is one more thing that the file above must say."""
    path = tmp_path / "config.yaml"
    path.write_text(EVERYTHING, encoding="utf-8")
    entry = load(path).config.strategy_value().for_coin(Coin("USDT"))

    for whole, usual in (
        (entry, CoinStrategy()),
        (getattr(entry, "rotation", None), Rotation()),
        (getattr(entry, "quarantine", None), Quarantine()),
    ):
        names = {field.name for field in fields(usual)} - {"mode", "on"}
        assert {name for name in names if getattr(whole, name) == getattr(usual, name)} == set()


def test_where_held_money_stays_nothing_more_is_said_of_moving_it(tmp_path: Path) -> None:
    text = "strategy: {coins: {USDT: {rotate: {enabled: false, horizon: 30d}}}}"

    assert said(tmp_path, text) == ["mode on", "held money stays where it is"]
