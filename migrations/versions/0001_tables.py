"""The tables: what earnd decided, sent, was told and saw.

Revision: 0001, the first
Date: 2026-11-22

Comments stand inside the statements, so that `.schema` in the sqlite3 shell is the documentation.

money    exact text, written in one way only: `0.1`, never `.1`, `0.10`, `1E-1`. SUM() makes a
         float of it: use the views, or `decimal_sum()` of the sqlite3 shell.
rates    fractions per year, written like money: `0.05` is five per cent.
times    UTC, `2026-11-22T17:00:00.000Z`; they sort as text.
words    lists that grow with the program (`reason`, `trigger`, `consequence`) are checked to be
         one lower-case word; closed lists name their members.
`_seen`  tables get a row when something differs from what was last seen, also when it is gone;
         table `look` says when we looked and found nothing new.

Tables whose key is not a single integer are WITHOUT ROWID: a hidden rowid would be a second key,
through which INSERT OR REPLACE could reach a row.

The JSON functions are not used: SQLite 3.40 refuses them in a schema that it does not trust
(`PRAGMA trusted_schema = OFF`), and that is how earnd opens every file.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Letters of 'earn': lets `file` and anybody else tell a ledger from any other database.
APPLICATION_ID = 0x6561726E


def number(column: str, decimals: int = 18) -> str:
    """Plain digits in the only way to write them; at most 20 before the point."""
    return (
        f"CHECK ({column} GLOB '[0-9]*' AND {column} NOT GLOB '*[^0-9.]*'"
        f" AND {column} NOT GLOB '*.*.*'\n"
        f"         AND {column} NOT GLOB '0[0-9]*' AND {column} NOT GLOB '*.'"
        f" AND {column} NOT GLOB '*.*0'\n"
        f"         AND instr({column} || '.', '.') <= 21"
        f" AND length({column}) - instr({column} || '.', '.') <= {decimals})"
    )


def rate(column: str) -> str:
    """A percentage may have 18 decimals; as a fraction that is 20."""
    return number(column, decimals=20)


def moment(column: str) -> str:
    """UTC with milliseconds."""
    day = "[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"
    clock = "[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]"
    return f"CHECK ({column} GLOB '{day}T{clock}Z')"


def word(column: str) -> str:
    """One lower-case word, so that an auditor can GROUP BY it."""
    return f"CHECK ({column} GLOB '[a-z]*' AND {column} NOT GLOB '*[^a-z0-9_]*')"


def json(column: str) -> str:
    """An object; earnd writes it with sorted keys and text values only."""
    return f"CHECK ({column} GLOB '{{*}}')"


def flag(column: str) -> str:
    """SQLite has no booleans."""
    return f"CHECK ({column} IN (0, 1))"


LIFE = (
    f"""CREATE TABLE ledger (              -- one row: whose ledger this is; earnd refuses any other
  id            INTEGER PRIMARY KEY CHECK (id = 1),
  mode          TEXT NOT NULL CHECK (mode IN ('dry-run', 'paper', 'live')),
  account_label TEXT NOT NULL,
  created_at    TEXT NOT NULL {moment("created_at")},
  created_by    TEXT NOT NULL          -- the version of earnd
) STRICT""",
    f"""CREATE TABLE run (                 -- one row per life of the process
  run_id        INTEGER PRIMARY KEY AUTOINCREMENT,
  prefix        TEXT NOT NULL          -- drawn at its start; begins its request numbers
                CHECK (length(prefix) = 8 AND prefix GLOB '[1-9]*' AND prefix NOT GLOB '*[^0-9]*'),
  started_at    TEXT NOT NULL {moment("started_at")},
  version       TEXT NOT NULL,
  python        TEXT NOT NULL,
  sqlite        TEXT NOT NULL,
  config_digest TEXT NOT NULL          -- of the configuration without secrets
) STRICT""",
    f"""CREATE TABLE cycle (               -- settle, look, reconcile, decide, limit, act
  cycle_id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id   INTEGER NOT NULL REFERENCES run,
  began_at TEXT NOT NULL {moment("began_at")},
  trigger  TEXT NOT NULL {word("trigger")}
) STRICT""",
    f"""CREATE TABLE cycle_end (           -- no row: the process died in it, or is in it
  cycle_id INTEGER PRIMARY KEY REFERENCES cycle,
  ended_at TEXT NOT NULL {moment("ended_at")},
  outcome  TEXT NOT NULL
           CHECK (outcome IN ('done', 'failed_look', 'refused', 'interrupted', 'failed')),
  moves    INTEGER NOT NULL CHECK (moves >= 0),  -- sent
  holds    INTEGER NOT NULL CHECK (holds >= 0),
  failure  TEXT
) STRICT""",
)

SEEN = (
    f"""CREATE TABLE look (                -- every look, also one that found nothing new
  look_id       INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id      INTEGER NOT NULL REFERENCES cycle,
  at            TEXT NOT NULL {moment("at")},
  kind          TEXT NOT NULL          -- holdings: not a look, but what was made of one
                CHECK (kind IN ('full', 'wallet', 'holdings')),
  products      INTEGER,               -- how many of each were listed
  positions     INTEGER,
  coins         INTEGER,
  holdings      INTEGER,
  clock_skew_ms INTEGER                -- the exchange's clock minus ours
) STRICT""",
    f"""CREATE TABLE product_seen (        -- the offers
  product_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id       INTEGER NOT NULL REFERENCES cycle,
  seen_at        TEXT NOT NULL {moment("seen_at")},
  product_id     TEXT NOT NULL,
  coin           TEXT NOT NULL,
  listed         INTEGER NOT NULL {flag("listed")},  -- 0: gone; the rest is what was last seen
  apy            TEXT NOT NULL,        -- 0.05 is five per cent
  additional_apy TEXT NOT NULL,
  minimum        TEXT NOT NULL,        -- purchase amounts
  maximum        TEXT NOT NULL,
  has_tiers      INTEGER NOT NULL {flag("has_tiers")},
  tag            TEXT NOT NULL,
  {rate("apy")},
  {rate("additional_apy")},
  {number("minimum")},
  {number("maximum")}
) STRICT""",
    "CREATE INDEX product_seen_newest ON product_seen (product_id, product_seen_id)",
    f"""CREATE TABLE tier_seen (           -- the bands of one row of product_seen, in order
  product_seen_id INTEGER NOT NULL REFERENCES product_seen,
  n     INTEGER NOT NULL CHECK (n >= 0),
  lower TEXT NOT NULL,
  upper TEXT NOT NULL,
  rate  TEXT NOT NULL,
  PRIMARY KEY (product_seen_id, n),
  {number("lower")},
  {number("upper")},
  {rate("rate")}
) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE position_seen (       -- the exchange's row for what we hold in a product
  position_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id       INTEGER NOT NULL REFERENCES cycle,
  seen_at        TEXT NOT NULL {moment("seen_at")},
  earn_id        TEXT NOT NULL,
  product_id     TEXT NOT NULL,
  coin           TEXT NOT NULL,
  listed         INTEGER NOT NULL {flag("listed")},  -- 0: gone; the rest is what was last seen
  apy            TEXT NOT NULL,
  additional_apy TEXT NOT NULL,
  total_profit   TEXT NOT NULL,
  auto_subscribe INTEGER NOT NULL {flag("auto_subscribe")},  -- the exchange's own switch
  amount         TEXT,                 -- the API page has no amount; kept if one ever appears
  {rate("apy")},
  {rate("additional_apy")},
  {number("total_profit")},
  {number("amount")}
) STRICT""",
    "CREATE INDEX position_seen_newest ON position_seen (earn_id, position_seen_id)",
    f"""CREATE TABLE balance_seen (        -- the wallet; a coin that is gone has 0
  balance_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id  INTEGER NOT NULL REFERENCES cycle,
  seen_at   TEXT NOT NULL {moment("seen_at")},
  coin      TEXT NOT NULL,
  available TEXT NOT NULL,
  frozen    TEXT NOT NULL,
  {number("available")},
  {number("frozen")}
) STRICT""",
    "CREATE INDEX balance_seen_newest ON balance_seen (coin, balance_seen_id)",
    f"""CREATE TABLE total_seen (          -- what the exchange says we hold of a coin, all products
  total_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id INTEGER NOT NULL REFERENCES cycle,
  seen_at  TEXT NOT NULL {moment("seen_at")},
  coin     TEXT NOT NULL,
  amount   TEXT NOT NULL,
  {number("amount")}
) STRICT""",
    "CREATE INDEX total_seen_newest ON total_seen (coin, total_seen_id)",
    f"""CREATE TABLE holding_seen (        -- what we hold, as established from all witnesses
  holding_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id   INTEGER NOT NULL REFERENCES cycle,
  at         TEXT NOT NULL {moment("at")},
  coin       TEXT NOT NULL,
  product_id TEXT NOT NULL,
  earn_id    TEXT,                     -- NULL: the exchange shows no position
  amount     TEXT NOT NULL,
  verified   INTEGER NOT NULL {flag("verified")},
  why        TEXT NOT NULL,            -- what does not add up; '' when verified
  CHECK (verified = 0 OR why = ''),
  {number("amount")}
) STRICT""",
    "CREATE INDEX holding_seen_newest ON holding_seen (product_id, holding_seen_id)",
)

DONE = (
    f"""CREATE TABLE decision (            -- every move and every hold, with its reason
  decision_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id   INTEGER NOT NULL REFERENCES cycle,
  at         TEXT NOT NULL {moment("at")},
  coin       TEXT NOT NULL,
  verdict    TEXT NOT NULL CHECK (verdict IN ('subscribe', 'redeem', 'hold')),
  product_id TEXT,
  amount     TEXT,                     -- of a hold: what was left undone
  reason     TEXT NOT NULL {word("reason")},
  detail     TEXT NOT NULL {json("detail")},  -- JSON: the numbers it rests on, as text
  CHECK (verdict = 'hold' OR (product_id IS NOT NULL AND amount IS NOT NULL)),
  {number("amount")}
) STRICT""",
    "CREATE INDEX decision_by_cycle ON decision (cycle_id)",
    f"""CREATE TABLE action (              -- one row per move that got an identity; its life is
                                    -- in action_event, its present state in the view action_now
  action_id  INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id   INTEGER NOT NULL REFERENCES cycle,
  request_no TEXT NOT NULL UNIQUE,     -- the number that the exchange knows it by:
                                    -- run.prefix, then action_id in twelve digits
  verb       TEXT NOT NULL CHECK (verb IN ('subscribe', 'redeem')),
  product_id TEXT NOT NULL,
  earn_id    TEXT,
  coin       TEXT NOT NULL,
  amount     TEXT NOT NULL,
  reason     TEXT NOT NULL {word("reason")},
  known_upto INTEGER NOT NULL CHECK (known_upto >= 0),  -- newest record_seq at that moment:
                                    -- a record up to it cannot be this action's
  available_before TEXT NOT NULL,      -- the wallet at that moment
  total_before     TEXT,               -- total_seen at that moment, if the exchange gives it
  CHECK (length(request_no) = 20 AND request_no GLOB '[1-9]*' AND request_no NOT GLOB '*[^0-9]*'),
  CHECK (substr(request_no, 9) = printf('%012d', action_id)),
  CHECK (verb = 'subscribe' OR earn_id IS NOT NULL),
  CHECK (amount <> '0'),
  {number("amount")},
  {number("available_before")},
  {number("total_before")}
) STRICT""",
    "CREATE INDEX action_by_coin ON action (coin)",
    """CREATE TABLE action_transition (   -- the state machine: the only steps an action can take
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE attempt (             -- one sending of one action's request; committed before
                                    -- anything leaves, together with the event `sending`
  action_id INTEGER NOT NULL REFERENCES action,
  attempt   INTEGER NOT NULL CHECK (attempt >= 1),
  sent_at   TEXT NOT NULL {moment("sent_at")},
  request   TEXT NOT NULL,             -- method, path and body; no secrets
  PRIMARY KEY (action_id, attempt),
  FOREIGN KEY (action_id, attempt) REFERENCES action_event (action_id, attempt)
    DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE attempt_answer (      -- what came back; no row: nothing, or we died waiting
  action_id   INTEGER NOT NULL,
  attempt     INTEGER NOT NULL,
  answered_at TEXT NOT NULL {moment("answered_at")},
  latency_ms  INTEGER NOT NULL,
  outcome     TEXT NOT NULL
              CHECK (outcome IN ('not_sent', 'yes', 'seen', 'refused', 'not_executed', 'unclear')),
  http_status INTEGER,
  code        INTEGER,                 -- the exchange's own
  message     TEXT,
  trace       TEXT,                    -- what to quote to the exchange's support
  consequence TEXT NOT NULL {word("consequence")},  -- beyond this action
  detail      TEXT NOT NULL,           -- what was received, in a sentence
  PRIMARY KEY (action_id, attempt),
  FOREIGN KEY (action_id, attempt) REFERENCES attempt (action_id, attempt)
) STRICT, WITHOUT ROWID""",
    "CREATE INDEX attempt_answer_by_time ON attempt_answer (answered_at)",
    f"""CREATE TABLE action_event (        -- one row per state entered
  action_id  INTEGER NOT NULL REFERENCES action,
  seq        INTEGER NOT NULL CHECK (seq >= 0),
  from_seq   INTEGER GENERATED ALWAYS AS (CASE WHEN seq > 0 THEN seq - 1 END) STORED,
  from_state TEXT,
  to_state   TEXT NOT NULL,
  at         TEXT NOT NULL {moment("at")},
  actor      TEXT NOT NULL CHECK (actor IN ('earnd', 'operator')),
  evidence   TEXT {json("evidence")},  -- JSON: what we were told; no secrets
  attempt    INTEGER,                  -- of `sending`: which one
  record_seq INTEGER,                  -- of `settled` and `late`: the record that proves it
  PRIMARY KEY (action_id, seq),
  UNIQUE (action_id, seq, to_state),
  UNIQUE (action_id, attempt),
  CHECK ((seq = 0) = (from_state IS NULL)),
  CHECK (seq > 0 OR to_state = 'planned'),
  CHECK ((to_state = 'sending') = (attempt IS NOT NULL)),
  CHECK (record_seq IS NULL OR to_state IN ('settled', 'late')),
  CHECK (record_seq IS NOT NULL OR actor = 'operator' OR to_state NOT IN ('settled', 'late')),
  FOREIGN KEY (from_state, to_state) REFERENCES action_transition (from_state, to_state),
  FOREIGN KEY (action_id, from_seq, from_state) REFERENCES action_event (action_id, seq, to_state),
  FOREIGN KEY (action_id, attempt) REFERENCES attempt (action_id, attempt),
  FOREIGN KEY (record_seq, action_id) REFERENCES attribution (record_seq, action_id)
    DEFERRABLE INITIALLY DEFERRED
) STRICT, WITHOUT ROWID""",
    """CREATE INDEX action_event_over ON action_event (action_id)
  WHERE to_state IN ('settled', 'rejected', 'dropped', 'late')""",
    "CREATE INDEX action_event_by_state ON action_event (to_state, at)",
    f"""CREATE TABLE action_look (         -- a complete look at the history that did not find it
  action_look_id INTEGER PRIMARY KEY AUTOINCREMENT,
  action_id INTEGER NOT NULL REFERENCES action,
  cycle_id  INTEGER NOT NULL REFERENCES cycle,
  at        TEXT NOT NULL {moment("at")}
) STRICT""",
    "CREATE INDEX action_look_by_action ON action_look (action_id)",
)

WITNESSED = (
    f"""CREATE TABLE record_seen (         -- the exchange's history, as it was when first seen
  record_seq     INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which earnd saw them
  record_id      TEXT NOT NULL,
  kind           TEXT NOT NULL CHECK (kind IN ('subscribe', 'redeem', 'interest')),
  product_id     TEXT NOT NULL,
  coin           TEXT NOT NULL,
  amount         TEXT NOT NULL,
  at             TEXT NOT NULL {moment("at")},
  subscribe_type TEXT CHECK (subscribe_type IN ('NORMAL', 'AUTO')),
  request_no     TEXT,                 -- where the exchange tells it
  status         TEXT CHECK (status IN ('done', 'pending', 'failed', 'unclear')),
  cycle_id       INTEGER NOT NULL REFERENCES cycle,
  seen_at        TEXT NOT NULL {moment("seen_at")},
  UNIQUE (kind, record_id),
  {number("amount")}
) STRICT""",
    "CREATE INDEX record_seen_by_time ON record_seen (kind, at)",
    "CREATE INDEX record_seen_by_coin ON record_seen (coin, at)",
    f"""CREATE TABLE record_status_seen (  -- what a known record said only afterwards;
                                    -- nothing else of a record may change
  record_status_id INTEGER PRIMARY KEY AUTOINCREMENT,
  record_seq     INTEGER NOT NULL REFERENCES record_seen,
  subscribe_type TEXT CHECK (subscribe_type IN ('NORMAL', 'AUTO')),
  request_no     TEXT,
  status         TEXT CHECK (status IN ('done', 'pending', 'failed', 'unclear')),
  cycle_id       INTEGER NOT NULL REFERENCES cycle,
  seen_at        TEXT NOT NULL {moment("seen_at")}
) STRICT""",
    "CREATE INDEX record_status_seen_newest ON record_status_seen (record_seq, record_status_id)",
    f"""CREATE TABLE attribution (         -- whose doing a record is; no row: unexplained
  record_seq    INTEGER PRIMARY KEY REFERENCES record_seen,
  attributed_to TEXT NOT NULL
                CHECK (attributed_to IN ('earnd', 'interest', 'auto_subscribe', 'person')),
  action_id     INTEGER UNIQUE REFERENCES action,  -- an action explains one record at most
  cycle_id      INTEGER REFERENCES cycle,  -- NULL: said by a person, between cycles
  at            TEXT NOT NULL {moment("at")},
  UNIQUE (record_seq, action_id),
  CHECK ((attributed_to = 'earnd') = (action_id IS NOT NULL))
) STRICT""",
    f"""CREATE TABLE operator_note (       -- what a person did, and why
  operator_note_id INTEGER PRIMARY KEY AUTOINCREMENT,
  at        TEXT NOT NULL {moment("at")},
  who       TEXT NOT NULL,
  action_id INTEGER REFERENCES action,
  text      TEXT NOT NULL CHECK (text <> '')
) STRICT""",
)

TRANSITIONS = (
    ("planned", "sending"),
    ("planned", "dropped"),
    ("sending", "accepted"),
    ("sending", "settled"),
    ("sending", "rejected"),
    ("sending", "unknown"),
    ("sending", "dropped"),
    ("unknown", "sending"),
    ("unknown", "accepted"),
    ("unknown", "settled"),
    ("unknown", "rejected"),
    ("unknown", "needs_operator"),
    ("accepted", "settled"),
    ("accepted", "needs_operator"),
    ("needs_operator", "settled"),
    ("needs_operator", "rejected"),
    ("rejected", "late"),
    ("dropped", "late"),
)


def upgrade() -> None:
    """An empty ledger's tables, and the steps that an action may take."""
    op.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in (*LIFE, *SEEN, *DONE, *WITNESSED):
        op.execute(statement)
    rows = ", ".join(f"('{before}', '{after}')" for before, after in TRANSITIONS)
    op.execute(f"INSERT INTO action_transition (from_state, to_state) VALUES {rows}")  # noqa: S608 - ours


def downgrade() -> None:
    """There is nothing before the first step."""
    raise NotImplementedError("there is nothing before the first step")
