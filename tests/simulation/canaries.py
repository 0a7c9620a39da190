"""Bugs that the simulation must find: each is a part of earnd replaced by one with a mistake.

They are the mistakes that clients of exchanges do make. Nothing in earnd knows of them: a wrong
writer, reader or ledger stands in for the right one at its port, or a pure function of the core is
exchanged for the time of a run. `caught_after` runs seeds until one of them reports a violation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import earnd.acting
import earnd.cycle
import earnd.domain.limits
import earnd.domain.settling
import earnd.ledger.engine
import earnd.resending
import earnd.sending
import earnd.settle
from earnd.domain.action import State
from earnd.domain.answer import Answer, Outcome, verdict
from earnd.domain.decide import decide
from earnd.domain.money import floor_to
from earnd.domain.plan import Plan as Decided
from earnd.domain.request import MoneyRequest
from earnd.domain.resend import MOST_ATTEMPTS
from earnd.domain.situation import Situation
from earnd.exchange.bitmart import wire
from earnd.exchange.bitmart.asking import ask
from earnd.exchange.bitmart.client import RECORDS
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.reader import _understood as understood
from earnd.parts import Parts
from earnd.settle import look_for
from earnd.wiring import wired
from tests.simulation import lives
from tests.simulation.seed import Plan, Report, run_seed
from tests.simulation.worlds import MINUTE, Strategy, World

Swap = tuple[Any, str, Any]
"""A module, a name in it, and what stands there instead."""

WHY = "what a mistake makes of it"


@dataclass(frozen=True)
class Canary:
    """A mistake, how to make it, and the worlds in which it shows soonest."""

    name: str
    mistake: str
    change: Callable[[Parts], Parts] = lambda parts: parts
    swaps: Sequence[Swap] = ()
    bias: Callable[[World], World] = lambda world: world


@dataclass
class Inner:
    """All that the inner part does, but for what a canary does otherwise."""

    inner: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


# Writers.


class NewNumberOnRetry(Inner):
    """Without a clear answer it asks again, as a new request."""

    def send(self, request: MoneyRequest) -> Answer:
        answer: Answer = self.inner.send(request)
        if answer.outcome is Outcome.UNCLEAR:
            body = json.loads(request.body)
            body["requestNo"] = str(int(body["requestNo"]) + 5 * 10**18)[-20:]
            again = json.dumps(body, separators=(",", ":")).encode()
            answer = self.inner.send(MoneyRequest(request.path, again))
        return answer


class ServerErrorIsFailure(Inner):
    """Time-outs, 5xx and 80016 are taken for "it did not happen"."""

    def send(self, request: MoneyRequest) -> Answer:
        answer: Answer = self.inner.send(request)
        is_error = answer.http_status is None or answer.http_status >= 500 or answer.code == 80016
        if answer.outcome is Outcome.UNCLEAR and is_error:
            return replace(answer, outcome=Outcome.REFUSED)
        return answer


class DuplicateIsSuccess(Inner):
    """80013 is taken for a yes."""

    def send(self, request: MoneyRequest) -> Answer:
        answer: Answer = self.inner.send(request)
        return replace(answer, outcome=Outcome.YES) if answer.code == 80013 else answer


class DataIsIgnored(Inner):
    """Code 1000 is taken for a yes, whatever `data` says."""

    def send(self, request: MoneyRequest) -> Answer:
        answer: Answer = self.inner.send(request)
        return replace(answer, outcome=Outcome.YES) if answer.code == 1000 else answer


class FloatAmounts(Inner):
    """Amounts go through binary fractions on their way to the wire."""

    def subscribe_request(self, product_id: Any, amount: Decimal, number: Any) -> MoneyRequest:
        again = Decimal(repr(float(amount) + 100.1 - 100.1))
        made: MoneyRequest = self.inner.subscribe_request(product_id, again, number)
        return made


class OtherBytesOnRetry(Inner):
    """A request that is sent again is made anew, with what is idle by then."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.sent: set[bytes] = set()

    def send(self, request: MoneyRequest) -> Answer:
        again = request
        if request.body in self.sent:
            body = json.loads(request.body)
            body["amount"] = format(floor_to(Decimal(body["amount"]) * 99 / 100, 2), "f")
            again = MoneyRequest(request.path, json.dumps(body, separators=(",", ":")).encode())
        self.sent.add(request.body)
        answer: Answer = self.inner.send(again)
        return answer


# Ledgers.


class NoMarker(Inner):
    """What is about to be sent is written down once the answer is there."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.due: tuple[Any, ...] = ()

    def begin_attempt(self, action_id: Any, at: datetime, request: str) -> int:
        self.due = (action_id, at, request)
        made = self.inner.store.raw.execute(
            "SELECT count(*) FROM attempt WHERE action_id = ?", (action_id,)
        ).fetchone()
        return int(made[0]) + 1

    def end_attempt(self, action_id: Any, attempt: int, answer: Answer, to: State) -> None:
        self.inner.begin_attempt(*self.due)
        self.inner.end_attempt(action_id, attempt, answer, to)


class NoBaseline(Inner):
    """Which records were there before is not noted."""

    def plan_action(self, cycle_id: Any, at: Any, move: Any, baseline: Any) -> Any:
        return self.inner.plan_action(cycle_id, at, move, replace(baseline, known_upto=0))


class NoLock:
    """A lock that anybody gets."""

    def __init__(self, ledger: Path) -> None:
        self.path = ledger.with_name(f"{ledger.name}.lock")

    def is_held(self) -> bool:
        return True

    def release(self) -> None:
        """There is nothing to let go of."""


# Readers.


class NewestFirst(BitmartReader):
    """Takes a history to be sorted from the newest, and stops at the first row it knows."""

    known: set[str]

    def _listing(self, *args: Any, **more: Any) -> Any:
        rows = super()._listing(*args, **more)
        path, identify = args[0], args[3]
        if path != RECORDS:
            return rows
        new = []
        for row in rows:
            if identify(row) in self.known:
                break
            new.append(row)
        self.known |= {identify(row) for row in new}
        return new


class FirstPageOnly(BitmartReader):
    """Takes the first page for all there is, and does not count its rows."""

    def _pages(self, *args: Any, **_: Any) -> Any:
        path, query, read, identify = args[:4]
        asked = {**query, "currentPage": "1", "sizePage": "100"}
        data = ask(self._client, path, asked)
        rows = understood(path, lambda: wire.page(data)).rows
        return list(
            {
                identify(item): item
                for item in understood(path, lambda: [read(row) for row in rows])
            }.values()
        )


# What replaces pure functions.


def verdict_of_any(outcome: Outcome, *, clean: bool) -> State:
    """A refusal is final, whichever sending it answers."""
    return verdict(outcome, clean=clean or outcome in {Outcome.REFUSED, Outcome.NOT_EXECUTED})


def verdict_of_unsent(outcome: Outcome, *, clean: bool) -> State:
    """What did not leave the second time never left."""
    return verdict(outcome, clean=clean or outcome is Outcome.NOT_SENT)


def untagged(amount: Decimal, *, precision: int, **_: Any) -> Decimal:
    """No mark."""
    return floor_to(amount, precision)


def wired_with_one_prefix(*args: Any, **more: Any) -> Any:
    """The prefix of the request numbers is a setting, and not drawn when a process is born."""
    return wired(*args, **{**more, "prefix": "10000000"})


def decide_without_doubt(situation: Situation) -> Decided:
    """What is under way is not thought of."""
    return decide(replace(situation, busy={}))


def look_if_open(parts: Parts, cycle_id: Any, action_id: Any) -> State:
    """What is over is not looked for."""
    is_open = any(action.action_id == action_id for action in parts.ledger.open_actions())
    return look_for(parts, cycle_id, action_id) if is_open else State.REJECTED


def any_age(action: Any, **_: Any) -> str:
    """Neither how old it is nor how long records take is asked."""
    tried = action.attempts >= MOST_ATTEMPTS or action.state is not State.UNKNOWN
    return "enough" if tried or action.last_outcome in {"seen", "yes"} else ""


def without(rule: str) -> tuple[Any, ...]:
    """The limits but for one."""
    rules = earnd.domain.limits._RULES
    left = tuple(each for each in rules if each.__name__ != rule)
    if len(left) != len(rules) - 1:
        raise ValueError(f"there is no rule {rule}")
    return left


def hasty(parts: Parts) -> Parts:
    """Patience of a few seconds."""
    return replace(parts, rules=replace(parts.rules, patience=timedelta(seconds=30)))


# Worlds.


def lossy(world: World) -> World:
    """Half of the requests are lost, or their replies are; everything else is as drawn."""
    rates = {**world.write_faults, "drop_after": 0.25, "drop_before": 0.15, "stall_after": 0.1}
    return replace(world, write_faults=rates, deposit=max(world.deposit, "1000"))


def sure(world: World) -> World:
    """The exchange remembers numbers, so that lost requests are sent again."""
    settings = replace(world.settings, remember_for=timedelta(hours=24), record_lag=timedelta(0))
    return replace(lossy(world), settings=settings, replay_window="10m")


def hard_of_hearing(world: World) -> World:
    """Refusals and unclear answers on top of lost ones."""
    lost = sure(world)
    rates = {**lost.write_faults, "refusal": 0.3, "code": 0.25, "data_value": 0.2}
    return replace(lost, write_faults=rates)


def slow(world: World) -> World:
    """Records come late, some of them later than others."""
    settings = replace(world.settings, record_lag=20 * MINUTE)
    return replace(lossy(world), settings=settings, crowded=0.8, uneven_lag=True)


def in_small_steps(world: World) -> World:
    """A strategy that moves a hundred at a time, in and out, of a large sum."""
    strategy = Strategy(
        text="{min_apy: 2%, redeem_below_apy: 1%, refill_below: 50, refill_to: 300, "
        "max_per_action: 100}",
        reserve=Decimal(0),
        per_action=Decimal(100),
        per_day=None,
        knows_interest=False,
    )
    return replace(world, strategy=strategy, changing=0.0, deposit="12345.6789", crowded=0.8)


def with_twins(world: World) -> World:
    """A person makes earnd's moves, and records carry no numbers."""
    settings = replace(world.settings, records_with_request_no=False)
    return replace(lossy(in_small_steps(world)), settings=settings, twins=True, per_day=4)


def dying(world: World) -> World:
    """The process is killed again and again, and comes back hours later."""
    return replace(lossy(world), crashing=0.4, per_day=3)


def crowded(world: World) -> World:
    """Somebody is always there."""
    return replace(world, crowded=0.9)


def restoring(world: World) -> World:
    """Older copies take the ledger's place."""
    return replace(world, restoring=0.15)


def with_another(world: World) -> World:
    """Somebody starts earnd a second time."""
    return replace(world, second_process=True, per_day=4)


def oldest_first(world: World) -> World:
    """The history begins with the oldest row."""
    return replace(world, settings=replace(world.settings, records_newest_first=False))


def hourly(world: World) -> World:
    """Interest by the hour in several products: more rows than a page holds."""
    settings = replace(world.settings, interest_every="hour")
    products = tuple(replace(each, minimum=Decimal("0.1")) for each in world.products)
    return replace(world, settings=settings, products=products, deposit="12345.6789")


def _reader(kind: type[BitmartReader], **more: Any) -> Callable[[Parts], Parts]:
    def change(parts: Parts) -> Parts:
        reader = cast(BitmartReader, parts.reader)
        made = kind(reader._client, wallet=reader._wallet, ask_totals=reader._ask_totals)
        for name, value in more.items():
            setattr(made, name, value())
        return replace(parts, reader=made)

    return change


def _writer(kind: type[Inner]) -> Callable[[Parts], Parts]:
    return lambda parts: replace(parts, writer=cast(Any, kind(parts.writer)))


def _ledger(kind: type[Inner]) -> Callable[[Parts], Parts]:
    return lambda parts: replace(parts, ledger=cast(Any, kind(parts.ledger)))


_AT_ONCE: tuple[Swap, ...] = (
    (earnd.domain.settling, "LOOKS_APART", timedelta(0)),
    (earnd.settle, "LOOKS_APART", timedelta(0)),
)

CANARIES: tuple[Canary, ...] = (
    Canary(
        "new number on retry",
        "an unclear request is repeated under another number",
        change=_writer(NewNumberOnRetry),
        bias=lossy,
    ),
    Canary(
        "no marker",
        "what is about to be sent is not durable before it leaves",
        change=_ledger(NoMarker),
    ),
    Canary(
        "server error is failure",
        "time-outs, 5xx and 80016 prove that nothing happened",
        change=_writer(ServerErrorIsFailure),
        bias=lossy,
    ),
    Canary(
        "refusal on a re-send is final",
        "a refusal proves that the first sending did not happen either",
        swaps=[
            (earnd.sending, "verdict", verdict_of_any),
            (earnd.resending, "look_for", look_if_open),
        ],
        bias=hard_of_hearing,
    ),
    Canary(
        "unsent re-send means never sent",
        "what could not leave the second time never left",
        swaps=[
            (earnd.sending, "verdict", verdict_of_unsent),
            (earnd.resending, "look_for", look_if_open),
        ],
        bias=lambda world: replace(sure(world), unreachable=0.3),
    ),
    Canary(
        "80013 is success",
        "a known number was carried out",
        change=_writer(DuplicateIsSuccess),
        bias=hard_of_hearing,
    ),
    Canary(
        "data ignored",
        "code 1000 is a yes",
        change=_writer(DataIsIgnored),
        bias=hard_of_hearing,
    ),
    Canary(
        "no baseline",
        "an equal record from before the action may prove it",
        change=_ledger(NoBaseline),
        bias=with_twins,
    ),
    Canary(
        "no tag",
        "amounts of subscribes bear no mark",
        swaps=[(earnd.acting, "tagged", untagged)],
        bias=with_twins,
    ),
    Canary(
        "one absent look",
        "an action is written off after half a minute and one look",
        change=hasty,
        swaps=_AT_ONCE,
        bias=slow,
    ),
    Canary(
        "looks not apart",
        "two looks of one moment count as two",
        swaps=_AT_ONCE,
        bias=dying,
    ),
    Canary(
        "no lock",
        "two processes may write into one ledger",
        swaps=[(earnd.ledger.engine, "WriterLock", NoLock)],
        bias=with_another,
    ),
    Canary(
        "float amounts",
        "amounts are computed with binary fractions",
        change=_writer(FloatAmounts),
    ),
    Canary(
        "wrong sort",
        "the history is read from its newest row to the first known one, whatever its order",
        change=_reader(NewestFirst, known=set),
        bias=oldest_first,
    ),
    Canary(
        "partial page",
        "the first page is all there is",
        change=_reader(FirstPageOnly),
        bias=hourly,
    ),
    Canary(
        "reserve not limited",
        "the last word on the reserve is spoken before the wallet is read again",
        swaps=[(earnd.domain.limits, "_RULES", without("_breaks_reserve"))],
        bias=crowded,
    ),
    Canary(
        "busy coin not limited",
        "a second action may begin while one is in doubt",
        swaps=[
            (earnd.domain.limits, "_RULES", without("_coin_is_busy")),
            (earnd.cycle, "decide", decide_without_doubt),
        ],
        bias=lossy,
    ),
    Canary(
        "number is not new after a restore",
        "request numbers are counted, and nothing of them is drawn",
        swaps=[(lives, "wired", wired_with_one_prefix)],
        bias=restoring,
    ),
    Canary(
        "other bytes on a re-send",
        "the body is made anew for every attempt",
        change=_writer(OtherBytesOnRetry),
        bias=sure,
    ),
    Canary(
        "re-send of any age",
        "a lost request is sent again however long ago it was sent first",
        swaps=[(earnd.resending, "forbids_resend", any_age)],
        bias=slow,
    ),
)


@dataclass
class Caught:
    """What running seeds with a canary led to."""

    seeds: int = 0
    report: Report | None = None
    clean: list[Report] = field(default_factory=list)
    """The same seeds, run without it."""


@contextmanager
def swapped(swaps: Sequence[Swap]) -> Iterator[None]:
    """The names stand for something else while the block runs."""
    before: Mapping[int, Any] = {n: getattr(swap[0], swap[1]) for n, swap in enumerate(swaps)}
    try:
        for module, name, instead in swaps:
            setattr(module, name, instead)
        yield
    finally:
        for number, (module, name, _) in enumerate(swaps):
            setattr(module, name, before[number])


def caught_after(canary: Canary, most: int, *, first: int = 0, days: int = 10) -> Caught:
    """Runs seeds until one is caught, and then the same seeds without the mistake."""
    caught = Caught()
    for seed in range(first, first + most):
        caught.seeds += 1
        plan = Plan(days=days, bias=canary.bias, change=canary.change)
        with swapped(canary.swaps):
            report = run_seed(seed, plan)
        if report.violations:
            caught.report = report
            break
    honest = Plan(days=days, bias=canary.bias)
    seeds = range(first, first + caught.seeds)
    caught.clean = [run_seed(seed, honest) for seed in seeds]
    return caught
