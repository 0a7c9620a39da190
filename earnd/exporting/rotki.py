"""Movements for rotki's import of generic events.

Source: rotki's usage guide, "rotki Generic Events Import", and its importer
`rotkehlchen/data_import/importers/rotki_events.py`. Its types are Deposit, Withdrawal, Income,
Loss, Spend and Staking; its locations do not have BitMart, for which it asks to write `external`;
its times are milliseconds since 1970 in UTC.

What moves between the wallet and a product stays in the account, and no type of rotki's says that:
it is left out, or rotki would take it for money that came and went.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from earnd.domain.movement import Direction, Movement
from earnd.exporting.rows import csv_lines, harmless

HEADER: Final = (
    "Type",
    "Location",
    "Currency",
    "Amount",
    "Fee",
    "Fee Currency",
    "Description",
    "Timestamp",
)
LOCATION: Final = "external"
_WITHIN: Final = ("subscribe", "redeem")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def as_rotki(movements: Iterable[Movement]) -> Iterator[str]:
    """One line for each movement into or out of the account, and for each payment of interest."""
    return csv_lines(HEADER, (_row(each) for each in movements if crosses(each)))


def crosses(movement: Movement) -> bool:
    """Whether the account as a whole has more or less of the coin afterwards."""
    return movement.kind not in _WITHIN


def _row(each: Movement) -> tuple[str, ...]:
    return (
        _type_of(each),
        LOCATION,
        harmless(each.coin),
        each.amount,
        "",
        "",
        harmless(_description(each)),
        str((datetime.fromisoformat(each.at) - _EPOCH) // timedelta(milliseconds=1)),
    )


def _type_of(each: Movement) -> str:
    if each.kind == "interest":
        return "Income"
    return "Deposit" if each.direction is Direction.IN else "Withdrawal"


def _description(each: Movement) -> str:
    whose = "" if each.attributed_to == each.kind else f", {each.attributed_to}"
    product = "" if each.product_id is None else f" of product {each.product_id}"
    return f"{each.kind}{product}{whose} ({each.id})"
