"""Who goes first where the exchange allows only so many questions at a time."""

from __future__ import annotations

from enum import Enum


class Priority(Enum):
    """What a question is for, the most urgent first."""

    SETTLE = "settle"
    """What became of a sending, and the last look before one."""
    LOOK = "look"
    """What there is to see."""
    HISTORY = "history"
    """A history that was never read: it may be thousands of rows, and nothing waits for it."""
