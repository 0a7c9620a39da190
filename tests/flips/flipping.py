"""One bit of a ledger's file, its -wal or a backup turns: it is found, or nothing reads otherwise.

Bytes of copies are changed, never a database that is open. What was caught is caught by what a
person would run: `earnd ledger verify`, which refuses or finds, and the opening for writing.
"""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from earnd.cycle import run_cycle
from earnd.errors import LedgerError
from earnd.ledger.engine import RunStart, open_writer
from earnd.ledger.verify import verify
from earnd.sandbox import Fault
from tests.support.practice import START, Practice, flexible, practice, tiered

HARMLESS = "reads as before"
MISSED = "MISSED"
OPENS = "opened by earnd"
UNTRIED = "not opened"
REFUSED = "refused by earnd"

_PAGE_SIZE_AT = 16
_FRAME_HEADER = 24
_WAL_HEADER = 32
_HEADER = 100
_TYPES = {2: "index", 5: "table", 10: "index", 13: "table"}

Content = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Laid:
    """A ledger as it lies on the disk: its files by what follows the ledger's name, as they read.

    `place` says what a flip in `tail` is a flip of.
    """

    place: str
    files: dict[str, bytes]
    tail: str
    content: Content

    def lay(self, folder: Path) -> Path:
        """The files, in a folder that has nothing else of them."""
        path = folder / "ledger.db"
        for old in folder.glob("ledger.db*"):
            old.unlink()
        for tail, content in self.files.items():
            path.with_name(path.name + tail).write_bytes(content)
        return path

    def kind(self, at: int) -> str:
        """What lies there."""
        content = self.files[self.tail]
        if self.tail == "-wal":
            if at < _WAL_HEADER:
                return "wal header"
            size = int.from_bytes(self.files[""][_PAGE_SIZE_AT : _PAGE_SIZE_AT + 2], "big")
            within = (at - _WAL_HEADER) % (size + _FRAME_HEADER)
            return "frame header" if within < _FRAME_HEADER else "page in the wal"
        size = int.from_bytes(content[_PAGE_SIZE_AT : _PAGE_SIZE_AT + 2], "big")
        if at < _HEADER:
            return "file header"
        page = at // size * size
        return f"{_TYPES.get(content[page + (_HEADER if page == 0 else 0)], 'other')} page"


@dataclass(frozen=True)
class Flip:
    """One bit, and what became of it."""

    place: str
    kind: str
    at: int
    bit: int
    outcome: str
    opening: str
    says: str
    files: dict[str, bytes]

    def keep(self, folder: Path) -> Path:
        """The turned files, for whoever asks why."""
        folder = folder / f"{self.place.replace(' ', '-')}-{self.at}-{self.bit}"
        folder.mkdir(parents=True, exist_ok=True)
        for tail, content in self.files.items():
            (folder / f"ledger.db{tail}").write_bytes(content)
        return folder


@dataclass
class Tally:
    """All of them."""

    outcomes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    openings: Counter[tuple[str, str]] = field(default_factory=Counter)
    missed: list[Flip] = field(default_factory=list)

    def count(self, flip: Flip) -> None:
        """One more."""
        self.outcomes[flip.place, flip.kind, flip.outcome] += 1
        self.openings[flip.outcome, flip.opening] += 1
        if flip.outcome == MISSED:
            self.missed.append(flip)


def content_of(path: Path) -> Content:
    """Every row of every table and the schema, to the byte and the type."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as ledger:
        ledger.text_factory = lambda text: ("text", bytes(text))
        names = ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        found = {"": ledger.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")}
        for ((_, name),) in names:
            table = name.decode()
            found[table] = ledger.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the ledger's own
        return {name: sorted(rows.fetchall(), key=repr) for name, rows in found.items()}


def _content(path: Path) -> Content | None:
    try:
        return content_of(path)
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def lived(folder: Path) -> list[Laid]:
    """The ledger of some practice days: closed, backed up, and as a kill leaves it."""
    offers = (
        flexible("1001", "0.05"),
        tiered("1002", ("0", "300", "0.09"), ("300", "5000", "0.03")),
    )
    with practice(folder, *offers) as account:
        account.server.faults.add(Fault("subscribe", "drop_after"))
        _live(account, 3)
        with account.daemon() as here:
            book: Any = here.parts.ledger
            for _ in range(3):
                run_cycle(here.parts, "schedule")
                account.clock.advance(timedelta(hours=7))
            backup = folder / "backup.db"
            book.copy_to(backup)
            killed = _files(account.ledger, "", "-wal", ".anchor")
        closed = _files(account.ledger, "", ".anchor")
    laid = [
        Laid("the file", closed, "", {}),
        Laid("the file beside its -wal", killed, "", {}),
        Laid("the -wal", killed, "-wal", {}),
        Laid("a backup", {"": backup.read_bytes()}, "", {}),
    ]
    return [Laid(one.place, one.files, one.tail, content_of(one.lay(folder))) for one in laid]


def _live(account: Practice, days: int) -> None:
    for day in range(days):
        account.books.deposit("USDT", str(100 + day))
        account.clock.advance(timedelta(hours=25))
        account.cycle()


def _files(path: Path, *tails: str) -> dict[str, bytes]:
    return {tail: path.with_name(path.name + tail).read_bytes() for tail in tails}


def flips(ledgers: list[Laid], folder: Path, count: int, seed: int) -> Iterator[Flip]:
    """So many, each drawn by the seed: first the place, then the byte, then the bit.

    Each that reads otherwise is verified; every tenth is verified and opened for writing in any
    case, so that nothing is said or done wrongly about one that is harmless.
    """
    drawn = random.Random(seed)
    for number in range(count):
        ledger = drawn.choice(ledgers)
        at = drawn.randrange(len(ledger.files[ledger.tail]))
        yield flipped(ledger, folder, at, drawn.randrange(8), opens=number % 10 == 0)


def flipped(ledger: Laid, folder: Path, at: int, bit: int, *, opens: bool = True) -> Flip:
    """One bit turned, and what it came to."""
    content = bytearray(ledger.files[ledger.tail])
    content[at] ^= 1 << bit
    turned = Laid(
        ledger.place, {**ledger.files, ledger.tail: bytes(content)}, ledger.tail, ledger.content
    )
    path = turned.lay(folder)
    reads_as_before = _content(path) == ledger.content
    outcome, says = "", ""
    if opens or not reads_as_before:
        outcome, says = _verified(path)
    outcome = HARMLESS if reads_as_before else outcome or MISSED
    opening = _opened(turned.lay(folder)) if opens else UNTRIED
    return Flip(ledger.place, ledger.kind(at), at, bit, outcome, opening, says, turned.files)


def _verified(path: Path) -> tuple[str, str]:
    """By what it was caught; nothing if it was not."""
    try:
        verdict = verify(path)
    except LedgerError as error:
        return "refused", error.what
    if verdict.is_whole:
        return "", ""
    return "found", verdict.findings[0].what


def _opened(path: Path) -> str:
    run = RunStart("22222222", START + timedelta(days=30), "0.1.0", "0" * 64)
    try:
        with open_writer(path, mode="live", account_label="default (sandbox)", run=run) as book:
            restored = book.restored_from()
    except LedgerError:
        return REFUSED
    return OPENS if restored is None else "taken for an older copy"
