"""The worked examples of a page: a world in YAML, and beside it a table of what is decided in it.

    ```yaml example
    strategy: {reserve: 100}        what would stand under a coin, read by the real reader
    offers: {A: 5%, B: {up to 500: 8%, beyond: 2%, minimum: 10, maximum: 2000, additional: 1%}}
    idle: 1000                      in the wallet
    held: 400 in A, 50 in B
    now: 2026-03-01T12:00Z
    unchanged for: 4d               how long the offers have been as they are
    past: {B: 1% since 13d ago, 4% since 5d ago}
    redeemed today: 500             and `subscribed today`
    moved by hand: 3h ago
    left B: 30m ago                 when money was last rotated out of B
    believed: {A: 5%}               A's reading is odd and not believed yet; before it was this
    ```

Each row of the table right after it changes the world by the columns that are named like that (and
`A pays`), and says what one cycle does then: `earnd` is `puts 900 into A; redeems 5 from B; leaves
9.99`, or `nothing`; `why` names reasons as in the ledger; a column in backticks is a figure of the
decision, rounded to the digits shown.

A, B, C, ... are products with the ids 1, 2, 3, ...
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from earnd.config.model import Config
from earnd.config.needs import read_moment
from earnd.config.tree import read_tree
from earnd.config.values import read_duration
from earnd.domain.action import Verb
from earnd.domain.decide import decide
from earnd.domain.holdings import Holding
from earnd.domain.ids import ProductId
from earnd.domain.money import NO_RATE, plain
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.product import Product
from earnd.domain.quarantine import Doubt, Oddity, Reading
from earnd.domain.situation import Situation
from tests.docs.pages import blocks
from tests.support.world import NOON, USDT, after, dec, holding, product, situation

_TABLE: Final = re.compile(r"\s*((?:^\|.*\|$\n?)+)", re.MULTILINE)
_INPUT: Final = re.compile(
    r"idle|held|now|unchanged for|redeemed today|subscribed today|moved by hand|left [A-Z]"
    r"|[A-Z] pays"
)


@dataclass(frozen=True, slots=True)
class Case:
    """One row: the world, and what the page says of it."""

    name: str
    world: Mapping[str, Any]
    says: Mapping[str, str]


def cases(page: Path) -> Iterator[Case]:
    """Every row of every example of a page; an example without a table is an error."""
    lines = page.read_text(encoding="utf-8").splitlines(keepends=True)
    for block in blocks(page):
        if (block.language, block.trial) != ("yaml", "example"):
            continue
        reading = read_tree(block.text)
        if reading.mistakes or not isinstance(reading.data, dict):
            raise ValueError(f"{block.name}: {reading.mistakes or 'no keys'}")
        end = block.line - 1 + block.text.count("\n") + 1
        table = _TABLE.match("".join(lines[end:]))
        if table is None:
            raise ValueError(f"{block.name}: no table stands after the example")
        header, _, *rows = (_cells(line) for line in table[1].splitlines())
        for number, row in enumerate(rows, 1):
            told = dict(zip(header, row, strict=True))
            changed = {key: cell for key, cell in told.items() if _INPUT.fullmatch(key)}
            says = {key: cell for key, cell in told.items() if key not in changed}
            yield Case(f"{block.name} row {number}", {**reading.data, **changed}, says)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def seen(world: Mapping[str, Any]) -> Situation:
    """The situation that an example describes."""
    config = Config.model_validate({"strategy": {"coins": {"USDT": world["strategy"]}}})
    now = read_moment(world["now"]) if "now" in world else NOON
    pays = {key[0]: what for key, what in world.items() if re.fullmatch("[A-Z] pays", key)}
    offers = {name: _offer(name, what) for name, what in {**world["offers"], **pays}.items()}
    base = situation(
        idle=world.get("idle", "0"),
        offers=[offer for offer in offers.values() if offer is not None],
        held=list(_held(world.get("held", "nothing"))),
        strategy=config.strategy_value(),
        sent_today={
            (USDT, verb): dec(world.get(key, "0"))
            for verb, key in ((Verb.SUBSCRIBE, "subscribed today"), (Verb.REDEEM, "redeemed today"))
        },
    )
    past = {
        _id(name): tuple(_readings(name, world, offer))
        for name, offer in offers.items()
        if offer is not None
    }
    left = {key[-1]: what for key, what in world.items() if key.startswith("left ")}
    by_hand = {USDT: now - _ago(world["moved by hand"])} if "moved by hand" in world else {}
    return replace(
        base,
        now=now,
        snapshot=replace(base.snapshot, seen_at=now),
        past={
            key: tuple(replace(reading, at=reading.at - NOON + now) for reading in readings)
            for key, readings in past.items()
        },
        by_person=by_hand,
        rotated_out={_id(name): now - _ago(what) for name, what in left.items()},
        doubts={
            _id(name): _doubt(product(_id(name), before), offers[name], now)
            for name, before in world.get("believed", {}).items()
        },
    )


def _id(name: str) -> ProductId:
    return ProductId(str(ord(name) - ord("A") + 1))


def _name(product_id: ProductId) -> str:
    return chr(ord("A") + int(product_id) - 1)


def _offer(name: str, what: str | Mapping[str, str]) -> Product | None:
    """An offer as written; `gone` for one that is not there any more."""
    if what == "gone":
        return None
    if isinstance(what, str):
        return product(_id(name), what)
    terms = dict(what)
    minimum, maximum = terms.pop("minimum", "1"), terms.pop("maximum", "1000000")
    additional = terms.pop("additional", "0%")
    rate, tiers, low = terms.pop("rate", "0%"), [], "0"
    for key, paid in terms.items():
        high = maximum if key == "beyond" else key.removeprefix("up to ")
        tiers.append(f"{low}-{high} @ {paid}")
        low = high
    return product(_id(name), rate, minimum, maximum, ", ".join(tiers), additional=additional)


def _held(text: str) -> Iterator[Holding]:
    if text == "nothing":
        return
    for part in text.split(", "):
        amount, name = part.split(" in ")
        yield holding(amount, _id(name))


def _readings(name: str, world: Mapping[str, Any], offer: Product) -> Iterator[Reading]:
    told = world.get("past", {}).get(name)
    if told is not None:
        for part in told.split(", "):
            rate, since = part.split(" since ")
            yield Reading(NOON - _ago(since), product(_id(name), rate))
    elif "unchanged for" in world:
        yield Reading(NOON - read_duration(world["unchanged for"]), offer)


def _doubt(trusted: Product, offer: Product | None, now: datetime) -> Doubt:
    if offer is None:
        oddity = Oddity.VANISHED
    elif offer.rate == NO_RATE:
        oddity = Oddity.ZERO
    else:
        oddity = Oddity.ROSE if offer.rate > trusted.rate else Oddity.FELL
    since = now - timedelta(hours=1)
    return Doubt(oddity, since, 2, 3, since + timedelta(hours=4), trusted)


def _ago(text: str) -> timedelta:
    return read_duration(text.removesuffix(" ago"))


def outcome(world: Situation) -> tuple[list[Move], list[Hold]]:
    """What one cycle does: what comes home, then, after another look, what is put to work."""
    plan = decide(world)
    if not plan.redeems():
        return list(plan.moves), list(plan.holds)
    then = decide(after(world, Plan(plan.redeems(), ())))
    return [*plan.redeems(), *then.subscribes()], [*plan.holds, *then.holds]


def done(move: Move) -> str:
    """A move in the words of the tables."""
    verb, way = ("puts", "into") if move.verb is Verb.SUBSCRIBE else ("redeems", "from")
    return f"{verb} {plain(move.amount)} {way} {_name(move.product_id)}"


def figure(steps: list[Move | Hold], key: str, shown: str) -> str | None:
    """The figure of the first step that has it, with as many digits as the page shows."""
    for step in steps:
        found = step.detail.get(key)
        if found is not None and re.fullmatch(r"-?[0-9.]+", found):
            return str(Decimal(found).quantize(Decimal(shown)))
        if found is not None:
            return found
    return None
