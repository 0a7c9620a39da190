"""The file for rotki, read as rotki's guide describes it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given

from earnd.domain.movement import Direction, Movement
from earnd.exporting.rotki import as_rotki
from tests.exporting.made import lives, movement, summed

TYPES = {"Deposit": 1, "Withdrawal": -1, "Income": 1, "Loss": -1, "Spend": -1, "Staking": 1}
"""Those of the guide, and what each does to what one has."""


@dataclass(frozen=True)
class Event:
    """One row as the guide reads it."""

    sign: int
    type: str
    currency: str
    amount: Decimal
    at: datetime
    description: str


def imported(text: str) -> list[Event]:
    """The rows by the guide's words; anything that it does not describe is an error."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert ",".join(next(rows)) == (
        "Type,Location,Currency,Amount,Fee,Fee Currency,Description,Timestamp"
    )
    events = []
    for kind, location, currency, amount, fee, fee_currency, description, stamp in rows:
        assert location == "external"
        assert (fee, fee_currency) == ("", "")
        assert stamp.isdigit()
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(stamp))
        events.append(Event(TYPES[kind], kind, currency, Decimal(amount), at, description))
    return events


@given(lives())
def test_the_file_adds_up_to_what_the_account_gained_and_lost(made: list[Movement]) -> None:
    made = [each for each in made if each.coin.isalnum()]
    events = imported("".join(as_rotki(made)))

    for coin in {each.coin for each in made}:
        crossing = [
            f"{'' if each.direction is Direction.IN else '-'}{each.amount}"
            for each in made
            if each.coin == coin and each.kind not in {"subscribe", "redeem"}
        ]
        told = [f"{each.sign * each.amount:f}" for each in events if each.currency == coin]
        assert summed(told) == summed(crossing)


def test_interest_is_income_and_the_wallets_flows_are_deposits_and_withdrawals() -> None:
    made = [
        movement(1),
        movement(2, kind="interest", amount="0.00000001"),
        movement(3, kind="deposit"),
        movement(4, kind="withdrawal"),
        movement(5, kind="trade", direction=Direction.OUT, coin="BTC"),
        movement(6, kind="redeem"),
    ]

    events = imported("".join(as_rotki(made)))

    assert [each.type for each in events] == ["Income", "Deposit", "Withdrawal", "Withdrawal"]
    assert events[0].amount == Decimal("0.00000001")
    assert events[0].at == datetime(2026, 2, 27, 22, 14, tzinfo=UTC)
    assert events[0].description == "interest of product 1001 (interest:2)"
    assert events[3].description == "trade, person (flow:5)"


def test_what_stays_in_the_account_is_left_out_and_nothing_is_a_header() -> None:
    assert imported("".join(as_rotki([movement(1), movement(2, kind="redeem")]))) == []
