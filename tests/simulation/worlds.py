"""What a seed draws before anything happens: the exchange's habits, its offers, our strategy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from earnd.sandbox import Gateway, ProductSpec, Settings, TierSpec
from tests.support.practice import flexible

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that stays as it is for the whole of one seed."""

    settings: Settings
    gateway: Gateway
    products: tuple[ProductSpec, ...]
    deposit: str
    strategy: str
    """The entry of USDT in the configuration."""
    reserve: Decimal
    faulty: float
    """Share of the cycles in which something goes wrong on the way."""
    parks: bool
    """Whether requests may be carried out long after they were sent."""
    crashing: float
    """Share of the cycles in which the process dies."""
    crowded: float
    """Share of the cycles around which a person does something."""
    twins: bool
    """Whether the person makes the very move that earnd has just made."""
    clock_steps: bool
    """Whether the machine's clock is set wrong now and then."""

    def told(self) -> str:
        """One line for a trace."""
        return (
            f"{self.settings}\n  strategy {self.strategy}, deposit {self.deposit}, faulty "
            f"{self.faulty}, crashing {self.crashing}, crowded {self.crowded}, twins {self.twins}, "
            f"parks {self.parks} (age {self.gateway.age_ms} ms), clock_steps {self.clock_steps}\n  "
            + "\n  ".join(str(product) for product in self.products)
        )


def draw_world(rng: Random) -> World:
    """A world; half of them have no parked requests, and most have no twins."""
    parks = rng.random() < 0.4
    reserve = Decimal(rng.choice(("0", "10", "100", "250.5")))
    settings = _settings(rng)
    return World(
        settings=settings,
        gateway=Gateway(age_ms=int(rng.choice((1, 15, 40, 55)) * 60_000) if parks else 60_000),
        products=tuple(_product(rng, str(1001 + n)) for n in range(rng.randint(1, 4))),
        deposit=rng.choice(("0", "500", "1000", "12345.6789", "250000")),
        strategy=_strategy(rng, reserve, settings),
        reserve=reserve,
        faulty=rng.choice((0.0, 0.2, 0.5, 0.8)),
        parks=parks,
        crashing=rng.choice((0.0, 0.1, 0.4)),
        crowded=rng.choice((0.2, 0.5, 0.9)),
        twins=rng.random() < 0.25,
        clock_steps=rng.random() < 0.2,
    )


def _settings(rng: Random) -> Settings:
    return Settings(
        record_lag=rng.choice((0, 0, 0, 1, 5, 12, 20)) * MINUTE,
        records_with_request_no=rng.random() < 0.35,
        record_status=rng.choice((None, None, "SUCCESS")),
        records_newest_first=rng.random() < 0.7,
        dedupe=rng.choice(("first", "last")),
        burn_refused=rng.random() < 0.3,
        duplicate_answer=rng.choice(("refuse", "agree")),
        number_scope=rng.choice(("account", "endpoint")),
        interest_paid=rng.choice(("wallet", "wallet", "product")),
        interest_every=rng.choice(("day", "day", "hour")),
        payout_delay=rng.choice((0, 0, 7, 90)) * MINUTE,
        tier_rule=rng.choice(("marginal", "whole")),
        positions_with_amount=rng.random() < 0.3,
        list_empty_positions=rng.random() < 0.6,
        redeem_takes=rng.choice((0, 0, 0, 3, 25, 50)) * MINUTE,
        max_purchase_counts=rng.choice(("held", "order")),
        total_shape=rng.choice(("list", "list", "absent")),
        tier_rate_when_none=rng.choice(("empty", "missing", "null")),
    )


def draw_rate(rng: Random) -> Decimal:
    """A rate; now and then one that is below any sensible floor."""
    return Decimal(rng.choice((1, 4, 15, 30, 50, 80, 120))) / 1000


def _product(rng: Random, product_id: str) -> ProductSpec:
    minimum = Decimal(rng.choice(("0.1", "1", "10", "100")))
    maximum = Decimal(rng.choice(("500", "3000", "100000")))
    spec = flexible(product_id, str(draw_rate(rng)), minimum=minimum, maximum=maximum)
    if rng.random() < 0.4:
        edges = [minimum, maximum / 5, maximum / 2, maximum]
        bands = tuple(
            TierSpec(low, high, draw_rate(rng)) for low, high in pairwise(edges) if low < high
        )
        spec = replace(spec, tiers=bands)
    if rng.random() < 0.25:
        spec = replace(spec, quota=Decimal(rng.choice(("50", "700", "5000"))))
    if rng.random() < 0.25:
        spec = replace(spec, user_limit=Decimal(rng.choice(("300", "1500"))))
    return spec


def _strategy(rng: Random, reserve: Decimal, settings: Settings) -> str:
    keys = {
        "reserve": f"{reserve}",
        "min_move": rng.choice(("0", "1", "5")),
        "min_apy": rng.choice(("1%", "2%")),
        "redeem_below_apy": rng.choice(("0%", "0.5%", "1%")),
    }
    if rng.random() < 0.4:
        keys["interest_paid"] = settings.interest_paid
    if rng.random() < 0.5:
        below, up_to = rng.choice((("50", "80"), ("100", "300"), ("30", "30")))
        keys |= {"refill_below": below, "refill_to": up_to}
    if rng.random() < 0.3:
        keys["max_per_product"] = rng.choice(("400", "2000", "40%"))
    if rng.random() < 0.2:
        keys["max_per_action"] = rng.choice(("100", "350"))
    if rng.random() < 0.2:
        keys["max_per_day"] = rng.choice(("600", "5000"))
    return "{" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}"
