"""An unwinding against the practice exchange in virtual time, and what it told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Event

from earnd.cycle import CycleReport
from earnd.domain.action import RecordedAction
from earnd.domain.ids import Coin
from earnd.domain.unwinding import Standing
from earnd.errors import EarndError
from earnd.parts import Parts
from earnd.unwinding import Pace, Unwinder
from earnd.wiring import Wired
from tests.support.practice import Practice

HALF_A_MINUTE = timedelta(seconds=30)


@dataclass
class Heard:
    """Everything that a watcher is told; `until_home` is set when something came home."""

    standings: list[Standing] = field(default_factory=list)
    reports: list[CycleReport] = field(default_factory=list)
    home: list[tuple[str, str]] = field(default_factory=list)
    waited: list[timedelta] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    until_home: Event = field(default_factory=Event)

    def stands(self, standing: Standing, home: Mapping[Coin, Decimal]) -> None:
        del home
        self.standings.append(standing)
        if self.home:
            self.until_home.set()

    def went(self, report: CycleReport) -> None:
        self.reports.append(report)

    def came_home(self, redeem: RecordedAction) -> None:
        self.home.append((redeem.coin, str(redeem.amount)))

    def waits(self, until: datetime, wait: timedelta) -> None:
        del until
        self.waited.append(wait)

    def troubled(self, error: EarndError) -> None:
        self.troubles.append(error.what)


@dataclass
class Unwinding:
    """One life of the command."""

    unwinder: Unwinder
    heard: Heard
    here: Wired


@contextmanager
def unwinding(
    place: Practice,
    *coins: str,
    pace: Pace | None = None,
    change: Callable[[Parts], Parts] = lambda parts: parts,
) -> Iterator[Unwinding]:
    """An unwinding of these coins, or of all, that has not looked yet."""
    heard = Heard()
    with place.daemon() as here:
        wanted = frozenset(map(Coin, coins)) or None
        parts = replace(here.parts, strategy=here.parts.strategy.unwinding(wanted))
        yield Unwinding(Unwinder(change(parts), heard, pace or Pace()), heard, here)
