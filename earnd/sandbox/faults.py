"""Everything that can go wrong between a client and the exchange, made to happen on demand.

| kind | applied? | what the client gets |
|---|---|---|
| drop_before | no | the connection closed, no reply |
| drop_after | yes | the connection closed, no reply |
| reset_before | no | a TCP reset |
| reset_after | yes | a TCP reset |
| stall_before | no | silence, until it hangs up or `Faults.release()` |
| stall_after | yes | silence, until it hangs up or `Faults.release()` |
| park | later | the connection closed; `SandboxServer.deliver_parked()` applies it |
| deliver_twice | twice | the reply to the second delivery of the same bytes |
| dribble | yes | the true reply, one byte every `pause` |
| cut_body | yes | `cut_at` bytes of the body, though all were announced |
| cut_close_framed | yes | `cut_at` bytes of the body, no length announced, closed |
| endless | yes | 10 GB announced, and blanks for as long as it listens |
| html | no | a CDN's challenge page with `status` (403) |
| status | no | `status` (502) with `body`, or with `code` and `message` in an envelope |
| code | no | the refusal `code`, with its documented HTTP status or `status` |
| system_error_before | no | 80016 |
| system_error_after | yes | 80016 |
| data_false_before | no | 1000 with data false |
| data_false_after | yes | 1000 with data false |
| data_value | yes | 1000 with `value` as data |
| garbage | yes | bytes that are no JSON, or `body` |
| gzip_bomb | yes | a few kB that inflate to `size` bytes of valid JSON |
| duplicate_keys | yes | the reply with every key twice, a false value first |
| nan | yes | the reply with NaN for its total, or for its data |
| redirect | no | `status` (302) to `location` |
| swap | yes | the reply of the endpoint `other` |
| stale | yes | the reply before this one of the same endpoint, once more |
| bad_total | yes | the listing with `by` (1) added to its total |
| shift_pages | yes | pages from the second on as if a row had come in before them |
| repeat_id | yes | the page with its first row once more as its last |
| empty_list | yes | an empty listing with code 1000 |
| malformed_field | yes | the reply with the field at `path` removed, or replaced by `value` |

`apply` overrides the second column where the kind is about the reply alone.
A fault counts the requests on its endpoint from the moment it is added, and strikes from the
`nth` of them on, `times` times (None: for ever); `shift_pages` counts only pages from the second
on. Of several that are due the first strikes.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Condition

REMOVED = object()
"""As the `value` of `malformed_field`: the field is not there at all."""

APPLIES: dict[str, bool] = {
    "drop_before": False,
    "drop_after": True,
    "reset_before": False,
    "reset_after": True,
    "stall_before": False,
    "stall_after": True,
    "park": False,
    "deliver_twice": True,
    "dribble": True,
    "cut_body": True,
    "cut_close_framed": True,
    "endless": True,
    "html": False,
    "status": False,
    "code": False,
    "system_error_before": False,
    "system_error_after": True,
    "data_false_before": False,
    "data_false_after": True,
    "data_value": True,
    "garbage": True,
    "gzip_bomb": True,
    "duplicate_keys": True,
    "nan": True,
    "redirect": False,
    "swap": True,
    "stale": True,
    "bad_total": True,
    "shift_pages": True,
    "repeat_id": True,
    "empty_list": True,
    "malformed_field": True,
}
"""Every kind, and whether the request is applied under it."""

ANY = "*"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to go wrong on one endpoint; see the table of the module for the kinds."""

    endpoint: str
    """A name of `routes.ROUTES`, or `*`."""
    kind: str
    nth: int = 1
    times: int | None = 1
    apply: bool | None = None
    status: int | None = None
    code: int | None = None
    message: str | None = None
    body: bytes | None = None
    value: object = REMOVED
    path: str = ""
    """Dotted, from the top of the reply: `data.list.0.apy`."""
    cut_at: int = 10
    pause: timedelta = timedelta(milliseconds=50)
    size: int = 8 * 1024 * 1024
    location: str = "http://127.0.0.1:9/"
    other: str = "product"
    by: int = 1

    def __post_init__(self) -> None:
        if self.kind not in APPLIES:
            raise ValueError(f"no such fault: {self.kind!r}; there are {', '.join(APPLIES)}")
        if self.kind == "code" and self.code is None:
            raise ValueError("a fault of kind 'code' needs a code")
        if self.kind == "malformed_field" and not self.path:
            raise ValueError("a fault of kind 'malformed_field' needs a path")

    @property
    def applies(self) -> bool:
        """Whether the exchange does what it was asked."""
        return APPLIES[self.kind] if self.apply is None else self.apply


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0

    def strikes(self, endpoint: str, page: int) -> bool:
        """Count one request; whether the fault is due on it."""
        if self.fault.endpoint not in {ANY, endpoint}:
            return False
        if self.fault.kind == "shift_pages" and page < 2:
            return False
        self.seen += 1
        late = self.seen - self.fault.nth
        return late >= 0 and (self.fault.times is None or late < self.fault.times)


@dataclass(slots=True)
class Faults:
    """The faults of one server. Safe to share between threads."""

    _armed: list[_Armed] = field(default_factory=list)
    _stalled: set[socket.socket] = field(default_factory=set)
    _lock: Condition = field(default_factory=Condition)
    struck: list[Fault] = field(default_factory=list)
    """What has happened, in order."""

    def add(self, *faults: Fault) -> None:
        with self._lock:
            self._armed.extend(_Armed(fault) for fault in faults)

    def clear(self) -> None:
        """No more faults; requests that are held stay held until `release`."""
        with self._lock:
            self._armed.clear()

    def pending(self) -> list[Fault]:
        """Those that may still strike."""
        with self._lock:
            return [
                armed.fault
                for armed in self._armed
                if armed.fault.times is None or armed.seen < armed.fault.nth + armed.fault.times - 1
            ]

    def match(self, endpoint: str, page: int = 1) -> Fault | None:
        """The fault that strikes this request, every armed one having counted it."""
        with self._lock:
            due = [armed.fault for armed in self._armed if armed.strikes(endpoint, page)]
            if due:
                self.struck.append(due[0])
            return due[0] if due else None

    def hold(self, connection: socket.socket) -> None:
        """Silence on this connection: returns when the client hangs up or `release` is called."""
        with self._lock:
            self._stalled.add(connection)
            self._lock.notify_all()
        try:
            with suppress(OSError):
                while connection.recv(4096):
                    pass
        finally:
            with self._lock:
                self._stalled.discard(connection)

    def wait_until_held(self, count: int = 1, timeout_s: int = 10) -> bool:
        """Whether so many requests are being held, as soon as they are or the time is over."""
        with self._lock:
            return self._lock.wait_for(lambda: len(self._stalled) >= count, timeout_s)

    def release(self) -> None:
        """Hang up on every request that is being held."""
        with self._lock:
            for connection in self._stalled:
                hang_up(connection)


def hang_up(connection: socket.socket) -> None:
    """Shut both directions, so that whoever waits on the connection stops waiting."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
