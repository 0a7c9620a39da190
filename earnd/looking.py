"""Looking: everything that is seen goes into the ledger before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from earnd.domain.action import RecordedAction, State
from earnd.domain.attribution import SeenRecord
from earnd.domain.holdings import Holdings, establish
from earnd.domain.ids import Coin, CycleId
from earnd.domain.reconcile import attribute
from earnd.domain.settling import WATCH
from earnd.domain.snapshot import RecordKind, Snapshot
from earnd.domain.strategy import InterestPaid
from earnd.errors import SurprisingReply
from earnd.parts import Parts

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

    Raises what the reader raises; then nothing of this look is used. Records are read before the
    positions and totals that are compared with them, and the wallet last, because it is what a
    subscribe draws on.
    """
    at = parts.clock.now()
    maintenance = tuple(parts.reader.maintenance())
    read_history(parts, cycle_id, ALL_KINDS)
    snapshot = Snapshot(
        seen_at=at,
        positions=parts.reader.positions(),
        totals=parts.reader.totals(),
        products=parts.reader.products(),
        balances=parts.reader.balances(),
        clock_skew_ms=clock_skew_ms,
        maintenance=maintenance,
    )
    _refuse_sudden_emptiness(snapshot)
    parts.ledger.record_look(cycle_id, snapshot)
    return Sight(snapshot, parts.ledger.records())


def _refuse_sudden_emptiness(snapshot: Snapshot) -> None:
    """An empty list of offers while there are positions is a failure over there, not a fact."""
    if not snapshot.products and snapshot.positions:
        raise SurprisingReply(
            "the exchange lists no product at all while it shows positions",
            where="product list",
            todo="nothing was moved; earnd asks again in the next cycle",
        )


def read_history(parts: Parts, cycle_id: CycleId, kinds: Iterable[RecordKind]) -> None:
    """Reads the history from where it could have changed, and records what is new."""
    at = parts.clock.now()
    watched = [
        *parts.ledger.open_actions(),
        *parts.ledger.written_off(at - WATCH),
    ]
    for kind in kinds:
        since = _since(parts.ledger.watermark(kind), watched)
        records = parts.reader.records(kind, since=since)
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
    for action, seq in found.late:
        parts.ledger.enter(
            action.action_id,
            State.LATE,
            at,
            {"why": "written off, and then its record appeared"},
            cycle_id=cycle_id,
            record_seq=seq,
        )
        parts.log.error(
            "action.late",
            action=action.action_id,
            request_no=action.request_no,
            verb=action.verb.value,
            coin=action.coin,
            amount=str(action.amount),
        )
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
