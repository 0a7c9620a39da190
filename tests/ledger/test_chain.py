"""Every cycle closes a block over what it wrote; a file that was changed since shows it."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.snapshot import RecordStatus
from earnd.errors import ExitCode, LedgerError
from earnd.ledger import anchors, chain, covered, schema
from earnd.ledger.book import Book
from earnd.ledger.canonical import Value, row_digest, row_text
from earnd.ledger.chain import Block, Head, Row
from earnd.ledger.upgrade import migrate
from earnd.ledger.verify import verify
from tests.golden.test_golden_ledgers import laid
from tests.ledger.story import NOON, Life, a_look, held, opened
from tests.ledger.tampering import loosen, tamper

Opener = Callable[..., Book]

VALUES = st.none() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.binary()


def test_a_row_has_these_bytes_for_ever() -> None:
    """L28, U9."""
    text = row_text("attempt", (1, None, "é;7", -5, "", b"\xff"))
    assert text == b"t7:attempt;6;i1;n;t4:\xc3\xa9;7;i-5;t0:;b1:\xff;"
    assert row_digest("attempt", (1, None, "é;7", -5, "", b"\xff")).hex() == (
        "0e7dbb2a8d08ebd7df8dd6e87d2aa81b0e5fae78d5f4d5f93c47477b304fe4d1"
    )


def test_a_block_has_this_hash_for_ever() -> None:
    """L28."""
    rows = [
        Row("cycle", (1,), row_digest("cycle", (1, 1, "2026-11-22T12:00:00.000Z", "once"))),
        Row("run", (1,), row_digest("run", (1, "12345678"))),
    ]
    upto = chain.written({"run": 1, "cycle": 1})
    assert upto == '{"cycle":1,"run":1}'
    block = Block(
        1, 1, "2026-11-22T12:00:00.000Z", 1, upto, 2, chain.marks_of(rows), "0" * 64, "whatever"
    )
    assert block.marks == "1cd21231"
    assert (
        chain.hash_of(block, rows)
        == "7359971f6baf972a4ad1c6ee772242c42fc6a6ba3ce0ead76f4e500a28ee9c3a"
    )


@given(
    st.tuples(st.text(max_size=3), st.lists(VALUES, max_size=4)),
    st.tuples(st.text(max_size=3), st.lists(VALUES, max_size=4)),
)
def test_two_rows_have_the_same_bytes_only_if_they_are_the_same(
    one: tuple[str, list[Value]], other: tuple[str, list[Value]]
) -> None:
    """L28."""
    try:
        texts = {row_text(*one), row_text(*other)}
    except UnicodeEncodeError:
        return
    assert (len(texts) == 1) == (one == other)


@pytest.mark.parametrize("value", [1.5, 1.0, float("nan"), True, [1], {"a": 1}])
def test_what_has_no_one_way_to_be_written_is_not_hashed(value: object) -> None:
    """L28."""
    with pytest.raises(TypeError, match="no one way"):
        row_text("run", (value,))  # type: ignore[arg-type] # that is what is tried


def test_no_table_and_no_column_is_overlooked() -> None:
    """A new step of the schema needs a new form: see `earnd.ledger.covered.FORMS`."""
    made = schema.made(schema.head())
    newest = covered.form(covered.NEWEST)
    hashed = {rows.name: rows for rows in (*newest.counted.values(), *newest.entered.values())}
    hashed |= {rows.parts.name: rows.parts for rows in newest.counted.values() if rows.parts}
    assert hashed.keys() | newest.given.keys() | {covered.CHAIN} == made.columns.keys()
    for name, rows in hashed.items():
        assert rows.columns == made.columns[name], name
    assert newest.given.keys() == {"action_transition"}
    assert [rows.name for rows in newest.counted.values() if rows.parts] == ["product_seen"]


def test_a_table_that_no_rule_covers_stops_earnd_before_it_writes() -> None:
    made = schema.made(schema.head())
    more = replace(
        made,
        objects={**made.objects, ("table", "stray"): "CREATE TABLE stray (a TEXT PRIMARY KEY)"},
        columns={**made.columns, "stray": ("a",)},
        keys={**made.keys, "stray": ("a",)},
    )
    with pytest.raises(LedgerError, match="does not cover stray"):
        covered.form_of(more)


def test_a_block_of_a_form_to_come_is_refused_in_words() -> None:
    """U9."""
    with pytest.raises(LedgerError, match="form 99") as refused:
        covered.form(99)
    assert "Install" in refused.value.todo


def full(life: Life) -> None:
    """A bit of everything, in three cycles."""
    life.book.record_look(life.cycle_id, a_look(life.now))
    life.book.record_holdings(life.cycle_id, life.now, [held("5")])
    life.book.record_decisions(life.cycle_id, life.now, [life.move()], [])
    life.settled()
    life.next_cycle(minutes=15)
    record = life.record("3")
    life.seen(record)
    life.seen(replace(record, status=RecordStatus.DONE))
    life.closed()
    life.probed()
    life.next_cycle(minutes=15)
    life.next_cycle(minutes=15)


@pytest.fixture
def closed(path: Path, open_book: Opener) -> Path:
    """A ledger of three cycles, whose run is over."""
    life = Life(open_book())
    full(life)
    life.book.close()
    return path


def test_every_row_of_every_table_is_in_a_block_once(life: Life) -> None:
    """L21."""
    full(life)
    tables = covered.form(covered.NEWEST)
    names = [*tables.counted, *tables.entered, "tier_seen"]
    rows = sum(life.sql(f"SELECT count(*) FROM {name}")[0][0] for name in names)  # noqa: S608 - ours
    # The cycle that is under way is in none yet.
    assert life.sql("SELECT sum(rows) FROM chain") == [(rows - 1,)]
    assert life.sql("SELECT block_id, cycle_id FROM chain_log") == [(1, 1), (2, 2), (3, 3)]
    assert life.sql("SELECT * FROM audit_chain_broken") == []
    verdict = verify(life.book.path)
    assert verdict.is_whole
    assert (verdict.blocks, verdict.rows, verdict.loose) == (3, rows - 1, {"cycle": 1})


def test_rows_between_cycles_are_in_the_next_block(closed: Path) -> None:
    with opened(closed, prefix="87654321") as book:
        assert verify(closed).loose == {"cycle": 1, "run": 1}
        life = Life(book)
        life.next_cycle(minutes=5)
        assert verify(closed).loose == {"cycle": 1}


@pytest.mark.parametrize(
    ("statement", "table", "key"),
    [
        ("UPDATE run SET version = '0.1.1'", "run", "1"),
        ("UPDATE ledger SET account_label = 'other'", "ledger", "1"),
        ("UPDATE cycle SET began_at = '2026-11-22T12:15:00.001Z' WHERE cycle_id = 2", "cycle", "2"),
        ("UPDATE cycle_end SET moves = 1 WHERE cycle_id = 3", "cycle_end", "3"),
        ("UPDATE tier_seen SET rate = '0.2' WHERE n = 1", "tier_seen", "1, 1"),
        ("UPDATE action SET amount = '100.6' WHERE action_id = 1", "action", "1"),
        ("UPDATE attempt SET request = CAST(x'ff' AS TEXT) WHERE action_id = 1", "attempt", "1, 1"),
        ("UPDATE attempt_answer SET code = 1001 WHERE action_id = 2", "attempt_answer", "2, 1"),
        ("UPDATE action_event SET actor = 'operator' WHERE seq = 3", "action_event", "1, 3"),
        ("UPDATE record_seen SET amount = '3.1' WHERE record_seq = 2", "record_seen", "2"),
        ("UPDATE attribution SET at = '2026-11-22T12:00:01.000Z'", "attribution", "1"),
        ("UPDATE entry SET key1 = 1 WHERE entry_id = 10", "entry", "10"),
        ("DELETE FROM balance_seen", "balance_seen", "1"),
        ("DELETE FROM cycle WHERE cycle_id = 2", "cycle", "2"),
        ("DELETE FROM probe_answer", "probe_answer", "2, 1"),
        ("DELETE FROM tier_seen WHERE n = 0", "tier_seen", "1, 1"),
        ("DELETE FROM look", "look", "1"),
        (
            "INSERT INTO operator_note VALUES (-1, '2026-11-22T12:00:00.000Z', 'x', NULL, 'y')",
            None,
            None,
        ),
        (
            "INSERT INTO cycle VALUES (0, 1, '2026-11-22T12:00:00.000Z', 'once')",
            "cycle",
            "0",
        ),
        (
            "INSERT INTO cycle_end VALUES (4, '2026-11-22T12:00:00.000Z', 'done', 0, 0, NULL)",
            "cycle_end",
            "4",
        ),
        ("DELETE FROM action_transition WHERE to_state = 'late'", "action_transition", None),
        ("UPDATE sqlite_sequence SET seq = 7 WHERE name = 'action'", "action", None),
        ("INSERT INTO sqlite_sequence VALUES ('nothing', 7)", None, None),
        ("UPDATE chain SET cycle_id = NULL WHERE block_id = 2", "chain", "2"),
        ("UPDATE chain SET upto = '{}' WHERE block_id = 2", "chain", "2"),
        ("UPDATE chain SET upto = '{\"cycle\":0}' WHERE block_id = 2", "chain", "2"),
        ("UPDATE chain SET upto = '{\"cycle\": 2}' WHERE block_id = 2", "chain", "2"),
        ("UPDATE chain SET upto = '[]' WHERE block_id = 2", "chain", "2"),
        ("UPDATE chain SET form = 99 WHERE block_id = 2", "chain", "2"),
        ("UPDATE chain SET rows = rows + 1 WHERE block_id = 2", "chain", "2"),
        ("UPDATE chain SET marks = substr(marks, 5) WHERE block_id = 2", None, None),
        ("UPDATE chain SET previous = hash WHERE block_id = 2", "chain", "2"),
        ("DELETE FROM chain WHERE block_id = 1", "chain", "1"),
        ("DELETE FROM chain WHERE block_id = 2", "chain", "2"),
        ("DELETE FROM chain WHERE block_id = 3", "chain", None),
    ],
)
def test_whatever_a_hand_changes_is_found_and_named(
    closed: Path, statement: str, table: str | None, key: str | None
) -> None:
    """L21, I12."""
    assert verify(closed).is_whole
    tamper(closed, statement)
    found = verify(closed).findings
    assert found
    if table is not None:
        assert (found[0].table, found[0].key) == (table, key), found
    if key is not None:
        assert key.split(",")[0] in found[0].what


def test_a_number_with_a_fraction_is_found_and_no_failure(closed: Path) -> None:
    loosen(closed, "cycle_end", "UPDATE cycle_end SET moves = 1.5 WHERE cycle_id = 2")
    found = verify(closed).findings
    assert any("Row 2 of cycle_end can't be" in finding.what for finding in found), found


def test_a_chain_that_does_not_fit_is_not_written_to(closed: Path) -> None:
    """L20, L21."""
    tamper(closed, "UPDATE action SET amount = '100.6' WHERE action_id = 1")
    with pytest.raises(LedgerError, match=r"Row 1 of action is not as it was written") as refused:
        opened(closed)
    assert refused.value.exit_code is ExitCode.LEDGER
    assert "restore the newest backup" in refused.value.todo


@pytest.mark.parametrize("upto", ["{nonsense}", "{}", '{"cycle":true}'])
def test_newest_blocks_that_cannot_be_read_are_refused_in_words(closed: Path, upto: str) -> None:
    tamper(closed, f"UPDATE chain SET upto = '{upto}' WHERE block_id = 3")  # noqa: S608 - ours
    with pytest.raises(LedgerError, match="not as earnd wrote it"):
        opened(closed)


def test_a_long_chain_goes_on_from_its_newest_blocks(path: Path, open_book: Opener) -> None:
    """R7: where it stands is known without reading what is old."""
    life = Life(open_book())
    full(life)
    for _ in range(2 * chain.FULL_EVERY + 20):
        life.next_cycle(minutes=5)
    before = life.book.seal.state
    life.book.close()
    again = open_book(prefix="87654321")
    assert again.seal.state == before
    Life(again).next_cycle(minutes=5)
    named = [chain.read_upto(upto).keys() for (upto,) in Life(again).sql("SELECT upto FROM chain")]
    assert [number for number, names in enumerate(named, 1) if "action" in names] == [1, 2, 65, 129]
    assert verify(path).is_whole
    tamper(path, "UPDATE cycle SET trigger = 'never' WHERE cycle_id = 70")
    again.close()
    assert verify(path).findings[0].key == "70"


def test_a_tail_that_begins_within_the_chain_is_recomputed(path: Path, open_book: Opener) -> None:
    life = Life(open_book())
    for _ in range(130):
        life.next_cycle(minutes=5)
    life.book.close()
    tamper(path, "UPDATE cycle SET trigger = 'never' WHERE cycle_id = 70")
    with pytest.raises(LedgerError, match="Row 70 of cycle is not"):
        opened(path)
    tamper(path, "UPDATE cycle SET trigger = 'schedule' WHERE cycle_id = 70")
    tamper(path, "DELETE FROM chain WHERE block_id = 65")
    with pytest.raises(LedgerError, match="block 65 is missing"):
        opened(path)


def test_a_block_by_a_strangers_hand_is_found_and_disturbs_nobody(life: Life) -> None:
    full(life)
    with closing(sqlite3.connect(life.book.path, isolation_level=None)) as stranger:
        stranger.execute(
            "INSERT INTO chain SELECT 4, NULL, at, form, '{}', 0, '', hash, previous"
            " FROM chain WHERE block_id = 3"
        )
    life.next_cycle(minutes=15)
    assert life.sql("SELECT max(block_id) FROM chain") == [(5,)]
    found = verify(life.book.path).findings
    assert (found[0].table, found[0].key) == ("chain", "4")


def test_somebodys_note_in_the_shell_is_told_and_then_covered(life: Life) -> None:
    full(life)
    with closing(sqlite3.connect(life.book.path, isolation_level=None)) as person:
        person.execute(
            "INSERT INTO operator_note (at, who, text)"
            " VALUES ('2026-11-22T13:00:00.000Z', 'ann', CAST(x'c3ff' AS TEXT))"
        )
    assert verify(life.book.path).loose == {"cycle": 1, "operator_note": 1}
    life.next_cycle(minutes=15)
    assert verify(life.book.path).loose == {"cycle": 1}


@pytest.mark.parametrize("revision", ["0004", "0006", "0007"])
def test_an_older_ledger_is_sealed_when_it_is_next_opened(path: Path, revision: str) -> None:
    laid(path, revision)
    migrate(path, at=NOON)
    assert verify(path).head is None
    with opened(path, account_label="practice (sandbox)") as book:
        assert book.seal.state.head.block_id == 1
        (block,) = Life(book).sql("SELECT cycle_id, rows FROM chain")
        assert block[0] is None
        verdict = verify(path)
        assert verdict.is_whole
        assert verdict.rows == block[1] > 100
        assert verdict.loose == {"cycle": 1}


def test_a_first_block_of_very_many_rows_has_no_marks(life: Life) -> None:
    with life.book.store.writing() as connection:
        connection.exec_driver_sql(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10001)"
            " INSERT INTO operator_note (at, who, text)"
            " SELECT '2026-11-22T12:00:00.000Z', 'ann', 'note ' || n FROM n"
        )
    life.next_cycle(minutes=5)
    assert life.sql("SELECT rows > 10000, marks FROM chain") == [(1, "")]
    life.book.close()
    assert verify(life.book.path).is_whole
    tamper(life.book.path, "UPDATE operator_note SET text = 'no' WHERE operator_note_id = 7")
    assert verify(life.book.path).findings[0].table == "chain"


AUDIT = [
    ("UPDATE chain SET previous = hash WHERE block_id = 1", "Block 1 does not begin the chain"),
    ("DELETE FROM chain WHERE block_id = 2", "Block 2 is missing."),
    ("UPDATE chain SET hash = previous WHERE block_id = 2", "Block 3 does not follow block 2"),
    (
        "DELETE FROM action WHERE action_id = 2",
        "Block 2 covers action up to row 2, but the table ends with row 1.",
    ),
    (
        """UPDATE chain SET upto = '{"cycle":1}' WHERE block_id = 3""",
        "Block 3 covers cycle up to row 1, the block before it up to row 2.",
    ),
    ("DELETE FROM chain WHERE block_id = 3", "Cycle 3 ended at"),
]


@pytest.mark.parametrize(("statement", "what"), AUDIT)
def test_the_audit_sees_what_sql_can_see(closed: Path, statement: str, what: str) -> None:
    """I12."""
    tamper(closed, statement)
    with closing(sqlite3.connect(closed)) as auditor:
        found = [row[0] for row in auditor.execute("SELECT * FROM audit_chain_broken")]
    assert any(said.startswith(what) for said in found), found


def test_the_anchor_beside_the_ledger_is_the_newest_block(life: Life) -> None:
    assert life.book.anchor() is None
    assert anchors.read(life.book.path) is None
    life.next_cycle(minutes=5)
    beside = anchors.beside(life.book.path)
    ((number, whole),) = life.sql("SELECT block_id, hash FROM chain")
    assert beside.read_text() == f"{number} {whole}\n"
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    assert life.book.anchor() == f"1:{whole[:16]}"
    assert life.sql("SELECT anchor FROM chain_log") == [(life.book.anchor(),)]
    assert life.book.anchor_trouble() is None


def test_an_anchor_that_cannot_be_kept_is_told_and_ends_nothing(life: Life) -> None:
    beside = anchors.beside(life.book.path)
    beside.mkdir()
    life.next_cycle(minutes=5)
    trouble = life.book.anchor_trouble()
    assert trouble is not None
    assert str(beside) in trouble
    beside.rmdir()
    life.next_cycle(minutes=5)
    assert life.book.anchor_trouble() is None
    assert anchors.read(life.book.path) == life.book.seal.state.head


@pytest.mark.parametrize("text", ["", "1", "x y\n", f"0 {'0' * 64}\n", f"1 {'0' * 64}\nmore"])
def test_an_anchor_that_cannot_be_read_is_told_and_written_anew(closed: Path, text: str) -> None:
    anchors.beside(closed).write_text(text)
    assert "not as earnd writes it" in verify(closed).findings[0].what
    with opened(closed, prefix="87654321") as book:
        assert "can't be read" in str(book.anchor_trouble())
        assert book.restored_from() is None
        Life(book).next_cycle(minutes=5)
        assert book.anchor_trouble() is None
    assert verify(closed).is_whole


def test_an_anchor_kept_elsewhere_proves_what_is_before_it(closed: Path) -> None:
    """E11, I12."""
    with closing(sqlite3.connect(closed)) as ledger:
        hashes = dict(ledger.execute("SELECT block_id, hash FROM chain"))
    for number, whole in hashes.items():
        for digits in (16, 40, 64):
            kept = anchors.told(f"{number}:{whole[:digits].upper()}")
            assert verify(closed, anchor=kept).is_whole
        (found,) = verify(closed, anchor=Head(number, "0" * 16)).findings
        assert found.what == (f"Block {number} has another hash than in the anchor that was given.")
    (found,) = verify(closed, anchor=Head(4, "0" * 16)).findings
    assert found.what == "There is no block 4, as in the anchor that was given."


def test_who_rewrites_everything_is_found_by_an_anchor_alone(
    tmp_path: Path, closed: Path, open_book: Opener
) -> None:
    """E11: a chain proves nothing by itself against somebody who can write all of it anew."""
    kept = anchors.read(closed)
    other = tmp_path / "other.db"
    life = Life(open_book(other))
    life.settled("7")
    for _ in range(5):
        life.next_cycle(minutes=15)
    life.book.close()
    assert verify(other).is_whole
    assert not verify(other, anchor=kept).is_whole


@pytest.mark.parametrize("text", ["", "1", "1:", "1:abc", "0:" + "a" * 16, "1:" + "g" * 16])
def test_what_is_no_anchor_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="an anchor is"):
        anchors.told(text)


def test_a_quiet_cycle_adds_few_bytes(life: Life) -> None:
    """R7: ten years are a million blocks."""
    full(life)
    first = life.sql("SELECT max(block_id) FROM chain")[0][0]
    for _ in range(chain.FULL_EVERY):
        life.next_cycle(minutes=5)
    ((size,),) = life.sql(
        "SELECT sum(length(at) + length(upto) + length(marks) + length(previous) + length(hash))"
        " FROM chain WHERE block_id > ?",
        first,
    )
    assert size / chain.FULL_EVERY < 300


def test_time_passes_between_blocks_as_it_did(life: Life) -> None:
    life.next_cycle(minutes=5)
    life.next_cycle(minutes=5)
    assert life.now - NOON == timedelta(minutes=10)
    assert life.sql("SELECT at FROM chain") == [
        ("2026-11-22T12:00:00.000Z",),
        ("2026-11-22T12:05:00.000Z",),
    ]
