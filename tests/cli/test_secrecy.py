"""A running earnd, looked at from outside: what it shows of the keys, and what it listens to."""

from __future__ import annotations

import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from earnd.sandbox import Fault
from tests.cli.shell import PATIENCE_S, Account, account, ended, start
from tests.support.practice import KEY, KEYS

LISTENING = "0A"
"""The state of a TCP socket in /proc/net/tcp that waits for others to connect."""


@contextmanager
def running(place: Account, *arguments: object, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """A process of earnd in the middle of a request; asked to end afterwards, which it does."""
    process = start(*arguments, environ=environ, cwd=place.directory)
    try:
        assert place.server.faults.wait_until_held(timeout_s=PATIENCE_S)
        yield process
        process.send_signal(signal.SIGTERM)
        place.server.faults.release()
        ended(process)
    finally:
        place.server.faults.release()
        process.kill()
        process.communicate()


def with_key_files(place: Account) -> Path:
    """A configuration that names a directory with the three secrets."""
    directory = place.directory / "keys"
    directory.mkdir(mode=0o700)
    for name in ("access_key", "secret_key", "memo"):
        path = directory / name
        path.touch(mode=0o600)
        path.write_text(getattr(KEY, name))
    return place.config(secrets="{directory: ./keys}")


def listening(pid: int) -> list[str]:
    """The sockets of a process that wait for others to connect."""
    links = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
    owned = {link[8:-1] for link in links if link.startswith("socket:[")}
    assert owned, "it has a connection to the exchange, at least"
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING and fields[9] in owned:
                found.append(line)
    for line in Path(f"/proc/{pid}/net/unix").read_text().splitlines()[1:]:
        fields = line.split()
        # The flag of a socket that accepts connections (__SO_ACCEPTCON).
        if int(fields[3], 16) & 0x10000 and fields[6] in owned:
            found.append(line)
    return found


def test_with_key_files_no_key_is_in_what_the_system_shows_of_the_process(tmp_path: Path) -> None:
    """E1, E12: and nobody can connect to it, because it listens to nobody."""
    with account(tmp_path) as place:
        config = with_key_files(place)
        place.server.faults.add(Fault("subscribe", "stall_after"))
        with running(place, "run", "-c", config) as process:
            shown = b"".join(
                Path(f"/proc/{process.pid}/{name}").read_bytes() for name in ("environ", "cmdline")
            )
            assert b"earnd" in shown
            for value in KEYS.values():
                assert value.encode() not in shown
            assert listening(process.pid) == []


def test_the_copy_that_a_plan_works_on_is_its_owners_alone(tmp_path: Path) -> None:
    """E14."""
    with account(tmp_path) as place:
        config = place.config()
        assert ended(start("once", "-c", config, cwd=tmp_path)).code == 0
        scratch = tmp_path / "scratch"
        scratch.mkdir(mode=0o777)
        place.server.faults.add(Fault("time", "stall_before"))
        with running(place, "plan", "-c", config, **KEYS, TMPDIR=str(scratch)):
            (made,) = scratch.iterdir()
            assert stat.S_IMODE(made.stat().st_mode) == 0o700
            copies = [path for path in made.iterdir() if path.stat().st_size]
            assert copies
            assert {stat.S_IMODE(path.stat().st_mode) for path in copies} == {0o600}
        assert list(scratch.iterdir()) == []
