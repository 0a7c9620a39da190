"""Writing the wallet's account: a row where something is new, and what was booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, text

from earnd.domain.ids import Coin, CycleId
from earnd.domain.walletflow import Flow, Gap, Switch, WalletAccount
from earnd.ledger import wallet
from earnd.ledger import wallettables as tables


def keep(
    connection: Connection,
    cycle_id: CycleId,
    account: WalletAccount,
    flows: Sequence[Flow],
    switches: Sequence[Switch],
) -> None:
    """The account as it stands at its look, the flows booked in it, and where interest goes."""
    before = wallet.kept(connection)
    stamp = {"cycle_id": cycle_id, "at": account.at}
    upto = {
        "record_upto": account.record_upto,
        "status_upto": account.status_upto,
        "balance_upto": connection.execute(_BALANCE_UPTO).scalar_one(),
    }
    made = connection.execute(insert(tables.wallet_account), {**stamp, **upto})
    for coin, here in sorted(account.coins.items()):
        known = None if before is None else before.account.coins.get(coin)
        if here.gaps != (() if known is None else known.gaps):
            checked = {"wallet_account_id": made.lastrowid, "coin": coin, "wallet": here.wallet}
            row = connection.execute(insert(tables.wallet_checked), checked)
            for gap in here.gaps:
                opened = {"wallet_checked_id": row.lastrowid, **_gap_row(gap)}
                connection.execute(insert(tables.wallet_open), opened)
    for switch in switches:
        where = {"coin": switch.coin, "from_seq": switch.from_seq, "goes_to": switch.into}
        connection.execute(insert(tables.wallet_interest), {**stamp, **where})
    for flow in flows:
        at = flow.at if flow.corrects is not None else _free(connection, flow)
        connection.execute(insert(tables.wallet_flow), {**_flow_row(cycle_id, flow), "at": at})


def _free(connection: Connection, flow: Flow) -> datetime:
    """The flow's look, or right after it where that has one: two looks can be of one moment."""
    flows, at = tables.wallet_flow.c, flow.at
    while connection.execute(
        select(flows.wallet_flow_id).where(
            flows.coin == flow.coin, flows.at == at, flows.corrects.is_(None)
        )
    ).first():
        at += timedelta(milliseconds=1)
    return at


_BALANCE_UPTO = text("SELECT coalesce(max(balance_seen_id), 0) FROM balance_seen")


def _gap_row(gap: Gap) -> Mapping[str, Any]:
    return {
        "from_at": gap.from_at,
        "at": gap.at,
        "direction": "in" if gap.amount > 0 else "out",
        "amount": abs(gap.amount),
        "record_at": gap.record_at,
        "guess_seq": gap.guess_seq,
        "guessed": gap.guessed,
    }


def _flow_row(cycle_id: CycleId, flow: Flow) -> Mapping[str, Any]:
    return {
        "cycle_id": cycle_id,
        "coin": Coin(flow.coin),
        "from_at": flow.from_at,
        "at": flow.at,
        "direction": "in" if flow.amount > 0 else "out",
        "amount": abs(flow.amount),
        "kind": flow.kind,
        "attributed_to": flow.attributed_to,
        "by_record": int(flow.by_record),
        "corrects": flow.corrects,
    }
