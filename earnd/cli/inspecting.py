"""`earnd status`, `earnd actions`, `earnd audit`: what the ledger says; read-only, never blocking."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from earnd.cli.options import config_option, json_option, ledger_option, ledger_to_read, print_json
from earnd.cli.show import print_table
from earnd.domain.action import State
from earnd.errors import ExitCode
from earnd.ledger import queries
from earnd.ledger.engine import open_reader

ACTION_COLUMNS = (
    "action_id",
    "planned_at",
    "verb",
    "coin",
    "product_id",
    "amount",
    "reason",
    "state",
    "request_no",
    "code",
)


@click.command()
@config_option
@ledger_option
@json_option
def status(config_file: str | None, ledger_file: Path | None, *, as_json: bool) -> None:
    """Show holdings, idle money, rates, open actions and the last cycle."""
    with open_reader(ledger_to_read(config_file, ledger_file)) as reader:
        found = queries.status(reader)
        latest = queries.decisions(reader)
    facts: dict[str, Any] = {
        "ledger": found.ledger,
        "last_cycle": found.last_cycle,
        "open_actions": found.open_actions,
        "holdings": found.holdings,
        "balances": found.balances,
        "rates": found.rates,
        "decisions": latest,
    }
    if as_json:
        print_json(facts)
        return
    click.echo(f"{found.ledger['mode']} ledger of account {found.ledger['account_label']}")
    click.echo(_last_cycle(found.last_cycle))
    if found.open_actions:
        print_table("\nopen actions", found.open_actions, ACTION_COLUMNS)
    else:
        click.echo("no action is open")
    print_table("\nearning", found.holdings, ("coin", "product_id", "amount", "verified", "why"))
    print_table("\nidle", found.balances, ("coin", "available", "frozen", "as_of"))
    rates = [row for row in found.rates if row["coin"] in _coins(found)]
    print_table("\nrates", rates, ("coin", "product_id", "apy", "additional_apy", "maximum"))


def _coins(found: queries.Status) -> set[Any]:
    """The coins that there is money in; the exchange lists hundreds."""
    return {row["coin"] for row in (*found.holdings, *found.balances)}


def _last_cycle(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "no cycle yet"
    words = f"last cycle {row['cycle_id']} began {row['began_at']}: {row['outcome'] or 'not over'}"
    if row["outcome"] is not None:
        words += f", {row['moves']} moves, {row['holds']} holds"
    return f"{words}\n  {row['failure']}" if row["failure"] else words


@click.command()
@config_option
@ledger_option
@click.option("--coin", metavar="COIN", help="Only this coin.")
@click.option("--state", type=click.Choice([state.value for state in State]), help="Only these.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
@json_option
def actions(
    config_file: str | None,
    ledger_file: Path | None,
    *,
    coin: str | None,
    state: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List actions, newest first."""
    with open_reader(ledger_to_read(config_file, ledger_file)) as reader:
        rows = queries.actions(reader, limit=limit, coin=coin, state=state)
    if as_json:
        print_json(rows)
    elif rows:
        print_table("", rows, ACTION_COLUMNS)
    else:
        click.echo("no such action")


@click.command()
@config_option
@ledger_option
@json_option
def audit(config_file: str | None, ledger_file: Path | None, *, as_json: bool) -> int:
    """Ask every audit; each must be empty. Exits 1 if one is not."""
    with open_reader(ledger_to_read(config_file, ledger_file)) as reader:
        found = queries.audits(reader)
    rows = sum(len(findings) for findings in found.values())
    if as_json:
        print_json(found)
    else:
        for name, findings in found.items():
            click.echo(f"{'ok     ' if not findings else 'FINDING'} {name}")
            for row in findings:
                click.echo("        " + ", ".join(f"{key} {value}" for key, value in row.items()))
        click.echo(f"{len(found)} audits, {rows} findings")
    return ExitCode.FINDING if rows else ExitCode.FINE
