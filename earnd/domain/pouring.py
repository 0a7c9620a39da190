"""Pouring money into curves: the fullest worth, by water-filling and, where that ends, search.

Why it is right, and where it stops, is told at `earnd.domain.allocation.allocate`.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Final, NamedTuple

from earnd.domain.curve import Piece
from earnd.domain.hull import BOUND, Hull, Step, hull_of, in_order
from earnd.domain.money import ZERO

MOST_WORK: Final = 400_000
"""Steps and items looked at in one search before it is cut: about half a second."""

_GRAIN: Final = Decimal("1e-60")
"""Bounds closer than this are equal: amounts, rates and prices have 48 decimals together."""


class Item(NamedTuple):
    """One thing to pour into: its pieces in order, and what is held of it now."""

    pieces: Sequence[Piece]
    held: Decimal


@dataclass(frozen=True, slots=True)
class Filling:
    """An amount for each item. `exact` says that no other is worth more; else the most that
    another can be worth more is `gap`."""

    amounts: list[Decimal]
    worth: Decimal
    exact: bool = True
    gap: Decimal = ZERO


class _Poured(NamedTuple):
    """What one pouring came to; with a `bridge`, `bound` is what nothing in its node exceeds."""

    amounts: list[Decimal]
    worth: Decimal
    moved: Decimal
    bridge: Step | None
    bound: tuple[Decimal, Decimal]


class _Part(NamedTuple):
    """What a branch leaves of an item."""

    pieces: Sequence[Piece]
    hull: Hull


_Node = Mapping[int, _Part]
"""The items that a branch restricts."""


class Vessels:
    """Items with their hulls, made once and poured into as often as there are questions."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.hulls = [hull_of(index, item.pieces, item.held) for index, item in enumerate(items)]
        self.steps = in_order([step for hull in self.hulls for step in hull.steps])

    def pour(self, money: Decimal, shut: int | None = None) -> Filling:
        """The filling with at most `money` that is worth most.

        Nothing is put into the item `shut`, whose amount is at most what is held. If the least of
        each is more than `money`, the least of each.
        """
        node: _Node = {}
        if shut is not None:
            item = self.items[shut]
            node = {shut: _part(shut, _cut(item.pieces, None, item.held), item.held)}
        return _Search(self, money, node).run()


@dataclass(slots=True)
class _Search:
    """The best-first search over what bridges leave open."""

    vessels: Vessels
    money: Decimal
    root: _Node
    work: int = 0
    turn: int = 0
    _peers: dict[int, Sequence[int]] = field(default_factory=dict)

    def run(self) -> Filling:
        """The best filling, or the best found before `MOST_WORK`."""
        least, worth, steps = self._begin(self.root)
        left = self.money - sum(least, ZERO)
        if left < 0:
            return Filling(least, worth)
        best = first = self._fill(least, worth, left, steps)
        if best.bridge is not None:
            # So that a search that is cut short never answers worse than staying.
            best = max(best, self._staying() or best, key=_rank)
        waiting: list[tuple[Decimal, Decimal, int, _Node, Step]] = []
        self._wait(waiting, self.root, first)
        while waiting:
            bound, moved, _, node, bridge = heapq.heappop(waiting)
            if (-bound, -moved) <= (best.worth, -best.moved):
                break
            if self.work > MOST_WORK:
                gap = max(ZERO, -bound - best.worth)
                return Filling(best.amounts, best.worth, exact=not gap, gap=gap)
            for branch in self._branches(node, bridge):
                found = self._poured(branch)
                if found is not None:
                    self._wait(waiting, branch, found)
                    best = max(best, found, key=_rank)
        return Filling(best.amounts, best.worth)

    def _staying(self) -> _Poured | None:
        """The pouring on top of what is held, or of the most that may stay of it."""
        node = {}
        for index, item in enumerate(self.vessels.items):
            pieces = self._pieces(self.root, index)
            base = max((piece.high for piece in pieces if piece.high <= item.held), default=ZERO)
            node[index] = _part(
                index,
                [
                    piece if piece.low >= base else Piece(base, base, piece.at(base), ZERO)
                    for piece in pieces
                    if piece.high >= base
                ],
                item.held,
            )
        return self._poured(node)

    def _poured(self, node: _Node) -> _Poured | None:
        """The pouring of a branch; `None` where its least amounts are more than the money."""
        least, worth, steps = self._begin(node)
        left = self.money - sum(least, ZERO)
        return None if left < 0 else self._fill(least, worth, left, steps)

    def _begin(self, node: _Node) -> tuple[list[Decimal], Decimal, Sequence[Step]]:
        """The least amounts of a branch, what they are worth, and the steps up from them."""
        hulls = self.vessels.hulls
        least = [hull.low for hull in hulls]
        worth = sum((hull.worth for hull in hulls), ZERO)
        self.work += len(least)
        if not node:
            return least, worth, self.vessels.steps
        steps = [step for step in self.vessels.steps if step.item not in node]
        for index, part in node.items():
            worth += part.hull.worth - hulls[index].worth
            least[index] = part.hull.low
            steps += part.hull.steps
        return least, worth, in_order(steps)

    def _wait(
        self,
        waiting: list[tuple[Decimal, Decimal, int, _Node, Step]],
        node: _Node,
        poured: _Poured,
    ) -> None:
        """Puts what a bridge leaves open into its place: the highest bound comes first."""
        if poured.bridge is not None:
            self.turn += 1
            worth, moved = poured.bound
            heapq.heappush(waiting, (-worth, moved, self.turn, node, poured.bridge))

    def _fill(
        self, amounts: list[Decimal], worth: Decimal, left: Decimal, steps: Sequence[Step]
    ) -> _Poured:
        self.work += len(steps)
        bridge: Step | None = None
        bound = (ZERO, ZERO)
        shut: set[int] = set()
        for step in steps:
            slope, nearer, index, low, high, gain, is_bridge = step
            if slope < 0 or (not slope and nearer <= 0) or not left:
                break
            if index in shut:
                continue
            size = high - low
            if size <= left:
                amounts[index] = high
                worth += gain
                left -= size
            elif not is_bridge:
                amounts[index] = low + left
                worth += left * slope
                left = ZERO
            else:
                # The hull's own filling ends here. The rest is a filling of the true curves.
                if bridge is None:
                    bridge = step
                    bound = self._bound(amounts, worth, left, step)
                shut.add(index)
        return _Poured(amounts, worth, self._moved(amounts), bridge, bound)

    def _bound(
        self, amounts: list[Decimal], worth: Decimal, left: Decimal, bridge: Step
    ) -> tuple[Decimal, Decimal]:
        there = list(amounts)
        there[bridge.item] = bridge.low + left
        most = BOUND.add(worth, BOUND.multiply(left, bridge.slope))
        return most.quantize(_GRAIN, context=_BOUND_ROUNDED), self._moved(there)

    def _moved(self, amounts: Sequence[Decimal]) -> Decimal:
        """How much changes place."""
        pairs = zip(amounts, self.vessels.items, strict=True)
        return sum((abs(amount - item.held) for amount, item in pairs), ZERO)

    def _branches(self, node: _Node, bridge: Step) -> list[_Node]:
        """Either side of a bridge, and each piece beneath it by itself."""
        pieces = self._pieces(node, bridge.item)
        spans = [(pieces[0].low, bridge.low), (bridge.high, pieces[-1].high)]
        for piece in pieces:
            is_corner = piece.low == piece.high and piece.low in (bridge.low, bridge.high)
            if bridge.low <= piece.low and piece.high <= bridge.high and not is_corner:
                spans.append((piece.low, piece.high))
        found = (self._restricted(node, bridge.item, low, high) for low, high in spans)
        return [branch for branch in found if branch is not None]

    def _restricted(self, node: _Node, index: int, low: Decimal, high: Decimal) -> _Node | None:
        """The branch in which an item lies between two amounts.

        Items with equal curves can change places, so it is enough to look at fillings in which an
        earlier one holds no less than a later one.
        """
        branch = dict(node)
        for peer in self._peers_of(index):
            pieces = self._pieces(node, peer)
            cut = _cut(pieces, low if peer <= index else None, high if peer >= index else None)
            if not cut:
                return None
            if peer == index or cut != list(pieces):
                branch[peer] = _part(peer, cut, self.vessels.items[peer].held)
        return branch

    def _pieces(self, node: _Node, index: int) -> Sequence[Piece]:
        part = node.get(index)
        return self.vessels.items[index].pieces if part is None else part.pieces

    def _peers_of(self, index: int) -> Sequence[int]:
        """The items with the same curve, itself included; one that is shut has no equal."""
        if index in self.root:
            return [index]
        if index not in self._peers:
            items = self.vessels.items
            peers = [
                other
                for other, item in enumerate(items)
                if item == items[index] and other not in self.root
            ]
            self._peers.update(dict.fromkeys(peers, peers))
        return self._peers[index]


_BOUND_ROUNDED: Final = Context(prec=200)


def _rank(poured: _Poured) -> tuple[Decimal, Decimal]:
    return poured.worth, -poured.moved


def _part(index: int, pieces: Sequence[Piece], held: Decimal) -> _Part:
    return _Part(pieces, hull_of(index, pieces, held))


def _cut(pieces: Sequence[Piece], low: Decimal | None, high: Decimal | None) -> list[Piece]:
    """The pieces as far as they lie between two amounts."""
    found = []
    for piece in pieces:
        begin = piece.low if low is None else max(piece.low, low)
        end = piece.high if high is None else min(piece.high, high)
        if begin <= end:
            found.append(Piece(begin, end, piece.at(begin), piece.slope))
    return found
