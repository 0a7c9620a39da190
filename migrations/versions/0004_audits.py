"""The audits: views that must be empty. Each row says in its first column what is wrong.

Revision: 0004, after 0003
Date: 2026-11-22

"An hour ago" is an hour before the newest cycle began, not by the reader's clock: a stopped earnd
has no findings for having been stopped, and an old copy answers as it did when it was made.
Some of these states are impossible behind the fences of step 0002. They are looked for all the
same: a file may have been edited by hand, with the fences taken down.
"""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def ago(modifier: str) -> str:
    """So long before the newest cycle began."""
    return (
        f"(SELECT strftime('%Y-%m-%dT%H:%M:%fZ', c.began_at, '{modifier}')"
        " FROM cycle c ORDER BY c.cycle_id DESC LIMIT 1)"
    )


MOVE = "'Action ' || a.action_id || ', ' || a.verb || ' ' || a.amount || ' ' || a.coin"

UNSETTLED = (
    f"""CREATE VIEW audit_stale_unknown AS
SELECT {MOVE} || CASE a.state
    WHEN 'needs_operator' THEN ', waits for a person since ' || a.since || ': `earnd resolve`.'
    ELSE ', is ' || a.state || ' since ' || a.since || ', more than an hour.' END AS what,
  a.action_id, a.coin, a.product_id, a.request_no, a.state, a.since, a.attempts, a.code, a.message
FROM action_now a
WHERE a.state = 'needs_operator'
   OR (a.state IN ('planned', 'sending', 'unknown', 'accepted') AND a.since < {ago("-1 hour")})""",
    f"""CREATE VIEW audit_accepted_without_effect AS
SELECT {MOVE} || ', was accepted at ' || a.since || ' and no record of it has appeared.' AS what,
  a.action_id, a.coin, a.product_id, a.request_no, a.amount, a.since, a.trace
FROM action_now a WHERE a.state = 'accepted' AND a.since < {ago("-1 hour")}""",
    f"""CREATE VIEW audit_late_action AS
SELECT {MOVE} || ', was written off, and then its record appeared at ' || a.since || '.' AS what,
  a.action_id, a.coin, a.product_id, a.request_no, a.amount, a.since,
  (SELECT w.record_seq FROM attribution w WHERE w.action_id = a.action_id) AS record_seq
FROM action_now a WHERE a.state = 'late' AND a.since >= {ago("-7 days")}""",
    """CREATE VIEW audit_two_open_actions AS
SELECT a.coin || ' has ' || count(*) || ' open actions: ' || group_concat(a.action_id, ', ')
    || '.' AS what,
  a.coin, count(*) AS actions
FROM action a
WHERE NOT EXISTS (
  SELECT 1 FROM action_event e WHERE e.action_id = a.action_id
    AND e.to_state IN ('settled', 'rejected', 'dropped', 'late'))
GROUP BY a.coin HAVING count(*) > 1""",
)

CHAIN = (
    f"""CREATE VIEW audit_event_gap AS
SELECT {MOVE} || ', has ' || count(e.seq) || ' events of which the last is number '
    || coalesce(max(e.seq), 'none') || '.' AS what,
  a.action_id, a.coin, count(e.seq) AS events, max(e.seq) AS last_seq
FROM action a LEFT JOIN action_event e ON e.action_id = a.action_id
GROUP BY a.action_id HAVING count(e.seq) <> coalesce(max(e.seq) + 1, -1)
UNION ALL
SELECT {MOVE} || ', goes from ' || e.from_state || ' to ' || e.to_state || ' at event ' || e.seq
    || ' but was ' || coalesce(p.to_state, 'nothing') || ' before.' AS what,
  a.action_id, a.coin, NULL, e.seq
FROM action_event e
JOIN action a ON a.action_id = e.action_id
LEFT JOIN action_event p ON p.action_id = e.action_id AND p.seq = e.seq - 1
WHERE e.seq > 0 AND (p.to_state IS NOT e.from_state OR NOT EXISTS (
  SELECT 1 FROM action_transition t
  WHERE t.from_state = e.from_state AND t.to_state = e.to_state))""",
    f"""CREATE VIEW audit_settled_without_record AS
SELECT {MOVE} || ', is ' || a.state || ' since ' || a.since
    || ', but no record is attributed to it.' AS what,
  a.action_id, a.coin, a.product_id, a.request_no, a.amount, a.state, a.since
FROM action_now a
WHERE a.state IN ('settled', 'late')
  AND NOT EXISTS (SELECT 1 FROM attribution w WHERE w.action_id = a.action_id)
  AND NOT EXISTS (
    SELECT 1 FROM action_event e WHERE e.action_id = a.action_id
      AND e.to_state = 'settled' AND e.actor = 'operator')""",
    f"""CREATE VIEW audit_attempt_without_answer AS
SELECT {MOVE} || ', was judged ' || e.to_state || ' at ' || e.at
    || ' though nothing was answered to attempt ' || t.attempt || '.' AS what,
  a.action_id, a.coin, t.attempt, t.sent_at, e.to_state AS judged, e.at
FROM attempt t
JOIN action a ON a.action_id = t.action_id
JOIN action_event s ON s.action_id = t.action_id AND s.attempt = t.attempt
JOIN action_event e ON e.action_id = t.action_id AND e.seq = s.seq + 1
WHERE e.to_state IN ('accepted', 'rejected', 'dropped')
  AND NOT EXISTS (
    SELECT 1 FROM attempt_answer r WHERE r.action_id = t.action_id AND r.attempt = t.attempt)""",
    """CREATE VIEW audit_number_reused AS
SELECT 'Number ' || a.request_no || ' belongs to actions ' || group_concat(a.action_id, ', ')
    || '.' AS what,
  a.request_no
FROM action a GROUP BY a.request_no HAVING count(*) > 1
UNION ALL
SELECT 'Number ' || a.request_no || ' was sent with ' || count(DISTINCT t.request)
    || ' different requests.' AS what,
  a.request_no
FROM attempt t JOIN action a ON a.action_id = t.action_id
GROUP BY a.action_id HAVING count(DISTINCT t.request) > 1
UNION ALL
SELECT 'Number ' || r.request_no || ' was carried out ' || count(*) || ' times, as records '
    || group_concat(r.record_id, ', ') || '.' AS what,
  r.request_no
FROM record_now r WHERE r.kind <> 'interest' AND r.request_no IS NOT NULL
GROUP BY r.request_no HAVING count(*) > 1""",
)

MONEY = (
    f"""CREATE VIEW audit_unexplained_movement AS
SELECT 'Nobody is known to have caused ' || r.kind || ' ' || r.amount || ' ' || r.coin
    || ' at ' || r.at || ' (record ' || r.record_id || ').' AS what,
  r.record_seq, r.kind, r.coin, r.product_id, r.amount, r.at, r.record_id, r.seen_at
FROM record_now r
WHERE r.seen_at < {ago("-1 hour")}
  AND r.attributed_to IS NULL
  AND r.status IS NOT 'failed'  -- what failed moved nothing
  AND NOT EXISTS (  -- a record that an open action may yet claim is not unexplained
    SELECT 1 FROM action_now a
    WHERE a.state NOT IN ('settled', 'rejected', 'dropped', 'late')
      AND a.verb = r.kind AND a.product_id = r.product_id AND a.coin = r.coin
      AND a.amount = r.amount)""",
    """CREATE VIEW audit_holding_drift AS
SELECT 'What is held of ' || h.coin || ' in product ' || h.product_id || ' is not verified: '
    || h.why || '.' AS what,
  h.coin, h.product_id, h.earn_id, h.amount, h.as_of
FROM holding_checked h
WHERE NOT h.verified
  AND NOT EXISTS (  -- while an action is open, records and totals may differ by it
    SELECT 1 FROM action_now a
    WHERE a.coin = h.coin AND a.state NOT IN ('settled', 'rejected', 'dropped', 'late'))""",
)


def upgrade() -> None:
    """Ten questions whose answer must be nothing."""
    for statement in (*UNSETTLED, *CHAIN, *MONEY):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
