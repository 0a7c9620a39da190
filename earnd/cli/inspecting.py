"""`earnd status`, `actions`, `audit`: what the ledger says; read-only, never blocking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from earnd.cli.backing import backup_in_words, last_backup
from earnd.cli.options import config_option, json_option, ledger_named, ledger_option, loaded
from earnd.cli.paying import COLUMNS, facts, rows
from earnd.cli.proven import what_it_rests_on
from earnd.cli.show import percent, print_json, print_table, say
from earnd.clock import SystemClock
from earnd.domain.action import State
from earnd.domain.closure import EVERYTHING
from earnd.errors import ExitCode
from earnd.ledger import paying, queries
from earnd.ledger.reader import open_reader

if TYPE_CHECKING:
    from earnd.config.load import LoadedConfig

TOLD_FOR = timedelta(days=7)
"""How long it is said that a copy was restored."""

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
    """Show holdings, idle money, rates, open actions, the last cycle and the next.

    When the next cycle is due is known only where a configuration says how often they are; that
    the daemon is running is not said by that.
    """
    file = None if ledger_file and not config_file else loaded(config_file)
    path = ledger_file or ledger_named(config_file, None)
    with open_reader(path) as reader:
        found = queries.status(reader)
        latest = queries.decisions(reader)
        pays = paying.paying(reader)
    interest = facts(pays, {str(row["product_id"]) for row in found.holdings if _is_worth(row)})
    following = None if file is None else _next_cycle(file, found.last_cycle)
    copied = None if file is None else last_backup(file, path)
    if as_json:
        print_json(
            {
                "ledger": found.ledger,
                "last_cycle": found.last_cycle,
                "next_cycle": following,
                "last_backup": copied,
                "open_actions": found.open_actions,
                "holdings": found.holdings,
                "balances": found.balances,
                "rates": found.rates,
                "interest": interest,
                "decisions": latest,
                "shown_by_the_exchange": found.capabilities,
                "closed": _still_closed(found.closures),
                "anchor": found.sealed,
                "restored": _lately(found.restorations),
            }
        )
        return
    say(f"{found.ledger['mode']} ledger of account {found.ledger['account_label']}")
    say(*_last_cycle(found.last_cycle))
    if following is not None:
        say(_in_words(following))
    if file is not None:
        say(backup_in_words(file, copied))
    for row in _still_closed(found.closures):
        what = "everything" if row["endpoint"] == EVERYTHING else row["endpoint"]
        say(f"{what} is closed by the exchange ({row['closing']}): not asked before {row['until']}")
    for row in _lately(found.restorations):
        say(_restored_in_words(row))
    if found.sealed is not None:
        say(f"anchor {found.sealed['anchor']}: what `earnd ledger verify --anchor` asks for")
    if found.open_actions:
        print_table("open actions", found.open_actions, ACTION_COLUMNS)
        if any(row["state"] == State.NEEDS_OPERATOR for row in found.open_actions):
            say("needs_operator waits for a person: `earnd audit`, then `earnd resolve`")
    else:
        say("no action is open")
    if found.last_cycle is not None and found.last_cycle["moves"]:
        say("what the last cycle sent shows in what follows once the next has looked")
    earning = [row | {"verified": _yes_or_no(row)} for row in found.holdings if _is_worth(row)]
    print_table("earning", earning, ("coin", "product_id", "amount", "verified", "as_of", "why"))
    print_table("idle", found.balances, ("coin", "available", "frozen", "as_of"))
    coins = {row["coin"] for row in (*earning, *found.balances)}
    rates = [
        row | {name: percent(row[name]) for name in ("apy", "additional_apy")}
        for row in found.rates
        if row["coin"] in coins  # the exchange lists hundreds
    ]
    print_table("rates", rates, ("coin", "product_id", "apy", "additional_apy", "maximum"))
    print_table(
        "interest, and how much of what was due was paid in 30 days", rows(interest), COLUMNS
    )
    rests_on = what_it_rests_on(found.capabilities)
    print_table("what exactly-once rests on here", rests_on, ("what", "shown", "since"))


def _still_closed(closures: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    now = SystemClock().now()
    return [row for row in closures if datetime.fromisoformat(row["until"]) > now]


def _lately(restorations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    since = SystemClock().now() - TOLD_FOR
    return [row for row in restorations if datetime.fromisoformat(row["at"]) > since]


def _restored_in_words(row: Mapping[str, Any]) -> str:
    return (
        f"an older copy was restored at {row['at']}: it ended with block {row['found_block']}, and"
        f" earnd had written up to block {row['expected_block']}. What was done in between is told"
        " by the exchange's history alone; if nobody restored it, find out who replaced the file"
    )


def _is_worth(row: Mapping[str, Any]) -> bool:
    """Whether there is something there, or something wrong."""
    return row["amount"] != "0" or not row["verified"]


def _yes_or_no(row: Mapping[str, Any]) -> str:
    return "yes" if row["verified"] else "NO"


def _last_cycle(row: Mapping[str, Any] | None) -> list[str]:
    if row is None:
        return ["no cycle yet"]
    words = f"last cycle {row['cycle_id']} began {row['began_at']}: {row['outcome'] or 'not over'}"
    if row["outcome"] is not None:
        words += f", {row['moves']} sent, {row['holds']} held"
    failure = str(row["failure"] or "").splitlines()
    return [words, *(f"  {line.strip()}" for line in failure)]


def _next_cycle(file: LoadedConfig, last: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """When the daemon, if it runs, begins the next cycle; `None` before the first."""
    if last is None:
        return None
    # The scheduler takes a while to import, and nothing else here needs it.
    from earnd.service.schedule import OVERDUE, in_words, next_after

    schedule = file.config.schedule
    at = next_after(schedule, datetime.fromisoformat(last["began_at"]))
    latest = at + schedule.jitter + OVERDUE
    return {
        "at": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z",
        "schedule": in_words(schedule),
        "overdue": SystemClock().now() > latest,
    }


def _in_words(following: Mapping[str, Any]) -> str:
    at, schedule = following["at"], following["schedule"]
    if following["overdue"]:
        return f"the next cycle was due at {at} ({schedule}): is the daemon running?"
    return f"next cycle at about {at} ({schedule}), if the daemon runs"


@click.command()
@config_option
@ledger_option
@click.option("--coin", metavar="COIN", help="Only this coin.")
@click.option(
    "--state",
    metavar="STATE",
    type=click.Choice([state.value for state in State]),
    help=f"Only these: {', '.join(State)}.",
)
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
    with open_reader(ledger_named(config_file, ledger_file)) as reader:
        rows = queries.actions(reader, limit=limit, coin=coin, state=state)
    if as_json:
        print_json(rows)
    elif rows:
        print_table("", rows, ACTION_COLUMNS)
    else:
        say("no such action")


@click.command()
@config_option
@ledger_option
@json_option
def audit(config_file: str | None, ledger_file: Path | None, *, as_json: bool) -> int:
    """Ask every audit; each must be empty. Exits 1 if one is not."""
    with open_reader(ledger_named(config_file, ledger_file)) as reader:
        found = queries.audits(reader)
    rows = sum(len(findings) for findings in found.values())
    if as_json:
        print_json(found)
    else:
        for name, findings in found.items():
            say(f"{'FINDING' if findings else 'ok     '} {name}")
            for row in findings:
                say(*(f"        {line}" for line in _in_lines(row)))
        say(f"{len(found)} audits, {rows} {'finding' if rows == 1 else 'findings'}")
    return ExitCode.FINDING if rows else ExitCode.FINE


def _in_lines(row: Mapping[str, Any]) -> list[str]:
    """A finding: its sentence, then its other columns."""
    facts = [
        f"{name} {value}" for name, value in row.items() if value is not None and name != "what"
    ]
    return [*([str(row["what"])] if "what" in row else []), "  " + ", ".join(facts)]
