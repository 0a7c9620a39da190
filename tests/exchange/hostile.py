"""A loopback server that answers in any way a test likes, and keeps what it was sent."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

TRACE = "0e6fbc21-e3a0-4465-8acf-8d4e52504bbd"


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived; `connection` counts from 1."""

    connection: int
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        text = self.target.partition("?")[2]
        return dict(pair.split("=", 1) for pair in text.split("&")) if text else {}


Behaviour = Callable[[socket.socket, Received], bool]
"""Does what it likes with the connection; true if it stays open for another request."""


def reply(
    body: bytes | str | Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A well-formed reply; a mapping is written as JSON."""
    if isinstance(body, Mapping):
        body = json.dumps(body)
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join((*lines, "", "")).encode() + content


def envelope(data: Any, *, code: int = 1000, message: str = "OK") -> dict[str, Any]:
    return {"message": message, "code": code, "trace": TRACE, "data": data}


def always(raw: bytes) -> Behaviour:
    """Sends these bytes to everyone and keeps the connection."""

    def answer(sock: socket.socket, _received: Received) -> bool:
        sock.sendall(raw)
        return True

    return answer


def then_close(raw: bytes) -> Behaviour:
    """Sends these bytes and hangs up."""

    def answer(sock: socket.socket, _received: Received) -> bool:
        sock.sendall(raw)
        return False

    return answer


def reset(sock: socket.socket, _received: Received) -> bool:
    """Answers a whole request with a TCP reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


class HostileServer:
    """Listens on loopback until closed; `answer` may be exchanged while it runs."""

    def __init__(self, answer: Behaviour, *, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.received: list[Received] = []
        self.connections = 0
        self.closing = threading.Event()
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._open: set[socket.socket] = set()
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    @property
    def port(self) -> int:
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.closing.set()
        # Closing a listener does not wake its accept; a visitor does.
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._accepting.join()
        self._listener.close()
        for sock in list(self._open):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self.closing.is_set():
                sock.close()
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(sock, self.connections))
            self._threads.append(thread)
            thread.start()

    def _serve(self, plain: socket.socket, number: int) -> None:
        sock = plain
        try:
            if self._tls:
                sock = self._tls.wrap_socket(plain, server_side=True)
            self._open.add(sock)
            while received := _read_request(sock, number):
                self.received.append(received)
                if not self.answer(sock, received):
                    return
        except OSError:
            return
        finally:
            self._open.discard(sock)
            sock.close()
            plain.close()


def _read_request(sock: socket.socket, number: int) -> Received | None:
    with sock.makefile("rb") as stream:
        first = stream.readline().decode("latin-1")
        if first.count(" ") != 2:
            # Nothing, or not HTTP: a TLS greeting, for one.
            return None
        method, target, _ = first.split(" ")
        headers = {}
        while line := stream.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
    return Received(number, method, target, headers, body)


class FakeClock:
    """Time that moves only by sleeping."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 22, 12, tzinfo=UTC)
        self.slept: list[float] = []
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._monotonic += seconds
        self.at += timedelta(seconds=seconds)
