"""What has lasted in the wallet and no record explains is booked: whose it was, and as what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from earnd.domain.action import RecordedAction, Verb
from earnd.domain.ids import Coin
from earnd.domain.money import ZERO, minus
from earnd.domain.settling import LATE_WINDOW
from earnd.domain.strategy import InterestPaid
from earnd.domain.walletflow import (
    CLOCKS,
    Booked,
    CoinAccount,
    Flow,
    FlowKind,
    FlowOwner,
    Gap,
    Switch,
    WalletAccount,
)
from earnd.domain.walletlook import regarded
from earnd.domain.walletmatch import closed, merged

LONGEST_WAIT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Beside:
    """What else there is to know when the account is settled.

    `opened_at` is the first look. `wait` is how long a gap must have stood. `open_actions` may yet
    prove to be the cause of what they could have done; `written_off` are those of the last days.
    `booked` are the flows of the last days that nothing has taken back. `on_the_way` are redeems
    per coin that were known at the first look and whose money may have come after it.
    """

    opened_at: datetime
    wait: timedelta
    open_actions: Sequence[RecordedAction] = ()
    written_off: Sequence[RecordedAction] = ()
    booked: Sequence[Booked] = ()
    on_the_way: Mapping[Coin, Sequence[Decimal]] | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """The account after that, what was booked, and what was learnt of where interest goes."""

    account: WalletAccount
    flows: tuple[Flow, ...]
    switches: tuple[Switch, ...]


def wait_for(transit: timedelta, slowest: Iterable[timedelta]) -> timedelta:
    """How long a gap must stand before it is booked: the slowest record ever may yet come."""
    return min(transit + max(slowest, default=timedelta(0)), LONGEST_WAIT)


def settled(account: WalletAccount, beside: Beside) -> Settled:
    """Closes what adds up, takes back what a record explains now, and books what has lasted."""
    flows: list[Flow] = []
    switches: list[Switch] = []
    into = dict(account.into)
    left: dict[Coin, tuple[Gap, ...]] = {}
    for coin, here in account.coins.items():
        gaps, taken_back = _taken_back(coin, closed(here.gaps), beside.booked)
        flows += taken_back
        switch = _learnt(coin, gaps, into.get(coin, InterestPaid.WALLET), account.at, beside.wait)
        if switch is not None:
            switches.append(switch)
            into[coin] = switch.into
            gaps = closed(regarded(gaps, switch.into))
        left[coin] = merged(gaps, beside.wait, lambda gap: _is_due(gap, account.at, beside.wait))
    due = {coin: _due(coin, gaps, account.at, beside) for coin, gaps in left.items()}
    for coin, gaps in due.items():
        flows += (_flow(coin, gap, left, beside) for gap in gaps)
    coins = {
        coin: CoinAccount(here.wallet, tuple(gap for gap in left[coin] if gap not in due[coin]))
        for coin, here in account.coins.items()
    }
    return Settled(replace(account, coins=coins, into=into), tuple(flows), tuple(switches))


def _taken_back(
    coin: Coin, gaps: Sequence[Gap], booked: Sequence[Booked]
) -> tuple[tuple[Gap, ...], list[Flow]]:
    """Gaps that a booked flow explains exactly are what it was, and it is taken back."""
    left, flows = list(gaps), []
    waiting = [each for each in booked if each.flow.coin == coin]
    for gap in gaps:
        for each in waiting:
            flow = each.flow
            # The wallet's change alone says nothing against a flow in which there is no record.
            is_other_side = (gap.record_at is None) is flow.by_record
            is_before = gap.record_at is None or gap.record_at <= flow.at + CLOCKS
            is_late = gap.at > flow.at and is_before
            if is_other_side and is_late and gap.amount == minus(ZERO, flow.amount):
                waiting.remove(each)
                left.remove(gap)
                flows.append(
                    Flow(
                        coin,
                        gap.from_at,
                        gap.at,
                        gap.amount,
                        FlowKind.CORRECTION,
                        flow.attributed_to,
                        by_record=gap.record_at is not None,
                        corrects=each.flow_id,
                    )
                )
                break
    return tuple(left), flows


def _learnt(
    coin: Coin, gaps: Sequence[Gap], goes_to: InterestPaid, at: datetime, wait: timedelta
) -> Switch | None:
    """Where interest goes by what the wallet did, when nothing else says it."""
    guesses = [gap for gap in gaps if gap.guess_seq is not None]
    seqs = [gap.guess_seq for gap in guesses if gap.guess_seq is not None]
    if not seqs:
        return None
    if goes_to is InterestPaid.PRODUCT:
        came = any(gap.amount == gap.guessed for gap in guesses)
        return Switch(coin, min(seqs), InterestPaid.WALLET) if came else None
    old = [gap for gap in guesses if _is_due(gap, at, wait)]
    is_missing = any(gap.amount == -gap.guessed for gap in old)
    return Switch(coin, min(seqs), InterestPaid.PRODUCT) if is_missing else None


def _is_due(gap: Gap, now: datetime, wait: timedelta) -> bool:
    """Whether it has stood long enough, and another look has not changed that."""
    return gap.at < now and now - gap.at >= wait


def _due(coin: Coin, gaps: Sequence[Gap], now: datetime, beside: Beside) -> tuple[Gap, ...]:
    waiting = [action for action in beside.open_actions if action.coin == coin]
    return tuple(
        gap
        for gap in gaps
        if _is_due(gap, now, beside.wait) and not any(_may_be_of(gap, each) for each in waiting)
    )


def _may_be_of(gap: Gap, action: RecordedAction) -> bool:
    """Whether an action that is not over may be in it: it can be carried out for a while."""
    if action.first_sent_at is None or action.last_sent_at is None:
        return False
    until = action.last_sent_at + LATE_WINDOW
    return gap.at >= action.first_sent_at - CLOCKS and gap.from_at <= until + CLOCKS


def _flow(coin: Coin, gap: Gap, left: Mapping[Coin, Sequence[Gap]], beside: Beside) -> Flow:
    by_record = gap.record_at is not None
    kind, owner = _taken_for(coin, gap, left, beside)
    return Flow(coin, gap.from_at, gap.at, gap.amount, kind, owner, by_record)


def _taken_for(
    coin: Coin, gap: Gap, left: Mapping[Coin, Sequence[Gap]], beside: Beside
) -> tuple[FlowKind, FlowOwner]:
    plain = FlowKind.DEPOSIT if gap.amount > ZERO else FlowKind.WITHDRAWAL
    if _is_from_before(coin, gap, beside):
        return FlowKind.OPENING, FlowOwner.OPENING
    if any(_is_what_it_asked(gap, each, coin, beside.wait) for each in _ours(beside)):
        return plain, FlowOwner.UNEXPLAINED
    is_trade = any(
        other != coin and each.at == gap.at and (each.amount > ZERO) is not (gap.amount > ZERO)
        for other, gaps in left.items()
        for each in gaps
    )
    return FlowKind.TRADE if is_trade else plain, FlowOwner.PERSON


def _ours(beside: Beside) -> tuple[RecordedAction, ...]:
    return (*beside.open_actions, *beside.written_off)


def _is_what_it_asked(gap: Gap, action: RecordedAction, coin: Coin, wait: timedelta) -> bool:
    """Whether it is just what an action would have done, when it can have done it.

    The money of a redeem may be on its way for as long as is waited for money.
    """
    if action.coin != coin or action.first_sent_at is None or action.last_sent_at is None:
        return False
    out = action.verb is Verb.SUBSCRIBE
    effect = minus(ZERO, action.amount) if out else action.amount
    until = action.last_sent_at + LATE_WINDOW + (timedelta(0) if out else wait)
    in_time = gap.at >= action.first_sent_at - CLOCKS and gap.from_at <= until + CLOCKS
    return gap.amount == effect and in_time


def _is_from_before(coin: Coin, gap: Gap, beside: Beside) -> bool:
    """Whether it happened before the first look, and only its record or its money came after."""
    if gap.record_at is not None:
        return gap.record_at < beside.opened_at
    if gap.from_at > beside.opened_at + beside.wait:
        return False
    return gap.amount in (beside.on_the_way or {}).get(coin, ())
