"""The configuration as text: the explained example, the effective one, and the schema."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from earnd.config.kinds import COIN, Written
from earnd.config.model import Config
from earnd.config.section import KeysType, shapes, shown
from earnd.errors import ConfigError


def example_text() -> str:
    """The text of `config.example.yaml`: every key, its default and its meaning."""
    return resources.files("earnd.config").joinpath("example.yaml").read_text(encoding="utf-8")


def new_config(path: Path) -> None:
    """Writes the example to `path`, for its owner's eyes only; never over something else.

    The file is there whole or not at all. Raises `ConfigError`.
    """
    try:
        _write_new(path, example_text().encode())
    except FileExistsError:
        raise ConfigError(
            "there is something of that name already", where=str(path), todo="choose another name"
        ) from None
    except OSError as error:
        raise ConfigError(f"cannot be written: {error.strerror}", where=str(path)) from None


def _write_new(path: Path, raw: bytes) -> None:
    # mkstemp opens with O_EXCL and mode 0600; a link, unlike a rename, refuses to overwrite.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(descriptor)
        os.link(name, path)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()
    parent = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(parent)
    finally:
        os.close(parent)


class _Dumper(yaml.SafeDumper):
    """Writes numbers without quotes; they are text in here, so that no digit is lost."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    kind = "str"
    if re.fullmatch(r"(0|[1-9][0-9]*)(\.[0-9]+)?", text):
        kind = "float" if "." in text else "int"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{kind}", text)


_Dumper.add_representer(str, _text)


def effective(config: Config) -> str:
    """The configuration with every default written out; loading it gives an equal one."""
    return yaml.dump(
        shown(config), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000
    )


def schema() -> dict[str, Any]:
    """The JSON Schema by which an editor completes and checks the file as it is typed."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "earnd configuration",
        **_section(Config),
    }


def _section(keys: KeysType) -> dict[str, Any]:
    defaults = keys()
    properties: dict[str, Any] = {}
    for name, field, shape in shapes(keys):
        if isinstance(shape, Written):
            what = {**shape.schema, "default": shape.show(getattr(defaults, name))}
        elif isinstance(shape, tuple):
            what = _table(shape[0])
        else:
            what = _or_nothing(_section(shape))
        properties[name] = {"description": field.description, **what}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _table(keys: KeysType) -> dict[str, Any]:
    return _or_nothing(
        {
            "type": "object",
            "propertyNames": dict(COIN.schema),
            "additionalProperties": {"description": keys.__doc__, **_section(keys)},
        }
    )


def _or_nothing(what: Mapping[str, Any]) -> dict[str, Any]:
    return {**what, "type": ["object", "null"]}
