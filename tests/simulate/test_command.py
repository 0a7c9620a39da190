"""`earnd simulate` at a shell: what it prints, what it draws, and what it says of mistakes."""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.simulate.conftest import Simulate


def test_people_get_the_runs_the_products_and_a_sentence(simulate: Simulate) -> None:
    ran = simulate()
    assert ran.code == 0
    assert ran.err == ""
    first, *_ = ran.out.splitlines()
    assert first == (
        "10000 USDT from 2026-01-01T00:00Z to 2026-01-09T00:00Z, a cycle every 1h, moving costs 1h"
    )
    for row in ("earnd", "perfect foresight", "static", "greedy", "auto-subscribe"):
        assert re.search(
            rf"^{row} +[0-9.]+ +[0-9.]+% +[0-9.]+% +[0-9]+ +[0-9]+$", ran.out, re.MULTILINE
        )
    assert re.search(r"^1 \(Blue\) +[0-9.]+ +[0-9.]+ +[0-9.]+%$", ran.out, re.MULTILINE)
    assert re.search(r"^on_the_way +[0-9.]+  on its way, or put in and not", ran.out, re.MULTILINE)
    assert re.search(
        r"^earnd earned [0-9.]+% of the most that could have been earned", ran.out, re.MULTILINE
    )
    assert "than the best of the others, greedy" in ran.out


def test_programs_get_the_same_facts_as_text(simulate: Simulate) -> None:
    facts = simulate("--json").facts
    own, best, *others = facts["runs"]
    assert (own["run"], best["run"]) == ("earnd", "perfect foresight")
    assert [run["run"] for run in others] == ["static", "greedy", "auto-subscribe"]
    assert Decimal(own["earned"]) == sum(Decimal(row["earned"]) for row in facts["products"])
    assert Decimal(own["of_the_best"]) <= Decimal(best["of_the_best"]) == 1
    assert {row["name"]: row["product_id"] for row in facts["products"]} == {
        "Blue": "1",
        "Green": "2",
    }
    # Nothing is more than Green's maximum, which stays what its first row says.
    assert all(Decimal(row["average_held"]) <= 10000 for row in facts["products"])
    assert facts["every"] == facts["transit"] == "1h"
    assert set(facts["idle_cost"]) == {"on_the_way"}


def test_the_same_files_print_the_same(simulate: Simulate) -> None:
    assert simulate("--json").out == simulate("--json").out


def test_a_part_of_the_rates_can_be_chosen(simulate: Simulate) -> None:
    facts = simulate("--json", **{"from": "2026-01-05", "until": "2026-01-05T12:00+02:00"}).facts
    assert (facts["from"], facts["until"]) == ("2026-01-05T00:00Z", "2026-01-05T10:00Z")


def test_what_the_file_says_of_the_coin_counts(simulate: Simulate) -> None:
    Path("config.yaml").write_text("strategy: {coins: {USDT: {reserve: 9000}}}\n")
    facts = simulate("--json").facts
    assert Decimal(facts["products"][0]["average_held"]) <= 1000
    assert Decimal(facts["idle_cost"]["kept_as_reserve"]) > 0
    Path("config.yaml").write_text('strategy: {coins: {"*": {mode: hold}}}\n')
    assert simulate("--json").facts["runs"][0]["subscribes"] == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"coin": "usdt"}, "'--coin'"),
        ({"coin": "*"}, "one coin is wanted, like USDT"),
        ({"coin": "BTC"}, "the strategy does not manage BTC"),
        ({"money": "1,000"}, "no thousands separators"),
        ({"money": "0"}, "'--money'"),
        ({"every": "5"}, "a duration needs its unit, like 5s or 5m"),
        ({"transit": "30m"}, "from 1h to 30d is possible; got 30m"),
        ({"transit": "90m"}, "whole hours are wanted, like 1h or 24h"),
        ({"rates": "none.csv"}, "none.csv: the rates cannot be read: No such file or directory"),
        ({"from": "2025-12-31"}, "the rates begin at 2026-01-01T00:00Z, after 2025-12-31T00:00Z"),
        ({"until": "2026-02-01"}, "the rates end at 2026-01-09T00:00Z, before 2026-02-01T00:00Z"),
        ({"until": "2026-01-01"}, "there is no time between 2026-01-01T00:00Z and"),
        ({"from": "2026-01-02T10:30Z"}, "a full hour is wanted, not 2026-01-02T10:30Z"),
        ({"from": "soon"}, "a date or a time with its zone is wanted"),
        ({"plot": "picture.pdf"}, "a file that ends in .png or .svg is wanted"),
        ({"plot": "nowhere/picture.png"}, "there is no directory nowhere"),
    ],
)
def test_a_mistake_is_told_before_anything_runs(
    simulate: Simulate, options: dict[str, str], told: str
) -> None:
    simulate(**options).refused(2, told)


def test_every_mistake_in_the_rates_has_its_line(simulate: Simulate) -> None:
    with Path("rates.csv").open("a") as file:
        file.write("2026-02-30,Blue,4%,\n2026-02-01,Blue,x,\n")
    simulate().refused(
        2,
        "rates.csv:6: time: there is no such time",
        "rates.csv:7: rate: a rate is wanted",
        "2 mistakes in rates.csv",
    )


def test_a_picture_without_the_extra_is_told_before_anything_runs(
    simulate: Simulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    simulate(plot="picture.png", rates="none.csv").refused(
        2, "matplotlib is not installed, and pictures need it", "pip install 'earnd[plot]'"
    )


@pytest.mark.parametrize("name", ["picture.png", "picture.svg"])
def test_a_picture_is_drawn_and_the_same_files_draw_the_same(simulate: Simulate, name: str) -> None:
    pytest.importorskip("matplotlib")
    pictures = []
    for _ in range(2):
        assert simulate(plot=name).code == 0
        pictures.append(Path(name).read_bytes())
        Path(name).unlink()
    first, second = pictures
    assert first == second
    assert first.startswith(b"\x89PNG" if name.endswith("png") else b"<?xml")
    if name.endswith("svg"):
        for text in (b"Blue", b"Green", b"perfect foresight", b"held by earnd, USDT"):
            assert text in first


def test_a_name_is_drawn_as_it_is(simulate: Simulate) -> None:
    pytest.importorskip("matplotlib")
    text = Path("rates.csv").read_text()
    Path("rates.csv").write_text(text.replace("Blue", "_$a^$_利").replace("Green", "$"))
    ran = simulate(plot="picture.svg", until="2026-01-01T02:00Z")
    assert (ran.code, ran.err) == (0, "")
    assert Path("picture.svg").exists()
