"""The views that earnd itself reads, as SQLAlchemy Core sees them: the newest row of each thing.

Only the columns that are compared with the next look."""

from __future__ import annotations

from sqlalchemy import Integer, column, table

from earnd.ledger.columns import Money, RateText, Words
from earnd.ledger.tables import record_columns

product_now = table(
    "product_now",
    column("product_id", Words),
    column("coin", Words),
    column("listed", Integer),
    column("apy", RateText),
    column("additional_apy", RateText),
    column("minimum", Money),
    column("maximum", Money),
    column("has_tiers", Integer),
    column("tag", Words),
    column("product_seen_id", Integer),
)

position_now = table(
    "position_now",
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

balance_now = table(
    "balance_now",
    column("coin", Words),
    column("available", Money),
    column("frozen", Money),
)

total_now = table("total_now", column("coin", Words), column("amount", Money))

holding_checked = table(
    "holding_checked",
    column("coin", Words),
    column("product_id", Words),
    column("earn_id", Words),
    column("amount", Money),
    column("verified", Integer),
    column("why", Words),
)

record_now = table(
    "record_now",
    *record_columns(),
    column("attributed_to", Words),
)
