"""How facts look: lines and tables for people, plain data for programs.

Everything that is printed passes here. Foreign text cannot act on the terminal, nothing is ever
cut off, and a reader that went away (`earnd audit | head`) changes nothing about the exit code.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from earnd.cli.reasons import in_full
from earnd.domain.history import CycleOutcome
from earnd.domain.money import Rate, plain
from earnd.domain.plan import Hold, Move
from earnd.errors import EarndError
from earnd.printable import printable

if TYPE_CHECKING:
    from earnd.cycle import CycleReport

_NUMBERS = frozenset(
    {"amount", "apy", "additional_apy", "attempts", "available", "frozen", "maximum", "minimum"}
)
_NOBODY_READS = (errno.EPIPE, errno.EIO)


def say(*lines: str, err: bool = False) -> None:
    """Prints lines, each of which stays one line whatever is in it."""
    _write("".join(f"{printable(line)}\n" for line in lines), err=err)


def print_json(facts: object) -> None:
    """Facts for programs: amounts stay text, so that no reader makes floats of them."""
    _write(json.dumps(facts, indent=2, default=str) + "\n")


def print_as_it_is(text: str) -> None:
    """Text of a format that programs read; whoever makes it sees that it is harmless."""
    _write(text)


def _write(text: str, *, err: bool = False) -> None:
    try:
        click.echo(text, nl=False, err=err)
    except OSError as error:
        # What could not be written is still in the stream, which would try again at the end.
        stream = sys.stderr if err else sys.stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if error.errno not in _NOBODY_READS and not err:
            raise EarndError(
                f"what there is to say cannot be written: {error.strerror}",
                where="standard output",
                todo="what was done is done, and is in the ledger",
            ) from None


def print_table(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows as a table; nothing is cut off or folded, so that ids and amounts can be copied."""
    if not rows:
        say("", f"{title}: nothing")
        return
    cells = [[_cell(row.get(name)) for name in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    lines = [
        "  ".join(
            text.rjust(width) if name in _NUMBERS else text.ljust(width)
            for text, width, name in zip(row, widths, columns, strict=True)
        ).rstrip()
        for row in (columns, *cells)
    ]
    say(*(("", title) if title else ()), *lines)


def _cell(value: object) -> str:
    return "" if value is None else printable(str(value))


def percent(rate: object) -> str | None:
    """A rate of the ledger, which is a fraction, as people write rates."""
    return None if rate is None else str(Rate(Decimal(str(rate))))


def print_cycle(report: CycleReport, *, sends: bool, exchange: str) -> None:
    """A cycle for people: what it does or would do, what it leaves alone, and why."""
    say(*(_move_line(move, sends=sends) for move in report.moves))
    say(*(_hold_line(hold) for hold in report.holds))
    if not report.moves and report.outcome is CycleOutcome.DONE:
        say("nothing to move")
    if not sends and any(move.verb.value == "redeem" for move in report.moves):
        say("what comes home is decided upon when it has arrived")
    for done in report.tally.done:
        action = done.action
        say(
            f"sent {action.verb.value} {plain(action.amount)} {action.coin} as number "
            f"{action.request_no}: {done.state.value} ({done.answer.detail})"
        )
    if report.outcome is CycleOutcome.INTERRUPTED:
        say("asked to stop: what was under way is recorded, the rest was left", err=True)
    if report.error is not None:
        words = report.outcome.value.replace("_", " ")
        first, *rest = str(report.error).splitlines()
        say(f"{words}, nothing more was moved: {exchange}: {first}", *rest, err=True)


def _move_line(move: Move, *, sends: bool) -> str:
    verb = move.verb.value if sends else f"would {move.verb.value}"
    why = in_full(move.reason.value, move.detail)
    return decision_line(verb, move.coin, move.product_id, plain(move.amount), why)


def _hold_line(hold: Hold) -> str:
    much = plain(hold.amount) if hold.amount is not None and hold.amount >= 0 else None
    why = in_full(hold.reason.value, hold.detail)
    return decision_line("hold", hold.coin, hold.product_id, much, why)


def decision_line(
    verb: str, coin: str, product_id: str | None, amount: str | None, why: str
) -> str:
    """`subscribe 500 USDT into product 1002: ...`, and the like for what is held back."""
    way = {"subscribe": "into", "redeem": "from"}.get(verb.rsplit(maxsplit=1)[-1], "in")
    where = f" {way} product {product_id}" if product_id else ""
    much = f" {amount}" if amount is not None else ""
    return f"{verb}{much} {coin}{where}: {why}"


def cycle_facts(report: CycleReport, *, sends: bool, exchange: str) -> dict[str, Any]:
    """A cycle for programs; amounts are text."""
    return {
        "cycle_id": report.cycle_id,
        "outcome": report.outcome.value,
        "exchange": exchange,
        "sends": sends,
        "settled": report.settled,
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
        "amount": None if step.amount is None else _digits(step.amount),
        "reason": step.reason.value,
        "why": in_full(step.reason.value, step.detail),
        "detail": dict(step.detail),
    }


def _digits(amount: Decimal) -> str:
    # A hold may say how much is lacking, as less than nothing.
    return plain(amount) if amount >= 0 else f"-{plain(-amount)}"
