"""The real cycle, the real adapter and a real ledger against the practice exchange, in one thread.

Virtual time: it stands still unless a test moves it or the pacer waits.
"""

from __future__ import annotations

import io
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from earnd.config.load import load
from earnd.cycle import CycleReport, run_cycle
from earnd.ledger import queries
from earnd.ledger.engine import open_reader
from earnd.log import configure
from earnd.parts import Parts
from earnd.sandbox import (
    ApiKey,
    Books,
    CoinSpec,
    ProductSpec,
    SandboxServer,
    Settings,
    TierSpec,
    VirtualClock,
    serve,
)
from earnd.wiring import Wired, secrets_of, wired
from tests.support.ledgers import lay_empty

START = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)

KEY = ApiKey(
    access_key="canary-access-5ab1c0de",
    secret_key="canary-secret-9f3e77a0",
    memo="canary-memo-77c2",
)
"""Words that stand nowhere else, so that a test can look for them everywhere."""

KEYS = {
    "EARND_ACCESS_KEY": KEY.access_key,
    "EARND_SECRET_KEY": KEY.secret_key,
    "EARND_MEMO": KEY.memo,
}

USDT = "{reserve: 100, min_move: 1, min_apy: 1%}"


def flexible(product_id: str, apy: str = "0.05", **more: Any) -> ProductSpec:
    """A USDT product at one rate, from 1 to 100000."""
    spec = ProductSpec(
        product_id=product_id,
        coin="USDT",
        apy=Decimal(apy),
        minimum=Decimal(1),
        maximum=Decimal(100_000),
    )
    return replace(spec, **more)


def tiered(product_id: str, *bands: tuple[str, str, str]) -> ProductSpec:
    """A USDT product with bands (from, to, rate)."""
    tiers = tuple(TierSpec(Decimal(low), Decimal(high), Decimal(rate)) for low, high, rate in bands)
    return flexible(product_id, bands[0][2], tiers=tiers, maximum=Decimal(bands[-1][1]))


class PracticeClock:
    """The daemon's clock, which is the exchange's unless its wall time is set to be `off`."""

    def __init__(self, shared: VirtualClock) -> None:
        self.shared = shared
        self.off = timedelta(0)

    def now(self) -> datetime:
        return self.shared.now() + self.off

    def monotonic(self) -> float:
        return (self.shared.now() - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.shared.advance(timedelta(seconds=seconds))


@dataclass
class Practice:
    """A practice account with a daemon that a test can run cycle by cycle."""

    directory: Path
    clock: VirtualClock
    books: Books
    server: SandboxServer
    coins: str = f"USDT: {USDT}"
    mode: str = "live"
    more: str = ""
    log: io.StringIO = field(default_factory=io.StringIO)

    @property
    def ledger(self) -> Path:
        return self.directory / "ledger.db"

    @property
    def config(self) -> Path:
        """The configuration file, written anew from what the test wants now."""
        path = self.directory / "config.yaml"
        path.write_text(
            f"mode: {self.mode}\n"
            f"exchange: {{base_url: '{self.server.base_url}', total_timeout: 3s, "
            f"read_timeout: 2s, connect_timeout: 2s}}\n"
            f"ledger: {{path: {self.ledger}}}\n{self.more}\n"
            f"strategy: {{coins: {{{self.coins}}}}}\n"
        )
        return path

    @contextmanager
    def daemon(self) -> Iterator[Wired]:
        """The wired parts, as one life of the process holds them."""
        file = load(self.config)
        log = configure(level="debug", form="json", stream=self.log)
        lay_empty(self.ledger, mode=self.mode, account_label="default (sandbox)", at=START)
        with wired(
            file, secrets_of(file, KEYS), self.ledger, clock=PracticeClock(self.clock), log=log
        ) as here:
            yield here

    def cycle(self, change: Any = None) -> CycleReport:
        """One cycle of a process of its own; `change` may replace parts of it."""
        with self.daemon() as here:
            parts: Parts = here.parts if change is None else change(here.parts)
            return run_cycle(parts, "once")

    def cycles(self, count: int, *, apart: timedelta) -> CycleReport:
        """So many cycles with time between them; the last one's report."""
        report = self.cycle()
        for _ in range(count - 1):
            self.clock.advance(apart)
            report = self.cycle()
        return report

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the ledger, as an auditor reads them."""
        connection = sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def states(self) -> list[str]:
        """The state of every action, oldest first."""
        return [row[0] for row in self.sql("SELECT state FROM action_now ORDER BY action_id")]

    def findings(self) -> Mapping[str, Any]:
        """The audits that are not empty."""
        with open_reader(self.ledger) as reader:
            return {name: rows for name, rows in queries.audits(reader).items() if rows}

    def held(self) -> Decimal:
        """All USDT that the exchange holds for us in products."""
        return sum((self.books.held(spec.product_id) for spec in self.books.products()), Decimal(0))

    def idle(self) -> Decimal:
        """The USDT in the wallet."""
        return self.books.balance("USDT").available


@contextmanager
def practice(
    directory: Path,
    *products: ProductSpec,
    deposit: str = "1000",
    settings: Settings | None = None,
    precision: int = 8,
) -> Iterator[Practice]:
    """A practice account with these products and so much USDT in the wallet.

    `precision` is how many decimals the exchange admits.
    """
    clock = VirtualClock(START)
    usdt = CoinSpec("USDT", "Tether USD", 1, precision, Decimal(1))
    books = Books(clock, settings=settings, coins=[usdt], products=list(products))
    if Decimal(deposit):
        books.deposit("USDT", deposit)
    with ExitStack() as stack:
        server = stack.enter_context(serve(books, keys=(KEY,)))
        yield Practice(directory, clock, books, server)


def environment(**more: str) -> dict[str, str]:
    """An environment for a child process, with the practice keys in it."""
    return {**os.environ, **KEYS, **more}
