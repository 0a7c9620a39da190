"""From when new money earns, by the first payment after a product was entered from nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

from earnd.domain.course import Course
from earnd.domain.money import EXACT, ROUNDING_DOWN, minus, total
from earnd.domain.payment import DAY, HOUR, STEP, Every, is_paid
from earnd.domain.promise import Basis, Promise, Rule
from earnd.domain.regime import Finding, Starts
from earnd.domain.snapshot import Record, RecordKind, RecordStatus

LATEST_PAYMENT: Final = timedelta(hours=6)
"""So long after the end of a period its interest may be paid (BitMart: two hours at most) for this
to be told; a first payment that fits two answers then tells nothing."""

AFTERWARDS: Final = timedelta(days=3)
"""Where interest came so shortly before, nobody can tell for which of two stays a payment is."""

_DAYS_BEGIN: Final = frozenset({0, 4, 16})
"""Hours (UTC) at which the days of exchanges begin: an hour and a day can begin together there."""

_CUT_TWICE: Final = 2
_FEWEST_UNITS: Final = 100


def starts(
    records: Sequence[Record],
    held: Course,
    promises: Sequence[Promise],
    *,
    every: Every,
    possible: Collection[Rule],
    unit: Decimal,
    before: Starts,
) -> Finding[Starts]:
    """From when new money earns; `before` stands while no first payment tells.

    `records` are all of one product, `promises` those of its latest payments. Entries that say
    different things leave it unknown.
    """
    by_time = {promise.payment.at: promise for promise in promises}
    known = []
    for entry, first in _entries(records, held):
        promise = by_time.get(first.at)
        if promise is not None and promise.basis is not Basis.UNWATCHED:
            word = _word(entry.at, every, promise, possible, unit)
            known += [word] if word is not Starts.UNKNOWN else []
    if not known:
        return Finding(before, 0)
    is_agreed = len(set(known)) == 1
    return Finding(known[0], len(known)) if is_agreed else Finding(Starts.UNKNOWN, 0)


def _entries(records: Sequence[Record], held: Course) -> Iterator[tuple[Record, Record]]:
    """What put money where nothing was, each with the payment that was the next thing to happen.

    Only where no payment can have been due for money that was there before.
    """
    ordered = sorted(
        (one for one in records if one.status is not RecordStatus.FAILED), key=lambda one: one.at
    )
    paid_at: datetime | None = None
    for record, following in pairwise(ordered):
        if is_paid(record):
            paid_at = record.at
        is_apart = paid_at is None or paid_at <= record.at - AFTERWARDS
        is_entry = record.kind is RecordKind.SUBSCRIBE and held.just_before(record.at) == 0
        if is_entry and is_apart and is_paid(following):
            yield record, following


def _word(
    entered: datetime, every: Every, promise: Promise, possible: Collection[Rule], unit: Decimal
) -> Starts:
    whole = [promise.bounds[rule].whole for rule in possible]
    paid, waited = promise.payment.amount, promise.payment.at - entered
    if paid < unit * _FEWEST_UNITS:
        return Starts.UNKNOWN
    if any(_is(paid, amount, unit) for amount in whole):
        return _by_hour(entered, waited) if every is Every.HOUR else _by_day(waited)
    if every is Every.DAY and any(
        _is(paid, _part(amount, entered, promise), unit) for amount in whole
    ):
        return Starts.NEXT_HOUR
    return Starts.UNKNOWN


def _by_day(waited: timedelta) -> Starts:
    """Paid by the day, and the first payment is for a whole one."""
    if DAY + LATEST_PAYMENT < waited <= 2 * DAY:
        return Starts.NEXT_DAY
    if 2 * DAY + LATEST_PAYMENT < waited <= 3 * DAY:
        return Starts.SECOND_DAY
    return Starts.UNKNOWN


def _by_hour(entered: datetime, waited: timedelta) -> Starts:
    """Paid by the hour, and the first payment is for a whole one."""
    if HOUR < waited <= 2 * HOUR + HOUR / 2:
        is_both = _next_hour(entered).hour in _DAYS_BEGIN
        return Starts.UNKNOWN if is_both else Starts.NEXT_HOUR
    if 3 * HOUR < waited <= DAY + HOUR:
        return Starts.NEXT_DAY
    if DAY + 3 * HOUR < waited <= 2 * DAY + HOUR:
        return Starts.SECOND_DAY
    return Starts.UNKNOWN


def _next_hour(moment: datetime) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + HOUR


def _part(amount: Decimal, entered: datetime, promise: Promise) -> Decimal:
    """What a whole day's interest comes to from the next full hour on."""
    microsecond = timedelta(microseconds=1)
    earning = max(timedelta(0), promise.period_to - _next_hour(entered))
    worth = EXACT.multiply(amount, Decimal(earning // microsecond))
    return ROUNDING_DOWN.divide(worth, Decimal(STEP[Every.DAY] // microsecond))


def _is(paid: Decimal, amount: Decimal, unit: Decimal) -> bool:
    margin = unit * _CUT_TWICE
    return minus(amount, margin) <= paid <= total((amount, margin))
