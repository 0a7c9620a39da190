"""What only a real systemd can show: the service in a machine of its own, with the real unit.

Not collected by pytest. Runs as root, with Debian's own python3 and the standard library, in a
container or virtual machine that was set up as docs/install.md says, with two differences:

- the configuration is CONFIG below, in /etc/earnd/config.yaml, with the practice exchange's keys
  (`earnd sandbox` prints them) in /etc/earnd/credentials;
- the practice exchange itself is a service, earnd-sandbox.service:
  `ExecStart=/opt/earnd/venv/bin/earnd sandbox --port 8080` with `DynamicUser=yes`.

The unit's name is taken from E2E_UNIT if that is set.
Each check prints `ok NAME` or `not ok NAME - why`; the exit status is 0 if the script came to its
end. It starts, breaks and mends the service: never run it where earnd is in use.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIG = """\
mode: live
exchange: {base_url: "http://127.0.0.1:8080"}
ledger: {path: /var/lib/earnd/ledger.db}
schedule: {every: 10s}
strategy:
  coins:
    USDT: {reserve: 100, min_move: 10}
    BTC: {mode: hold}
"""

UNIT = os.environ.get("E2E_UNIT", "earnd.service")
EARND = "/opt/earnd/venv/bin/earnd"
ETC = Path("/etc/earnd")
STATE = Path("/var/lib/earnd")
LEDGER = STATE / "ledger.db"
DROPIN = Path(f"/run/systemd/system/{UNIT}.d/70-checks.conf")


def check(name: str, why: str = "") -> None:
    """One line of the result; `why` is empty when all is well."""
    sys.stdout.write(f"not ok {name} - {why}\n" if why else f"ok {name}\n")
    sys.stdout.flush()


def run(*command: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """A command's end, with all that it said in `stdout`."""
    return subprocess.run(
        command,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )


def as_earnd(*arguments: str) -> subprocess.CompletedProcess[str]:
    """An earnd command as the service's user, as an operator runs it."""
    return run("runuser", "-u", "earnd", "--", EARND, *arguments)


def unit(*names: str) -> list[str]:
    """Properties of the unit."""
    shown = run("systemctl", "show", *(f"-p{name}" for name in names), UNIT).stdout
    values = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    return [values.get(name, "") for name in names]


def wait_for(condition: Callable[[], bool], limit: float) -> bool:
    """Whether it came true in time."""
    until = time.monotonic() + limit
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.2)
    return False


def restart() -> subprocess.CompletedProcess[str]:
    """A fresh start, not counted against StartLimitBurst."""
    run("systemctl", "reset-failed", UNIT)
    return run("systemctl", "restart", UNIT)


def ask(statement: str) -> list[tuple[object, ...]]:
    """Rows of the ledger."""
    ledger = sqlite3.connect(f"file:{LEDGER}?mode=ro", uri=True)
    try:
        return ledger.execute(statement).fetchall()
    finally:
        ledger.close()


def cycles(outcome: str) -> int:
    """How many cycles ended so."""
    found = ask("SELECT outcome FROM cycle_end")
    return sum(row == (outcome,) for row in found)


@contextmanager
def changed(path: Path, text: str) -> Iterator[None]:
    """A file with other words in it, for a while."""
    before = path.read_bytes()
    path.write_text(text)
    try:
        yield
    finally:
        path.write_bytes(before)


def it_works() -> None:
    """The service does what it is for, and the reading commands work beside it."""
    had = cycles("done")
    fine = wait_for(lambda: cycles("done") > had, 40)
    check("cycles end well", "" if fine else str(ask("SELECT * FROM cycle_log")))
    # A kill between plan and sending leaves a dropped one.
    states = {str(state) for (state,) in ask("SELECT state FROM action_now")}
    fine = "settled" in states and states <= {"settled", "dropped"}
    check("what was subscribed is settled", "" if fine else str(states))
    audit = as_earnd("audit", "--ledger", str(LEDGER))
    check("no audit has a finding", audit.stdout if audit.returncode else "")
    status = as_earnd("status", "--json")
    fine = status.returncode == 0 and bool(json.loads(status.stdout)["holdings"])
    check("earnd status works as the service's user", "" if fine else status.stdout)
    busy = run(
        "systemd-run",
        "--quiet",
        "--pipe",
        "--wait",
        "--collect",
        "--uid=earnd",
        *(f"-pLoadCredential={name}:{ETC}/credentials/{name}" for name in NAMES),
        EARND,
        "once",
    )
    check("a second writer is refused with 5", "" if busy.returncode == 5 else busy.stdout)
    plan = run(
        "systemd-run",
        "--quiet",
        "--pipe",
        "--wait",
        "--collect",
        "--uid=earnd",
        *(f"-pLoadCredential={name}:{ETC}/credentials/{name}" for name in NAMES),
        EARND,
        "plan",
    )
    check("earnd plan works with the service's credentials", plan.stdout if plan.returncode else "")


NAMES = ("access_key", "secret_key", "memo")


def it_is_quiet() -> None:
    """No secret is where others can read it; no file is open to others."""
    (pid,) = unit("MainPID")
    secrets = [(ETC / "credentials" / name).read_text().strip() for name in NAMES[:2]]
    environ = Path(f"/proc/{pid}/environ").read_text()
    check("no secret in the environment", "" if not _any(secrets, environ) else "there is")
    command = Path(f"/proc/{pid}/cmdline").read_text()
    check("no secret on the command line", "" if not _any(secrets, command) else "there is")
    journal = run("journalctl", "--no-pager", "-u", UNIT).stdout
    check("no secret in the journal", "" if not _any(secrets, journal) else "there is")
    text = LEDGER.read_bytes().decode("latin-1")
    check("no secret in the ledger", "" if not _any(secrets, text) else "there is")
    owner = pwd.getpwnam("earnd").pw_uid
    files = [STATE, *STATE.iterdir()]
    wrong = [str(p) for p in files if p.stat().st_mode & 0o077 or p.stat().st_uid != owner]
    check("the state directory is earnd's alone", ", ".join(wrong))


def _any(secrets: list[str], text: str) -> bool:
    return any(secret in text for secret in secrets)


def it_is_small() -> None:
    """Far from the unit's bounds."""
    (pid,) = unit("MainPID")
    lines = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    peak, threads = int(lines["VmHWM"].split()[0]) // 1024, int(lines["Threads"])
    name = f"peak memory {peak} MiB, {threads} threads"
    check(name, "" if peak < 256 and threads < 32 else "near the unit's bounds")


def it_stays_down_for_a_person() -> None:
    """What a person must mend is not tried again and again."""
    config = ETC / "config.yaml"
    with changed(config, "mode: lively\n"):
        began = restart()
        result = unit("SubState", "ExecMainStatus")
        check(
            "a wrong configuration: failed with 2, not restarted",
            "" if result == ["failed", "2"] and began.returncode else str(result),
        )
    with changed(ETC / "credentials" / "access_key", "not-the-key\n"):
        restart()
        ended = wait_for(lambda: unit("SubState") == ["failed"], 60)
        result = unit("SubState", "ExecMainStatus", "NRestarts")
        check(
            "a wrong key: three refused cycles, then failed with 4, not restarted",
            "" if ended and result == ["failed", "4", "0"] else str(result),
        )
    memo = ETC / "credentials" / "memo"
    aside = memo.with_suffix(".aside")
    memo.rename(aside)
    restart()
    result = unit("ExecMainStatus", "Result")
    aside.rename(memo)
    check(
        "a missing secret: 243, said in the journal",
        "" if result[0] == "243" and "CREDENTIALS" in _journal() else str(result),
    )
    run("systemctl", "stop", UNIT)
    whole = LEDGER.with_suffix(".aside")
    LEDGER.rename(whole)
    LEDGER.write_bytes(b"")
    restart()
    result = unit("SubState", "ExecMainStatus")
    LEDGER.unlink()
    whole.rename(LEDGER)
    check(
        "a ruined ledger: failed with 3, not restarted",
        "" if result == ["failed", "3"] else str(result),
    )


def _journal() -> str:
    return run("journalctl", "--no-pager", "-n", "30", "-u", UNIT).stdout


def it_waits_for_the_exchange() -> None:
    """An exchange that is away is no reason to end, or not to start."""
    with changed(ETC / "config.yaml", CONFIG.replace("8080", "8081")):
        had = cycles("failed_look")
        began = restart()
        seen = wait_for(lambda: cycles("failed_look") > had + 1, 90)
        result = unit("ActiveState", "NRestarts")
        fine = began.returncode == 0 and seen and result == ["active", "0"]
        check("without the exchange: active, cycles fail", "" if fine else str(result) + _journal())
    had = cycles("done")
    restart()
    fine = wait_for(lambda: cycles("done") > had, 60)
    check("the exchange is back: cycles end well again", "" if fine else _journal())


def auditors_can_be_let_in() -> None:
    """As docs/install.md says under "Letting others read"."""
    if shutil.which("useradd") is None:
        return
    run("useradd", "--no-create-home", "--groups", "earnd", "auditor")
    look = (
        "import sqlite3, sys; ledger = sqlite3.connect(sys.argv[1], uri=True);"
        "print(ledger.execute('SELECT count(*) FROM cycle').fetchone())"
    )
    as_auditor = ("runuser", "-u", "auditor", "--")
    reader = (*as_auditor, "/usr/bin/python3", "-c", look, f"file:{LEDGER}?mode=ro")
    check("an auditor is kept out at first", "" if run(*reader).returncode else "is not")
    DROPIN.parent.mkdir(parents=True, exist_ok=True)
    DROPIN.write_text("[Service]\nStateDirectoryMode=0750\n")
    run("systemctl", "daemon-reload")
    run("systemctl", "stop", UNIT)
    LEDGER.chmod(0o640)
    restart()
    had = cycles("done")
    wait_for(lambda: cycles("done") > had, 40)
    opened = run(*reader)
    check("an auditor of the group reads while it runs", opened.stdout if opened.returncode else "")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in STATE.glob("ledger.db*")]
    check("none but the group was let in", "" if not any(m & 0o007 for m in modes) else str(modes))
    run("systemctl", "stop", UNIT)
    stopped = run(*reader)
    name = "an auditor of the group cannot read while it is stopped, as the page says"
    check(name, "" if stopped.returncode else "can")
    restart()


def it_ends_in_good_order() -> None:
    """Stopping is quick, and leaves nothing open."""
    began = time.monotonic()
    run("systemctl", "stop", UNIT)
    took = time.monotonic() - began
    result = unit("Result", "ExecMainStatus")
    check(f"stop took {took:.1f} s", "" if result == ["success", "0"] else str(result))
    open_ones = ask(
        "SELECT action_id, state FROM action_now WHERE state NOT IN ('settled', 'dropped')"
    )
    check("no action is left open", "" if not open_ones else str(open_ones))
    cut = ask("SELECT cycle_id FROM cycle_log WHERE ended_at IS NULL")
    name = f"{len(cut)} cycles have no end (each kill may leave one)"
    check(name, "" if len(cut) <= 3 else str(cut))
    restart()


if __name__ == "__main__":
    it_works()
    it_is_quiet()
    it_is_small()
    it_stays_down_for_a_person()
    it_waits_for_the_exchange()
    auditors_can_be_let_in()
    it_ends_in_good_order()
