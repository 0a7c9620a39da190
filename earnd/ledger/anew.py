"""A ledger in the place of one that is lost: built elsewhere, and there when it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from earnd.errors import ConfigError
from earnd.ledger import anchors, files
from earnd.ledger.engine import open_reader
from earnd.ledger.lock import WriterLock
from earnd.ledger.refusal import Purpose, translated


@dataclass(frozen=True, slots=True)
class Site:
    """Where a ledger is built, where it is going to be, and the newest block of the one before.

    `lost` is `None` where no anchor was left, or none that can be read.
    """

    building: Path
    place: Path
    lost: str | None


@contextmanager
def anew(path: Path) -> Iterator[Site]:
    """A place to build a ledger in, which is at `path` once the block has ended well.

    Until then, and if it ends in any other way, nothing is at `path`. The writer's lock is held
    meanwhile. An anchor that the lost ledger left is no obstacle: it is replaced in the end.
    Raises `ConfigError` if there is a ledger, `LedgerBusy` if somebody is about to write one, and
    `LedgerError` for what else is at `path`, or lies beside it of a ledger that was moved.
    """
    real = files.resolved(path)
    with WriterLock(real):
        if files.exists(real):
            raise ConfigError(
                "there is a ledger already, and it knows more than the exchange does",
                where=str(real),
                todo="If it can't be read, restore a backup; without one, move it away first,"
                " with its -wal, and keep it.",
            )
        files.refuse_orphans(real)
        with _folder_beside(real) as folder:
            site = Site(folder / real.name, real, _lost(real))
            yield site
            with open_reader(site.building) as reader:
                reader.copy_to(real)
            with translated(real, Purpose.WRITE):
                head = anchors.read(site.building)
                if head is None:
                    anchors.beside(real).unlink(missing_ok=True)
                else:
                    anchors.write(real, head)


@contextmanager
def _folder_beside(path: Path) -> Iterator[Path]:
    with translated(path, Purpose.WRITE):
        made = TemporaryDirectory(prefix=f".{path.name}.rebuild-", dir=path.parent)
    with made as folder:
        yield Path(folder)


def _lost(path: Path) -> str | None:
    with suppress(OSError, ValueError):
        head = anchors.read(path)
        return None if head is None else head.anchor
    return None
