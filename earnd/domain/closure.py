"""What the exchange asked us to leave alone, and what is left of it in another life of earnd."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

EVERYTHING = "*"
"""The endpoint of a closure that covers all of them."""


class Closing(StrEnum):
    """What the exchange did to close an endpoint, or everything."""

    RATE = "rate"
    """HTTP 429: this endpoint was asked too often."""
    BAN = "ban"
    """HTTP 418: the address is blocked, and longer if it goes on knocking."""
    EDGE = "edge"
    """A page of the network in front of the exchange instead of an answer."""
    MAINTENANCE = "maintenance"
    """The exchange says that it is being maintained."""


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment by two clocks.

    `wall` can be set. `steady` counts from `boot`, the start of the machine that the kernel calls
    so, and nobody sets it; it says nothing about another boot.
    """

    wall: datetime
    boot: str
    steady: timedelta


@dataclass(frozen=True, slots=True)
class Closure:
    """One endpoint (or `EVERYTHING`) that is not to be asked for so long.

    `strikes` counts the times in a row that this happened, this one included.
    """

    endpoint: str
    closing: Closing
    at: Instant
    lasts: timedelta
    strikes: int

    @property
    def until(self) -> datetime:
        """When it is over, by the wall clock of its day."""
        return self.at.wall + self.lasts

    def left(self, now: Instant) -> timedelta:
        """What is left of it; zero or less when it is over, by as much as it is over.

        While the machine runs on, setting its clock changes nothing. After a new start only the
        wall clock is left to ask, and it may have been set. So nothing is left for longer than it
        was meant to last, and nothing was over for long: its strikes count for a while again.
        """
        if now.boot == self.at.boot:
            return self.lasts - (now.steady - self.at.steady)
        return max(timedelta(0), min(self.until - now.wall, self.lasts))

    def carried_over(self, now: Instant) -> Closure:
        """What is left of it, as something that begins now."""
        return replace(self, at=now, lasts=self.left(now))
