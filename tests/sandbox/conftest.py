from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from earnd.sandbox import (
    Books,
    CoinSpec,
    ProductSpec,
    SandboxServer,
    TierSpec,
    VirtualClock,
    serve,
)
from tests.sandbox.raw_client import RawClient


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 5, 25, 10, 0, tzinfo=UTC))


@pytest.fixture
def books(clock: VirtualClock) -> Books:
    """
    product 1001  USDT 0-10000 @ 5%, 10000-100000 @ 4%, and 1% on all
    product 1002  USDT 7.3%, no tiers
    product 1101  USDC 3.65%, six decimals
    wallet  USDT 20000, USDC 500
    """
    bands = (("1", "10000", "0.05"), ("10000", "100000", "0.04"))
    books = Books(
        clock,
        coins=[
            CoinSpec("USDT", "Tether USD", 1, 8, Decimal(1)),
            CoinSpec("USDC", "USD Coin", 2, 6),
        ],
        products=[
            ProductSpec(
                product_id="1001",
                coin="USDT",
                apy=Decimal("0.05"),
                additional_apy=Decimal("0.01"),
                maximum=Decimal(100_000),
                tiers=tuple(TierSpec(*(Decimal(text) for text in band)) for band in bands),
                tags=("HOT",),
            ),
            ProductSpec(product_id="1002", coin="USDT", apy=Decimal("0.073")),
            ProductSpec(product_id="1101", coin="USDC", apy=Decimal("0.0365")),
        ],
    )
    books.deposit("USDT", "20000")
    books.deposit("USDC", "500")
    return books


@pytest.fixture
def server(books: Books) -> Iterator[SandboxServer]:
    with serve(books) as server:
        yield server


@pytest.fixture
def client(server: SandboxServer) -> Iterator[RawClient]:
    client = RawClient(server)
    with client.session:
        yield client
