"""What the command line shows of interest: how each product pays, and what of its promise."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text

from earnd.domain.money import ZERO, total
from earnd.ledger.queries import Row, Source

# A month before the newest cycle, by the index on the time of records.
_LATELY = text(
    "SELECT r.product_id, r.amount, p.promised FROM record_seen r"
    " JOIN interest_promise p ON p.record_seq = r.record_seq"
    " WHERE r.kind = 'interest' AND p.basis <> 'irregular' AND r.at >= ("
    "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', c.began_at, '-30 days')"
    " FROM cycle c ORDER BY c.cycle_id DESC LIMIT 1)"
)


@dataclass(frozen=True, slots=True)
class Paying:
    """How a product pays, as `interest_regime_now` has it; `paid` and `promised` of 30 days."""

    regime: Row
    paid: Decimal
    promised: Decimal


def paying(source: Source) -> list[Paying]:
    """How each product pays that ever paid, by coin and product."""
    with source.reading() as connection:
        regimes = connection.execute(
            text("SELECT * FROM interest_regime_now ORDER BY coin, product_id")
        )
        found = [dict(row) for row in regimes.mappings()]
        lately = [tuple(row) for row in connection.execute(_LATELY)]
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for product_id, paid, promised in lately:
        so_far = sums.get(product_id, (ZERO, ZERO))
        sums[product_id] = (
            total((so_far[0], Decimal(paid))),
            total((so_far[1], Decimal(promised))),
        )
    return [Paying(row, *sums.get(str(row["product_id"]), (ZERO, ZERO))) for row in found]
