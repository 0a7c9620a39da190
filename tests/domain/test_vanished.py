"""A history that no longer shows what it has shown."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import Coin, EarnId, ProductId, RecordId
from earnd.domain.snapshot import Record, RecordKind
from earnd.domain.vanished import doubt_of_account, unlisted

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def seen(number: int, kind: RecordKind = RecordKind.INTEREST) -> SeenRecord:
    record_id, product_id, coin = RecordId(str(number)), ProductId("1"), Coin("USDT")
    return SeenRecord(number, Record(record_id, kind, product_id, coin, Decimal(1), NOON))


def test_a_record_is_told_by_its_kind_and_its_id() -> None:
    """X32."""
    known = [seen(1), seen(2), seen(3, RecordKind.REDEEM)]
    listed = [known[0].record, seen(3).record]
    assert unlisted(known, listed) == (known[1], known[2])
    assert unlisted(known, []) == tuple(known)
    assert unlisted([], listed) == ()


@pytest.mark.parametrize(
    ("known", "missing", "before", "now", "says"),
    [
        (3, 3, "", "", "none of the 3 records"),
        (3, 2, "", "", ""),
        (2, 2, "", "", ""),
        (2, 2, "ab", "cd", "none of the 2 positions"),
        (0, 0, "ab", "cd", "none of the 2 positions"),
        (2, 2, "a", "cd", ""),
        (2, 2, "ab", "bc", ""),
        (2, 2, "ab", "", ""),
        (1, 0, "ab", "cd", ""),
    ],
)
def test_another_accounts_history_is_told_from_one_that_lost_a_record(
    known: int, missing: int, before: str, now: str, says: str
) -> None:
    """O3, X26: ids that the exchange changed are no other account while a record is there."""
    records = [seen(number) for number in range(known)]
    doubt = doubt_of_account(
        records,
        records[:missing],
        positions_known=[EarnId(each) for each in before],
        positions_listed=[EarnId(each) for each in now],
    )
    assert says in doubt
    assert bool(doubt) == bool(says)
