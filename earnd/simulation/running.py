"""One simulation: the strategy, what others would have done, and what could have been earned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Protocol

from earnd.domain.money import EXACT, ROUNDING_DOWN, ZERO, floor_to
from earnd.domain.strategy import Strategy
from earnd.simulation.baselines import AutoSubscribe, Greedy, Static
from earnd.simulation.course import course_of
from earnd.simulation.foresight import Foresight, foresee
from earnd.simulation.history import HOUR, HOURS_PER_YEAR
from earnd.simulation.planner import Planner
from earnd.simulation.world import INTEREST_PLACES, Scene, World

EARND: Final = "earnd"
FORESIGHT: Final = "perfect foresight"
STATIC: Final = "static"
GREEDY: Final = "greedy"
AUTO: Final = "auto-subscribe"

SHARE_PLACES: Final = 6

Tell = Callable[[str, int, int], None]
"""Told what is being done, how far it is, and of how much."""


class Player(Protocol):
    """Whoever acts once a cycle."""

    def act(self) -> None:
        """Moves what it wants to move."""
        ...


@dataclass(frozen=True, slots=True)
class Sample:
    """Where the money was after a cycle, and what it had earned."""

    at: datetime
    earned: Decimal
    held: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Earner:
    """What one product paid, and how much lay in it on average over the whole period."""

    product_id: str
    earned: Decimal
    average: Decimal


@dataclass(frozen=True, slots=True)
class Run:
    """How one of the players fared."""

    name: str
    earned: Decimal
    subscribes: int
    redeems: int
    rotations: int = 0
    refusals: int = 0
    earners: tuple[Earner, ...] = ()
    idle_cost: Mapping[str, Decimal] = field(default_factory=dict)
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True, slots=True)
class Simulation:
    """All runs over one history, earnd's own first and the optimum second."""

    scene: Scene
    runs: tuple[Run, ...]

    @property
    def own(self) -> Run:
        """What the strategy did."""
        return self.runs[0]

    @property
    def best(self) -> Run:
        """What could have been earned."""
        return self.runs[1]

    def yearly(self, run: Run) -> Decimal:
        """What a run earned, as a rate on all the money, a fraction per year, rounded down."""
        return rate_of(run.earned, self.scene.money, self.scene.hours)

    def share(self, run: Run) -> Decimal | None:
        """What a run earned as a part of the optimum, rounded down; none where that is nothing."""
        if not self.best.earned:
            return None
        return floor_to(ROUNDING_DOWN.divide(run.earned, self.best.earned), SHARE_PLACES)


def rate_of(earned: Decimal, money: Decimal, hours: int) -> Decimal:
    """Earned on so much money in so many hours, as a fraction per year, rounded down."""
    if not money:
        return ZERO
    over = EXACT.multiply(money, Decimal(hours))
    a_year = EXACT.multiply(earned, Decimal(HOURS_PER_YEAR))
    return floor_to(ROUNDING_DOWN.divide(a_year, over), SHARE_PLACES + 2)


def simulate(scene: Scene, strategy: Strategy, tell: Tell | None = None) -> Simulation:
    """Runs them all; the same scene and strategy give the same answer to the last digit."""
    own = _own_run(scene, strategy, tell)
    others = [
        _run(scene, name, player, tell)
        for name, player in ((STATIC, Static), (GREEDY, Greedy), (AUTO, AutoSubscribe))
    ]
    told = None if tell is None else lambda done, of: tell(FORESIGHT, done, of)
    best = _foreseen(foresee(course_of(scene), told))
    return Simulation(scene, (own, best, *others))


def _own_run(scene: Scene, strategy: Strategy, tell: Tell | None) -> Run:
    world = World(scene)
    planner = Planner(world, strategy)
    line = _Line(world)
    _live(world, EARND, planner, tell, line)
    return Run(
        EARND,
        world.earned,
        world.subscribes,
        world.redeems,
        planner.rotations,
        world.refusals,
        line.earners(),
        planner.tally.costs(),
        tuple(line.samples),
    )


def _run(scene: Scene, name: str, player: Callable[[World], Player], tell: Tell | None) -> Run:
    world = World(scene)
    line = _Line(world)
    _live(world, name, player(world), tell, line)
    subscribes = sum(record.kind == "subscribe" for record in world.books.records())
    return Run(
        name,
        world.earned,
        subscribes,
        world.redeems,
        refusals=world.refusals,
        earners=line.earners(),
        samples=tuple(line.samples),
    )


def _foreseen(found: Foresight) -> Run:
    puts = sum(step.amount > 0 for step in found.steps)
    return Run(FORESIGHT, found.earned, puts, len(found.steps) - puts)


def _live(world: World, name: str, player: Player, tell: Tell | None, line: _Line) -> None:
    """Cycle by cycle to the end of the period."""
    scene = world.scene
    cycles = -(-(scene.ends - scene.begins) // scene.every)
    for number in range(cycles):
        player.act()
        line.note()
        world.advance(min(world.now + scene.every, scene.ends))
        if tell is not None:
            tell(name, number + 1, cycles)
    line.note()


class _Line:
    """Where the money was over time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._since: datetime | None = None
        self._held: dict[str, Decimal] = {}
        self._lay: defaultdict[str, Decimal] = defaultdict(Decimal)
        self.samples: list[Sample] = []

    def note(self) -> None:
        """Where it is now; where it was until now is added up."""
        now = self._world.now
        for product_id, amount in self._held.items():
            seconds = Decimal((now - (self._since or now)) // timedelta(seconds=1))
            lay = EXACT.multiply(amount, seconds)
            self._lay[product_id] = EXACT.add(self._lay[product_id], lay)
        self._since, self._held = now, self._world.held()
        self.samples.append(Sample(now, self._world.earned, self._held))

    def earners(self) -> tuple[Earner, ...]:
        """What each product paid and held on average."""
        seconds = Decimal(self._world.scene.hours * HOUR // timedelta(seconds=1))
        return tuple(
            Earner(
                row.product_id,
                row.profit,
                floor_to(ROUNDING_DOWN.divide(self._lay[row.product_id], seconds), INTEREST_PLACES),
            )
            for row in sorted(self._world.positions(), key=lambda row: int(row.product_id))
        )
