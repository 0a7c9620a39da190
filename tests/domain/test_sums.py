"""What records add up to, and which of them may be kept as their sum."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.action import Verb
from earnd.domain.attribution import AttributedTo, SeenRecord
from earnd.domain.capability import learnt
from earnd.domain.holdings import establish
from earnd.domain.ids import Coin, EarnId, ProductId, RecordId, RequestNo
from earnd.domain.matching import numbered_kinds
from earnd.domain.money import NO_RATE
from earnd.domain.snapshot import Position, Record, RecordKind, RecordStatus, Snapshot
from earnd.domain.strategy import InterestPaid
from earnd.domain.sums import Beyond, Gone, Opening, Sums, all_sums, divided, sum_up

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
USDT, BTC = Coin("USDT"), Coin("BTC")
PRODUCTS = {ProductId("1"): USDT, ProductId("2"): USDT, ProductId("3"): BTC}

amounts = st.integers(1, 10**12).map(lambda cents: Decimal(cents).scaleb(-8))
rows = st.builds(
    lambda product, **fields: Record(
        product_id=product, coin=PRODUCTS[product], record_id=RecordId("?"), **fields
    ),
    product=st.sampled_from(sorted(PRODUCTS)),
    kind=st.sampled_from(list(RecordKind)),
    amount=amounts,
    at=st.integers(0, 300).map(lambda days: NOON - days * DAY),
    status=st.sampled_from([None, None, None, *RecordStatus]),
    request_no=st.sampled_from([None, None, RequestNo("20000000000000000001")]),
)


@st.composite
def histories(draw: st.DrawFn) -> list[SeenRecord]:
    """Records in any order, some of them nobody's."""
    found = []
    for seq, record in enumerate(draw(st.lists(rows, max_size=25)), 1):
        owner = draw(st.sampled_from([None, AttributedTo.PERSON, AttributedTo.PERSON]))
        found.append(SeenRecord(seq, replace(record, record_id=RecordId(str(seq))), owner))
    return found


def position(product: str, amount: Decimal | None = None) -> Position:
    product_id = ProductId(product)
    coin = PRODUCTS[product_id]
    return Position(
        EarnId(f"e{product}"), product_id, coin, NO_RATE, NO_RATE, Decimal(0), False, amount
    )


@given(
    history=histories(),
    days=st.integers(0, 300),
    upto=st.integers(0, 25),
    held=st.sets(st.sampled_from(["1", "2", "3"])),
    said=st.none() | amounts,
    paid=st.sampled_from(list(InterestPaid)),
)
def test_the_holdings_are_the_same_wherever_the_history_is_cut(
    *,
    history: list[SeenRecord],
    days: int,
    upto: int,
    held: set[str],
    said: Decimal | None,
    paid: InterestPaid,
) -> None:
    """R7."""
    positions = [position(product) for product in sorted(held)]
    totals = None if said is None else {USDT: said, BTC: said}
    whole = establish(history, positions, totals, lambda _: paid)
    kept, left = divided(history, since=NOON - days * DAY, upto=upto)
    assert establish(kept, positions, totals, lambda _: paid, Beyond(before=sum_up(left))) == whole


@given(history=histories(), days=st.integers(0, 300), upto=st.integers(0, 25))
def test_what_may_be_asked_about_is_kept(history: list[SeenRecord], days: int, upto: int) -> None:
    """R7."""
    since = NOON - days * DAY
    kept, left = divided(history, since=since, upto=upto)
    assert sorted([*kept, *left], key=lambda seen: seen.seq) == history
    assert list(kept) == sorted(kept, key=lambda seen: seen.seq)
    for seen in left:
        assert seen.seq <= upto
        assert seen.record.at < since
        assert seen.attributed_to is not None
        assert seen.record.status not in (RecordStatus.PENDING, RecordStatus.UNCLEAR)
    assert numbered_kinds(kept) == numbered_kinds(history)
    look = Snapshot(NOON, (), (), {})
    slowest = dict.fromkeys(Verb, timedelta(0))
    assert learnt(kept, look, slowest) == learnt(history, look, slowest)
    again, more = divided(kept, since=since, upto=upto)
    assert (again, more) == (kept, ())


def test_what_failed_moved_nothing() -> None:
    failed = Record(
        RecordId("1"),
        RecordKind.SUBSCRIBE,
        ProductId("1"),
        USDT,
        Decimal(5),
        NOON,
        status=RecordStatus.FAILED,
    )
    assert sum_up([SeenRecord(1, failed)]) == {}


def test_a_persons_word_counts_as_held_before_everything() -> None:
    """X31."""
    redeemed = Record(RecordId("1"), RecordKind.REDEEM, ProductId("1"), USDT, Decimal(200), NOON)
    word = Opening(ProductId("1"), USDT, Decimal(500), "ann")
    sums = all_sums([SeenRecord(1, redeemed)], Beyond(openings=(word,)))
    assert sums == {(USDT, ProductId("1")): Sums(redeemed=Decimal(200), opening=Decimal(500))}
    holdings = establish(
        [SeenRecord(1, redeemed)],
        [position("1")],
        None,
        lambda _: InterestPaid.AUTO,
        Beyond(openings=(word,)),
    )
    (row,) = holdings.rows
    assert (row.amount, row.verified) == (Decimal(300), True)
    assert not holdings.drift


def test_a_record_that_is_gone_freezes_its_coin_and_no_other() -> None:
    """X32."""
    history = [
        SeenRecord(
            seq, Record(RecordId(str(seq)), RecordKind.SUBSCRIBE, product, coin, Decimal(7), NOON)
        )
        for seq, (product, coin) in enumerate(PRODUCTS.items(), 1)
    ]
    positions = [position(product) for product in PRODUCTS]
    lost = Gone(2, history[1].record, NOON + DAY)
    holdings = establish(
        history, positions, None, lambda _: InterestPaid.AUTO, Beyond(gone=(lost,))
    )
    why = "subscribe record 2 of 7 is not listed any more, since 2026-11-23T12:00:00Z"
    assert holdings.drift == {USDT: why}
    assert [row.verified for row in holdings.rows] == [True, False, False]
