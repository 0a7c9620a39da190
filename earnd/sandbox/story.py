"""A believable world to practise in, and a month of things that happen to it.

`practice_world` is where `earnd sandbox` and `earnd demo` begin; `chapters` is what the demo
tells. Each chapter is a moment, a sentence for people, and a deed done to the running server.
Interest is in no chapter: it comes by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from earnd.domain.money import minus
from earnd.sandbox.books import Books
from earnd.sandbox.clock import SandboxClock
from earnd.sandbox.faults import Fault
from earnd.sandbox.products import CoinSpec, ProductSpec, TierSpec
from earnd.sandbox.server import SandboxServer
from earnd.sandbox.settings import Settings

A_MONTH = 30

COINS = (
    CoinSpec("USDT", "Tether USD", 1, 8, Decimal(1)),
    CoinSpec("USDC", "USD Coin", 2, 8, Decimal(1)),
    CoinSpec("BTC", "Bitcoin", 3, 8, Decimal(90000)),
    CoinSpec("ETH", "Ethereum", 4, 8, Decimal(3000)),
)

OPENING_WALLET = {"USDT": "12000", "USDC": "3000", "BTC": "0.25", "ETH": "4"}


def _tiers(*bands: tuple[str, str, str]) -> tuple[TierSpec, ...]:
    return tuple(TierSpec(Decimal(low), Decimal(high), Decimal(rate)) for low, high, rate in bands)


PRODUCTS = (
    ProductSpec(
        product_id="1001",
        coin="USDT",
        apy=Decimal("0.05"),
        additional_apy=Decimal("0.005"),
        minimum=Decimal(1),
        maximum=Decimal(100_000),
        tiers=_tiers(("1", "10000", "0.05"), ("10000", "100000", "0.03")),
        tags=("HOT",),
    ),
    ProductSpec(
        product_id="1002",
        coin="USDT",
        apy=Decimal("0.08"),
        minimum=Decimal(10),
        maximum=Decimal(1000),
        tiers=_tiers(("10", "200", "0.08"), ("200", "500", "0.06"), ("500", "1000", "0.02")),
        tags=("HOT", "NEW"),
        quota=Decimal(250_000),
        user_limit=Decimal(1000),
    ),
    ProductSpec(
        product_id="1003",
        coin="USDT",
        apy=Decimal("0.025"),
        minimum=Decimal("0.1"),
        maximum=Decimal(1_000_000),
    ),
    ProductSpec(
        product_id="1101",
        coin="USDC",
        apy=Decimal("0.045"),
        maximum=Decimal(50_000),
        tiers=_tiers(("1", "2000", "0.045"), ("2000", "50000", "0.0275")),
    ),
    ProductSpec(product_id="1102", coin="USDC", apy=Decimal("0.03"), maximum=Decimal(1_000_000)),
    ProductSpec(
        product_id="1201",
        coin="BTC",
        apy=Decimal("0.0125"),
        minimum=Decimal("0.0001"),
        maximum=Decimal(10),
        tiers=_tiers(("0.0001", "0.1", "0.0125"), ("0.1", "10", "0.004")),
    ),
    ProductSpec(
        product_id="1301",
        coin="ETH",
        apy=Decimal("0.018"),
        minimum=Decimal("0.001"),
        maximum=Decimal(100),
    ),
)

NEWCOMER = ProductSpec(
    product_id="1004",
    coin="USDT",
    apy=Decimal("0.065"),
    minimum=Decimal(1),
    maximum=Decimal(50_000),
    tiers=_tiers(("1", "20000", "0.065"), ("20000", "50000", "0.035")),
    tags=("NEW",),
)

FALLEN_RATE = Decimal("0.003")
"""0.3 %: below any sensible `redeem_below_apy`, yet not zero, which would look like an error."""

LEFT_IDLE = Decimal(20)
"""What the withdrawal leaves in the wallet: below a `refill_below` of 50."""


def practice_world(clock: SandboxClock, *, settings: Settings | None = None) -> Books:
    """Books with seven products of four coins, and money in the wallet waiting for them."""
    books = Books(clock, settings=settings, coins=COINS, products=PRODUCTS)
    for coin, amount in OPENING_WALLET.items():
        books.deposit(coin, amount)
    return books


@dataclass(frozen=True, slots=True)
class Chapter:
    """Something that happens: how long after the start, in which words, and how."""

    after: timedelta
    title: str
    happens: Callable[[SandboxServer], None]


def chapters(days: int = A_MONTH, day: timedelta = timedelta(days=1)) -> tuple[Chapter, ...]:
    """A month's events in order, squeezed or stretched into so many days of this length."""
    if days < 1:
        raise ValueError(f"a story of {days} days has no room for anything to happen")
    minute = timedelta(minutes=1)
    return tuple(
        replace(chapter, after=day * days * (chapter.after // minute) // (MONTH // minute))
        for chapter in _MONTH
    )


def _arm_lost_reply(server: SandboxServer) -> None:
    server.faults.add(Fault("subscribe", "drop_after"))


def _deposit(amount: str) -> Callable[[SandboxServer], None]:
    def happens(server: SandboxServer) -> None:
        server.books.deposit("USDT", amount)

    return happens


def _drop_rate(server: SandboxServer) -> None:
    """The USDT product that holds most pays next to nothing from now on, whatever the amount."""
    spec = fullest(server.books, "USDT")
    server.books.change_product(
        spec.product_id,
        apy=FALLEN_RATE,
        additional_apy=Decimal(0),
        tiers=tuple(replace(tier, apy=FALLEN_RATE) for tier in spec.tiers),
    )


def _open_newcomer(server: SandboxServer) -> None:
    server.books.open_product(NEWCOMER)


def _withdraw(server: SandboxServer) -> None:
    idle = server.books.balance("USDT").available
    if idle > LEFT_IDLE:
        server.books.withdraw("USDT", minus(idle, LEFT_IDLE))


def fullest(books: Books, coin: str) -> ProductSpec:
    """The product of this coin in which most is held; the first of them if several hold as much."""
    specs = [spec for spec in books.products() if spec.coin == coin]
    return max(specs, key=lambda spec: books.held(spec.product_id))


MONTH = timedelta(days=A_MONTH)

_MONTH = (
    Chapter(
        timedelta(days=4),
        "The network will swallow the reply to the next subscription.",
        _arm_lost_reply,
    ),
    Chapter(timedelta(days=4, hours=1), "5000 USDT arrive from outside.", _deposit("5000")),
    Chapter(
        timedelta(days=11),
        "The product that holds most USDT drops to 0.30%.",
        _drop_rate,
    ),
    Chapter(
        timedelta(days=17),
        "A new USDT product opens: 6.50% on the first 20000.",
        _open_newcomer,
    ),
    Chapter(timedelta(days=17, hours=1), "4000 USDT arrive from outside.", _deposit("4000")),
    Chapter(
        timedelta(days=24),
        "The owner withdraws all idle USDT but 20.",
        _withdraw,
    ),
)
