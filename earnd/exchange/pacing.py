"""Never faster than the exchange allows, and silent while it wants silence.

Two different things hold a request back. The *window* is our own budget: it is waited for.
A *closure* is the exchange's word (429, 418, a page of its guard): asking again makes it worse,
so while it lasts nothing is sent and the caller is told until when.
"""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from earnd.domain.closure import EVERYTHING, Closing, Closure, Instant
from earnd.domain.priority import Priority
from earnd.errors import ExchangeClosed, ExchangeUnavailable

if TYPE_CHECKING:
    from earnd.ports import Clock

PATIENCE = timedelta(seconds=5)
"""A closure that ends sooner is waited for: a window of 2 s must not cost a whole cycle."""


@dataclass(frozen=True, slots=True)
class _Growth:
    """How long a closure lasts by the number of times it happened in a row."""

    first: timedelta
    cap: timedelta
    forgotten_after: timedelta
    tries: int = 1
    """So many times at `first` before it doubles."""

    def lasts(self, strikes: int, least: timedelta) -> timedelta:
        doublings = min(max(0, strikes - self.tries), 20)
        grown: timedelta = max(self.first, least) * 2**doublings
        return max(least, min(self.cap, grown))


# Nobody documents how long a block lasts. A quarter of an hour outlasts every rate window, and
# doubling to six hours finds the end of a longer one without knocking often.
# The network's own advice for its page is 30 to 60 s and at most three tries.
_GROWTH = {
    Closing.RATE: _Growth(timedelta(0), timedelta(minutes=15), timedelta(minutes=10)),
    Closing.BAN: _Growth(timedelta(minutes=15), timedelta(hours=6), timedelta(days=1)),
    Closing.EDGE: _Growth(timedelta(minutes=1), timedelta(hours=1), timedelta(hours=1), tries=3),
    # What is maintained comes back: the cap is below the usual time between two cycles.
    Closing.MAINTENANCE: _Growth(timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)),
}


_QUARTERS = {Priority.SETTLE: 4, Priority.LOOK: 3, Priority.HISTORY: 2}
"""How many quarters of a window are for each; what is left is for those before it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many requests in any span of so long."""

    requests: int
    span: timedelta

    def share(self, priority: Priority) -> int:
        """How many of them a window may hold once one of this priority is in it; one at least."""
        return max(1, self.requests * _QUARTERS[priority] // 4)


@dataclass(slots=True)
class _Endpoint:
    """Moments are of the clock's `monotonic`."""

    sent: deque[float] = field(default_factory=deque)
    not_before: float = 0.0


@dataclass(slots=True)
class _Closed:
    until: float
    strikes: int


def _tell_nobody(closure: Closure) -> None:
    del closure


_INSTANT_S = 1e-6
"""The shortest sleep. Sums of fractions leave waits far below a microsecond, and a clock that
counts in microseconds does not move by them: they would be slept through for ever."""


class Pacer:
    """Admits requests to endpoints. Threads share one; it is the only one for an account.

    `limits` names the endpoints that have a limit of their own; `otherwise` is for the rest.
    """

    def __init__(self, clock: Clock, limits: Mapping[str, Limit], *, otherwise: Limit) -> None:
        self._clock = clock
        self._limits = dict(limits)
        self._otherwise = otherwise
        self._lock = threading.Lock()
        self._endpoints: defaultdict[str, _Endpoint] = defaultdict(_Endpoint)
        self._closed: dict[tuple[str, Closing], _Closed] = {}
        self._boot = ""
        self._tell: Callable[[Closure], None] = _tell_nobody

    def resume(
        self, closures: Iterable[Closure], *, boot: str, tell: Callable[[Closure], None]
    ) -> None:
        """Goes on where earlier lives of earnd left off; to be called before anything is asked.

        From now on `tell` hears of everything that is closed, right after the reply that said so
        and before anybody else does; it must not raise. It also hears anew of what an earlier
        `boot` of the machine left closed, because moments of different boots do not compare.
        """
        self._boot, self._tell = boot, tell
        now = self._now()
        for closure in closures:
            until = (now.steady + closure.left(now)).total_seconds()
            self._closed[closure.endpoint, closure.closing] = _Closed(until, closure.strikes)
            if closure.at.boot != boot and closure.left(now) > timedelta(0):
                tell(closure.carried_over(now))

    def admit(
        self, endpoint: str, priority: Priority = Priority.SETTLE, *, patient: bool = True
    ) -> None:
        """Returns when one request may go to `endpoint`, and counts it.

        Waits for the share of the window that its `priority` may use, so that what is less urgent
        never uses up what settling needs. If `patient`, also for a closure within `PATIENCE`.
        Raises `ExchangeUnavailable`, with the moment from which it is worth trying again, while
        the endpoint or everything is closed.
        """
        while True:
            with self._lock:
                closed_s, closing = self._closed_for(endpoint)
                if closed_s > 0 and not (patient and closed_s <= PATIENCE.total_seconds()):
                    raise self._unavailable(endpoint, closing, closed_s)
                wait_s = closed_s if closed_s > 0 else self._window_wait(endpoint, priority)
                if wait_s <= 0:
                    self._endpoints[endpoint].sent.append(self._clock.monotonic())
                    return
            self._clock.sleep(max(wait_s, _INSTANT_S))

    def close(self, endpoint: str, closing: Closing, least: timedelta = timedelta(0)) -> None:
        """Closes `endpoint` (or `EVERYTHING`) for at least `least`, longer on repetition."""
        growth = _GROWTH[closing]
        with self._lock:
            at = self._now()
            now = at.steady.total_seconds()
            known = self._closed.get((endpoint, closing), _Closed(now, 0))
            if known.until > now:
                # A reply that was under way when another closed it is the same strike.
                strikes = known.strikes
            elif now - known.until <= growth.forgotten_after.total_seconds():
                strikes = known.strikes + 1
            else:
                strikes = 1
            lasts = growth.lasts(strikes, least)
            until = now + lasts.total_seconds()
            if until <= known.until:
                return
            self._closed[endpoint, closing] = _Closed(until, strikes)
        self._tell(Closure(endpoint, closing, at, lasts, strikes))

    def used_up(self, endpoint: str, wait: timedelta) -> None:
        """The exchange says that the endpoint's window is spent: the next request waits it out."""
        with self._lock:
            until = self._clock.monotonic() + wait.total_seconds()
            known = self._endpoints[endpoint]
            known.not_before = max(known.not_before, until)

    def _now(self) -> Instant:
        steady = timedelta(seconds=self._clock.monotonic())
        return Instant(self._clock.now(), self._boot, steady)

    def _closed_for(self, endpoint: str) -> tuple[float, Closing]:
        now = self._clock.monotonic()
        return max(
            (
                (closed.until - now, closing)
                for (name, closing), closed in self._closed.items()
                if name in (endpoint, EVERYTHING)
            ),
            default=(0.0, Closing.RATE),
        )

    def _window_wait(self, endpoint: str, priority: Priority) -> float:
        limit = self._limits.get(endpoint, self._otherwise)
        known = self._endpoints[endpoint]
        now = self._clock.monotonic()
        span = limit.span.total_seconds()
        while known.sent and known.sent[0] <= now - span:
            known.sent.popleft()
        over = len(known.sent) - limit.share(priority)
        full_s = known.sent[over] + span - now if over >= 0 else 0.0
        return max(full_s, known.not_before - now)

    def _unavailable(self, endpoint: str, closing: Closing, seconds: float) -> ExchangeUnavailable:
        until = self._clock.now() + timedelta(seconds=seconds)
        why = {
            Closing.RATE: "the exchange was asked too often and closed this endpoint",
            Closing.BAN: "the exchange blocks our address for asking too often",
            Closing.EDGE: "the network in front of the exchange does not let us through",
            Closing.MAINTENANCE: "the exchange is being maintained",
        }[closing]
        lasts = closing in (Closing.BAN, Closing.MAINTENANCE)
        kind = ExchangeClosed if lasts else ExchangeUnavailable
        return kind(
            f"{why}; nothing is asked before {until:%Y-%m-%dT%H:%M:%SZ}",
            where=endpoint,
            todo="Wait. Stop other programs that use the same key or address, if there are any.",
        )
