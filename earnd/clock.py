"""The only place where wall time, monotonic time and randomness are read."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """The machine's clocks; satisfies `earnd.ports.Clock`."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this module is the one that may

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back, and counts while we are suspended.

        `time.monotonic` stands still on a suspended machine, and all ages would be too small.
        """
        return time.clock_gettime(_STEADY)

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)


def name_of_boot() -> str:
    """The kernel's name for this start of the machine: within one, `monotonic` can be compared.

    Where there is no such name it is one that no other process has.
    """
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return f"unknown-{secrets.token_hex(8)}"


def draw_run_prefix() -> str:
    """Eight digits, the first not zero, drawn once when the process starts.

    They begin every request number of this run, so that numbers do not repeat after a ledger is
    restored from a backup or begun anew, and two hosts do not draw the same ones.
    """
    return str(10_000_000 + secrets.randbelow(90_000_000))


def draw_jitter() -> float:
    """A number from 0 up to 1, drawn anew each time, by which waits are spread."""
    return secrets.randbelow(1_000_000) / 1_000_000
