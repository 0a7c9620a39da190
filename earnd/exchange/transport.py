"""HTTP to one exchange, hardened: a request goes out once, and its fate is a value.

Whatever happens ends as one of three: `RawReply`, `NotSent` (provably nothing left) or
`NoAnswer` (something may have). Nothing is retried, redirected, proxied, decompressed or read
from the environment here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode, urlsplit

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from earnd.exchange.connection import Line, PinnedAdapter, tls_context
from earnd.exchange.deadline import Call, Watcher
from earnd.exchange.failures import describe
from earnd.exchange.resolver import Resolver

if TYPE_CHECKING:
    from types import TracebackType

    from earnd.ports import Clock

MAX_BODY = 1024 * 1024
"""Bytes. A full page is 100 products of at most 2 kB; four times that is still a quarter of it."""

_POOL_SIZE = 4
_TOO_LATE = "the total deadline passed"
_DIGITS = re.compile(r"[0-9]{1,12}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")


@dataclass(frozen=True, slots=True)
class Limits:
    """Time limits of one request in seconds; `total` counts from the first thought of the name."""

    connect_s: float = 5.0
    read_s: float = 10.0
    total_s: float = 20.0


@dataclass(frozen=True, slots=True)
class RawReply:
    """A whole reply, of any status. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    latency_ms: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class NotSent:
    """Provably not a byte of the request left: no name, refused, unreachable, no TLS."""

    why: str
    latency_ms: int
    received_at: datetime


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request may have been carried out; no whole reply came back.

    `status` and `headers` are there when at least those came.
    """

    why: str
    latency_ms: int
    received_at: datetime
    status: int | None = None
    headers: Mapping[str, str] | None = None


Reply = RawReply | NotSent | NoAnswer


class _UnusableReply(Exception):
    """A reply that must not be read on; carries what is known of it."""

    def __init__(self, why: str, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(why)
        self.why = why
        self.status = status
        self.headers = headers


class Transport:
    """Speaks to one host, to the paths it was given, and to nothing else. Threads may share it.

    Raises `ValueError` for a base URL that is not `https://host[:port]` (or plain http on
    loopback) and for a CA file that cannot be used. `ca_file` replaces the bundled authorities.
    """

    def __init__(
        self,
        base_url: str,
        *,
        gets: frozenset[str],
        posts: frozenset[str],
        user_agent: str,
        clock: Clock,
        limits: Limits | None = None,
        ca_file: str | None = None,
    ) -> None:
        secure, host, port = _parse_base_url(base_url)
        self._base = base_url.rstrip("/")
        self._host = host
        self._port = port
        self._paths = {"GET": gets, "POST": posts}
        self._user_agent = user_agent
        self._clock = clock
        self._limits = limits or Limits()
        try:
            self._tls = tls_context(ca_file or DEFAULT_CA_BUNDLE_PATH) if secure else None
        except OSError:
            raise ValueError(f"not a usable file of CA certificates: {ca_file}") from None
        self._watcher = Watcher()
        self._resolver = Resolver(host, port)
        self._line = Line(self._resolver, connect_s=self._limits.connect_s, plain=not secure)
        self._pool = self._adapter(_POOL_SIZE)

    def get(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One GET over a kept connection. Raises `ValueError` for a path not on the list."""
        url = self._url("GET", path) + (f"?{urlencode(query)}" if query else "")
        every = {"Cache-Control": "no-cache", **(headers or {})}
        return self._send("GET", url, None, every, self._pool)

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """One POST of exactly these bytes, on a connection of its own.

        A kept connection may be closed by the other side just as we write: that would make doubt
        where there is none. Raises `ValueError` for a path not on the list.
        """
        url = self._url("POST", path)
        with closing(self._adapter(1)) as adapter:
            return self._send("POST", url, body, {"Connection": "close", **headers}, adapter)

    def close(self) -> None:
        """Closes idle connections and ends the threads; no call may be running."""
        self._pool.close()
        self._resolver.close()
        self._watcher.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _adapter(self, size: int) -> PinnedAdapter:
        return PinnedAdapter(self._host, self._port, self._line, tls=self._tls, size=size)

    def _url(self, method: str, path: str) -> str:
        if path not in self._paths[method]:
            raise ValueError(f"earnd never asks for {method} {path}")
        return self._base + path

    def _send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        adapter: PinnedAdapter,
    ) -> Reply:
        with self._watcher.call(self._limits.total_s) as call:
            self._line.call = call
            try:
                status, reply_headers, reply_body = self._exchange(
                    method, url, body, headers, adapter
                )
            except _UnusableReply as bad:
                why = _TOO_LATE if call.expired else bad.why
                return self._no_answer(call, why, bad.status, bad.headers)
            # Whatever the libraries raise, a sending has a fate, and it must get to the ledger.
            except Exception as error:  # noqa: BLE001 - see above
                return self._failed(call, describe(error))
            if call.expired:
                # A cut connection looks like the end of the body.
                return self._no_answer(call, _TOO_LATE, status, reply_headers)
            return RawReply(status, reply_headers, reply_body, call.elapsed_ms(), self._clock.now())

    def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        adapter: PinnedAdapter,
    ) -> tuple[int, Mapping[str, str], bytes]:
        every = {"User-Agent": self._user_agent, "Accept-Encoding": "identity", **headers}
        request = requests.Request(method, url, headers=every, data=body).prepare()
        timeout = (self._limits.connect_s, self._limits.read_s)
        response = adapter.send(request, stream=True, timeout=timeout, proxies={})
        raw = response.raw
        try:
            reply_headers = {name.lower(): value for name, value in raw.headers.items()}
            whole = _read_body(raw, response.status_code, reply_headers)
        except BaseException:
            # Not back into the pool: what is left on the line is another reply's beginning.
            raw.close()
            raise
        raw.release_conn()
        return response.status_code, reply_headers, whole

    def _failed(self, call: Call, why: str) -> NotSent | NoAnswer:
        if call.expired or not call.remaining():
            why = _TOO_LATE
        if call.may_have_left:
            return self._no_answer(call, why)
        return NotSent(why, call.elapsed_ms(), self._clock.now())

    def _no_answer(
        self,
        call: Call,
        why: str,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> NoAnswer:
        return NoAnswer(why, call.elapsed_ms(), self._clock.now(), status, headers)


def _read_body(raw: Any, status: int, headers: Mapping[str, str]) -> bytes:
    """The body as it came over the line, or `_UnusableReply`."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        # Undoing it is how 300 kB become 300 MB; identity was asked for.
        raise _UnusableReply("the reply is compressed, which was not asked for", status, headers)
    length = headers.get("content-length")
    if length is not None and (not _DIGITS.fullmatch(length) or "transfer-encoding" in headers):
        raise _UnusableReply("the reply's length is not clear", status, headers)
    parts: list[bytes] = []
    size = 0
    while size <= MAX_BODY and (length is None or int(length) <= MAX_BODY):
        try:
            part = raw.read(65536, decode_content=False)
        except Exception as error:  # noqa: BLE001 - the status is known and worth keeping
            raise _UnusableReply(describe(error), status, headers) from None
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
    raise _UnusableReply(f"the reply is longer than {MAX_BODY} bytes", status, headers)


def _parse_base_url(base_url: str) -> tuple[bool, str, int]:
    """Whether it is https, the host and the port; the message of the `ValueError` is for people."""
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        raise ValueError("the exchange's address is not a URL") from None
    if parts.username is not None or parts.password is not None:
        # Not quoted: it may hold a password.
        raise ValueError("the exchange's address must not hold a user name or a password")
    host = parts.hostname or ""
    extra = parts.path not in ("", "/") or parts.query or parts.fragment
    if parts.scheme not in ("https", "http") or not _HOST.fullmatch(host) or extra or port == 0:
        raise ValueError(f"not of the form https://host: {base_url!r}")
    if parts.scheme == "http" and not _names_loopback(host):
        raise ValueError(f"plain http is for loopback only, and {host} is not: use https")
    return parts.scheme == "https", host, port or (443 if parts.scheme == "https" else 80)


def _names_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
