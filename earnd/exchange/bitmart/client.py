"""What reading and writing share: one transport, one pacer, one set of credentials."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Self

from earnd.domain.closure import EVERYTHING, Closing
from earnd.domain.priority import Priority
from earnd.exchange.bitmart.envelope import open_envelope
from earnd.exchange.bitmart.fields import milliseconds
from earnd.exchange.pacing import Limit, Pacer
from earnd.exchange.their_clock import TheirClock
from earnd.exchange.transport import Limits, NoAnswer, RawReply, Reply, Transport

if TYPE_CHECKING:
    from types import TracebackType

    from earnd.exchange.bitmart.signing import Credentials
    from earnd.ports import Clock

BASE_URL = "https://api-cloud.bitmart.com"

PRODUCTS = "/newearn/cloud/v1/saving/product"
SUBSCRIBE = "/newearn/cloud/v1/saving/subscribe"
REDEEM = "/newearn/cloud/v1/saving/redeem"
POSITIONS = "/newearn/cloud/v1/saving/earn"
RECORDS = "/newearn/cloud/v1/saving/record"
TOTALS = "/newearn/cloud/v1/earn"
SPOT_WALLET = "/spot/v1/wallet"
ACCOUNT_WALLET = "/account/v1/wallet"
TIME = "/system/time"
SERVICE = "/system/service"

GETS = frozenset({PRODUCTS, POSITIONS, RECORDS, TOTALS, SPOT_WALLET, ACCOUNT_WALLET, TIME, SERVICE})
POSTS = frozenset({SUBSCRIBE, REDEEM})

_SPAN = timedelta(seconds=2)
# Documented: 10 in 2 s per UID for Earn, 12 in 2 s for wallets, 10 in 1 s per address for the
# system. The margin is for what was under way when the exchange's window began.
_EARN_LIMIT = Limit(8, _SPAN)
_LIMITS = {
    SPOT_WALLET: Limit(9, _SPAN),
    ACCOUNT_WALLET: Limit(9, _SPAN),
    TIME: Limit(8, timedelta(seconds=1)),
    SERVICE: Limit(8, timedelta(seconds=1)),
}

_RESET_IF_UNSAID = timedelta(seconds=60)
_LONGEST_RESET_S = 3600
_LONGEST_WINDOW_S = 60
_COUNT = re.compile(r"[0-9]{1,6}")

_RATE_CODE = 30013
_BAN_CODE = 30017
_MAINTENANCE_CODE = 30016


class BitmartClient:
    """BitMart's API by HTTP; make one per account and share it, and close it at the end.

    `jitter` returns a number from 0 up to 1, drawn anew each time. `clock` is the daemon's; time
    limits on sockets run in real time whatever it says. Nothing comes from the environment.
    Raises `ValueError`, in words for a person, for an address or a CA file that cannot be used.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        clock: Clock,
        *,
        jitter: Callable[[], float],
        limits: Limits | None = None,
        ca_file: str | None = None,
    ) -> None:
        self.clock = clock
        self.jitter = jitter
        self.pacer = Pacer(clock, _LIMITS, otherwise=_EARN_LIMIT)
        self.theirs = TheirClock(clock)
        self._credentials = credentials
        self._transport = Transport(
            base_url,
            gets=GETS,
            posts=POSTS,
            # The network in front of the exchange refuses the libraries' own names.
            user_agent=f"earnd/{version('earnd')}",
            clock=clock,
            limits=limits,
            ca_file=ca_file,
        )

    def get(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        keyed: bool = True,
        priority: Priority = Priority.LOOK,
    ) -> Reply:
        """One GET when the pace allows; raises `ExchangeUnavailable` while it does not."""
        self.pacer.admit(path, priority)
        headers = self._credentials.keyed() if keyed else {}
        reply = self._transport.get(path, query, headers)
        self._heed(path, reply)
        return reply

    def post(self, path: str, body: bytes) -> Reply:
        """One signed POST of these bytes when the pace allows.

        It bears the exchange's time as it was last told (`theirs`): the gateway refuses a
        timestamp that is a second ahead. Raises `ExchangeUnavailable` while the pace does not
        allow it: then nothing was sent.
        """
        self.pacer.admit(path, patient=False)
        # The earliest that it can be over there: what is a second ahead is refused, and what is
        # some seconds behind is not.
        timestamp_ms = milliseconds(self.theirs.least_now())
        reply = self._transport.post(path, body, self._credentials.signed(timestamp_ms, body))
        self._heed(path, reply)
        return reply

    def close(self) -> None:
        """Closes connections and ends the threads."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _heed(self, path: str, reply: Reply) -> None:
        """Takes in what the reply says about time and pace, be it usable otherwise or not."""
        if isinstance(reply, RawReply):
            # Before anything else: a closure is written down, and that takes its time.
            self.theirs.dated(reply.headers, timedelta(milliseconds=reply.latency_ms))
        if not isinstance(reply, RawReply | NoAnswer) or reply.status is None:
            return
        headers = reply.headers or {}
        code = open_envelope(reply.body).code if isinstance(reply, RawReply) else None
        reset = _count(headers, "x-bm-ratelimit-reset")
        if reply.status == 418 or code == _BAN_CODE:
            self.pacer.close(EVERYTHING, Closing.BAN)
        elif reply.status == 429 or code == _RATE_CODE:
            sane = reset is not None and 0 < reset <= _LONGEST_RESET_S
            least = timedelta(seconds=reset) if sane and reset else _RESET_IF_UNSAID
            self.pacer.close(path, Closing.RATE, least)
        elif code == _MAINTENANCE_CODE:
            self.pacer.close(EVERYTHING, Closing.MAINTENANCE)
        elif isinstance(reply, RawReply) and is_edge_page(reply):
            self.pacer.close(EVERYTHING, Closing.EDGE)
        else:
            # "Remaining" counts what was used, in spite of its name.
            used = _count(headers, "x-bm-ratelimit-remaining")
            limit = _count(headers, "x-bm-ratelimit-limit")
            if used is not None and limit and used >= limit:
                window_s = reset if reset and reset <= _LONGEST_WINDOW_S else _SPAN.total_seconds()
                self.pacer.used_up(path, timedelta(seconds=window_s))


def is_edge_page(reply: RawReply) -> bool:
    """Whether the network in front of the exchange answered with a page of its own.

    Its challenge and block pages are HTML with 200, 403 or 503, and 520 to 530 are its own
    statuses; the exchange answers in JSON.
    """
    if reply.status not in (200, 403, 503) and not 520 <= reply.status <= 530:
        return False
    if open_envelope(reply.body).is_object:
        return False
    return (
        "html" in reply.headers.get("content-type", "").lower() or reply.body.lstrip()[:1] == b"<"
    )


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if _COUNT.fullmatch(text) else None
