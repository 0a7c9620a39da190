"""The figures of docs/exactly-once.md: measured here, kept in docs/figures.json, with their date.

    python -m tests.figures --days 20000 --kills 200     # measures; about half an hour
    python tests/docs/generated.py --write               # puts the table into the page

The numbers are what the suites' own commands say. Nothing is measured that is not printed, and a
run that found a violation is refused.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures.json"


def table(figures: dict[str, Any]) -> str:
    """The table of the page."""
    machine = figures["machine"]
    head = (
        f"Measured on {figures['date']} with Python {machine['python']} and SQLite "
        f"{machine['sqlite']} on {machine['cores']} cores.\n"
    )
    lines = [head, "| what | how much |", "|---|---|"]
    lines += [f"| {what} | {much} |" for what, much in _rows(figures)]
    return "\n".join(lines)


def _rows(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from _simulation(figures["simulation"])
    yield from _canaries(figures["canaries"])
    yield from _processes(figures)
    for family, cases in figures["wire"]["families"].items():
        yield f"wire: {family}", _count(cases)


def _simulation(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    days, seeds = _count(found["days"]), _count(found["seeds"])
    yield "simulated days", f"{days} in {seeds} seeds, {_count(found['cycles'])} cycles"
    per_second = found["days"] / found["wall_s"]
    yield "simulated days per second of the clock", f"{per_second:.0f}"
    yield "requests sent, and sent again", f"{_count(found['sends'])}, {_count(found['re_sends'])}"
    faults = found["faults"]
    yield "faults injected", f"{_count(sum(faults.values()))} of {len(faults)} kinds"
    most = sorted(faults.items(), key=lambda item: -item[1])
    yield "faults by kind", ", ".join(f"{name} {_count(count)}" for name, count in most)
    yield "deaths of the process in virtual time", _count(found["kills"])
    yield (
        "restored copies, changed configurations, clock steps",
        ", ".join(
            _count(found[name]) for name in ("restores", "configuration_changes", "clock_steps")
        ),
    )
    outcomes = found["outcomes"]
    yield "ends of actions", ", ".join(f"{name} {_count(n)}" for name, n in outcomes.items())
    asked: Counter[str] = Counter()
    for why, count in found["needs_operator"].items():
        # `subscribe the reason | the state | what was really the case`
        asked[why.partition(" ")[2].partition(" | ")[0].replace("#", "…")] += count
    reasons = [f"{why}: {_count(count)}" for why, count in asked.most_common()]
    yield "a person was asked because", "; ".join(reasons)
    yield "**violations of an invariant in simulation**", f"**{len(found['violations'])}**"


def _canaries(found: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    caught = [canary for canary in found if canary["caught"]]
    yield "deliberate mistakes, and how many were noticed", f"{len(found)}, {len(caught)}"
    for canary in found:
        seeds = f"within {_plural(canary['seeds'], 'seed')}" if canary["caught"] else "NOT NOTICED"
        yield f"mistake: {canary['mistake']}", seeds


def _processes(figures: dict[str, Any]) -> Iterator[tuple[str, str]]:
    crash, calls, soak = figures["crash"], figures["syscalls"], figures["soak"]
    where = f"{_count(crash['cases'])} cases at {_count(crash['boundaries'])} boundaries"
    killed = f"{_count(crash['kills'])} processes killed"
    yield "kill matrix", f"{where}, {killed}, {_violations(crash)}"
    failed = f"{_count(calls['cases'])} kills and failures of the disk"
    yield "system calls", f"{failed}, {_violations(calls)}"
    yield "killed at random moments", f"{_count(soak['kills'])} times, {_violations(soak)}"


def _violations(found: dict[str, Any]) -> str:
    return f"{_count(found['violations'])} violations"


def _count(number: Any) -> str:
    return f"{len(number) if isinstance(number, list | dict) else int(number):,}"


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def measure(place: Path, days: int, kills: int) -> dict[str, Any]:
    """Runs the suites' commands, each of which leaves its own figures in `place`.

    One whose figures are there already is not run again. Raises `SystemExit` if one of them found
    anything.
    """
    workers = str(os.cpu_count() or 1)
    return {
        "date": datetime.now(UTC).date().isoformat(),  # noqa: TID251 - when it was measured
        "machine": {
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
            "cores": os.cpu_count(),
        },
        "simulation": _told(place, "simulation", "--days", str(days), "--workers", workers),
        "canaries": _told(place, "simulation.aviary", "--workers", workers),
        "crash": _told(place, "crash", "--jobs", workers),
        "syscalls": _told(place, "crash.syscalls"),
        "soak": _told(place, "crash.soak", "--kills", str(kills)),
        "wire": _told(place, "exchange.figures"),
    }


def _told(place: Path, module: str, *arguments: str) -> Any:
    path = place / f"{module}.json"
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    command = [sys.executable, "-m", f"tests.{module}", *arguments, "--json", str(path)]
    sys.stderr.write(f"{' '.join(command[1:])}\n")
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise SystemExit(f"{module} found something; its figures are not for a page")
    return json.loads(path.read_text(encoding="utf-8"))


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="python -m tests.figures", description=__doc__)
    parser.add_argument("--days", type=int, default=20_000, help="simulated days")
    parser.add_argument("--kills", type=int, default=200, help="at random moments")
    parser.add_argument("--keep", type=Path, help="a folder for the figures of each suite")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        figures = measure(asked.keep or Path(folder), asked.days, asked.kills)
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
