"""From a request to a reply, without a socket: what arrived, whether it may, what comes back."""

from __future__ import annotations

import json
import uuid
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from threading import Lock

from earnd.sandbox.books import Books
from earnd.sandbox.clock import SandboxClock, to_ms
from earnd.sandbox.codes import Refusal
from earnd.sandbox.distort import distorted
from earnd.sandbox.faults import Fault, Faults
from earnd.sandbox.gateway import Gatekeeper, Request
from earnd.sandbox.reply import Reply, said_no, said_yes
from earnd.sandbox.routes import ROUTES, Call, Route, find, page_of
from earnd.sandbox.settings import ApiKey, Gateway

FIRST_TRACE = 0x0E6FBC21_E3A0_4465_8ACF_000000000000
ARRIVALS_KEPT = 100_000


@dataclass(frozen=True, slots=True)
class Received:
    """A money request that arrived whole, as it was before anything was done about it."""

    endpoint: str
    request_no: str | None
    """None if the body has none that is text."""
    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """Any request at all."""

    endpoint: str | None
    method: str
    path: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """A reply, and the fault that the connection still has to suffer."""

    reply: Reply
    fault: Fault | None


class Face:
    """See the module. Safe to share between threads."""

    def __init__(
        self, books: Books, clock: SandboxClock, keys: Iterable[ApiKey], gateway: Gateway
    ) -> None:
        self.books = books
        self.clock = clock
        self.gateway = gateway
        self.gatekeeper = Gatekeeper.of(keys)
        self.faults = Faults()
        self.received: list[Received] = []
        self.arrivals: deque[Arrival] = deque(maxlen=ARRIVALS_KEPT)
        self.on_receive: Callable[[Received], None] | None = None
        self.errors: list[BaseException] = []
        self._parked: list[tuple[Route, Request]] = []
        self._last: dict[str, Reply] = {}
        self._lock = Lock()
        self._traces = count(FIRST_TRACE)

    def exchange(self, request: Request) -> Outcome:
        """Everything about one request: noted, struck by a fault or not, applied or not."""
        route = self._find(request)
        now = self.clock.now()
        name = None if route is None else route.name
        self.arrivals.append(Arrival(name, request.method, request.path, now))
        if route is None:
            return Outcome(said_no(Refusal(30000), self._trace()), None)
        self._receive(route, request, now)
        fault = self.faults.match(route.name, page_of(request))
        if fault is None:
            return Outcome(self.apply(route, request), None)
        return Outcome(self._struck(fault, route, request, now), fault)

    def apply(self, route: Route, request: Request) -> Reply:
        """The true reply, once the books have done what was asked."""
        admission = self.gatekeeper.admit(route.gate, request, self.gateway, self.clock.now())
        if admission.refusal is not None:
            reply = said_no(admission.refusal, self._trace())
        else:
            reply = self._answer(route, request)
        reply = replace(reply, headers=admission.headers)
        with self._lock:
            self._last[route.name] = reply
        return reply

    def deliver_parked(self) -> list[Reply]:
        """What was parked arrives now, and is judged by the time it is now."""
        with self._lock:
            parked, self._parked = self._parked, []
        return [self.apply(route, request) for route, request in parked]

    def _find(self, request: Request) -> Route | None:
        route = find(request)
        return None if route is not None and route.name in self.gateway.absent else route

    def _receive(self, route: Route, request: Request, now: datetime) -> None:
        if not route.moves_money:
            return
        received = Received(route.name, _request_no(request.body), request.body, now)
        with self._lock:
            self.received.append(received)
        if self.on_receive is None:
            return
        try:
            self.on_receive(received)
        except Exception as error:  # noqa: BLE001 - a test's hook; kept, and raised by close()
            self.errors.append(error)

    def _struck(self, fault: Fault, route: Route, request: Request, now: datetime) -> Reply:
        with self._lock:
            previous = self._last.get(route.name)
        if fault.kind == "park":
            with self._lock:
                self._parked.append((route, request))
        true = self.apply(route, request) if fault.applies else Reply(200, {})
        if fault.kind == "deliver_twice":
            self._receive(route, request, now)
            true = self.apply(route, request)
        if fault.kind == "swap":
            return self._swapped(fault)
        if fault.kind == "stale":
            return previous or true
        return distorted(fault, true, self._trace())

    def _swapped(self, fault: Fault) -> Reply:
        """What another endpoint would have said just now."""
        other = next(route for route in ROUTES if route.name == fault.other)
        query = {"type": "subscribe", "currentPage": "1", "sizePage": "100"}
        return self._answer(other, Request("GET", other.path, query, {}, b"", ""))

    def _answer(self, route: Route, request: Request) -> Reply:
        call = Call(self.books, self.gateway, to_ms(self.clock.now()), request.query, request.body)
        try:
            return said_yes(route.answer(call), self._trace())
        except Refusal as refusal:
            return said_no(refusal, self._trace())

    def _trace(self) -> str:
        return str(uuid.UUID(int=next(self._traces)))


def _request_no(body: bytes) -> str | None:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        return None
    number = fields.get("requestNo") if isinstance(fields, dict) else None
    return number if isinstance(number, str) else None
