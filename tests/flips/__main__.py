"""Single bits turned in a ledger's file, its -wal and a backup, by hand.

    python -m tests.flips --count 10000 --seed 1

Each must be caught, or nothing reads otherwise than before. Any other is printed, its files are
kept under `--keep`, and the end is 1.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from tests.flips.flipping import MISSED, Tally, flips, lived


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.flips", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, default=Path("flips-missed"))
    asked = parser.parse_args()
    tally, began, last_told = Tally(), monotonic(), 0.0
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        ledgers = lived(Path(first).resolve())
        for number, flip in enumerate(
            flips(ledgers, Path(second).resolve(), asked.count, asked.seed), 1
        ):
            tally.count(flip)
            if flip.outcome == MISSED:
                kept = flip.keep(asked.keep)
                sys.stdout.write(f"missed: {flip.place}, {flip.kind}, see {kept}\n")
            if monotonic() - last_told > 1:
                last_told = monotonic()
                sys.stderr.write(f"\r{number} of {asked.count} ")
                sys.stderr.flush()
    sys.stderr.write("\n")
    sys.stdout.write(told(tally, monotonic() - began))
    return 1 if tally.missed else 0


def told(tally: Tally, took_s: float) -> str:
    """What became of the flips, by place and kind; and what opening for writing made of them."""
    words = sorted({outcome for _, _, outcome in tally.outcomes})
    lines = [f"{'place':<24} {'what lies there':<16} " + " ".join(f"{w:>15}" for w in words)]
    for place, kind in sorted({(place, kind) for place, kind, _ in tally.outcomes}):
        counts = " ".join(f"{tally.outcomes[place, kind, word]:>15}" for word in words)
        lines.append(f"{place:<24} {kind:<16} {counts}")
    sums = Counter[str]()
    for (_, _, word), count in tally.outcomes.items():
        sums[word] += count
    lines.append(f"{'all':<41} " + " ".join(f"{sums[word]:>15}" for word in words))
    lines.append("")
    for (outcome, opening), count in sorted(tally.openings.items()):
        lines.append(f"{outcome}, then {opening}: {count}")
    lines.append(f"{sums.total()} flips in {took_s:.0f} s, {len(tally.missed)} missed")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
