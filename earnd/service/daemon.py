"""The daemon: a schedule around one cycle, and an orderly end.

APScheduler decides when; nothing of value is in it. It survives whatever a job raises, even
`SystemExit`, so the job catches everything itself and asks for the end where an end is due.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from earnd.cycle import CycleReport
from earnd.domain.history import CycleOutcome
from earnd.errors import EarndError, ExitCode, LedgerError
from earnd.ports import Clock, Log
from earnd.service.notify import Notifier

REFUSALS_IN_A_ROW = 3
"""So many refused cycles in a row end the daemon: a wrong key is not mended by knocking."""

FAILURES_IN_A_ROW = 5
"""So many unforeseen failures in a row end the daemon, so that systemd starts a fresh one."""

LONGEST_CYCLE = timedelta(minutes=10)
"""A cycle that takes longer is hung: the watchdog is no longer fed and systemd ends it."""

OVERDUE = timedelta(minutes=2)
_TICK_S = 5.0


@dataclass(slots=True)
class _Progress:
    """What the main thread needs to know of the cycle's thread to vouch for it."""

    running_since: float | None = None
    refused: int = 0
    failed: int = 0
    exit_code: ExitCode = ExitCode.FINE


class Daemon:
    """Runs `cycle` on a schedule until it is asked to stop or must."""

    def __init__(
        self,
        *,
        cycle: Callable[[], CycleReport],
        trigger: BaseTrigger,
        stop: threading.Event,
        clock: Clock,
        log: Log,
        notifier: Notifier,
    ) -> None:
        self._cycle = cycle
        self._trigger = trigger
        self._stop = stop
        self._clock = clock
        self._log = log
        self._notifier = notifier
        self._progress = _Progress()

    def run(self) -> ExitCode:
        """Runs until the end; answers the exit code.

        The first cycle begins at once. On SIGTERM or SIGINT what is in flight is finished and
        recorded before this returns.
        """
        scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=UTC,
        )
        job = scheduler.add_job(
            self.one_pass, self._trigger, next_run_time=self._clock.now(), name="cycle"
        )
        self._catch_signals()
        scheduler.start()
        try:
            while not self._stop.wait(_TICK_S):
                if self._is_healthy(job.next_run_time):
                    self._notifier.alive()
        finally:
            self._notifier.stopping()
            self._log.info("daemon.stopping")
            scheduler.shutdown(wait=True)
        return self._progress.exit_code

    def one_pass(self) -> None:
        """One cycle with everything caught; what must end the daemon asks for it."""
        if self._stop.is_set():
            return
        self._progress.running_since = self._clock.monotonic()
        try:
            self._account_for(self._cycle())
        except LedgerError as error:
            self._log.error("ledger.failed", error=str(error))
            self._end(ExitCode(error.exit_code))
        except EarndError as error:
            self._log.error("cycle.failed", error=str(error))
            self._count_failure()
        except BaseException as error:  # noqa: BLE001 - the scheduler would swallow it
            self._log.error("cycle.crashed", error=repr(error), exc_info=True)
            self._count_failure()
        finally:
            self._progress.running_since = None
            self._notifier.alive()

    def _account_for(self, report: CycleReport) -> None:
        self._progress.failed = 0
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

    def _is_healthy(self, next_run: datetime | None) -> bool:
        """Whether the cycle's thread can be vouched for: not hung, and not forgotten."""
        since = self._progress.running_since
        if since is not None:
            return self._clock.monotonic() - since < LONGEST_CYCLE.total_seconds()
        return next_run is None or self._clock.now() - next_run < OVERDUE

    def _catch_signals(self) -> None:
        """SIGTERM and SIGINT ask for the end; SIGHUP says that a restart is how to reload."""

        def ask_for_the_end(_number: int, _frame: FrameType | None) -> None:
            self._stop.set()

        def explain(_number: int, _frame: FrameType | None) -> None:
            self._log.warning(
                "daemon.not_reloaded", why="the configuration is read once", todo="restart earnd"
            )

        signal.signal(signal.SIGTERM, ask_for_the_end)
        signal.signal(signal.SIGINT, ask_for_the_end)
        signal.signal(signal.SIGHUP, explain)
