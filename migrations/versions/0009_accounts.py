"""Accounts: what the wallet gained and lost, openings by a person's word, records that vanished.

Revision: 0009, after 0008
Date: 2026-11-27
"""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def money(column: str) -> str:
    """Plain digits in the only way to write them; at most 20 before the point, 18 behind it."""
    return (
        f"CHECK ({column} GLOB '[0-9]*' AND {column} NOT GLOB '*[^0-9.]*'"
        f" AND {column} NOT GLOB '*.*.*'\n"
        f"         AND {column} NOT GLOB '0[0-9]*' AND {column} NOT GLOB '*.'"
        f" AND {column} NOT GLOB '*.*0'\n"
        f"         AND instr({column} || '.', '.') <= 21"
        f" AND length({column}) - instr({column} || '.', '.') <= 18)"
    )


def moment(column: str) -> str:
    """UTC with milliseconds."""
    day = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
    clock = "[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]"
    return f"CHECK ({column} GLOB '{day}T{clock}Z')"


def fences(table: str, key: str) -> tuple[str, str, str]:
    """UPDATE, DELETE and a second row under the same key are refused."""
    refused = "SELECT RAISE(ABORT, 'the ledger is append-only: "
    return (
        f"""CREATE TRIGGER {table}_never_changed BEFORE UPDATE ON {table} BEGIN
  {refused}no row of {table} is ever changed');
END""",
        f"""CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table} BEGIN
  {refused}no row of {table} is ever deleted');
END""",
        f"""CREATE TRIGGER {table}_never_replaced BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {key})
BEGIN
  {refused}{table} has a row with this key');
END""",
    )


OPENING = (
    f"""CREATE TABLE opening (             -- what a person says was held before the first known
                                    -- record; the holding is this and what the records add to it
  opening_id INTEGER PRIMARY KEY AUTOINCREMENT,
  at         TEXT NOT NULL {moment("at")},
  who        TEXT NOT NULL CHECK (who <> ''),
  product_id TEXT NOT NULL UNIQUE,     -- said once
  coin       TEXT NOT NULL,
  amount     TEXT NOT NULL,
  because    TEXT NOT NULL CHECK (because <> ''),
  CHECK (amount <> '0'),
  {money("amount")}
) STRICT""",
    *fences("opening", "opening_id = NEW.opening_id OR product_id = NEW.product_id"),
)

RECORD_GONE = (
    f"""CREATE TABLE record_gone (         -- a record that the exchange lists no longer, or again
  record_gone_id INTEGER PRIMARY KEY AUTOINCREMENT,
  record_seq INTEGER NOT NULL REFERENCES record_seen,
  gone       INTEGER NOT NULL CHECK (gone IN (0, 1)),
  cycle_id   INTEGER NOT NULL REFERENCES cycle,
  at         TEXT NOT NULL {moment("at")}
) STRICT""",
    "CREATE INDEX record_gone_newest ON record_gone (record_seq, record_gone_id)",
    *fences("record_gone", "record_gone_id = NEW.record_gone_id"),
    """CREATE TRIGGER record_gone_on_change BEFORE INSERT ON record_gone
WHEN NEW.gone = coalesce((
  SELECT g.gone FROM record_gone g
  WHERE g.record_seq = NEW.record_seq ORDER BY g.record_gone_id DESC LIMIT 1), 0)
BEGIN
  SELECT RAISE(ABORT, 'that a record is gone, or back, is written when it changes only');
END""",
    """CREATE VIEW record_gone_now AS         -- what freezes its coin until it is back
SELECT g.record_seq, r.kind, r.record_id, r.coin, r.product_id, r.amount, r.at, g.at AS since
FROM record_gone g
JOIN record_seen r ON r.record_seq = g.record_seq
WHERE g.gone = 1 AND g.record_gone_id = (
  SELECT max(m.record_gone_id) FROM record_gone m WHERE m.record_seq = g.record_seq)""",
    # A cycle that ended well had read the history whole after it began, so what is older than its
    # beginning and was not seen by then came late.
    """CREATE VIEW record_lateness AS         -- records that an earlier reading should have shown
SELECT r.record_seq, r.kind, r.record_id, r.at, r.seen_at,
  p.began_at AS missed_at              -- the last time it was looked for and not there
FROM record_seen r
JOIN cycle p ON p.cycle_id = (
  SELECT e.cycle_id FROM cycle_end e
  WHERE e.cycle_id < r.cycle_id AND e.outcome = 'done' ORDER BY e.cycle_id DESC LIMIT 1)
WHERE r.at < p.began_at""",
)


def upgrade() -> None:
    """New tables, fenced like the others, and their views."""
    for statement in (*OPENING, *RECORD_GONE):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
