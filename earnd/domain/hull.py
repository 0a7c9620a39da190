"""The concave hull of a curve: what pouring takes the curve for, and never less than it is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, Context, Decimal, DivisionByZero, InvalidOperation
from operator import itemgetter
from typing import Final, NamedTuple

from earnd.domain.curve import Piece

BOUND: Final = Context(prec=100, rounding=ROUND_CEILING, traps=[DivisionByZero, InvalidOperation])
"""For slopes of bridges, which may have no end: never under the truth."""


class Step(NamedTuple):
    """One edge of a hull. `nearer` orders edges of equal slope: what brings an amount nearer to
    what is held now goes first (1), then more of what is held (-1), then something new (-2).
    A bridge is no piece of the curve, but spans a gap or a hollow of it."""

    slope: Decimal
    nearer: Decimal | int
    item: int
    low: Decimal
    high: Decimal
    gain: Decimal
    is_bridge: bool


class Hull(NamedTuple):
    """The least amount, what it is worth, and the steps up from it."""

    low: Decimal
    worth: Decimal
    steps: list[Step]


_Edge = tuple[Decimal, Decimal, Decimal, Decimal, bool]
"""Slope, low, high, gain, and whether it is a bridge."""


def hull_of(index: int, pieces: Sequence[Piece], held: Decimal) -> Hull:
    """The least falling staircase that is nowhere under the pieces."""
    first, edges = pieces[0], list[_Edge]()
    here, worth = first.low, first.worth
    for low, high, begins, slope in pieces:
        if low != here:
            gain = begins - worth
            _lay(edges, (BOUND.divide(gain, low - here), here, low, gain, True))
        gain = (high - low) * slope
        if high != low:
            _lay(edges, (slope, low, high, gain, False))
        here, worth = high, begins + gain
    if not held:
        steps = [Step(edge[0], -2, index, *edge[1:]) for edge in edges]
    else:
        steps = [
            Step(slope, _nearer(low, high, held), index, low, high, gain, is_bridge)
            for slope, low, high, gain, is_bridge in edges
        ]
    return Hull(first.low, first.worth, steps)


def _lay(edges: list[_Edge], edge: _Edge) -> None:
    """One edge more; what then lies in a hollow is bridged over."""
    while edges and edges[-1][0] < edge[0]:
        _, low, _, before, _ = edges.pop()
        _, _, high, after, _ = edge
        gain = before + after
        edge = (BOUND.divide(gain, high - low), low, high, gain, True)
    edges.append(edge)


def _nearer(low: Decimal, high: Decimal, held: Decimal) -> Decimal | int:
    if low >= held:
        return -1 if held else -2
    if high <= held:
        return 1
    return BOUND.divide(held - low - (high - held), high - low)


def in_order(steps: list[Step]) -> list[Step]:
    """The order of pouring; within equals that of the items, and of each one's own steps."""
    steps.sort(key=itemgetter(1), reverse=True)
    steps.sort(key=itemgetter(0), reverse=True)
    return steps
