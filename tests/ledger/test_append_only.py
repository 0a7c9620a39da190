"""Nothing in the ledger is ever changed, taken away, or put over."""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

import sqlite3
from dataclasses import replace
from decimal import Decimal

import pytest

from earnd.domain.action import State
from earnd.domain.answer import Outcome
from earnd.domain.ids import Coin
from earnd.domain.plan import Hold
from earnd.domain.reason import Reason
from earnd.domain.snapshot import RecordStatus
from earnd.domain.strategy import CoinStrategy, Strategy
from earnd.errors import LedgerError
from earnd.ledger.chain import NOTHING, Head
from earnd.ledger.sealing import record_restoration
from tests.ledger.story import Life, a_look, held

TABLES = (
    "action",
    "action_event",
    "action_look",
    "action_transition",
    "attempt",
    "attempt_answer",
    "attribution",
    "balance_seen",
    "capability_seen",
    "chain",
    "closure",
    "cycle",
    "cycle_end",
    "decision",
    "decision_again",
    "entry",
    "holding_seen",
    "interest_promise",
    "interest_regime_seen",
    "ledger",
    "limit_in_force",
    "look",
    "opening",
    "operator_note",
    "position_seen",
    "probe_answer",
    "probe_send",
    "product_seen",
    "record_gone",
    "record_seen",
    "record_status_seen",
    "restoration",
    "run",
    "tier_seen",
    "total_seen",
    "wallet_account",
    "wallet_checked",
    "wallet_flow",
    "wallet_interest",
    "wallet_open",
)


@pytest.fixture
def full(life: Life) -> Life:
    """A life that left a row in every table."""
    book, action = life.book, life.planned("7", coin="BTC")
    book.record_look(life.cycle_id, a_look(life.now))
    book.record_holdings(life.cycle_id, life.now, [held("5")])
    book.record_decisions(life.cycle_id, life.now, [life.move()], [])
    for _ in range(2):
        life.next_cycle(minutes=5)
        book.record_decisions(life.cycle_id, life.now, [], [Hold(Coin("A"), Reason.PAUSED)])
    life.settled()
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    book.record_absent_look(action.action_id, life.cycle_id, life.now)
    life.enter(action, State.NEEDS_OPERATOR)
    life.book.resolve(action.action_id, State.REJECTED, life.now, because="lost", who="ann")
    record = life.record("3")
    life.seen(record)
    life.seen(replace(record, status=RecordStatus.DONE))
    life.closed()
    life.probed()
    life.lost()
    with book.store.writing() as connection:
        record_restoration(connection, book.run_id, life.now, NOTHING, Head(1, "f" * 64))
    book.record_limits(life.now, Strategy({}, CoinStrategy(max_per_day=Decimal(5))))
    life.walleted()
    life.paid("0.5", promised="0.6")
    life.pays(payments=1)
    life.next_cycle(minutes=15)
    return life


def test_the_list_of_tables_here_is_all_there_are(life: Life) -> None:
    found = life.sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    internal = {"alembic_version", "sqlite_sequence"}
    assert {name for (name,) in found} - internal == set(TABLES)


def attacks(by_hand: sqlite3.Connection, table: str) -> list[str]:
    """Ways to change, remove or cover a row that is there."""
    columns = [row[1] for row in by_hand.execute(f"PRAGMA table_info({table})")]
    listed, first, last = ", ".join(columns), columns[0], columns[-1]
    copy = f"{table} ({listed}) SELECT {listed} FROM {table} WHERE true"
    return [
        f"UPDATE {table} SET {first} = {first}",
        f"UPDATE OR REPLACE {table} SET {last} = {last}",
        f"UPDATE OR IGNORE {table} SET {last} = NULL",
        f"DELETE FROM {table}",
        f"INSERT INTO {copy}",
        f"INSERT OR REPLACE INTO {copy}",
        f"INSERT OR IGNORE INTO {copy}",
        f"INSERT OR FAIL INTO {copy}",
        f"INSERT OR ROLLBACK INTO {copy}",
        f"REPLACE INTO {copy}",
        f"INSERT INTO {copy} ON CONFLICT DO UPDATE SET {first} = {first}",
        f"INSERT INTO {copy} ON CONFLICT DO NOTHING",
    ]


def test_every_attack_on_every_table_is_refused_and_leaves_it_as_it_was(
    full: Life, by_hand: sqlite3.Connection
) -> None:
    # As weak as a connection can be: no foreign keys, and REPLACE runs no DELETE trigger.
    """L11."""
    by_hand.execute("PRAGMA foreign_keys = OFF")
    by_hand.execute("PRAGMA recursive_triggers = OFF")
    for table in TABLES:
        before = full.sql(f"SELECT * FROM {table}")
        assert before, f"no row in {table} to attack"
        for attack in attacks(by_hand, table):
            with pytest.raises(sqlite3.IntegrityError):
                by_hand.execute(attack)
            assert full.sql(f"SELECT * FROM {table}") == before, attack


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("action", "action_id"),
        ("record_seen", "record_seq"),
        ("attribution", "record_seq"),
        ("interest_promise", "record_seq"),
        ("action_event", "seq"),
    ],
)
def test_a_row_is_not_replaced_through_its_other_key(
    full: Life, by_hand: sqlite3.Connection, table: str, key: str
) -> None:
    """L11."""
    by_hand.execute("PRAGMA foreign_keys = OFF")
    by_hand.execute("PRAGMA ignore_check_constraints = ON")
    before = full.sql(f"SELECT * FROM {table}")
    columns = [row[1] for row in by_hand.execute(f"PRAGMA table_info({table})")]
    values = ", ".join(f"{key} + 1000" if name == key else name for name in columns)
    unique = {"action_event": "attempt IS NOT NULL", "attribution": "action_id IS NOT NULL"}
    with pytest.raises(sqlite3.IntegrityError):
        by_hand.execute(
            f"REPLACE INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table}"
            f" WHERE {unique.get(table, 'true')} LIMIT 1"
        )
    assert full.sql(f"SELECT * FROM {table}") == before


def test_a_table_has_no_hidden_rowid_to_replace_through(
    life: Life, by_hand: sqlite3.Connection
) -> None:
    """L11, L12."""
    assert life.book.run_id == 1
    for table in TABLES:
        keys = [row[1:6] for row in by_hand.execute(f"PRAGMA table_info({table})") if row[5]]
        is_rowid = len(keys) == 1 and keys[0][1] == "INTEGER"
        if not is_rowid:
            with pytest.raises(sqlite3.OperationalError, match="no such column"):
                by_hand.execute(f"SELECT rowid FROM {table}")


def test_a_lowered_sequence_does_not_bring_an_id_back(
    full: Life, by_hand: sqlite3.Connection
) -> None:
    # SQLite lets anybody write into its own sqlite_sequence.
    """L12."""
    by_hand.execute("UPDATE sqlite_sequence SET seq = 0")
    newest = full.sql("SELECT max(action_id) FROM action")[0][0]
    assert full.planned(coin="ETH").action_id == newest + 1


def test_earnds_own_connection_is_no_exception(full: Life) -> None:
    for attack in ("UPDATE action SET amount = '1'", "DELETE FROM run", "DELETE FROM action_event"):
        with pytest.raises(LedgerError, match="append-only"), full.book.store.writing() as own:
            own.exec_driver_sql(attack)


def test_every_table_is_strict(life: Life) -> None:
    """L13."""
    loose = life.sql(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict"
        " AND name NOT IN ('alembic_version') AND name NOT LIKE 'sqlite%'"
    )
    assert loose == []
