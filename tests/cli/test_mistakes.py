"""Every mistake gets one clear message and the right code, and leaves nothing half-written."""

from __future__ import annotations

import fcntl
import resource
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from earnd.errors import ExitCode
from tests.cli.conftest import Run
from tests.cli.shell import Account, earnd, free_port
from tests.support.practice import KEYS

BAD_FILES = {
    "broken YAML": ("mode: [live\n", "config.yaml:2", "mistake"),
    "a tab": ("mode:\n\tlive\n", "config.yaml:2", "tab"),
    "a list": ("- mode\n", "config.yaml:1", "keys are wanted"),
    "a wrong type": ("schedule: {every: soon}\n", "config.yaml:1", "schedule.every", "'soon'"),
    "a rate without its sign": (
        "strategy: {coins: {USDT: {min_apy: 5}}}\n",
        "strategy.coins.USDT.min_apy",
        "%",
    ),
    "an unknown key": (
        "mode: live\nstrategy: {coins: {USDT: {reserv: 1}}}\n",
        "config.yaml:2",
        "strategy.coins.USDT.reserv",
        "did you mean 'reserve'",
    ),
    "a negative reserve": (
        "strategy: {coins: {USDT: {reserve: -1}}}\n",
        "config.yaml:1",
        "strategy.coins.USDT.reserve",
        "-1",
    ),
    "refill_to under refill_below": (
        "strategy: {coins: {USDT: {refill_below: 100, refill_to: 50}}}\n",
        "strategy.coins.USDT.refill_below: 100",
        "more than refill_to",
    ),
    "a secret in the file": ("secrets: {secret_key: hunter2}\n", "secrets do not belong"),
    "plain http to elsewhere": ("exchange: {base_url: 'http://example.com'}\n", "https"),
    "a day that never comes": ("schedule: {cron: '0 0 30 2 *'}\n", "no such day"),
}


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize("command", ["once", "check"])
def test_a_wrong_configuration_is_told_by_file_line_and_key(
    here: Run, tmp_path: Path, command: str, name: str
) -> None:
    text, *words = BAD_FILES[name]
    (tmp_path / "config.yaml").write_text(text)

    here(command).refused(ExitCode.USAGE, *words, "correct the file; `earnd check` tells")
    assert [entry.name for entry in tmp_path.iterdir()] == ["config.yaml"], "nothing was made"


def test_what_a_wrong_configuration_holds_by_way_of_secrets_is_not_repeated(
    here: Run, tmp_path: Path
) -> None:
    """E3."""
    (tmp_path / "config.yaml").write_text(BAD_FILES["a secret in the file"][0])

    assert "hunter2" not in here("check").err


def test_all_mistakes_are_told_at_once_by_the_process_too(tmp_path: Path) -> None:
    """O1."""
    path = tmp_path / "config.yaml"
    path.write_text(
        "mode: lively\nschedule: {evry: 5m}\n"
        "strategy: {coins: {USDT: {reserve: -1, refill_below: 9, refill_to: 3}}}\n"
    )

    for command in ("run", "plan"):
        ran = earnd(command, "-c", path)
        ran.refused(ExitCode.USAGE, f"{path}:1: mode:", f"{path}:2: schedule.evry:", "reserve")
        assert "mistakes in" in ran.err
    assert list(tmp_path.iterdir()) == [path]


def test_a_configuration_that_is_not_there_is_told_by_name_with_what_to_do(
    here: Run, tmp_path: Path
) -> None:
    absent = tmp_path / "absent.yaml"

    here("once", "-c", absent).refused(2, str(absent), "--config", "`earnd config new`")
    here("once", EARND_CONFIG=str(absent)).refused(2, str(absent), "EARND_CONFIG")
    here("once").refused(2, "no configuration file", str(tmp_path), "`earnd config new`")
    here("once", "-c", tmp_path).refused(2, str(tmp_path), "directory")
    assert list(tmp_path.iterdir()) == []


def test_wrong_usage_ends_with_2_and_says_how_it_is_right(here: Run) -> None:
    here("nonsense").refused(2, "No such command 'nonsense'", "earnd --help")
    here("actions", "--limit", "many").refused(2, "--limit", "many")
    here("actions", "--state", "fine").refused(2, "needs_operator")
    here("status", "--colour").refused(2, "--colour")
    here("resolve", "1").refused(2, "--as")
    here("resolve", "0", "--as", "settled", "--because", "x").refused(2, "0")
    here("resolve", "one", "--as", "settled", "--because", "x").refused(2, "'one'")
    here("sandbox", "--port", "99999").refused(2, "99999")


def test_new_configuration_never_replaces_anything(here: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mode: live\n")
    (tmp_path / "place").mkdir()
    before = sorted(tmp_path.rglob("*"))

    here("config", "new", "mine.yaml").refused(2, "mine.yaml", "name already", "another name")
    here("config", "new", "place").refused(2, "place", "name already")
    here("config", "new", "absent/a.yaml").refused(2, "absent/a.yaml", "No such file or directory")
    assert (tmp_path / "mine.yaml").read_text() == "mode: live\n"
    assert sorted(tmp_path.rglob("*")) == before


NO_KEYS: dict[str, str | None] = dict.fromkeys(KEYS)


def test_missing_secrets_end_with_2_before_anything_is_made(practice: Account, here: Run) -> None:
    path = practice.config()
    for command in ("once", "plan", "run"):
        here(command, "-c", path, **NO_KEYS).refused(
            2, "no secrets", "EARND_ACCESS_KEY", "secrets.directory", "LoadCredential="
        )
    assert list(practice.directory.iterdir()) == [path]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, ["lacks EARND_MEMO", "set all three"]),
        ("", ["EARND_MEMO: is empty"]),
        (" padded", ["EARND_MEMO: has a blank"]),
        ("line\nbreak", ["EARND_MEMO", "line break"]),
    ],
)
@pytest.mark.parametrize("command", ["once", "check"])
def test_a_missing_or_empty_secret_is_told_by_name_and_never_repeated(
    practice: Account, here: Run, command: str, value: str | None, words: list[str]
) -> None:
    """E3."""
    path = practice.config()

    ran = here(command, "-c", path, EARND_MEMO=value)
    ran.refused(2, *words)
    assert "padded" not in ran.err
    assert list(practice.directory.iterdir()) == [path]


def test_secrets_that_others_can_read_are_refused_with_the_command_that_mends_it(
    practice: Account, here: Run
) -> None:
    """E1."""
    secrets = practice.directory / "secrets"
    secrets.mkdir(mode=0o755)
    secrets.chmod(0o755)
    for name in ("access_key", "secret_key", "memo"):
        (secrets / name).write_text("not-to-be-shown\n")
        (secrets / name).chmod(0o644)
    path = practice.config(secrets="{directory: ./secrets}")

    ran = here("once", "-c", path, **NO_KEYS)
    ran.refused(2, "is open to others (mode 0755)", f"chmod 700 {secrets}")
    secrets.chmod(0o700)
    ran = here("once", "-c", path, **NO_KEYS)
    ran.refused(2, f"chmod 600 {secrets}/access_key", f"chmod 600 {secrets}/memo", "nothing was")
    assert "not-to-be-shown" not in ran.err
    (secrets / "memo").unlink()
    here("once", "-c", path, **NO_KEYS).refused(2, f"{secrets}/memo", "no such file")
    assert not practice.ledger.exists()


def test_an_authority_file_that_is_not_there_is_told_before_a_ledger_is_made(
    practice: Account, here: Run
) -> None:
    exchange = "{base_url: 'https://localhost:1', ca_file: ./none.pem}"
    path = practice.config(exchange=exchange)

    here("once", "-c", path).refused(2, "none.pem", str(path))
    assert list(practice.directory.iterdir()) == [path]


def test_a_wrong_memo_ends_with_4_and_the_refusal_is_on_record(practice: Account) -> None:
    """X16."""
    path = practice.config()

    ran = earnd("once", "-c", path, environ={**KEYS, "EARND_MEMO": "not-the-memo"})
    assert ran.code == ExitCode.REFUSED, ran
    assert "refused" in ran.err
    assert "30005" in ran.err
    assert "docs/keys.md" in ran.err
    assert "not-the-memo" not in ran.out + ran.err
    rows = earnd("actions", "-c", path, "--json").facts
    assert [(row["state"], row["code"]) for row in rows] == [("rejected", 30005)]
    assert practice.books.records() == []
    assert earnd("audit", "-c", path).code == 0


def test_a_wrong_key_ends_with_4_and_nothing_is_sent(practice: Account) -> None:
    """X16, O12."""
    path = practice.config()

    for command in ("once", "plan"):
        ran = earnd(command, "-c", path, environ={**KEYS, "EARND_ACCESS_KEY": "not-the-key"})
        assert ran.code == ExitCode.REFUSED, ran
        assert practice.server.base_url in ran.err
        assert "does not know the access key" in ran.err
        assert "Correct the key" in ran.err
        assert "not-the-key" not in ran.out + ran.err
    assert practice.server.received == []
    assert "refused" in earnd("status", "-c", path).out


@pytest.mark.parametrize("command", ["once", "plan"])
def test_an_unreachable_exchange_ends_with_1_and_one_sentence_with_its_address(
    practice: Account, here: Run, command: str
) -> None:
    """H3."""
    address = f"http://127.0.0.1:{free_port()}"
    path = practice.config(exchange=f"{{base_url: '{address}'}}")

    ran = here(command, "-c", path)
    assert ran.code == ExitCode.FINDING
    assert f"failed look, nothing more was moved: {address}: " in ran.err
    assert "connection was refused" in ran.err
    assert "The next cycle asks again." in ran.err
    assert ran.out == ""


def test_a_name_that_does_not_exist_ends_with_1_and_says_so(practice: Account) -> None:
    """H4."""
    path = practice.config(exchange="{base_url: 'https://no-such-exchange.invalid'}")

    ran = earnd("once", "-c", path)
    assert ran.code == ExitCode.FINDING, ran
    assert "https://no-such-exchange.invalid" in ran.err
    assert "name" in ran.err
    assert "failed look" in ran.err


@pytest.mark.parametrize("command", ["once", "plan", "run"])
def test_a_ledger_of_another_mode_is_refused_by_its_own_name(
    practice: Account, here: Run, command: str
) -> None:
    """O3."""
    assert here("once", "-c", practice.config()).code == 0
    before = practice.ledger.read_bytes()
    sent = len(practice.server.received)

    dry = practice.config("dry.yaml", mode="dry-run")
    here(command, "-c", dry).refused(
        ExitCode.LEDGER, str(practice.ledger), "mode live", "dry-run", "`ledger.path`"
    )
    assert practice.ledger.read_bytes() == before
    assert len(practice.server.received) == sent


def test_a_ledger_of_another_account_is_refused(practice: Account, here: Run) -> None:
    """O3."""
    assert here("once", "-c", practice.config()).code == 0

    other = practice.config("other.yaml", account="{label: other}")
    here("once", "-c", other).refused(3, str(practice.ledger), "default", "other")


READING = ("status", "actions", "audit", "migrate")


def _not_sqlite(path: Path) -> str:
    path.write_text("Dear diary, ...")
    return "not an SQLite database"


def _somebody_elses(path: Path) -> str:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE diary (entry TEXT)")
    connection.close()
    return "another program"


def _folder(path: Path) -> str:
    path.mkdir()
    return "it is a folder"


def _empty(path: Path) -> str:
    path.touch()
    return "the file is empty"


def _nothing(path: Path) -> str:
    del path
    return "there is no ledger here"


@pytest.mark.parametrize("make", [_not_sqlite, _somebody_elses, _folder, _empty])
def test_what_is_no_ledger_is_refused_by_everything_and_left_as_it_is(
    practice: Account, here: Run, make: Callable[[Path], str]
) -> None:
    path = practice.config()
    why = make(practice.ledger)
    content = None if practice.ledger.is_dir() else practice.ledger.read_bytes()

    for command in READING:
        here(command, "--ledger", "ledger.db").refused(3, str(practice.ledger), why)
    for command in ("once", "plan", "run"):
        here(command, "-c", path).refused(3, str(practice.ledger), why)
    resolve = ("resolve", "1", "--as", "rejected", "--because", "x")
    here(*resolve, "-c", path).refused(3, str(practice.ledger), why)
    assert practice.ledger.is_dir() or practice.ledger.read_bytes() == content


def test_a_ledger_that_is_not_there_is_not_begun_by_what_only_reads_or_mends(
    practice: Account, here: Run
) -> None:
    path = practice.config()
    resolve = ("resolve", "1", "--as", "rejected", "--because", "x", "-c", path)
    for arguments in (*((command, "-c", path) for command in READING), resolve):
        here(*arguments).refused(3, str(practice.ledger), "no ledger here", "`earnd once`")
    assert list(practice.directory.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_told_with_the_command_that_makes_it(
    practice: Account, here: Run
) -> None:
    path = practice.config(ledger="{path: ./absent/ledger.db}")
    absent = practice.directory / "absent"

    for command in ("once", "plan", "status"):
        here(command, "-c", path).refused(3, f"mkdir -p {absent}")
    ran = here("check", "-c", path)
    assert ran.code == 0
    assert f"the folder {absent} does not exist" in ran.out
    assert list(practice.directory.iterdir()) == [path]


@pytest.mark.parametrize("command", ["once", "plan", "status"])
def test_a_path_that_no_system_takes_is_told_in_words(
    practice: Account, here: Run, command: str
) -> None:
    path = practice.config(ledger=f"{{path: ./{'long' * 100}.db}}")

    here(command, "-c", path).refused(3, "File name too long")
    assert here("check", "-c", path).code == 0


READ_ONLY = (
    "unshare",
    "--mount",
    "sh",
    "-c",
    'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"',
)
"""Runs a command on a directory that is mounted read-only for it alone."""


@pytest.mark.slow
def test_a_ledger_on_a_read_only_disk_is_refused_for_writing(practice: Account) -> None:
    """L17."""
    directory = str(practice.directory)
    can_mount = shutil.which("unshare") is not None
    if not can_mount or subprocess.run([*READ_ONLY, directory, "true"], check=False).returncode:
        pytest.skip("needs to mount, which only root may, and not everywhere")
    path = practice.config()
    assert earnd("once", "-c", path).code == 0
    before = practice.files()

    for command in ("once", "run", "migrate"):
        ran = earnd(command, "-c", path, through=[*READ_ONLY, directory])
        ran.refused(3, directory, "Read-only file system", "the user that earnd runs as")
    assert practice.files() == before


def _small_files(size: int) -> Callable[[], None]:
    """Makes every file of a child end at so many bytes, as a full disk would."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.slow
def test_a_full_disk_while_a_ledger_is_begun_leaves_none(practice: Account) -> None:
    """L23, R3, R4."""
    path = practice.config()

    ran = earnd("once", "-c", path, before=_small_files(64 * 1024))
    ran.refused(3, str(practice.ledger), "disk")
    left = {entry.name for entry in practice.directory.iterdir()}
    assert left == {"config.yaml", "ledger.db.lock"}
    assert practice.server.received == []
    assert earnd("once", "-c", path).code == 0


@pytest.mark.slow
@pytest.mark.parametrize("command", ["once", "run"])
def test_a_full_disk_within_a_cycle_ends_with_3_and_sends_nothing(
    practice: Account, command: str
) -> None:
    """L23, R3, R4."""
    path = practice.config()
    dry = earnd("plan", "-c", path)
    assert dry.code == 0
    practice.books.withdraw("USDT", "1000")
    assert earnd("once", "-c", path).code == 0
    practice.books.deposit("USDT", "1000")

    ran = earnd(command, "-c", path, before=_small_files(20 * 1024))
    assert ran.code == ExitCode.LEDGER, ran
    assert "disk" in ran.err
    assert "Free some space" in ran.err or "Look at the disk" in ran.err
    assert practice.server.received == []
    assert earnd("audit", "-c", path).code == 0
    assert earnd("once", "-c", path).code == 0
    assert len(practice.server.received) == 1


@contextmanager
def _held(ledger: Path) -> Iterator[None]:
    """Somebody else holds the ledger's lock."""
    with ledger.with_name(f"{ledger.name}.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_a_ledger_that_another_earnd_holds_ends_with_5_and_can_be_read_meanwhile(
    practice: Account, here: Run
) -> None:
    """T1, T4, T9."""
    path = practice.config()
    assert here("once", "-c", path).code == 0
    before = practice.ledger.read_bytes()

    with _held(practice.ledger):
        for command in ("once", "run", "migrate"):
            here(command, "-c", path).refused(
                5, "another earnd holds this ledger", str(practice.ledger), "systemctl stop earnd"
            )
        for command in ("status", "actions", "audit", "plan", "check"):
            assert here(command, "-c", path).code == 0, command
    assert practice.ledger.read_bytes() == before


def test_a_port_that_is_taken_ends_with_2_and_says_what_to_try(
    practice: Account, here: Run
) -> None:
    port = practice.server.port

    here("sandbox", "--port", port).refused(2, f"127.0.0.1:{port}", "--port 0")


def test_no_place_for_the_copy_that_plan_makes_is_told(
    practice: Account, here: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as changed:
        changed.setattr(tempfile, "tempdir", str(practice.directory / "absent"))
        here("plan", "-c", practice.config()).refused(1, "temporary directory", "TMPDIR")
