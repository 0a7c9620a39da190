"""What stands before the books: keys, signatures, timestamps, rate limits and blocks."""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Literal

from earnd.sandbox.clock import to_ms
from earnd.sandbox.codes import Refusal
from earnd.sandbox.settings import ApiKey, Gateway

Access = Literal["none", "keyed", "signed"]
Pace = Literal["earn", "wallet", "system"]
Headers = tuple[tuple[str, str], ...]


def signature(secret_key: str, memo: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 in lower-case hex over `timestamp#memo#body`, the very bytes of the body."""
    text = f"{timestamp}#{memo}#".encode() + body
    return hmac.new(secret_key.encode(), text, hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gateway knows of an endpoint."""

    name: str
    access: Access
    pace: Pace


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request that arrived whole; header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    client: str


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request may go on to the books, and the limit headers that go back either way."""

    refusal: Refusal | None
    headers: Headers = ()


@dataclass(slots=True)
class Gatekeeper:
    """Judges requests; remembers what it needs to count them. Safe to share between threads."""

    keys: dict[str, ApiKey]
    _used: dict[tuple[str, str], deque[datetime]] = field(default_factory=dict)
    _knocks: dict[str, deque[datetime]] = field(default_factory=dict)
    _blocked_until: dict[str, datetime] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @classmethod
    def of(cls, keys: Iterable[ApiKey]) -> Gatekeeper:
        return cls({key.access_key: key for key in keys})

    def admit(self, gate: Gate, request: Request, rules: Gateway, now: datetime) -> Admission:
        """Everything is checked in the gateway's order; the first objection counts."""
        headers: Headers = ()
        try:
            self._check_block(request.client, rules, now)
            key = None if gate.access == "none" else self._key(request)
            who = request.client if key is None else key.access_key
            headers = self._count(gate, who, request, rules, now)
            _check_service(gate.name, rules)
            if key is not None:
                _check_permission(key, gate.access)
            if key is not None and gate.access == "signed":
                _check_signature(key, request, rules, now)
        except _OverLimit as over:
            return Admission(Refusal(30013), over.headers)
        except Refusal as refusal:
            return Admission(refusal, headers)
        return Admission(None, headers)

    def unblock(self) -> None:
        """Forget every count and every block, as after a word with support."""
        with self._lock:
            self._used.clear()
            self._knocks.clear()
            self._blocked_until.clear()

    def _key(self, request: Request) -> ApiKey:
        access_key = request.headers.get("x-bm-key", "")
        if not access_key:
            raise Refusal(30001)
        key = self.keys.get(access_key)
        if key is None:
            raise Refusal(30002)
        if key.frozen:
            raise Refusal(30003)
        if not key.ip_allowed:
            raise Refusal(30010)
        if key.expired:
            raise Refusal(30011)
        return key

    def _check_block(self, client: str, rules: Gateway, now: datetime) -> None:
        with self._lock:
            until = self._blocked_until.get(client)
            if until is None:
                return
            if now >= until:
                del self._blocked_until[client]
                return
            if rules.knocking_extends_block:
                self._blocked_until[client] = now + rules.block_for
            raise Refusal(30017)

    def _count(
        self, gate: Gate, who: str, request: Request, rules: Gateway, now: datetime
    ) -> Headers:
        """The limit headers, once this request is counted; a refused one counts as a knock."""
        limit, window = _pace(gate.pace, rules)
        if not rules.limits_on:
            return ()
        with self._lock:
            used = self._used.setdefault((request.path, who), deque())
            _forget(used, now, window)
            over = len(used) >= limit
            if not over:
                used.append(now)
            headers = _limit_headers(limit, len(used), window, rules)
            if over:
                self._knock(request.client, rules, now)
                raise _OverLimit(headers)
            return headers

    def _knock(self, client: str, rules: Gateway, now: datetime) -> None:
        knocks = self._knocks.setdefault(client, deque())
        _forget(knocks, now, rules.knock_window)
        knocks.append(now)
        if len(knocks) >= rules.knocks_to_block:
            self._blocked_until[client] = now + rules.block_for
            knocks.clear()


class _OverLimit(Exception):
    def __init__(self, headers: Headers) -> None:
        super().__init__()
        self.headers = headers


def _pace(pace: Pace, rules: Gateway) -> tuple[int, timedelta]:
    match pace:
        case "earn":
            return rules.earn_limit, rules.earn_window
        case "wallet":
            return rules.wallet_limit, rules.wallet_window
        case "system":
            return rules.system_limit, rules.system_window


def _forget(moments: deque[datetime], now: datetime, window: timedelta) -> None:
    while moments and now - moments[0] >= window:
        moments.popleft()


def _limit_headers(limit: int, used: int, window: timedelta, rules: Gateway) -> Headers:
    """`Remaining` counts what is used, upward, and `Reset` is the window's length: so it is."""
    if not rules.limit_headers:
        return ()
    return (
        ("X-BM-RateLimit-Limit", str(limit)),
        ("X-BM-RateLimit-Remaining", str(used)),
        ("X-BM-RateLimit-Reset", str(window // timedelta(seconds=1))),
        ("X-BM-RateLimit-Mode", rules.limit_mode),
    )


def _check_service(name: str, rules: Gateway) -> None:
    if name in rules.down:
        raise Refusal(30014)
    if name in rules.maintenance:
        raise Refusal(30016)
    if name in rules.deprecated:
        raise Refusal(30031)


def _check_permission(key: ApiKey, access: Access) -> None:
    needed = "finance" if access == "signed" else "read"
    if needed not in key.permissions:
        raise Refusal(30012)
    if access == "signed" and not key.may_operate:
        raise Refusal(30019)


def _check_signature(key: ApiKey, request: Request, rules: Gateway, now: datetime) -> None:
    sign = request.headers.get("x-bm-sign", "")
    timestamp = request.headers.get("x-bm-timestamp", "")
    if not sign:
        raise Refusal(30004)
    if not timestamp:
        raise Refusal(30006)
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 20):
        raise Refusal(30008)
    age_ms = to_ms(now) - int(timestamp)
    if age_ms > rules.age_ms or -age_ms >= rules.future_ms:
        raise Refusal(30007)
    expected = signature(key.secret_key, key.memo, timestamp, request.body)
    if not hmac.compare_digest(expected.encode(), sign.encode()):
        raise Refusal(30005)
