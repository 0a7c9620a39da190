"""What others would have done with the same money: nothing clever, and too much of it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from earnd.domain.allocation import Allocation, Option, Question, allocate
from earnd.domain.ids import ProductId
from earnd.domain.money import EXACT, ZERO, floor_to, minus, total
from earnd.domain.prospect import NO_BOUND, bands_of
from earnd.domain.strategy import Share
from earnd.sandbox import ProductSpec
from earnd.sandbox.interest import yearly
from earnd.simulation.memory import as_product
from earnd.simulation.world import Scene, World


class Static:
    """The best allocation at the start, never moved."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._is_placed = False

    def act(self) -> None:
        """Places everything once, at the first moment at which anything can be placed."""
        if not self._is_placed:
            self._is_placed = place_idle(self._world)


class Greedy:
    """Everything comes home and is placed anew as soon as any place is better."""

    def __init__(self, world: World) -> None:
        self._world = world

    def act(self) -> None:
        """One cycle; what it costs to move is not asked."""
        world = self._world
        held = world.held()
        if held:
            best = best_now(world, leave=True)
            if any(best.targets[ProductId(key)] < amount for key, amount in held.items()):
                self._bring_home(held, best)
        place_idle(world)

    def _bring_home(self, held: Mapping[str, Decimal], best: Allocation) -> None:
        """All of it, but what could not be put back in though it is wanted there."""
        for product_id, amount in held.items():
            terms = self._world.terms[product_id]
            stays = ZERO if terms.takes_money else best.targets[ProductId(product_id)]
            part = floor_to(minus(amount, stays), self._world.scene.strategy.precision)
            if part > 0 and terms.may_leave:
                self._world.redeem(product_id, part)


class AutoSubscribe:
    """The exchange's own: a daily sweep into the product that pays most at the start."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._is_on = False
        if world.scene.keeps_idle > 0:
            # The sweep takes all it finds; what is to stay idle is put out of its reach.
            world.books.freeze(world.scene.coin, world.scene.keeps_idle)

    def act(self) -> None:
        """Switches it on at the first moment at which there is anything to switch on."""
        chosen = None if self._is_on else self._best_product()
        if chosen is not None:
            self._world.books.set_auto(True, chosen)
            self._is_on = True

    def _best_product(self) -> str | None:
        scene, settings = self._world.scene, self._world.books.settings
        money = minus(scene.money, scene.keeps_idle)
        earns = [
            (yearly(spec, min(money, ceiling_of(scene, spec)), settings), spec.product_id)
            for spec in self._world.specs()
            if spec.selling and scene.strategy.permits(ProductId(spec.product_id))
        ]
        if not earns:
            return None
        most = max(earned for earned, _ in earns)
        return min((key for earned, key in earns if earned == most), key=int)


def place_idle(world: World) -> bool:
    """Puts idle money where it earns most; answers whether anything was put in."""
    if world.idle <= world.scene.keeps_idle:
        return False
    held = world.held()
    best = best_now(world, leave=False)
    is_placed = False
    for key, target in sorted(best.targets.items()):
        part = minus(target, held.get(key, ZERO))
        if part > 0:
            is_placed = world.subscribe(key, part) or is_placed
    return is_placed


def best_now(world: World, *, leave: bool) -> Allocation:
    """The best allocation at the rates of now; with `leave`, as if moving cost nothing."""
    scene, held = world.scene, world.held()
    unit = Decimal(1).scaleb(-scene.strategy.precision)
    options = [
        _option(world, spec, held.get(spec.product_id, ZERO), leave=leave)
        for spec in sorted(world.specs(), key=lambda spec: spec.product_id)
    ]
    spendable = max(ZERO, minus(world.idle, scene.keeps_idle))
    room = minus(most_in_all(scene), total((*held.values(), world.on_its_way)))
    placeable = total((*held.values(), max(ZERO, min(spendable, room))))
    return allocate(Question(options, placeable, unit))


def _option(world: World, spec: ProductSpec, held: Decimal, *, leave: bool) -> Option:
    scene, product = world.scene, as_product(spec)
    return Option(
        product_id=product.product_id,
        bands=bands_of(product, scene.strategy),
        held=held,
        ceiling=ceiling_of(scene, spec),
        least_in=spec.minimum,
        least_left=spec.minimum,
        may_enter=spec.selling and scene.strategy.permits(product.product_id),
        may_leave=leave and world.terms[spec.product_id].may_leave,
        rule=scene.strategy.tier_rule,
    )


def ceiling_of(scene: Scene, spec: ProductSpec) -> Decimal:
    """The most to hold in a product: by its own bounds, by its tiers, by the strategy."""
    bounds = [spec.maximum, cap(scene.strategy.max_per_product, scene)]
    if spec.tiers:
        bounds.append(spec.tiers[-1].maximum)
    return min(bounds)


def most_in_all(scene: Scene) -> Decimal:
    """The most to have in all products together."""
    return min(minus(scene.money, scene.keeps_idle), cap(scene.strategy.max_total, scene))


def cap(limit: Decimal | Share | None, scene: Scene) -> Decimal:
    """A cap of the strategy as an amount; a share is of the whole money."""
    if limit is None:
        return NO_BOUND
    return EXACT.multiply(scene.money, limit.fraction) if isinstance(limit, Share) else limit
