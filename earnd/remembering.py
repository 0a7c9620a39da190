"""Remembering: what the ledger knows of the past that a decision rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from earnd.domain.action import Verb
from earnd.domain.ids import Coin, ProductId
from earnd.domain.measured import Stay, measured
from earnd.domain.quarantine import Reading, doubts, shrunken
from earnd.domain.reason import Reason
from earnd.domain.reconcile import moved_by_person
from earnd.domain.situation import Situation
from earnd.domain.strategy import CoinStrategy, Quarantine, Strategy
from earnd.parts import Parts

LEAST_PAST: Final = timedelta(days=14)
"""So far back the readings go however short the horizons: where somebody looks once a day, odd
ones and the one they are held against are days apart."""

MOST_PAST: Final = timedelta(days=60)
"""Older rates prove little about those to come, and a ledger may hold years of them."""


def remembered(parts: Parts, situation: Situation) -> Situation:
    """The situation with what the ledger remembers.

    To be asked after the look that it rests on is recorded and its records are attributed.
    """
    now, ledger, strategy = situation.now, parts.ledger, parts.strategy
    since = now - _reach(strategy)
    readings, looks = ledger.product_readings(since), ledger.looks_since(since)

    def rules_of(coin: Coin) -> Quarantine:
        entry = strategy.for_coin(coin)
        return Quarantine() if entry is None else entry.quarantine

    return replace(
        situation,
        doubts=doubts(readings, looks, rules_of),
        shrunk=shrunken(readings, looks, _strictest(strategy)),
        by_person=moved_by_person(ledger.records()),
        rotated_out=_rotated_out(parts, now),
        past=readings,
        move_cost=_move_cost(parts, situation),
    )


def _entries(strategy: Strategy) -> Iterator[CoinStrategy]:
    yield from strategy.coins.values()
    if strategy.default is not None:
        yield strategy.default


def _reach(strategy: Strategy) -> timedelta:
    """How far back the readings go: as long as any horizon, and well beyond any quarantine."""
    spans = [LEAST_PAST]
    for entry in _entries(strategy):
        spans += [entry.rotation.horizon, 4 * entry.quarantine.span]
    return min(max(spans), MOST_PAST)


def _strictest(strategy: Strategy) -> Quarantine:
    """The list is of all coins, so the most careful of them decides when it is believed."""
    rules = [entry.quarantine for entry in _entries(strategy)] or [Quarantine()]
    return Quarantine(
        looks=max(rule.looks for rule in rules), span=max(rule.span for rule in rules)
    )


def _rotated_out(parts: Parts, now: datetime) -> dict[ProductId, datetime]:
    """When money was last rotated out of each product, as far back as that forbids anything."""
    longest = max((entry.rotation.cool_down for entry in _entries(parts.strategy)), default=None)
    if not longest:
        return {}
    return {
        sent.product_id: sent.at
        for sent in sorted(parts.ledger.sent_since(now - longest), key=lambda sent: sent.at)
        if sent.verb is Verb.REDEEM and sent.reason == Reason.ROTATE
    }


def _move_cost(parts: Parts, situation: Situation) -> Mapping[Coin, timedelta]:
    """What moving took, for the coins whose strategy wants it measured."""

    def strategy_of(coin: Coin) -> CoinStrategy | None:
        entry = parts.strategy.for_coin(coin)
        return entry if entry is not None and entry.rotation.move_cost is None else None

    def readings_of(stay: Stay) -> tuple[Reading, ...]:
        return parts.ledger.readings_between(stay.product_id, stay.began, stay.ended)

    return measured(
        parts.ledger.records(),
        situation.now,
        interest_into=situation.holdings.interest_into,
        strategy_of=strategy_of,
        readings_of=readings_of,
        before=parts.ledger.beyond().before,
    )
