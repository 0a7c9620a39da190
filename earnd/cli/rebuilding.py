"""`earnd rebuild`: a ledger from the exchange alone, after the old one is lost with its copies."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from earnd.cli.options import config_option, json_option, loaded
from earnd.cli.show import print_json, say
from earnd.config.secrets import scrub_environment
from earnd.errors import ExitCode
from earnd.ledger import rebuilt
from earnd.ledger.anew import anew
from earnd.rebuilding import rebuild as look_back
from earnd.wiring import log_for, secrets_of, wired

LOST = (
    "earnd's actions with their numbers, reasons and answers, and whether one was in doubt",
    "every decision, and every word of a person (`resolve`, `opening`)",
    "what the products offered before now",
    "deposits, withdrawals and trades before now",
    "the past of the exchange that it no longer lists",
)


@click.command()
@config_option
@click.option(
    "--to",
    "target",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to make it. Default: the ledger of the configuration.",
)
@json_option
def rebuild(config_file: str | None, target: Path | None, *, as_json: bool) -> int:
    """Make a new ledger from the exchange's history, where the old one is lost.

    Try a backup first: it knows more. Asks the exchange, and sends nothing. Says what is in the
    new ledger and what is lost for good, which is kept in it too. Exits 1 if a coin's holdings do
    not add up, so that a person has to say what was there before.
    """
    file = loaded(config_file)
    secrets = secrets_of(file, os.environ)
    path = target if target is not None else file.ledger_path(os.environ)
    scrub_environment(os.environ)
    # So that what was begun is removed then too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    log = log_for(file, secrets, level="warning")
    with (
        anew(path) as site,
        wired(file, secrets, site.building, may_send=False, log=log) as here,
    ):

        def keep() -> None:
            said = "\n".join(_lines(rebuilt.rebuilt(here.book), site.place, site.lost))
            rebuilt.note(here.book.store, here.parts.clock.now(), said)

        look_back(here.parts, keep)
        found = rebuilt.rebuilt(here.book)
    if as_json:
        print_json(_facts(found, site.place, site.lost))
    else:
        say(*_lines(found, site.place, site.lost))
    return ExitCode.FINDING if found.frozen else ExitCode.FINE


def _facts(found: rebuilt.Rebuilt, place: Path, lost: str | None) -> dict[str, Any]:
    return {
        "ledger": str(place),
        "records": found.records,
        "holdings": found.holdings,
        "balances": found.balances,
        "moves_of_nobody_known": found.moves,
        "numbered_like_earnds": found.numbered,
        "lost": list(LOST),
        "lost_anchor": lost,
        "openings_to_state": [
            {"coin": row["coin"], "product_id": row["product_id"], "why": row["why"]}
            for row in found.frozen
        ],
    }


def _lines(found: rebuilt.Rebuilt, place: Path, lost: str | None) -> Iterator[str]:
    yield f"{place} is rebuilt from what the exchange remembers; nothing was sent"
    yield ""
    for row in found.records:
        yield f"  {row['kind']} records: {row['records']}, {row['first']} to {row['last']}"
    if not found.records:
        yield "  no record: the exchange's history is empty"
    for row in found.holdings:
        state = "verified" if row["verified"] else f"NOT verified: {row['why']}"
        yield f"  {row['amount']} {row['coin']} earns in product {row['product_id']}, {state}"
    for row in found.balances:
        yield f"  {row['available']} {row['coin']} is in the wallet ({row['frozen']} frozen)"
    yield ""
    yield "lost for good:"
    yield from (f"  {what}" for what in LOST)
    if lost is not None:
        yield f"  the lost ledger's hash chain, whose newest block was {lost}"
    if found.moves:
        yield (
            f"  whose doing the moves were, earnd's or a person's: all {found.moves} are on record"
            f" as a person's; {found.numbered} carry a number of 20 digits, as earnd's do"
        )
        yield "  a coin that was moved lately rests for its respect_person"
    if found.frozen:
        yield ""
        yield "left alone until you say what was held before the history begins (0 is an answer):"
        for row in found.frozen:
            yield f"  earnd opening {row['product_id']} AMOUNT --because TEXT   # {row['coin']}"
