"""The tables of the wallet's account, as SQLAlchemy Core sees them."""

from __future__ import annotations

from sqlalchemy import Integer, column, table

from earnd.ledger.columns import Moment, Money, Words

wallet_account = table(
    "wallet_account",
    column("wallet_account_id", Integer),
    column("cycle_id", Integer),
    column("at", Moment),
    column("record_upto", Integer),
    column("status_upto", Integer),
    column("balance_upto", Integer),
)

wallet_checked = table(
    "wallet_checked",
    column("wallet_checked_id", Integer),
    column("wallet_account_id", Integer),
    column("coin", Words),
    column("wallet", Money),
)

wallet_open = table(
    "wallet_open",
    column("wallet_open_id", Integer),
    column("wallet_checked_id", Integer),
    column("from_at", Moment),
    column("at", Moment),
    column("direction", Words),
    column("amount", Money),
    column("record_at", Moment),
    column("guess_seq", Integer),
    column("guessed", Money),
)

wallet_interest = table(
    "wallet_interest",
    column("wallet_interest_id", Integer),
    column("cycle_id", Integer),
    column("at", Moment),
    column("coin", Words),
    column("from_seq", Integer),
    column("goes_to", Words),
)

wallet_flow = table(
    "wallet_flow",
    column("wallet_flow_id", Integer),
    column("cycle_id", Integer),
    column("coin", Words),
    column("from_at", Moment),
    column("at", Moment),
    column("direction", Words),
    column("amount", Money),
    column("kind", Words),
    column("attributed_to", Words),
    column("by_record", Integer),
    column("corrects", Integer),
)
