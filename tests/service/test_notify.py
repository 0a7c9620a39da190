"""What systemd is told, by a real datagram socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from earnd.service.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def heard(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """The address as systemd writes it, and the socket behind it."""
    address = str(tmp_path / "notify")
    if request.param == "abstract":
        address = f"@earnd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(address.replace("@", "\0", 1))
        channel.settimeout(60)
        yield address, channel


def test_each_word_is_one_datagram(heard: tuple[str, socket.socket]) -> None:
    address, channel = heard
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.ready("live, first cycle begins")
    notifier.status("cycle 1 done")
    notifier.alive()
    notifier.stopping()

    assert [channel.recv(4096) for _ in range(4)] == [
        b"READY=1\nSTATUS=live, first cycle begins",
        b"STATUS=cycle 1 done",
        b"WATCHDOG=1",
        b"STOPPING=1",
    ]


def test_a_status_cannot_say_another_word(heard: tuple[str, socket.socket]) -> None:
    """E8."""
    address, channel = heard
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.status("odd reply\nWATCHDOG=trigger\nMAINPID=1")
    notifier.ready("odd\nSTOPPING=1")

    assert channel.recv(4096).count(b"\n") == 0
    assert channel.recv(4096).split(b"\n") == [b"READY=1", b"STATUS=odd\\x0aSTOPPING=1"]


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "@nobody-listens-here", "x" * 300])
def test_nobody_who_listens_is_no_failure(address: str) -> None:
    notifier = Notifier({"NOTIFY_SOCKET": address})
    notifier.ready("fine")
    notifier.alive()


def test_without_systemd_it_is_silent() -> None:
    Notifier({}).ready("fine")
