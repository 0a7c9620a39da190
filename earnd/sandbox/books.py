"""The exchange without its network: one account, its money, its orders, its history.

Two kinds of callers: the HTTP face, through the first half, and people (a test, a story, the
customer with the app), through the second. Each call first lets everything happen that fell due
meanwhile, and is alone while it runs, so that threads see whole moves only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from functools import wraps
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

from earnd.domain.money import ZERO, plain
from earnd.sandbox import rows
from earnd.sandbox.clock import SandboxClock
from earnd.sandbox.codes import Refusal
from earnd.sandbox.history import RECORD_KINDS, Record, RecordFilter
from earnd.sandbox.orders import Order, place, prepare
from earnd.sandbox.products import CoinSpec, ProductSpec
from earnd.sandbox.rows import Row
from earnd.sandbox.settings import Account, Settings
from earnd.sandbox.state import Cause, Position, State
from earnd.sandbox.timeline import Timeline
from earnd.sandbox.wallet import Balance, Entry, Kind, Sums

P = ParamSpec("P")
R = TypeVar("R")


def _alone(method: Callable[Concatenate[Books, P], R]) -> Callable[Concatenate[Books, P], R]:
    """Run with nobody else in the books, after everything that fell due has happened."""

    @wraps(method)
    def run(self: Books, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            self._now = self._timeline.catch_up(self.clock.now())
            return method(self, *args, **kwargs)

    return run


class Books:
    """See the module. Amounts come in as `Decimal` or as text in plain digits."""

    def __init__(
        self,
        clock: SandboxClock,
        *,
        settings: Settings | None = None,
        account: Account | None = None,
        coins: Iterable[CoinSpec] = (),
        products: Iterable[ProductSpec] = (),
    ) -> None:
        self.clock = clock
        self._lock = RLock()
        self._now = clock.now()
        self._by_hand = 0
        self._state = State(settings or Settings(), account or Account())
        self._state.coins.update({coin.symbol: coin for coin in coins})
        self._timeline = Timeline(self._state, self._now)
        for spec in products:
            self.open_product(spec)

    # What the API asks.

    @_alone
    def subscribe(self, product_id: object, amount: object, request_no: object) -> Record | None:
        """Execute a subscribe once; raises `Refusal`. None: known, and the settings say agree."""
        return self._place(Order("subscribe", product_id, amount, request_no))

    @_alone
    def redeem(self, earn_id: object, amount: object, request_no: object) -> Record | None:
        """Execute a redeem once; raises `Refusal`. None: known, and the settings say agree."""
        return self._place(Order("redeem", earn_id, amount, request_no))

    @_alone
    def product_rows(self, coin: str | None = None) -> list[Row]:
        return rows.product_rows(self._state, coin)

    @_alone
    def position_rows(self, coin: str | None = None, product_id: str | None = None) -> list[Row]:
        return rows.position_rows(self._state, coin, product_id)

    @_alone
    def record_rows(self, wanted: RecordFilter) -> list[Row]:
        """The visible records asked for; 80022 for a kind that is none, 80012 for a bad span."""
        if wanted.kind not in RECORD_KINDS:
            raise Refusal(80022)
        if wanted.end_ms is not None:
            start_ms, longest = wanted.start_ms or 0, self._state.settings.record_span
            span = wanted.end_ms - start_ms
            if span < 0 or (longest and span > longest.total_seconds() * 1000):
                raise Refusal(80012)
        return rows.record_rows(self._state, wanted, self._now)

    @_alone
    def spot_wallet_rows(self) -> list[Row]:
        return rows.spot_wallet_rows(self._state)

    @_alone
    def account_wallet_rows(self, coin: str | None = None, *, in_usd: bool = False) -> list[Row]:
        return rows.account_wallet_rows(self._state, coin, in_usd=in_usd)

    @_alone
    def total_rows(self) -> list[Row]:
        return rows.total_rows(self._state, self._now)

    @_alone
    def auto_status(self, product_id: str | None = None) -> bool:
        """Whether auto-subscribe is on, for a product or by the switch for all; raises 80001."""
        if product_id is None:
            return self._state.auto_for_all
        if product_id not in self._state.products:
            raise Refusal(80001)
        return product_id in self._state.auto_on

    @_alone
    def set_auto(self, on: bool, product_id: str | None = None) -> None:
        """Switch auto-subscribe for one product, or for all there are; raises 80001."""
        state = self._state
        if product_id is not None and product_id not in state.products:
            raise Refusal(80001)
        touched = set(state.products) if product_id is None else {product_id}
        state.auto_on = state.auto_on | touched if on else state.auto_on - touched
        if product_id is None:
            state.auto_for_all = on

    # What people do.

    @_alone
    def deposit(self, coin: str, amount: Decimal | str) -> None:
        self._state.coin(coin)
        self._move(Kind.DEPOSIT, coin, _positive(amount))

    @_alone
    def withdraw(self, coin: str, amount: Decimal | str) -> None:
        """Take money out of the exchange; raises `ValueError` above what is available."""
        self._move(Kind.WITHDRAW, coin, _positive(amount).copy_negate())

    @_alone
    def freeze(self, coin: str, amount: Decimal | str) -> None:
        """Bind available money, as an open order on the spot market does."""
        value = _positive(amount)
        self._move(Kind.FREEZE, coin, value.copy_negate(), value)

    @_alone
    def unfreeze(self, coin: str, amount: Decimal | str) -> None:
        value = _positive(amount)
        self._move(Kind.UNFREEZE, coin, value, value.copy_negate())

    @_alone
    def subscribe_by_hand(self, product_id: str, amount: Decimal | str) -> Record:
        """What the customer does in the app; raises `Refusal` as the app would."""
        cause = self._person()
        return prepare(self._state, "subscribe", product_id, _positive(amount), cause)()

    @_alone
    def redeem_by_hand(self, product_id: str, amount: Decimal | str) -> Record:
        """What the customer does in the app, by product; raises `Refusal` as the app would."""
        position = self._state.positions.get(product_id)
        if position is None:
            raise Refusal(80020)
        cause = self._person()
        return prepare(self._state, "redeem", position.earn_id, _positive(amount), cause)()

    @_alone
    def force_redeem(self, product_id: str) -> Record | None:
        """The exchange gives back all that is held in a product, asked or not; None if nothing."""
        position = self._state.positions.get(product_id)
        if position is None or position.amount == 0:
            return None
        cause = Cause(at=self._now, by="exchange")
        return self._state.redeem(position, position.amount, cause)

    @_alone
    def open_product(self, spec: ProductSpec) -> None:
        """A product appears, or is replaced by another of the same id; what is held stays."""
        self._state.coin(spec.coin)
        self._state.products[spec.product_id] = spec

    @_alone
    def change_product(self, /, product_id: str, **changes: Any) -> ProductSpec:
        """The product with other terms: any field of `ProductSpec` (apy, tiers, quota, selling)."""
        changed = replace(self._state.products[product_id], **changes)
        self._state.products[product_id] = changed
        return changed

    @_alone
    def stop_product(self, product_id: str, *, listed: bool = True) -> None:
        """No more subscribing; with `listed=False` it vanishes from the list as well."""
        self.change_product(product_id, selling=False, listed=listed)

    @_alone
    def change_settings(self, /, **changes: Any) -> Settings:
        """The settings from now on: any field of `Settings`."""
        self._state.settings = replace(self._state.settings, **changes)
        return self._state.settings

    @_alone
    def change_account(self, /, **changes: Any) -> Account:
        """The customer from now on: any field of `Account`."""
        self._state.account = replace(self._state.account, **changes)
        return self._state.account

    # What a test wants to know, which the API may not tell.

    @property
    def settings(self) -> Settings:
        return self._state.settings

    @property
    def account(self) -> Account:
        return self._state.account

    @_alone
    def balance(self, coin: str) -> Balance:
        return self._state.wallet.balance(coin)

    @_alone
    def held(self, product_id: str) -> Decimal:
        """What lies in the product, whatever the API says."""
        return self._state.held(product_id)

    @_alone
    def positions(self) -> list[Position]:
        """Copies: changing one changes nothing here."""
        return [replace(position) for position in self._state.positions.values()]

    @_alone
    def products(self) -> list[ProductSpec]:
        return list(self._state.products.values())

    @_alone
    def records(self) -> list[Record]:
        """All of them, invisible ones too, in the order in which they were written."""
        return list(self._state.records)

    @_alone
    def journal(self) -> list[Entry]:
        """Every change of the wallet and the positions since the books were opened."""
        return list(self._state.wallet.journal)

    @_alone
    def coins(self) -> list[str]:
        """Every coin that ever occurred."""
        return sorted(self._state.coins)

    @_alone
    def sums(self, coin: str) -> Sums:
        """Both sides of the equation of one coin; `.balanced` must hold, always."""
        return self._state.sums(coin)

    def _place(self, order: Order) -> Record | None:
        number = order.request_no if isinstance(order.request_no, str) else None
        return place(self._state, order, Cause(at=self._now, by="api", request_no=number))

    def _person(self) -> Cause:
        # The app draws numbers too; these begin with zeros, as no sensible client's number does.
        self._by_hand += 1
        return Cause(at=self._now, by="person", request_no=f"{self._by_hand:020d}")

    def _move(self, kind: Kind, coin: str, available: Decimal, frozen: Decimal = ZERO) -> None:
        self._state.wallet.post(
            Entry(at=self._now, kind=kind, coin=coin, available=available, frozen=frozen)
        )


def _positive(amount: Decimal | str) -> Decimal:
    value = Decimal(amount)
    if value <= 0 or not value.is_finite():
        raise ValueError(f"not an amount to move: {amount!r}")
    return Decimal(plain(value))
