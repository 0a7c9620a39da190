"""The three secrets of the exchange's API: where they are looked for, and how they are kept quiet.

All three are secret, the access key too: it alone reads balances and history.
No message here repeats what it read.
"""

from __future__ import annotations

import hmac
import os
import shlex
import stat
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn, SupportsIndex

from earnd.config.model import Config
from earnd.errors import ConfigError

FILES: Final = ("access_key", "secret_key", "memo")
VARIABLES: Final = tuple(f"EARND_{name.upper()}" for name in FILES)

KEY_LOG: Final = "SSLKEYLOGFILE"
"""Where it is set, the TLS library writes to that file what decrypts our traffic."""

MAX_BYTES: Final = 4096
"""No secret is a tenth of this; what is longer is another file."""

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO

_THREE_WAYS: Final = (
    f"set {', '.join(VARIABLES)}; or give files {', '.join(FILES)} as systemd credentials "
    "(LoadCredential=); or put those files into a directory that is yours alone and name it in "
    "secrets.directory"
)


class Secret:
    """A text that shows itself to no one: not printed, formatted, pickled, hashed or copied."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The text itself, for the one line that signs or sends it."""
        return self.__value

    def __repr__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.reveal().encode())

    # A hash would be a fingerprint that debuggers print.
    __hash__ = None  # type: ignore[assignment] # the way Python documents it

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a secret is not pickled or copied")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What signs a request, and in words where it came from."""

    access_key: Secret
    secret_key: Secret
    memo: Secret
    source: str


def load_secrets(config: Config, config_dir: Path, environ: Mapping[str, str]) -> Secrets:
    """The secrets from the first place that has any of them, which must have all of them.

    The places are the environment, systemd's credentials, and the directory that the file names;
    they are never mixed. Raises `ConfigError`.
    """
    if any(name in environ for name in VARIABLES):
        return _from_environment(environ)
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    # The unit may have been given credentials that are not ours.
    if credentials and any(Path(credentials, name).exists() for name in FILES):
        # Modes are not judged here: systemd made the directory, read-only and in memory, and
        # opens it to a service's user by an access list that the mode bits do not show truly.
        return _from_files(Path(credentials), "systemd credentials", check=False)
    if config.secrets.directory is not None:
        directory = config_dir / config.secrets.directory
        _require_private_directory(directory)
        return _from_files(directory, f"the directory {directory}", check=True)
    raise ConfigError("no secrets of the exchange's API were found", todo=_THREE_WAYS)


def scrub_environment(environ: MutableMapping[str, str]) -> None:
    """Removes the secrets, and what would log TLS keys, once the secrets are loaded.

    What is not there cannot be inherited by a child or shown by a crash report. A reload of the
    configuration keeps the secrets it has: they cannot be read from here again.
    """
    for name in (*VARIABLES, KEY_LOG):
        environ.pop(name, None)


def _from_environment(environ: Mapping[str, str]) -> Secrets:
    missing = [name for name in VARIABLES if name not in environ]
    if missing:
        raise ConfigError(
            f"the environment has some of the secrets and lacks {', '.join(missing)}",
            todo="set all three, or none and use files",
        )
    return _checked(
        {
            name: (variable, environ[variable])
            for name, variable in zip(FILES, VARIABLES, strict=True)
        },
        "the environment",
    )


def _from_files(directory: Path, source: str, *, check: bool) -> Secrets:
    texts: dict[str, tuple[str, str]] = {}
    problems: list[str] = []
    for name in FILES:
        path = directory / name
        try:
            texts[name] = (str(path), _read(path, private=check))
        except FileNotFoundError:
            problems.append(f"{path}: there is no such file")
        except OSError as error:
            problems.append(f"{path}: cannot be read: {error.strerror}")
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise _refused(problems)
    return _checked(texts, source)


def _read(path: Path, *, private: bool) -> str:
    # Judged after opening, so that nobody swaps the file in between; not blocking on a pipe.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{path}: is not a file")
        if private:
            _require_private(status, path, mode="600")
        raw = os.read(descriptor, MAX_BYTES + 1)
    finally:
        os.close(descriptor)
    if len(raw) > MAX_BYTES:
        raise ValueError(f"{path}: is larger than {MAX_BYTES} bytes: is it a secret?")
    # Bytes beyond ASCII become characters that the check of the text refuses.
    return raw.decode("latin-1")


def _require_private_directory(directory: Path) -> None:
    try:
        status = directory.stat()
    except OSError as error:
        raise _refused([f"{directory}: cannot be read: {error.strerror}"]) from None
    if not stat.S_ISDIR(status.st_mode):
        raise _refused([f"{directory}: is not a directory"])
    try:
        _require_private(status, directory, mode="700")
    except ValueError as error:
        raise _refused([str(error)]) from None


def _require_private(status: os.stat_result, path: Path, *, mode: str) -> None:
    # Mode bits, not access(2): the latter tells root that everything is in order.
    if status.st_uid not in {os.geteuid(), 0}:
        raise ValueError(
            f"{path}: belongs to another user; run: chown {os.geteuid()} {shlex.quote(str(path))}"
        )
    if status.st_mode & _OTHERS:
        raise ValueError(
            f"{path}: is open to others (mode {stat.S_IMODE(status.st_mode):04o}); "
            f"run: chmod {mode} {shlex.quote(str(path))}"
        )


def _checked(texts: Mapping[str, tuple[str, str]], source: str) -> Secrets:
    # Editors and `echo` end a file with one line break, which is no part of the secret.
    values = {name: text.removesuffix("\n").removesuffix("\r") for name, (_, text) in texts.items()}
    problems = [
        f"{texts[name][0]}: {problem}"
        for name, text in values.items()
        if (problem := _problem(text, blanks=name == "memo"))
    ]
    if problems:
        raise _refused(problems)
    return Secrets(**{name: Secret(text) for name, text in values.items()}, source=source)


def _problem(text: str, *, blanks: bool) -> str | None:
    if not text.strip():
        return "is empty"
    if not text.isascii() or not text.isprintable():
        return "has a character that no secret has: a line break, a control character or non-ASCII"
    if text != text.strip() or (" " in text and not blanks):
        return "has a blank that does not belong there; was it copied with one?"
    return None


def _refused(problems: list[str]) -> ConfigError:
    return ConfigError(
        "the secrets cannot be used", todo="nothing was sent", problems=tuple(problems)
    )
