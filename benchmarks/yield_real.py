"""What the default strategy earns on rates of the past, against the optimum and the baselines.

    python -m benchmarks.yield_real FOLDER

FOLDER holds the histories that `benchmarks.real_rates` names. Prints a Markdown table: what perfect
foresight earns a year, and what part of it each of the others does, with how often it moved.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.real_rates import PORTFOLIOS, catalogue, write
from earnd.domain.ids import Coin
from earnd.domain.strategy import CoinStrategy, Strategy
from earnd.simulation.history import HOUR, History
from earnd.simulation.ratesfile import read_rates
from earnd.simulation.running import AUTO, EARND, GREEDY, STATIC, Simulation, simulate
from earnd.simulation.world import Scene

COIN = Coin("USDT")
OWN = CoinStrategy()
"""Every default: no figure here is tuned."""


def day(text: str) -> datetime:
    """A date's midnight."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


PERIODS = (
    (day("2025-08-22"), day("2026-08-22")),
    (day("2025-04-28"), day("2025-08-22")),
)
CATALOGUE_PERIOD = (day("2026-03-17"), day("2026-04-20"))


def scenes(folder: Path, scratch: Path) -> Iterator[tuple[str, Scene]]:
    """Everything that is measured, by name."""
    for number, (name, sources) in enumerate(PORTFOLIOS.items()):
        rows = (source(folder) for source in sources)
        ends = ({"time": "2026-08-22", "product": "end", "rate": "0"} for _ in range(1))
        history = read_rates(write(scratch / f"{number}.csv", *rows, ends))
        for begins, until in PERIODS:
            yield from _both_prices(name, history, "10000", begins, until)
    history = read_rates(write(scratch / "catalogue.csv", catalogue(folder)))
    yield from _both_prices("catalogue with tiers", history, "20000", *CATALOGUE_PERIOD)


def _both_prices(
    name: str, history: History, money: str, begins: datetime, until: datetime
) -> Iterator[tuple[str, Scene]]:
    for hours in (1, 24):
        transit = timedelta(hours=hours)
        yield name, Scene(history, COIN, OWN, Decimal(money), begins, until, HOUR, transit)


def line(name: str, scene: Scene, result: Simulation, took: float) -> str:
    """A row of the table."""
    runs = {run.name: run for run in result.runs}
    cells = [
        name,
        f"{scene.begins:%Y-%m-%d} to {scene.ends:%Y-%m-%d}",
        f"{scene.transit // HOUR} h",
        f"{result.yearly(result.best) * 100:.3f} %",
    ]
    for run_name in (EARND, GREEDY, STATIC, AUTO):
        share = result.share(runs[run_name])
        cells.append("" if share is None else f"{share * 100:.2f} %")
    moves = "/".join(str(runs[run_name].redeems) for run_name in (EARND, GREEDY))
    return f"| {' | '.join((*cells, moves, f'{took:.0f} s'))} |\n"


def main() -> None:
    """Prints the table, row by row."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} FOLDER")
    titles = ("portfolio", "period", "moving costs", "the optimum", EARND, GREEDY, STATIC, AUTO)
    heads = (*titles, f"redeems of {EARND}/{GREEDY}", "took")
    sys.stdout.write(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}\n")
    with tempfile.TemporaryDirectory() as scratch:
        for name, scene in scenes(Path(sys.argv[1]), Path(scratch)):
            began = time.perf_counter()
            result = simulate(scene, Strategy({COIN: OWN}))
            sys.stdout.write(line(name, scene, result, time.perf_counter() - began))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
