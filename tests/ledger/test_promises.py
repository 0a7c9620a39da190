"""What was paid is held against what was promised, in plain SQL and exactly."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import plain, total
from earnd.domain.payment import Every
from earnd.domain.promise import Basis
from earnd.domain.regime import Additional, PaysInto, Starts, Tiers
from earnd.ledger import queries
from tests.ledger.story import Life, a_look, a_wallet
from tests.ledger.test_interest import ANY, CARRIES, SMALL, raw

__all__ = ["raw"]

MONEY = st.one_of(ANY, SMALL, CARRIES)


def summed(
    raw: sqlite3.Connection, pairs: Sequence[tuple[Decimal, Decimal]]
) -> list[tuple[str, str, int]]:
    """What the view makes of these payments and promises."""
    at = "2026-11-22T00:00:00.000Z"
    raw.execute("BEGIN")
    for number, (paid, promised) in enumerate(pairs, start=1):
        raw.execute(
            "INSERT INTO record_seen (record_id, kind, product_id, coin, amount, at, cycle_id,"
            " seen_at) VALUES (?, 'interest', 'p', 'USDT', ?, ?, 1, ?)",
            (str(number), plain(paid), at, at),
        )
        raw.execute(
            "INSERT INTO interest_promise (record_seq, cycle_id, period_from, period_to, held_low,"
            " held_high, promised, promised_low, promised_high, additional, tier_rule, basis)"
            " VALUES (last_insert_rowid(), 1, '2026-11-21T00:00:00.000Z', ?, '0', '0', ?, '0',"
            " '0', '0', 'whole', 'steady')",
            (at, plain(promised)),
        )
    rows = raw.execute("SELECT paid, promised, records FROM interest_against_promise").fetchall()
    raw.execute("ROLLBACK")
    return rows


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(MONEY, MONEY), min_size=1, max_size=20))
@example([(Decimal("99999999999999999999.999999999999999999"), Decimal(0))] * 20)
@example([(Decimal("0.000000000000000001"), Decimal("0.999999999999999999"))] * 2)
def test_both_sums_of_a_day_are_exact(
    raw: sqlite3.Connection, pairs: list[tuple[Decimal, Decimal]]
) -> None:
    """N10, N11."""
    ((paid, promised, records),) = summed(raw, pairs)
    assert Decimal(paid) == total(one for one, _ in pairs)
    assert Decimal(promised) == total(other for _, other in pairs)
    assert records == len(pairs)


def test_what_was_paid_stands_beside_what_was_promised_by_day_and_product(life: Life) -> None:
    life.paid("1.5", promised="1.25")
    life.paid("0.5", promised="0.75")
    life.later(days=1)
    life.paid("2", promised="2.0000001", low="1.9")
    rows = life.sql("SELECT * FROM interest_against_promise ORDER BY day")
    assert rows == [
        ("2026-11-22", "USDT", "p-USDT", "2", "2", 2, "2", "2"),
        ("2026-11-23", "USDT", "p-USDT", "2", "2.0000001", 1, "1.9", "2.0000001"),
    ]


def test_a_payment_that_is_not_for_one_period_is_not_compared(life: Life) -> None:
    life.paid("2", promised="1", basis=Basis.IRREGULAR)
    assert life.sql("SELECT * FROM interest_against_promise") == []


def test_a_payment_is_promised_once(life: Life) -> None:
    seq = life.paid("2", promised="1")
    assert life.book.promised(seq) == {seq}
    assert life.book.promised(seq + 1) == frozenset()


def test_only_interest_was_promised(life: Life, by_hand: sqlite3.Connection) -> None:
    life.paid("2", promised="1")
    subscribed = life.seen(life.record("5"))
    with pytest.raises(sqlite3.IntegrityError, match="only a payment of interest"):
        by_hand.execute(
            "INSERT INTO interest_promise (record_seq, cycle_id, period_from, period_to, held_low,"
            " held_high, promised, promised_low, promised_high, additional, tier_rule, basis)"
            " SELECT ?, cycle_id, period_from, period_to, held_low, held_high, promised,"
            " promised_low, promised_high, additional, tier_rule, basis FROM interest_promise",
            (subscribed,),
        )


def test_the_newest_word_about_a_product_is_how_it_pays(life: Life) -> None:
    life.pays(payments=3)
    life.next_cycle(days=1)
    newest = life.pays(
        pays_into=PaysInto.WALLET,
        every=Every.DAY,
        pays_at="04:00",
        starts=Starts.NEXT_DAY,
        additional=Additional.PAID,
        tier_rule=Tiers.WHOLE,
        payments=4,
        short=True,
    )
    assert life.book.regimes() == {ProductId("p-USDT"): newest}
    assert life.sql("SELECT * FROM interest_regime_now") == [
        (
            *("p-USDT", "USDT", "wallet", "day", "04:00", "next_day", "paid", "whole", 4, 1),
            "2026-11-23T12:00:00.000Z",
        )
    ]


def test_what_pays_less_than_it_promises_is_a_finding_while_it_lasts(life: Life) -> None:
    life.paid("0.5", promised="0.6", low="0.59")
    life.pays(short=True)
    (finding,) = queries.audits(life.book)["audit_paid_less"]
    assert finding["what"] == (
        "Product p-USDT (USDT) pays less than it promises since 2026-11-22T12:00:00.000Z:"
        " 0.5 at 2026-11-22T12:00:00.000Z, where at least 0.59 was due."
    )
    life.next_cycle(days=1)
    life.paid("0.6", promised="0.6")
    life.pays(short=False)
    assert queries.audits(life.book)["audit_paid_less"] == []


def test_what_paid_less_and_then_nothing_more_is_no_finding_after_a_week(life: Life) -> None:
    life.paid("0.5", promised="0.6")
    life.pays(short=True)
    life.next_cycle(days=7)
    assert len(queries.audits(life.book)["audit_paid_less"]) == 1
    life.next_cycle(minutes=1)
    assert queries.audits(life.book)["audit_paid_less"] == []


def test_the_first_change_of_the_wallet_in_a_cycle_is_known(life: Life) -> None:
    usdt = Coin("USDT")
    life.book.record_wallet(life.cycle_id, life.now, a_wallet(USDT="100"))
    assert life.book.wallet_change(life.cycle_id, usdt) is None
    cycle_id = life.next_cycle(hours=1)
    assert life.book.wallet_change(cycle_id, usdt) is None
    life.book.record_wallet(cycle_id, life.now, a_wallet(USDT="100.25"))
    life.book.record_wallet(cycle_id, life.now, a_wallet(USDT="3"))
    assert life.book.wallet_change(cycle_id, usdt) == Decimal("0.25")


def test_looks_are_known_from_the_last_one_before_a_moment_on(life: Life) -> None:
    moments = []
    for _ in range(4):
        moments.append(life.now)
        life.book.record_look(life.cycle_id, a_look(life.now))
        life.book.record_wallet(life.cycle_id, life.now, a_wallet(USDT="1"))
        life.later(hours=1)
    assert life.book.full_looks(moments[1] + timedelta(minutes=1)) == tuple(moments[1:])
    assert life.book.full_looks(moments[0] - timedelta(days=1)) == tuple(moments)


def test_what_was_known_before_a_cycle_is_known(life: Life) -> None:
    assert life.book.known_before(life.cycle_id) == 0
    first = life.seen(life.record())
    assert life.book.known_before(life.cycle_id) == 0
    cycle_id = life.next_cycle(hours=1)
    life.seen(life.record())
    assert life.book.known_before(cycle_id) == first
