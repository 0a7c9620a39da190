"""What is in the environment has no say in where secrets go."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.domain.answer import Outcome
from earnd.domain.ids import ProductId, RequestNo
from earnd.exchange.bitmart.client import BitmartClient
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.writer import BitmartWriter
from tests.exchange.hostile import Behaviour, HostileServer, always, envelope, reply

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")


def test_a_hostile_environment_changes_nothing(
    server: HostileServer,
    serve: Callable[[Behaviour], HostileServer],
    client: BitmartClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """H12 to H15, U6."""
    thief = serve(always(reply(envelope(data=True))))
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login canary password canary\ndefault login c password c\n")
    netrc.chmod(0o600)
    for name in PROXIES:
        monkeypatch.setenv(name, thief.url)
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nonexistent")
    monkeypatch.setenv("CURL_CA_BUNDLE", "/nonexistent")
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))

    server.answer = always(reply(envelope({"total": 0, "list": []})))
    assert BitmartReader(client).products() == ()
    server.answer = always(reply(envelope(data=True)))
    writer = BitmartWriter(client)
    number = RequestNo("20000009000000300000")
    answer = writer.send(writer.subscribe_request(ProductId("1001"), Decimal(100), number))

    assert answer.outcome is Outcome.YES
    assert thief.connections == 0
    assert len(server.received) == 2
    for asked in server.received:
        assert asked.target.startswith("/newearn/")
        assert "authorization" not in asked.headers
        assert "proxy-authorization" not in asked.headers
    assert not (tmp_path / "keys").exists()
