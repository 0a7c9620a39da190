"""A ledger of a month and one of ten years, side by side: size, and time of the usual questions.

Both are laid by script from one seed (`benchmarks.years`), through the real schema and sealed by
its chain. Each time is the best of three, in milliseconds of the processor, on a file that was just
read; of a command it includes Python's own start.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

from benchmarks.laying import lay
from benchmarks.questions import USUAL, audits
from benchmarks.seen import A_DAY
from benchmarks.years import Years
from earnd.domain.history import CycleEnd, CycleOutcome
from earnd.domain.ids import Coin, EarnId, ProductId
from earnd.domain.money import Rate
from earnd.domain.snapshot import Balance, Position, Snapshot
from earnd.ledger.book import Book
from earnd.ledger.columns import moment_text
from earnd.ledger.engine import RunStart, open_writer

BEGINS = datetime(2026, 11, 1, tzinfo=UTC)
MONTH = 30
YEAR = 365
PREFIX = "12345678"
COMMANDS = (
    ("status",),
    ("status", "--json"),
    ("audit",),
    ("actions",),
    ("explain", "USDT"),
    ("explain", "USDT", "--json"),
    ("reconcile",),
)


def laid(path: Path, days: int) -> Path:
    """A new ledger of so many days; any that lies there is refused."""
    begins = BEGINS - timedelta(minutes=1)
    _opened(path, begins, "11111111").close()
    with closing(sqlite3.connect(path)) as raw, lay(raw, moment_text(begins)) as layer:
        run = layer.put(
            "run",
            prefix=PREFIX,
            started_at=moment_text(begins),
            version="0.1.0",
            python="3.11.7",
            sqlite=sqlite3.sqlite_version,
            config_digest="0" * 64,
        )
        Years(layer, BEGINS, run, PREFIX).live(days * A_DAY)
    return path


def _opened(path: Path, at: datetime, prefix: str) -> Book:
    run = RunStart(prefix, at, "0.1.0", "0" * 64)
    return open_writer(path, mode="live", account_label="main", run=run)


def best(ask: Callable[[], object]) -> float:
    """Milliseconds of the processor, the least of three."""
    found = []
    for _ in range(3):
        began = _spent()
        ask()
        found.append((_spent() - began) * 1000)
    return min(found)


def _spent() -> float:
    """Seconds that this process and those it waited for have used: others do not count in."""
    waited = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + waited.ru_utime + waited.ru_stime


def measured(path: Path, days: int) -> Iterator[tuple[str, str]]:
    """Each figure with its name."""
    size = path.stat().st_size
    yield "file, MB", f"{size / 1e6:.1f}"
    yield "a year of it, MB", f"{size / days * YEAR / 1e6:.1f}"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        tables = raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        counted = sum(
            raw.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608 - our schema's
            for (name,) in tables
        )
        yield "rows", f"{counted:,}"
        for name, question in (*USUAL, *audits(raw)):
            yield name, f"{best(partial(_asked, raw, question)):.1f}"
    for words in COMMANDS:
        yield (
            "`earnd " + " ".join(words) + "`",
            f"{best(partial(_run, path, *words)):.0f}",
        )
    yield from _writing(path, BEGINS + timedelta(days=days))


def _asked(raw: sqlite3.Connection, question: str) -> None:
    raw.execute(question).fetchall()


def _run(path: Path, *words: str) -> None:
    """As a person does: a process of its own, Python's start included."""
    done = subprocess.run(  # noqa: S603 - earnd itself
        [sys.executable, "-m", "earnd", *words, "--ledger", str(path)],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"earnd {' '.join(words)}: {done.stderr}")


def _writing(path: Path, now: datetime) -> Iterator[tuple[str, str]]:
    yield "opening for writing", f"{best(lambda: _opened(path, now, PREFIX).close()):.0f}"
    with _opened(path, now, PREFIX) as book:
        began = _spent()
        book.records()
        yield "all records, the first time", f"{(_spent() - began) * 1000:.0f}"
        yield "a cycle's writing", f"{best(lambda: _quiet_cycle(book, now)):.1f}"


def _quiet_cycle(book: Book, now: datetime) -> None:
    """The writing of a cycle that finds nothing new."""
    cycle_id = book.begin_cycle(now, trigger="schedule")
    seen = _as_before(book, now)
    book.record_look(cycle_id, seen)
    book.end_cycle(cycle_id, CycleEnd(now, CycleOutcome.DONE, 0, 0))
    book.records()


def _as_before(book: Book, now: datetime) -> Snapshot:
    """What was seen last, once more."""
    readings = book.product_readings(now - timedelta(days=1))
    newest = [series[-1].product for series in readings.values()]
    raw = book.store.raw
    balances = {
        Coin(coin): Balance(Coin(coin), Decimal(available), Decimal(frozen))
        for coin, available, frozen in raw.execute(
            "SELECT coin, available, frozen FROM balance_now"
        )
    }
    positions = tuple(
        Position(
            EarnId(earn_id),
            ProductId(product_id),
            Coin(coin),
            Rate(Decimal(apy)),
            Rate(Decimal(0)),
            Decimal(profit),
            auto_subscribe=False,
        )
        for earn_id, product_id, coin, apy, profit in raw.execute(
            "SELECT earn_id, product_id, coin, apy, total_profit FROM position_now WHERE listed"
        )
    )
    products = tuple(product for product in newest if product is not None)
    return Snapshot(now, products, positions, balances)


def compared(folder: Path, years: int) -> Iterator[str]:
    """The table, line by line."""
    spans = ((f"{MONTH} days", MONTH), (f"{years} years", years * YEAR))
    columns = []
    for name, days in spans:
        began = time.perf_counter()
        path = laid(folder / f"ledger-{days}.db", days)
        sys.stderr.write(f"{name}: laid in {time.perf_counter() - began:.0f} s\n")
        columns.append(dict(measured(path, days)))
    yield f"| | {' | '.join(name for name, _ in spans)} |"
    yield "|---|---:|---:|"
    for name in columns[0]:
        yield f"| {name} | {' | '.join(column[name] for column in columns)} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--dir", type=Path, help="where to keep the two ledgers")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = asked.dir or Path(folder)
        for line in compared(place.resolve(), asked.years):
            sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
