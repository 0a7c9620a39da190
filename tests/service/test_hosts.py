"""The schedule asks nothing of its host: no table of time zones, no file, no thread that stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.triggers.interval import IntervalTrigger

from earnd.clock import SystemClock
from earnd.cycle import CycleReport
from earnd.errors import ExitCode
from earnd.service.schedule import scheduler_for
from tests.service.fakes import House, report

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

WITHOUT_ZONES = """
import sys, zoneinfo
sys.modules["tzdata"] = None
try:
    zoneinfo.ZoneInfo("Europe/Berlin")
except zoneinfo.ZoneInfoNotFoundError:
    pass
else:
    raise SystemExit("there are zones here")
import threading
from datetime import UTC, datetime
from pathlib import Path
from earnd.config.load import load
from earnd.service.schedule import in_words, next_after, scheduler_for, trigger_for
schedule = load(Path(sys.argv[1])).config.schedule
print(in_words(schedule), next_after(schedule, datetime(2026, 5, 1, tzinfo=UTC)).isoformat())
ran = threading.Event()
scheduler, _ = scheduler_for(ran.set, trigger_for(schedule), datetime.now(UTC))
scheduler.start()
print(ran.wait(60))
scheduler.shutdown()
"""


def test_a_host_without_any_table_of_time_zones_keeps_the_schedule(tmp_path: Path) -> None:
    """S12, S4: no named zone is looked up, so none can be missing, wrong or changed."""
    path = tmp_path / "config.yaml"
    path.write_text('schedule: {cron: "30 2 * * *"}\n')
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_ZONES, str(path)],
        env={**os.environ, "TZ": "Europe/Berlin", "PYTHONTZPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == ["cron 30 2 * * * 2026-05-01T02:30:00+00:00", "True"], done


def test_what_is_due_is_kept_in_memory_only(tmp_path: Path) -> None:
    """S6: no second file, nothing stale after an upgrade, nothing that is unpickled."""
    scheduler, job = scheduler_for(lambda: None, IntervalTrigger(hours=1, timezone=UTC), NOON)
    scheduler.start(paused=True)
    try:
        assert isinstance(scheduler._lookup_jobstore("default"), MemoryJobStore)
        assert list(scheduler._jobstores) == ["default"]
        assert scheduler.get_job(job.id) is not None
        assert list(tmp_path.iterdir()) == []
    finally:
        scheduler.shutdown()


def test_the_end_waits_for_the_cycle_and_begins_no_other() -> None:
    """S11, C16: the scheduler's thread is over before the interpreter is."""
    begun: list[int] = []

    def cycle() -> CycleReport:
        begun.append(1)
        house.stop.set()
        return report()

    before = threading.active_count()
    house = House(cycle, clock=SystemClock(), trigger=IntervalTrigger(seconds=1, timezone=UTC))
    assert house.daemon.run() is ExitCode.FINE
    assert begun == [1]
    assert threading.active_count() == before
