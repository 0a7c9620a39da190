"""All that one product's payments tell: what each should have been, and how it pays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from earnd.domain.accrual import starts
from earnd.domain.attribution import SeenRecord
from earnd.domain.course import Held, course
from earnd.domain.holdings import Holding, Holdings
from earnd.domain.ids import Coin
from earnd.domain.money import minus, total
from earnd.domain.payment import DAY, STEP, Every, Payment, is_paid, payments
from earnd.domain.promise import SLACK, Promise, promise
from earnd.domain.quarantine import Reading
from earnd.domain.regime import (
    LATELY,
    PaysInto,
    Regime,
    Shortfall,
    additional,
    how_often,
    is_short,
    shortfall,
    tiers,
    time_of_day,
    unit_of,
)
from earnd.domain.snapshot import Snapshot
from earnd.domain.strategy import InterestPaid

MOST_PAYMENTS: Final = 40
"""How a product pays is told by so many of its latest payments: what it did long before them is no
measure of what it does now."""

ReadingsBetween = Callable[[datetime, datetime], Sequence[Reading]]
"""What the product offered from one moment to another, oldest first."""


class Inferred(NamedTuple):
    """How a product pays, what its latest payments should have been, and what they lack."""

    regime: Regime
    promises: tuple[Promise, ...]
    short: Shortfall | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one product.

    `holding` is verified, and `is_grown` if interest is counted in it. `records` are all of the
    product, in the order in which they were seen; `paid_before` is the interest before the first of
    them. `looks` are the complete ones of the time that its latest payments are about.
    """

    holding: Holding
    is_grown: bool
    records: Sequence[SeenRecord]
    paid_before: Decimal
    readings_between: ReadingsBetween
    looks: Sequence[datetime]
    pays_into: PaysInto


def infer(evidence: Evidence, before: Regime, now: datetime) -> Inferred:
    """What the latest payments of a product tell; `before` is what was known of it."""
    latest = latest_payments(evidence.records)
    every, unit = how_often(latest).value, unit_of(latest)
    held = _held(evidence)
    found = _promises(evidence, latest, every, held)
    known = replace(
        before,
        pays_into=evidence.pays_into,
        every=every,
        pays_at=time_of_day(latest).value if every is Every.DAY else None,
        additional=additional(found, unit, before.additional).value,
        tier_rule=tiers(found, unit, before.tier_rule).value,
        payments=len(latest),
    )
    began = starts(
        [seen.record for seen in evidence.records],
        held.least,
        found,
        every=every,
        possible=known.possible,
        unit=unit,
        before=before.starts,
    )
    lacks = shortfall(found, known.possible, unit, now)
    is_told = any(one.is_sure and one.payment.at >= now - LATELY for one in found)
    short = is_short(lacks, before=before.short, is_told=is_told)
    return Inferred(replace(known, starts=began.value, short=short), found, lacks)


def latest_payments(records: Sequence[SeenRecord]) -> tuple[Payment, ...]:
    """The payments among the records of one product that tell how it pays, oldest first."""
    return payments([(seen.seq, seen.record) for seen in records])[-MOST_PAYMENTS:]


def looked_back(payment: Payment) -> datetime:
    """The earliest moment that matters to what a payment should have been."""
    return payment.at - SLACK - DAY - timedelta(hours=1)


def pays_into(
    coin: Coin,
    holdings: Holdings,
    snapshot: Snapshot,
    records: Sequence[SeenRecord],
    *,
    setting: InterestPaid,
    witnessed: bool,
    before: PaysInto,
) -> PaysInto:
    """Where the interest of a coin arrives.

    By the strategy's word; else by the exchange's own total per coin, which fits only one way once
    interest was paid; else by the wallet, if it grew by exactly what was paid in the look that
    first showed it (`witnessed`); else what was known `before`.
    """
    concluded = holdings.interest_into.get(coin, InterestPaid.WALLET)
    if setting is not InterestPaid.AUTO or concluded is InterestPaid.PRODUCT:
        return PaysInto(concluded.value)
    amounts = [row.amount for row in snapshot.positions if row.coin == coin]
    is_told = snapshot.totals is not None or (bool(amounts) and None not in amounts)
    was_paid = any(is_paid(seen.record) and seen.record.amount > 0 for seen in records)
    if witnessed or (is_told and was_paid and coin not in holdings.drift):
        return PaysInto.WALLET
    return before


def _held(evidence: Evidence) -> Held:
    """What was held; as long as nobody knows where interest goes, with and without it."""
    records = [seen.record for seen in evidence.records]
    paid = total(record.amount for record in records if is_paid(record))
    interest = total((paid, evidence.paid_before))
    now = evidence.holding.amount
    principal = minus(now, interest) if evidence.is_grown else now
    alone = course(records, principal, grows=False)
    grown = course(records, total((principal, interest)), grows=True)
    if evidence.pays_into is PaysInto.UNKNOWN:
        return Held(alone, grown)
    one = grown if evidence.pays_into is PaysInto.PRODUCT else alone
    return Held(one, one)


def _promises(
    evidence: Evidence, latest: Sequence[Payment], every: Every, held: Held
) -> tuple[Promise, ...]:
    if every not in STEP or not evidence.looks:
        return ()
    readings = evidence.readings_between(looked_back(latest[0]), evidence.looks[-1])
    found = (promise(payment, every, held, readings, evidence.looks) for payment in latest)
    return tuple(one for one in found if one is not None)


def grew_by(change: Decimal | None, coin: Coin, news: Sequence[SeenRecord]) -> bool:
    """Whether the wallet grew by exactly the interest that came to light in one look.

    `change` is what became of it between that look and the one before; `news` are the records of
    all coins that the look was the first to show. Where anything but interest is among those of
    the coin, the wallet tells nothing.
    """
    mine = [seen.record for seen in news if seen.record.coin == coin]
    paid = total(record.amount for record in mine)
    return paid > 0 and all(is_paid(record) for record in mine) and change == paid
