"""Movements of any kind, made up for the laws about exports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from earnd.domain.money import plain
from earnd.domain.movement import FLOWS, Direction, Movement
from earnd.ledger.columns import moment_text

BEGAN = datetime(2026, 2, 27, 22, 0, tzinfo=UTC)

ODD_COINS = ("USDT", "1INCH", "T", "TRUE", "X.T", "a$", 'Q"\\', "-A", "=1+1", "ÄÖ", "USD-T", "X1")
"""Names that a coin may have, if not at this exchange: each is a trap for one of the formats."""


def movement(number: int = 1, **changes: Any) -> Movement:
    """A subscribe of 100.5 USDT by earnd, or whatever differs from it."""
    kind = changes.get("kind", "subscribe")
    inward = Direction.OUT if kind in {"subscribe", "withdrawal"} else Direction.IN
    is_flow = kind in FLOWS
    fields: dict[str, Any] = {
        "id": f"{'flow' if is_flow else kind}:{number}",
        "at": moment_text(BEGAN + timedelta(minutes=7 * number)),
        "kind": kind,
        "direction": inward,
        "coin": "USDT",
        "amount": "100.5",
        "product_id": None if is_flow else "1001",
        "attributed_to": {"interest": "interest"}.get(kind, "person" if is_flow else "earnd"),
        "action_id": None if is_flow or kind == "interest" else number,
        "record_id": None if is_flow else str(number),
    }
    return Movement(**{**fields, **changes})


AMOUNTS = st.decimals("0", "99999999999999999999", places=18).map(plain)


@st.composite
def lives(draw: st.DrawFn) -> list[Movement]:
    """The movements of an account, in their order."""
    made = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(("subscribe", "redeem", "interest", *FLOWS)))
        changes: dict[str, Any] = {
            "kind": kind,
            "coin": draw(st.sampled_from(ODD_COINS) | st.text("AB1.-_é", min_size=1, max_size=3)),
            "amount": draw(AMOUNTS),
        }
        if kind in {"trade", "correction"}:
            changes["direction"] = draw(st.sampled_from(Direction))
        if kind in FLOWS:
            changes["attributed_to"] = draw(st.sampled_from(("person", "unexplained")))
        else:
            changes["product_id"] = draw(
                st.sampled_from(("1001", "1002", "-", "=x"))
                | st.text("A-é", min_size=1, max_size=2)
            )
            changes["compounds"] = kind == "interest" and draw(st.booleans())
            changes["record_id"] = draw(st.text("1=@é\t", min_size=1, max_size=3)) + str(number)
        made.append(movement(number, **changes))
    return made


def summed(amounts: list[str]) -> Decimal:
    """An exact sum, made another way than the program's: in whole units of the last digit."""
    units = sum(int(Decimal(amount).scaleb(18)) for amount in amounts)
    return Decimal(units).scaleb(-18)
