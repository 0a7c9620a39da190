"""The practice exchange's books, watched for the interest that they pay, without a wire or a file.

What earnd would see of one product is handed to `infer` in every look that shows a payment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from earnd.domain.attribution import SeenRecord
from earnd.domain.holdings import establish
from earnd.domain.ids import Coin, EarnId, ProductId, RecordId
from earnd.domain.inferring import Evidence, Inferred, grew_by, infer, pays_into
from earnd.domain.money import NO_RATE, ZERO, minus
from earnd.domain.payment import is_paid
from earnd.domain.product import Product
from earnd.domain.promise import Promise
from earnd.domain.quarantine import Reading
from earnd.domain.regime import Regime
from earnd.domain.snapshot import Balance, Position, Record, RecordKind, Snapshot
from earnd.domain.strategy import InterestPaid
from earnd.sandbox import Books, CoinSpec, ProductSpec, Settings, VirtualClock
from earnd.simulation.memory import as_product

BEGIN = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
USDT = Coin("USDT")
HOUR = timedelta(hours=1)


@dataclass
class Watched:
    """One product of the books, as earnd sees it when it looks.

    `totals` is whether the exchange tells what is held per coin.
    """

    spec: ProductSpec
    settings: Settings = field(default_factory=Settings)
    totals: bool = True
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(BEGIN))
    books: Books = field(init=False)
    records: list[SeenRecord] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)
    history: list[Inferred] = field(default_factory=list)
    regime: Regime = field(init=False)
    promises: dict[int, Promise] = field(default_factory=dict)
    """By the record's place, as first worked out."""
    shown: Product | None = None
    """What the list is to show instead of the truth."""
    wallet: Decimal | None = None

    def __post_init__(self) -> None:
        coin = CoinSpec("USDT", "Tether USD", 1, 8, Decimal(1))
        self.books = Books(self.clock, settings=self.settings, coins=[coin], products=[self.spec])
        self.regime = Regime(self.product_id, USDT)
        self.books.deposit("USDT", "1000000")

    @property
    def product_id(self) -> ProductId:
        return ProductId(self.spec.product_id)

    @property
    def found(self) -> Inferred:
        """What the last payment told."""
        return self.history[-1]

    def put(self, amount: str) -> None:
        """Money goes in."""
        self.books.subscribe_by_hand(self.spec.product_id, amount)

    def take(self, amount: str) -> None:
        """Money comes home."""
        self.books.redeem_by_hand(self.spec.product_id, amount)

    def change(self, **terms: Any) -> None:
        """The product has other terms from now on."""
        self.books.change_product(self.spec.product_id, **terms)

    def days(self, count: float, *, every: timedelta = HOUR) -> None:
        """So many days pass, with a look every so often."""
        end = self.clock.now() + timedelta(days=count)
        while self.clock.now() < end:
            self.look()
            self.clock.advance(every)

    def look(self) -> None:
        """What earnd makes of what it sees now."""
        now = self.clock.now()
        (spec,) = self.books.products()
        product = (self.shown or as_product(spec)) if spec.listed else None
        if not self.readings or self.readings[-1].product != product:
            self.readings.append(Reading(now, product))
        self.looks.append(now)
        news = self._news(now)
        snapshot = self._snapshot(now)
        available = snapshot.available(USDT)
        change = None if self.wallet is None else minus(available, self.wallet)
        self.wallet = available
        if any(is_paid(seen.record) for seen in news):
            self._infer(snapshot, news, change, now)

    def _infer(
        self,
        snapshot: Snapshot,
        news: Sequence[SeenRecord],
        change: Decimal | None,
        now: datetime,
    ) -> None:
        auto = InterestPaid.AUTO
        held = establish(self.records, snapshot.positions, snapshot.totals, lambda _: auto)
        (holding,) = (row for row in held.rows if row.product_id == self.product_id)
        assert holding.verified, holding.why
        into = pays_into(
            USDT,
            held,
            snapshot,
            self.records,
            setting=auto,
            witnessed=grew_by(change, USDT, news),
            before=self.regime.pays_into,
        )
        is_grown = held.interest_into[USDT] is InterestPaid.PRODUCT
        evidence = Evidence(holding, is_grown, self.records, ZERO, self._between, self.looks, into)
        found = infer(evidence, self.regime, now)
        self.regime = found.regime
        self.history.append(found)
        for promise in found.promises:
            self.promises.setdefault(promise.payment.seq, promise)

    def _between(self, since: datetime, until: datetime) -> Sequence[Reading]:
        before = [reading for reading in self.readings if reading.at <= since][-1:]
        return [*before, *(one for one in self.readings if since < one.at <= until)]

    def _news(self, now: datetime) -> list[SeenRecord]:
        known = {seen.record.record_id for seen in self.records}
        news = [
            SeenRecord(
                len(self.records) + 1 + place,
                Record(
                    RecordId(one.record_id),
                    RecordKind(one.kind),
                    self.product_id,
                    USDT,
                    one.amount,
                    one.at,
                ),
            )
            for place, one in enumerate(
                one
                for one in self.books.records()
                if one.visible_at <= now and one.record_id not in known
            )
        ]
        self.records += news
        return news

    def _snapshot(self, now: datetime) -> Snapshot:
        held = self.books.held(self.spec.product_id)
        here = EarnId("e1")
        position = Position(
            here, self.product_id, USDT, NO_RATE, NO_RATE, ZERO, auto_subscribe=False
        )
        wallet = self.books.balance("USDT")
        return Snapshot(
            seen_at=now,
            products=(),
            positions=(position,),
            balances={USDT: Balance(USDT, wallet.available, wallet.frozen)},
            totals={USDT: held} if self.totals else None,
        )
