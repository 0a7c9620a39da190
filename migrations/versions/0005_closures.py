"""Closures: when the exchange asked for silence, and for how long.

Revision: 0005, after 0004
Date: 2026-11-22

Whoever knocks while an address is blocked is blocked for longer, so a restart must not forget it.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def moment(column: str) -> str:
    """UTC with milliseconds."""
    day = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
    clock = "[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]"
    return f"CHECK ({column} GLOB '{day}T{clock}Z')"


CLOSURE = (
    f"""CREATE TABLE closure (             -- the exchange, or the network before it, wants silence
  closure_id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id    INTEGER NOT NULL REFERENCES run,
  at        TEXT NOT NULL {moment("at")},
  endpoint  TEXT NOT NULL CHECK (endpoint GLOB '/*' OR endpoint = '*'),  -- *: all of them
  closing   TEXT NOT NULL              -- rate: HTTP 429; ban: 418; edge: a page, no
                                    -- answer; maintenance: code 30016
            CHECK (closing GLOB '[a-z]*' AND closing NOT GLOB '*[^a-z0-9_]*'),
  until     TEXT NOT NULL {moment("until")},
                                    -- not asked before this; the newest row counts
  strikes   INTEGER NOT NULL CHECK (strikes >= 1),  -- so many in a row; each makes it longer
  boot      TEXT NOT NULL,             -- the machine's start, by the kernel's name for it
  steady_ms INTEGER NOT NULL,          -- `at` by the clock that counts from there, and that
                                    -- nobody sets
  CHECK (until >= at)
) STRICT""",
    "CREATE INDEX closure_newest ON closure (endpoint, closing, closure_id)",
    """CREATE TRIGGER closure_never_changed BEFORE UPDATE ON closure BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of closure is ever changed');
END""",
    """CREATE TRIGGER closure_never_deleted BEFORE DELETE ON closure BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: no row of closure is ever deleted');
END""",
    """CREATE TRIGGER closure_never_replaced BEFORE INSERT ON closure
WHEN EXISTS (SELECT 1 FROM closure WHERE closure_id = NEW.closure_id)
BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only: closure has a row with this key');
END""",
)


def upgrade() -> None:
    """One table, fenced like the others."""
    for statement in CLOSURE:
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
