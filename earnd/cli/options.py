"""The options that several commands share."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from earnd.config.load import LoadedConfig, find_config, load

F = TypeVar("F", bound=Callable[..., Any])


def config_option(function: F) -> F:
    """`-c/--config FILE`."""
    return click.option(
        "-c",
        "--config",
        "config_file",
        metavar="FILE",
        help="The configuration. Default: $EARND_CONFIG, /etc/earnd/config.yaml, ./config.yaml.",
    )(function)


def ledger_option(function: F) -> F:
    """`--ledger FILE`, instead of a configuration, on what only reads a ledger."""
    return click.option(
        "--ledger",
        "ledger_file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The ledger to read, instead of the one that the configuration names.",
    )(function)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(
        function
    )


def loaded(config_file: str | None) -> LoadedConfig:
    """The configuration that a command was asked to use; raises `ConfigError`."""
    return load(find_config(config_file, os.environ))


def ledger_to_read(config_file: str | None, ledger_file: Path | None) -> Path:
    """Which ledger to read: the one that was named, else the configuration's."""
    if ledger_file is not None:
        return ledger_file
    return loaded(config_file).ledger_path(os.environ)


def print_json(facts: object) -> None:
    """Facts for programs: amounts stay text, so that no reader makes floats of them."""
    click.echo(json.dumps(facts, indent=2, ensure_ascii=False, default=str))
