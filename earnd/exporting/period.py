"""A half-open period: from a moment on, up to and without another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

_DAY: Final = len("2026-05-12")


def moment(text: str) -> datetime:
    """The moment that a day or a time names, in UTC; a day is its first moment.

    Raises `ValueError` for what is neither, and for a moment beyond the years 1 to 9999.
    """
    found = datetime.fromisoformat(text)
    if len(text) < _DAY or found.microsecond % 1000:
        # `20260512` is read as a day too; what has finer parts than the ledger would be cut.
        raise ValueError(f"not a day or a time to the millisecond: {text!r}")
    try:
        return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError(f"not a moment of the years 1 to 9999: {text!r}") from None


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` on, up to and without `until`; `None` is without end on that side."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_backwards(self) -> bool:
        """Whether nothing can lie in it."""
        return self.since is not None and self.until is not None and self.since >= self.until

    def __str__(self) -> str:
        since = "" if self.since is None else f"from {_short(self.since)}"
        until = "" if self.until is None else f"before {_short(self.until)}"
        return " and ".join(filter(None, (since, until))) or "at any time"


def _short(at: datetime) -> str:
    """As a person would write it."""
    is_day = not (at.hour or at.minute or at.second or at.microsecond)
    return f"{at.date()}" if is_day else f"{at.replace(tzinfo=None).isoformat()}Z"


def day_after(at: datetime) -> date:
    """The first day of which no moment lies before `at`."""
    begins = datetime(at.year, at.month, at.day, tzinfo=UTC)
    return at.date() if at == begins else (begins + timedelta(days=1)).date()
