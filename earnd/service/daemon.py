"""The daemon: a schedule around one cycle, and an orderly end.

APScheduler decides when; nothing of value is in it. It survives whatever a job raises, even
`SystemExit`, so the job catches everything itself and asks for the end where an end is due.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import FrameType

from apscheduler.job import Job
from apscheduler.triggers.base import BaseTrigger

from earnd.cycle import CycleReport
from earnd.domain.history import CycleOutcome
from earnd.errors import EarndError, ExitCode, LedgerError, LedgerHeldUp
from earnd.ports import Clock, Log
from earnd.service.notify import Notifier
from earnd.service.schedule import OVERDUE, scheduler_for

REFUSALS_IN_A_ROW = 3
"""So many refused cycles in a row end the daemon: a wrong key is not mended by knocking."""

FAILURES_IN_A_ROW = 5
"""So many unforeseen failures in a row end the daemon, so that systemd starts a fresh one."""

HELD_UP_IN_A_ROW = 12
"""So many cycles in a row that could not write for a reason that may pass (a full disk, another
program's lock) end the daemon: at a cycle every quarter of an hour, three hours of warnings."""

LONGEST_CYCLE = timedelta(minutes=10)
"""A cycle that takes longer is hung: the watchdog is no longer fed and systemd ends it."""

CLOCK_STEP = timedelta(minutes=1)
"""When the clock was set by more than this, or the machine slept so long, a cycle begins at once:
the scheduler waits for a time of day that is far away or long past, by a clock that sleeps too."""

TICK_S = 5.0
"""How often the watchdog is fed."""


@dataclass(slots=True)
class _Progress:
    """What the main thread needs to know of the cycle's thread to vouch for it."""

    running_since: float | None = None
    refused: int = 0
    failed: int = 0
    held_up: int = 0
    exit_code: ExitCode = ExitCode.FINE


class Daemon:
    """Runs `cycle` on a schedule until it is asked to stop or must."""

    def __init__(
        self,
        *,
        cycle: Callable[[], CycleReport],
        afterwards: Callable[[], None] | None = None,
        trigger: BaseTrigger,
        stop: threading.Event,
        clock: Clock,
        log: Log,
        notifier: Notifier,
        tick_s: float = TICK_S,
    ) -> None:
        self._cycle = cycle
        self._afterwards = afterwards
        self._trigger = trigger
        self._stop = stop
        self._clock = clock
        self._log = log
        self._notifier = notifier
        self._tick_s = tick_s
        self._progress = _Progress()
        self._was_hung_up = False
        self._offset_s = self._clock_offset_s()
        self._ticked_s = clock.monotonic()

    def run(self) -> ExitCode:
        """Runs until the end; answers the exit code.

        The first cycle begins at once. On SIGTERM or SIGINT what is in flight is finished and
        recorded before this returns.
        """
        scheduler, job = scheduler_for(self.one_pass, self._trigger, self._clock.now())
        with self._signals_caught():
            scheduler.start()
            try:
                while not self._stop.wait(self._tick_s):
                    self.tick(job)
            finally:
                self._notifier.stopping()
                self._log.info("daemon.stopping")
                scheduler.shutdown(wait=True)
        return self._progress.exit_code

    def tick(self, job: Job) -> None:
        """What the main thread does between two looks at whether it should stop."""
        if self._was_hung_up:
            self._was_hung_up = False
            self._log.warning(
                "daemon.not_reloaded", why="the configuration is read once", todo="restart earnd"
            )
        self._mind_the_clock(job)
        if self.is_healthy(job.next_run_time):
            self._notifier.alive()

    def one_pass(self) -> None:
        """One cycle with everything caught, and what follows it unless it was the last.

        What must end the daemon asks for it; what follows never does.
        """
        if not self._stop.is_set():
            with self._as_progress():
                self._one_cycle()
        if self._afterwards is not None and not self._stop.is_set():
            with self._as_progress():
                self._what_follows(self._afterwards)

    @contextmanager
    def _as_progress(self) -> Iterator[None]:
        """What is done inside is vouched for while it is not hung, and its end is progress."""
        self._progress.running_since = self._clock.monotonic()
        try:
            yield
        finally:
            self._progress.running_since = None
            self._notifier.alive()

    def _what_follows(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the scheduler would swallow it
            self._log.error("afterwards.crashed", error=repr(error), exc_info=True)

    def _one_cycle(self) -> None:
        try:
            self._account_for(self._cycle())
        except LedgerHeldUp as error:
            self._count_held_up(error)
        except LedgerError as error:
            self._log.error("ledger.failed", error=str(error))
            self._end(ExitCode(error.exit_code))
        except EarndError as error:
            self._log.error("cycle.failed", error=str(error))
            self._count_failure()
        except BaseException as error:  # noqa: BLE001 - the scheduler would swallow it
            self._log.error("cycle.crashed", error=repr(error), exc_info=True)
            self._count_failure()

    def _account_for(self, report: CycleReport) -> None:
        self._progress.failed = self._progress.held_up = 0
        is_refused = report.outcome is CycleOutcome.REFUSED
        self._progress.refused = self._progress.refused + 1 if is_refused else 0
        self._notifier.status(
            f"cycle {report.cycle_id} {report.outcome.value}, sent {report.tally.sent}"
            + (f": {report.error.what}" if report.error else "")
        )
        if self._progress.refused >= REFUSALS_IN_A_ROW:
            self._log.error(
                "daemon.gives_up", why="the exchange refuses us", cycles=self._progress.refused
            )
            self._end(ExitCode.REFUSED)

    def _count_held_up(self, error: LedgerHeldUp) -> None:
        self._progress.held_up += 1
        self._log.warning(
            "ledger.held_up",
            error=str(error),
            cycles=self._progress.held_up,
            ends_after=HELD_UP_IN_A_ROW,
        )
        self._notifier.status(f"nothing is sent: {error.what}")
        if self._progress.held_up >= HELD_UP_IN_A_ROW:
            self._log.error(
                "daemon.gives_up", why="the ledger can't be written", cycles=self._progress.held_up
            )
            self._end(ExitCode.LEDGER)

    def _count_failure(self) -> None:
        self._progress.failed += 1
        if self._progress.failed >= FAILURES_IN_A_ROW:
            self._log.error(
                "daemon.gives_up", why="unforeseen failures", cycles=self._progress.failed
            )
            self._end(ExitCode.FINDING)

    def _end(self, code: ExitCode) -> None:
        self._progress.exit_code = code
        self._stop.set()

    def is_healthy(self, next_run: datetime | None) -> bool:
        """Whether the cycle's thread can be vouched for: not hung, and not forgotten."""
        since = self._progress.running_since
        if since is not None:
            return self._clock.monotonic() - since < LONGEST_CYCLE.total_seconds()
        return next_run is not None and self._clock.now() - next_run < OVERDUE

    def _clock_offset_s(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()

    def _mind_the_clock(self, job: Job) -> None:
        before, self._offset_s = self._offset_s, self._clock_offset_s()
        ticked_s, self._ticked_s = self._ticked_s, self._clock.monotonic()
        step_s, gap_s = self._offset_s - before, self._ticked_s - ticked_s
        if abs(step_s) > CLOCK_STEP.total_seconds():
            self._log.warning("clock.stepped", seconds=round(step_s), todo="a cycle begins now")
        elif gap_s > CLOCK_STEP.total_seconds():
            self._log.info("machine.slept", seconds=round(gap_s), todo="a cycle begins now")
        else:
            return
        job.modify(next_run_time=self._clock.now())

    @contextmanager
    def _signals_caught(self) -> Iterator[None]:
        """SIGTERM and SIGINT ask for the end; SIGHUP says that a restart is how to reload."""

        def ask_for_the_end(_number: int, _frame: FrameType | None) -> None:
            self._stop.set()

        def note(_number: int, _frame: FrameType | None) -> None:
            # Said by `tick`: a handler may interrupt the log while it holds its lock.
            self._was_hung_up = True

        handlers = {
            signal.SIGTERM: ask_for_the_end,
            signal.SIGINT: ask_for_the_end,
            signal.SIGHUP: note,
        }
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
