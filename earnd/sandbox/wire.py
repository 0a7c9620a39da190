"""Putting a reply on the connection: properly, or in one of the ways connections fail."""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from threading import Event

from earnd.sandbox.faults import Fault, Faults
from earnd.sandbox.reply import Reply

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
ENDLESS_BYTES = 10 * 1024**3
SILENT = {"drop_before", "drop_after", "park"}


@dataclass(frozen=True, slots=True)
class Line:
    """One connection, at the moment a reply is due on it."""

    connection: socket.socket
    now: datetime
    keep: bool
    """Whether the client may send another request on it."""
    bodiless: bool
    """Whether the request was a HEAD."""
    stopped: Event

    def send(self, reply: Reply, fault: Fault | None, faults: Faults) -> bool:
        """Send the reply, suffering the fault; whether the connection may be used again."""
        kind = "" if fault is None else fault.kind
        if fault is None:
            return self._whole(reply)
        if kind in SILENT:
            return False
        if kind.startswith("reset_"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            return False
        if kind.startswith("stall_"):
            faults.hold(self.connection)
            return False
        if kind == "dribble":
            return self._dribble(reply, fault)
        if kind == "endless":
            return self._endless(reply)
        if kind == "cut_body":
            head = self._head(reply, len(reply.body), keep=False)
            self.connection.sendall(head + reply.body[: fault.cut_at])
            return False
        if kind == "cut_close_framed":
            head = self._head(reply, None, keep=False)
            self.connection.sendall(head + reply.body[: fault.cut_at])
            return False
        return self._whole(reply)

    def _whole(self, reply: Reply) -> bool:
        body = b"" if self.bodiless else reply.body
        self.connection.sendall(self._head(reply, len(reply.body), keep=self.keep) + body)
        return self.keep

    def _dribble(self, reply: Reply, fault: Fault) -> bool:
        """Byte by byte, head and all; ends early when the server is closed."""
        whole = self._head(reply, len(reply.body), keep=False) + reply.body
        for at in range(len(whole)):
            self.connection.sendall(whole[at : at + 1])
            if self.stopped.wait(fault.pause.total_seconds()):
                break
        return False

    def _endless(self, reply: Reply) -> bool:
        self.connection.sendall(self._head(reply, ENDLESS_BYTES, keep=False) + reply.body)
        while not self.stopped.is_set():
            self.connection.sendall(b" " * 65_536)
        return False

    def _head(self, reply: Reply, length: int | None, *, keep: bool) -> bytes:
        """The status line and headers; no length means that closing ends the body."""
        try:
            phrase = HTTPStatus(reply.status).phrase
        except ValueError:
            phrase = "Unknown"
        lines = [
            f"HTTP/1.1 {reply.status} {phrase}",
            f"Date: {format_datetime(self.now.astimezone(UTC), usegmt=True)}",
            f"Content-Type: {reply.content_type}",
            *(f"{name}: {value}" for name, value in reply.headers),
            f"Connection: {'keep-alive' if keep else 'close'}",
        ]
        if length is not None:
            lines.append(f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
