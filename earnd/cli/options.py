"""The options that several commands share, and what they lead to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from earnd.config.load import LoadedConfig

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
    """`--ledger FILE`, instead of a configuration, on what needs nothing but a ledger."""
    return click.option(
        "--ledger",
        "ledger_file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The ledger, instead of the one that the configuration names.",
    )(function)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(
        function
    )


def loaded(config_file: str | None) -> LoadedConfig:
    """The configuration that a command was asked to use; raises `ConfigError`."""
    # Takes longer to import than all that `--ledger` needs instead.
    from earnd.config.load import find_config, load

    return load(find_config(config_file, os.environ))


def ledger_named(config_file: str | None, ledger_file: Path | None) -> Path:
    """Which ledger is meant: the one that was named, else the configuration's."""
    if ledger_file is not None:
        return ledger_file
    return loaded(config_file).ledger_path(os.environ)
