"""What a seed draws before anything happens: the exchange's habits, its offers, our strategy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random

from earnd.sandbox import Gateway, ProductSpec, Settings, TierSpec
from tests.simulation.mishaps import READ_KINDS, WRITE_KINDS
from tests.support.practice import flexible

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONGEST_PARK = timedelta(minutes=55)
SURE_MEMORY = HOUR + MINUTE
"""An exchange that forgets numbers sooner than this is only met without re-sends: a first sending
may lie on the way for `LONGEST_PARK`, and no client can be safe if it is new again by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strategy:
    """The entry of USDT in the configuration, and what the oracle must know of it."""

    text: str
    reserve: Decimal
    per_action: Decimal | None
    per_day: Decimal | None
    knows_interest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that a seed has drawn; what of it may change meanwhile is the account's."""

    settings: Settings
    gateway: Gateway
    products: tuple[ProductSpec, ...]
    deposit: str
    strategy: Strategy
    replay_window: str | None
    """`None` leaves the configuration's default."""
    per_day: int
    """Cycles."""
    write_faults: Mapping[str, float]
    """By kind, the share of the money requests that it strikes."""
    read_faults: Mapping[str, float]
    """By kind, the share of the cycles in which it strikes a look."""
    unreachable: float
    """Share of the money requests, and of the cycles, for which no connection can be made."""
    latency_s: float
    """The longest that a request takes one way when nothing is wrong."""
    parks: bool
    """Whether requests may be carried out long after they were sent."""
    crashing: float
    """Share of the cycles in which the process ends, one way or another."""
    restoring: float
    """Share of the cycles after which an older copy of the ledger takes its place."""
    crowded: float
    """Share of the cycles around which somebody does something."""
    twins: bool
    """Whether a person makes the very moves that earnd makes."""
    clock_steps: bool
    """Whether the machine's clock is set wrong now and then."""
    second_process: bool
    """Whether somebody starts another earnd on the same ledger now and then."""
    winding_down: bool
    """Whether the exchange closes its products one by one."""
    uneven_lag: bool
    """Whether one record shows sooner than another."""
    changing: float
    """Share of the process's births at which the configuration is another."""

    def told(self) -> str:
        """A few lines for a trace."""
        faults = ", ".join(f"{kind} {rate:.0%}" for kind, rate in self.write_faults.items())
        looks = ", ".join(f"{kind} {rate:.0%}" for kind, rate in self.read_faults.items())
        return (
            f"{self.settings}\n  strategy {self.strategy.text}, replay window "
            f"{self.replay_window or 'default'}, deposit {self.deposit}, {self.per_day} cycles a "
            f"day, latency {self.latency_s} s\n  crashing {self.crashing}, restoring "
            f"{self.restoring}, crowded {self.crowded}, twins {self.twins}, parks {self.parks} "
            f"(age {self.gateway.age_ms} ms), clock_steps {self.clock_steps}, winding down "
            f"{self.winding_down}\n  money: {faults}; looks: {looks}; unreachable "
            f"{self.unreachable:.0%}\n  " + "\n  ".join(str(product) for product in self.products)
        )


def draw_world(rng: Random) -> World:
    """A world; half of them have no parked requests, and most have no twins."""
    parks = rng.random() < 0.35
    settings = _settings(rng)
    age = rng.choice((MINUTE, 15 * MINUTE, 40 * MINUTE, LONGEST_PARK)) if parks else MINUTE
    remembered = settings.remember_for
    is_sure = remembered is None or remembered >= SURE_MEMORY
    wild = rng.random() < 0.8
    write_faults = _rates(rng, WRITE_KINDS, parks=parks) if wild else {}
    if remembered is not None and not remembered:
        # What a network delivers twice, an exchange without any memory carries out twice.
        write_faults.pop("deliver_twice", None)
    return World(
        settings=settings,
        gateway=Gateway(age_ms=int(age / timedelta(milliseconds=1))),
        products=tuple(_product(rng, str(1001 + n)) for n in range(rng.randint(1, 4))),
        deposit=rng.choice(("0", "500", "1000", "12345.6789", "250000")),
        strategy=draw_strategy(rng, settings),
        replay_window=rng.choice((None, None, "10m", "30s", "0s")) if is_sure else "0s",
        per_day=rng.choice((1, 1, 1, 1, 1, 1, 1, 2, 3, 6)),
        write_faults=write_faults,
        read_faults=_rates(rng, READ_KINDS, parks=False) if wild and rng.random() < 0.7 else {},
        unreachable=rng.choice((0.0, 0.0, 0.02, 0.1, 0.3)),
        latency_s=rng.choice((0.05, 0.05, 0.3, 2.0)),
        parks=parks,
        crashing=rng.choice((0.0, 0.05, 0.15, 0.4)),
        restoring=rng.choice((0.0, 0.0, 0.03, 0.08)),
        crowded=rng.choice((0.1, 0.4, 0.8)),
        twins=rng.random() < 0.25,
        clock_steps=rng.random() < 0.2,
        second_process=rng.random() < 0.3,
        winding_down=rng.random() < 0.1,
        uneven_lag=rng.random() < 0.2,
        changing=rng.choice((0.0, 0.2, 0.5)),
    )


def _rates(rng: Random, kinds: tuple[str, ...], *, parks: bool) -> dict[str, float]:
    """Swarm style: a few kinds, each with its own rate up to 30 %, and all others off."""
    chosen = rng.sample(kinds, rng.randint(1, 6))
    rates = {kind: round(rng.uniform(0.01, 0.3), 3) for kind in sorted(chosen)}
    if parks:
        rates["park"] = round(rng.uniform(0.05, 0.3), 3)
    else:
        rates.pop("park", None)
    return rates


def _settings(rng: Random) -> Settings:
    closed_from, closed_until = _closing_hours(rng)
    return Settings(
        record_lag=rng.choice((0, 0, 0, 1, 5, 12, 20, 180)) * MINUTE,
        records_with_request_no=rng.random() < 0.35,
        record_status=rng.choice((None, None, "SUCCESS")),
        records_newest_first=rng.random() < 0.7,
        dedupe=rng.choice(("first", "last")),
        remember_for=rng.choice((24 * HOUR, 24 * HOUR, None, 2 * HOUR, 5 * MINUTE, 0 * HOUR)),
        burn_refused=rng.random() < 0.3,
        duplicate_answer=rng.choice(("refuse", "agree")),
        number_scope=rng.choice(("account", "endpoint")),
        interest_paid=rng.choice(("wallet", "wallet", "product")),
        interest_every=rng.choice(("day", "day", "day", "hour")),
        payout_delay=rng.choice((0, 0, 7, 90)) * MINUTE,
        tier_rule=rng.choice(("marginal", "whole")),
        positions_with_amount=rng.random() < 0.3,
        list_empty_positions=rng.random() < 0.6,
        redeem_takes=rng.choice((0, 0, 0, 3, 25, 50)) * MINUTE,
        max_purchase_counts=rng.choice(("held", "order")),
        total_shape=rng.choice(("list", "list", "absent")),
        tier_rate_when_none=rng.choice(("empty", "missing", "null")),
        closed_from=closed_from,
        closed_until=closed_until,
    )


def _closing_hours(rng: Random) -> tuple[timedelta | None, timedelta | None]:
    if rng.random() < 0.8:
        return None, None
    begin = rng.randint(0, 23)
    return begin * HOUR, (begin + rng.randint(1, 4)) % 24 * HOUR


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


def draw_strategy(rng: Random, settings: Settings) -> Strategy:
    """What an operator might write for USDT."""
    reserve = Decimal(rng.choice(("0", "10", "100", "250.5")))
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
    if rng.random() < 0.3:
        keys["max_per_action"] = rng.choice(("100", "350"))
    if rng.random() < 0.2:
        keys["max_per_day"] = rng.choice(("600", "5000"))
    return Strategy(
        text="{" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}",
        reserve=reserve,
        per_action=_amount(keys.get("max_per_action")),
        per_day=_amount(keys.get("max_per_day")),
        knows_interest="interest_paid" in keys,
    )


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
