"""Payments of interest, and how often they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from earnd.domain.money import EXACT
from earnd.domain.snapshot import Record, RecordKind, RecordStatus

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


class Every(StrEnum):
    """How often interest is paid."""

    HOUR = "hour"
    DAY = "day"
    OTHER = "other"
    UNKNOWN = "unknown"


STEP: Final[Mapping[Every, timedelta]] = {Every.HOUR: HOUR, Every.DAY: DAY}
"""The length of a period, where it is known."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One interest record; `gap` is how long after the one before it, `None` for the first."""

    seq: int
    at: datetime
    amount: Decimal
    gap: timedelta | None


def payments(records: Sequence[tuple[int, Record]]) -> tuple[Payment, ...]:
    """The interest records among some of one product, each with its `seq`, oldest first."""
    ordered = sorted(
        (pair for pair in records if is_paid(pair[1])), key=lambda pair: (pair[1].at, pair[0])
    )
    found: list[Payment] = []
    for seq, record in ordered:
        gap = record.at - found[-1].at if found else None
        found.append(Payment(seq, record.at, record.amount, gap))
    return tuple(found)


def is_paid(record: Record) -> bool:
    """Whether a record is interest that came."""
    return record.kind is RecordKind.INTEREST and record.status is not RecordStatus.FAILED


def kind_of(gap: timedelta) -> Every:
    """What a gap between two payments says of how often they come.

    Payments of a day may be spread over some hours (BitMart: "within 15 minutes", earlier "within
    two hours"), those of an hour over some minutes.
    """
    if abs(gap - HOUR) <= HOUR / 6:
        return Every.HOUR
    return Every.DAY if abs(gap - DAY) <= 3 * HOUR else Every.OTHER


def decimals(amount: Decimal) -> int:
    """How many decimals an amount has, trailing zeros aside."""
    exponent = amount.normalize(EXACT).as_tuple().exponent
    return max(0, -int(exponent))
