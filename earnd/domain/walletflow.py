"""What the wallet did beyond what the savings records explain.

A record's effect on the wallet is known: a subscribe takes out, a redeem brings in, and so does
interest where it is paid into the wallet. What is left of a change of the wallet is somebody
else's: a deposit, a withdrawal, a trade. Records lag behind the wallet and the wallet behind
records, so a rest is kept as a `Gap` until its counterpart shows (`earnd.domain.walletmatch`) or
it has lasted (`earnd.domain.walletbook`).

Always, and to the last digit: opening + effects of the records + booked flows + gaps = wallet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import Coin
from earnd.domain.money import ZERO, minus, total
from earnd.domain.snapshot import Record, RecordKind, RecordStatus
from earnd.domain.strategy import InterestPaid

CLOCKS = timedelta(minutes=2)
"""How far the time of a record may be from that of the look that showed its effect."""


class FlowKind(StrEnum):
    """What a booked change of the wallet is taken for."""

    OPENING = "opening"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    TRADE = "trade"
    CORRECTION = "correction"


class FlowOwner(StrEnum):
    """Whose doing it was; `unexplained` is what might be ours and has no record."""

    OPENING = "opening"
    PERSON = "person"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Flow:
    """A booked change of the wallet: so much came in, or went out if negative.

    It happened after the look at `from_at`, and the look at `at` showed it. `by_record` says that
    a record was counted in that look too. `corrects` is the place of the flow that it takes back.
    """

    coin: Coin
    from_at: datetime
    at: datetime
    amount: Decimal
    kind: FlowKind
    attributed_to: FlowOwner
    by_record: bool = False
    corrects: int | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """A flow with its place in the ledger."""

    flow_id: int
    flow: Flow


@dataclass(frozen=True, slots=True)
class Gap:
    """So much more in the wallet than the records explain, or less if negative; not booked yet.

    `record_at` is when the newest record in it happened, `None` if it is the wallet's change alone.
    `guess_seq` is the first interest record in it of which it is a guess where it was paid, and
    `guessed` how much of that there is.
    """

    from_at: datetime
    at: datetime
    amount: Decimal
    record_at: datetime | None = None
    guess_seq: int | None = None
    guessed: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class CoinAccount:
    """What lies in the wallet, available and frozen, and what of it is open."""

    wallet: Decimal = ZERO
    gaps: tuple[Gap, ...] = ()

    @property
    def open(self) -> Decimal:
        """All that is neither explained nor booked."""
        return total(gap.amount for gap in self.gaps)


@dataclass(frozen=True, slots=True)
class WalletAccount:
    """The wallet held against the records, as of the look at `at`.

    Records up to `record_upto`, and what was told of them later up to `status_upto`, are counted.
    `into` says where interest goes from now on, for the coins of which that is not the wallet.
    """

    at: datetime
    record_upto: int
    status_upto: int
    coins: Mapping[Coin, CoinAccount]
    into: Mapping[Coin, InterestPaid]


@dataclass(frozen=True, slots=True)
class KeptAccount:
    """The account as it was left; `opened_at` is the first look and `looked_at` the last one.

    `is_current` says that nothing was written since of what it is made of.
    """

    account: WalletAccount
    opened_at: datetime
    looked_at: datetime
    is_current: bool


@dataclass(frozen=True, slots=True)
class News:
    """What the history told since: new records, known ones that failed, and failed ones that hold.

    `records` in the order in which they were seen, with what is known of them now.
    """

    records: tuple[SeenRecord, ...]
    record_upto: int
    status_upto: int
    failed: tuple[SeenRecord, ...] = ()
    revived: tuple[SeenRecord, ...] = ()

    def coins(self) -> frozenset[Coin]:
        """The coins that they are about."""
        return frozenset(s.record.coin for s in (*self.records, *self.failed, *self.revived))


@dataclass(frozen=True, slots=True)
class Switch:
    """Interest of a coin goes elsewhere from the record at `from_seq` on."""

    coin: Coin
    from_seq: int
    into: InterestPaid


@dataclass(frozen=True, slots=True)
class WalletLook:
    """The wallet as seen at `at`; `before` is when it was looked at before that.

    `readings` say for certain where a coin's interest goes; a coin without one is a guess.
    """

    before: datetime
    at: datetime
    wallets: Mapping[Coin, Decimal]
    readings: Mapping[Coin, InterestPaid]


def effect_of(record: Record, into: InterestPaid) -> Decimal:
    """What a record did to the wallet; `into` is where interest goes. What failed did nothing."""
    if record.status is RecordStatus.FAILED:
        return ZERO
    return would_be(record, into)


def would_be(record: Record, into: InterestPaid) -> Decimal:
    """The same, whatever became of the record."""
    match record.kind:
        case RecordKind.SUBSCRIBE:
            return minus(ZERO, record.amount)
        case RecordKind.REDEEM:
            return record.amount
        case RecordKind.INTEREST:
            return ZERO if into is InterestPaid.PRODUCT else record.amount
