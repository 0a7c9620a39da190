"""What records add up to per product, and what else a holding rests on.

A ledger grows for years and a holding is the sum of all its records; what is old enough never to
be asked about one by one again is kept as its sum (`divided`), which is exact.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import ZERO, minus, total
from earnd.domain.snapshot import Record, RecordKind, RecordStatus

Key = tuple[Coin, ProductId]

_NOT_FINAL = (RecordStatus.PENDING, RecordStatus.UNCLEAR)


@dataclass(frozen=True, slots=True)
class Sums:
    """What the records of one product add up to; one that failed moved nothing.

    `opening` is what a person said was held before the first of them. `unsettled` says that one of
    them is not final.
    """

    subscribed: Decimal = ZERO
    redeemed: Decimal = ZERO
    interest: Decimal = ZERO
    opening: Decimal = ZERO
    unsettled: bool = False

    def principal(self) -> Decimal:
        """What is held if interest is paid into the wallet."""
        return minus(total((self.opening, self.subscribed)), self.redeemed)

    def compounded(self) -> Decimal:
        """What is held if interest is paid into the product."""
        return total((self.principal(), self.interest))

    def plus(self, other: Sums) -> Sums:
        """Of both together."""
        return Sums(
            total((self.subscribed, other.subscribed)),
            total((self.redeemed, other.redeemed)),
            total((self.interest, other.interest)),
            total((self.opening, other.opening)),
            self.unsettled or other.unsettled,
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """What a person says was held in a product before its first known record."""

    product_id: ProductId
    coin: Coin
    amount: Decimal
    who: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A record that the exchange listed once and lists no longer, since then."""

    seq: int
    record: Record
    since: datetime


@dataclass(frozen=True, slots=True)
class Beyond:
    """What a holding rests on beyond the records at hand.

    `before` are the sums of records that are not among them.
    """

    before: Mapping[Key, Sums] = field(default_factory=dict)
    openings: tuple[Opening, ...] = ()
    gone: tuple[Gone, ...] = ()


NOTHING_BEYOND = Beyond()


def sum_up(records: Sequence[SeenRecord]) -> dict[Key, Sums]:
    """The sums of all these records, by product."""
    amounts: dict[tuple[Coin, ProductId, RecordKind], list[Decimal]] = defaultdict(list)
    unsettled: set[Key] = set()
    for seen in records:
        record = seen.record
        if record.status is RecordStatus.FAILED:
            continue
        amounts[record.coin, record.product_id, record.kind].append(record.amount)
        if record.status in _NOT_FINAL:
            unsettled.add((record.coin, record.product_id))

    def of(key: Key, kind: RecordKind) -> Decimal:
        return total(amounts.get((*key, kind), ()))

    return {
        key: Sums(
            of(key, RecordKind.SUBSCRIBE),
            of(key, RecordKind.REDEEM),
            of(key, RecordKind.INTEREST),
            unsettled=key in unsettled,
        )
        for key in dict.fromkeys((coin, product_id) for coin, product_id, _ in amounts)
    }


def together(one: Mapping[Key, Sums], other: Mapping[Key, Sums]) -> dict[Key, Sums]:
    """The sums of both."""
    both = dict(one)
    for key, sums in other.items():
        both[key] = both[key].plus(sums) if key in both else sums
    return both


def all_sums(records: Sequence[SeenRecord], beyond: Beyond) -> dict[Key, Sums]:
    """The sums of everything that is known of each product, a person's word included."""
    sums = together(beyond.before, sum_up(records))
    for opening in beyond.openings:
        key = (opening.coin, opening.product_id)
        sums[key] = replace(sums.get(key, Sums()), opening=opening.amount)
    return sums


def divided(
    records: Sequence[SeenRecord], *, since: datetime, upto: int
) -> tuple[tuple[SeenRecord, ...], tuple[SeenRecord, ...]]:
    """Those that may yet be asked about one by one, and those of which the sum is enough.

    The first are all dated at or after `since`, all with a `seq` above `upto`, all that nobody is
    attributed to or that are not final; and of each kind the newest, the newest with a number and
    the newest with a status, so that what an account's records carry is never forgotten.
    """
    kept: list[SeenRecord] = []
    left: list[SeenRecord] = []
    shown: set[tuple[RecordKind, str]] = set()
    for seen in reversed(records):
        traits = _traits(seen.record)
        is_open = seen.attributed_to is None or seen.record.status in _NOT_FINAL
        is_near = seen.record.at >= since or seen.seq > upto
        (kept if is_near or is_open or traits - shown else left).append(seen)
        shown |= traits
    return tuple(reversed(kept)), tuple(reversed(left))


def _traits(record: Record) -> set[tuple[RecordKind, str]]:
    traits = {(record.kind, "")}
    if record.request_no is not None:
        traits.add((record.kind, "number"))
    if record.status is not None:
        traits.add((record.kind, "status"))
    return traits
