"""What the command line shows of interest: how each product pays, and what of its promise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import text

from earnd.domain.money import ZERO, total
from earnd.ledger.queries import Row, Source

# A month before the newest cycle, by the index on the time of records.
_LATELY = text(
    "SELECT r.product_id, r.amount, p.promised, p.promised_low, p.promised_high FROM record_seen r"
    " JOIN interest_promise p ON p.record_seq = r.record_seq"
    " WHERE r.kind = 'interest' AND p.basis <> 'irregular' AND r.at >= ("
    "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', c.began_at, '-30 days')"
    " FROM cycle c ORDER BY c.cycle_id DESC LIMIT 1)"
)


@dataclass(frozen=True, slots=True)
class Paying:
    """How a product pays, as `interest_regime_now` has it, and the sums of 30 days.

    `due` is what was paid as far as it lies between the least and the most that could be meant;
    what is paid less than the least, or more than the most, is not in it.
    """

    regime: Row
    paid: Decimal = ZERO
    promised: Decimal = ZERO
    due: Decimal = ZERO


def paying(source: Source) -> list[Paying]:
    """How each product pays that ever paid, by coin and product."""
    with source.reading() as connection:
        regimes = connection.execute(
            text("SELECT * FROM interest_regime_now ORDER BY coin, product_id")
        )
        found = [Paying(dict(row)) for row in regimes.mappings()]
        lately = connection.execute(_LATELY).all()
    by_product: dict[str, list[tuple[Decimal, ...]]] = defaultdict(list)
    for product_id, *texts in lately:
        paid, promised, low, high = map(Decimal, texts)
        by_product[product_id].append((paid, promised, min(max(paid, low), high)))
    return [
        replace(one, paid=sums[0], promised=sums[1], due=sums[2])
        if (sums := _added(by_product.get(str(one.regime["product_id"]), [])))
        else one
        for one in found
    ]


def _added(rows: Sequence[tuple[Decimal, ...]]) -> tuple[Decimal, ...]:
    return tuple(total(column) for column in zip(*rows, strict=True))
