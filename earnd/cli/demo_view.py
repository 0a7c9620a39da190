"""What `earnd demo` shows: a live table while it runs, and a short account at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from earnd.cli.reasons import in_short
from earnd.cycle import CycleReport
from earnd.domain.action import State
from earnd.domain.answer import Outcome
from earnd.domain.money import plain
from earnd.domain.plan import Move
from earnd.domain.reason import Reason
from earnd.ledger.queries import audits
from earnd.ledger.reader import open_reader
from earnd.sandbox import Sums

_CYCLES_A_DAY = 4
_LINES = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, and whether the world or earnd did it."""

    at: datetime
    text: str
    by_earnd: bool

    def show(self) -> str:
        """The line as it is printed."""
        who = "  earnd " if self.by_earnd else ""
        return f"{self.at:%d %b %H:%M}  {who}{self.text}"


class DemoView:
    """The live table and the progress bar; on no terminal, just the story line by line."""

    def __init__(self, days: int) -> None:
        self.story: list[Line] = []
        self._console = Console(highlight=False)
        self._report: CycleReport | None = None
        self._earned: Mapping[str, Decimal] = {}
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("days")
        )
        self._task = self._progress.add_task("1 May", total=days)
        self._cycles = 0
        self._has_told_of_interest = False
        self._live = Live(
            self._screen(), console=self._console, refresh_per_second=12, transient=True
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def happened(self, at: datetime, text: str) -> None:
        """The world did something."""
        self._add(Line(at, text, by_earnd=False))

    def cycle(self, at: datetime, report: CycleReport, earned: Mapping[str, Decimal]) -> None:
        """A cycle ended; `earned` is the interest of each coin so far."""
        self._report = report
        self._earned = earned
        self._cycles += 1
        for text in self._worth_telling(report):
            self._add(Line(at, text, by_earnd=True))
        done = self._cycles // _CYCLES_A_DAY
        self._progress.update(self._task, completed=done, description=f"{at:%d %b}")
        self._live.update(self._screen())

    def _add(self, line: Line) -> None:
        self.story.append(line)
        if not self._console.is_terminal:
            self._console.print(line.show(), soft_wrap=True)

    def _worth_telling(self, report: CycleReport) -> list[str]:
        """What a newcomer should see: every move and every doubt, but interest only once."""
        told = []
        for move in report.moves:
            is_interest = move.reason is Reason.COMPOUND
            if not (is_interest and self._has_told_of_interest):
                told.append(_told(move))
            self._has_told_of_interest = self._has_told_of_interest or is_interest
        for done in report.tally.done:
            if done.answer.outcome is not Outcome.UNCLEAR:
                continue
            told.append(f"got no answer to number {done.action.request_no}: state unknown")
            if done.state is State.SETTLED:
                told.append("looked it up in the history and found it: settled, nothing sent twice")
        if report.error is not None:
            told.append(f"could not look: {report.error.what}")
        return told

    def _screen(self) -> Group:
        table = Table(box=None, pad_edge=False, title="practice account", title_justify="left")
        for name in ("coin", "idle", "earning", "earned so far"):
            table.add_column(name, justify="left" if name == "coin" else "right", min_width=12)
        if self._report is not None:
            for coin in sorted({*self._report.idle, *self._report.placed}):
                idle = self._report.idle.get(coin, Decimal(0))
                placed = self._report.placed.get(coin, Decimal(0))
                earned = self._earned.get(coin, Decimal(0))
                table.add_row(coin, plain(idle), plain(placed), plain(earned))
        lines = [Text(line.show()) for line in self.story[-_LINES:]]
        return Group(self._progress, table, Text(), *lines)


def _told(move: Move) -> str:
    way = "into" if move.verb.value == "subscribe" else "from"
    why = in_short(move.reason.value, move.detail)
    return f"{move.verb.value}s {plain(move.amount)} {move.coin} {way} {move.product_id}: {why}"


QUERIES = (
    "SELECT verb, coin, product_id, amount, reason, state FROM action_now ORDER BY action_id",
    (
        "SELECT coin, decimal_sum(amount) AS interest FROM movement WHERE kind = 'interest'"
        " GROUP BY coin"
    ),
)


def epilogue(place: Path, sums: Mapping[str, Sums], story: list[Line]) -> None:
    """The short account: what happened, what was earned, where to look."""
    out = Console(highlight=False, soft_wrap=True)
    if out.is_terminal:
        out.print("What happened", style="bold")
        for line in story:
            out.print(line.show())
    out.print("\nWhat was earned", style="bold")
    for coin, sum_ in sorted(sums.items()):
        out.print(f"  {plain(sum_.interest):>16} {coin}")
    ledger = place / "ledger.db"
    with open_reader(ledger) as reader:
        found = audits(reader)
    rows = sum(len(rows) for rows in found.values())
    out.print(f"\n{len(found)} audits over the ledger: {rows} findings")
    out.print(f"\nThe ledger is {ledger}. Ask it anything:", style="bold")
    for query in QUERIES:
        out.print(f'  sqlite3 -readonly -box {ledger} "{query}"')
    out.print(f"\nor: earnd status --ledger {ledger}")
    out.print(f"    earnd explain USDT --ledger {ledger}")
