"""What the exchange remembers: the records it shows, and the request numbers it has seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from earnd.sandbox.clock import to_ms

RecordKind = Literal["subscribe", "redeem", "interest"]
RECORD_KINDS: tuple[RecordKind, ...] = ("subscribe", "redeem", "interest")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row of Get History Records."""

    record_id: str
    kind: RecordKind
    product_id: str
    coin: str
    amount: Decimal
    at: datetime
    visible_at: datetime
    subscribe_type: Literal["NORMAL", "AUTO"] = "NORMAL"
    request_no: str | None = None
    by: Literal["api", "person", "exchange"] = "api"
    """Who caused it. The API never tells; tests want to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """What a caller asked of Get History Records."""

    kind: str
    coin: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None

    def admits(self, record: Record, now: datetime) -> bool:
        """Whether this record is shown; both ends of the span belong to it."""
        if record.kind != self.kind or record.visible_at > now:
            return False
        if self.coin is not None and record.coin != self.coin:
            return False
        at = to_ms(record.at)
        late_enough = self.start_ms is None or at >= self.start_ms
        return late_enough and (self.end_ms is None or at <= self.end_ms)


class Numbers:
    """The request numbers known at a time, for as long as the exchange remembers them."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], datetime] = {}

    def knows(self, scope: str, request_no: str, now: datetime, memory: timedelta | None) -> bool:
        """Whether this number was remembered less than `memory` ago; None is for ever."""
        seen_at = self._seen.get((scope, request_no))
        if seen_at is None:
            return False
        return memory is None or now - seen_at < memory

    def remember(self, scope: str, request_no: str, now: datetime) -> None:
        """From now on this number is known."""
        self._seen[(scope, request_no)] = now
