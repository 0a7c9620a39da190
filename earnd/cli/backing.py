"""`earnd backup`: a verified copy of the ledger, beside whoever writes to it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from earnd.cli.newfile import refuse_existing
from earnd.cli.options import config_option, json_option, ledger_named, ledger_option, loaded
from earnd.cli.show import print_json, say
from earnd.clock import SystemClock
from earnd.errors import ConfigError, EarndError
from earnd.ledger import copies
from earnd.ledger.reader import open_reader

if TYPE_CHECKING:
    from earnd.config.load import LoadedConfig
    from earnd.ledger import backup as copying


@click.command()
@config_option
@ledger_option
@click.option(
    "--to",
    "target",
    metavar="FILE|FOLDER",
    type=click.Path(path_type=Path),
    help="A new file, or a folder that is there. Default: the folder of the configuration.",
)
@click.option(
    "--check",
    "checked",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Copy nothing: look whether this copy is whole. Exits 3 if it is not.",
)
@json_option
def backup(
    config_file: str | None,
    ledger_file: Path | None,
    target: Path | None,
    checked: Path | None,
    *,
    as_json: bool,
) -> None:
    """Copy the ledger, also while earnd writes to it, and verify the copy before it has a name.

    Without --to the copy goes where the service puts its own, and the oldest beyond backup.keep
    are deleted.
    """
    # `earnd status` asks this module for the newest copy only.
    from earnd.ledger import backup as copying

    deleted: tuple[Path, ...] = ()
    if checked is not None:
        if target or ledger_file or config_file:
            raise ConfigError("--check is about a file of its own", todo="leave out the rest")
        found = copying.check(checked)
    else:
        # So that it removes what it has begun.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        found, deleted = _made(config_file, ledger_file, target)
    if as_json:
        print_json(_facts(found, deleted))
    else:
        say(*_lines(found, deleted))


def _made(
    config_file: str | None, ledger_file: Path | None, target: Path | None
) -> tuple[copying.Checked, tuple[Path, ...]]:
    from earnd.ledger import backup as copying

    now = SystemClock().now()
    file = None if ledger_file is not None else loaded(config_file)
    with open_reader(ledger_named(config_file, ledger_file)) as reader:
        ledger = reader.path
        if target is not None and not target.is_dir():
            refuse_existing(target)
            folder = copies.ready(target.absolute().parent, may_make=False)
            return copying.back_up(reader, folder / target.name), ()
        if target is not None:
            folder = copies.ready(target, may_make=False)
        elif file is None:
            folder = copies.ready(ledger.parent / "backups", may_make=True)
        else:
            wanted = file.config.backup.folder
            folder = copies.ready(file.backup_folder(os.environ), may_make=wanted is None)
        found = copying.back_up(reader, folder / copies.name_of(ledger, now))
    if file is None or target is not None:
        return found, ()
    return found, copies.rotate(folder, ledger, keep=file.config.backup.keep, new=found.path)


def _facts(found: copying.Checked, deleted: tuple[Path, ...]) -> dict[str, Any]:
    cycle = found.last_cycle
    return {
        "copy": str(found.path),
        "bytes": found.size,
        "rows": found.rows,
        "schema": found.revision,
        "last_cycle": None if cycle is None else {"cycle_id": cycle[0], "began_at": cycle[1]},
        "anchor": found.anchor,
        "deleted": [str(path) for path in deleted],
    }


def _lines(found: copying.Checked, deleted: tuple[Path, ...]) -> Iterator[str]:
    yield str(found.path)
    cycle = found.last_cycle
    upto = "no cycle yet" if cycle is None else f"the last cycle is {cycle[0]} of {cycle[1]}"
    yield f"  whole: {found.rows} rows, {found.size} bytes; {upto}"
    if not found.is_newest:
        yield f"  of the older schema {found.revision}: in a ledger's place, run `earnd migrate`"
    elif found.anchor is not None:
        yield f"  its hash chain fits, up to {found.anchor}"
    for path in deleted:
        yield f"  deleted, as there are newer ones: {path}"


def last_backup(file: LoadedConfig, ledger: Path) -> dict[str, Any] | None:
    """The newest copy in the configured folder; `None` if there is none, or it can't be read."""
    try:
        found = copies.copies_in(file.backup_folder(os.environ), ledger)
    except EarndError:
        return None
    if not found:
        return None
    age = SystemClock().now() - found[0].at
    every = file.config.backup.every
    return {
        "at": f"{found[0].at:%Y-%m-%dT%H:%M:%SZ}",
        "path": str(found[0].path),
        "age_s": round(age.total_seconds()),
        "overdue": every is not None and age > every + _LATE,
    }


_LATE = timedelta(hours=1)
"""A copy is made after the first cycle that finds it due."""


def backup_in_words(file: LoadedConfig, last: dict[str, Any] | None) -> str:
    """The line of `earnd status` about copies."""
    if last is None:
        folder = file.backup_folder(os.environ)
        return f"no copy of the ledger is in {folder}: `earnd backup` makes one"
    at, late = datetime.fromisoformat(last["at"]), last["overdue"]
    words = f"last copy of the ledger: {at:%Y-%m-%dT%H:%M:%SZ}, {last['path']}"
    return f"{words}; another is overdue: does the log say backup.failed?" if late else words
