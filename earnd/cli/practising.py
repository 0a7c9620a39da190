"""`earnd sandbox`: the practice exchange, served until it is stopped."""

from __future__ import annotations

import signal
import threading
from datetime import timedelta

import click

from earnd.cli.show import print_json, say
from earnd.errors import ConfigError
from earnd.sandbox import (
    PRACTICE_ACCESS_KEY,
    PRACTICE_MEMO,
    PRACTICE_SECRET_KEY,
    RealClock,
    Settings,
    practice_world,
    serve,
)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="The port on 127.0.0.1; 0 takes a free one.",
)
@click.option(
    "--day",
    type=click.IntRange(1, 86400),
    default=86400,
    show_default=True,
    metavar="SECONDS",
    help="How long a day of interest lasts; 60 pays a day's interest every minute.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the address and keys as JSON.")
def sandbox(port: int, day: int, *, as_json: bool) -> None:
    """Serve the practice exchange on loopback, until Ctrl-C.

    Prints its address and its keys; point `exchange.base_url` there.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    books = practice_world(RealClock(), settings=Settings(day=timedelta(seconds=day)))
    try:
        server = serve(books, port=port)
    except OSError as error:
        raise ConfigError(
            f"cannot listen there: {error.strerror}",
            where=f"127.0.0.1:{port}",
            todo="another program may use the port; try --port 0",
        ) from None
    with server:
        facts = {
            "base_url": server.base_url,
            "EARND_ACCESS_KEY": PRACTICE_ACCESS_KEY,
            "EARND_SECRET_KEY": PRACTICE_SECRET_KEY,
            "EARND_MEMO": PRACTICE_MEMO,
        }
        if as_json:
            print_json(facts)
        else:
            say(f"the practice exchange is at {server.base_url}")
            for name in ("EARND_ACCESS_KEY", "EARND_SECRET_KEY", "EARND_MEMO"):
                say(f"export {name}={facts[name]}")
            say("Ctrl-C ends it; it forgets everything then, so begin with a new ledger after")
        stop.wait()
