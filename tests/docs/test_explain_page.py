"""docs/explain.md, and what it promises: sentences, for any coin and moment of the demo."""

from __future__ import annotations

import re
from pathlib import Path

from earnd.cli import explain_coin
from earnd.cli.reasons import BINDS
from earnd.ledger import explaining
from earnd.ledger.engine import open_reader
from tests.docs.generated import DOCS

PAGE = (DOCS / "explain.md").read_text(encoding="utf-8")


def test_what_binds_is_said_on_the_page_as_in_the_sentences() -> None:
    rows = dict(re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", PAGE, re.MULTILINE))
    assert rows == BINDS


def test_every_coin_of_the_demo_is_explained_at_any_moment(demo_ledger: Path) -> None:
    with open_reader(demo_ledger) as reader:
        newest = explaining.newest_cycle(reader)
        assert newest is not None
        for coin in explaining.coins(reader):
            for cycle in range(1, newest + 1):
                facts = explaining.coin_facts(reader, coin, cycle)
                told = explain_coin.about(coin, facts, None)
                assert told["cycle"]["cycle_id"] == cycle
                assert told["decisions"]
                lines = list(explain_coin.in_words(told))
                assert "what was decided, and why" in lines
                for line in lines:
                    assert re.fullmatch(r"|(  )?[^ {}\[\]]([^{}\[\]]*[^{}\[\] :;,(-])?", line), line
                    assert "None" not in line


def test_every_hold_of_the_demo_says_what_would_move_it(demo_ledger: Path) -> None:
    with open_reader(demo_ledger) as reader:
        newest = explaining.newest_cycle(reader)
        assert newest is not None
        for cycle in range(1, newest + 1):
            facts = explaining.cycle_facts(reader, cycle)
            assert facts is not None
            for row in explain_coin.decisions(facts.decisions, facts.actions):
                assert (row["would_move"] is not None) == (row["verdict"] == "hold")
                assert (row["action_id"] is not None) == (row["verdict"] != "hold")
