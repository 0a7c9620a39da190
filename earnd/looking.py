"""Looking: everything that is seen goes into the ledger before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from earnd.domain.action import State
from earnd.domain.attribution import SeenRecord
from earnd.domain.holdings import Holdings, establish
from earnd.domain.ids import Coin, CycleId
from earnd.domain.priority import Priority
from earnd.domain.reconcile import attribute
from earnd.domain.settling import WATCH
from earnd.domain.snapshot import Position, Snapshot
from earnd.domain.strategy import InterestPaid
from earnd.errors import AskedToStop, SurprisingReply
from earnd.interest import hold_to_promises
from earnd.parts import Parts
from earnd.rereading import ALL_KINDS, chapters, keep_history
from earnd.telling import tell
from earnd.walleting import account_for_wallet

T = TypeVar("T")


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
    history = tuple(chapters(parts, ALL_KINDS, Priority.LOOK))
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
    keep_history(parts, cycle_id, history, snapshot.positions)
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
    holdings = established(parts, sight.snapshot.positions, sight.snapshot.totals)
    hold_to_promises(parts, cycle_id, sight.snapshot, sight.records, holdings)
    # `holdings` is the last that is written of a look: all was made of it that there is.
    account_for_wallet(parts, cycle_id, sight.snapshot, holdings)
    parts.ledger.record_holdings(cycle_id, at, holdings.rows)
    for coin, why in holdings.drift.items():
        parts.log.warning("holding.drifted", coin=coin, why=why)
    return holdings


def established(
    parts: Parts, positions: Sequence[Position], totals: Mapping[Coin, Decimal] | None
) -> Holdings:
    """What we hold by everything that the ledger knows, cross-checked with what was just seen."""
    ledger = parts.ledger
    return establish(
        ledger.records(), positions, totals, interest_paid(parts), beyond=ledger.beyond()
    )


def interest_paid(parts: Parts) -> Callable[[Coin], InterestPaid]:
    """The strategy's word on where interest goes; for a coin it does not know, find out."""

    def of(coin: Coin) -> InterestPaid:
        strategy = parts.strategy.for_coin(coin)
        return InterestPaid.AUTO if strategy is None else strategy.interest_paid

    return of
