"""The fences: nothing is changed or taken away, and no row contradicts another.

Revision: 0002, after 0001
Date: 2026-11-22

earnd checks all of this itself before it writes; these triggers hold against its bugs, and
against a hand in the file. `alembic_version` is the one table without a fence: a migration
rewrites its only row. Foreign keys are part of the fence and are off in a new connection; earnd
turns them on, and whoever writes by hand should (`PRAGMA foreign_keys = ON`).
"""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Every table with its primary key and its other unique keys. INSERT OR REPLACE deletes the row in
# its way without running DELETE triggers unless PRAGMA recursive_triggers is on, so a second row
# under any of these keys is refused before it is tried.
KEYS = {
    "ledger": (("id",),),
    "run": (("run_id",),),
    "cycle": (("cycle_id",),),
    "cycle_end": (("cycle_id",),),
    "look": (("look_id",),),
    "product_seen": (("product_seen_id",),),
    "tier_seen": (("product_seen_id", "n"),),
    "position_seen": (("position_seen_id",),),
    "balance_seen": (("balance_seen_id",),),
    "total_seen": (("total_seen_id",),),
    "holding_seen": (("holding_seen_id",),),
    "decision": (("decision_id",),),
    "action": (("action_id",), ("request_no",)),
    "action_transition": (("from_state", "to_state"),),
    "attempt": (("action_id", "attempt"),),
    "attempt_answer": (("action_id", "attempt"),),
    "action_event": (("action_id", "seq"), ("action_id", "attempt")),
    "action_look": (("action_look_id",),),
    "record_seen": (("record_seq",), ("kind", "record_id")),
    "record_status_seen": (("record_status_id",),),
    "attribution": (("record_seq",), ("action_id",)),
    "operator_note": (("operator_note_id",),),
}


def append_only(table: str, keys: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """UPDATE, DELETE and a second row under the same key are refused."""
    taken = "\n     OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE "
        + " AND ".join(f"{column} = NEW.{column}" for column in key)
        + ")"
        for key in keys
    )
    refused = "SELECT RAISE(ABORT, 'the ledger is append-only: "
    return (
        f"""CREATE TRIGGER {table}_never_changed BEFORE UPDATE ON {table} BEGIN
  {refused}no row of {table} is ever changed');
END""",
        f"""CREATE TRIGGER {table}_never_deleted BEFORE DELETE ON {table} BEGIN
  {refused}no row of {table} is ever deleted');
END""",
        f"""CREATE TRIGGER {table}_never_replaced BEFORE INSERT ON {table}
WHEN {taken}
BEGIN
  {refused}{table} has a row with this key');
END""",
    )


CLOSED_VOCABULARY = """CREATE TRIGGER action_transition_is_complete
BEFORE INSERT ON action_transition
BEGIN
  SELECT RAISE(ABORT, 'the state machine is changed by a migration only');
END"""

ACTION = (
    """CREATE TRIGGER action_one_open_per_coin BEFORE INSERT ON action
WHEN EXISTS (
  SELECT 1 FROM action a
  WHERE a.coin = NEW.coin AND NOT EXISTS (
    SELECT 1 FROM action_event e
    WHERE e.action_id = a.action_id
      AND e.to_state IN ('settled', 'rejected', 'dropped', 'late')))
BEGIN
  SELECT RAISE(ABORT, 'this coin has an open action');
END""",
    """CREATE TRIGGER action_number_of_its_run BEFORE INSERT ON action
WHEN substr(NEW.request_no, 1, 8) IS NOT (
  SELECT r.prefix FROM cycle c JOIN run r ON r.run_id = c.run_id WHERE c.cycle_id = NEW.cycle_id)
BEGIN
  SELECT RAISE(ABORT, 'a request number begins with the prefix of its run');
END""",
)

ATTEMPT = (
    """CREATE TRIGGER attempt_when_it_may_be_sent BEFORE INSERT ON attempt
WHEN coalesce((
  SELECT e.to_state FROM action_event e
  WHERE e.action_id = NEW.action_id ORDER BY e.seq DESC LIMIT 1), 'none')
  NOT IN ('planned', 'unknown')
BEGIN
  SELECT RAISE(ABORT, 'only a planned or an unknown action is sent');
END""",
    """CREATE TRIGGER attempt_in_order BEFORE INSERT ON attempt
WHEN NEW.attempt <> 1 + (SELECT count(*) FROM attempt t WHERE t.action_id = NEW.action_id)
BEGIN
  SELECT RAISE(ABORT, 'attempts are numbered 1, 2, 3');
END""",
    """CREATE TRIGGER attempt_same_request BEFORE INSERT ON attempt
WHEN EXISTS (
  SELECT 1 FROM attempt t WHERE t.action_id = NEW.action_id AND t.request <> NEW.request)
BEGIN
  SELECT RAISE(ABORT, 'the same number is sent again with the same bytes only');
END""",
    """CREATE TRIGGER attempt_answer_to_what_is_sent BEFORE INSERT ON attempt_answer
WHEN NEW.attempt IS NOT (
  SELECT e.attempt FROM action_event e
  WHERE e.action_id = NEW.action_id ORDER BY e.seq DESC LIMIT 1)
BEGIN
  SELECT RAISE(ABORT, 'this attempt is not being sent, so nothing can be answered to it');
END""",
)

ATTRIBUTION = (
    """CREATE TRIGGER attribution_to_a_fitting_action BEFORE INSERT ON attribution
WHEN NEW.action_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM action a JOIN record_seen r ON r.record_seq = NEW.record_seq
  WHERE a.action_id = NEW.action_id AND r.record_seq > a.known_upto AND r.kind = a.verb
    AND r.product_id = a.product_id AND r.coin = a.coin AND r.amount = a.amount
    AND r.subscribe_type IS NOT 'AUTO'
    AND NOT EXISTS (
      SELECT 1 FROM record_status_seen s
      WHERE s.record_seq = r.record_seq AND s.subscribe_type = 'AUTO'))
BEGIN
  SELECT RAISE(ABORT, 'this record is not what the action asked for, or was there before it');
END""",
    """CREATE TRIGGER attribution_with_its_event BEFORE INSERT ON attribution
WHEN NEW.action_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM action_event e
  WHERE e.action_id = NEW.action_id AND e.to_state IN ('settled', 'late'))
BEGIN
  SELECT RAISE(ABORT, 'a record belongs to an action that is settled, or late');
END""",
    """CREATE TRIGGER attribution_of_interest BEFORE INSERT ON attribution
WHEN (NEW.attributed_to = 'interest') IS NOT (
  SELECT r.kind = 'interest' FROM record_seen r WHERE r.record_seq = NEW.record_seq)
BEGIN
  SELECT RAISE(ABORT, 'interest records, and only they, are interest');
END""",
)


def upgrade() -> None:
    """Append-only from the first day, and consistent."""
    for table, keys in KEYS.items():
        for statement in append_only(table, keys):
            op.execute(statement)
    for statement in (CLOSED_VOCABULARY, *ACTION, *ATTEMPT, *ATTRIBUTION):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
