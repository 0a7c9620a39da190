"""Playing cases in several processes: what each of them runs, where it can be imported from."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.util import Finalize

from tests.crash.matrix import Case, Theatre, theatre

_here: list[Theatre] = []


@dataclass(frozen=True, slots=True)
class Result:
    """What a played case comes down to."""

    group: str
    case: str
    deaths: int
    lives: int
    violations: tuple[str, ...]
    told: str


def open_theatre() -> None:
    """Begins a process that plays."""
    stack = ExitStack()
    # A process of a pool ends without `atexit`.
    Finalize(None, stack.close, exitpriority=1)
    _here.append(stack.enter_context(theatre()))


def play(group_and_case: tuple[str, str]) -> Result:
    """One case of a group."""
    group, case = group_and_case
    played = _here[0].play(Case.parse(case))
    return Result(
        group, case, len(played.deaths), len(played.lives), tuple(played.violations), played.told()
    )
