"""A wallet and a history as earnd sees them, look by look, and the account that it keeps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from earnd.domain.action import RecordedAction
from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import Coin
from earnd.domain.money import ZERO, total
from earnd.domain.strategy import InterestPaid
from earnd.domain.walletbook import Beside, settled
from earnd.domain.walletflow import (
    Booked,
    Flow,
    FlowKind,
    News,
    Switch,
    WalletAccount,
    WalletLook,
    effect_of,
)
from earnd.domain.walletlook import looked, opened
from tests.support.world import NOON, USDT

HOUR = timedelta(hours=1)


@dataclass
class Seen:
    """What was seen so far; the first look is at noon."""

    readings: Mapping[Coin, InterestPaid] = field(
        default_factory=lambda: {USDT: InterestPaid.WALLET}
    )
    now: datetime = NOON
    account: WalletAccount | None = None
    flows: list[Flow] = field(default_factory=list)
    switches: list[Switch] = field(default_factory=list)
    records: list[SeenRecord] = field(default_factory=list)
    before: int = 0
    wallets: dict[Coin, Decimal] = field(default_factory=dict)
    on_the_way: Mapping[Coin, Sequence[Decimal]] = field(default_factory=dict)
    wait: timedelta = HOUR

    def look(
        self,
        wallet: str | Decimal | Mapping[Coin, Decimal],
        *records: SeenRecord,
        minutes: int = 30,
        actions: Sequence[RecordedAction] = (),
        written_off: Sequence[RecordedAction] = (),
        failed: Iterable[SeenRecord] = (),
        revived: Iterable[SeenRecord] = (),
    ) -> list[Flow]:
        """A look so much later, and these records with it; answers what was booked in it."""
        wallets = wallet if isinstance(wallet, Mapping) else {USDT: Decimal(wallet)}
        self.wallets = dict(wallets)
        last, upto = self.now, max((s.seq for s in (*self.records, *records)), default=0)
        news = News(records, upto, 0, tuple(failed), tuple(revived))
        self.records += records
        if self.account is None:
            look = WalletLook(self.now, self.now, wallets, self.readings)
            self.account, flows, switches = opened(look, news)
            self.flows, self.before = list(flows), upto
            self.switches = list(switches)
            return list(flows)
        self.now += timedelta(minutes=minutes)
        look = WalletLook(last, self.now, wallets, self.readings)
        account, learnt = looked(self.account, look, news)
        taken = {flow.corrects for flow in self.flows}
        booked = tuple(
            Booked(n, flow)
            for n, flow in enumerate(self.flows)
            if flow.kind not in {FlowKind.OPENING, FlowKind.CORRECTION} and n not in taken
        )
        beside = Beside(NOON, self.wait, actions, written_off, booked, self.on_the_way)
        done = settled(account, beside)
        self.account = done.account
        self.flows += done.flows
        self.switches += (*learnt, *done.switches)
        return list(done.flows)

    def quiet(self, looks: int = 6) -> list[Flow]:
        """Nothing new for hours; answers all that was booked by then, without the opening."""
        for _ in range(looks):
            self.look(self.wallets, minutes=60)
        return [flow for flow in self.flows if flow.kind is not FlowKind.OPENING]

    def open(self, coin: Coin = USDT) -> Decimal:
        """What is neither explained nor booked."""
        assert self.account is not None
        here = self.account.coins.get(coin)
        return ZERO if here is None else here.open

    def into(self, seen: SeenRecord) -> InterestPaid:
        """Where the interest of a record went, by the newest word about it."""
        for switch in reversed(self.switches):
            if switch.coin == seen.record.coin and switch.from_seq <= seen.seq:
                return switch.into
        return InterestPaid.WALLET

    def adds_up(self, coin: Coin = USDT) -> bool:
        """Whether opening + effects + flows + what is open = wallet, to the last digit."""
        parts = [flow.amount for flow in self.flows if flow.coin == coin]
        parts += [
            effect_of(seen.record, self.into(seen))
            for seen in self.records
            if seen.seq > self.before and seen.record.coin == coin
        ]
        return total((*parts, self.open(coin))) == self.wallets.get(coin, ZERO)
