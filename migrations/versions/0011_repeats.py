"""Repeats: a cycle that decides what the one before decided says so in one row.

Revision: 0011, after 0010
Date: 2026-11-27

Most cycles decide nothing new, and the same holds written down every five minutes would be nine
tenths of the file. `decision_log` shows them with every cycle all the same.

What was asked of a ledger of ten years and had to read all of it has an index from here on, and the
views that had to are written so that a question reaches it.
"""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def moment(column: str) -> str:
    """UTC with milliseconds."""
    day = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
    clock = "[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]"
    return f"CHECK ({column} GLOB '{day}T{clock}Z')"


def fences(table: str, taken: str) -> tuple[str, str, str]:
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
WHEN EXISTS (SELECT 1 FROM {table} WHERE {taken})
BEGIN
  {refused}{table} has a row with this key');
END""",
    )


AGAIN = (
    f"""CREATE TABLE decision_again (      -- a cycle that held back just what an earlier one did,
                                    -- for the same reasons and with the same numbers
  decision_again_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id INTEGER NOT NULL UNIQUE REFERENCES cycle,
  same_as  INTEGER NOT NULL REFERENCES cycle,  -- whose rows of `decision` are this cycle's too
  at       TEXT NOT NULL {moment("at")},
  CHECK (same_as < cycle_id)
) STRICT""",
    *fences(
        "decision_again",
        "decision_again_id = NEW.decision_again_id OR cycle_id = NEW.cycle_id",
    ),
    # The newest only: so that the first repeat after a cycle tells whether any repeats it.
    """CREATE TRIGGER decision_again_of_the_newest BEFORE INSERT ON decision_again
WHEN NEW.same_as IS NOT (SELECT max(d.cycle_id) FROM decision d)
  OR EXISTS (SELECT 1 FROM decision d WHERE d.cycle_id = NEW.same_as AND d.verdict <> 'hold')
  OR EXISTS (SELECT 1 FROM decision_again g WHERE g.cycle_id = NEW.same_as)
BEGIN
  SELECT RAISE(ABORT, 'only the holds of the newest cycle with decisions of its own are repeated');
END""",
    """CREATE TRIGGER decision_not_of_a_repeated_cycle BEFORE INSERT ON decision
WHEN NEW.cycle_id = (
  SELECT g.same_as FROM decision_again g
  WHERE g.cycle_id > NEW.cycle_id ORDER BY g.cycle_id LIMIT 1)
BEGIN
  SELECT RAISE(ABORT, 'what later cycles repeat gets no further decisions');
END""",
    "DROP VIEW decision_log",
    # A join and no union, so that whatever is asked of some cycles reads these only. CROSS: from
    # the cycle to its decisions, never the other way round.
    """CREATE VIEW decision_log AS
SELECT c.cycle_id, CASE d.cycle_id WHEN c.cycle_id THEN d.at ELSE g.at END AS at,
  d.coin, d.verdict, d.product_id, d.amount, d.reason, d.detail
FROM cycle c
LEFT JOIN decision_again g ON g.cycle_id = c.cycle_id
CROSS JOIN decision d ON d.cycle_id IN (c.cycle_id, g.same_as)""",
)

SUMS = ("p1", 1, 10), ("p2", 11, 10), ("p3", 21, 9), ("p4", 30, 9)

OF_ITS_DAY = """m.kind = 'interest' AND substr(m.at, 1, 10) = substr(r.at, 1, 10)
    AND m.coin = r.coin AND m.product_id = r.product_id"""

# The same four integers and carries as in step 0003. But there every day was added up before one
# was chosen; here a day is a row, the first of its records, and is added up when it is asked for.
INTEREST = (
    """CREATE INDEX record_seen_by_day
  ON record_seen (kind, substr(at, 1, 10), coin, product_id)""",
    "DROP VIEW interest_daily",
    f"""CREATE VIEW interest_daily AS
SELECT substr(r.at, 1, 10) AS day, r.coin, r.product_id,
  (SELECT CASE whole WHEN '' THEN '0' ELSE whole END
      || CASE part WHEN '' THEN '' ELSE '.' || part END
  FROM (SELECT
      ltrim(printf('%d%010d', p1 + c2 / 10000000000, c2 % 10000000000), '0') AS whole,
      rtrim(printf('%09d%09d', c3 % 1000000000, p4 % 1000000000), '0') AS part
    FROM (SELECT *, p2 + c3 / 1000000000 AS c2
      FROM (SELECT *, p3 + p4 / 1000000000 AS c3
        FROM (SELECT
            {
        ", ".join(
            f"sum(CAST(substr(digits, {begin}, {length}) AS INTEGER)) AS {name}"
            for name, begin, length in SUMS
        )
    }
          FROM (SELECT
              substr('00000000000000000000'
                || substr(m.amount, 1, instr(m.amount || '.', '.') - 1), -20)
              || substr(substr(m.amount, instr(m.amount || '.', '.') + 1)
                || '000000000000000000', 1, 18) AS digits
            FROM record_seen m WHERE {OF_ITS_DAY})))))) AS amount,
  (SELECT count(*) FROM record_seen m WHERE {OF_ITS_DAY}) AS records
FROM record_seen r
WHERE r.kind = 'interest' AND r.record_seq = (
  SELECT min(m.record_seq) FROM record_seen m WHERE {OF_ITS_DAY})""",
)

AGO = """(SELECT strftime('%Y-%m-%dT%H:%M:%fZ', c.began_at, '-1 hour')
  FROM cycle c ORDER BY c.cycle_id DESC LIMIT 1)"""

# As in step 0004, but everything about a record is worked out only if it is nobody's: the rest is
# left out by their keys.
UNEXPLAINED = (
    "DROP VIEW audit_unexplained_movement",
    f"""CREATE VIEW audit_unexplained_movement AS
WITH nobodys(record_seq) AS MATERIALIZED (
  SELECT r.record_seq FROM record_seen r LEFT JOIN attribution w ON w.record_seq = r.record_seq
  WHERE w.record_seq IS NULL
)
SELECT 'Nobody is known to have caused ' || r.kind || ' ' || r.amount || ' ' || r.coin
    || ' at ' || r.at || ' (record ' || r.record_id || ').' AS what,
  r.record_seq, r.kind, r.coin, r.product_id, r.amount, r.at, r.record_id, r.seen_at
FROM nobodys n CROSS JOIN record_now r ON r.record_seq = n.record_seq
WHERE r.seen_at < {AGO}
  AND r.status IS NOT 'failed'  -- what failed moved nothing
  AND NOT EXISTS (  -- a record that an open action may yet claim is not unexplained
    SELECT 1 FROM action_now a
    WHERE a.state NOT IN ('settled', 'rejected', 'dropped', 'late')
      AND a.verb = r.kind AND a.product_id = r.product_id AND a.coin = r.coin
      AND a.amount = r.amount)""",
)

# As in step 0009, but each column has one type in both halves: only then does SQLite ask each half
# by itself, and each has its records in the order of time.
MOVEMENT = (
    "CREATE INDEX record_seen_in_time ON record_seen (at)",
    "DROP VIEW movement",
    """CREATE VIEW movement AS
SELECT r.at, r.kind, r.coin, r.product_id, r.amount,
  CAST(coalesce(w.attributed_to, 'unexplained') AS TEXT) AS attributed_to, w.action_id,
  r.record_id, CAST(NULL AS TEXT) AS direction
FROM record_seen r LEFT JOIN attribution w ON w.record_seq = r.record_seq
UNION ALL
SELECT f.at, f.kind, f.coin, CAST(NULL AS TEXT), f.amount, f.attributed_to,
  CAST(NULL AS INTEGER), CAST(NULL AS TEXT), f.direction
FROM wallet_flow f WHERE f.kind <> 'opening'""",
)


def upgrade() -> None:
    """One table, fenced like the others, two indexes, and views that cost what is asked of them."""
    for statement in (*AGAIN, *INTEREST, *UNEXPLAINED, *MOVEMENT):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
