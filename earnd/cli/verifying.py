"""`earnd ledger verify`: whether the file is what earnd wrote, recomputed from the first row."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from earnd.cli.options import config_option, json_option, ledger_named, ledger_option
from earnd.cli.show import print_json, say
from earnd.errors import ConfigError, ExitCode
from earnd.ledger import anchors
from earnd.ledger import verify as proofs


@click.group(invoke_without_command=True)
@click.pass_context
def ledger(context: click.Context) -> None:
    """Prove that the ledger is what earnd wrote."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@ledger.command("verify")
@config_option
@ledger_option
@click.option(
    "--anchor",
    "told",
    metavar="BLOCK:HASH",
    help="What you kept elsewhere, as 1234:9f86d081884c7d65; the chain must have it.",
)
@json_option
def ledger_verify(
    config_file: str | None, ledger_file: Path | None, told: str | None, *, as_json: bool
) -> int:
    """Recompute the hash chain from the first block, and ask SQLite whether the file is sound.

    Reads only, also while earnd writes, and works on a backup. Exits 3 if anything does not fit.
    """
    anchor = None
    if told is not None:
        try:
            anchor = anchors.told(told)
        except ValueError as error:
            raise ConfigError(
                str(error), where="--anchor", todo="`earnd status` shows the newest"
            ) from None
    with _progress() as tell:
        verdict = proofs.verify(ledger_named(config_file, ledger_file), anchor=anchor, tell=tell)
    if as_json:
        print_json(_facts(verdict))
    else:
        say(*_lines(verdict))
    return ExitCode.FINE if verdict.is_whole else ExitCode.LEDGER


def _facts(verdict: proofs.Verdict) -> dict[str, Any]:
    head = verdict.head
    return {
        "ledger": str(verdict.path),
        "fits": verdict.is_whole,
        "blocks": verdict.blocks,
        "rows": verdict.rows,
        "anchor": None if head is None else head.anchor,
        "hash": None if head is None else head.hash,
        "at": verdict.head_at,
        "not_yet_in_a_block": dict(verdict.loose),
        "findings": [asdict(finding) for finding in verdict.findings],
    }


def _lines(verdict: proofs.Verdict) -> Iterator[str]:
    for finding in verdict.findings:
        yield f"FINDING {finding.what}"
    if not verdict.is_whole:
        if verdict.head is not None:
            yield f"{verdict.blocks} blocks fit, up to {verdict.head_at}"
        yield "keep the file as it is, and restore the newest backup that this command accepts"
        return
    if verdict.head is None:
        yield "nothing is proven yet: the first block is closed at the end of the first cycle"
    else:
        yield f"every row fits: {verdict.rows} rows in {verdict.blocks} blocks"
    if verdict.loose:
        rows = ", ".join(f"{count} of {name}" for name, count in sorted(verdict.loose.items()))
        yield f"not yet in a block: {rows}"
    if verdict.head is not None:
        yield f"anchor {verdict.head.anchor}, closed {verdict.head_at}: keep it elsewhere"


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bars = (TextColumn("blocks"), BarColumn(), MofNCompleteColumn())
    with Progress(*bars, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("blocks", total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
