"""All canaries at once, by hand: `python -m tests.simulation.aviary --workers 2 --json FILE`.

Says within how many seeds each deliberate mistake was noticed; the tests (`pytest -rP`) say by
what. Ends with 1 if one was not, or if the same seeds find anything without it.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.simulation.canaries import CANARIES, caught_after

MOST_SEEDS = 60


def _one(number: int) -> dict[str, object]:
    canary = CANARIES[number]
    caught = caught_after(canary, MOST_SEEDS)
    return {
        "name": canary.name,
        "mistake": canary.mistake,
        "caught": caught.report is not None,
        "seeds": caught.seeds,
        "false_alarms": [report.short() for report in caught.clean if report.violations],
    }


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.aviary")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.workers) as pool:
        found = list(pool.map(_one, range(len(CANARIES))))
    text = json.dumps(found, indent=2) + "\n"
    if asked.json:
        asked.json.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0 if all(one["caught"] and not one["false_alarms"] for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
