"""Movements as a beancount journal that is whole in itself: accounts, openings, transactions.

The balance of each account is asserted at the end where what the exchange showed is what the
movements add up to, and left unasserted, in a comment, where it is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from earnd.domain.money import ZERO, minus, total
from earnd.domain.movement import FLOWS, Movement, Place
from earnd.exporting.names import (
    OPENING,
    commodity,
    holding_account,
    income_account,
    outside_account,
)
from earnd.printable import printable

_WIDTH: Final = 44


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What a journal needs beyond the movements.

    `before` is what lay in each place before the first known movement; `at_the_end` is what the
    exchange showed last within the period, and `ends` the first day after it.
    """

    before: Mapping[Place, Decimal]
    at_the_end: Mapping[Place, Decimal]
    ends: date | None


@dataclass(slots=True)
class Sums:
    """What the movements add up to in each place."""

    amounts: defaultdict[Place, Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    accounts: dict[str, str] = field(default_factory=dict)
    first_day: str | None = None

    def add(self, movement: Movement) -> None:
        """Counts one in."""
        self.first_day = self.first_day or movement.at[:10]
        for place, change in movement.effects:
            self.amounts[place] = total((self.amounts[place], change))
            self.accounts[holding_account(place)] = movement.coin
        if movement.kind == "interest":
            self.accounts[income_account(movement.coin)] = movement.coin
        elif movement.kind in FLOWS:
            self.accounts[outside_account(movement.kind, movement.attributed_to)] = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """An account whose balance is not asserted, and the two amounts that differ."""

    account: str
    seen: Decimal
    added_up: Decimal


def differences(sums: Mapping[Place, Decimal], seen: Mapping[Place, Decimal]) -> list[Difference]:
    """Where the exchange showed something else than the movements add up to."""
    return [
        Difference(holding_account(place), seen[place], sums.get(place, ZERO))
        for place in sorted(seen, key=_order)
        if seen[place] != sums.get(place, ZERO)
    ]


def journal(
    earlier: Iterable[Movement],
    within: Callable[[], Iterable[Movement]],
    witnessed: Witnessed,
    begins: date | None,
) -> Iterator[str]:
    """The journal's text; `within` is asked twice and must answer the same.

    `earlier` are the movements before the period, which `begins` on that day (`None`: with the
    first movement). Two journals of the same rows are equal.
    """
    opened = Sums()
    for place, amount in witnessed.before.items():
        opened.amounts[place] = amount
    for movement in earlier:
        opened.add(movement)
    openings = {place: amount for place, amount in opened.amounts.items() if amount}
    closed = Sums()
    closed.amounts.update(openings)
    for movement in within():
        closed.add(movement)
    day = begins.isoformat() if begins is not None else closed.first_day
    yield "; What moved on BitMart, by earnd's ledger. One file is one whole book: do not include\n"
    yield "; two of them in one journal, make one over the longer period.\n"
    yield 'option "title" "BitMart, by earnd"\n'
    if day is None:
        return
    yield from _accounts(day, openings, closed)
    yield from _opening(day, openings)
    for movement in within():
        yield from _transaction(movement)
    yield from _assertions(closed.amounts, witnessed, day)


def _accounts(day: str, openings: Mapping[Place, Decimal], closed: Sums) -> Iterator[str]:
    accounts = {holding_account(place): place.coin for place in openings} | closed.accounts
    if openings:
        accounts[OPENING] = ""
    yield "\n"
    for coin in sorted({coin for coin in accounts.values() if coin}):
        yield f"{day} commodity {commodity(coin)}\n"
        yield _note("coin", coin)
    yield "\n"
    for account, coin in sorted(accounts.items()):
        kept_in = f" {commodity(coin)}" if coin else ""
        yield f"{day} open {account}{kept_in}\n"


def _opening(day: str, openings: Mapping[Place, Decimal]) -> Iterator[str]:
    if not openings:
        return
    yield f'\n{day} * "BitMart" "what lay there before"\n'
    for place in sorted(openings, key=_order):
        amount = openings[place]
        yield _posting(holding_account(place), amount, place.coin)
        yield _posting(OPENING, minus(ZERO, amount), place.coin)


def _transaction(movement: Movement) -> Iterator[str]:
    flag = "!" if movement.attributed_to == "unexplained" else "*"
    yield f'\n{movement.at[:10]} {flag} "BitMart" {_quoted(_narration(movement))}\n'
    yield _note("id", movement.id)
    yield _note("at", movement.at)
    if movement.product_id is not None:
        yield _note("product", movement.product_id)
    if movement.action_id is not None:
        yield _note("action", str(movement.action_id))
    yield _note("attributed_to", movement.attributed_to)
    for place, change in movement.effects:
        yield _posting(holding_account(place), change, movement.coin)
    if movement.kind == "interest":
        source = income_account(movement.coin)
    elif movement.kind in FLOWS:
        source = outside_account(movement.kind, movement.attributed_to)
    else:
        return
    yield _posting(source, minus(ZERO, movement.signed), movement.coin)


def _narration(movement: Movement) -> str:
    words = {"subscribe": " into product ", "redeem": " from product ", "interest": " of product "}
    return f"{movement.kind}{words.get(movement.kind, '')}{movement.product_id or ''}"


def _assertions(sums: Mapping[Place, Decimal], witnessed: Witnessed, begins: str) -> Iterator[str]:
    ends = witnessed.ends
    if ends is None or ends.isoformat() < begins:
        return
    yield f"\n; What the exchange showed last before {ends}.\n"
    for place in sorted(witnessed.at_the_end, key=_order):
        amount = witnessed.at_the_end[place]
        if place in sums and amount == sums[place]:
            account, coin = holding_account(place), commodity(place.coin)
            yield f"{ends} balance {account:{_WIDTH}} {_number(amount)} ~ 0 {coin}\n"
    for each in differences(sums, witnessed.at_the_end):
        yield (
            f"; not asserted: {each.account} showed {_number(each.seen)},"
            f" the movements add up to {_number(each.added_up)}\n"
        )


def _posting(account: str, amount: Decimal, coin: str) -> str:
    return f"  {account:{_WIDTH}} {_number(amount):>24} {commodity(coin)}\n"


def _number(amount: Decimal) -> str:
    """Plain digits, with a sign where it is negative; never an exponent."""
    text = format(amount, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def _note(key: str, value: str) -> str:
    return f"  {key}: {_quoted(value)}\n"


def _quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _order(place: Place) -> tuple[str, str]:
    # The wallet comes before the products of its coin.
    return (place.coin, place.product_id or "")
