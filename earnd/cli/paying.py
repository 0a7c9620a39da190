"""How each product pays interest, for people and for programs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Final

from earnd.domain.money import plain
from earnd.ledger import paying

COLUMNS: Final = (
    "coin",
    "product_id",
    "pays_into",
    "every",
    "starts",
    "additional",
    "tier_rule",
    "paid_of_due",
)
"""Of the table in `earnd status`."""

_TO_THE_CENT: Final = Context(prec=60, rounding=ROUND_HALF_EVEN)


def facts(found: Sequence[paying.Paying], held: Collection[str]) -> list[dict[str, Any]]:
    """The products that something is held in; amounts are text, of the last 30 days."""
    return [
        {
            **one.regime,
            "short": bool(one.regime["short"]),
            "paid": plain(one.paid),
            "promised": plain(one.promised),
            "due": plain(one.due),
            "paid_of_due": _percent(one),
        }
        for one in found
        if one.regime["product_id"] in held
    ]


def rows(told: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same for a table: what pays less is marked."""
    return [
        {
            **row,
            "every": f"{row['every']} at {row['pays_at']}" if row["pays_at"] else row["every"],
            "paid_of_due": _marked(row),
        }
        for row in told
    ]


def _percent(one: paying.Paying) -> str | None:
    if not one.due:
        return None
    share = _TO_THE_CENT.divide(one.paid * 100, one.due)
    return f"{share.quantize(Decimal('0.01'), context=_TO_THE_CENT):f}%"


def _marked(row: Mapping[str, Any]) -> str:
    share = row["paid_of_due"] or "not known yet"
    return f"{share}, PAYS LESS since {row['since']}" if row["short"] else share
