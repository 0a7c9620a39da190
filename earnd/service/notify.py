"""Telling systemd how we are: one datagram per word, as sd_notify(3) describes."""

from __future__ import annotations

import socket
from collections.abc import Mapping

from earnd.printable import printable


class Notifier:
    """Speaks to the socket that `NOTIFY_SOCKET` names; silent where there is none."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")

    def ready(self, status: str) -> None:
        """Start-up is over."""
        self._tell(f"READY=1\nSTATUS={printable(status)}")

    def status(self, status: str) -> None:
        """What `systemctl status` shows; a line break in it would begin another word."""
        self._tell(f"STATUS={printable(status)}")

    def alive(self) -> None:
        """Feeds the watchdog."""
        self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """We were asked to stop and are finishing."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        # A leading @ stands for the zero byte of the abstract namespace.
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.settimeout(1)
            try:
                channel.sendto(message.encode(), address)
            except OSError:
                # A daemon must not die because nobody listens to how it is.
                return
