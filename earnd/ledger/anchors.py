"""The anchor beside the ledger: a small file that says which block was written here last.

A ledger that does not have that block is an older copy, or another ledger.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from earnd.errors import LedgerError
from earnd.ledger.chain import ANCHOR_DIGITS, Head
from earnd.ledger.files import OWNER_ONLY
from earnd.ledger.refusal import Purpose, translated

_LINE = re.compile(r"([1-9][0-9]{0,17}) ([0-9a-f]{64})\n")
_TOLD = re.compile(rf"([1-9][0-9]{{0,17}}):([0-9a-fA-F]{{{ANCHOR_DIGITS},64}})")
_LONGEST = 100
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW


def beside(ledger: Path) -> Path:
    """Where the anchor of this ledger lies."""
    return ledger.with_name(f"{ledger.name}.anchor")


def told(text: str) -> Head:
    """An anchor as people keep it, `1234:9f86d081884c7d65`; the hash is its beginning.

    Raises `ValueError` for anything else.
    """
    found = _TOLD.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"an anchor is a block's number, a colon and {ANCHOR_DIGITS} to 64 digits of its hash"
        )
    return Head(int(found[1]), found[2].lower())


def read(ledger: Path) -> Head | None:
    """What was written here last; `None` if nothing is known.

    Raises `ValueError` for a file that is not as earnd writes it, `OSError` for one that can't be
    read.
    """
    try:
        with beside(ledger).open("rb") as file:
            text = file.read(_LONGEST)
    except FileNotFoundError:
        return None
    found = _LINE.fullmatch(text.decode("ascii", "replace"))
    if found is None:
        raise ValueError("it is not as earnd writes it")
    return Head(int(found[1]), found[2])


def write(ledger: Path, head: Head) -> None:
    """Keeps the newest block; whoever reads meanwhile finds the old line or the new one.

    Not synced: after a power cut the file may be as before, which says no more than it knows.
    Raises `OSError`.
    """
    path = beside(ledger)
    new = path.with_name(f"{path.name}.new")
    descriptor = os.open(new, _FLAGS, OWNER_ONLY)
    try:
        os.write(descriptor, f"{head.block_id} {head.hash}\n".encode("ascii"))
    finally:
        os.close(descriptor)
    new.replace(path)


def refuse_orphan(ledger: Path) -> None:
    """Raises `LedgerError` where there was a ledger, by its anchor, and there is none now.

    To begin anew there would be to forget what was done, and whose doing it was.
    """
    path = beside(ledger)
    with translated(path, Purpose.WRITE):
        is_there = os.path.lexists(path)
    if not is_there:
        return
    last = ""
    with suppress(OSError, ValueError):
        known = read(ledger)
        last = f"; its last block was {known.anchor}" if known else ""
    raise LedgerError(
        f"the ledger is gone, but {path.name}, which belongs to it, is still here{last}",
        where=str(ledger),
        todo="Restore the newest backup. Without one, `earnd rebuild` makes a ledger of what the"
        " exchange remembers. To begin anew on purpose, remove that file.",
    )
