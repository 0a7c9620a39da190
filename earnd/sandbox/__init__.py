"""An exchange to practise on: exact books, a thin HTTP face, and faults on demand.

It is written from the exchange's documents alone and shares no code with the client it is there
to test, except how an amount is written. `Settings` lists everything those documents leave open.

    clock = VirtualClock(datetime(2026, 5, 1, tzinfo=UTC))
    flexible = ProductSpec(product_id="1001", coin="USDT", apy=Decimal("0.05"))
    books = Books(clock, products=[flexible])
    books.deposit("USDT", "1000")
    with serve(books) as server:
        server.faults.add(Fault("subscribe", "drop_after"))
        ...  # any client of the exchange, pointed at server.base_url
    assert books.sums("USDT").balanced
"""

from earnd.sandbox.books import Books
from earnd.sandbox.clock import RealClock, SandboxClock, VirtualClock
from earnd.sandbox.codes import EARN_CODES, GATEWAY_CODES, Refusal
from earnd.sandbox.face import Arrival, Received
from earnd.sandbox.faults import APPLIES, REMOVED, Fault, Faults
from earnd.sandbox.gateway import signature
from earnd.sandbox.history import Record, RecordFilter
from earnd.sandbox.products import CoinSpec, ProductSpec, TierSpec
from earnd.sandbox.server import SandboxServer, serve
from earnd.sandbox.settings import (
    PRACTICE_ACCESS_KEY,
    PRACTICE_KEY,
    PRACTICE_MEMO,
    PRACTICE_SECRET_KEY,
    Account,
    ApiKey,
    Gateway,
    Notice,
    Settings,
)
from earnd.sandbox.state import Position
from earnd.sandbox.story import Chapter, chapters, practice_world
from earnd.sandbox.wallet import Balance, Entry, Kind, Sums

__all__ = [
    "APPLIES",
    "EARN_CODES",
    "GATEWAY_CODES",
    "PRACTICE_ACCESS_KEY",
    "PRACTICE_KEY",
    "PRACTICE_MEMO",
    "PRACTICE_SECRET_KEY",
    "REMOVED",
    "Account",
    "ApiKey",
    "Arrival",
    "Balance",
    "Books",
    "Chapter",
    "CoinSpec",
    "Entry",
    "Fault",
    "Faults",
    "Gateway",
    "Kind",
    "Notice",
    "Position",
    "ProductSpec",
    "RealClock",
    "Received",
    "Record",
    "RecordFilter",
    "Refusal",
    "SandboxClock",
    "SandboxServer",
    "Settings",
    "Sums",
    "TierSpec",
    "VirtualClock",
    "chapters",
    "practice_world",
    "serve",
    "signature",
]
