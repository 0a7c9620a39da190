"""What money that earned nothing would have earned, by the reason why it did not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from earnd.domain.ids import ProductId
from earnd.domain.money import EXACT, ROUNDING_DOWN, ZERO, floor_to, minus, total
from earnd.domain.plan import Hold, Move
from earnd.domain.reason import Reason
from earnd.sandbox.interest import yearly
from earnd.simulation.history import HOUR, HOURS_PER_YEAR, hour_until
from earnd.simulation.memory import as_product
from earnd.simulation.world import INTEREST_PLACES, World

ON_THE_WAY: Final = "on_the_way"
"""Redeemed and not arrived, or put in and not earning before the next full hour."""

_NOT_ABOUT_IDLE: Final = frozenset({Reason.IN_TRANSIT, Reason.BEST_ALREADY})
_TICK: Final = timedelta(microseconds=1)
_YEAR: Final = Decimal(HOURS_PER_YEAR * HOUR // _TICK)


class Tally:
    """Adds up idle time by amount by the best rate then open to it, cycle by cycle."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._cost: defaultdict[str, Decimal] = defaultdict(Decimal)

    def note(self, holds: Sequence[Hold], put_in: Iterable[Move]) -> None:
        """A cycle is over: what earns nothing until the next, and why."""
        world, scene = self._world, self._world.scene
        span = min(scene.every, scene.ends - world.now)
        idle, under_way = world.idle, world.on_its_way
        resting = total((idle, under_way))
        if resting:
            could_earn = self._best_yearly(resting)
            parts = [(ON_THE_WAY, under_way), *self._reasons(idle, holds)]
            for reason, amount in parts:
                share = ROUNDING_DOWN.divide(EXACT.multiply(could_earn, amount), resting)
                self._add(reason, share, span)
        for move in put_in:
            wait = min(hour_until(world.now) + HOUR - world.now, scene.ends - world.now)
            self._add(ON_THE_WAY, self._begins_with(move), wait)

    def costs(self) -> dict[str, Decimal]:
        """The cost so far by reason, in coins, dearest first."""
        found = {
            reason: floor_to(ROUNDING_DOWN.divide(cost, _YEAR), INTEREST_PLACES)
            for reason, cost in self._cost.items()
        }
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def _add(self, reason: str, a_year: Decimal, span: timedelta) -> None:
        if a_year > 0:
            cost = EXACT.multiply(a_year, Decimal(span // _TICK))
            self._cost[reason] = EXACT.add(self._cost[reason], cost)

    def _reasons(self, idle: Decimal, holds: Sequence[Hold]) -> Iterator[tuple[str, Decimal]]:
        """What is idle, by why: the need and the reserve first, then what the plan says."""
        strategy, now = self._world.scene.strategy, self._world.now
        kept = min(idle, strategy.keep_idle_at(now))
        needed = min(kept, strategy.needed(now))
        yield Reason.KEPT_FOR_NEED, needed
        yield Reason.KEPT_AS_RESERVE, minus(kept, needed)
        about = [hold for hold in holds if hold.reason not in _NOT_ABOUT_IDLE]
        about.sort(key=lambda hold: hold.product_id is not None)
        yield (about[0].reason if about else Reason.NEXT_CYCLE), minus(idle, kept)

    def _best_yearly(self, amount: Decimal) -> Decimal:
        """What an amount would earn a year in the best bands that have room for it now."""
        strategy, held = self._world.scene.strategy, self._world.held()
        room = []
        for spec in self._world.specs():
            if not spec.selling or not strategy.permits(ProductId(spec.product_id)):
                continue
            there = held.get(spec.product_id, ZERO)
            bands = as_product(spec).bands(count_additional=strategy.count_additional_apy)
            for band in bands:
                upper = spec.maximum if band.upper is None else band.upper
                if upper > there:
                    room.append((band.rate.value, minus(upper, max(there, band.lower))))
        result, left = ZERO, amount
        for rate, size in sorted(room, reverse=True):
            part = min(size, left)
            result = EXACT.add(result, EXACT.multiply(rate, part))
            left = minus(left, part)
            if not left:
                break
        return result

    def _begins_with(self, move: Move) -> Decimal:
        """What was just put in will earn a year."""
        books = self._world.books
        spec = next(spec for spec in self._world.specs() if spec.product_id == move.product_id)
        held = books.held(move.product_id)
        before = minus(held, move.amount)
        return minus(yearly(spec, held, books.settings), yearly(spec, before, books.settings))
