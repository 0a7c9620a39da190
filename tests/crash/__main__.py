"""The whole matrix from a shell, or one case of it.

    python -m tests.crash --case lost/17
    python -m tests.crash --json crash.json [--deep] [--jobs 2] [--only delivered]

`--deep` plays all groups there are instead of those of the gate. Ends with 1 if anything was
violated.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import platform
import sqlite3
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.crash.matrix import GATE, GROUPS, VARIANTS, Case, theatre
from tests.crash.players import open_theatre, play


def _one(text: str) -> int:
    with theatre() as house:
        played = house.play(Case.parse(text))
    for number, life in enumerate(played.lives, 1):
        sys.stdout.write(f"life {number}: {len(life.trace)} boundaries, status {life.status}\n")
        sys.stdout.write("".join(f"  {at} {name}\n" for at, name in enumerate(life.trace, 1)))
        sys.stdout.write(life.output)
    sys.stdout.write(f"states: {', '.join(played.states)}\n{played.told()}\n")
    return 1 if played.violations else 0


def _all(path: Path | None, jobs: int, *, deep: bool, only: str) -> int:
    began = time.monotonic()
    with theatre() as house:
        names = [name for name in (GROUPS if deep else GATE) if name.startswith(only)]
        groups = {name: GROUPS[name](house) for name in names}
        boundaries = len(house.boundaries(VARIANTS["delivered"]))
    work = [(group, str(case)) for group, cases in groups.items() for case in cases]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawn, initializer=open_theatre) as pool:
        results = []
        for result in pool.map(play, work, chunksize=10):
            results.append(result)
            if result.violations:
                sys.stdout.write(result.told + "\n")
                sys.stdout.flush()
    broken = [result for result in results if result.violations]
    figures = {
        "what": "killed at every boundary, restarted, compared with the exchange's books",
        "cases": len(results),
        "kills": sum(result.deaths for result in results),
        "lives": sum(result.lives for result in results),
        "violations": sum(len(result.violations) for result in results),
        "boundaries": boundaries,
        "groups": {group: len(cases) for group, cases in groups.items()},
        "seconds": round(time.monotonic() - began, 1),
        "jobs": jobs,
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }
    text = json.dumps(figures, indent=2) + "\n"
    if path is not None:
        path.write_text(text)
    sys.stdout.write(text)
    return 1 if broken else 0


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--case")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--deep", action="store_true")
    parser.add_argument("--only", default="", help="the groups whose names begin like this")
    asked = parser.parse_args()
    if asked.case is not None:
        return _one(asked.case)
    return _all(asked.json, asked.jobs, deep=asked.deep, only=asked.only)


if __name__ == "__main__":
    sys.exit(main())
