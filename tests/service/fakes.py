"""What a daemon needs of the world, in the hands of a test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from earnd.cycle import CycleReport
from earnd.domain.history import CycleOutcome
from earnd.domain.ids import CycleId
from earnd.errors import ExchangeRefusedUs
from earnd.service.daemon import Daemon
from earnd.service.notify import Notifier

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


@dataclass
class FakeClock:
    """Stands still until it is moved; the two clocks can be moved apart."""

    wall: datetime = NOON
    steady: float = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def sleep(self, seconds: float) -> None:
        self.passes(timedelta(seconds=seconds))

    def passes(self, span: timedelta) -> None:
        """Time passes, for both."""
        self.wall += span
        self.steady += span.total_seconds()


@dataclass
class FakeLog:
    """Keeps what it is told."""

    lines: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    told: Callable[[], None] = lambda: None
    """Called after a warning."""

    def debug(self, event: str, **fields: object) -> None:
        self.lines.append(("debug", event, fields))

    def info(self, event: str, **fields: object) -> None:
        self.lines.append(("info", event, fields))

    def warning(self, event: str, **fields: object) -> None:
        self.lines.append(("warning", event, fields))
        self.told()

    def error(self, event: str, **fields: object) -> None:
        self.lines.append(("error", event, fields))

    def events(self) -> list[str]:
        """The events, in order."""
        return [event for _, event, _ in self.lines]


class FakeNotifier(Notifier):
    """Keeps what systemd would be told."""

    def __init__(self) -> None:
        super().__init__({})
        self.told: list[str] = []

    def _tell(self, message: str) -> None:
        self.told.append(message)


def report(outcome: CycleOutcome = CycleOutcome.DONE) -> CycleReport:
    """A cycle that ended so."""
    error = None
    if outcome is CycleOutcome.REFUSED:
        error = ExchangeRefusedUs("the key is not known\nREADY=1", where="the exchange")
    return CycleReport(CycleId(7), outcome, error=error)


@dataclass
class House:
    """A daemon around a cycle of the test's."""

    cycle: Callable[[], CycleReport]
    clock: Any = field(default_factory=FakeClock)
    log: FakeLog = field(default_factory=FakeLog)
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
    stop: Event = field(default_factory=Event)
    trigger: BaseTrigger = field(default_factory=lambda: IntervalTrigger(hours=24, timezone=UTC))
    daemon: Daemon = field(init=False)

    def __post_init__(self) -> None:
        self.daemon = Daemon(
            cycle=self._present_cycle,
            trigger=self.trigger,
            stop=self.stop,
            clock=self.clock,
            log=self.log,
            notifier=self.notifier,
            tick_s=0.01,
        )

    def _present_cycle(self) -> CycleReport:
        # The test may put another in its place.
        return self.cycle()
