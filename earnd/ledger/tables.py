"""The tables, as SQLAlchemy Core sees them; `views` has what earnd reads of the newest rows.

The schema is literal SQL in `migrations/`; a test keeps the column names of both equal.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnClause, Integer, column, table

from earnd.ledger.columns import Evidence, Moment, Money, RateText, Words

ledger = table(
    "ledger",
    column("id", Integer),
    column("mode", Words),
    column("account_label", Words),
    column("created_at", Moment),
    column("created_by", Words),
)

run = table(
    "run",
    column("run_id", Integer),
    column("prefix", Words),
    column("started_at", Moment),
    column("version", Words),
    column("python", Words),
    column("sqlite", Words),
    column("config_digest", Words),
)

cycle = table(
    "cycle",
    column("cycle_id", Integer),
    column("run_id", Integer),
    column("began_at", Moment),
    column("trigger", Words),
)

cycle_end = table(
    "cycle_end",
    column("cycle_id", Integer),
    column("ended_at", Moment),
    column("outcome", Words),
    column("moves", Integer),
    column("holds", Integer),
    column("failure", Words),
)

look = table(
    "look",
    column("look_id", Integer),
    column("cycle_id", Integer),
    column("at", Moment),
    column("kind", Words),
    column("products", Integer),
    column("positions", Integer),
    column("coins", Integer),
    column("holdings", Integer),
    column("clock_skew_ms", Integer),
)

product_seen = table(
    "product_seen",
    column("product_seen_id", Integer),
    column("cycle_id", Integer),
    column("seen_at", Moment),
    column("product_id", Words),
    column("coin", Words),
    column("listed", Integer),
    column("apy", RateText),
    column("additional_apy", RateText),
    column("minimum", Money),
    column("maximum", Money),
    column("has_tiers", Integer),
    column("tag", Words),
)

tier_seen = table(
    "tier_seen",
    column("product_seen_id", Integer),
    column("n", Integer),
    column("lower", Money),
    column("upper", Money),
    column("rate", RateText),
)

position_seen = table(
    "position_seen",
    column("position_seen_id", Integer),
    column("cycle_id", Integer),
    column("seen_at", Moment),
    column("earn_id", Words),
    column("product_id", Words),
    column("coin", Words),
    column("listed", Integer),
    column("apy", RateText),
    column("additional_apy", RateText),
    column("total_profit", Money),
    column("auto_subscribe", Integer),
    column("amount", Money),
)

balance_seen = table(
    "balance_seen",
    column("balance_seen_id", Integer),
    column("cycle_id", Integer),
    column("seen_at", Moment),
    column("coin", Words),
    column("available", Money),
    column("frozen", Money),
)

total_seen = table(
    "total_seen",
    column("total_seen_id", Integer),
    column("cycle_id", Integer),
    column("seen_at", Moment),
    column("coin", Words),
    column("amount", Money),
)

holding_seen = table(
    "holding_seen",
    column("holding_seen_id", Integer),
    column("cycle_id", Integer),
    column("at", Moment),
    column("coin", Words),
    column("product_id", Words),
    column("earn_id", Words),
    column("amount", Money),
    column("verified", Integer),
    column("why", Words),
)

decision = table(
    "decision",
    column("decision_id", Integer),
    column("cycle_id", Integer),
    column("at", Moment),
    column("coin", Words),
    column("verdict", Words),
    column("product_id", Words),
    column("amount", Money),
    column("reason", Words),
    column("detail", Evidence),
)

decision_again = table(
    "decision_again",
    column("decision_again_id", Integer),
    column("cycle_id", Integer),
    column("same_as", Integer),
    column("at", Moment),
)

action = table(
    "action",
    column("action_id", Integer),
    column("cycle_id", Integer),
    column("request_no", Words),
    column("verb", Words),
    column("product_id", Words),
    column("earn_id", Words),
    column("coin", Words),
    column("amount", Money),
    column("reason", Words),
    column("known_upto", Integer),
    column("available_before", Money),
    column("total_before", Money),
)

attempt = table(
    "attempt",
    column("action_id", Integer),
    column("attempt", Integer),
    column("sent_at", Moment),
    column("request", Words),
)

attempt_answer = table(
    "attempt_answer",
    column("action_id", Integer),
    column("attempt", Integer),
    column("answered_at", Moment),
    column("latency_ms", Integer),
    column("outcome", Words),
    column("http_status", Integer),
    column("code", Integer),
    column("message", Words),
    column("trace", Words),
    column("consequence", Words),
    column("detail", Words),
)

action_event = table(
    "action_event",
    column("action_id", Integer),
    column("seq", Integer),
    column("from_state", Words),
    column("to_state", Words),
    column("at", Moment),
    column("actor", Words),
    column("evidence", Evidence),
    column("attempt", Integer),
    column("record_seq", Integer),
)

action_look = table(
    "action_look",
    column("action_look_id", Integer),
    column("action_id", Integer),
    column("cycle_id", Integer),
    column("at", Moment),
)


def record_columns() -> tuple[ColumnClause[Any], ...]:
    """The columns of a record, as first seen and as known now."""
    return (
        column("record_seq", Integer),
        column("record_id", Words),
        column("kind", Words),
        column("product_id", Words),
        column("coin", Words),
        column("amount", Money),
        column("at", Moment),
        column("subscribe_type", Words),
        column("request_no", Words),
        column("status", Words),
    )


record_seen = table(
    "record_seen",
    *record_columns(),
    column("cycle_id", Integer),
    column("seen_at", Moment),
)

record_status_seen = table(
    "record_status_seen",
    column("record_status_id", Integer),
    column("record_seq", Integer),
    column("subscribe_type", Words),
    column("request_no", Words),
    column("status", Words),
    column("cycle_id", Integer),
    column("seen_at", Moment),
)

attribution = table(
    "attribution",
    column("record_seq", Integer),
    column("attributed_to", Words),
    column("action_id", Integer),
    column("cycle_id", Integer),
    column("at", Moment),
)

operator_note = table(
    "operator_note",
    column("operator_note_id", Integer),
    column("at", Moment),
    column("who", Words),
    column("action_id", Integer),
    column("text", Words),
)

closure = table(
    "closure",
    column("closure_id", Integer),
    column("run_id", Integer),
    column("at", Moment),
    column("endpoint", Words),
    column("closing", Words),
    column("until", Moment),
    column("strikes", Integer),
    column("boot", Words),
    column("steady_ms", Integer),
)
