"""`earnd opening`: a person's word of what was held before the first record."""

from __future__ import annotations

import os
from collections.abc import Callable
from decimal import Decimal

import click

from earnd.cli.hand import who
from earnd.cli.options import config_option, json_option, loaded
from earnd.cli.show import print_json, say
from earnd.clock import SystemClock
from earnd.config.load import LoadedConfig
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import parse_amount, plain
from earnd.domain.opening import objection
from earnd.domain.strategy import InterestPaid
from earnd.domain.sums import Opening
from earnd.errors import ConfigError
from earnd.ledger import queries
from earnd.ledger.columns import moment_text
from earnd.ledger.openings import coin_of, grounds
from earnd.ledger.reader import open_reader
from earnd.wiring import writable_ledger


@click.command()
@click.argument("product")
@click.argument("amount")
@click.option("--because", required=True, metavar="TEXT", help="How you know; kept in the ledger.")
@config_option
@json_option
def opening(
    product: str, amount: str, because: str, config_file: str | None, *, as_json: bool
) -> None:
    """Say that AMOUNT was in PRODUCT before the first record that the exchange still shows.

    For a product that does not add up because its oldest records are missing. It is said once and
    cannot be taken back. Stop the daemon first: one program writes at a time.
    """
    if not because.strip():
        raise ConfigError("--because is empty", todo="say how you know; the ledger keeps it")
    held = _amount(amount)
    file = loaded(config_file)
    clock = SystemClock()
    path = file.ledger_path(os.environ)
    # Asked read-only first: a slip of the pen neither begins a ledger nor leaves a trace in one.
    with open_reader(path) as reader:
        _accepted(reader, file, product, held)
    with writable_ledger(file, path, clock) as book:
        word = _accepted(book, file, product, held)
        at = clock.now()
        book.open_with(at, word, because=because)
    if as_json:
        print_json(
            {
                "product_id": word.product_id,
                "coin": word.coin,
                "amount": plain(word.amount),
                "who": word.who,
                "at": moment_text(at),
                "because": because,
            }
        )
    else:
        say(
            f"product {word.product_id} began with {plain(held)} {word.coin}; the ledger says that"
            " you said so, and why"
        )
        say("the next cycle counts it")


def _amount(text: str) -> Decimal:
    try:
        held = parse_amount(text)
    except ValueError as error:
        raise ConfigError(str(error), todo="write it like 1234.5") from None
    if not held:
        raise ConfigError("an opening of nothing says nothing", todo="give what was held")
    return held


def _accepted(source: queries.Source, file: LoadedConfig, product: str, held: Decimal) -> Opening:
    """The word, if the ledger can take it; raises `ConfigError`."""
    with source.reading() as connection:
        coin = coin_of(connection, product)
        known = grounds(connection)
    if coin is None:
        raise ConfigError(
            f"product {product} is not in this ledger",
            todo="`earnd status` lists what is held; `earnd once` looks again",
        )
    word = Opening(ProductId(product), coin, held, who())
    why = objection(word, known, _interest_paid(file))
    if why:
        raise ConfigError(
            f"product {product}: {why}",
            todo="Nothing was written. `earnd status` and the view holding_checked tell what the"
            " ledger knows of it.",
        )
    return word


def _interest_paid(file: LoadedConfig) -> Callable[[Coin], InterestPaid]:
    strategy = file.config.strategy_value()

    def of(coin: Coin) -> InterestPaid:
        entry = strategy.for_coin(coin)
        return InterestPaid.AUTO if entry is None else entry.interest_paid

    return of
