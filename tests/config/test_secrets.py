"""Where the three secrets come from, when they are refused, and that they stay unseen."""

from __future__ import annotations

import copy
import json
import os
import pickle
import traceback
from dataclasses import asdict
from pathlib import Path

import pytest

from earnd.config.model import Config
from earnd.config.secrets import Secret, Secrets, load_secrets, scrub_environment
from earnd.config.sections import SecretsSection
from earnd.config.write import effective, schema
from earnd.errors import ConfigError

CANARIES = {"access_key": "canary-access", "secret_key": "canary-secret", "memo": "canary memo"}
ENVIRON = {f"EARND_{name.upper()}": text for name, text in CANARIES.items()}


def put(directory: Path, **texts: str) -> Path:
    directory.mkdir(mode=0o700)
    for name, text in (CANARIES | texts).items():
        path = directory / name
        path.write_bytes(text.encode())
        path.chmod(0o600)
    return directory


def naming(directory: Path | str) -> Config:
    return Config(secrets=SecretsSection(directory=Path(directory)))


def revealed(secrets: Secrets) -> dict[str, str]:
    return {name: getattr(secrets, name).reveal() for name in CANARIES}


def refused(config: Config, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load_secrets(config, Path(), environ or {})
    told = str(caught.value) + "".join(traceback.format_exception(caught.value))
    assert "canary" not in told
    return told


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    secrets = load_secrets(naming(tmp_path / "none"), tmp_path, ENVIRON)

    assert revealed(secrets) == CANARIES
    assert secrets.source == "the environment"


@pytest.mark.parametrize("given", list(ENVIRON))
def test_a_part_of_the_secrets_in_the_environment_is_refused(given: str, tmp_path: Path) -> None:
    told = refused(naming(put(tmp_path / "keys")), {given: ENVIRON[given]})

    assert all((name in told) == (name != given) for name in ENVIRON)


def test_secrets_come_from_the_credentials_of_systemd(tmp_path: Path) -> None:
    given = put(tmp_path / "credentials")
    for path in given.iterdir():
        path.chmod(0o440)

    secrets = load_secrets(Config(), tmp_path, {"CREDENTIALS_DIRECTORY": str(given)})

    assert revealed(secrets) == CANARIES
    assert secrets.source == "systemd credentials"


def test_the_credentials_of_systemd_win_over_the_directory_of_the_file(tmp_path: Path) -> None:
    put(tmp_path / "keys", memo="another")
    given = put(tmp_path / "credentials")

    secrets = load_secrets(naming("keys"), tmp_path, {"CREDENTIALS_DIRECTORY": str(given)})

    assert revealed(secrets) == CANARIES


def test_credentials_that_are_not_ours_are_passed_over(tmp_path: Path) -> None:
    other = tmp_path / "credentials"
    other.mkdir()
    (other / "database-password").touch()
    put(tmp_path / "keys")

    secrets = load_secrets(naming("keys"), tmp_path, {"CREDENTIALS_DIRECTORY": str(other)})

    assert secrets.source == f"the directory {tmp_path / 'keys'}"


def test_a_part_of_the_credentials_is_refused(tmp_path: Path) -> None:
    given = put(tmp_path / "credentials")
    (given / "memo").unlink()

    told = refused(Config(), {"CREDENTIALS_DIRECTORY": str(given)})

    assert f"{given / 'memo'}: there is no such file" in told


def test_secrets_come_from_a_directory_relative_to_the_configuration(tmp_path: Path) -> None:
    put(tmp_path / "keys")

    assert revealed(load_secrets(naming("keys"), tmp_path, {})) == CANARIES


def test_without_secrets_the_three_ways_are_named() -> None:
    told = refused(Config())

    for way in ("EARND_ACCESS_KEY", "EARND_SECRET_KEY", "EARND_MEMO", "LoadCredential="):
        assert way in told
    assert "secrets.directory" in told


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o666, 0o610, 0o601])
def test_a_file_open_to_others_is_refused_with_the_command_to_run(
    tmp_path: Path, mode: int
) -> None:
    """E1."""
    keys = put(tmp_path / "my keys")
    (keys / "secret_key").chmod(mode)

    told = refused(naming(keys))

    assert f"is open to others (mode {mode:04o}); run: chmod 600 '{keys / 'secret_key'}'" in told


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o755, 0o777, 0o710])
def test_a_directory_open_to_others_is_refused_with_the_command_to_run(
    tmp_path: Path, mode: int
) -> None:
    """E1."""
    keys = put(tmp_path / "keys")
    keys.chmod(mode)

    told = refused(naming(keys))

    assert f"is open to others (mode {mode:04o}); run: chmod 700 {keys}" in told


def test_what_only_its_owner_reads_is_accepted(tmp_path: Path) -> None:
    keys = put(tmp_path / "keys")
    keys.chmod(0o500)
    for path in keys.iterdir():
        path.chmod(0o400)

    assert revealed(load_secrets(naming(keys), tmp_path, {})) == CANARIES


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("name", ["", "memo"])
def test_what_belongs_to_another_user_is_refused(tmp_path: Path, name: str) -> None:
    keys = put(tmp_path / "keys")
    os.chown(keys / name, 12345, 0)

    assert f"belongs to another user; run: chown 0 {keys / name}" in refused(naming(keys))


def test_everything_wrong_with_the_files_is_told_at_once(tmp_path: Path) -> None:
    keys = put(tmp_path / "keys")
    (keys / "access_key").chmod(0o644)
    (keys / "memo").unlink()
    (keys / "memo").mkdir()
    (keys / "secret_key").write_text("canary" * 1000)

    told = refused(naming(keys))

    assert f"{keys / 'access_key'}: is open to others" in told
    assert f"{keys / 'memo'}: is not a file" in told
    assert f"{keys / 'secret_key'}: is larger than 4096 bytes" in told


def test_a_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    keys = put(tmp_path / "keys")
    (keys / "memo").unlink()
    os.mkfifo(keys / "memo", 0o600)

    assert f"{keys / 'memo'}: is not a file" in refused(naming(keys))


def test_a_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "is not a directory" in refused(naming(tmp_path / "file"))
    assert "No such file or directory" in refused(naming(tmp_path / "gone"))


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_one_end_of_line_is_not_part_of_a_secret(tmp_path: Path, end: str) -> None:
    keys = put(tmp_path / "keys", **{name: text + end for name, text in CANARIES.items()})

    assert revealed(load_secrets(naming(keys), tmp_path, {})) == CANARIES


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("\n", "is empty"),
        ("canary\n\n", "a line break, a control character or non-ASCII"),
        ("canary\ncanary", "a line break, a control character or non-ASCII"),
        ("canary\0", "a line break, a control character or non-ASCII"),
        ("canaryé", "a line break, a control character or non-ASCII"),
        ("\ufeffcanary", "a line break, a control character or non-ASCII"),
        (" canary", "a blank that does not belong there"),
        ("canary ", "a blank that does not belong there"),
        ("canary canary", "a blank that does not belong there"),
    ],
)
def test_a_text_that_is_no_secret_is_refused(tmp_path: Path, text: str, told: str) -> None:
    keys = put(tmp_path / "keys", access_key=text)

    assert f"{keys / 'access_key'}: " in refused(naming(keys))
    assert told in refused(naming(keys))
    message = refused(Config(), ENVIRON | {"EARND_ACCESS_KEY": text})
    assert "EARND_ACCESS_KEY: " in message
    assert told in message


def test_a_secret_shows_itself_nowhere() -> None:
    """E2, E3."""
    secrets = load_secrets(Config(), Path(), ENVIRON)
    secret = secrets.secret_key

    shown = f"{secret} {secret!r} {secret!s:>40} {secrets} {secrets!r} {[secret]} {dir(secret)}"
    shown += "%s %r" % (secret, secret)  # noqa: UP031 - this way of formatting too
    shown += "{} {!r:<9}".format(secret, secret)  # noqa: UP032 - and this one

    assert "canary" not in shown
    assert f"{secret}" == "***"


def test_a_secret_is_not_copied_out_of_sight() -> None:
    """E3."""
    secrets = load_secrets(Config(), Path(), ENVIRON)

    with pytest.raises(TypeError):
        pickle.dumps(secrets)
    with pytest.raises(TypeError):
        copy.deepcopy(secrets.memo)
    with pytest.raises(TypeError):
        asdict(secrets)
    with pytest.raises(TypeError):
        json.dumps(secrets.memo)
    with pytest.raises(TypeError):
        vars(secrets.memo)
    with pytest.raises(TypeError):
        hash(secrets.memo)


def test_secrets_compare_by_what_they_hold() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_the_configuration_holds_no_secret(tmp_path: Path) -> None:
    """E5."""
    config = naming(put(tmp_path / "keys"))
    load_secrets(config, tmp_path, {})

    assert "canary" not in f"{config} {config!r} {effective(config)} {schema()}"


def test_scrubbing_removes_the_secrets_and_what_would_log_keys() -> None:
    """H15, E1."""
    environ = {**ENVIRON, "SSLKEYLOGFILE": "/tmp/keys", "PATH": "/bin"}  # noqa: S108 - a name only

    scrub_environment(environ)
    scrub_environment(environ)

    assert environ == {"PATH": "/bin"}
