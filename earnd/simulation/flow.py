"""The flow of the greatest gain through the hours of a history, in whole numbers.

Nodes are places at the begin of an hour: the wallet, and each product. Arcs are to hold on (one
for each band of a product's rates, as wide as the band), to wait, to put in and to take out. All
the money flows from the wallet of the first hour to the end; successive paths of the greatest gain
each as wide as its narrowest arc make the best flow of each amount, and so of all (Ford and
Fulkerson; the potentials are Edmonds and Karp's).

Of flows of the same gain the one is taken that puts the least in: each part that is put in costs
one, and each part of the gain counts more than all of these together.

With a transit of one hour, a stretch of hours in which nothing changes is three steps: its first
hour, its last, and all between in one, in which nothing is moved. That loses nothing: of all that
is held at any time in the stretch, let what earns most be held from its first hour to its last but
one. No hour of it earns less; and as what a change costs, the rates of what comes in by it, is no
more for the straight way than for a longer one while the rates are the same, the changes at both
ends cost no more than all those that are left out. With a longer transit every hour is a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import accumulate

from earnd.simulation.course import Course, Hour

Move = tuple[int, int, int]
"""An hour, a product by its place in the course, an amount; negative where it is taken out."""


def best_flow(
    course: Course, tell: Callable[[int, int], None] | None = None
) -> tuple[int, list[Move]]:
    """The greatest gain of all the money, and the moves that make it."""
    net = _Network(course)
    net.fill(tell)
    return net.gain, net.moves()


def steps_of(course: Course) -> list[tuple[int, int]]:
    """The hours as steps: where each begins, and how many hours it has."""
    if course.transit > 1:
        return [(hour, 1) for hour in range(course.length)]
    begins = [
        hour
        for hour in range(course.length)
        if hour == 0 or any(series[hour] is not series[hour - 1] for series in course.hours)
    ]
    steps: list[tuple[int, int]] = []
    for place, begin in enumerate(begins):
        end = begins[place + 1] if place + 1 < len(begins) else course.length
        if end - begin <= 3:
            steps += [(hour, 1) for hour in range(begin, end)]
        else:
            steps += [(begin, 1), (begin + 1, end - begin - 2), (end - 1, 1)]
    return steps


class _Network:
    """Arcs in pairs: an even one and, right after it, its reverse."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._width = len(course.product_ids) + 1
        self._steps = steps_of(course)
        self._head: list[int] = []
        self._room: list[int] = []
        self._cost: list[int] = []
        self._out: list[list[int]] = [[] for _ in range((len(self._steps) + 1) * self._width)]
        self._enters: list[tuple[int, int, int]] = []
        self._leaves: list[tuple[int, int, int]] = []
        # All the money, put in once every hour, costs less than this.
        self._worth = course.money * (course.length + 1) + 1
        self._begin = self._width - 1
        self._end = len(self._out) - 1
        self._lay()
        self._potential = self._first_potentials()
        self._spent = 0

    def _lay(self) -> None:
        """All arcs. Ids of nodes grow with time, and within a step from the products on."""
        wallet, money = self._width - 1, self._course.money
        ceilings = [list(accumulate((h.most for h in s), max)) for s in self._course.hours]
        for step, (hour, length) in enumerate(self._steps):
            here, following = step * self._width, (step + 1) * self._width
            for p, series in enumerate(self._course.hours):
                ceiling = ceilings[p][hour - 1] if hour else 0
                if ceiling:
                    self._hold(here + p, following + p, series[hour], ceiling, length)
                    self._leave(step, p)
                if length == 1 and series[hour].is_open and series[hour].most:
                    arc = self._arc(here + wallet, following + p, money, 1)
                    self._enters.append((arc, hour, p))
            self._arc(here + wallet, following + wallet, money, 0)
        for p in range(wallet):
            self._arc(self._end - wallet + p, self._end, money, 0)

    def _hold(self, tail: int, head: int, hour: Hour, ceiling: int, length: int) -> None:
        for size, rate in hour.bands:
            self._arc(tail, head, min(size, ceiling), -rate * length * self._worth)
            ceiling -= min(size, ceiling)
            if not ceiling:
                return
        self._arc(tail, head, ceiling, 0)

    def _leave(self, step: int, p: int) -> None:
        hour, _ = self._steps[step]
        arrives = step + self._course.transit - 1
        if self._course.hours[p][hour].may_leave and arrives < len(self._steps):
            head = arrives * self._width + self._width - 1
            arc = self._arc(step * self._width + p, head, self._course.money, 0)
            self._leaves.append((arc, hour, p))

    def _arc(self, tail: int, head: int, room: int, cost: int) -> int:
        arc = len(self._head)
        self._head += (head, tail)
        self._room += (room, 0)
        self._cost += (cost, -cost)
        self._out[tail].append(arc)
        self._out[head].append(arc + 1)
        return arc

    def _first_potentials(self) -> list[int | None]:
        """The least cost from the begin to each node, while every arc leads to a greater id."""
        least: list[int | None] = [None] * len(self._out)
        least[self._begin] = 0
        for node in range(len(self._out)):
            at = least[node]
            if at is None:
                continue
            for arc in self._out[node]:
                if self._room[arc]:
                    known, found = least[self._head[arc]], at + self._cost[arc]
                    if known is None or found < known:
                        least[self._head[arc]] = found
        return least

    def fill(self, tell: Callable[[int, int], None] | None) -> None:
        """Sends all the money, the best paths first."""
        left = self._course.money
        while left:
            for amount in self._along_best_paths(left):
                left -= amount
                if tell is not None:
                    tell(self._course.money - left, self._course.money)
            if left:
                self._find_shortest()

    @property
    def gain(self) -> int:
        """What the flow so far gains."""
        return -(self._spent // self._worth)

    def _along_best_paths(self, left: int) -> Iterator[int]:
        """Sends what goes along paths without a reduced cost."""
        while left:
            path = self._free_path()
            if path is None:
                return
            amount = min(left, *(self._room[arc] for arc in path))
            for arc in path:
                self._room[arc] -= amount
                self._room[arc ^ 1] += amount
                self._spent += amount * self._cost[arc]
            left -= amount
            yield amount

    def _free_path(self) -> list[int] | None:
        """Arcs of no reduced cost from the begin to the end."""
        potential, room, head, cost = self._potential, self._room, self._head, self._cost
        seen = {self._begin}
        path: list[int] = []
        trail = [(self._begin, iter(self._out[self._begin]))]
        while trail:
            node, arcs = trail[-1]
            base = potential[node] or 0
            for arc in arcs:
                to = head[arc]
                there = potential[to]
                if room[arc] and to not in seen and there is not None and base + cost[arc] == there:
                    path.append(arc)
                    if to == self._end:
                        return path
                    seen.add(to)
                    trail.append((to, iter(self._out[to])))
                    break
            else:
                trail.pop()
                if path:
                    path.pop()
        return None

    def _find_shortest(self) -> None:
        """Potentials under which the next best path has no reduced cost (Dijkstra)."""
        potential, room, head, cost = self._potential, self._room, self._head, self._cost
        reached = {self._begin: 0}
        done: dict[int, int] = {}
        queue = [(0, self._begin)]
        while queue:
            distance, node = heappop(queue)
            if node in done:
                continue
            if node == self._end:
                break
            done[node] = distance
            base = distance + (potential[node] or 0)
            for arc in self._out[node]:
                to = head[arc]
                there = potential[to]
                if not room[arc] or to in done or there is None:
                    continue
                found = base + cost[arc] - there
                if to not in reached or found < reached[to]:
                    reached[to] = found
                    heappush(queue, (found, to))
        for node, at in done.items():
            potential[node] = (potential[node] or 0) + at - distance

    def moves(self) -> list[Move]:
        """What is put in and taken out, by hour; what is taken out comes first."""
        taken = [(hour, p, -self._room[arc ^ 1]) for arc, hour, p in self._leaves]
        put = [(hour, p, self._room[arc ^ 1]) for arc, hour, p in self._enters]
        found = [move for move in (*taken, *put) if move[2]]
        return sorted(found, key=lambda move: (move[0], move[2] > 0, move[1]))
