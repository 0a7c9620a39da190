from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

from earnd.exchange.connection import tls_context
from earnd.exchange.transport import Limits, NotSent, RawReply, Reply, Transport
from tests.exchange.hostile import FakeClock, HostileServer, always, reply, then_close

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(
    OPENSSL is None, reason="the openssl command makes the certificates"
)
LIMITS = Limits(connect_s=2, read_s=2, total_s=4)


def certificate(folder: Path, name: str, *more: str) -> Path:
    """A new self-signed certificate and its key in one file."""
    key, cert, both = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    command = [str(OPENSSL), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-keyout", str(key), "-out", str(cert), "-subj", "/CN=test"]
    command += ["-addext", f"subjectAltName={name}", *more]
    subprocess.run(command, check=True, capture_output=True)
    both.write_text(key.read_text() + cert.read_text())
    return both


EXPIRED = """
[ca]
default_ca = test
[test]
database = index
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
[req]
distinguished_name = name
[name]
"""


def expired_certificate(folder: Path) -> Path:
    """`openssl req` dates from now on only; `openssl ca` dates as it is told."""

    def run(*command: str) -> None:
        subprocess.run([str(OPENSSL), *command], check=True, capture_output=True, cwd=folder)

    (folder / "ca.cnf").write_text(EXPIRED)
    (folder / "index").touch()
    (folder / "serial").write_text("01\n")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem")
    name = ("-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1")
    run("req", "-new", *curve, "-out", "request.pem", *name, "-config", "ca.cnf")
    dates = ("-startdate", "200101000000Z", "-enddate", "200201000000Z")
    files = ("-keyfile", "key.pem", "-in", "request.pem", "-out", "cert.pem", "-config", "ca.cnf")
    run("ca", "-selfsign", "-batch", "-notext", *files, *dates)
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("good"), "IP:127.0.0.1")


def server_context(both: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


def post(url: str, clock: FakeClock, ca: Path | None) -> Reply:
    posts = frozenset({"/move"})
    ca_file = str(ca) if ca else None
    with Transport(
        url, gets=posts, posts=posts, user_agent="x", clock=clock, limits=LIMITS, ca_file=ca_file
    ) as transport:
        first = transport.get("/move")
        second = transport.post("/move", b"{}", {})
        assert type(first) is type(second)
        return second


def test_a_certificate_of_the_given_authority_is_accepted(good: Path, clock: FakeClock) -> None:
    with HostileServer(always(reply("{}")), tls=server_context(good)) as server:
        got = post(server.url, clock, good)

    assert isinstance(got, RawReply)
    assert got.body == b"{}"


def test_a_certificate_that_nobody_vouches_for_is_not_sent_to(good: Path, clock: FakeClock) -> None:
    """H5."""
    with HostileServer(always(reply("{}")), tls=server_context(good)) as server:
        got = post(server.url, clock, None)

    assert isinstance(got, NotSent)
    assert got.why == "the exchange's certificate could not be verified (self-signed certificate)"
    assert server.received == []


def test_a_certificate_for_another_host_is_not_sent_to(tmp_path: Path, clock: FakeClock) -> None:
    """H5."""
    other = certificate(tmp_path, "DNS:example.com")
    with HostileServer(always(reply("{}")), tls=server_context(other)) as server:
        got = post(server.url, clock, other)

    assert isinstance(got, NotSent)
    assert "could not be verified" in got.why
    assert server.received == []


def test_an_expired_certificate_is_not_sent_to(tmp_path: Path, clock: FakeClock) -> None:
    """H5."""
    expired = expired_certificate(tmp_path)
    with HostileServer(always(reply("{}")), tls=server_context(expired)) as server:
        got = post(server.url, clock, expired)

    assert isinstance(got, NotSent)
    assert got.why.endswith("(certificate has expired)")
    assert server.received == []


def test_a_server_that_does_not_speak_tls_is_not_sent_to(good: Path, clock: FakeClock) -> None:
    """H5."""
    with HostileServer(then_close(b"HTTP/1.1 400 No\r\n\r\n")) as server:
        got = post(server.url.replace("http:", "https:"), clock, good)

    assert isinstance(got, NotSent)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
def test_nothing_older_than_tls_1_2_is_spoken(good: Path) -> None:
    """E15."""
    assert tls_context(str(good)).minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_handshake_that_never_ends_is_left_in_time(good: Path, clock: FakeClock) -> None:
    """H1, H5."""
    posts = frozenset({"/move"})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        with Transport(
            url,
            gets=posts,
            posts=posts,
            user_agent="x",
            clock=clock,
            limits=Limits(connect_s=30, read_s=30, total_s=0.5),
            ca_file=str(good),
        ) as transport:
            began = time.monotonic()
            got = transport.post("/move", b"{}", {})

    assert isinstance(got, NotSent)
    assert got.why == "the total deadline passed"
    assert time.monotonic() - began < 4


def test_a_dribbled_reply_over_tls_is_left_at_the_deadline(good: Path, clock: FakeClock) -> None:
    """H2."""
    stop = threading.Event()

    def answer(sock: socket.socket, _: object) -> bool:
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n{}")
        while not stop.wait(0.05):
            sock.sendall(b" ")
        return False

    posts = frozenset({"/move"})
    with (
        HostileServer(answer, tls=server_context(good)) as server,
        Transport(
            server.url,
            gets=posts,
            posts=posts,
            user_agent="x",
            clock=clock,
            limits=Limits(connect_s=2, read_s=30, total_s=0.7),
            ca_file=str(good),
        ) as transport,
    ):
        began = time.monotonic()
        got = transport.post("/move", b"{}", {})
        took = time.monotonic() - began
        stop.set()

    assert not isinstance(got, RawReply | NotSent)
    assert got.why == "the total deadline passed"
    assert took < 4


def test_session_secrets_are_not_written_where_the_environment_says(
    good: Path, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H15."""
    keys = tmp_path / "keys.log"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    with HostileServer(always(reply("{}")), tls=server_context(good)) as server:
        assert isinstance(post(server.url, clock, good), RawReply)

    assert not keys.exists() or keys.read_bytes() == b""


def test_an_authority_from_the_environment_is_not_trusted(
    good: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """H13."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(good))
    with HostileServer(always(reply("{}")), tls=server_context(good)) as server:
        got = post(server.url, clock, None)

    assert isinstance(got, NotSent)
    assert server.received == []
