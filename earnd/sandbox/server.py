"""The practice exchange on a port of this machine."""

from __future__ import annotations

import socket
import socketserver
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread, current_thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from earnd.sandbox.books import Books
from earnd.sandbox.clock import SandboxClock
from earnd.sandbox.face import Arrival, Face, Received
from earnd.sandbox.faults import Faults, hang_up
from earnd.sandbox.gateway import Request
from earnd.sandbox.reply import Reply
from earnd.sandbox.settings import PRACTICE_KEY, ApiKey, Gateway
from earnd.sandbox.wire import Line

LARGEST_BODY = 1024 * 1024
SECONDS_BETWEEN_LOOKS = 0.02
"""How often the accepting thread looks whether it should end; so long does a close take."""


class SandboxServer:
    """Serves books over HTTP on loopback from the moment it is made until `close`.

    A context manager. Closing hangs up on every client, waits for every thread it started, and
    raises what `on_receive` raised, if it did.
    """

    def __init__(
        self,
        books: Books,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: SandboxClock | None = None,
        keys: Iterable[ApiKey] = (PRACTICE_KEY,),
        gateway: Gateway | None = None,
    ) -> None:
        self.books = books
        self.face = Face(books, clock or books.clock, keys, gateway or Gateway())
        self._listener = _Listener((host, port), self.face)
        self._thread = Thread(
            target=self._listener.serve_forever,
            args=(SECONDS_BETWEEN_LOOKS,),
            name="sandbox",
            daemon=True,
        )
        self._thread.start()

    @property
    def base_url(self) -> str:
        """Where it listens, without a slash at the end."""
        host, port = self._listener.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def port(self) -> int:
        return int(self._listener.server_address[1])

    @property
    def faults(self) -> Faults:
        return self.face.faults

    @property
    def received(self) -> list[Received]:
        """Every money request that arrived whole, noted before it was applied."""
        return self.face.received

    @property
    def arrivals(self) -> list[Arrival]:
        """The latest requests of any kind, refused and unknown ones too."""
        return list(self.face.arrivals)

    @property
    def on_receive(self) -> Callable[[Received], None] | None:
        """Called with each money request before it is applied, in the thread that serves it."""
        return self.face.on_receive

    @on_receive.setter
    def on_receive(self, hook: Callable[[Received], None] | None) -> None:
        self.face.on_receive = hook

    @property
    def gateway(self) -> Gateway:
        return self.face.gateway

    @gateway.setter
    def gateway(self, rules: Gateway) -> None:
        self.face.gateway = rules

    @property
    def keys(self) -> dict[str, ApiKey]:
        """By access key; may be changed while it runs."""
        return self.face.gatekeeper.keys

    def unblock(self) -> None:
        """Forget all counts, 429s and blocks."""
        self.face.gatekeeper.unblock()

    def deliver_parked(self) -> list[Reply]:
        """Requests that a `park` fault kept arrive now; the replies nobody waits for."""
        return self.face.deliver_parked()

    def close(self) -> None:
        """Stop, leaving no thread and no socket; safe to call twice."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        if self.face.errors:
            errors, self.face.errors = self.face.errors, []
            raise errors[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def serve(
    books: Books,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: SandboxClock | None = None,
    keys: Iterable[ApiKey] = (PRACTICE_KEY,),
    gateway: Gateway | None = None,
) -> SandboxServer:
    """Serve `books` on `port` (0: any free one); `clock` is theirs unless another is given."""
    return SandboxServer(books, host=host, port=port, clock=clock, keys=keys, gateway=gateway)


class _Listener(ThreadingHTTPServer):
    """Keeps hold of its threads and connections, so that closing can end them all."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self, address: tuple[str, int], face: Face) -> None:
        self.face = face
        self.stopped = Event()
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        self._workers: set[Thread] = set()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        # HTTPServer would ask the resolver for this machine's name, which can take seconds.
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        worker = Thread(
            target=self._work, args=(request, client_address), name="sandbox-client", daemon=True
        )
        with self._lock:
            self._open.add(request)
            self._workers.add(worker)
        worker.start()

    def _work(self, request: socket.socket, client_address: Any) -> None:
        try:
            self.process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._open.discard(request)
                self._workers.discard(current_thread())

    def shutdown_request(self, request: Any) -> None:
        """Close without the usual shutdown, which would turn a reset into a polite goodbye."""
        with self._lock:
            self._open.discard(request)
        request.close()

    def server_close(self) -> None:
        self.stopped.set()
        super().server_close()
        with self._lock:
            workers = list(self._workers)
            for connection in self._open:
                hang_up(connection)
        for worker in workers:
            worker.join()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base's
        """A client that hangs up is no error; anything else is kept for whoever closes."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            self.face.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    """Reads requests off one connection until either side has had enough."""

    server: _Listener
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _exchange(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            return
        address = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=address.path,
            query=dict(parse_qsl(address.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            client=str(self.client_address[0]),
        )
        face = self.server.face
        outcome = face.exchange(request)
        line = Line(
            self.connection,
            face.clock.now(),
            keep=not self.close_connection,
            bodiless=self.command == "HEAD",
            stopped=self.server.stopped,
        )
        self.close_connection = not line.send(outcome.reply, outcome.fault, face.faults)

    do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = _exchange  # noqa: N815 - names of the base

    def _body(self) -> bytes | None:
        """The whole body; None if the client hung up before it, or announced none we accept."""
        announced = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not announced.isdecimal():
            self.send_error(411)
            return None
        if int(announced) > LARGEST_BODY:
            self.send_error(413)
            return None
        body = self.rfile.read(int(announced))
        return body if len(body) == int(announced) else None

    def handle(self) -> None:
        with suppress(OSError):
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Nothing is printed: what arrived is in `arrivals`."""
