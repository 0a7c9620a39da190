"""The unit file, without a systemd at work: what stands in it, and what systemd's tools say of it.

What only a running systemd can show is in checks.py beside this file.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from earnd.errors import ExitCode
from earnd.service.daemon import LONGEST_CYCLE

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "earnd.service"
SYSUSERS = FOLDER / "earnd.sysusers.conf"
INSTALL = FOLDER.parent / "docs" / "install.md"

MOST_EXPOSURE = 1.5

NEEDS_ANALYZE = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)

REQUIRED = {
    "Unit": {"StartLimitIntervalSec": ["1h"], "StartLimitBurst": ["8"]},
    "Service": {
        "Type": ["notify"],
        "NotifyAccess": ["main"],
        "User": ["earnd"],
        "Group": ["earnd"],
        "ExecStart": ["/opt/earnd/venv/bin/python -I -m earnd run"],
        "Environment": ["EARND_CONFIG=/etc/earnd/config.yaml"],
        "LoadCredential": [
            f"{name}:/etc/earnd/credentials/{name}" for name in ("access_key", "secret_key", "memo")
        ],
        "StateDirectory": ["earnd"],
        "StateDirectoryMode": ["0700"],
        "UMask": ["0077"],
        "Restart": ["on-failure"],
        "KillMode": ["mixed"],
        "NoNewPrivileges": ["yes"],
        "CapabilityBoundingSet": [""],
        "AmbientCapabilities": [""],
        "ProtectSystem": ["strict"],
        "ProtectHome": ["yes"],
        "PrivateTmp": ["yes"],
        "PrivateDevices": ["yes"],
        "PrivateUsers": ["yes"],
        "PrivateIPC": ["yes"],
        "PrivateMounts": ["yes"],
        "ProtectClock": ["yes"],
        "ProtectControlGroups": ["yes"],
        "ProtectHostname": ["yes"],
        "ProtectKernelLogs": ["yes"],
        "ProtectKernelModules": ["yes"],
        "ProtectKernelTunables": ["yes"],
        "ProtectProc": ["invisible"],
        "ProcSubset": ["pid"],
        "RestrictAddressFamilies": ["AF_INET AF_INET6 AF_UNIX"],
        "RestrictNamespaces": ["yes"],
        "RestrictRealtime": ["yes"],
        "RestrictSUIDSGID": ["yes"],
        "LockPersonality": ["yes"],
        "MemoryDenyWriteExecute": ["yes"],
        "RemoveIPC": ["yes"],
        "KeyringMode": ["private"],
        "SystemCallArchitectures": ["native"],
        "SystemCallFilter": ["@system-service", "~@privileged @resources"],
        "SystemCallErrorNumber": ["EPERM"],
        "NoExecPaths": ["/"],
        "IPAddressDeny": ["multicast link-local"],
        "LimitCORE": ["0"],
    },
    "Install": {"WantedBy": ["multi-user.target"]},
}


def sections(unit: Path) -> Mapping[str, Mapping[str, list[str]]]:
    """A unit file as systemd reads it: a key may stand several times."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    section = ""
    for line in unit.read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
        elif line and not line.startswith(("#", ";")):
            key, _, value = line.partition("=")
            found[section][key].append(value)
    return found


def seconds(span: str) -> float:
    units = {"": 1, "s": 1, "min": 60, "h": 3600}
    parts = re.findall(r"(\d+)([a-z]*)", span)
    return float(sum(int(number) * units[name] for number, name in parts))


def service(key: str) -> str:
    (value,) = sections(UNIT)["Service"][key]
    return value


@pytest.mark.parametrize(
    ("section", "key"), [(name, key) for name, keys in REQUIRED.items() for key in keys]
)
def test_the_unit_says_what_it_must(section: str, key: str) -> None:
    """L16, E1, E6, E14."""
    assert sections(UNIT)[section][key] == REQUIRED[section][key]


def test_systemd_does_not_restart_what_a_person_has_to_mend() -> None:
    """O12."""
    stays_down = {ExitCode.USAGE, ExitCode.LEDGER, ExitCode.REFUSED}
    assert {int(code) for code in service("RestartPreventExitStatus").split()} == stays_down


def test_the_watchdog_is_slower_than_it_is_fed_and_faster_than_a_hung_cycle() -> None:
    """C13."""
    assert 3 * 5 <= seconds(service("WatchdogSec")) <= LONGEST_CYCLE.total_seconds()


def test_stopping_and_starting_have_time_for_the_longest_request() -> None:
    """C7, S11, U7."""
    assert seconds(service("TimeoutStopSec")) >= 2 * 60
    assert seconds(service("TimeoutStartSec")) > 3 * 60


def test_a_failing_service_ends_within_the_limit_of_starts() -> None:
    """C6."""
    starts = int(sections(UNIT)["Unit"]["StartLimitBurst"][0])
    window = seconds(sections(UNIT)["Unit"]["StartLimitIntervalSec"][0])
    assert starts * (seconds(service("RestartSec")) + 10) < window


def test_the_program_can_run_from_where_it_is_installed() -> None:
    program = Path(service("ExecStart").split()[0])
    allowed = [path.removeprefix("-") for path in service("ExecPaths").split()]
    assert any(program.is_relative_to(path) for path in allowed)


def test_the_user_of_the_unit_is_the_one_that_sysusers_makes() -> None:
    lines = [
        line.split()
        for line in SYSUSERS.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert [line[:2] for line in lines] == [["u", service("User")]]


def test_the_install_page_uses_every_file_of_the_unit() -> None:
    page = INSTALL.read_text(encoding="utf-8")
    for path in (UNIT, SYSUSERS):
        assert f"systemd/{path.name}" in page
    for credential in sections(UNIT)["Service"]["LoadCredential"]:
        assert credential in page


@pytest.fixture
def unit_with_a_program(tmp_path: Path) -> Path:
    """The unit with a program that exists here: systemd-analyze looks whether it does."""
    copy = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    copy.write_text(text.replace("/opt/earnd/venv/bin/python", sys.executable))
    return copy


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments],  # noqa: S607 - whichever is installed
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@NEEDS_ANALYZE
def test_systemd_finds_no_fault_in_the_unit(unit_with_a_program: Path) -> None:
    # Without --recursive-errors an unknown key is only a warning.
    done = analyze("verify", "--man=no", "--recursive-errors=no", str(unit_with_a_program))
    assert (done.returncode, done.stdout) == (0, "")


@NEEDS_ANALYZE
def test_the_exposure_is_low_and_the_page_says_how_low() -> None:
    tenths = round(MOST_EXPOSURE * 10)
    done = analyze("security", "--offline=true", "--no-pager", f"--threshold={tenths}", str(UNIT))
    assert done.returncode == 0, done.stdout
    measured = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    told = re.search(r"exposure of ([0-9.]+) ", INSTALL.read_text(encoding="utf-8"))
    assert measured is not None
    assert told is not None
    # Another version of systemd weighs a little differently.
    assert abs(float(measured[1]) - float(told[1])) < 0.25
