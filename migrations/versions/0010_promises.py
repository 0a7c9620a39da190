"""Promises: what each payment of interest should have been, and how interest is paid.

Revision: 0010, after 0009
Date: 2026-11-27

A payment that came before this step has no promise unless the product pays again: then its latest
payments are worked out, as far as the rates of their time were seen. Nothing is guessed.
"""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def number(column: str) -> str:
    """Plain digits in the only way to write them; at most 20 before the point and 18 after it."""
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


PROMISE = (
    f"""CREATE TABLE interest_promise (    -- what a payment of interest should have been
  interest_promise_id INTEGER PRIMARY KEY AUTOINCREMENT,
  record_seq    INTEGER NOT NULL UNIQUE REFERENCES record_seen,
  cycle_id      INTEGER NOT NULL REFERENCES cycle,
  period_from   TEXT NOT NULL {moment("period_from")},
  period_to     TEXT NOT NULL {moment("period_to")},
  held_low      TEXT NOT NULL,         -- the least and the most that was held in the period and
  held_high     TEXT NOT NULL,         -- shortly before it
  promised      TEXT NOT NULL,         -- on the least that was held in the period
  promised_low  TEXT NOT NULL,         -- what an honest exchange could have paid, by the same
  promised_high TEXT NOT NULL,         -- reading of the tiers and of the additional rate
  additional    TEXT NOT NULL,         -- the part of `promised` that is the additional rate's
  tier_rule     TEXT NOT NULL CHECK (tier_rule IN ('marginal', 'whole')),
  basis         TEXT NOT NULL          -- unwatched, irregular: nothing is concluded from it
                CHECK (basis IN ('steady', 'varied', 'unwatched', 'irregular')),
  CHECK (period_from < period_to),
  {number("held_low")},
  {number("held_high")},
  {number("promised")},
  {number("promised_low")},
  {number("promised_high")},
  {number("additional")}
) STRICT""",
    *fences(
        "interest_promise",
        "interest_promise_id = NEW.interest_promise_id OR record_seq = NEW.record_seq",
    ),
    """CREATE TRIGGER interest_promise_of_interest BEFORE INSERT ON interest_promise
WHEN (SELECT r.kind FROM record_seen r WHERE r.record_seq = NEW.record_seq) IS NOT 'interest'
BEGIN
  SELECT RAISE(ABORT, 'only a payment of interest was promised');
END""",
)

REGIME = (
    f"""CREATE TABLE interest_regime_seen ( -- how a product pays interest, when it changed
  interest_regime_seen_id INTEGER PRIMARY KEY AUTOINCREMENT,
  cycle_id   INTEGER NOT NULL REFERENCES cycle,
  at         TEXT NOT NULL {moment("at")},
  product_id TEXT NOT NULL,
  coin       TEXT NOT NULL,
  pays_into  TEXT NOT NULL CHECK (pays_into IN ('wallet', 'product', 'unknown')),
  every      TEXT NOT NULL CHECK (every IN ('hour', 'day', 'other', 'unknown')),
  pays_at    TEXT                      -- time of day (UTC), where it is the same every day
             CHECK (pays_at GLOB '[0-2][0-9]:[0-5][0-9]'),
  starts     TEXT NOT NULL             -- from when new money earns
             CHECK (starts IN ('next_hour', 'next_day', 'second_day', 'unknown')),
  additional TEXT NOT NULL             -- the additional rate
             CHECK (additional IN ('paid', 'not_paid', 'unknown')),
  tier_rule  TEXT NOT NULL CHECK (tier_rule IN ('marginal', 'whole', 'unknown')),
  payments   INTEGER NOT NULL CHECK (payments >= 0),  -- that were looked at for it
  short      INTEGER NOT NULL CHECK (short IN (0, 1))  -- 1: it pays less than it promises
) STRICT""",
    """CREATE INDEX interest_regime_seen_newest
  ON interest_regime_seen (product_id, interest_regime_seen_id)""",
    *fences("interest_regime_seen", "interest_regime_seen_id = NEW.interest_regime_seen_id"),
    """CREATE VIEW interest_regime_now AS
WITH RECURSIVE keys(key) AS (
  SELECT min(product_id) FROM interest_regime_seen
  UNION ALL
  SELECT (SELECT min(t.product_id) FROM interest_regime_seen t WHERE t.product_id > keys.key)
  FROM keys WHERE keys.key IS NOT NULL
)
SELECT s.product_id, s.coin, s.pays_into, s.every, s.pays_at, s.starts, s.additional, s.tier_rule,
  s.payments, s.short, s.at AS since
FROM keys JOIN interest_regime_seen s ON s.interest_regime_seen_id = (
  SELECT max(m.interest_regime_seen_id) FROM interest_regime_seen m WHERE m.product_id = keys.key)
WHERE keys.key IS NOT NULL""",
)


def digits(amount: str) -> str:
    """An amount laid out as 20 + 18 digits."""
    return (
        f"substr('{20 * '0'}' || substr({amount}, 1, instr({amount} || '.', '.') - 1), -20)\n"
        f"    || substr(substr({amount}, instr({amount} || '.', '.') + 1) || '{18 * '0'}', 1, 18)"
    )


def four_sums(name: str) -> str:
    """The digits of many amounts as the sums of four integers."""
    spans = ((1, 10), (11, 10), (21, 9), (30, 9))
    return ",\n    ".join(
        f"sum(CAST(substr({name}, {begin}, {length}) AS INTEGER)) AS {name}_{n}"
        for n, (begin, length) in enumerate(spans, start=1)
    )


def written(name: str) -> str:
    """What four sums with their carries come to, as money is written."""
    whole = (
        f"ltrim(printf('%d%010d', {name}_1 + {name}_c2 / 10000000000,"
        f" {name}_c2 % 10000000000), '0')"
    )
    part = f"rtrim(printf('%09d%09d', {name}_c3 % 1000000000, {name}_4 % 1000000000), '0')"
    return (
        f"CASE {whole} WHEN '' THEN '0' ELSE {whole} END\n"
        f"    || CASE {part} WHEN '' THEN '' ELSE '.' || {part} END AS {name}"
    )


def carried(names: tuple[str, ...], to: int) -> str:
    """The carries out of one place into the next."""
    source = "4" if to == 3 else "c3"
    return ", ".join(
        f"{name}_{to} + {name}_{source} / 1000000000 AS {name}_c{to}" for name in names
    )


# As in `interest_daily`: four integers of at most ten digits for each amount, then the carries.
SUMMED = ("paid", "promised", "promised_low", "promised_high")
NEWLINE = ",\n  "
AGAINST_PROMISE = f"""CREATE VIEW interest_against_promise AS
WITH laid_out AS (
  SELECT substr(r.at, 1, 10) AS day, r.coin, r.product_id,
    {digits("r.amount")} AS paid,
    {digits("p.promised")} AS promised,
    {digits("p.promised_low")} AS promised_low,
    {digits("p.promised_high")} AS promised_high
  FROM interest_promise p JOIN record_seen r ON r.record_seq = p.record_seq
  WHERE p.basis <> 'irregular'  -- whatever it was for, it was not for one period
), parts AS (
  SELECT day, coin, product_id, count(*) AS records,
    {",".join(map(four_sums, SUMMED))}
  FROM laid_out GROUP BY day, coin, product_id
), carried_3 AS (
  SELECT *, {carried(SUMMED, 3)} FROM parts
), carried_2 AS (
  SELECT *, {carried(SUMMED, 2)} FROM carried_3
)
SELECT day, coin, product_id,
  {NEWLINE.join(map(written, SUMMED[:2]))},
  records,
  {NEWLINE.join(map(written, SUMMED[2:]))}
FROM carried_2"""

PAID_LESS = """CREATE VIEW audit_paid_less AS
SELECT 'Product ' || n.product_id || ' (' || n.coin || ') pays less than it promises since '
    || n.since || ': ' || r.amount || ' at ' || r.at || ', where at least ' || p.promised_low
    || ' was due.' AS what,
  n.coin, n.product_id, n.since, r.at AS paid_at, r.amount AS paid, p.promised_low, p.promised,
  r.record_id
FROM interest_regime_now n
JOIN interest_promise p ON p.interest_promise_id = (
  SELECT max(m.interest_promise_id) FROM record_seen s
  JOIN interest_promise m ON m.record_seq = s.record_seq
  WHERE s.kind = 'interest' AND s.coin = n.coin AND s.product_id = n.product_id
    AND s.at >= (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', c.began_at, '-7 days')
      FROM cycle c ORDER BY c.cycle_id DESC LIMIT 1))
JOIN record_seen r ON r.record_seq = p.record_seq
WHERE n.short"""


def upgrade() -> None:
    """Two tables, fenced like the others, their views, and one more audit."""
    for statement in (*PROMISE, *REGIME, AGAINST_PROMISE, PAID_LESS):
        op.execute(statement)


def downgrade() -> None:
    """There is no way back but the copy that `earnd migrate` made."""
    raise NotImplementedError("restore the copy that `earnd migrate` made")
