"""What was held in a product, moment by moment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from earnd.domain.money import ZERO, minus
from earnd.domain.snapshot import Record, RecordKind, RecordStatus


@dataclass(frozen=True, slots=True)
class Course:
    """What was held in a product: `amounts[0]` before the first of the `times`, then each from its
    time on."""

    times: tuple[datetime, ...]
    amounts: tuple[Decimal, ...]

    def within(self, since: datetime, until: datetime) -> tuple[Decimal, ...]:
        """Every amount held from `since` on and before `until`."""
        first = bisect_right(self.times, since)
        return self.amounts[first : bisect_left(self.times, until, first) + 1]

    def just_before(self, moment: datetime) -> Decimal:
        """What was held until a moment."""
        return self.amounts[bisect_left(self.times, moment)]

    def held_since(self, since: datetime) -> datetime:
        """The first moment from `since` on at which anything was held, or `since` if none was."""
        place = bisect_right(self.times, since)
        if self.amounts[place] > 0:
            return since
        later = range(place, len(self.times))
        return next((self.times[n] for n in later if self.amounts[n + 1] > 0), since)


@dataclass(frozen=True, slots=True)
class Held:
    """What was held at least and at most; they differ only while nobody knows where interest goes.

    `least` is what holdings are established by."""

    least: Course
    most: Course


def course(records: Sequence[Record], now: Decimal, *, grows: bool) -> Course:
    """What was held in one product, counted back from what is held now.

    So that a past before the first record is in it, as far as the present amount is certain.
    `grows` says that interest is paid into the product.
    """
    moved = []
    for record in sorted(records, key=lambda record: record.at):
        if record.status is RecordStatus.FAILED:
            continue
        if record.kind is RecordKind.SUBSCRIBE or (grows and record.kind is RecordKind.INTEREST):
            moved.append((record.at, record.amount))
        elif record.kind is RecordKind.REDEEM:
            moved.append((record.at, minus(ZERO, record.amount)))
    amounts = [now]
    for _, change in reversed(moved):
        amounts.append(minus(amounts[-1], change))
    # Of a past that does not add up, no less than nothing was held.
    return Course(
        tuple(at for at, _ in moved), tuple(max(ZERO, amount) for amount in reversed(amounts))
    )
