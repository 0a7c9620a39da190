"""`earnd resolve` and `earnd migrate`: a person's hand on the ledger, written down as such."""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from pathlib import Path

import click

from earnd.cli.options import config_option, json_option, ledger_named, ledger_option, loaded
from earnd.cli.show import print_json, say
from earnd.clock import SystemClock
from earnd.domain.action import RecordedAction, State
from earnd.domain.attribution import SeenRecord
from earnd.domain.matching import kind_of
from earnd.errors import ConfigError
from earnd.ledger import queries
from earnd.ledger.reader import open_reader
from earnd.ledger.upgrade import head
from earnd.ledger.upgrade import migrate as upgrade
from earnd.wiring import writable_ledger


@click.command()
@click.argument("action", type=click.IntRange(1))
@click.option(
    "--as",
    "outcome",
    type=click.Choice([State.SETTLED.value, State.REJECTED.value]),
    required=True,
    help="settled: it happened; rejected: it did not.",
)
@click.option("--because", required=True, metavar="TEXT", help="How you know; kept in the ledger.")
@click.option("--record", "record_id", metavar="ID", help="The record that proves it (settled).")
@config_option
@json_option
def resolve(
    action: int,
    outcome: str,
    because: str,
    record_id: str | None,
    config_file: str | None,
    *,
    as_json: bool,
) -> None:
    """Say what became of an ACTION that needs an operator.

    Only actions in the state needs_operator can be resolved. Stop the daemon first: one program
    writes at a time. Look at the exchange's own history before you decide.
    """
    if not because.strip():
        raise ConfigError("--because is empty", todo="say how you know; the ledger keeps it")
    file = loaded(config_file)
    clock = SystemClock()
    path = file.ledger_path(os.environ)
    # Asked read-only first: a slip of the pen neither begins a ledger nor leaves a trace in one.
    with open_reader(path) as reader:
        _refuse_unless_waiting(reader, action)
    with writable_ledger(file, path, clock) as book:
        _refuse_unless_waiting(book, action)
        found = next(row for row in book.open_actions() if row.action_id == action)
        seq = None
        if record_id is not None:
            seq = _seq_of(book.records(), found, record_id, State(outcome))
        book.resolve(
            found.action_id,
            State(outcome),
            clock.now(),
            because=because,
            who=who(),
            record_seq=seq,
        )
        row = queries.action(book, action)
    if as_json:
        print_json(row)
    else:
        say(f"action {action} is {outcome}; the ledger says that you said so, and why")


def _refuse_unless_waiting(ledger: queries.Source, action_id: int) -> None:
    row = queries.action(ledger, action_id)
    if row is None or row["state"] != State.NEEDS_OPERATOR:
        state = "not in this ledger" if row is None else f"in state {row['state']}"
        raise ConfigError(
            f"action {action_id} is {state}; only needs_operator is resolved",
            todo="`earnd actions --state needs_operator` lists those that wait for you",
        )


def who() -> str:
    """The user that the system knows us as, whatever the environment says."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _seq_of(
    records: Sequence[SeenRecord], action: RecordedAction, record_id: str, outcome: State
) -> int:
    """The record that a person named as the proof, if it can be one."""
    if outcome is not State.SETTLED:
        raise ConfigError("--record proves that it happened", todo="leave it out with rejected")
    seen = next(
        (
            row
            for row in records
            if row.record.record_id == record_id and row.record.kind is kind_of(action.verb)
        ),
        None,
    )
    if seen is None:
        raise ConfigError(
            f"there is no {kind_of(action.verb).value} record {record_id} in the ledger",
            todo="run `earnd once` to read the history, then try again",
        )
    if seen.attributed_to is not None:
        raise ConfigError(f"record {record_id} is attributed to {seen.attributed_to.value} already")
    return seen.seq


@click.command()
@config_option
@ledger_option
@json_option
def migrate(config_file: str | None, ledger_file: Path | None, *, as_json: bool) -> None:
    """Bring an older ledger to this program's schema; a copy of it is made first."""
    path = ledger_named(config_file, ledger_file)
    copy = upgrade(path, at=SystemClock().now())
    if as_json:
        print_json({"ledger": str(path), "revision": head(), "copy": copy and str(copy)})
    elif copy is None:
        say(f"{path} is at the newest schema already ({head()})")
    else:
        say(f"{path} is at schema {head()} now; as it was: {copy}")
