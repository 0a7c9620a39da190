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
    # CROSS: from the repeat to what it repeats, never the other way round.
    """CREATE VIEW decision_log AS
SELECT cycle_id, at, coin, verdict, product_id, amount, reason, detail FROM decision
UNION ALL
SELECT g.cycle_id, g.at, d.coin, d.verdict, d.product_id, d.amount, d.reason, d.detail
FROM decision_again g CROSS JOIN decision d ON d.cycle_id = g.same_as""",
)


def upgrade() -> None:
    """One table, fenced like the others, and the view that reads it."""
    for statement in AGAIN:
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
