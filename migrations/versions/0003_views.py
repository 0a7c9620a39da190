"""The views for people. Their columns are a contract: added to, never renamed.

Revision: 0003, after 0002
Date: 2026-11-22

Everything is exact in any SQLite without extensions: no view uses a float.
`holding_now`, `balance_now` and the other newest-of-each views step from key to key through an
index, so that they cost the number of keys and not the years of history.
"""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def newest(table: str, key: str) -> str:
    """A common table `newest(id)`: the last row of each key."""
    return f"""keys(key) AS (
  SELECT min({key}) FROM {table}
  UNION ALL
  SELECT (SELECT min(t.{key}) FROM {table} t WHERE t.{key} > keys.key)
  FROM keys WHERE keys.key IS NOT NULL
), newest(id) AS (
  SELECT (SELECT max(t.{table}_id) FROM {table} t WHERE t.{key} = keys.key)
  FROM keys WHERE keys.key IS NOT NULL
)"""


def last_look(*kinds: str) -> str:
    """The time of the last look of these kinds: what was seen before still held then."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return f"(SELECT k.at FROM look k WHERE k.kind IN ({listed}) ORDER BY k.look_id DESC LIMIT 1)"


ACTIONS = (
    """CREATE VIEW action_now AS
SELECT
  a.action_id, a.cycle_id, a.request_no, a.verb, a.coin, a.product_id, a.earn_id, a.amount,
  a.reason, e.to_state AS state, e.at AS since,
  (SELECT p.at FROM action_event p WHERE p.action_id = a.action_id AND p.seq = 0) AS planned_at,
  (SELECT t.sent_at FROM attempt t WHERE t.action_id = a.action_id AND t.attempt = 1) AS sent_at,
  CASE WHEN e.to_state IN ('settled', 'late') THEN e.at END AS settled_at,
  (SELECT count(*) FROM attempt t WHERE t.action_id = a.action_id) AS attempts,
  r.http_status, r.code, r.message, r.trace
FROM action a
LEFT JOIN action_event e ON e.action_id = a.action_id
  AND e.seq = (SELECT max(m.seq) FROM action_event m WHERE m.action_id = a.action_id)
LEFT JOIN attempt_answer r ON r.action_id = a.action_id
  AND r.attempt = (SELECT max(m.attempt) FROM attempt_answer m WHERE m.action_id = a.action_id)""",
    """CREATE VIEW attempt_log AS
SELECT
  t.action_id, t.attempt, a.request_no, t.sent_at, r.answered_at, r.http_status, r.code,
  r.message, r.trace, r.outcome
FROM attempt t
JOIN action a ON a.action_id = t.action_id
LEFT JOIN attempt_answer r ON r.action_id = t.action_id AND r.attempt = t.attempt""",
    """CREATE VIEW event_log AS
SELECT action_id, seq, from_state, to_state, at, actor, evidence FROM action_event""",
)

CYCLES = (
    """CREATE VIEW decision_log AS
SELECT cycle_id, at, coin, verdict, product_id, amount, reason, detail FROM decision""",
    """CREATE VIEW cycle_log AS
SELECT c.cycle_id, c.run_id, c.began_at, x.ended_at, x.outcome, x.moves, x.holds, x.failure
FROM cycle c LEFT JOIN cycle_end x ON x.cycle_id = c.cycle_id""",
)

NOW = (
    f"""CREATE VIEW holding_checked AS
WITH RECURSIVE {newest("holding_seen", "product_id")}
SELECT h.coin, h.product_id, h.earn_id, h.amount, h.verified, h.why,
  {last_look("holdings")} AS as_of
FROM newest JOIN holding_seen h ON h.holding_seen_id = newest.id""",
    """CREATE VIEW holding_now AS
SELECT coin, product_id, earn_id, amount, verified, as_of FROM holding_checked""",
    f"""CREATE VIEW balance_now AS
WITH RECURSIVE {newest("balance_seen", "coin")}
SELECT b.coin, b.available, b.frozen, {last_look("full", "wallet")} AS as_of
FROM newest JOIN balance_seen b ON b.balance_seen_id = newest.id""",
    f"""CREATE VIEW total_now AS
WITH RECURSIVE {newest("total_seen", "coin")}
SELECT t.coin, t.amount, t.seen_at FROM newest JOIN total_seen t ON t.total_seen_id = newest.id""",
    f"""CREATE VIEW position_now AS
WITH RECURSIVE {newest("position_seen", "earn_id")}
SELECT p.earn_id, p.product_id, p.coin, p.listed, p.apy, p.additional_apy, p.total_profit,
  p.auto_subscribe, p.amount, p.seen_at
FROM newest JOIN position_seen p ON p.position_seen_id = newest.id""",
    f"""CREATE VIEW product_now AS
WITH RECURSIVE {newest("product_seen", "product_id")}
SELECT p.product_id, p.coin, p.listed, p.apy, p.additional_apy, p.minimum, p.maximum,
  p.has_tiers, p.tag, p.seen_at, p.product_seen_id
FROM newest JOIN product_seen p ON p.product_seen_id = newest.id""",
    """CREATE VIEW record_now AS
SELECT
  r.record_seq, r.record_id, r.kind, r.product_id, r.coin, r.amount, r.at,
  coalesce((SELECT s.subscribe_type FROM record_status_seen s
    WHERE s.record_seq = r.record_seq AND s.subscribe_type IS NOT NULL
    ORDER BY s.record_status_id DESC LIMIT 1), r.subscribe_type) AS subscribe_type,
  coalesce((SELECT s.request_no FROM record_status_seen s
    WHERE s.record_seq = r.record_seq AND s.request_no IS NOT NULL
    ORDER BY s.record_status_id DESC LIMIT 1), r.request_no) AS request_no,
  coalesce((SELECT s.status FROM record_status_seen s
    WHERE s.record_seq = r.record_seq AND s.status IS NOT NULL
    ORDER BY s.record_status_id DESC LIMIT 1), r.status) AS status,
  r.seen_at, w.attributed_to, w.action_id
FROM record_seen r LEFT JOIN attribution w ON w.record_seq = r.record_seq""",
)

# SUM() over money text is a float, so each amount is laid out as 20 + 18 digits and summed as four
# integers of at most ten digits: exact for a day of 900 million records. Then the carries.
INTEREST = """CREATE VIEW interest_daily AS
WITH laid_out AS (
  SELECT substr(at, 1, 10) AS day, coin, product_id,
    substr('00000000000000000000' || substr(amount, 1, instr(amount || '.', '.') - 1), -20)
    || substr(substr(amount, instr(amount || '.', '.') + 1) || '000000000000000000', 1, 18)
    AS digits
  FROM record_seen WHERE kind = 'interest'
), parts AS (
  SELECT day, coin, product_id, count(*) AS records,
    sum(CAST(substr(digits, 1, 10) AS INTEGER)) AS p1,
    sum(CAST(substr(digits, 11, 10) AS INTEGER)) AS p2,
    sum(CAST(substr(digits, 21, 9) AS INTEGER)) AS p3,
    sum(CAST(substr(digits, 30, 9) AS INTEGER)) AS p4
  FROM laid_out GROUP BY day, coin, product_id
), carried_3 AS (
  SELECT *, p3 + p4 / 1000000000 AS c3 FROM parts
), carried_2 AS (
  SELECT *, p2 + c3 / 1000000000 AS c2 FROM carried_3
), written AS (
  SELECT day, coin, product_id, records,
    ltrim(printf('%d%010d', p1 + c2 / 10000000000, c2 % 10000000000), '0') AS whole,
    rtrim(printf('%09d%09d', c3 % 1000000000, p4 % 1000000000), '0') AS part
  FROM carried_2
)
SELECT day, coin, product_id,
  CASE whole WHEN '' THEN '0' ELSE whole END || CASE part WHEN '' THEN '' ELSE '.' || part END
  AS amount, records
FROM written"""

HISTORY = (
    """CREATE VIEW rate_history AS
SELECT p.seen_at, p.product_id, p.coin, p.apy, p.additional_apy,
  '[' || coalesce((
    SELECT group_concat('{"lower":"' || t.lower || '","upper":"' || t.upper
      || '","rate":"' || t.rate || '"}')
    FROM (SELECT * FROM tier_seen s WHERE s.product_seen_id = p.product_seen_id ORDER BY s.n) t
  ), '') || ']' AS tiers
FROM product_seen p WHERE p.listed""",
    """CREATE VIEW movement AS
SELECT r.at, r.kind, r.coin, r.product_id, r.amount,
  coalesce(w.attributed_to, 'unexplained') AS attributed_to, w.action_id, r.record_id
FROM record_seen r LEFT JOIN attribution w ON w.record_seq = r.record_seq""",
)


def upgrade() -> None:
    """The ten views of the contract, and five that they and earnd read from."""
    for statement in (*ACTIONS, *CYCLES, *NOW, INTEREST, *HISTORY):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
