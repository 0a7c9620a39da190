"""A question to the ledger costs what is asked for, and not the years behind it.

No times: SQLite says how many steps it took, which is the same on every machine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from benchmarks.questions import USUAL, audits
from benchmarks.ten_years import laid
from earnd.ledger import explaining, queries
from earnd.ledger.chain import State
from earnd.ledger.engine import open_reader
from earnd.ledger.proof import walk

pytestmark = pytest.mark.slow

SHORT, LONG = 40, 80
"""Days; longer than any span that is asked for."""

GRAIN = 50
"""Steps between two counts."""

GROWS = {
    # They are about everything that earnd ever sent: some thousand actions a year.
    "`action_now`, what is open",
    "`action_now`, sent in 24 h",
    "`attempt_log`, no clear answer",
    "`event_log`, every doubt",
    "`lesson_log`, in force",
    "`movement`, of one action",
    "`audit_accepted_without_effect`",
    "`audit_attempt_without_answer`",
    "`audit_event_gap`",
    "`audit_late_action`",
    "`audit_number_reused`",
    "`audit_settled_without_record`",
    "`audit_stale_unknown`",
    "`audit_two_open_actions`",
    # About 90 days, which neither ledger is long.
    "`audit_limit_exceeded`",
    # By two keys, nothing else being read of a record that has an owner.
    "`audit_unexplained_movement`",
}
SEVERAL = 1.3
"""Growth that is none: an index is a level deeper, a month has a day more."""


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same life, once as long again."""
    folder = tmp_path_factory.mktemp("years").resolve()
    return laid(folder / "short.db", SHORT), laid(folder / "long.db", LONG)


def read_only(path: Path) -> sqlite3.Connection:
    """As an auditor opens it."""
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)


def steps(ledger: sqlite3.Connection, ask: Callable[[], object]) -> int:
    """How many SQLite takes to answer."""
    taken = 0

    def count() -> int:
        nonlocal taken
        taken += 1
        return 0

    ledger.set_progress_handler(count, GRAIN)
    try:
        ask()
    finally:
        ledger.set_progress_handler(None, 0)
    return taken * GRAIN


def told(ledger: sqlite3.Connection, question: str) -> list[object]:
    """The whole answer."""
    return ledger.execute(question).fetchall()


def asked(path: Path) -> Iterator[tuple[str, int]]:
    """Every usual question and every audit, with its steps."""
    with closing(read_only(path)) as ledger:
        for name, question in (*USUAL, *audits(ledger)):
            yield name, steps(ledger, partial(told, ledger, question))


def test_a_question_takes_the_same_steps_when_the_ledger_is_twice_as_long(
    ledgers: tuple[Path, Path],
) -> None:
    """R7."""
    short, long = (dict(asked(path)) for path in ledgers)
    grown = {
        name: (short[name], long[name])
        for name in short
        if long[name] > SEVERAL * short[name] + 40 * GRAIN and name not in GROWS
    }
    assert grown == {}


def test_the_command_line_is_served_in_the_same_steps_too(ledgers: tuple[Path, Path]) -> None:
    """R7."""
    found: list[dict[str, int]] = []
    for path in ledgers:
        with open_reader(path) as reader:
            asks: dict[str, Callable[[], object]] = {
                "actions": lambda: queries.actions(reader, limit=20),
                "decisions": lambda: queries.decisions(reader),
                "coins": lambda: explaining.coins(reader),
                "a coin": lambda: explaining.coin_facts(reader, "BTC", None),
                "a coin then": lambda: explaining.coin_facts(reader, "BTC", 500),
                "a cycle": lambda: explaining.cycle_facts(reader, 700),
                "an action": lambda: explaining.action_facts(reader, 7),
            }
            found.append({name: steps(reader.store.raw, ask) for name, ask in asks.items()})
    short, long = found
    assert {name for name in short if long[name] > SEVERAL * short[name] + 40 * GRAIN} == set()


def test_a_laid_ledger_is_one_that_earnd_could_have_written(ledgers: tuple[Path, Path]) -> None:
    for path in ledgers:
        with closing(read_only(path)) as ledger:
            assert ledger.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert ledger.execute("PRAGMA foreign_key_check").fetchall() == []
            state, finding = walk(ledger, State())
            assert finding is None
            assert state.head.block_id > SHORT * 288
        with open_reader(path) as reader:
            assert {name: rows for name, rows in queries.audits(reader).items() if rows} == {}


def test_a_quiet_year_takes_less_than_a_tenth_of_a_gigabyte(ledgers: tuple[Path, Path]) -> None:
    """R7."""
    short, long = (path.stat().st_size for path in ledgers)
    assert (long - short) / (LONG - SHORT) * 365 < 100e6
