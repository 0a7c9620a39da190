"""The world of one run: the practice exchange's books, and a history that happens to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from earnd.domain.ids import Coin
from earnd.domain.money import ZERO, minus, plain, total
from earnd.domain.strategy import CoinStrategy, TierRule
from earnd.sandbox import (
    Books,
    CoinSpec,
    Position,
    ProductSpec,
    Refusal,
    Settings,
    VirtualClock,
)
from earnd.simulation.history import HOUR, Change, History, Terms, hour_until

SWEEP_AT: Final = timedelta(hours=2, minutes=30)
"""When the exchange's own auto-subscribe takes what it finds. Half an hour after the hour, so that
interest, which is paid on the hour, has been set aside before."""

INTEREST_PLACES: Final = 18
"""As fine as an amount can be: what is cut off an hour's interest is no part of a comparison."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What all runs of one simulation have in common.

    `transit` is what moving costs in all, in whole hours of at least one: redeemed money is on its
    way for an hour less, and what is put in begins to earn with the next full hour.
    """

    history: History
    coin: Coin
    strategy: CoinStrategy
    money: Decimal
    begins: datetime
    ends: datetime
    every: timedelta = HOUR
    transit: timedelta = HOUR

    @property
    def hours(self) -> int:
        """How many whole hours the period has."""
        return (self.ends - self.begins) // HOUR

    @property
    def keeps_idle(self) -> Decimal:
        """What no run ever puts to work."""
        return min(self.money, self.strategy.keep_idle)

    def settings(self) -> Settings:
        """The rules of the books: the exchange pays as the strategy believes that it does."""
        return Settings(
            interest_every="hour",
            tier_rule="whole" if self.strategy.tier_rule is TierRule.WHOLE else "marginal",
            count_additional_apy=self.strategy.count_additional_apy,
            interest_places=INTEREST_PLACES,
            auto_at=SWEEP_AT,
            redeem_takes=self.transit - HOUR,
        )


class World:
    """Books that live through a history; time passes in `advance` only."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._clock = VirtualClock(scene.begins)
        coin = CoinSpec(scene.coin, scene.coin, 1, scene.strategy.precision)
        self.books = Books(self._clock, settings=scene.settings(), coins=[coin])
        self.terms: dict[str, Terms] = {}
        self.subscribes = 0
        self.redeems = 0
        self.refusals = 0
        self._number = 0
        self._interest = ZERO
        for change in scene.history.at(scene.begins):
            self._happen(change)
        self._coming = list(reversed(scene.history.between(scene.begins, scene.ends)))
        if scene.money:
            self.books.deposit(scene.coin, scene.money)

    @property
    def now(self) -> datetime:
        """The moment."""
        return self._clock.now()

    @property
    def earned(self) -> Decimal:
        """All interest that was paid so far; none of it is left in the books."""
        return self._interest

    @property
    def idle(self) -> Decimal:
        """What lies in the wallet."""
        return self.books.balance(self.scene.coin).available

    @property
    def on_its_way(self) -> Decimal:
        """What was redeemed and has not arrived."""
        return self.books.sums(self.scene.coin).in_transit

    def specs(self) -> list[ProductSpec]:
        """Every product there is, listed or not."""
        return self.books.products()

    def positions(self) -> list[Position]:
        """What was ever held, by product; what is held no more has an amount of zero."""
        return self.books.positions()

    def held(self) -> dict[str, Decimal]:
        """What is held, by product."""
        return {row.product_id: row.amount for row in self.positions() if row.amount > 0}

    def advance(self, until: datetime) -> None:
        """Lets time pass. Each change happens at its moment, after what fell due by then."""
        while self.now < until:
            step = min(hour_until(self.now) + HOUR, until)
            while self._coming and self._coming[-1].at <= step:
                change = self._coming.pop()
                self._clock.advance_to(change.at)
                self._set_interest_aside()
                self._happen(change)
            self._clock.advance_to(step)
            self._set_interest_aside()

    def subscribe(self, product_id: str, amount: Decimal) -> bool:
        """Puts money in; answers whether the exchange took it."""
        try:
            self.books.subscribe(product_id, plain(amount), self._next_number())
        except Refusal:
            self.refusals += 1
            return False
        self.subscribes += 1
        return True

    def redeem(self, product_id: str, amount: Decimal) -> bool:
        """Takes money out; answers whether the exchange gave it."""
        position = next(row for row in self.positions() if row.product_id == product_id)
        if not self.terms[product_id].may_leave:
            self.refusals += 1
            return False
        try:
            self.books.redeem(position.earn_id, plain(amount), self._next_number())
        except Refusal:
            self.refusals += 1
            return False
        self.redeems += 1
        return True

    def _next_number(self) -> str:
        self._number += 1
        return f"{self._number:020d}"

    def _happen(self, change: Change) -> None:
        self.terms[change.product_id] = change.terms
        self.books.open_product(change.terms.spec(change.product_id, self.scene.coin))

    def _set_interest_aside(self) -> None:
        paid = self.books.sums(self.scene.coin).interest
        if paid > self._interest:
            self.books.withdraw(self.scene.coin, minus(paid, self._interest))
            self._interest = paid

    def is_balanced(self) -> bool:
        """Whether every coin is accounted for: money, interest, and where they are now."""
        sums = self.books.sums(self.scene.coin)
        here = total((sums.wallet, sums.held, sums.in_transit))
        return sums.balanced and here == self.scene.money and sums.interest == self._interest
