"""Empty ledgers, made once in a process and copied: making one takes longer than most tests."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from earnd.ledger import engine
from earnd.ledger.engine import RunStart


def lay_empty(path: Path, *, mode: str, account_label: str, at: datetime) -> None:
    """A new ledger of nobody's run at `path`, byte for byte as earnd makes it; none if one is."""
    if path.exists():
        return
    path.touch(mode=0o600)
    path.write_bytes(_empty(mode, account_label, at))


@cache
def _empty(mode: str, account_label: str, at: datetime) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder).resolve() / "ledger.db"
        start = RunStart("10000000", at, "0.1.0", "0" * 64)
        engine._create(path, mode, account_label, start)
        return path.read_bytes()
