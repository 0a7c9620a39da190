"""How a cycle went: what is counted on the way, and its end in the ledger and in the log."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from earnd.acting import Tally
from earnd.domain.action import State, Verb
from earnd.domain.history import CycleEnd, CycleOutcome
from earnd.domain.holdings import Holdings
from earnd.domain.ids import Coin, CycleId
from earnd.domain.money import ZERO, minus, plain, total
from earnd.domain.plan import Hold, Move
from earnd.errors import ExchangeRefusedUs, ExchangeUnavailable, SurprisingReply
from earnd.looking import Sight
from earnd.parts import Parts


@dataclass(slots=True)
class CycleReport:
    """How a cycle went: what `earnd once` prints and what the canonical log line says.

    `idle` and `placed` are amounts per coin after it. `auto_subscribe` are the coins in which the
    exchange's own auto-subscribe is on: it draws on the same idle money as earnd.
    """

    cycle_id: CycleId
    outcome: CycleOutcome = CycleOutcome.DONE
    moves: list[Move] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    settled: int = 0
    idle: dict[Coin, Decimal] = field(default_factory=dict)
    placed: dict[Coin, Decimal] = field(default_factory=dict)
    auto_subscribe: list[Coin] = field(default_factory=list)
    error: ExchangeUnavailable | SurprisingReply | ExchangeRefusedUs | None = None


def take_stock(report: CycleReport, sight: Sight, holdings: Holdings) -> None:
    """What is idle and what is placed, by the latest look."""
    report.idle = {
        coin: balance.available
        for coin, balance in sorted(sight.snapshot.balances.items())
        if balance.available > 0
    }
    coins = sorted({row.coin for row in holdings.rows if row.amount > 0})
    report.placed = {coin: total(row.amount for row in holdings.of(coin)) for coin in coins}
    report.auto_subscribe = sorted(
        {position.coin for position in sight.snapshot.positions if position.auto_subscribe}
    )


def count_in_what_moved(report: CycleReport) -> None:
    """The stock was taken before the subscribes; what settled of them is placed now."""
    for done in report.tally.done:
        coin, amount = done.action.coin, done.action.amount
        if done.action.verb is Verb.SUBSCRIBE and done.state is State.SETTLED:
            report.idle[coin] = minus(report.idle.get(coin, ZERO), amount)
            report.placed[coin] = total((report.placed.get(coin, ZERO), amount))


def close(
    parts: Parts, report: CycleReport, outcome: CycleOutcome, failure: str | None, began: float
) -> None:
    """The end of the cycle in the ledger, and its one canonical line in the log."""
    holds = len(report.holds) + report.tally.held
    parts.ledger.end_cycle(
        report.cycle_id,
        CycleEnd(parts.clock.now(), outcome, report.tally.sent, holds, failure),
    )
    trouble = parts.ledger.anchor_trouble()
    if trouble is not None:
        parts.log.warning(
            "anchor.not_kept", why=trouble, todo="a restored copy would go unnoticed meanwhile"
        )
    waiting = parts.ledger.open_actions()
    tell = parts.log.info if outcome is CycleOutcome.DONE else parts.log.warning
    tell(
        "cycle.finished",
        cycle=report.cycle_id,
        mode=parts.mode,
        outcome=outcome.value,
        duration_s=round(parts.clock.monotonic() - began, 3),
        subscribes=sum(move.verb is Verb.SUBSCRIBE for move in report.moves),
        redeems=sum(move.verb is Verb.REDEEM for move in report.moves),
        sent=report.tally.sent,
        holds=holds,
        settled=report.settled + sum(done.state is State.SETTLED for done in report.tally.done),
        open=len(waiting),
        needs_operator=sum(action.state is State.NEEDS_OPERATOR for action in waiting),
        idle={coin: plain(amount) for coin, amount in report.idle.items()},
        placed={coin: plain(amount) for coin, amount in report.placed.items()},
        auto_subscribe=report.auto_subscribe,
        failure=failure,
        anchor=parts.ledger.anchor(),
    )
