"""One account at the exchange, without a server, and one place for the daemon's files."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from earnd.ledger import queries
from earnd.ledger.engine import open_reader
from earnd.sandbox import Books, CoinSpec, VirtualClock
from earnd.sandbox.face import Face
from tests.simulation.worlds import Strategy, World
from tests.support.practice import KEY, START

_SIDES = ("-wal", "-shm", "-journal")


@dataclass
class Account:
    """The books with their face, and the files of the daemon that serves them."""

    directory: Path
    clock: VirtualClock
    books: Books
    face: Face
    strategy: Strategy
    """As the configuration says it now."""
    replay_window: str | None
    imitated: set[str] = field(default_factory=set)
    """Records that somebody made to look like a move of earnd."""
    paused_at: datetime | None = None
    _reader: sqlite3.Connection | None = None

    @property
    def ledger(self) -> Path:
        return self.directory / "ledger.db"

    @property
    def pause_file(self) -> Path:
        return self.directory / "pause"

    def write_config(self) -> Path:
        """The configuration file as it should be now."""
        path = self.directory / "config.yaml"
        window = "" if self.replay_window is None else f"replay_window: {self.replay_window}"
        path.write_text(
            "mode: live\n"
            "exchange: {base_url: 'http://127.0.0.1:9', total_timeout: 20s, read_timeout: 10s, "
            "connect_timeout: 5s}\n"
            f"ledger: {{path: {self.ledger.name}}}\n"
            f"limits: {{pause_file: {self.pause_file.name}}}\n"
            f"settling: {{{window}}}\n"
            f"strategy: {{coins: {{USDT: {self.strategy.text}}}}}\n"
        )
        return path

    def idle(self) -> Decimal:
        """The USDT in the wallet."""
        return self.books.balance("USDT").available

    def sql(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the ledger as somebody else sees them: what is durable, and nothing else."""
        if self._reader is None:
            self._reader = sqlite3.connect(
                f"file:{self.ledger}?mode=ro", uri=True, isolation_level=None
            )
        return self._reader.execute(query, values).fetchall()

    def findings(self) -> dict[str, list[Any]]:
        """The audits that are not empty."""
        with open_reader(self.ledger) as reader:
            return {name: list(rows) for name, rows in queries.audits(reader).items() if rows}

    def restore(self, copy: Path) -> None:
        """An older copy takes the ledger's place, as somebody does it by hand."""
        self.forget_reader()
        for side in _SIDES:
            self.ledger.with_name(self.ledger.name + side).unlink(missing_ok=True)
        self.ledger.unlink()
        shutil.copyfile(copy, self.ledger)

    def forget_reader(self) -> None:
        """The file is about to be another."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def open_account(directory: Path, world: World) -> Account:
    """An account as a seed's world has it at noon of the first day."""
    clock = VirtualClock(START)
    usdt = CoinSpec("USDT", "Tether USD", 1, 8, Decimal(1))
    books = Books(clock, settings=world.settings, coins=[usdt], products=list(world.products))
    if Decimal(world.deposit):
        books.deposit("USDT", world.deposit)
    face = Face(books, clock, (KEY,), world.gateway)
    return Account(directory, clock, books, face, world.strategy, world.replay_window)
