"""The transport without sockets: the sandbox's face is called, and a reply is what would have come.

What connections suffer (`earnd.sandbox.wire`) is turned into the very fate that the real transport
gives it; `tests/simulation/test_direct.py` runs every kind of fault through both and compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache

from earnd.exchange.transport import MAX_BODY, Limits, NoAnswer, NotSent, RawReply, Reply
from earnd.ports import Clock
from earnd.sandbox import Fault
from earnd.sandbox.face import Face
from earnd.sandbox.gateway import Request
from earnd.sandbox.reply import Reply as Page
from earnd.sandbox.wire import ENDLESS_BYTES, SILENT

NOTHING = timedelta(0)
_LATE = "the total deadline passed"
_SLOW = "the exchange took too long"
_SHORT = "the reply is shorter than announced"
_GONE = "the exchange hung up without a reply"
_RESET = "the connection was reset (ECONNRESET)"
_LONG = f"the reply is longer than {MAX_BODY} bytes"
_PACKED = "the reply is compressed, which was not asked for"
REFUSED = "the connection was refused (ECONNREFUSED)"


def _at_once(_seconds: float) -> None:
    """No time passes."""


class Direct:
    """As `earnd.exchange.transport.Transport`, with `face` at the other end of the line.

    `clock` is the daemon's. `unreachable` says why no connection can be made, or `None` while one
    can. `passes` is told how many seconds a reply takes, for a world whose time that moves.
    """

    def __init__(
        self,
        face: Face,
        clock: Clock,
        *,
        gets: frozenset[str],
        posts: frozenset[str],
        limits: Limits | None = None,
        unreachable: Callable[[], str | None] = lambda: None,
        passes: Callable[[float], None] = _at_once,
        latency: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.face = face
        self._clock = clock
        self._paths = {"GET": gets, "POST": posts}
        self._limits = limits or Limits()
        self._unreachable = unreachable
        self._passes = passes
        self._latency = latency
        self.watch: Callable[[Request, Reply], None] = lambda _request, _reply: None
        """Told of every request that left, with what became of it."""
        self.applied: Callable[[Request], None] = lambda _request: None
        """Told of every request at the moment the exchange has dealt with it."""

    def get(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One GET. Raises `ValueError` for a path not on the list."""
        return self._send("GET", path, query or {}, b"", headers or {})

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """One POST of exactly these bytes. Raises `ValueError` for a path not on the list."""
        return self._send("POST", path, {}, body, headers)

    def close(self) -> None:
        """There is nothing to close."""

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: bytes,
        headers: Mapping[str, str],
    ) -> Reply:
        if path not in self._paths[method]:
            raise ValueError(f"earnd never asks for {method} {path}")
        why = self._unreachable()
        if why is not None:
            return NotSent(why, 0, self._clock.now())
        began = self._clock.monotonic()
        there_s = self._latency()
        self._passes(there_s)
        lower = {name.lower(): value for name, value in headers.items()}
        request = Request(method, path, dict(query), lower, body, "127.0.0.1")
        outcome = self.face.exchange(request)
        self.applied(request)
        said_at = self.face.clock.now()
        self._passes(there_s)
        # The real transport sends money on a connection of its own and says so.
        keep = method == "GET"
        fate, took_s = self._fate(outcome.reply, outcome.fault, said_at, keep=keep)
        self._passes(took_s)
        reply = self._dated(fate, round((self._clock.monotonic() - began) * 1000))
        self.watch(request, reply)
        return reply

    def _fate(
        self, page: Page, fault: Fault | None, at: datetime, *, keep: bool
    ) -> tuple[RawReply | NoAnswer, float]:
        """What the real transport makes of this on its line, and the seconds that it takes."""
        kind = "" if fault is None else fault.kind
        if kind in SILENT:
            return NoAnswer(_GONE, 0, at), 0.0
        if kind.startswith("reset_"):
            return NoAnswer(_RESET, 0, at), 0.0
        if kind.startswith("stall_"):
            late = self._limits.total_s <= self._limits.read_s
            least = min(self._limits.read_s, self._limits.total_s)
            return NoAnswer(_LATE if late else _SLOW, 0, at), least
        if fault is not None and kind == "dribble":
            return self._dribbled(page, fault, at)
        if fault is not None and kind in {"cut_body", "cut_close_framed"}:
            return _cut(page, fault, at), 0.0
        if kind == "endless":
            headers = _headers(page, at, ENDLESS_BYTES, keep=False)
            return NoAnswer(_LONG, 0, at, page.status, headers), 0.0
        return _whole(page, at, keep=keep), 0.0

    def _dribbled(
        self, page: Page, fault: Fault, at: datetime
    ) -> tuple[RawReply | NoAnswer, float]:
        whole = _whole(page, at, keep=False)
        pause_s = fault.pause.total_seconds()
        if pause_s >= self._limits.read_s:
            return NoAnswer(_SLOW, 0, at), self._limits.read_s
        head = len(f"HTTP/1.1 {page.status} OK\r\n\r\n")
        head += sum(len(f"{name}: {value}\r\n") for name, value in (whole.headers or {}).items())
        took_s = (head + len(page.body)) * pause_s
        if took_s < self._limits.total_s:
            return whole, took_s
        if head * pause_s >= self._limits.total_s:
            return NoAnswer(_LATE, 0, at), self._limits.total_s
        return NoAnswer(_LATE, 0, at, page.status, whole.headers), self._limits.total_s

    def _dated(self, fate: RawReply | NoAnswer, took_ms: int) -> Reply:
        now = self._clock.now()
        if isinstance(fate, RawReply):
            return RawReply(fate.status, fate.headers, fate.body, took_ms, now)
        return NoAnswer(fate.why, took_ms, now, fate.status, fate.headers)


def _whole(page: Page, at: datetime, *, keep: bool) -> RawReply | NoAnswer:
    body = page.body
    headers = _headers(page, at, len(body), keep=keep)
    if headers.get("content-encoding", "identity") != "identity":
        return NoAnswer(_PACKED, 0, at, page.status, headers)
    if len(body) > MAX_BODY:
        return NoAnswer(_LONG, 0, at, page.status, headers)
    return RawReply(page.status, headers, body, 0, at)


def _cut(page: Page, fault: Fault, at: datetime) -> RawReply | NoAnswer:
    body = page.body
    part = body[: fault.cut_at]
    if fault.kind == "cut_close_framed":
        return RawReply(page.status, _headers(page, at, None, keep=False), part, 0, at)
    headers = _headers(page, at, len(body), keep=False)
    if len(part) < len(body):
        return NoAnswer(_SHORT, 0, at, page.status, headers)
    return RawReply(page.status, headers, part, 0, at)


def _headers(page: Page, at: datetime, length: int | None, *, keep: bool) -> dict[str, str]:
    """Those that `earnd.sandbox.wire.Line` writes, by their lower-case names."""
    found = {"date": _date(at.replace(microsecond=0)), "content-type": page.content_type}
    found |= {name.lower(): value for name, value in page.headers}
    found["connection"] = "keep-alive" if keep else "close"
    if length is not None:
        found["content-length"] = str(length)
    return found


@lru_cache(maxsize=64)
def _date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)
