"""When cycles run: as the configuration says, in UTC, none of them dropped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.triggers.base import BaseTrigger

from earnd.config.load import load
from earnd.config.sections import ScheduleSection
from earnd.service.schedule import in_words, next_after, scheduler_for, trigger_for

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def schedule(directory: Path, text: str) -> ScheduleSection:
    """The section as a file says it."""
    path = directory / "config.yaml"
    path.write_text(f"schedule: {text}\n")
    return load(path).config.schedule


def fires(trigger: BaseTrigger, count: int, begin: datetime = NOON) -> list[datetime]:
    """When it fires after a first run."""
    times = [begin]
    for _ in range(count):
        times.append(trigger.get_next_fire_time(times[-1], times[-1]))
    return times[1:]


def test_an_interval_counts_from_the_cycle_before(tmp_path: Path) -> None:
    trigger = trigger_for(schedule(tmp_path, "{every: 15m}"))

    assert fires(trigger, 2) == [NOON + timedelta(minutes=15), NOON + timedelta(minutes=30)]


def test_a_crontab_is_in_utc_wherever_the_machine_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S4."""
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    trigger = trigger_for(schedule(tmp_path, '{cron: "5 4 * * *"}'))

    assert fires(trigger, 2) == [
        datetime(2026, 5, 2, 4, 5, tzinfo=UTC),
        datetime(2026, 5, 3, 4, 5, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "day", [datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 3, 29, tzinfo=UTC)]
)
def test_an_hour_that_is_skipped_or_comes_twice_elsewhere_makes_no_difference(
    tmp_path: Path, day: datetime
) -> None:
    """S4."""
    trigger = trigger_for(schedule(tmp_path, '{cron: "30 * * * *"}'))
    times = fires(trigger, 24, day)

    assert times == [day + timedelta(hours=hour, minutes=30) for hour in range(24)]


@pytest.mark.parametrize("rhythm", ["every: 1h", 'cron: "0 * * * *"'])
def test_jitter_makes_each_cycle_later_by_less_than_itself(tmp_path: Path, rhythm: str) -> None:
    trigger = trigger_for(schedule(tmp_path, f"{{{rhythm}, jitter: 10m}}"))

    lateness = [
        trigger.get_next_fire_time(NOON, NOON) - NOON - timedelta(hours=1) for _ in range(200)
    ]
    assert all(timedelta(0) <= late <= timedelta(minutes=10) for late in lateness)
    assert len(set(lateness)) > 100


def test_a_crontab_with_jitter_fires_once_for_each_of_its_times(tmp_path: Path) -> None:
    """S4."""
    trigger = trigger_for(schedule(tmp_path, '{cron: "0 * * * *", jitter: 30m}'))
    times = fires(trigger, 48)

    assert len({time.replace(minute=0, second=0, microsecond=0) for time in times}) == 48


def test_what_status_says_comes_next_is_what_the_trigger_does(tmp_path: Path) -> None:
    for text in ("{every: 90s}", '{cron: "7 3 * * mon"}', '{cron: "0 0 29 2 *"}'):
        section = schedule(tmp_path, text)
        assert next_after(section, NOON) == fires(trigger_for(section), 1)[0]


def test_a_schedule_is_said_as_it_was_written(tmp_path: Path) -> None:
    assert in_words(schedule(tmp_path, "{every: 15m, jitter: 1m}")) == "every 15m"
    assert in_words(schedule(tmp_path, '{cron: "5 4 * * *"}')) == "cron 5 4 * * *"


def test_the_job_is_one_at_a_time_and_never_too_late(tmp_path: Path) -> None:
    """S1, S2."""
    trigger = trigger_for(schedule(tmp_path, "{every: 10s}"))
    scheduler, _ = scheduler_for(lambda: None, trigger, NOON)
    scheduler.start(paused=True)
    try:
        (job,) = scheduler.get_jobs()
        assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
        assert job.next_run_time == NOON
        assert scheduler.timezone is UTC
    finally:
        scheduler.shutdown()
