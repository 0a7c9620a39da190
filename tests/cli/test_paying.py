"""`earnd status` says how each held product pays interest, and what of it that was due came."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.cli.main import run
from earnd.cli.paying import facts, rows
from earnd.ledger.paying import Paying, paying
from tests.ledger.conftest import life, open_book, path
from tests.ledger.story import Life, held

__all__ = ["life", "open_book", "path"]

REGIME: dict[str, str | int | None] = {
    "product_id": "p-USDT",
    "coin": "USDT",
    "every": "day",
    "pays_at": "04:00",
    "short": 0,
    "since": "2026-11-22T12:00:00.000Z",
}


@pytest.mark.parametrize(
    ("paid", "due", "words"),
    [
        ("1", "1", "100.00%"),
        ("0.95", "1", "95.00%"),
        ("2", "3", "66.67%"),
        ("0", "1", "0.00%"),
        ("1", "0", "not known yet"),
    ],
)
def test_what_was_paid_of_what_was_due_is_told_in_per_cent(paid: str, due: str, words: str) -> None:
    told = facts([Paying(REGIME, Decimal(paid), Decimal(5), Decimal(due))], {"p-USDT"})
    (row,) = rows(told)
    assert row["paid_of_due"] == words
    assert row["every"] == "day at 04:00"


def test_what_pays_less_is_marked() -> None:
    short = Paying({**REGIME, "pays_at": None, "short": 1}, Decimal(95), Decimal(100), Decimal(100))
    (row,) = rows(facts([short], {"p-USDT"}))
    assert row["paid_of_due"] == "95.00%, PAYS LESS since 2026-11-22T12:00:00.000Z"
    assert row["every"] == "day"


def test_only_what_something_is_held_in_is_told() -> None:
    assert facts([Paying(REGIME)], {"another"}) == []


def test_what_could_be_meant_is_due_and_the_last_thirty_days_count(life: Life) -> None:
    life.pays(payments=1)
    life.paid("9", promised="9")
    life.next_cycle(days=31)
    life.paid("0.5", promised="0.6", low="0.4")
    life.paid("0.3", promised="0.6", low="0.4")
    life.paid("0.7", promised="0.6", low="0.4")
    (found,) = paying(life.book)
    assert (found.paid, found.promised, found.due) == (
        Decimal("1.5"),
        Decimal("1.8"),
        Decimal("1.5"),
    )


def test_status_has_it_for_people_and_for_programs(
    life: Life, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    life.book.record_holdings(life.cycle_id, life.now, [held("100")])
    life.later(days=1)
    life.paid("0.95", promised="1")
    life.pays(payments=1, short=True)
    assert run(["status", "--ledger", str(path)]) == 0
    assert "95.00%, PAYS LESS since 2026-11-23T12:00:00.000Z" in capsys.readouterr().out
    assert run(["status", "--ledger", str(path), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["interest"]
    named = {name: told[name] for name in ("short", "paid", "due", "paid_of_due")}
    assert named == {"short": True, "paid": "0.95", "due": "1", "paid_of_due": "95.00%"}
