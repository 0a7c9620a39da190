"""What the planner remembers of a run, as the daemon remembers it from its ledger."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from earnd.domain.action import Verb
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import Rate, total
from earnd.domain.plan import Move
from earnd.domain.product import Product, Tier
from earnd.domain.quarantine import Doubt, Reading, Shrunk, doubts, shrunken
from earnd.domain.reason import Reason
from earnd.domain.strategy import CoinStrategy
from earnd.sandbox import ProductSpec

LEAST_PAST: Final = timedelta(days=14)
MOST_PAST: Final = timedelta(days=60)
_DAY: Final = timedelta(hours=24)


class Memory:
    """Readings, looks and moves, for as long as a decision may ask for them."""

    def __init__(self, coin: Coin, strategy: CoinStrategy, every: timedelta) -> None:
        self._coin = coin
        self._strategy = strategy
        rules = strategy.quarantine
        # As far back as the daemon reads in its ledger, and beyond any doubt where looks are rare.
        own = max(LEAST_PAST, strategy.rotation.horizon, 4 * rules.span)
        self._reach = max(min(own, MOST_PAST), 2 * rules.looks * every)
        self._products: dict[str, tuple[ProductSpec, Product]] = {}
        self._readings: dict[ProductId, list[Reading]] = {}
        self._past: dict[ProductId, tuple[Reading, ...]] = {}
        self._looks: deque[datetime] = deque()
        self._is_calm = False
        self._sent: deque[tuple[datetime, Verb, Decimal]] = deque()
        self.rotated_out: dict[ProductId, datetime] = {}

    def look(self, now: datetime, specs: Iterable[ProductSpec]) -> tuple[Product, ...]:
        """The products that are listed now; each is remembered where it differs from before."""
        self._looks.append(now)
        while self._looks[0] < now - self._reach:
            self._looks.popleft()
        listed = []
        for spec in specs:
            product = self._as_seen(spec) if spec.listed else None
            if product is not None:
                listed.append(product)
            self._remember(now, ProductId(spec.product_id), product)
        return tuple(sorted(listed, key=lambda product: product.product_id))

    def moved(self, now: datetime, move: Move) -> None:
        """A move was made."""
        self._sent.append((now, move.verb, move.amount))
        if move.reason is Reason.ROTATE:
            self.rotated_out[move.product_id] = now

    def sent_today(self, now: datetime) -> dict[tuple[Coin, Verb], Decimal]:
        """What was moved in the last 24 hours."""
        while self._sent and self._sent[0][0] <= now - _DAY:
            self._sent.popleft()
        return {
            (self._coin, verb): total(amount for _, sent, amount in self._sent if sent is verb)
            for verb in {verb for _, verb, _ in self._sent}
        }

    @property
    def past(self) -> Mapping[ProductId, tuple[Reading, ...]]:
        """What each product paid lately, oldest first."""
        return self._past

    def doubted(self) -> tuple[dict[ProductId, Doubt], Shrunk | None]:
        """The products whose latest reading is not believed yet, and whether the list is not.

        A doubt begins with a reading: where there is none, and no other reading, there is none.
        """
        if self._is_calm:
            return {}, None
        rules, looks = self._strategy.quarantine, tuple(self._looks)
        found = doubts(self._past, looks, lambda _: rules), shrunken(self._past, looks, rules)
        self._is_calm = found == ({}, None)
        return found

    def _as_seen(self, spec: ProductSpec) -> Product:
        """The product as the daemon's reader makes it; the same object while nothing changed."""
        known = self._products.get(spec.product_id)
        if known is None or known[0] is not spec:
            known = (spec, as_product(spec))
            self._products[spec.product_id] = known
        return known[1]

    def _remember(self, now: datetime, product_id: ProductId, product: Product | None) -> None:
        series = self._readings.setdefault(product_id, [])
        is_new = not series or (series[-1].product is not product and series[-1].product != product)
        if is_new:
            series.append(Reading(now, product))
        is_old = len(series) > 1 and series[1].at <= now - self._reach
        while len(series) > 1 and series[1].at <= now - self._reach:
            del series[0]
        if is_new or is_old:
            self._past[product_id] = tuple(series)
            self._is_calm = False


def as_product(spec: ProductSpec) -> Product:
    """An offer of the practice exchange as the domain has it."""
    return Product(
        product_id=ProductId(spec.product_id),
        coin=Coin(spec.coin),
        rate=Rate(spec.apy),
        additional_rate=Rate(spec.additional_apy),
        minimum=spec.minimum,
        maximum=spec.maximum,
        tiers=tuple(Tier(tier.minimum, tier.maximum, Rate(tier.apy)) for tier in spec.tiers),
        has_tiers=bool(spec.tiers),
    )
