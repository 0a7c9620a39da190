"""`earnd once` as a process, over TLS, with every variable that could lead it astray set to do so.

The service itself is started without most of these (see the unit); a person's shell may have any.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.shell import Account, Ran, account, bare_environment
from tests.exchange.hostile import Behaviour, HostileServer, always, envelope, reply
from tests.exchange.test_tls import certificate
from tests.exchange.tls_front import TlsFront
from tests.support.practice import KEY, KEYS

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="the openssl command makes the certificates"
)

PATIENCE_S = 120
NETRC = "machine 127.0.0.1 login canary-netrc password canary-netrc\ndefault login c password c\n"
SHADOWS = ("requests", "decimal", "ssl", "earnd", "sitecustomize", "usercustomize", "json")


@dataclass(frozen=True, slots=True)
class Trap:
    """The places that the variables name."""

    home: Path
    thief: str
    stranger: Path
    """An authority that is not the exchange's."""

    @property
    def keys(self) -> Path:
        return self.home / "tls-keys"

    def shadows(self) -> Path:
        """Modules that say so when they are imported."""
        folder = self.home / "shadows"
        folder.mkdir(exist_ok=True)
        for name in SHADOWS:
            (folder / f"{name}.py").write_text("raise SystemExit('canary-shadow')\n")
        return folder


Hostile = Callable[[Trap], dict[str, str]]


def proxy(*names: str) -> Hostile:
    return lambda trap: dict.fromkeys(names, trap.thief)


MATRIX: Mapping[str, Hostile] = {
    "HTTP_PROXY": proxy("HTTP_PROXY", "http_proxy"),
    "HTTPS_PROXY": proxy("HTTPS_PROXY", "https_proxy"),
    "ALL_PROXY": proxy("ALL_PROXY", "all_proxy"),
    "ALL_PROXY by socks": lambda trap: {
        "ALL_PROXY": trap.thief.replace("http", "socks5h"),
        "all_proxy": trap.thief.replace("http", "socks5h"),
    },
    "NO_PROXY of nothing": lambda trap: {
        **proxy("HTTPS_PROXY", "HTTP_PROXY")(trap),
        "NO_PROXY": "",
        "no_proxy": "",
    },
    "NO_PROXY of everything": lambda _: {"NO_PROXY": "*", "no_proxy": "*"},
    "REQUEST_METHOD": lambda trap: {"REQUEST_METHOD": "GET", "HTTP_PROXY": trap.thief},
    "REQUESTS_CA_BUNDLE": lambda trap: {"REQUESTS_CA_BUNDLE": str(trap.stranger)},
    "CURL_CA_BUNDLE": lambda trap: {"CURL_CA_BUNDLE": str(trap.stranger)},
    "CURL_CA_BUNDLE of nothing": lambda _: {"CURL_CA_BUNDLE": ""},
    "SSL_CERT_FILE": lambda trap: {"SSL_CERT_FILE": str(trap.stranger)},
    "SSL_CERT_DIR": lambda trap: {"SSL_CERT_DIR": str(trap.home)},
    "OPENSSL_CONF": lambda trap: {"OPENSSL_CONF": str(trap.home / "none.cnf")},
    "SSLKEYLOGFILE": lambda trap: {"SSLKEYLOGFILE": str(trap.keys)},
    "NETRC": lambda trap: {"NETRC": str(trap.home / ".netrc")},
    "HOME": lambda trap: {"HOME": str(trap.home)},
    "HOME that is not there": lambda _: {"HOME": "/nonexistent"},
    "PYTHONPATH": lambda trap: {"PYTHONPATH": str(trap.shadows())},
    "PYTHONHOME": lambda trap: {"PYTHONHOME": str(trap.home)},
    "PYTHONOPTIMIZE": lambda _: {"PYTHONOPTIMIZE": "2"},
    "PYTHONHASHSEED": lambda _: {"PYTHONHASHSEED": "1"},
    "PYTHONIOENCODING": lambda _: {"PYTHONIOENCODING": "ascii:strict", "PYTHONUTF8": "0"},
    "TZ": lambda _: {"TZ": "Pacific/Kiritimati"},
    "TZ that is none": lambda _: {"TZ": ":/etc/passwd"},
    "LANG": lambda _: {"LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
    "LANG that is none": lambda _: {"LANG": "xx", "LC_ALL": "xx"},
    "LANG of bytes": lambda _: {"LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
}
ISOLATED = {"PYTHONPATH", "PYTHONHOME"}
"""As the service's unit starts Python (`-I`). Without that, these two choose the program itself."""


@dataclass
class Scene:
    """An account behind TLS, a thief who must hear nothing, and the trap's places."""

    account: Account
    front: TlsFront
    thief: HostileServer
    trap: Trap
    authority: Path

    def once(self, environ: Mapping[str, str], *, isolated: bool, trusts: bool = True) -> Ran:
        """`earnd once` with this environment, as a process of its own."""
        authority = f", ca_file: {self.authority}" if trusts else ""
        timeouts = "total_timeout: 20s, read_timeout: 20s, connect_timeout: 20s"
        path = self.account.config(
            exchange=f"{{base_url: '{self.front.url}', {timeouts}{authority}}}"
        )
        flags = ["-I"] if isolated else []
        done = subprocess.run(
            [sys.executable, *flags, "-m", "earnd", "once", "-c", str(path), "--json"],
            env={**bare_environment(), **KEYS, **environ},
            cwd=self.trap.home,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def keeps_its_secrets(self, ran: Ran) -> None:
        """Nothing that was said, written or sent anywhere else holds a secret."""
        assert self.thief.connections == 0
        assert not self.trap.keys.exists()
        files = [
            entry
            for folder in (self.account.directory, self.trap.home)
            for entry in folder.rglob("*")
            if entry.is_file()
        ]
        said = ran.out.encode() + ran.err.encode()
        seen = said + b"".join(entry.read_bytes() for entry in files)
        for secret in (KEY.access_key, KEY.secret_key, KEY.memo):
            assert secret.encode() not in seen
        heard = bytes(self.front.heard).lower()
        assert b"authorization" not in heard
        assert b"canary-netrc" not in heard
        assert KEY.secret_key.encode().lower() not in heard
        assert KEY.memo.encode().lower() not in heard


@pytest.fixture
def scene(
    tmp_path: Path, serve: Callable[[Behaviour], HostileServer], authorities: tuple[Path, Path]
) -> Iterator[Scene]:
    with scene_of(tmp_path, serve, *authorities) as ready:
        yield ready


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The exchange's certificate, which is its own authority, and a stranger's."""
    folders = [tmp_path_factory.mktemp(name) for name in ("exchange", "stranger")]
    exchange, stranger = (certificate(folder, "IP:127.0.0.1") for folder in folders)
    return exchange, stranger


@contextmanager
def scene_of(
    tmp_path: Path,
    serve: Callable[[Behaviour], HostileServer],
    authority: Path,
    stranger: Path,
) -> Iterator[Scene]:
    home, own = tmp_path / "home", tmp_path / "own"
    home.mkdir()
    own.mkdir()
    netrc = home / ".netrc"
    netrc.write_text(NETRC)
    netrc.chmod(0o600)
    thief = serve(always(reply(envelope(data=True))))
    with account(own) as ready, TlsFront(ready.server.port, authority) as front:
        yield Scene(ready, front, thief, Trap(home, thief.url, stranger), authority)


def subscribed_once(scene: Scene, ran: Ran) -> None:
    assert ran.code == 0, ran.err
    assert [row["state"] for row in ran.facts["sent"]] == ["settled"]
    assert len(scene.account.server.received) == 1
    assert Decimal("899.9") < scene.account.books.held("1001") <= 900
    assert "Traceback" not in ran.err


@pytest.mark.slow
@pytest.mark.parametrize("name", MATRIX)
def test_a_hostile_variable_changes_nothing(name: str, scene: Scene) -> None:
    """H12 to H15, C12, S12: same cycle, same money, and nothing goes anywhere else."""
    ran = scene.once(MATRIX[name](scene.trap), isolated=name in ISOLATED)

    subscribed_once(scene, ran)
    scene.keeps_its_secrets(ran)


def test_all_hostile_variables_at_once_change_nothing(scene: Scene) -> None:
    """H12 to H15: all of the matrix in one environment, started as the service is."""
    environ: dict[str, str] = {}
    for hostile in MATRIX.values():
        environ |= hostile(scene.trap)
    ran = scene.once(environ, isolated=True)

    subscribed_once(scene, ran)
    scene.keeps_its_secrets(ran)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"]
)
def test_an_authority_that_only_the_environment_names_is_not_trusted(
    name: str, scene: Scene
) -> None:
    """H5, H13: without `ca_file` nobody vouches for this exchange, and it is told nothing."""
    place = scene.authority
    if name == "SSL_CERT_DIR":
        place = scene.trap.home / "authorities"
        place.mkdir()
        shutil.copy(scene.authority, place / "authority.pem")
        shutil.copy(scene.authority, place / f"{subject_hash(scene.authority)}.0")
    ran = scene.once({name: str(place)}, isolated=False, trusts=False)

    assert ran.code != 0
    assert "could not be verified" in ran.err
    assert bytes(scene.front.heard) == b""
    assert scene.account.server.arrivals == []


def subject_hash(authority: Path) -> str:
    """The name by which OpenSSL finds an authority in a directory."""
    done = subprocess.run(
        ["openssl", "x509", "-hash", "-noout", "-in", str(authority)],  # noqa: S607 - found on PATH
        check=True,
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )
    return done.stdout.strip()


def test_the_service_is_started_without_what_the_matrix_isolates() -> None:
    """The unit's own command has `-I`, on which the two isolated variables rest."""
    unit = Path(__file__).parents[2] / "systemd" / "earnd.service"
    (command,) = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
    assert " -I -m earnd run" in command
