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

WALLET = (
    f"""CREATE TABLE wallet_account (      -- the wallet was held against the records: the look, and
                                    -- how far these are counted; written when something is new
  wallet_account_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id    INTEGER NOT NULL REFERENCES cycle,
  at          TEXT NOT NULL {moment("at")},
  record_upto INTEGER NOT NULL CHECK (record_upto >= 0),  -- newest record_seq that is counted
  status_upto INTEGER NOT NULL CHECK (status_upto >= 0),  -- newest record_status_id
  balance_upto INTEGER NOT NULL CHECK (balance_upto >= 0) -- newest balance_seen_id: the wallet
) STRICT""",
    *fences("wallet_account", "wallet_account_id = NEW.wallet_account_id"),
    f"""CREATE TABLE wallet_checked (      -- one coin in it, when what is open has changed; all of
                                    -- that is in wallet_open, which may be nothing
  wallet_checked_id INTEGER PRIMARY KEY AUTOINCREMENT,
  wallet_account_id INTEGER NOT NULL REFERENCES wallet_account,
  coin     TEXT NOT NULL,
  wallet   TEXT NOT NULL,              -- available and frozen
  UNIQUE (wallet_account_id, coin),
  {money("wallet")}
) STRICT""",
    "CREATE INDEX wallet_checked_newest ON wallet_checked (coin, wallet_checked_id)",
    *fences(
        "wallet_checked",
        "wallet_checked_id = NEW.wallet_checked_id"
        " OR (wallet_account_id = NEW.wallet_account_id AND coin = NEW.coin)",
    ),
    f"""CREATE TABLE wallet_open (         -- a change of the wallet that no record explains, or a
                                    -- record that the wallet does not show; not booked yet
  wallet_open_id INTEGER PRIMARY KEY AUTOINCREMENT,
  wallet_checked_id INTEGER NOT NULL REFERENCES wallet_checked,
  from_at   TEXT NOT NULL {moment("from_at")},  -- the look before
  at        TEXT NOT NULL {moment("at")},  -- the look that showed it
  direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  amount    TEXT NOT NULL CHECK (amount <> '0'),
  record_at TEXT {moment("record_at")},  -- of the newest record that is in it, if any is
  guess_seq INTEGER REFERENCES record_seen,  -- the first interest of which it is a guess where it
  guessed   TEXT NOT NULL,             -- went, and how much of that there is
  UNIQUE (wallet_checked_id, at),
  {money("amount")},
  {money("guessed")}
) STRICT""",
    *fences(
        "wallet_open",
        "wallet_open_id = NEW.wallet_open_id"
        " OR (wallet_checked_id = NEW.wallet_checked_id AND at = NEW.at)",
    ),
    f"""CREATE TABLE wallet_interest (     -- where a coin's interest goes, from a record on; before
                                    -- the first row into the wallet; the newest row counts
  wallet_interest_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id INTEGER NOT NULL REFERENCES cycle,
  at       TEXT NOT NULL {moment("at")},
  coin     TEXT NOT NULL,
  from_seq INTEGER NOT NULL REFERENCES record_seen,
  goes_to  TEXT NOT NULL CHECK (goes_to IN ('wallet', 'product'))
) STRICT""",
    "CREATE INDEX wallet_interest_newest ON wallet_interest (coin, wallet_interest_id)",
    *fences("wallet_interest", "wallet_interest_id = NEW.wallet_interest_id"),
    f"""CREATE TABLE wallet_flow (         -- what came into the wallet or left it, beside savings
  wallet_flow_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id  INTEGER NOT NULL REFERENCES cycle,
  coin      TEXT NOT NULL,
  from_at   TEXT NOT NULL {moment("from_at")},  -- the look before: it happened after this
  at        TEXT NOT NULL {moment("at")},  -- the look that showed it
  direction TEXT NOT NULL CHECK (direction IN ('in', 'out')),
  amount    TEXT NOT NULL CHECK (amount <> '0'),
  kind      TEXT NOT NULL              -- opening: what was there at the first look
            CHECK (kind IN ('opening', 'deposit', 'withdrawal', 'trade', 'correction')),
  attributed_to TEXT NOT NULL CHECK (attributed_to IN ('opening', 'person', 'unexplained')),
  by_record INTEGER NOT NULL CHECK (by_record IN (0, 1)),  -- 1: a record is in it
  corrects  INTEGER UNIQUE REFERENCES wallet_flow,  -- which one it takes back: a record that came
                                    -- later explains that one
  CHECK ((kind = 'correction') = (corrects IS NOT NULL)),
  CHECK ((kind = 'opening') = (attributed_to = 'opening')),
  CHECK (kind <> 'deposit' OR direction = 'in'),
  CHECK (kind <> 'withdrawal' OR direction = 'out'),
  CHECK (from_at <= at),
  {money("amount")}
) STRICT""",
    # One change of the wallet in one look is booked once.
    "CREATE UNIQUE INDEX wallet_flow_once ON wallet_flow (coin, at) WHERE kind <> 'correction'",
    "CREATE INDEX wallet_flow_by_time ON wallet_flow (at)",
    *fences(
        "wallet_flow",
        "wallet_flow_id = NEW.wallet_flow_id OR corrects = NEW.corrects"
        " OR (coin = NEW.coin AND at = NEW.at AND kind <> 'correction'"
        " AND NEW.kind <> 'correction')",
    ),
    """CREATE TRIGGER wallet_flow_taken_back_whole BEFORE INSERT ON wallet_flow
WHEN NEW.corrects IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM wallet_flow f
  WHERE f.wallet_flow_id = NEW.corrects AND f.coin = NEW.coin AND f.amount = NEW.amount
    AND f.direction <> NEW.direction AND f.kind IN ('deposit', 'withdrawal', 'trade')
    AND f.attributed_to = NEW.attributed_to)
BEGIN
  SELECT RAISE(ABORT, 'a correction takes back one flow, whole, and is its owner''s');
END""",
)

WALLET_VIEWS = (
    """CREATE VIEW wallet_flow_log AS         -- what came and went, and what took it back
SELECT f.wallet_flow_id, f.coin, f.from_at, f.at, f.kind, f.direction, f.amount, f.attributed_to,
  f.corrects, c.wallet_flow_id AS corrected_by, c.at AS corrected_at
FROM wallet_flow f LEFT JOIN wallet_flow c ON c.corrects = f.wallet_flow_id""",
    """CREATE VIEW wallet_open_now AS         -- what is not booked yet
WITH RECURSIVE keys(key) AS (
  SELECT min(coin) FROM wallet_checked
  UNION ALL
  SELECT (SELECT min(t.coin) FROM wallet_checked t WHERE t.coin > keys.key)
  FROM keys WHERE keys.key IS NOT NULL
), newest(id) AS (
  SELECT (SELECT max(t.wallet_checked_id) FROM wallet_checked t WHERE t.coin = keys.key)
  FROM keys WHERE keys.key IS NOT NULL
)
SELECT w.coin, o.from_at, o.at, o.direction, o.amount, o.record_at, o.guess_seq, o.guessed
FROM newest
JOIN wallet_checked w ON w.wallet_checked_id = newest.id
JOIN wallet_open o ON o.wallet_checked_id = w.wallet_checked_id""",
    "DROP VIEW movement",
    """CREATE VIEW movement AS
SELECT r.at, r.kind, r.coin, r.product_id, r.amount,
  coalesce(w.attributed_to, 'unexplained') AS attributed_to, w.action_id, r.record_id,
  NULL AS direction
FROM record_seen r LEFT JOIN attribution w ON w.record_seq = r.record_seq
UNION ALL
SELECT f.at, f.kind, f.coin, NULL, f.amount, f.attributed_to, NULL, NULL, f.direction
FROM wallet_flow f WHERE f.kind <> 'opening'""",
    """CREATE VIEW audit_unexplained_wallet_change AS
SELECT f.amount || ' ' || f.coin
    || CASE f.direction WHEN 'in' THEN ' came into' ELSE ' left' END || ' the wallet between '
    || f.from_at || ' and ' || f.at
    || ', which is what an action of earnd would have done whose record is missing.' AS what,
  f.coin, f.amount, f.direction, f.from_at, f.at
FROM wallet_flow f
WHERE f.attributed_to = 'unexplained' AND f.kind <> 'correction'
  AND NOT EXISTS (SELECT 1 FROM wallet_flow c WHERE c.corrects = f.wallet_flow_id)
UNION ALL
SELECT o.amount || ' ' || o.coin
    || CASE o.direction WHEN 'in' THEN ' more than' ELSE ' less than' END
    || ' the records explain are in the wallet since ' || o.at
    || ', and nothing has been made of it for more than a day.' AS what,
  o.coin, o.amount, o.direction, o.from_at, o.at
FROM wallet_open_now o
WHERE o.at < (  -- by the looks there were: in days without any, nothing can be made of it
    SELECT strftime('%Y-%m-%dT%H:%M:%fZ', k.at, '-1 day') FROM look k
    WHERE k.kind = 'holdings' ORDER BY k.look_id DESC LIMIT 1)
  AND NOT EXISTS (  -- while an action is open, it may be its doing
    SELECT 1 FROM action_now a
    WHERE a.coin = o.coin AND a.state NOT IN ('settled', 'rejected', 'dropped', 'late'))""",
)


def upgrade() -> None:
    """New tables, fenced like the others, and their views."""
    for statement in (*OPENING, *RECORD_GONE, *WALLET, *WALLET_VIEWS):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
