"""The daemon's own decisions in a simulated world: `decide`, `enforce`, and again after redeems."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from earnd.domain.action import Verb
from earnd.domain.cooldown import Cooldowns, Until
from earnd.domain.decide import decide
from earnd.domain.holdings import Holding, Holdings
from earnd.domain.ids import Coin, EarnId, ProductId
from earnd.domain.limits import Bounds, enforce
from earnd.domain.money import ZERO, Rate
from earnd.domain.plan import Move, Plan
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.snapshot import Balance, Position, Snapshot
from earnd.domain.strategy import Strategy
from earnd.sandbox import Position as Held
from earnd.sandbox import ProductSpec
from earnd.simulation.memory import Memory
from earnd.simulation.tally import Tally
from earnd.simulation.world import World

_ALL_BOUNDS = Bounds()


class Planner:
    """Makes the daemon's decisions, cycle by cycle, and counts what they cost."""

    def __init__(self, world: World, strategy: Strategy) -> None:
        self._world = world
        self._strategy = strategy
        self._coin = world.scene.coin
        self._memory = Memory(self._coin, world.scene.strategy, world.scene.every)
        self.tally = Tally(world)
        self.rotations = 0

    def act(self) -> None:
        """One cycle."""
        plan = self._plan()
        moved = self._carry_out(plan.redeems())
        if plan.redeems():
            plan = self._plan()
        moved += self._carry_out(plan.subscribes())
        self.tally.note(plan.holds, [move for move in moved if move.verb is Verb.SUBSCRIBE])

    def _plan(self) -> Plan:
        situation = self._situation()
        return enforce(decide(situation), situation, _ALL_BOUNDS, situation.now)

    def _carry_out(self, moves: Iterable[Move]) -> list[Move]:
        done = []
        for move in moves:
            way = self._world.subscribe if move.verb is Verb.SUBSCRIBE else self._world.redeem
            if way(move.product_id, move.amount):
                done.append(move)
                self._memory.moved(self._world.now, move)
                self.rotations += move.reason is Reason.ROTATE
        return done

    def _situation(self) -> Situation:
        world, memory, coin = self._world, self._memory, self._coin
        now, specs, held = world.now, world.specs(), world.positions()
        products = memory.look(now, specs)
        doubts, shrunk = memory.doubted()
        return Situation(
            now=now,
            snapshot=Snapshot(
                seen_at=now,
                products=products,
                positions=_positions(held, specs),
                balances={coin: Balance(coin, world.idle, ZERO)},
            ),
            holdings=Holdings(_holdings(held), {}, {}),
            strategy=self._strategy,
            cooldowns=self._closed(),
            sent_today=memory.sent_today(now),
            in_transit={coin: world.on_its_way},
            doubts=doubts,
            shrunk=shrunk,
            rotated_out=memory.rotated_out,
            past=memory.past,
            move_cost={coin: world.scene.transit},
        )

    def _closed(self) -> Cooldowns:
        """What is known to be refused now; the daemon learns it from a refusal."""
        until = Until(self._world.now + timedelta(hours=1), None)
        closed = {
            (verb, ProductId(product_id)): until
            for product_id, terms in self._world.terms.items()
            for verb, is_open in (
                (Verb.SUBSCRIBE, terms.takes_money),
                (Verb.REDEEM, terms.may_leave),
            )
            if not is_open
        }
        return Cooldowns(products=closed)


def _holdings(held: Iterable[Held]) -> tuple[Holding, ...]:
    return tuple(
        Holding(_coin_of(row), ProductId(row.product_id), EarnId(row.earn_id), row.amount, True)
        for row in held
        if row.amount > 0
    )


def _positions(held: Iterable[Held], specs: Iterable[ProductSpec]) -> tuple[Position, ...]:
    """The rows of the exchange's list of positions: what a vanished product pays is known by it."""
    by_id = {spec.product_id: spec for spec in specs}
    return tuple(
        Position(
            earn_id=EarnId(row.earn_id),
            product_id=ProductId(row.product_id),
            coin=_coin_of(row),
            rate=Rate(by_id[row.product_id].apy),
            additional_rate=Rate(by_id[row.product_id].additional_apy),
            total_profit=row.profit,
            auto_subscribe=False,
        )
        for row in held
    )


def _coin_of(row: Held) -> Coin:
    return Coin(row.coin)
