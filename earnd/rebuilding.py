"""Rebuilding: one cycle that only looks, into a ledger that knows nothing."""

from __future__ import annotations

from collections.abc import Callable

from earnd.cycle import settled_and_seen
from earnd.domain.history import CycleEnd, CycleOutcome
from earnd.parts import Parts

TRIGGER = "rebuild"


def rebuild(parts: Parts, keep: Callable[[], None]) -> None:
    """Reads all that the exchange remembers, says whose doing it was, and what is held now.

    Nothing is decided and nothing sent. `keep` is called when all of it is on record, before the
    cycle ends. Raises what the reader raises; then the cycle has no end, and is no ledger's.
    """
    cycle_id = parts.ledger.begin_cycle(parts.clock.now(), trigger=TRIGGER)
    settled_and_seen(parts, cycle_id)
    keep()
    end = CycleEnd(parts.clock.now(), CycleOutcome.DONE, 0, 0)
    parts.ledger.end_cycle(cycle_id, end)
