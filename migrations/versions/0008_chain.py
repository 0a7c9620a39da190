"""The chain: each cycle closes a block over everything that was added, so that a change shows.

Revision: 0008, after 0007
Date: 2026-11-27

A block's hash is the SHA-256 of the hash before it and of the canonical text of every row that was
added since, in a fixed order: tables by name, rows by key. Where a table's key does not tell in
which order its rows came, `entry` does; the bands of an offer are hashed with their row of
`product_seen`. What a row's canonical text is says `earnd.ledger.canonical`; `earnd ledger verify`
recomputes all of it.
"""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# The tables whose keys do not tell in which order their rows came, in the order in which the rows
# of an older ledger are entered.
ENTERED = {
    "ledger": ("id",),
    "attempt": ("action_id", "attempt"),
    "attempt_answer": ("action_id", "attempt"),
    "action_event": ("action_id", "seq"),
    "attribution": ("record_seq",),
    "cycle_end": ("cycle_id",),
    "probe_send": ("action_id", "n"),
    "probe_answer": ("action_id", "n"),
}

# All others that grow, with their keys.
COUNTED = {
    "action": "action_id",
    "action_look": "action_look_id",
    "balance_seen": "balance_seen_id",
    "capability_seen": "capability_seen_id",
    "closure": "closure_id",
    "cycle": "cycle_id",
    "decision": "decision_id",
    "entry": "entry_id",
    "holding_seen": "holding_seen_id",
    "look": "look_id",
    "operator_note": "operator_note_id",
    "position_seen": "position_seen_id",
    "product_seen": "product_seen_id",
    "record_seen": "record_seq",
    "record_status_seen": "record_status_id",
    "restoration": "restoration_id",
    "run": "run_id",
    "total_seen": "total_seen_id",
}


def moment(column: str) -> str:
    """UTC with milliseconds."""
    day = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
    clock = "[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]"
    return f"CHECK ({column} GLOB '{day}T{clock}Z')"


def hash_text(column: str) -> str:
    """A SHA-256 as 64 digits."""
    return f"CHECK (length({column}) = 64 AND {column} NOT GLOB '*[^0-9a-f]*')"


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
WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})
BEGIN
  {refused}{table} has a row with this key');
END""",
    )


TABLES = (
    """CREATE TABLE entry (               -- the order in which rows came to those tables whose keys
                                    -- do not tell it
  entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
  of       TEXT NOT NULL CHECK (of GLOB '[a-z]*' AND of NOT GLOB '*[^a-z0-9_]*'),  -- a table
  key1     INTEGER NOT NULL,           -- the row's key in it: one number, or two
  key2     INTEGER
) STRICT""",
    *fences("entry", "entry_id"),
    # No UNIQUE on the hash: it is made of block_id too, and an index in the order of hashes would
    # be a third of the table and written all over with every cycle.
    f"""CREATE TABLE chain (               -- a block over all rows that were added since the one
                                    -- before it
  block_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id INTEGER REFERENCES cycle,   -- whose end closed it; NULL: closed when earnd started
  at       TEXT NOT NULL {moment("at")},
  form     INTEGER NOT NULL CHECK (form >= 1),  -- which tables and columns were hashed, and how
  upto     TEXT NOT NULL CHECK (upto GLOB '{{*}}'),  -- JSON: of each table that grew its last key;
                                    -- every 64th block, beginning with 1, names them all
  rows     INTEGER NOT NULL CHECK (rows >= 0),
  marks    TEXT NOT NULL CHECK (marks NOT GLOB '*[^0-9a-f]*'),  -- four digits of each row's own
                                    -- hash, by which a row that does not fit is found; none
                                    -- for a block of more than 10000 rows
  previous TEXT NOT NULL {hash_text("previous")},  -- the hash before it; 64 zeros before the first
  hash     TEXT NOT NULL {hash_text("hash")}
) STRICT""",
    *fences("chain", "block_id"),
    f"""CREATE TABLE restoration (         -- the file was older than what was last written here, or
                                    -- another: earnd began to write to a restored copy
  restoration_id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id         INTEGER NOT NULL REFERENCES run,
  at             TEXT NOT NULL {moment("at")},
  found_block    INTEGER NOT NULL CHECK (found_block >= 0),  -- its newest block; 0: it has none
  found_hash     TEXT NOT NULL {hash_text("found_hash")},
  expected_block INTEGER NOT NULL CHECK (expected_block >= 1),  -- what was last written here
  expected_hash  TEXT NOT NULL {hash_text("expected_hash")}
) STRICT""",
    *fences("restoration", "restoration_id"),
)


def entered(table: str, keys: tuple[str, ...]) -> tuple[str, str]:
    """The rows that are there already, in the order of their keys; then each that comes."""
    keys_of_new = ", ".join(f"NEW.{key}" for key in keys) + (", NULL" if len(keys) == 1 else "")
    listed = ", ".join(keys) + (", NULL" if len(keys) == 1 else "")
    return (
        f"""INSERT INTO entry (of, key1, key2)
SELECT '{table}', {listed} FROM {table} ORDER BY {", ".join(keys)}""",
        f"""CREATE TRIGGER {table}_is_entered AFTER INSERT ON {table} BEGIN
  INSERT INTO entry (of, key1, key2) VALUES ('{table}', {keys_of_new});
END""",
    )


CHAIN_LOG = """CREATE VIEW chain_log AS
SELECT block_id, cycle_id, at, rows, hash, block_id || ':' || substr(hash, 1, 16) AS anchor
FROM chain"""

LAST = "\n  UNION ALL ".join(
    f"SELECT '{table}', coalesce((SELECT max({key}) FROM {table}), 0)"
    for table, key in COUNTED.items()
)


def named(block: str) -> str:
    """The key that a block names for a table, without the JSON functions."""
    place = f"instr({block}.upto, '\"' || l.name || '\":')"
    return f"CAST(substr({block}.upto, {place} + length(l.name) + 3) AS INTEGER)"


def names(block: str) -> str:
    """Whether a block names a table."""
    return f"instr({block}.upto, '\"' || l.name || '\":') > 0"


# The whole chain is recomputed by `earnd ledger verify`. What SQL alone can see is looked for in
# the newest blocks, so that it costs the same after ten years.
AUDIT = f"""CREATE VIEW audit_chain_broken AS
WITH top(block_id) AS (SELECT coalesce(max(block_id), 0) FROM chain),
last(name, key) AS (
  {LAST}
)
SELECT CASE
    WHEN b.block_id = 1 THEN 'Block 1 does not begin the chain: it names a hash before it.'
    WHEN p.hash IS NULL THEN 'Block ' || (b.block_id - 1) || ' is missing.'
    ELSE 'Block ' || b.block_id || ' does not follow block ' || p.block_id || ': it names another'
      || ' hash.'
  END AS what,
  b.block_id, b.cycle_id, b.at
FROM chain b LEFT JOIN chain p ON p.block_id = b.block_id - 1
WHERE b.block_id > (SELECT block_id FROM top) - 10000
  AND b.previous IS NOT coalesce(p.hash, CASE WHEN b.block_id = 1 THEN printf('%064d', 0) END)
UNION ALL
SELECT 'Block ' || b.block_id || ' covers ' || l.name || ' up to row ' || {named("b")}
    || ', but the table ends with row ' || l.key || '.',
  b.block_id, b.cycle_id, b.at
FROM chain b JOIN last l ON {names("b")}
WHERE b.block_id > (SELECT block_id FROM top) - 1000 AND {named("b")} > l.key
UNION ALL
SELECT 'Block ' || b.block_id || ' covers ' || l.name || ' up to row ' || {named("b")}
    || ', the block before it up to row ' || {named("p")} || '.',
  b.block_id, b.cycle_id, b.at
FROM chain b JOIN chain p ON p.block_id = b.block_id - 1
JOIN last l ON {names("b")} AND {names("p")}
WHERE b.block_id > (SELECT block_id FROM top) - 1000 AND {named("b")} < {named("p")}
UNION ALL
SELECT 'Cycle ' || e.cycle_id || ' ended at ' || e.ended_at || ' without closing a block.',
  NULL, e.cycle_id, e.ended_at
FROM cycle_end e
WHERE e.cycle_id > (
  SELECT b.cycle_id FROM chain b WHERE b.cycle_id IS NOT NULL ORDER BY b.block_id DESC LIMIT 1)"""


def upgrade() -> None:
    """Three tables, fenced like the others; what is there already is put in an order."""
    for statement in TABLES:
        op.execute(statement)
    for table, keys in ENTERED.items():
        for statement in entered(table, keys):
            op.execute(statement)
    for statement in (CHAIN_LOG, AUDIT):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
