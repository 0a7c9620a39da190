"""One page of products and one signed call: earnd's adapter against BitMart's official SDK.

Both ask the practice exchange over loopback HTTP. They do not do the same: the SDK parses JSON,
earnd checks every field, makes exact money of it, and opens a new connection for a signed call.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from statistics import median

from bitmart.api_finance import APIFinance

from earnd.clock import SystemClock, draw_jitter
from earnd.domain.ids import ProductId, RequestNo
from earnd.exchange.bitmart.client import BitmartClient
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.signing import Credentials
from earnd.exchange.bitmart.writer import BitmartWriter
from earnd.exchange.pacing import Limit, Pacer
from earnd.sandbox import PRACTICE_KEY, Books, Gateway, ProductSpec, RealClock, serve

ROUNDS = 60
UNPACED = Limit(1_000_000, timedelta(seconds=1))


def timed(call: Callable[[int], object]) -> float:
    """The median of `ROUNDS` calls, in milliseconds."""
    taken = []
    for turn in range(ROUNDS):
        began = time.perf_counter()
        call(turn)
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


def main() -> None:
    """Prints the medians and their ratio."""
    one = ProductSpec(product_id="1001", coin="USDT", apy=Decimal("0.05"), minimum=Decimal("0.1"))
    specs = [replace(one, product_id=str(1001 + turn)) for turn in range(100)]
    books = Books(RealClock(), products=specs)
    books.deposit("USDT", "100000")
    key = PRACTICE_KEY
    credentials = Credentials(key.access_key, key.secret_key, key.memo)
    with serve(books, gateway=Gateway(limits_on=False)) as server:
        client = BitmartClient(server.base_url, credentials, SystemClock(), jitter=draw_jitter)
        client.pacer = Pacer(SystemClock(), {}, otherwise=UNPACED)
        with client:
            reader, writer = BitmartReader(client), BitmartWriter(client)
            sdk = APIFinance(key.access_key, key.secret_key, key.memo, url=server.base_url)

            def ours(turn: int) -> object:
                number = RequestNo(f"1{turn:019d}")
                request = writer.subscribe_request(ProductId("1001"), Decimal(1), number)
                return writer.send(request)

            rows = {
                "a page of 100 products": (
                    timed(lambda _: reader.products()),
                    timed(lambda _: sdk.get_savings_product(current_page=1, size_page=100)),
                ),
                "a signed subscribe": (
                    timed(ours),
                    timed(lambda turn: sdk.post_savings_subscribe("1001", "1", f"2{turn:019d}")),
                ),
            }
    for name, (mine, theirs) in rows.items():
        sys.stdout.write(
            f"{name:24} earnd {mine:6.2f} ms   SDK {theirs:6.2f} ms   ratio {mine / theirs:.2f}\n"
        )


if __name__ == "__main__":
    main()
