"""How facts look: tables and sentences for people, plain data for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from earnd.cli.reasons import sentence
from earnd.cycle import CycleReport
from earnd.domain.history import CycleOutcome
from earnd.domain.money import plain
from earnd.domain.plan import Hold, Move


def console() -> Console:
    """Standard output, as wide as it is; wide enough for whole rows where it is no terminal."""
    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=160)


def print_table(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows as a table; nothing is cut off, so that ids and amounts can be copied."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for column in columns:
        is_number = column in {"amount", "available", "frozen", "attempts"}
        table.add_column(
            column, justify="right" if is_number else "left", overflow="fold", no_wrap=is_number
        )
    for row in rows:
        table.add_row(*("" if row.get(name) is None else str(row[name]) for name in columns))
    console().print(table)


def print_cycle(report: CycleReport, *, sends: bool) -> None:
    """A cycle for people: what it does or would do, what it leaves alone, and why."""
    for move in report.moves:
        click.echo(_move_line(move, sends=sends))
    for hold in report.holds:
        click.echo(_hold_line(hold))
    if not report.moves and report.outcome is CycleOutcome.DONE:
        click.echo("nothing to move")
    for done in report.tally.done:
        action = done.action
        click.echo(
            f"sent {action.verb.value} {plain(action.amount)} {action.coin} as number "
            f"{action.request_no}: {done.state.value} ({done.answer.detail})"
        )
    if report.error is not None:
        click.echo(f"cycle {report.outcome.value}, nothing more was moved: {report.error}", err=True)


def _move_line(move: Move, *, sends: bool) -> str:
    verb = move.verb.value if sends else f"would {move.verb.value}"
    way = "into" if move.verb.value == "subscribe" else "from"
    why = sentence(move.reason.value, move.detail)
    return f"{verb} {plain(move.amount)} {move.coin} {way} product {move.product_id}: {why}"


def _hold_line(hold: Hold) -> str:
    where = f" in product {hold.product_id}" if hold.product_id else ""
    much = f" {plain(hold.amount)}" if hold.amount is not None and hold.amount >= 0 else ""
    return f"hold{much} {hold.coin}{where}: {sentence(hold.reason.value, hold.detail)}"


def cycle_facts(report: CycleReport, *, sends: bool) -> dict[str, Any]:
    """A cycle for programs; amounts are text."""
    return {
        "cycle_id": report.cycle_id,
        "outcome": report.outcome.value,
        "sends": sends,
        "sent": [
            {
                "action_id": done.action.action_id,
                "request_no": done.action.request_no,
                "verb": done.action.verb.value,
                "coin": done.action.coin,
                "product_id": done.action.product_id,
                "amount": plain(done.action.amount),
                "state": done.state.value,
                "answer": done.answer.detail,
            }
            for done in report.tally.done
        ],
        "moves": [_facts(move) | {"verb": move.verb.value} for move in report.moves],
        "holds": [_facts(hold) for hold in report.holds],
        "idle": {coin: plain(amount) for coin, amount in report.idle.items()},
        "placed": {coin: plain(amount) for coin, amount in report.placed.items()},
        "failure": None if report.error is None else str(report.error),
    }


def _facts(step: Move | Hold) -> dict[str, Any]:
    return {
        "coin": step.coin,
        "product_id": step.product_id,
        "amount": None if step.amount is None else f"{step.amount:f}",
        "reason": step.reason.value,
        "why": sentence(step.reason.value, step.detail),
        "detail": dict(step.detail),
    }
