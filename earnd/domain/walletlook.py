"""One more look at the wallet: what of its change the records explain, and what stays open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import Coin
from earnd.domain.money import ZERO, minus, total
from earnd.domain.snapshot import RecordKind, RecordStatus
from earnd.domain.strategy import InterestPaid
from earnd.domain.walletflow import (
    CLOCKS,
    CoinAccount,
    Flow,
    FlowKind,
    FlowOwner,
    Gap,
    News,
    Switch,
    WalletAccount,
    WalletLook,
    effect_of,
    would_be,
)


def opened(
    look: WalletLook, news: News
) -> tuple[WalletAccount, tuple[Flow, ...], tuple[Switch, ...]]:
    """The account at the first look: what is there is its opening, and all records are before."""
    flows = tuple(
        Flow(coin, look.at, look.at, amount, FlowKind.OPENING, FlowOwner.OPENING)
        for coin, amount in sorted(look.wallets.items())
        if amount
    )
    coins = {coin: CoinAccount(amount) for coin, amount in look.wallets.items() if amount}
    first: dict[Coin, int] = {}
    for seen in filter(_is_interest, news.records):
        first.setdefault(seen.record.coin, seen.seq)
    switches = tuple(
        Switch(coin, seq, InterestPaid.PRODUCT)
        for coin, seq in sorted(first.items())
        if look.readings.get(coin) is InterestPaid.PRODUCT
    )
    into = {switch.coin: switch.into for switch in switches}
    account = WalletAccount(look.at, news.record_upto, news.status_upto, coins, into)
    return account, flows, switches


def looked(
    account: WalletAccount, look: WalletLook, news: News
) -> tuple[WalletAccount, tuple[Switch, ...]]:
    """The account after one more look, with a gap for each coin that it does not explain."""
    coins: dict[Coin, CoinAccount] = {}
    into = dict(account.into)
    switches: list[Switch] = []
    for coin in sorted(account.coins.keys() | look.wallets.keys() | news.coins()):
        here = account.coins.get(coin, CoinAccount())
        fresh = [s for s in news.records if s.record.coin == coin and _is_interest(s)]
        goes_to = into.get(coin, InterestPaid.WALLET)
        said = look.readings.get(coin)
        if said is not None:
            first = min(
                (*(g.guess_seq for g in here.gaps if g.guess_seq), *(s.seq for s in fresh)),
                default=None,
            )
            if said is not goes_to and first is not None:
                switches.append(Switch(coin, first, said))
                here = replace(here, gaps=regarded(here.gaps, said))
                into[coin] = goes_to = said
            here = replace(here, gaps=tuple(_sure(gap) for gap in here.gaps))
        wallet = look.wallets.get(coin, ZERO)
        gap, known = _unexplained(here, coin, look, news, goes_to)
        if said is None and fresh:
            guessed = total(s.record.amount for s in fresh)
            gap = replace(
                gap,
                record_at=max(s.record.at for s in fresh),
                guess_seq=fresh[0].seq,
                guessed=guessed,
            )
        coins[coin] = CoinAccount(wallet, _joined(known, gap) if gap.amount else known)
    new = WalletAccount(look.at, news.record_upto, news.status_upto, coins, into)
    return new, tuple(switches)


def regarded(gaps: Sequence[Gap], into: InterestPaid) -> tuple[Gap, ...]:
    """The gaps if the interest that was guessed about had gone to the other place, to `into`."""
    sign = Decimal(1) if into is InterestPaid.PRODUCT else Decimal(-1)
    changed = (replace(_sure(gap), amount=total((gap.amount, sign * gap.guessed))) for gap in gaps)
    return tuple(gap for gap in changed if gap.amount)


def _sure(gap: Gap) -> Gap:
    return replace(gap, guess_seq=None, guessed=ZERO)


def _is_interest(seen: SeenRecord) -> bool:
    record = seen.record
    return record.kind is RecordKind.INTEREST and record.status is not RecordStatus.FAILED


def _unexplained(
    here: CoinAccount, coin: Coin, look: WalletLook, news: News, goes_to: InterestPaid
) -> tuple[Gap, tuple[Gap, ...]]:
    """What of this look's change the records leave, and the gaps that they do not explain."""
    told = [s.record for s in news.records if s.record.coin == coin]
    failed = [s.record for s in news.failed if s.record.coin == coin]
    revived = [s.record for s in news.revived if s.record.coin == coin]
    effects = [
        *((record.at, effect_of(record, goes_to)) for record in told),
        *((record.at, minus(ZERO, would_be(record, goes_to))) for record in failed),
        *((record.at, would_be(record, goes_to)) for record in revived),
    ]
    change = minus(look.wallets.get(coin, ZERO), here.wallet)
    gaps = here.gaps
    if change != total(effect for _, effect in effects):
        gaps, effects = _seen_before(gaps, [each for each in effects if each[1]])
    amount = minus(change, total(effect for _, effect in effects))
    record_at = max((at for at, effect in effects if effect), default=None)
    return Gap(min(look.before, look.at), look.at, amount, record_at), gaps


def _seen_before(
    gaps: tuple[Gap, ...], effects: Sequence[tuple[datetime, Decimal]]
) -> tuple[tuple[Gap, ...], list[tuple[datetime, Decimal]]]:
    """Without the changes that an earlier look showed and whose record is here now."""
    left, others = list(gaps), []
    for at, effect in effects:
        same = [
            gap
            for gap in left
            if gap.record_at is None and gap.amount == effect and at <= gap.at + CLOCKS
        ]
        if same:
            left.remove(min(same, key=lambda gap: abs(gap.at - at)))
        else:
            others.append((at, effect))
    return tuple(left), others


def _joined(gaps: tuple[Gap, ...], new: Gap) -> tuple[Gap, ...]:
    """With one more; two of the same moment are one."""
    same = next((gap for gap in gaps if gap.at == new.at), None)
    if same is None:
        return (*gaps, new)
    others = tuple(gap for gap in gaps if gap is not same)
    amount = total((same.amount, new.amount))
    if not amount:
        return others
    times = [at for at in (same.record_at, new.record_at) if at is not None]
    seqs = [seq for seq in (same.guess_seq, new.guess_seq) if seq is not None]
    one = Gap(
        min(same.from_at, new.from_at),
        new.at,
        amount,
        max(times, default=None),
        min(seqs, default=None),
        total((same.guessed, new.guessed)),
    )
    return (*others, one)
