"""Replies as the practice exchange puts them on the wire, byte for byte, and how earnd reads each.

One of every kind that earnd ever takes an answer from. Tests cut them, swap them and distort them.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from urllib.parse import urlencode, urlsplit

from earnd.domain.answer import Answer
from earnd.domain.ids import EarnId, ProductId, RequestNo
from earnd.domain.snapshot import RecordKind
from earnd.exchange.bitmart import client as api
from earnd.exchange.bitmart.bodies import redeem_body, subscribe_body
from earnd.exchange.bitmart.fields import milliseconds
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.signing import Credentials
from earnd.exchange.bitmart.writer import BitmartWriter
from earnd.sandbox import (
    PRACTICE_KEY,
    Books,
    CoinSpec,
    ProductSpec,
    SandboxServer,
    TierSpec,
    VirtualClock,
    serve,
)

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
NUMBERS = tuple(RequestNo(str(20000009000000300000 + n)) for n in range(4))


LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Captured:
    """One reply: `head` ends with the empty line, `body` is as long as the head announces."""

    name: str
    head: bytes
    body: bytes

    @property
    def whole(self) -> bytes:
        return self.head + self.body

    @property
    def status(self) -> int:
        return int(self.head.split(b" ", 2)[1])

    @property
    def framed_by_close(self) -> bytes:
        """The same without its length, so that hanging up is all that ends it."""
        return b"\r\n".join(self._lines_without_length()) + self.body

    def in_chunks(self, size: int) -> bytes:
        """The same in chunks of so many bytes; it ends with `LAST_CHUNK`."""
        lines = self._lines_without_length()
        lines.insert(1, b"Transfer-Encoding: chunked")
        parts = [self.body[at : at + size] for at in range(0, len(self.body), size)]
        chunks = b"\r\n".join(b"%x\r\n%s" % (len(part), part) for part in parts)
        return b"\r\n".join(lines) + chunks + LAST_CHUNK

    def _lines_without_length(self) -> list[bytes]:
        lines = self.head.split(b"\r\n")
        return [line for line in lines if not line.lower().startswith(b"content-length:")]


def subscribe(writer: BitmartWriter, number: RequestNo = NUMBERS[0]) -> Answer:
    return writer.send(writer.subscribe_request(ProductId("1001"), Decimal("100.5"), number))


def redeem(writer: BitmartWriter, number: RequestNo = NUMBERS[1]) -> Answer:
    return writer.send(writer.redeem_request(EarnId("200001"), Decimal("50.25"), number))


MONEY: Mapping[str, Callable[[BitmartWriter], Answer]] = MappingProxyType(
    {"subscribe": subscribe, "redeem": redeem}
)
"""The two requests that move money, by the endpoint's name."""

READS: Mapping[str, Callable[[BitmartReader], object]] = MappingProxyType(
    {
        "product": BitmartReader.products,
        "earn": BitmartReader.positions,
        "record": lambda reader: reader.records(RecordKind.SUBSCRIBE, since=None),
        "wallet": BitmartReader.balances,
        "total": BitmartReader.totals,
        "time": BitmartReader.clock_skew_ms,
        "service": BitmartReader.maintenance,
    }
)
"""Every question that earnd asks, by the endpoint's name."""

PATHS: Mapping[str, str] = MappingProxyType(
    {
        "product": api.PRODUCTS,
        "earn": api.POSITIONS,
        "record": api.RECORDS,
        "wallet": api.SPOT_WALLET,
        "total": api.TOTALS,
        "time": api.TIME,
        "service": api.SERVICE,
        "subscribe": api.SUBSCRIBE,
        "redeem": api.REDEEM,
    }
)

REFUSAL = "subscribe refused"
"""The name of the reply 80002 to a subscribe; the others have their endpoint's."""

NAMES = ("subscribe", REFUSAL, "redeem", *READS)


def endpoint_of(name: str) -> str:
    """The endpoint that a captured reply came from."""
    return name.partition(" ")[0]


@cache
def captured() -> Mapping[str, Captured]:
    """All of `NAMES`, from one conversation with a practice exchange whose clock stands still."""
    with serve(_books()) as server:
        listing = {"currentPage": "1", "sizePage": "100"}
        queries = {
            "product": listing,
            "earn": listing,
            "record": {**listing, "type": "subscribe"},
        }
        found = {
            "subscribe": _post(
                server,
                api.SUBSCRIBE,
                subscribe_body(ProductId("1001"), Decimal("100.5"), NUMBERS[0]),
            ),
            REFUSAL: _post(
                server,
                api.SUBSCRIBE,
                subscribe_body(ProductId("1001"), Decimal(90_000), NUMBERS[1]),
            ),
        }
        (position,) = server.books.positions()
        redeeming = redeem_body(EarnId(position.earn_id), Decimal("50.25"), NUMBERS[2])
        found["redeem"] = _post(server, api.REDEEM, redeeming)
        for name in READS:
            query = urlencode(queries.get(name, {}))
            found[name] = _talk(server, f"GET {PATHS[name]}?{query}", {}, b"")
    return {name: _split(name, raw) for name, raw in found.items()}


def _books() -> Books:
    offer = ProductSpec(
        product_id="1001",
        coin="USDT",
        apy=Decimal("0.05"),
        minimum=Decimal(1),
        maximum=Decimal(100_000),
        tags=("HOT",),
        tiers=(
            TierSpec(Decimal(1), Decimal(10_000), Decimal("0.05")),
            TierSpec(Decimal(10_000), Decimal(100_000), Decimal("0.04")),
        ),
    )
    other = ProductSpec(
        product_id="1002",
        coin="USDT",
        apy=Decimal("0.03"),
        minimum=Decimal(1),
        maximum=Decimal(5_000),
    )
    usdt = CoinSpec("USDT", "Tether USD", 1, 8, Decimal(1))
    books = Books(VirtualClock(AT), coins=[usdt], products=[offer, other])
    books.deposit("USDT", "1000")
    return books


def _post(server: SandboxServer, path: str, body: bytes) -> bytes:
    credentials = Credentials(PRACTICE_KEY.access_key, PRACTICE_KEY.secret_key, PRACTICE_KEY.memo)
    return _talk(server, f"POST {path}", credentials.signed(milliseconds(AT), body), body)


def _talk(server: SandboxServer, line: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """All bytes that come back for one request on a connection of its own."""
    address = urlsplit(server.base_url)
    every = {
        "Host": address.netloc,
        "X-BM-KEY": PRACTICE_KEY.access_key,
        **headers,
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in every.items())
    with socket.create_connection((address.hostname or "", address.port or 0)) as sock:
        sock.sendall(f"{line} HTTP/1.1\r\n{head}\r\n".encode() + body)
        with sock.makefile("rb") as stream:
            return stream.read()


def _split(name: str, raw: bytes) -> Captured:
    head, _, body = raw.partition(b"\r\n\r\n")
    return Captured(name, head + b"\r\n\r\n", body)
