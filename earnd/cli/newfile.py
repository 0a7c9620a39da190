"""A file that is whole or not there, and never in the place of another."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from earnd.errors import ConfigError

_PIECE: Final = 1 << 16


def refuse_existing(path: Path) -> None:
    """Raises `ConfigError` if something has this name, be it a link that leads nowhere."""
    try:
        is_there = os.path.lexists(path)
    except ValueError as error:
        raise ConfigError(f"this cannot be a file's name: {error}", where=repr(str(path))) from None
    if is_there:
        raise ConfigError(
            "something of this name is there already",
            where=str(path),
            todo="Nothing was written. Choose another name, or move that away.",
        )


@contextmanager
def new_file(path: Path) -> Iterator[IO[str]]:
    """What is written into it appears under its name when the block has ended well.

    Only its owner can read it. Raises `ConfigError` if it cannot be, or if the name was taken
    meanwhile; then nothing of it is left.
    """
    refuse_existing(path)
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="", dir=path.parent, prefix=f".{path.name[:100]}."
        ) as unfinished:
            yield unfinished
            unfinished.flush()
            os.fsync(unfinished.fileno())
            # A link, not a rename: that would replace a file that appeared meanwhile.
            os.link(unfinished.name, path)
    except FileExistsError:
        refuse_existing(path)
        raise
    except OSError as error:
        raise ConfigError(
            f"the file cannot be written: {error.strerror}",
            where=str(path),
            todo="Nothing of it is left. Choose a place on a local disk that you may write to.",
        ) from None


@contextmanager
def held_back(write: Callable[[str], None]) -> Iterator[IO[str]]:
    """What is written goes to `write` when the block has ended well, and none of it otherwise."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as aside:
        yield aside
        aside.seek(0)
        while piece := aside.read(_PIECE):
            write(piece)
