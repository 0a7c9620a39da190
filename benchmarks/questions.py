"""The usual question to each view of the contract, as a person or a page would ask it."""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

_LAST = "FROM cycle_log ORDER BY cycle_id DESC LIMIT 1"


def _ago(span: str) -> str:
    return f"(SELECT strftime('%Y-%m-%dT%H:%M:%fZ', began_at, '-{span}') {_LAST})"


MONTH_AGO = _ago("30 days")

USUAL = (
    ("`action_now`, the newest 20", "SELECT * FROM action_now ORDER BY action_id DESC LIMIT 20"),
    (
        "`action_now`, one",
        "SELECT * FROM action_now WHERE action_id = (SELECT max(action_id) / 2 FROM action)",
    ),
    (
        "`action_now`, what is open",
        "SELECT * FROM action_now WHERE state NOT IN ('settled', 'rejected', 'dropped', 'late')",
    ),
    (
        "`action_now`, sent in 24 h",
        f"SELECT coin, count(*) FROM action_now WHERE sent_at > {_ago('1 day')} GROUP BY coin",
    ),
    (
        "`attempt_log`, the newest 20",
        "SELECT * FROM attempt_log ORDER BY action_id DESC, attempt DESC LIMIT 20",
    ),
    ("`attempt_log`, no clear answer", "SELECT * FROM attempt_log WHERE outcome <> 'yes'"),
    (
        "`event_log`, of one action",
        "SELECT * FROM event_log WHERE action_id = (SELECT max(action_id) / 2 FROM action)",
    ),
    (
        "`event_log`, every doubt",
        (
            "SELECT * FROM event_log WHERE action_id IN"
            " (SELECT action_id FROM event_log WHERE to_state = 'unknown')"
        ),
    ),
    (
        "`decision_log`, of one cycle",
        "SELECT * FROM decision_log WHERE cycle_id = (SELECT max(cycle_id) / 2 FROM cycle)",
    ),
    (
        "`decision_log`, of the newest",
        (
            "SELECT * FROM decision_log"
            " WHERE cycle_id = (SELECT max(cycle_id) FROM cycle_log WHERE outcome = 'done')"
        ),
    ),
    (
        "`decision_log`, reasons of a day",
        (
            "SELECT reason, count(*) FROM decision_log"
            " WHERE cycle_id > (SELECT max(cycle_id) - 288 FROM cycle) GROUP BY reason"
        ),
    ),
    ("`cycle_log`, the newest 20", "SELECT * FROM cycle_log ORDER BY cycle_id DESC LIMIT 20"),
    (
        "`cycle_log`, what failed lately",
        (
            "SELECT * FROM cycle_log WHERE outcome <> 'done'"
            " AND cycle_id > (SELECT max(cycle_id) - 8640 FROM cycle)"
        ),
    ),
    ("`holding_now`", "SELECT * FROM holding_now"),
    ("`balance_now`", "SELECT * FROM balance_now"),
    (
        "`interest_daily`, 30 days",
        f"SELECT * FROM interest_daily WHERE day >= (SELECT date(began_at, '-30 days') {_LAST})",
    ),
    (
        "`interest_daily`, a coin, the last 6",
        "SELECT * FROM interest_daily WHERE coin = 'BTC' ORDER BY day DESC LIMIT 6",
    ),
    (
        "`rate_history`, a product, 30 days",
        f"SELECT * FROM rate_history WHERE product_id = '1001' AND seen_at >= {MONTH_AGO}",
    ),
    ("`movement`, 30 days", f"SELECT * FROM movement WHERE at >= {MONTH_AGO}"),
    ("`movement`, the newest 20", "SELECT * FROM movement ORDER BY at DESC LIMIT 20"),
    (
        "`movement`, of one action",
        "SELECT * FROM movement WHERE action_id = (SELECT max(action_id) / 2 FROM action)",
    ),
    ("`lesson_log`, in force", f"SELECT * FROM lesson_log WHERE until > (SELECT began_at {_LAST})"),
)


def audits(ledger: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Every audit whole: that is how they are asked."""
    found = ledger.execute(
        "SELECT name FROM sqlite_master WHERE type = 'view' AND name GLOB 'audit_*' ORDER BY name"
    )
    for (name,) in found.fetchall():
        yield f"`{name}`", f"SELECT * FROM {name}"
