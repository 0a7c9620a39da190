"""When cycles run: the configuration's schedule as APScheduler sees it, in UTC throughout."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.job import Job
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from earnd.config.section import shown

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

    from earnd.config.sections import ScheduleSection

OVERDUE = timedelta(minutes=2)
"""A cycle that is later than this is not merely late."""


def trigger_for(schedule: ScheduleSection) -> BaseTrigger:
    """The trigger of the daemon's job."""
    jitter = int(schedule.jitter.total_seconds()) or None
    # The time zone as an object: by its name it would be looked for among the system's files.
    if schedule.cron is not None:
        trigger = CronTrigger.from_crontab(schedule.cron, timezone=UTC)
        trigger.jitter = jitter
        return trigger
    return IntervalTrigger(seconds=_interval(schedule), timezone=UTC, jitter=jitter)


def scheduler_for(
    work: Callable[[], None], trigger: BaseTrigger, first: datetime
) -> tuple[BackgroundScheduler, Job]:
    """A scheduler, not started, with one job in memory: one run at a time, none of them dropped.

    By default a run that is a second late is dropped, and each that was missed is made up for;
    here a late run begins as soon as it can, once.
    """
    scheduler = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    return scheduler, scheduler.add_job(work, trigger, next_run_time=first, name="cycle")


def next_after(schedule: ScheduleSection, began: datetime) -> datetime:
    """When the cycle after one that began then is due, jitter left aside."""
    if schedule.cron is None:
        return began + timedelta(seconds=_interval(schedule))
    trigger = CronTrigger.from_crontab(schedule.cron, timezone=UTC)
    due: datetime = trigger.get_next_fire_time(began, began)
    return due


def in_words(schedule: ScheduleSection) -> str:
    """`every 15m`, or `cron 5 4 * * *`."""
    words = shown(schedule)
    return f"cron {words['cron']}" if schedule.cron is not None else f"every {words['every']}"


def _interval(schedule: ScheduleSection) -> int:
    return int(schedule.every.total_seconds()) if schedule.every is not None else 0
