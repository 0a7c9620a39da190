"""What a cycle is made of, handed over by `wiring.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from earnd.domain.settling import Rules
from earnd.domain.strategy import Strategy
from earnd.ports import Clock, ExchangeReader, ExchangeWriter, Ledger, Log


@dataclass(frozen=True, slots=True)
class Parts:
    """The ports and the settings of a cycle.

    Without a `writer` nothing can be sent: that is all a dry run is. `tag_seed` makes the marks in
    the amounts of this run differ from those of another. `is_paused` and `is_stopping` are asked
    right before every sending.
    `jitter` answers a number from 0 up to 1, drawn anew, by which waits are spread.
    """

    reader: ExchangeReader
    writer: ExchangeWriter | None
    ledger: Ledger
    clock: Clock
    log: Log
    strategy: Strategy
    mode: str
    tag_seed: str
    rules: Rules = field(default_factory=Rules)
    jitter: Callable[[], float] = lambda: 0.5
    max_clock_skew: timedelta = timedelta(seconds=10)
    max_data_age: timedelta = timedelta(minutes=2)
    is_paused: Callable[[], bool] = lambda: False
    is_stopping: Callable[[], bool] = lambda: False
