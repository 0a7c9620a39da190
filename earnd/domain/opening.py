"""Whether a person's word of what was held before the first record can be taken.

It is written down once and cannot be taken back, so it is held against everything that is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from earnd.domain.attribution import SeenRecord
from earnd.domain.holdings import Holding, Holdings, establish
from earnd.domain.ids import Coin
from earnd.domain.money import plain, total
from earnd.domain.snapshot import Position
from earnd.domain.strategy import InterestPaid
from earnd.domain.sums import Beyond, Opening


@dataclass(frozen=True, slots=True)
class Grounds:
    """What holdings rest on, as `holdings.establish` takes it; `totals` as the last look had it."""

    records: Sequence[SeenRecord]
    positions: Sequence[Position]
    totals: Mapping[Coin, Decimal] | None
    beyond: Beyond


def objection(
    word: Opening, grounds: Grounds, interest_paid: Callable[[Coin], InterestPaid]
) -> str:
    """What speaks against a word, or nothing.

    A product whose records are complete needs none. With it the product must add up, and so must
    its coin where the exchange says how much that is; short of that only where another product of
    the coin waits for a word of its own.
    """
    records, positions, beyond = grounds.records, grounds.positions, grounds.beyond
    for said in beyond.openings:
        if said.product_id == word.product_id:
            return f"{said.who} said already that it began with {plain(said.amount)} {said.coin}"
    now = _row(establish(records, positions, grounds.totals, interest_paid, beyond), word)
    if now is None:
        return "nothing is known to be held in it"
    if now.verified:
        return f"its records are complete: {plain(now.amount)} {now.coin} are held"
    with_it = replace(beyond, openings=(*beyond.openings, word))
    then = establish(records, positions, grounds.totals, interest_paid, with_it)
    if word.coin not in then.drift:
        return ""
    # By its own records and position alone: what other products lack is not its fault.
    bare = [replace(position, amount=None) for position in positions]
    alone = establish(records, bare, None, interest_paid, with_it)
    mine = _row(alone, word) or now
    why = mine.why
    if mine.verified and _waits_for_others(word, alone, grounds):
        why = _own_amount(mine, positions)
    elif mine.verified:
        why = then.drift[word.coin]
    return (
        why and f"with {plain(word.amount)} {word.coin} from before it still does not add up: {why}"
    )


def _row(holdings: Holdings, word: Opening) -> Holding | None:
    return next((row for row in holdings.rows if row.product_id == word.product_id), None)


def _said(
    coin: Coin, positions: Sequence[Position], totals: Mapping[Coin, Decimal] | None
) -> Decimal | None:
    if totals is not None:
        return totals.get(coin)
    amounts = [position.amount for position in positions if position.coin == coin]
    known = [amount for amount in amounts if amount is not None]
    return total(known) if known and len(known) == len(amounts) else None


def _waits_for_others(word: Opening, alone: Holdings, grounds: Grounds) -> bool:
    mine = alone.of(word.coin)
    said = _said(word.coin, grounds.positions, grounds.totals)
    is_one_lacking = any(not row.verified for row in mine)
    return is_one_lacking and said is not None and total(row.amount for row in mine) <= said


def _own_amount(mine: Holding, positions: Sequence[Position]) -> str:
    for position in positions:
        shown = position.amount
        if position.product_id == mine.product_id and shown not in (None, mine.amount):
            return f"the position says {shown:f}, the records say {mine.amount:f}"
    return ""
