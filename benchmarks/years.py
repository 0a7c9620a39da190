"""An invented life of earnd, in the rows that it would have written: five minutes a cycle.

Two products of one coin pay by the hour, three of other coins by the day; a dozen offers change
their rates three times a day each; earnd moves money three times a day, and a request in fifty gets
lost. From one seed, so that a longer life begins as a shorter one does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from benchmarks.acts import HELD, Acts
from benchmarks.seen import A_DAY, COIN, CYCLE, DAILY, HOURLY, OFFERS, UNIT, plain
from earnd.ledger.columns import moment_text

PAID = {"1001": 5200, "1002": 4900, "1101": 41000, "1201": 60, "1301": 800}
"""Units of 0.00000001 that a payment comes to, about."""


class Years(Acts):
    """The life, told to a layer."""

    def live(self, cycles: int) -> None:
        """So many cycles, from the first."""
        for number in range(cycles):
            self.moment = self.begins + CYCLE * number
            self._cycle(number)

    def _cycle(self, number: int) -> None:
        layer = self.layer
        began = moment_text(self.moment)
        self.at = moment_text(self.moment + timedelta(seconds=2))
        self.cycle_id = layer.put("cycle", run_id=self.run, began_at=began, trigger="schedule")
        self.moved = False
        if number == 0:
            self._arrive()
        self.look()
        before = (layer.last("record_seen"), layer.last("balance_seen"))
        if number == 0:
            self._open_account()
        self._payments(number)
        if number % (10 * A_DAY) == 5 * A_DAY:
            self._deposit(number)
        for product in self._changing():
            self.offer(product)
        if before != (layer.last("record_seen"), layer.last("balance_seen")) and number:
            self.account()
        moves = self.move(number)
        self.hold()
        ended = moment_text(self.moment + timedelta(seconds=3 + moves))
        layer.put(
            "cycle_end",
            cycle_id=self.cycle_id,
            ended_at=ended,
            outcome="done",
            moves=moves,
            holds=2 * len(self.wallet),
        )
        layer.close_block(self.cycle_id, ended)

    def _arrive(self) -> None:
        for product, amount in HELD.items():
            coin = COIN[product]
            self.wallet[coin] = self.wallet.get(coin, 50 * UNIT) + amount * UNIT
        for product in OFFERS:
            self.offer(product)

    def _open_account(self) -> None:
        self.see_balances(*self.wallet)
        for coin, amount in self.wallet.items():
            self.flow(coin, amount, "opening", "opening")
        self.account()

    def _deposit(self, number: int) -> None:
        coin = ("USDC", "ETH")[number // (10 * A_DAY) % 2]
        self.wallet[coin] += 3 * UNIT
        self.see_balances(coin)
        self.flow(coin, 3 * UNIT, "deposit", "person")

    def _changing(self) -> Iterator[str]:
        for product in OFFERS:
            if self.random.random() * A_DAY < 3:
                yield product

    def _payments(self, number: int) -> None:
        paying: tuple[str, ...] = ()
        if number and number % 12 == 0:
            paying = HOURLY + (DAILY if number % A_DAY == 0 else ())
        paid_at = self.moment.replace(minute=0, second=0)
        for product in paying:
            if product in self.held:
                self._paid(product, paid_at)
        self.see_balances(
            *dict.fromkeys(COIN[product] for product in paying if product in self.held)
        )

    def _paid(self, product: str, paid_at: datetime) -> None:
        coin, amount = COIN[product], PAID[product] + self.random.randint(0, 40)
        at = moment_text(paid_at)
        seq = self.record("interest", product, amount, at)
        self.attribute(seq, "interest")
        self.wallet[coin] += amount
        self.profit[product] = self.profit.get(product, 0) + amount
        self.see_position(product)
        span = timedelta(hours=1 if product in HOURLY else 24)
        self.layer.put(
            "interest_promise",
            record_seq=seq,
            cycle_id=self.cycle_id,
            period_from=moment_text(paid_at - span),
            period_to=at,
            held_low=plain(self.held[product]),
            held_high=plain(self.held[product]),
            promised=plain(amount),
            promised_low=plain(amount - 1),
            promised_high=plain(amount + 1),
            additional="0",
            tier_rule="marginal",
            basis="steady",
        )
