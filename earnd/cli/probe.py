"""`earnd probe`: proves on the account how long the exchange remembers a request number."""

from __future__ import annotations

import os
from datetime import timedelta

import click

from earnd.cli.options import config_option, json_option, loaded
from earnd.cli.running import stop_on_signals
from earnd.cli.show import print_json, say
from earnd.config.secrets import scrub_environment
from earnd.config.values import read_duration, show_duration
from earnd.cycle import settled_and_seen
from earnd.domain.ids import ProductId
from earnd.domain.money import plain
from earnd.domain.plan import Move
from earnd.domain.product import Product
from earnd.errors import ConfigError, ExitCode
from earnd.probing import AGES, Probe, Prober, Replay
from earnd.wiring import secrets_of, wired

LONGEST = AGES[-1]


@click.command()
@click.argument("product", metavar="PRODUCT")
@click.option(
    "--for",
    "longest",
    default="5m",
    show_default=True,
    help="The greatest age at which it is sent again, 5s to 26h.",
)
@click.option("--yes", "is_agreed", is_flag=True, help="Do not ask before anything is sent.")
@config_option
@json_option
def probe(
    product: str, longest: str, config_file: str | None, *, is_agreed: bool, as_json: bool
) -> int:
    """Prove how long the exchange remembers a request number.

    Subscribes the smallest amount that PRODUCT takes, once, and then sends the very same request
    again at growing ages. An exchange that remembers refuses it each time. One that has forgotten
    subscribes the amount once more, and the probe ends there: that is the most it can cost, and
    the money earns in the product like any other. Stop the daemon first. Exits 1 if nothing was
    proven for as long as was asked.
    """
    ages = _ages(longest)
    file = loaded(config_file)
    secrets = secrets_of(file, os.environ)
    path = file.ledger_path(os.environ)
    scrub_environment(os.environ)
    with wired(file, secrets, path) as here:
        if here.parts.writer is None:
            raise ConfigError(
                "a probe sends, and the mode is not live",
                where=f"{file.path}: mode",
                todo="set `mode: live` if you want to probe",
            )
        stop_on_signals(here.stop)
        found = Prober(
            here.parts,
            here.parts.writer,
            situation=lambda cycle_id: settled_and_seen(here.parts, cycle_id),
            agreed=lambda move, offer: is_agreed or _agreed(move, offer, ages),
            told=(lambda _: None) if as_json else _tell,
        ).run(ProductId(product), ages)
    if as_json:
        print_json(_facts(found))
    else:
        _conclude(found)
    is_proven = found.kept == ages[-1] and found.forgotten is None
    return ExitCode.FINE if is_proven else ExitCode.FINDING


def _ages(text: str) -> tuple[timedelta, ...]:
    try:
        longest = read_duration(text)
    except ValueError as error:
        raise ConfigError(f"--for: {error}", todo="say it like 5m or 1h") from None
    if not AGES[0] <= longest <= LONGEST:
        raise ConfigError(f"--for {text} is not from 5s to 26h", todo="say it like 5m or 1h")
    return (*(age for age in AGES if age < longest), longest)


def _agreed(move: Move, offer: Product, ages: tuple[timedelta, ...]) -> bool:
    amount = f"{plain(move.amount)} {move.coin}"
    say(
        f"This subscribes {amount} in product {offer.product_id}, the least that it takes,",
        f"and sends the same request {len(ages)} more times within {show_duration(ages[-1])}.",
        f"If the exchange forgets the number, {amount} more is subscribed, once.",
    )
    return click.confirm("Go on?", default=False)


def _tell(replay: Replay) -> None:
    code = f", code {replay.answer.code}" if replay.answer.code is not None else ""
    times = "once" if replay.executed == 1 else f"{replay.executed} times"
    outcome = replay.answer.outcome.value
    say(f"after {show_duration(replay.age)}: {outcome}{code}; carried out {times}")


def _conclude(found: Probe) -> None:
    if found.action is not None:
        say(f"action {found.action.action_id}, number {found.action.request_no}")
    if found.kept is not None:
        say(f"remembered for at least {show_duration(found.kept)}: on record")
    if found.forgotten is not None:
        age = show_duration(found.forgotten)
        say(f"forgotten after {age}: earnd will not rely on it for longer than is proven", err=True)
    elif found.failure:
        say(f"nothing more was proven: {found.failure}", err=True)


def _facts(found: Probe) -> dict[str, object]:
    return {
        "action_id": None if found.action is None else found.action.action_id,
        "request_no": None if found.action is None else found.action.request_no,
        "kept_s": None if found.kept is None else found.kept // timedelta(seconds=1),
        "forgotten_s": None if found.forgotten is None else found.forgotten // timedelta(seconds=1),
        "failure": found.failure or None,
        "replays": [
            {
                "age_s": replay.age // timedelta(seconds=1),
                "outcome": replay.answer.outcome.value,
                "code": replay.answer.code,
                "executed": replay.executed,
            }
            for replay in found.replays
        ],
    }
