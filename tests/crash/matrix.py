"""Every boundary of the cycle, under every variant of what becomes of its money requests.

A *case* is a variant and the boundaries at which one life after the other is killed; after them
`earnd once` runs unharmed, with time passing between, until all is at rest. Then it is judged.
`lost/17` is killed once, at the 17th boundary, `lost/17+30` once more in the recovery; a boundary
may be given by its name, which means the first of that name. One case alone:

    python -m tests.crash --case lost/17

Nothing is sampled. Where a variant takes the very course of another up to some boundary, the
cases before it are the other's and are not run twice: a fault makes a difference from the request
that it strikes, and a longer pause while an action is open.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
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


@dataclass(frozen=True, slots=True)
class Variant:
    """What becomes of the money requests in the first life, and how long earnd is down after.

    `strikes` is the sending that the first fault strikes; 0 for a variant without faults.
    """

    name: str
    faults: tuple[Fault, ...] = ()
    strikes: int = 0
    pause: timedelta = SOON

    def numbers(self, names: Sequence[str]) -> list[int]:
        """The boundaries, of those of its first life, that are cases of this variant."""
        struck = 1
        if self.strikes:
            sendings = [at for at, name in enumerate(names, 1) if name == "after writer.send"]
            struck = sendings[self.strikes - 1]
        numbers = range(struck, len(names) + 1)
        if self.pause == SOON:
            return list(numbers)
        return [number for number in numbers if number in _while_open(names)]


def _while_open(names: Sequence[str]) -> set[int]:
    """The boundaries at which an action is on record and not over."""
    planned = [at for at, name in enumerate(names, 1) if name == PLANNED]
    found: set[int] = set()
    for begin, end in zip(planned, [*planned[1:], len(names) + 1], strict=True):
        over = [at for at in range(begin, end) if names[at - 1] == "after commit in ledger.enter"]
        found.update(range(begin, over[-1] if over else end))
    return found


PLANNED = "after commit in ledger.plan_action"

_DROPPED = {
    # For good: whatever is sent again in the same life is dropped as well.
    "no-redeem": (Fault("redeem", "drop_before", times=None), 1),
    "no-first": (Fault("subscribe", "drop_before", times=None), 2),
    "no-second": (Fault("subscribe", "drop_before", nth=2, times=None), 3),
    # Once: the same number, sent again, arrives.
    "once-redeem": (Fault("redeem", "drop_before"), 1),
    "once-first": (Fault("subscribe", "drop_before"), 2),
    "once-second": (Fault("subscribe", "drop_before", nth=2), 3),
}
_LOST = (
    Fault("redeem", "drop_after", times=None),
    Fault("subscribe", "drop_after", times=None),
)
_VARIANTS = (
    Variant("delivered"),
    Variant("lost", _LOST, 1),
    *(Variant(name, (fault,), strikes) for name, (fault, strikes) in _DROPPED.items()),
)
VARIANTS = {
    variant.name: variant
    for soon in _VARIANTS
    for variant in (soon, replace(soon, name=f"{soon.name}-late", pause=LATE))
    # Until it is sent again it is as if it were dropped for good, and from then on delivered.
    if not (variant.name.startswith("once-") and variant.pause == LATE)
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
        with self.stage() as account:
            self._lives(account, played)
            played.violations += judged(account, [played.unsent])
            played.states = account.states()
        return played

    @contextmanager
    def stage(self) -> Iterator[Stage]:
        """A new account, whose cycle is still to come; its files are gone afterwards."""
        self._played += 1
        directory = self._directory / f"case-{self._played}"
        try:
            with stage(directory, self._template) as account:
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
            if at_rest(account):
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
