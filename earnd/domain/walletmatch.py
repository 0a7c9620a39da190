"""Gaps of one coin that are two sides of one thing: a record, and what it did to the wallet.

A record can show before its money and money before its record, so each side leaves a gap first.
Exact pairs close, then sums; what is left of a record is put to the change of the wallet that it
must be in, by its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import combinations

from earnd.domain.money import ZERO, total
from earnd.domain.walletflow import CLOCKS, Gap

PASSING = timedelta(minutes=10)
"""A wallet that went and came back within this was a reading out of date, not two people."""

_MOST = 12  # gaps in which larger sums are looked for: there are hardly ever more than three
_LARGEST = 4


def closed(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Without those that add up to nothing."""
    left = tuple(sorted(gaps, key=lambda gap: gap.at))
    while True:
        found = next((group for group in _groups(left) if _is_nothing(group)), None)
        if found is None:
            return left
        left = tuple(gap for gap in left if gap not in found)


def _groups(gaps: Sequence[Gap]) -> Iterator[tuple[Gap, ...]]:
    """Pairs, the closest first; then what followed one another; then any few."""
    pairs = combinations(gaps, 2)
    yield from sorted(pairs, key=lambda pair: (pair[1].at - pair[0].at, pair[0].at))
    for size in range(3, len(gaps) + 1):
        for begin in range(len(gaps) - size + 1):
            yield tuple(gaps[begin : begin + size])
    if len(gaps) <= _MOST:
        for size in range(3, min(len(gaps), _LARGEST) + 1):
            yield from combinations(gaps, size)


def _is_nothing(group: Sequence[Gap]) -> bool:
    """Whether they add up to nothing, and a record or a stale reading can be why."""
    if total(gap.amount for gap in group):
        return False
    has_record = any(gap.record_at is not None for gap in group)
    return has_record or group[-1].at - group[0].at <= PASSING


def merged(gaps: Sequence[Gap], wait: timedelta, is_due: Callable[[Gap], bool]) -> tuple[Gap, ...]:
    """With each record's gap put to the wallet's, where the one must hold the other.

    The wallet moved within the look in whose span the record's time lies; the money of a redeem
    may also come up to `wait` after its record. Only where one of the two is due: until then the
    gap may yet meet its exact counterpart.
    """
    left = list(gaps)
    for gap in gaps:
        if gap.record_at is None or gap not in left:
            continue
        near = (each for each in left if _holds(each, gap, wait))
        other = next((each for each in near if is_due(gap) or is_due(each)), None)
        if other is None:
            continue
        left.remove(gap)
        left.remove(other)
        amount = total((gap.amount, other.amount))
        if amount:
            # When of the two spans the rest of it happened is not known.
            begin, end = min(gap.from_at, other.from_at), max(gap.at, other.at)
            left.append(Gap(begin, end, amount, gap.record_at))
    return tuple(sorted(left, key=lambda gap: gap.at))


def _holds(wallet: Gap, gap: Gap, wait: timedelta) -> bool:
    """Whether a change of the wallet alone may have the effect of the record in it."""
    if wallet.record_at is not None or gap.record_at is None:
        return False
    if (wallet.amount > ZERO) is (gap.amount > ZERO):
        return False
    if wallet.from_at - CLOCKS <= gap.record_at <= wallet.at + CLOCKS:
        return True
    is_late = wallet.at > gap.at and wallet.from_at <= gap.at + wait
    return is_late and gap.amount < ZERO and wallet.amount > -gap.amount
