"""All that a decision rests on: what is seen now, and what is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from earnd.domain.action import RecordedAction, Verb
from earnd.domain.cooldown import Cooldowns
from earnd.domain.holdings import Holdings
from earnd.domain.ids import Coin, ProductId
from earnd.domain.lessons import Lessons
from earnd.domain.quarantine import Doubt, Reading, Shrunk
from earnd.domain.snapshot import Snapshot
from earnd.domain.strategy import DEFAULT_PRECISION, Strategy


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a decision rests on.

    `busy` are the coins with an action that is not over. `fresh_interest` is the interest paid
    into the wallet since money of that coin was last put to work. `sent_today` is what was sent
    per coin and verb in the last 24 hours. `in_transit` is redeemed money that the wallet does not
    show yet; it counts as idle when the question is whether more must come home.
    `doubts` are the products whose latest reading is not believed yet, `shrunk` says so of the
    list as a whole. `lessons` is what refusals have taught. `by_person` is when a person last
    moved money of a coin by hand. `rotated_out` is when money was last rotated out of a product.
    `past` is what each product has paid lately, oldest first, the reading of now included.
    `move_cost` is how long moved money earned nothing, per coin, where that could be measured.
    """

    now: datetime
    snapshot: Snapshot
    holdings: Holdings
    strategy: Strategy
    busy: Mapping[Coin, RecordedAction] = field(default_factory=dict)
    cooldowns: Cooldowns = field(default_factory=Cooldowns)
    fresh_interest: Mapping[Coin, Decimal] = field(default_factory=dict)
    sent_today: Mapping[tuple[Coin, Verb], Decimal] = field(default_factory=dict)
    in_transit: Mapping[Coin, Decimal] = field(default_factory=dict)
    doubts: Mapping[ProductId, Doubt] = field(default_factory=dict)
    shrunk: Shrunk | None = None
    lessons: Lessons = field(default_factory=Lessons)
    by_person: Mapping[Coin, datetime] = field(default_factory=dict)
    rotated_out: Mapping[ProductId, datetime] = field(default_factory=dict)
    past: Mapping[ProductId, tuple[Reading, ...]] = field(default_factory=dict)
    move_cost: Mapping[Coin, timedelta] = field(default_factory=dict)

    def available(self, coin: Coin) -> Decimal:
        """What lies idle in the wallet."""
        return self.snapshot.available(coin)

    def precision_of(self, coin: Coin) -> int:
        """The decimals of an amount: the strategy's word, or fewer if the exchange refused them."""
        strategy = self.strategy.for_coin(coin)
        told = DEFAULT_PRECISION if strategy is None else strategy.precision
        lesson = self.lessons.decimals.get(coin)
        return told if lesson is None else min(told, int(lesson.value))
