"""`earnd config …` and `earnd check`: the file, before anything is done with it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from earnd.cli.options import config_option, json_option, loaded
from earnd.cli.show import print_json, say
from earnd.cli.wishes import in_words
from earnd.config.secrets import VARIABLES, load_secrets
from earnd.config.section import shown
from earnd.config.write import effective, new_config, schema
from earnd.errors import ConfigError, LedgerError
from earnd.ledger import files


@click.group(invoke_without_command=True)
@click.pass_context
def config(context: click.Context) -> None:
    """Write, show and describe the configuration file."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@config.command("new")
@click.argument("path", type=click.Path(path_type=Path), default=Path("config.yaml"))
def config_new(path: Path) -> None:
    """Write a new configuration with every key explained (default: ./config.yaml)."""
    new_config(path)
    say(f"wrote {path}: every key with its default; mode is dry-run, so nothing is sent")


@config.command("show")
@config_option
@json_option
def config_show(config_file: str | None, *, as_json: bool) -> None:
    """Print the effective configuration, every default filled in."""
    found = loaded(config_file).config
    if as_json:
        print_json(shown(found))
    else:
        say(*effective(found).splitlines())


@config.command("schema")
def config_schema() -> None:
    """Print the JSON Schema of the configuration, for editors."""
    print_json(schema())


@click.command()
@config_option
@json_option
def check(config_file: str | None, *, as_json: bool) -> None:
    """Check the configuration and the secrets, offline.

    Says what earnd would use; every mistake at once, with file, line and key.
    """
    file = loaded(config_file)
    try:
        source = load_secrets(file.config, file.directory, os.environ).source
    except ConfigError as error:
        # None here is fine, they may come from systemd; some of them, or wrong ones, are not.
        if error.problems or any(name in os.environ for name in VARIABLES):
            raise
        source = None
    strategy = file.config.strategy_value()
    # With the mode that counts, which is not always the one beside the coin.
    found = ((coin, strategy.for_coin(coin)) for coin in sorted(strategy.coins))
    entries = {coin: entry for coin, entry in found if entry is not None}
    others = strategy.for_all_others
    ledger = file.ledger_path(os.environ)
    exists, note = _ledger_at(ledger)
    facts = {
        "config": str(file.path),
        "mode": file.config.mode.value,
        "exchange": file.config.exchange.base_url,
        "ledger": str(ledger),
        "ledger_exists": exists,
        "ledger_note": note,
        "secrets": source,
        "coins": {coin: in_words(entry) for coin, entry in entries.items()},
        "all_other_coins": None if others is None else in_words(others),
    }
    if as_json:
        print_json(facts)
        return
    say(
        f"{file.path} is right",
        f"  mode      {facts['mode']}",
        f"  exchange  {facts['exchange']}",
        f"  ledger    {ledger}{f' ({note})' if note else ''}",
        f"  secrets   {source or 'none found here; `earnd run` will need them'}",
        *(f"  {coin:<8}  {in_words(entry)}" for coin, entry in entries.items()),
        f"  others    {'not managed' if others is None else in_words(others)}",
    )


def _ledger_at(path: Path) -> tuple[bool, str | None]:
    """Whether there is a file that may be a ledger, and what there is to say about it."""
    try:
        exists = files.exists(files.resolved(path))
    except LedgerError as error:
        return False, error.what
    if exists:
        return True, None
    if not path.parent.is_dir():
        return False, f"cannot be made: there is no directory {path.parent}"
    return False, "made at the first run"
