"""Connections to one pinned host that know when the first byte of a request may have left.

That is the whole difference between "never happened" and "may have happened", so it is not
guessed from the class of an exception: `requests` reports a refused connection and a reset after
the request by the same one.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.retry import Retry

if TYPE_CHECKING:
    from earnd.exchange.deadline import Call
    from earnd.exchange.resolver import Address, Resolver

NO_RETRY = Retry(
    total=0, connect=0, read=False, redirect=0, status=0, other=0, respect_retry_after_header=False
)
"""`read=False` makes urllib3 raise what went wrong itself; a retry would be a second sending."""


class Line:
    """How to reach the one host, and the call that is being made by the current thread."""

    def __init__(self, resolver: Resolver, *, connect_s: float, plain: bool) -> None:
        self._resolver = resolver
        self._connect_s = connect_s
        self._plain = plain
        self._calls = threading.local()
        self._worked: Address | None = None

    @property
    def call(self) -> Call:
        """The current thread's call; urllib3 works in the thread that asked."""
        call: Call = self._calls.current
        return call

    @call.setter
    def call(self, call: Call) -> None:
        self._calls.current = call

    def dial(self, connection: HTTPConnection) -> socket.socket:
        """A connected socket, or one of urllib3's exceptions for not having one."""
        addresses = self._addresses(connection)
        budget = min(self._connect_s, self.call.remaining())
        problem: OSError = OSError("no address")
        for number, address in enumerate(addresses):
            # A fair share each: one black hole (IPv6, often) must not eat the time of the rest.
            share = budget / (len(addresses) - number)
            try:
                sock = self._connect(address, max(share, 0.001))
            except OSError as error:
                problem = error
                continue
            self._worked = address
            sock.settimeout(budget)
            return sock
        self._worked = None
        if isinstance(problem, TimeoutError):
            raise ConnectTimeoutError(connection, "connect time-out") from problem
        raise NewConnectionError(connection, "not connected") from problem

    def _addresses(self, connection: HTTPConnection) -> list[Address]:
        try:
            found = list(self._resolver.addresses(self.call.remaining()))
        except TimeoutError as error:
            raise ConnectTimeoutError(connection, "the name was not resolved in time") from error
        except socket.gaierror as error:
            raise NameResolutionError("the host", connection, error) from error
        if self._plain:
            # The name "localhost" is only a name: without TLS its address must be loopback too.
            found = [address for address in found if _is_loopback(address)]
        return sorted(found, key=lambda address: address != self._worked)

    def _connect(self, address: Address, within: float) -> socket.socket:
        family, where = address
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(within)
            self.call.hold(sock)
            sock.connect(where)
        except BaseException:
            self.call.release()
            sock.close()
            raise
        return sock


def _is_loopback(address: Address) -> bool:
    text = str(address[1][0]).partition("%")[0]
    return ipaddress.ip_address(text).is_loopback


class _PlainConnection(HTTPConnection):
    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._line = line

    def _new_conn(self) -> socket.socket:
        return self._line.dial(self)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _leave(self._line, self.sock)
        super().send(data)


class _TlsConnection(HTTPSConnection):
    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._line = line

    def _new_conn(self) -> socket.socket:
        return self._line.dial(self)

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        _leave(self._line, self.sock)
        super().send(data)


def _leave(line: Line, sock: socket.socket | None) -> None:
    if sock is None:
        raise ConnectionError("not connected")
    # A connection out of the pool was dialled by an earlier call.
    line.call.hold(sock)
    line.call.leave()


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class PinnedAdapter(HTTPAdapter):
    """A `requests` adapter that knows one host, no proxy and no certificates but its own.

    It is used without a `requests.Session`: a session adds cookies and `.netrc`, and reads the
    body of a redirect without any limit even when it was told not to follow.
    """

    def __init__(
        self, host: str, port: int, line: Line, *, tls: ssl.SSLContext | None, size: int
    ) -> None:
        super().__init__(max_retries=NO_RETRY)
        self._pool: HTTPConnectionPool
        if tls is None:
            self._pool = _PlainPool(host, port, maxsize=size, retries=NO_RETRY, line=line)
        else:
            self._pool = _TlsPool(
                host, port, maxsize=size, retries=NO_RETRY, ssl_context=tls, line=line
            )

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        """The one pool, whatever the arguments say."""
        del request, verify, proxies, cert
        return self._pool

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Nothing to add: the pool's own context always verifies."""
        del conn, url, verify, cert

    def close(self) -> None:
        """Closes every idle connection."""
        super().close()
        self._pool.close()


def tls_context(ca_file: str) -> ssl.SSLContext:
    """TLS 1.2 or newer, verified against `ca_file` alone.

    Built here and not by `ssl.create_default_context` or urllib3, which both write the session's
    secrets to the file that the environment variable SSLKEYLOGFILE names.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.load_verify_locations(cafile=ca_file)
    return context
