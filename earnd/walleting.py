"""Every change of the wallet gets an owner: the records explain it, or it is booked as a flow."""

from __future__ import annotations

from datetime import datetime, timedelta

from earnd.domain.action import Verb
from earnd.domain.holdings import Holdings
from earnd.domain.ids import Coin, CycleId
from earnd.domain.money import plain, total
from earnd.domain.settling import WATCH
from earnd.domain.snapshot import Snapshot
from earnd.domain.strategy import InterestPaid
from earnd.domain.walletbook import Beside, settled, wait_for
from earnd.domain.walletflow import (
    CLOCKS,
    Flow,
    FlowKind,
    FlowOwner,
    KeptAccount,
    WalletAccount,
    WalletLook,
)
from earnd.domain.walletlook import looked, opened
from earnd.domain.witnesses import TRANSIT
from earnd.parts import Parts

REMEMBERED = timedelta(days=90)
"""For how long a slow record makes earnd patient."""


def account_for_wallet(
    parts: Parts, cycle_id: CycleId, snapshot: Snapshot, holdings: Holdings
) -> None:
    """Holds a look that was just recorded against the records; books what has lasted.

    One transaction, and none if nothing is new.
    """
    kept = parts.ledger.wallet_account()
    if kept is None:
        news = parts.ledger.wallet_news(0, 0)
        account, flows, switches = opened(_look(parts, snapshot, holdings, None), news)
        parts.ledger.keep_wallet(cycle_id, account, flows, switches)
        return
    before = kept.account
    is_open = any(here.gaps for here in before.coins.values())
    if kept.is_current and not is_open:
        return
    news = parts.ledger.wallet_news(before.record_upto, before.status_upto)
    account, learnt = looked(before, _look(parts, snapshot, holdings, kept), news)
    done = settled(account, _beside(parts, account, kept))
    is_new = done.flows or done.switches or learnt or not kept.is_current
    if is_new or done.account.coins != before.coins:
        parts.ledger.keep_wallet(cycle_id, done.account, done.flows, (*learnt, *done.switches))
    for flow in done.flows:
        _tell(parts, flow)


def _look(
    parts: Parts, snapshot: Snapshot, holdings: Holdings, kept: KeptAccount | None
) -> WalletLook:
    wallets = {
        coin: total((balance.available, balance.frozen))
        for coin, balance in snapshot.balances.items()
    }
    readings = {
        coin: into
        for coin, into in holdings.interest_into.items()
        if _is_certain(parts, snapshot, holdings, coin)
    }
    at = _moment(parts, snapshot)
    return WalletLook(at if kept is None else kept.looked_at, at, wallets, readings)


def _moment(parts: Parts, snapshot: Snapshot) -> datetime:
    """When it was seen; by the exchange's clock if ours was wrong or the look was long.

    In whole milliseconds, as the ledger keeps it: two looks of one moment are one there and here.
    """
    theirs = parts.clock.now() + timedelta(milliseconds=parts.reader.latest_skew_ms())
    # Not by the skew at the beginning of the cycle: our clock may have been set since.
    is_right = abs(theirs - snapshot.seen_at) <= CLOCKS
    at = snapshot.seen_at if is_right else theirs
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _is_certain(parts: Parts, snapshot: Snapshot, holdings: Holdings, coin: Coin) -> bool:
    """Whether where interest goes is said by a person or shown by the exchange, and no guess."""
    strategy = parts.strategy.for_coin(coin)
    if strategy is not None and strategy.interest_paid is not InterestPaid.AUTO:
        return True
    if coin in holdings.drift:
        return False
    if holdings.interest_into[coin] is InterestPaid.PRODUCT:
        return True
    mine = [position for position in snapshot.positions if position.coin == coin]
    shown = bool(mine) and all(position.amount is not None for position in mine)
    return snapshot.totals is not None or shown


def _beside(parts: Parts, account: WalletAccount, kept: KeptAccount) -> Beside:
    at = account.at
    if not any(here.gaps for here in account.coins.values()):
        return Beside(kept.opened_at, TRANSIT)
    slowest = [parts.ledger.slowest_record(verb, at - REMEMBERED) for verb in Verb]
    is_young = at - kept.opened_at <= WATCH
    return Beside(
        kept.opened_at,
        wait_for(TRANSIT, slowest),
        open_actions=parts.ledger.open_actions(),
        written_off=parts.ledger.written_off(at - WATCH),
        booked=parts.ledger.flows_since(at - WATCH),
        on_the_way=parts.ledger.redeems_before(kept.opened_at) if is_young else {},
    )


def _tell(parts: Parts, flow: Flow) -> None:
    is_strange = (
        flow.attributed_to is FlowOwner.UNEXPLAINED and flow.kind is not FlowKind.CORRECTION
    )
    tell = parts.log.warning if is_strange else parts.log.info
    tell(
        "wallet.moved",
        coin=flow.coin,
        kind=flow.kind.value,
        direction="in" if flow.amount > 0 else "out",
        amount=plain(abs(flow.amount)),
        attributed_to=flow.attributed_to.value,
        after=f"{flow.from_at:%Y-%m-%dT%H:%M:%SZ}",
        seen=f"{flow.at:%Y-%m-%dT%H:%M:%SZ}",
    )
