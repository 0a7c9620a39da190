"""What a seed's oracle has found so far, and what both of its halves know."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from earnd.sandbox import Record
from tests.simulation.account import Account
from tests.simulation.mirror import Mirror, Told
from tests.simulation.worlds import World

CLOCK_DOUBT = timedelta(seconds=75)
MARK = Decimal("0.0002")
"""Twice the largest mark that an amount of eight decimals bears."""
LARGEST_MIN_MOVE = Decimal(5)
LONGEST_EXECUTION = timedelta(hours=24)


@dataclass(slots=True)
class Findings:
    """The violations, the counts, and the truth that no API tells."""

    account: Account
    world: World
    mirror: Mirror
    violations: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """Why a person was asked, with what was really the case."""
    executed: dict[str, list[Record]] = field(default_factory=dict)
    """What was carried out, by request number."""
    known_at_plan: dict[str, int] = field(default_factory=dict)
    """The newest record that the ledger had when an action was planned, by request number."""
    forgotten: set[str] = field(default_factory=set)
    """Numbers of actions that are in no ledger any more, since an older copy was restored."""
    honest_reads: dict[str, datetime] = field(default_factory=dict)
    """When each kind of record was last read truly and completely."""
    _reported: set[str] = field(default_factory=set)
    _records_read: int = 0

    def wrong(self, invariant: str, what: str) -> None:
        """A violation; the same one is told once."""
        if what not in self._reported:
            self._reported.add(what)
            self.violations.append(f"{invariant}: {what}")

    def tolerated(self, why: str, what: str) -> None:
        """No violation, because nobody could have done better; each is counted once."""
        if what not in self._reported:
            self._reported.add(what)
            self.counts[f"tolerated: {why}"] += 1

    def read_books(self) -> list[Record]:
        """The records that the exchange has written since the last call."""
        new = self.account.books._state.records[self._records_read :]
        self._records_read += len(new)
        for record in new:
            if record.by == "api" and record.request_no is not None:
                self.executed.setdefault(record.request_no, []).append(record)
        return new

    def twins_of(self, told: Told) -> list[Record]:
        """Records of others, or of other numbers, that say what this action asked for."""
        return [
            record
            for record in self.account.books._state.records
            if record.amount == told.amount
            and record.kind == told.verb
            and record.product_id == told.product_id
            and record.request_no != told.number
        ]

    def twins_of_record(self, mine: Record) -> list[Record]:
        """Moves of others by the very amount of one of ours, in whatever direction."""
        return [
            record
            for record in self.account.books._state.records
            if record.amount == mine.amount and record.record_id != mine.record_id
        ]

    def is_undecidable(self, told: Told, record: Record) -> bool:
        """Whether nobody could have told another's record from this action's own.

        It can be told apart where records carry numbers, where it was known before the action was
        planned, where its time is wrong, and where ours could bear a mark and the other is no copy.
        """
        if record.subscribe_type == "AUTO" or self._is_numbered(told.verb):
            return False
        seq = self.mirror.seq_of.get(record.record_id)
        if seq is not None and seq <= self.known_at_plan.get(told.number, 0):
            return False
        if told.attempts:
            first = told.attempts[0].at
            if not first - CLOCK_DOUBT <= record.at <= first + LONGEST_EXECUTION + CLOCK_DOUBT:
                return False
        if record.record_id in self.account.imitated:
            return True
        return told.verb == "redeem" or not self._has_room_for_a_mark(told)

    def _has_room_for_a_mark(self, told: Told) -> bool:
        """Whether the amount of a subscribe could be a little less without being too small."""
        least = max(self.account.books._state.products[told.product_id].minimum, LARGEST_MIN_MOVE)
        return told.amount - MARK >= least

    def _is_numbered(self, kind: str) -> bool:
        """Whether the ledger knows that records of this kind carry numbers."""
        return self.world.settings.records_with_request_no and any(
            row.kind == kind and row.has_number for row in self.mirror.records.values()
        )

    def is_on_its_way(self, number: str) -> bool:
        """Whether a request with this number has not arrived yet."""
        return any(number.encode() in request.body for _, request in self.account.face._parked)


def plainly(why: str) -> str:
    """A reason without its numbers."""
    return re.sub(r"\d[\d.]*", "#", why)
