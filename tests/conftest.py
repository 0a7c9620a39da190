"""What holds for every test."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from hypothesis import settings

# A machine may be busy: how long an example takes decides nothing.
settings.register_profile("earnd", deadline=None)
settings.load_profile("earnd")

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - whatever is made there is pytest's own, and private
_ROOM = 2**30


def _is_roomy(place: Path) -> bool:
    return os.access(place, os.W_OK | os.X_OK) and shutil.disk_usage(place).free >= _ROOM


# Thousands of small ledgers are synced to their file system many times each; in memory that costs
# nothing. Without it, or with little of it, the usual place is as good, and slower.
if "PYTEST_DEBUG_TEMPROOT" not in os.environ and _is_roomy(_IN_MEMORY):
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_IN_MEMORY)
