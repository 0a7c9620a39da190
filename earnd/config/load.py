"""Finds the file, reads it, and says everything that is wrong with it at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from earnd.config.model import Config
from earnd.config.section import homes_of, keys_at
from earnd.config.tree import Mistake, Reading, read_tree
from earnd.config.tree import Path as KeyPath
from earnd.config.values import LONGEST_SHOWN, Mistakes
from earnd.errors import ConfigError

SYSTEM_CONFIG: Final = Path("/etc/earnd/config.yaml")
LOCAL_CONFIG: Final = Path("config.yaml")

MAX_BYTES: Final = 256 * 1024
"""A file for every coin there is would be a tenth of this; more is not a configuration."""

_WRITE_ONE: Final = "run `earnd config new` to write one with every key explained"
_SECRET_NAMES: Final = frozenset(
    {"access_key", "secret_key", "memo", "api_key", "api_secret", "api_memo", "secret", "key"}
)


@dataclass(frozen=True, slots=True)
class LoadedConfig:
    """A configuration, the file it came from, and the SHA-256 of that file's bytes."""

    config: Config
    path: Path
    digest: str

    @property
    def directory(self) -> Path:
        """What the file's relative paths are relative to."""
        return self.path.parent

    def ledger_path(self, environ: Mapping[str, str]) -> Path:
        """Where the ledger is: as the file says, else where systemd keeps our state, else here.

        The default has the mode in its name, because a dry run and a live one never share a file.
        """
        if self.config.ledger.path is not None:
            return self.directory / self.config.ledger.path
        # systemd lists several directories with colons; a unit that asks for one names ours first.
        state = environ.get("STATE_DIRECTORY", "").split(":")[0]
        return (Path(state) if state else self.directory) / f"earnd-{self.config.mode}.db"

    def backup_folder(self, environ: Mapping[str, str]) -> Path:
        """Where the copies of the ledger are kept: as the file says, else beside the ledger."""
        named = self._resolved(self.config.backup.folder)
        return named or self.ledger_path(environ).parent / "backups"

    @property
    def pause_file(self) -> Path | None:
        """The file whose presence stops all sending, if one is named."""
        return self._resolved(self.config.limits.pause_file)

    @property
    def ca_file(self) -> Path | None:
        """The certificate authorities to trust instead of the usual ones, if named."""
        return self._resolved(self.config.exchange.ca_file)

    def _resolved(self, path: Path | None) -> Path | None:
        return None if path is None else self.directory / path


def find_config(
    option: str | None,
    environ: Mapping[str, str],
    *,
    system: Path = SYSTEM_CONFIG,
    local: Path = LOCAL_CONFIG,
) -> Path:
    """The file to read: the option's, else `$EARND_CONFIG`'s, else the system's, else this one's.

    A file that was asked for by name is never replaced by another. Raises `ConfigError`.
    """
    named = (("--config", option), ("EARND_CONFIG", environ.get("EARND_CONFIG")))
    for by, name in named:
        if name:
            if not _exists(Path(name)):
                raise ConfigError(
                    f"there is no such file (named by {by})", where=name, todo=_WRITE_ONE
                )
            return Path(name)
    for path in (system, local):
        if _exists(path):
            return path
    raise ConfigError(
        "no configuration file: neither --config nor EARND_CONFIG is given, and there is neither "
        f"{system} nor {local.absolute()}",
        todo=_WRITE_ONE,
    )


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # reading it will say why it cannot be read, rather than another be read
    return True


def load(path: Path) -> LoadedConfig:
    """The configuration in the file; raises `ConfigError` with every mistake in it, by line.

    A rule across several keys of a section is checked once each of them is right by itself.
    """
    raw = _read(path)
    reading = read_tree(_decode(raw, path))
    mistakes = list(reading.mistakes)
    config = None
    if reading.whole:
        try:
            config = Config.model_validate(_root(reading))
        except ValidationError as error:
            mistakes += _translated(error, reading)
    if mistakes or config is None:
        raise _all_of(mistakes, path)
    return LoadedConfig(config, path.absolute(), hashlib.sha256(raw).hexdigest())


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"the configuration cannot be read: {error.strerror}", where=str(path)
        ) from None
    if len(raw) > MAX_BYTES:
        raise ConfigError(
            f"the file is larger than {MAX_BYTES // 1024} KiB: is it a configuration?",
            where=str(path),
        )
    return raw


def _decode(raw: bytes, path: Path) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(
            "the file is not UTF-8 text", where=f"{path}:{line}", todo="save it as UTF-8"
        ) from None


def _root(reading: Reading) -> Any:
    if reading.data is None and not reading.keys:
        return []  # an explicit null; a file that says nothing is not one that says `{}`
    return reading.data


def _translated(error: ValidationError, reading: Reading) -> Iterator[Mistake]:
    for detail in error.errors(include_url=False, include_input=False):
        path: KeyPath = tuple(step for step in detail["loc"] if step != "[key]")
        is_key = detail["loc"][-1:] == ("[key]",) or detail["type"] == "extra_forbidden"
        for inner, text in _messages(detail["type"], detail.get("ctx", {}), path):
            if any(path[:length] in reading.spoiled for length in range(1, len(path) + 1)):
                continue
            yield Mistake(reading.place_of((*path, *inner), key=is_key), (*path, *inner), text)


def _messages(kind: str, context: Mapping[str, Any], path: KeyPath) -> list[tuple[KeyPath, str]]:
    cause = context.get("error")
    if isinstance(cause, Mistakes):
        return list(cause.found)
    if cause is not None:
        return [((), str(cause))]
    if kind == "extra_forbidden":
        return [((), _unknown_key(path))]
    # What stands there is not repeated: it may be a secret whose colon lacks its blank.
    return [((), "keys are wanted here, indented one level (or {} for none)")]


def _unknown_key(path: KeyPath) -> str:
    name = str(path[-1])
    if name in _SECRET_NAMES or name.upper().startswith("EARND_"):
        return "secrets do not belong in this file; see secrets.directory, and change this one"
    keys = keys_at(Config, path[:-1])
    near = get_close_matches(name.lower(), keys.model_fields, n=1) if keys else []
    if near:
        return f"unknown key; did you mean '{near[0]}'?"
    homes = [home for home in homes_of(Config, name) if home]
    if name in Config.model_fields:
        return f"unknown key; '{name}' belongs at the left margin"
    return f"unknown key; '{name}' belongs under {homes[0]}" if homes else "unknown key"


def _all_of(mistakes: list[Mistake], path: Path) -> ConfigError:
    ordered = sorted(mistakes, key=lambda mistake: mistake.place)
    count = "1 mistake" if len(ordered) == 1 else f"{len(ordered)} mistakes"
    return ConfigError(
        f"{count} in {path}",
        todo="correct the file; `earnd check` tells whether it is right",
        problems=tuple(_line(mistake, path) for mistake in ordered),
    )


def _line(mistake: Mistake, path: Path) -> str:
    where = f"{path}:{mistake.place.line}"
    if mistake.exact:
        where += f":{mistake.place.column}"
    dotted = _dotted(mistake.path)
    return f"{where}: {dotted}: {mistake.text}" if dotted else f"{where}: {mistake.text}"


def _dotted(path: KeyPath) -> str:
    result = ""
    for step in path:
        if isinstance(step, int):
            result += f"[{step}]"
            continue
        short = step if len(step) <= LONGEST_SHOWN else f"{step[:LONGEST_SHOWN]}..."
        result += f".{short}" if result else short
    return result
