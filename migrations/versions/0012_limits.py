"""Limits in force, and the audit that nothing was sent beyond them.

Revision: 0012, after 0011
Date: 2026-11-27

A run writes the limits that it lives under where they differ from the last word, so that what was
sent can be held against what a person had allowed at that time, long after the configuration has
changed. A ledger from before this step has no word on the runs before it, and the audit says
nothing about them.

The sums are exact: an amount is laid out as 38 digits, 18 of them decimals, and added up in four
parts that fit into whole numbers.
"""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

IN_A_MS = 1_000_000
"""Places within a millisecond, so that of two actions in one the later is the later."""

A_DAY = 24 * 60 * 60 * 1000 * IN_A_MS


def moment(column: str) -> str:
    """UTC with milliseconds."""
    day = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
    clock = "[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]"
    return f"CHECK ({column} GLOB '{day}T{clock}Z')"


def number(column: str) -> str:
    """Plain digits in the only way to write them; at most 20 before the point, 18 after it."""
    return (
        f"CHECK ({column} GLOB '[0-9]*' AND {column} NOT GLOB '*[^0-9.]*'"
        f" AND {column} NOT GLOB '*.*.*'\n"
        f"         AND {column} NOT GLOB '0[0-9]*' AND {column} NOT GLOB '*.'"
        f" AND {column} NOT GLOB '*.*0'\n"
        f"         AND instr({column} || '.', '.') <= 21"
        f" AND length({column}) - instr({column} || '.', '.') <= 18)"
    )


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


def ago(modifier: str) -> str:
    """So long before the newest cycle began."""
    return (
        f"(SELECT strftime('%Y-%m-%dT%H:%M:%fZ', c.began_at, '{modifier}')"
        " FROM cycle c ORDER BY c.cycle_id DESC LIMIT 1)"
    )


def laid_out(column: str) -> str:
    """An amount as 38 digits without a point, which sort and can be cut into parts."""
    return (
        f"substr('00000000000000000000' || substr({column}, 1, instr({column} || '.', '.') - 1),"
        f" -20)\n    || substr(substr({column}, instr({column} || '.', '.') + 1)"
        " || '000000000000000000', 1, 18)"
    )


def place_in_time(column: str) -> str:
    """A time as a whole number, to the millisecond and then by action."""
    return (
        f"(CAST(strftime('%s', {column}) AS INTEGER) * 1000"
        f" + CAST(substr({column}, 21, 3) AS INTEGER))"
        f" * {IN_A_MS} + action_id % {IN_A_MS}"
    )


def written(whole: str, part: str) -> str:
    """A sum as people write it, from its digits before and behind the point."""
    return (
        f"coalesce(nullif(ltrim({whole}, '0'), ''), '0')\n"
        f"    || CASE rtrim({part}, '0') WHEN '' THEN '' ELSE '.' || rtrim({part}, '0') END"
    )


def in_force(name: str) -> str:
    """The newest word on this limit when run `g` began: the coin's own, else that on `*`."""
    return f"""(SELECT l.value FROM limit_in_force l
    WHERE l.name = '{name}' AND l.coin IN (g.coin, '*') AND l.run_id <= g.run_id
    ORDER BY l.coin = '*', l.limit_in_force_id DESC LIMIT 1)"""


LIMITS = (
    f"""CREATE TABLE limit_in_force (      -- what a run must keep to, where it differs from before
  limit_in_force_id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id INTEGER NOT NULL REFERENCES run,  -- from its start on
  at     TEXT NOT NULL {moment("at")},
  coin   TEXT NOT NULL CHECK (coin <> ''),  -- *: every coin that has no row of this name
  name   TEXT NOT NULL CHECK (name GLOB '[a-z]*' AND name NOT GLOB '*[^a-z0-9_]*'),
  value  TEXT,                         -- an amount, a share of all there is (max_total_share), or
                                    -- whole seconds; NULL: no such limit any more
  {number("value")}
) STRICT""",
    "CREATE INDEX limit_in_force_newest ON limit_in_force (name, coin, limit_in_force_id)",
    *fences("limit_in_force", "limit_in_force_id = NEW.limit_in_force_id"),
    """CREATE VIEW limit_now AS
SELECT l.coin, l.name, l.value, l.at AS since FROM limit_in_force l
WHERE l.limit_in_force_id = (
  SELECT max(m.limit_in_force_id) FROM limit_in_force m WHERE m.name = l.name AND m.coin = l.coin)
  AND l.value IS NOT NULL""",
)

EXCEEDED = f"""CREATE VIEW audit_limit_exceeded AS
WITH gone AS MATERIALIZED (            -- what was sent in the last 90 days, and the day before them
  SELECT a.action_id, a.verb, a.coin, a.product_id, a.amount, a.reason, c.run_id,
    max(t.sent_at) AS sent_at, {laid_out("a.amount")} AS digits,
    -- what is proven not to have left, or was refused at its only sending, moved nothing
    (SELECT e.to_state FROM action_event e WHERE e.action_id = a.action_id
      ORDER BY e.seq DESC LIMIT 1) <> 'dropped'
    AND NOT (count(*) = 1 AND EXISTS (
      SELECT 1 FROM attempt_answer r
      WHERE r.action_id = a.action_id AND r.outcome IN ('refused', 'not_executed'))) AS counts
  FROM action a
  JOIN cycle c ON c.cycle_id = a.cycle_id
  JOIN attempt t ON t.action_id = a.action_id
  WHERE a.action_id IN (
    SELECT s.action_id FROM action_event s
    WHERE s.to_state = 'sending' AND s.at >= {ago("-91 days")})
  GROUP BY a.action_id
), parts AS (
  SELECT *,
    sum(CAST(substr(digits, 1, 10) AS INTEGER)) OVER within_a_day AS p1,
    sum(CAST(substr(digits, 11, 10) AS INTEGER)) OVER within_a_day AS p2,
    sum(CAST(substr(digits, 21, 9) AS INTEGER)) OVER within_a_day AS p3,
    sum(CAST(substr(digits, 30, 9) AS INTEGER)) OVER within_a_day AS p4
  FROM gone WHERE counts
  WINDOW within_a_day AS (
    PARTITION BY verb, coin ORDER BY {place_in_time("sent_at")}
    RANGE BETWEEN {A_DAY - 1} PRECEDING AND CURRENT ROW)
), carried_3 AS (
  SELECT *, p3 + p4 / 1000000000 AS c3 FROM parts
), carried_2 AS (
  SELECT *, p2 + c3 / 1000000000 AS c2 FROM carried_3
), summed AS (
  SELECT *,
    printf('%012d%010d', p1 + c2 / 10000000000, c2 % 10000000000) AS whole,
    printf('%09d%09d', c3 % 1000000000, p4 % 1000000000) AS part
  FROM carried_2
), caps AS MATERIALIZED (              -- what each run had to keep to
  SELECT g.run_id, g.coin, {in_force("max_per_action")} AS per_action,
  {in_force("max_per_day")} AS per_day
  FROM (SELECT DISTINCT run_id, coin FROM gone) g
)
SELECT 'Action ' || g.action_id || ', ' || g.verb || ' ' || g.amount || ' ' || g.coin
    || ', is more than max_per_action, which was ' || k.per_action || '.' AS what,
  g.action_id, g.coin, g.product_id, 'max_per_action' AS name, k.per_action AS value, g.amount,
  g.sent_at
FROM gone g JOIN caps k ON k.run_id = g.run_id AND k.coin = g.coin
WHERE g.digits > {laid_out("k.per_action")} AND g.sent_at >= {ago("-90 days")}
UNION ALL
SELECT 'Action ' || s.action_id || ', ' || s.verb || ' ' || s.amount || ' ' || s.coin
    || ', made it ' || {written("s.whole", "s.part")}
    || ' within 24 hours, more than max_per_day, which was ' || k.per_day || '.',
  s.action_id, s.coin, s.product_id, 'max_per_day', k.per_day, {written("s.whole", "s.part")},
  s.sent_at
FROM summed s JOIN caps k ON k.run_id = s.run_id AND k.coin = s.coin
WHERE s.whole || s.part > '00' || {laid_out("k.per_day")} AND s.sent_at >= {ago("-90 days")}
  AND s.reason <> 'unwind'  -- a person's order to bring all home overrules the limit of a day"""


def upgrade() -> None:
    """A table, fenced like the others, the limits of now, and the audit."""
    for statement in (*LIMITS, EXCEEDED):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
