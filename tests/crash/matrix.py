"""Every boundary of the cycle, under every variant of what becomes of its money requests.

A *case* is a variant and the boundaries at which one life after the other is killed; after them
`earnd once` runs unharmed, with time passing between, until all is at rest. Then it is judged.
`lost/17` is killed once, at the 17th boundary, `lost/17+30` once more in the recovery; a boundary
may be given by its name, which means the first of that name. One case alone:

    python -m tests.crash --case lost/17

Nothing is sampled. But where a variant takes the very course of another, a case is not played
twice: see `Extent`.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import Enum
from functools import partial
from pathlib import Path

from earnd.sandbox import Fault
from tests.crash.stage import Life, Stable, Stage, Template, stage, template
from tests.crash.verdict import WRITTEN_NOT_SENT, at_rest, judged

SOON = timedelta(seconds=5)
"""A supervisor's restart: what was sent a moment ago may still be sent again."""
LATE = timedelta(minutes=31)
"""A restart after patience is over."""

PATIENCE = (timedelta(minutes=31), *(timedelta(minutes=11),) * 7)
"""What passes between the runs after the first recovery; more than settling ever needs here."""


class Extent(Enum):
    """Which boundaries of its first life are cases of a variant."""

    LIFE = "all of them, from the request that its faults strike"
    OPEN = "those at which an action is open: a longer pause makes no difference to others"
    OPENING = "those before its first cycle"
    STRUCK = "those at which the struck action is open: afterwards all is as delivered"


@dataclass(frozen=True, slots=True)
class Variant:
    """What becomes of the money requests in the first life, and how long earnd is down after.

    `strikes` is the sending that the first fault strikes; 0 for a variant without faults.
    """

    name: str
    faults: tuple[Fault, ...] = ()
    strikes: int = 0
    pause: timedelta = SOON
    extent: Extent = Extent.LIFE
    newborn: bool = False
    """Whether there is no ledger yet, and nothing that was ever moved."""

    def numbers(self, names: Sequence[str]) -> list[int]:
        """The boundaries, of those of its first life, that are cases of this variant."""
        sent = [at for at, name in enumerate(names, 1) if name == "after writer.send"]
        struck = sent[self.strikes - 1] if self.strikes else 1
        spans = _open_spans(names)
        match self.extent:
            case Extent.LIFE:
                spans = [range(1, len(names) + 1)]
            case Extent.OPENING:
                spans = [range(1, names.index("before ledger.begin_cycle") + 1)]
            case Extent.STRUCK:
                spans = [span for span in spans if struck in span]
            case Extent.OPEN:
                pass
        return [number for span in spans for number in span if number >= struck]


def _open_spans(names: Sequence[str]) -> list[range]:
    """The boundaries at which an action is on record and not over, action by action."""
    planned = [at for at, name in enumerate(names, 1) if name == PLANNED]
    spans = []
    for begin, end in zip(planned, [*planned[1:], len(names) + 1], strict=True):
        over = [at for at in range(begin, end) if names[at - 1] == "after commit in ledger.enter"]
        spans.append(range(begin, over[-1] if over else end))
    return spans


PLANNED = "after commit in ledger.plan_action"

_LOST = (
    Fault("redeem", "drop_after", times=None),
    Fault("subscribe", "drop_after", times=None),
)
# For good: whatever is sent again in the same life is dropped as well.
_NEVER = {
    "no-redeem": (Fault("redeem", "drop_before", times=None), 1),
    "no-first": (Fault("subscribe", "drop_before", times=None), 2),
    "no-second": (Fault("subscribe", "drop_before", nth=2, times=None), 3),
}
# Once: the same number, sent again, arrives.
_ONCE = {
    "once-redeem": (Fault("redeem", "drop_before"), 1),
    "once-first": (Fault("subscribe", "drop_before"), 2),
    "once-second": (Fault("subscribe", "drop_before", nth=2), 3),
}
_SOON = (
    Variant("delivered"),
    Variant("lost", _LOST, 1),
    *(Variant(name, (fault,), strikes) for name, (fault, strikes) in _NEVER.items()),
)
VARIANTS = {
    variant.name: variant
    for variant in (
        *_SOON,
        Variant("newborn", newborn=True, extent=Extent.OPENING),
        *(
            Variant(name, (fault,), strikes, extent=Extent.STRUCK)
            for name, (fault, strikes) in _ONCE.items()
        ),
        *(
            replace(soon, name=f"{soon.name}-late", pause=LATE, extent=Extent.OPEN)
            for soon in _SOON
        ),
    )
}

Kill = int | str


@dataclass(frozen=True, slots=True)
class Case:
    """A variant, and where one life after the other is to end."""

    variant: Variant
    kills: tuple[Kill, ...]

    def __str__(self) -> str:
        return f"{self.variant.name}/{'+'.join(str(kill) for kill in self.kills)}"

    @classmethod
    def parse(cls, text: str) -> Case:
        """The case that is written like this."""
        variant, _, kills = text.partition("/")
        parts = kills.split("+") if kills else []
        return cls(
            VARIANTS[variant], tuple(int(part) if part.isdecimal() else part for part in parts)
        )


@dataclass(slots=True)
class Played:
    """What a case did."""

    case: Case
    lives: list[Life] = field(default_factory=list)
    deaths: list[str] = field(default_factory=list)
    """The boundaries at which lives ended by the hand."""
    violations: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)

    @property
    def unsent(self) -> int:
        """How many attempts were written and never sent."""
        return sum(death in WRITTEN_NOT_SENT for death in self.deaths)

    def told(self) -> str:
        """Everything about a case that failed."""
        ends = "; ".join(self.deaths) or "nowhere"
        lines = [f"{self.case} (killed {ends}): {len(self.violations)} violations"]
        lines += [f"  - {violation}" for violation in self.violations]
        lines.append(f"  alone: python -m tests.crash --case '{self.case}'")
        return "\n".join(lines)


class Theatre:
    """Plays cases, each on a stage of its own; made once per test process."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._template: Template = template(directory / "template")
        self.stable = Stable()
        self._boundaries: dict[str, tuple[str, ...]] = {}
        self._recoveries: dict[tuple[str, int], tuple[str, ...]] = {}
        self._played = 0

    def close(self) -> None:
        self.stable.close()

    def boundaries(self, variant: Variant) -> tuple[str, ...]:
        """The names of all boundaries of an unharmed first life under this variant, in order."""
        if variant.name not in self._boundaries:
            played = self.play(Case(variant, ()))
            assert not played.violations, played.told()
            self._boundaries[variant.name] = played.lives[0].trace
        return self._boundaries[variant.name]

    def cases(self, variant: Variant) -> list[Case]:
        """Every case in which the first life of this variant is killed."""
        return [Case(variant, (number,)) for number in variant.numbers(self.boundaries(variant))]

    def nth(self, variant: Variant, name: str, action: str) -> int:
        """The number of the boundary of this name that belongs to one of the three actions."""
        numbers = [at for at, it in enumerate(self.boundaries(variant), 1) if it == name]
        return numbers[ACTIONS.index(action)]

    def recoveries(self, state: str, action: str) -> list[Case]:
        """An action is left in a state by a death, and the life after it dies at every boundary."""
        variant, first, names = self._recovery(state, action)
        return [Case(variant, (first, second)) for second in range(1, len(names) + 1)]

    def thrice(self, state: str, action: str) -> list[Case]:
        """Likewise, and the second and third life die where something durable is about to change.

        Only a commit or a sending makes a difference to what the next life finds.
        """
        variant, first, names = self._recovery(state, action)
        return [
            Case(variant, (first, name, name))
            for name in dict.fromkeys(names)
            if "commit in" in name or "writer.send" in name
        ]

    def _recovery(self, state: str, action: str) -> tuple[Variant, int, tuple[str, ...]]:
        """The variant and the boundary of a first death, and the boundaries of the life after."""
        name, boundary = first_death(state, action)
        variant = VARIANTS[name]
        first = self.nth(variant, boundary, action)
        if (variant.name, first) not in self._recoveries:
            played = self.play(Case(variant, (first,)))
            assert not played.violations, played.told()
            self._recoveries[variant.name, first] = played.lives[1].trace
        return variant, first, self._recoveries[variant.name, first]

    def play(self, case: Case) -> Played:
        """One case from birth to rest."""
        played = Played(case)
        with self.stage(newborn=case.variant.newborn) as account:
            self._lives(account, played)
            played.violations += judged(account, [played.unsent])
            played.states = account.states()
        played.violations += self._other_death(played)
        return played

    def _other_death(self, played: Played) -> list[str]:
        """What is wrong if the first death came at another boundary than the number says."""
        first = played.case.kills[0] if played.case.kills else ""
        if isinstance(first, str):
            return []
        expected = self.boundaries(played.case.variant)[first - 1]
        if played.deaths[:1] == [expected]:
            return []
        return [f"boundary {first} is {expected!r}, and it died at {played.deaths[:1]}"]

    @contextmanager
    def stage(self, *, newborn: bool = False) -> Iterator[Stage]:
        """A new account, whose cycle is still to come; its files are gone afterwards."""
        self._played += 1
        directory = self._directory / f"case-{self._played}"
        try:
            with stage(directory, None if newborn else self._template) as account:
                yield account
        finally:
            shutil.rmtree(directory)

    def _lives(self, account: Stage, played: Played) -> None:
        case = played.case
        account.server.faults.add(*case.variant.faults)
        for kill in case.kills or (None,):
            life = self.stable.live(account, kill)
            played.lives.append(life)
            account.server.faults.clear()
            self._check_end(played, life, kill)
            account.clock.advance(case.variant.pause)
        if case.kills or not at_rest(account):
            self.to_rest(account, played)

    def to_rest(self, account: Stage, played: Played) -> None:
        """Unharmed lives, with time between them, until all is at rest or patience is over."""
        for pause in PATIENCE:
            life = self.stable.live(account)
            played.lives.append(life)
            self._check_end(played, life, None)
            if at_rest(account) or played.violations:
                return
            account.clock.advance(pause)

    @staticmethod
    def _check_end(played: Played, life: Life, kill: Kill | None) -> None:
        """It died where it was told to, or ended well; a named boundary may not be reached."""
        last = life.trace[-1] if life.trace else "before anything"
        if life.signal == signal.SIGKILL and kill in (len(life.trace), last):
            played.deaths.append(last)
        elif life.signal or life.code or isinstance(kill, int):
            ending = f"signal {life.signal}" if life.signal else f"code {life.code}"
            played.violations.append(
                f"life {len(played.lives)} ended with {ending} at boundary {len(life.trace)},"
                f" {last!r}, where {kill} was asked:\n{life.output}"
            )


FIRST_DEATHS = {
    # Who dies there leaves an action, by the boundary, in this state.
    "planned": ("delivered", PLANNED),
    "sending, not sent": ("delivered", "before writer.send"),
    "sending, carried out": ("delivered", "after writer.send"),
    "sending, lost on the way": ("no-{}", "after writer.send"),
    "unknown, carried out": ("lost", "after commit in ledger.end_attempt"),
    "unknown, lost on the way": ("no-{}", "after commit in ledger.end_attempt"),
    "accepted": ("delivered", "after commit in ledger.end_attempt"),
}
ACTIONS = ("redeem", "first", "second")
"""The three actions of the cycle, as the names of variants call them."""


def first_death(state: str, action: str) -> tuple[str, str]:
    """The variant, and the boundary by name, of a death that leaves `action` in `state`."""
    variant, name = FIRST_DEATHS[state]
    return variant.format(action), name


Find = Callable[[Theatre], list[Case]]


def _groups() -> Iterator[tuple[str, Find]]:
    for variant in VARIANTS.values():
        yield variant.name, partial(Theatre.cases, variant=variant)
    for state in FIRST_DEATHS:
        for action in ACTIONS:
            yield (
                f"recovery: {action} {state}",
                partial(Theatre.recoveries, state=state, action=action),
            )
            yield f"thrice: {action} {state}", partial(Theatre.thrice, state=state, action=action)


GROUPS: dict[str, Find] = dict(_groups())
"""Everything there is to play, and how to find the cases of each."""

GATE = (
    "delivered",
    "lost",
    "newborn",
    "once-redeem",
    "once-first",
    "once-second",
    "recovery: second planned",
    "recovery: second sending, carried out",
    "recovery: second unknown, carried out",
    "recovery: second accepted",
    "thrice: redeem sending, carried out",
    "thrice: first sending, not sent",
)
"""What the slow suite plays: the cycle whole, and a recovery of each kind. All there is takes six
times as long, and `python -m tests.crash --deep` plays it."""


@contextmanager
def theatre() -> Iterator[Theatre]:
    """A theatre in a temporary directory.

    In memory where there is some: a killed process loses nothing that the kernel has, so a disk
    would only make it slow. What a power cut may take is for the ledger's own tests.
    """
    memory = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it
    where = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="earnd-crash-", dir=where) as directory:
        made = Theatre(Path(directory))
        try:
            yield made
        finally:
            made.close()
