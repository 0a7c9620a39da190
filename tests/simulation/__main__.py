"""Many seeds at once, by hand.

    python -m tests.simulation --days 10000 --workers 2 --json summary.json
    python -m tests.simulation --seed 123            # one seed, with its whole story

Each seed is `--days-per-seed` simulated days. The end is 1 if any seed found a violation; each is
printed with the command that repeats it. Stopped with Ctrl-C, it sums up what there is so far.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import monotonic

from tests.simulation.seed import DAYS, Plan, Report, run_seed
from tests.simulation.summary import Summary


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="one seed, with its whole story")
    parser.add_argument("--days", type=int, default=1000, help="simulated days in all")
    parser.add_argument("--days-per-seed", type=int, default=DAYS)
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to write the summary")
    asked = parser.parse_args()
    if asked.seed is not None:
        report = run_seed(asked.seed, Plan(days=asked.days_per_seed))
        sys.stdout.write(report.told() + "\n")
        return 1 if report.violations else 0
    seeds = range(asked.first, asked.first + -(-asked.days // asked.days_per_seed))
    summary = run_many(seeds, asked.days_per_seed, asked.workers)
    if asked.json:
        asked.json.write_text(json.dumps(summary.document(), indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(summary.told() + "\n")
    return 1 if summary.violations else 0


def run_many(seeds: range, days: int, workers: int) -> Summary:
    """All these seeds, with a line about how far it is."""
    summary, began, last_told = Summary(), monotonic(), 0.0
    pool = ProcessPoolExecutor(workers)
    try:
        for report in pool.map(_one, seeds, [days] * len(seeds), chunksize=2):
            summary.add(report)
            summary.wall_s = monotonic() - began
            if report.violations:
                sys.stdout.write(report.short() + "\n")
            if summary.wall_s - last_told > 1:
                last_told = summary.wall_s
                sys.stderr.write(f"\r{summary.seeds} of {len(seeds)} seeds, {summary.progress()} ")
                sys.stderr.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; this is what there is so far")
    finally:
        pool.shutdown(cancel_futures=True)
    sys.stderr.write("\n")
    return summary


def _one(seed: int, days: int) -> Report:
    report = run_seed(seed, Plan(days=days))
    # The story of a seed is long, and it can be told again.
    report.trace = []
    return report


if __name__ == "__main__":
    sys.exit(main())
