"""Looking: everything that is seen goes into the ledger before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from earnd.domain.action import RecordedAction, State
from earnd.domain.attribution import SeenRecord
from earnd.domain.holdings import Holdings, establish
from earnd.domain.ids import Coin, CycleId
from earnd.domain.priority import Priority
from earnd.domain.reconcile import attribute
from earnd.domain.settling import WATCH
from earnd.domain.snapshot import RecordKind, Snapshot
from earnd.domain.strategy import InterestPaid
from earnd.errors import AskedToStop, SurprisingReply
from earnd.parts import Parts
from earnd.telling import tell

T = TypeVar("T")

OVERLAP = timedelta(days=2)
"""How far behind the newest known record the history is read again: records can come late."""

ALL_KINDS = (RecordKind.SUBSCRIBE, RecordKind.REDEEM, RecordKind.INTEREST)


@dataclass(frozen=True, slots=True)
class Sight:
    """One complete look, and all the records known after it."""

    snapshot: Snapshot
    records: tuple[SeenRecord, ...]


def look(parts: Parts, cycle_id: CycleId, clock_skew_ms: int) -> Sight:
    """Everything there is to see, recorded.

    Raises what the reader raises, or `AskedToStop`; then nothing of this look is used.
    Records are read before the positions and totals that are compared with them, and the wallet
    last, because it is what a subscribe draws on.
    """
    at = parts.clock.now()
    maintenance = tuple(_unless_stopping(parts, parts.reader.maintenance))
    for kind in ALL_KINDS:
        _unless_stopping(parts, partial(read_history, parts, cycle_id, (kind,), Priority.LOOK))
    snapshot = Snapshot(
        seen_at=at,
        positions=_unless_stopping(parts, parts.reader.positions),
        totals=_unless_stopping(parts, parts.reader.totals),
        products=_unless_stopping(parts, parts.reader.products),
        balances=_unless_stopping(parts, parts.reader.balances),
        clock_skew_ms=clock_skew_ms,
        maintenance=maintenance,
    )
    _refuse_sudden_emptiness(snapshot)
    parts.ledger.record_look(cycle_id, snapshot)
    return Sight(snapshot, parts.ledger.records())


def _unless_stopping(parts: Parts, read: Callable[[], T]) -> T:
    """One reading, unless we were asked to stop: a slow exchange must not hold up the end."""
    if parts.is_stopping():
        raise AskedToStop("asked to stop")
    return read()


def _refuse_sudden_emptiness(snapshot: Snapshot) -> None:
    """An empty list of offers while there are positions is a failure over there, not a fact."""
    if not snapshot.products and snapshot.positions:
        raise SurprisingReply(
            "the exchange lists no product at all while it shows positions",
            where="product list",
            todo="nothing was moved; earnd asks again in the next cycle",
        )


def read_history(
    parts: Parts,
    cycle_id: CycleId,
    kinds: Iterable[RecordKind],
    priority: Priority = Priority.SETTLE,
) -> None:
    """Reads the history from where it could have changed, and records what is new."""
    at = parts.clock.now()
    watched = [
        *parts.ledger.open_actions(),
        *parts.ledger.written_off(at - WATCH),
    ]
    for kind in kinds:
        since = _since(parts.ledger.watermark(kind), watched)
        is_first = since is None and priority is Priority.LOOK
        urgency = Priority.HISTORY if is_first else priority
        records = parts.reader.records(kind, since=since, priority=urgency)
        parts.ledger.record_history(cycle_id, at, kind, records)


def _since(watermark: datetime | None, watched: Iterable[RecordedAction]) -> datetime | None:
    """From when to read: behind the newest known record and before every action that is watched."""
    if watermark is None:
        return None
    earliest = min((action.planned_at for action in watched), default=watermark)
    return min(watermark - OVERLAP, earliest - timedelta(hours=1))


def reconcile(parts: Parts, cycle_id: CycleId, sight: Sight) -> Holdings:
    """Says whose doing the new records are, and what we hold; both are recorded."""
    at = parts.clock.now()
    found = attribute(
        sight.records,
        parts.ledger.open_actions(),
        parts.ledger.written_off(at - WATCH),
        doubt=parts.rules.doubt,
    )
    parts.ledger.attribute(cycle_id, at, found.owners)
    why = "written off, and then its record appeared"
    for action, seq in found.late:
        parts.ledger.enter(
            action.action_id,
            State.LATE,
            at,
            {"why": why},
            cycle_id=cycle_id,
            record_seq=seq,
        )
        tell(parts.log, action, State.LATE, why)
    holdings = establish(
        sight.records, sight.snapshot.positions, sight.snapshot.totals, interest_paid(parts)
    )
    parts.ledger.record_holdings(cycle_id, at, holdings.rows)
    for coin, why in holdings.drift.items():
        parts.log.warning("holding.drifted", coin=coin, why=why)
    return holdings


def interest_paid(parts: Parts) -> Callable[[Coin], InterestPaid]:
    """The strategy's word on where interest goes; for a coin it does not know, find out."""

    def of(coin: Coin) -> InterestPaid:
        strategy = parts.strategy.for_coin(coin)
        return InterestPaid.AUTO if strategy is None else strategy.interest_paid

    return of
