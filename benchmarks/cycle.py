"""A whole cycle at 10, 100 and 1,000 products, and the planner's share of it."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from earnd.cli.demo import DemoClock
from earnd.config.load import load
from earnd.cycle import run_cycle
from earnd.domain.decide import decide
from earnd.domain.holdings import Holdings
from earnd.domain.situation import Situation
from earnd.domain.snapshot import Snapshot
from earnd.log import configure
from earnd.ports import ExchangeReader
from earnd.sandbox import (
    PRACTICE_KEY,
    Books,
    Gateway,
    ProductSpec,
    TierSpec,
    VirtualClock,
    serve,
)
from earnd.wiring import secrets_of, wired

CONFIG = """\
mode: dry-run
exchange: {{base_url: "{base_url}"}}
ledger: {{path: ./ledger.db}}
log: {{level: error}}
strategy: {{coins: {{USDT: {{min_apy: 0.1%}}}}}}
"""


def offer(turn: int) -> ProductSpec:
    """One of many tiered products."""
    bands = ((1, 100, 50 + turn % 40), (100, 1000, 30), (1000, 10000, 10))
    tiers = tuple(
        TierSpec(Decimal(low), Decimal(high), Decimal(rate) / 1000) for low, high, rate in bands
    )
    spec = ProductSpec(product_id=str(1001 + turn), coin="USDT", apy=Decimal("0.05"))
    return replace(spec, maximum=Decimal(10000), tiers=tiers)


def measure(count: int, directory: Path) -> tuple[float, float]:
    """Milliseconds of the second cycle (the first fills the ledger), and of its decision."""
    clock = VirtualClock(datetime(2026, 5, 1, tzinfo=UTC))
    books = Books(clock, products=[offer(turn) for turn in range(count)])
    books.deposit("USDT", "5000")
    environ = {
        "EARND_ACCESS_KEY": PRACTICE_KEY.access_key,
        "EARND_SECRET_KEY": PRACTICE_KEY.secret_key,
        "EARND_MEMO": PRACTICE_KEY.memo,
    }
    with serve(books, gateway=Gateway(limits_on=False)) as server:
        path = directory / "config.yaml"
        path.write_text(CONFIG.format(base_url=server.base_url))
        file = load(path)
        log = configure(level="error", form="json")
        secrets = secrets_of(file, environ)
        with wired(file, secrets, directory / "l.db", clock=DemoClock(clock), log=log) as here:
            run_cycle(replace(here.parts, is_paused=lambda: True), "once")
            began = time.perf_counter()
            run_cycle(replace(here.parts, is_paused=lambda: True), "once")
            whole = time.perf_counter() - began
            situation = Situation(
                now=clock.now(),
                snapshot=_snapshot(here.parts.reader, clock),
                holdings=Holdings((), {}, {}),
                strategy=here.parts.strategy,
            )
            began = time.perf_counter()
            decide(situation)
            return whole * 1000, (time.perf_counter() - began) * 1000


def _snapshot(reader: ExchangeReader, clock: VirtualClock) -> Snapshot:
    return Snapshot(
        seen_at=clock.now(),
        products=reader.products(),
        positions=reader.positions(),
        balances=reader.balances(),
    )


def main() -> None:
    """Prints one line per size, with the ratio to the smallest."""
    first = 0.0
    for count in (10, 100, 1000):
        with tempfile.TemporaryDirectory() as directory:
            whole, planning = measure(count, Path(directory))
        first = first or whole
        sys.stdout.write(
            f"{count:5} products: cycle {whole:7.1f} ms ({whole / first:.1f} times the smallest), "
            f"planning {planning:6.1f} ms ({planning / whole:.0%} of it)\n"
        )


if __name__ == "__main__":
    main()
