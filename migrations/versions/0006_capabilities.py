"""What the exchange has shown of itself, and the probes that asked it.

Revision: 0006, after 0005
Date: 2026-11-22

Public sources disagree about what records carry and how long a request number is remembered. What
an account has shown decides how its actions are matched and whether a lost request is sent again.
"""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


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


CAPABILITY = (
    f"""CREATE TABLE capability_seen (     -- what the exchange has shown of itself, when it changed
  capability_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id INTEGER NOT NULL REFERENCES cycle,
  at       TEXT NOT NULL {moment("at")},
  name     TEXT NOT NULL CHECK (name GLOB '[a-z]*' AND name NOT GLOB '*[^a-z0-9_]*'),
  value    TEXT NOT NULL               -- yes, no, or whole seconds
           CHECK (value IN ('yes', 'no') OR (value <> '' AND value NOT GLOB '*[^0-9]*'))
) STRICT""",
    "CREATE INDEX capability_seen_newest ON capability_seen (name, capability_seen_id)",
    *fences("capability_seen", "capability_seen_id = NEW.capability_seen_id"),
    """CREATE VIEW capability_now AS
SELECT c.name, c.value, c.at AS since FROM capability_seen c
WHERE c.capability_seen_id = (
  SELECT max(m.capability_seen_id) FROM capability_seen m WHERE m.name = c.name)""",
)

PROBE = (
    f"""CREATE TABLE probe_send (          -- a settled action's request once more, on purpose, to
                                    -- learn whether its number is remembered; committed before
                                    -- it leaves
  action_id INTEGER NOT NULL REFERENCES action,
  n         INTEGER NOT NULL CHECK (n >= 1),
  sent_at   TEXT NOT NULL {moment("sent_at")},
  request   TEXT NOT NULL,
  PRIMARY KEY (action_id, n)
) STRICT, WITHOUT ROWID""",
    *fences("probe_send", "action_id = NEW.action_id AND n = NEW.n"),
    """CREATE TRIGGER probe_send_of_a_settled_probe BEFORE INSERT ON probe_send
WHEN NOT EXISTS (
  SELECT 1 FROM action a
  JOIN attempt t ON t.action_id = a.action_id AND t.attempt = 1
  JOIN action_event e ON e.action_id = a.action_id AND e.to_state = 'settled'
  WHERE a.action_id = NEW.action_id AND a.reason = 'probe' AND t.request = NEW.request)
BEGIN
  SELECT RAISE(ABORT, 'only the settled action of a probe is sent once more, with the same bytes');
END""",
    f"""CREATE TABLE probe_answer (        -- what came back; no row: nothing, or we died waiting
  action_id   INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  answered_at TEXT NOT NULL {moment("answered_at")},
  outcome     TEXT NOT NULL
              CHECK (outcome IN ('not_sent', 'yes', 'seen', 'refused', 'not_executed', 'unclear')),
  http_status INTEGER,
  code        INTEGER,
  message     TEXT,
  trace       TEXT,
  detail      TEXT NOT NULL,
  PRIMARY KEY (action_id, n),
  FOREIGN KEY (action_id, n) REFERENCES probe_send (action_id, n)
) STRICT, WITHOUT ROWID""",
    *fences("probe_answer", "action_id = NEW.action_id AND n = NEW.n"),
    """CREATE VIEW probe_log AS
SELECT p.action_id, a.request_no, p.n, p.sent_at, r.answered_at, r.outcome, r.http_status, r.code,
  r.message, r.trace
FROM probe_send p
JOIN action a ON a.action_id = p.action_id
LEFT JOIN probe_answer r ON r.action_id = p.action_id AND r.n = p.n""",
)


def upgrade() -> None:
    """Three tables, fenced like the others, and their views."""
    for statement in (*CAPABILITY, *PROBE):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
