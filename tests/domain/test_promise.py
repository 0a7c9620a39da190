"""What a payment should have been, and what follows from what it was: the corners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from earnd.domain.accrual import starts
from earnd.domain.course import Course, Held, course
from earnd.domain.ids import ProductId
from earnd.domain.money import total
from earnd.domain.payment import DAY, HOUR, Every, Payment, decimals, kind_of, payments
from earnd.domain.product import Product
from earnd.domain.promise import RULES, Basis, Promise, Rule, promise
from earnd.domain.quarantine import Reading
from earnd.domain.regime import (
    Additional,
    Finding,
    Regime,
    Starts,
    Tiers,
    additional,
    how_often,
    is_short,
    shortfall,
    tiers,
    time_of_day,
    unit_of,
)
from earnd.domain.snapshot import Record, RecordKind, RecordStatus
from earnd.domain.strategy import TierRule
from tests.support.world import NOON, USDT, product, record

UNIT = Decimal("0.00000001")
PLAIN, WITHOUT = RULES[0], RULES[1]
FOUR = datetime(2026, 6, 10, 4, 0, tzinfo=UTC)


def paid(amount: str, at: datetime = FOUR, gap: timedelta | None = DAY, seq: int = 1) -> Payment:
    """A payment, a day after the one before it."""
    return Payment(seq, at, Decimal(amount), gap)


def held(*steps: tuple[datetime, str], before: str = "0") -> Held:
    """So much from each moment on."""
    one = Course(
        tuple(at for at, _ in steps), (Decimal(before), *(Decimal(text) for _, text in steps))
    )
    return Held(one, one)


def hours(begin: datetime, end: datetime, apart: timedelta = HOUR) -> list[datetime]:
    """Looks, a while apart."""
    return [begin + apart * n for n in range((end - begin) // apart + 1)]


LOOKS = hours(FOUR - 10 * DAY, FOUR + DAY)


def worked_out(
    payment: Payment,
    what: Held | None = None,
    every: Every = Every.DAY,
    offers: Sequence[tuple[datetime, Product | None]] = ((FOUR - 10 * DAY, None),),
    looks: Sequence[datetime] = LOOKS,
) -> Promise | None:
    """The promise of a payment, on 1000 USDT at 3.65% unless told otherwise."""
    readings = [Reading(at, one) for at, one in offers]
    if offers == ((FOUR - 10 * DAY, None),):
        readings = [Reading(FOUR - 10 * DAY, product("1", "3.65%"))]
    return promise(payment, every, what or held(before="1000"), readings, looks)


def test_what_never_changed_is_promised_to_the_last_digit() -> None:
    found = worked_out(paid("0.1"))
    assert found is not None
    assert found.basis is Basis.STEADY
    assert found.held_low == found.held_high == 1000
    assert (found.period_from, found.period_to) == (FOUR - DAY, FOUR)
    assert {tuple(one) for one in found.bounds.values()} == {(Decimal("0.1"),) * 4}
    assert found.additional(PLAIN) == 0


def test_the_additional_rate_is_a_part_of_the_promise_of_its_own() -> None:
    offer = replace(product("1", "3.65%"), additional_rate=product("1", "0.365%").rate)
    found = worked_out(paid("0.1"), offers=[(FOUR - 9 * DAY, offer)])
    assert found is not None
    assert found.additional(PLAIN) == Decimal("0.01")
    assert found.additional(WITHOUT) == 0


def test_more_decimals_are_promised_where_more_are_paid() -> None:
    found = worked_out(paid("0.0333333333"), held(before="333.333333333"))
    assert found is not None
    assert found.bounds[PLAIN].exact == Decimal("0.0333333333")


@pytest.mark.parametrize(
    "offers",
    [
        [(FOUR - HOUR, product("1", "5%"))],
        [(FOUR - 9 * DAY, product("1", "5%")), (FOUR - HOUR, None)],
        [(FOUR - 9 * DAY, replace(product("1", "5%"), has_tiers=True))],
        [],
    ],
)
def test_without_clear_rates_all_the_time_nothing_was_promised(
    offers: list[tuple[datetime, Product | None]],
) -> None:
    assert worked_out(paid("0.1"), offers=offers) is None


def test_a_payment_that_no_look_came_after_yet_waits() -> None:
    assert worked_out(paid("0.1"), looks=hours(FOUR - 10 * DAY, FOUR - HOUR)) is None


def test_what_is_paid_at_odd_times_was_promised_nothing() -> None:
    assert worked_out(paid("0.1"), every=Every.OTHER) is None


def test_a_rate_that_is_a_slip_of_the_pen_is_no_promise() -> None:
    offers = [(FOUR - 9 * DAY, product("1", "9999999%"))]
    assert worked_out(paid("0.1"), held(before="9" * 20), offers=offers) is None


def test_what_is_read_for_too_short_a_while_proves_nothing() -> None:
    short = [(FOUR - 2 * DAY, product("1", "3.65%"))]
    found = worked_out(paid("0.1"), offers=short)
    assert found is not None
    assert found.basis is Basis.UNWATCHED
    found = worked_out(paid("0.1"), looks=hours(FOUR - 2 * DAY, FOUR + DAY))
    assert found is not None
    assert found.basis is Basis.UNWATCHED
    assert not found.is_sure


def test_what_was_seen_before_anything_was_held_need_not_be_known() -> None:
    entry = FOUR - DAY - HOUR
    found = worked_out(
        paid("0.1"),
        held((entry - HOUR, "0"), (entry, "1000")),
        offers=[(entry - HOUR, product("1", "3.65%"))],
        looks=hours(entry - HOUR, FOUR),
    )
    assert found is not None
    assert found.basis is Basis.VARIED
    assert found.bounds[PLAIN].low == 0
    assert set(found.bounds[PLAIN][1:]) == {Decimal("0.1")}


def test_nothing_held_is_promised_nothing() -> None:
    found = worked_out(paid("0"), held((FOUR - DAY, "0")))
    assert found is not None
    assert {amount for one in found.bounds.values() for amount in one} == {Decimal(0)}


def test_a_rate_that_changed_promises_for_each_part_of_the_period() -> None:
    offers = [
        (FOUR - 9 * DAY, product("1", "3.65%")),
        (FOUR - 18 * HOUR, product("1", "7.3%")),
        (FOUR + HOUR / 2, product("1", "36.5%")),
    ]
    found = worked_out(paid("0.1"), offers=offers)
    assert found is not None
    assert found.bounds[PLAIN][:3] == (Decimal("0.1"), Decimal("0.175"), Decimal("0.2"))
    late = worked_out(paid("0.1", FOUR + HOUR / 3), offers=offers)
    assert late is not None
    # Seen by the first look after the payment, it may have been in force when it was worked out.
    assert late.bounds[PLAIN][:3] == (Decimal("0.1"), Decimal("0.175"), Decimal(1))


def test_between_two_amounts_the_whole_rule_may_jump_either_way_at_an_edge() -> None:
    offer = product("1", "5%", tiers="0-1000 @ 7.3%, 1000-100000 @ 3.65%")
    found = worked_out(
        paid("0.15"),
        held((FOUR - HOUR, "1500"), before="500"),
        offers=[(FOUR - 9 * DAY, offer)],
    )
    assert found is not None
    assert found.bounds[Rule(TierRule.WHOLE, True)][:3] == (
        Decimal("0.1"),
        Decimal("0.1"),
        Decimal("0.2"),
    )


def test_what_was_held_is_counted_back_from_what_is_held_now() -> None:
    records = [
        record(1, "100", minutes=0).record,
        record(2, "30", RecordKind.REDEEM, minutes=10).record,
        record(3, "5", RecordKind.INTEREST, minutes=20).record,
        record(4, "7", minutes=30, status=RecordStatus.FAILED).record,
    ]
    assert list(course(records, Decimal(90), grows=False).amounts) == [20, 120, 90]
    assert list(course(records, Decimal(90), grows=True).amounts) == [15, 115, 85, 90]
    assert list(course(records, Decimal(10), grows=False).amounts) == [0, 40, 10]


def test_payments_that_failed_or_are_none_are_not_among_them() -> None:
    records = [
        (3, record(3, "2", RecordKind.INTEREST, minutes=60).record),
        (1, record(1, "1", RecordKind.INTEREST).record),
        (2, record(2, "1", RecordKind.INTEREST, status=RecordStatus.FAILED).record),
        (4, record(4, "9").record),
    ]
    assert payments(records) == (
        Payment(1, NOON, Decimal(1), None),
        Payment(3, NOON + HOUR, Decimal(2), HOUR),
    )


@pytest.mark.parametrize(
    ("gap", "kind"),
    [
        (timedelta(minutes=69), Every.HOUR),
        (timedelta(hours=22), Every.DAY),
        (timedelta(hours=27), Every.DAY),
        (timedelta(hours=2), Every.OTHER),
        (timedelta(days=7), Every.OTHER),
    ],
)
def test_gaps_between_payments_are_hours_or_days_or_neither(gap: timedelta, kind: Every) -> None:
    assert kind_of(gap) is kind


def test_how_often_is_what_most_of_the_latest_gaps_say() -> None:
    day, week = paid("1"), paid("1", gap=7 * DAY)
    assert how_often([paid("1", gap=None), day]) == (Every.UNKNOWN, 0)
    assert how_often([paid("1", gap=None), day, day]) == (Every.DAY, 3)
    assert how_often([day, day, week, week]) == (Every.UNKNOWN, 0)
    assert how_often([week, week, week]) == (Every.OTHER, 4)


def test_the_minute_of_the_day_is_told_where_most_came_then() -> None:
    late = paid("1", FOUR + HOUR / 4)
    assert time_of_day([paid("1"), paid("1"), late, paid("1")]) == ("04:00", 3)
    assert time_of_day([paid("1"), late, late, paid("1")]) == (None, 0)


def test_the_last_decimal_is_the_finest_that_was_paid() -> None:
    assert unit_of([paid("1.50"), paid("0.1250"), paid("100")]) == Decimal("0.001")
    assert unit_of([]) == 1
    assert decimals(Decimal("1E+3")) == 0


def paid_for(amount: str, n: int = 0, offer: Product | None = None) -> Promise:
    """A payment of 1000 USDT at 3.65% and 0.365%, and its promise: 0.1, and 0.11 with both."""
    both = replace(product("1", "3.65%"), additional_rate=product("1", "0.365%").rate)
    found = worked_out(
        paid(amount, FOUR - n * DAY),
        offers=[(FOUR - 30 * DAY, offer or both)],
        looks=hours(FOUR - 30 * DAY, FOUR + DAY),
    )
    assert found is not None
    return found


def test_three_payments_that_say_the_same_prove_it_and_fewer_do_not() -> None:
    pays, pays_not = paid_for("0.11"), paid_for("0.1")
    unknown = Additional.UNKNOWN
    assert additional([pays] * 2, UNIT, unknown).value is unknown
    assert additional([pays] * 3, UNIT, unknown) == (Additional.PAID, 3)
    assert additional([pays_not] * 3, UNIT, unknown) == (Additional.NOT_PAID, 3)
    assert additional([pays, pays, pays_not], UNIT, Additional.PAID) == (unknown, 0)
    assert additional([pays], UNIT, Additional.PAID) == (Additional.PAID, 1)
    assert additional([paid_for("0.105")] * 3, UNIT, Additional.PAID) == (Additional.PAID, 0)


def test_what_tiers_mean_is_told_only_where_it_makes_a_difference() -> None:
    offer = product("1", "5%", tiers="0-500 @ 7.3%, 500-100000 @ 3.65%")
    marginal, whole = paid_for("0.15", offer=offer), paid_for("0.1", offer=offer)
    assert tiers([marginal] * 3, UNIT, Tiers.UNKNOWN) == (Tiers.MARGINAL, 3)
    assert tiers([whole] * 3, UNIT, Tiers.UNKNOWN) == (Tiers.WHOLE, 3)
    assert tiers([paid_for("0.1")] * 3, UNIT, Tiers.UNKNOWN) == (Tiers.UNKNOWN, 0)


def test_what_is_proven_goes_before_the_strategys_word_and_leaves_fewer_readings_possible() -> None:
    open_ = Regime(ProductId("1"), USDT)
    assert open_.rule(TierRule.WHOLE, additional=False) == (TierRule.WHOLE, False)
    assert open_.possible == RULES
    proven = replace(open_, tier_rule=Tiers.MARGINAL, additional=Additional.PAID)
    assert proven.rule(TierRule.WHOLE, additional=False) == (TierRule.MARGINAL, True)
    assert proven.possible == (Rule(TierRule.MARGINAL, True),)


def test_less_is_what_the_most_generous_reading_that_is_possible_does_not_explain() -> None:
    less = [paid_for("0.098", n) for n in (2, 1, 0)]
    assert shortfall(less, [PLAIN], UNIT, FOUR) == (
        FOUR - 2 * DAY,
        Decimal("0.294"),
        Decimal("0.33"),
        3,
    )
    found = shortfall(less, RULES, UNIT, FOUR)
    assert found is not None
    assert found.promised == Decimal("0.3")


def test_a_hundredth_less_is_nothing_and_so_is_a_cut_digit() -> None:
    assert shortfall([paid_for("0.109")], [PLAIN], UNIT, FOUR) is None
    assert shortfall([paid_for("0.107")], [PLAIN], UNIT, FOUR) is not None
    assert shortfall([paid_for("0.10")], [PLAIN], Decimal("0.01"), FOUR) is None


def test_a_rate_shown_with_too_few_decimals_to_say_much_accuses_nobody() -> None:
    faint = product("1", "0.02%")
    assert shortfall([paid_for("0.0003", offer=faint)], [PLAIN], UNIT, FOUR) is None
    assert shortfall([paid_for("0.0002", offer=faint)], [PLAIN], UNIT, FOUR) is not None


def test_only_the_last_payments_in_a_row_and_of_a_week_are_less() -> None:
    less = [paid_for("0.1", n) for n in (9, 8, 7, 1)]
    found = shortfall(less, [PLAIN], UNIT, FOUR)
    assert found is not None
    assert found.payments == 2
    found = shortfall([*less, paid_for("0.11")], [PLAIN], UNIT, FOUR)
    assert found is None
    unsure = replace(paid_for("0.1"), basis=Basis.UNWATCHED)
    found = shortfall([*less, unsure], [PLAIN], UNIT, FOUR)
    assert found is not None
    assert found.payments == 2


def test_short_begins_with_three_payments_and_ends_with_one_that_is_right() -> None:
    two = shortfall([paid_for("0.1", 1), paid_for("0.1")], [PLAIN], UNIT, FOUR)
    three = shortfall([paid_for("0.1", n) for n in (2, 1, 0)], [PLAIN], UNIT, FOUR)
    assert not is_short(two, before=False, is_told=True)
    assert is_short(two, before=True, is_told=True)
    assert is_short(three, before=False, is_told=True)
    assert not is_short(None, before=True, is_told=True)
    assert is_short(None, before=True, is_told=False)
    assert not is_short(None, before=False, is_told=False)


# From when new money earns. On 1000 USDT at 3.65%: 0.1 a day.


def began(
    entered: datetime,
    first: datetime,
    amount: str,
    *,
    every: Every = Every.DAY,
    more: Sequence[Record] = (),
    basis: Basis | None = None,
    before: Starts = Starts.UNKNOWN,
) -> Finding[Starts]:
    """What the first payment after an entry with 1000 USDT says."""
    entry = replace(record(1, "1000").record, at=entered)
    interest = replace(record(2, amount, RecordKind.INTEREST).record, at=first)
    records = [entry, interest, *more]
    put = [one for one in records if one.kind is RecordKind.SUBSCRIBE and one.status is None]
    one = course(records, total(record.amount for record in put), grows=False)
    found = promise(
        paid(amount, first, None),
        every,
        Held(one, one),
        [Reading(FOUR - 20 * DAY, product("1", "3.65%"))],
        hours(FOUR - 20 * DAY, first + HOUR),
    )
    known = [] if found is None else [found if basis is None else replace(found, basis=basis)]
    return starts(records, one, known, every=every, possible=[PLAIN], unit=UNIT, before=before)


@pytest.mark.parametrize(
    ("waited", "amount", "word"),
    [
        (timedelta(hours=31), "0.1", Starts.NEXT_DAY),
        (timedelta(hours=47), "0.1", Starts.NEXT_DAY),
        (timedelta(hours=26), "0.1", Starts.UNKNOWN),
        (timedelta(hours=53), "0.1", Starts.UNKNOWN),
        (timedelta(hours=60), "0.1", Starts.SECOND_DAY),
        (timedelta(hours=73), "0.1", Starts.UNKNOWN),
        (timedelta(hours=12), "0.05", Starts.NEXT_HOUR),
        (timedelta(hours=11, minutes=20), "0.04583333", Starts.NEXT_HOUR),
        (timedelta(hours=12), "0.06", Starts.UNKNOWN),
        (timedelta(hours=36), "0.000001", Starts.UNKNOWN),
        (timedelta(hours=36), "0.0000001", Starts.UNKNOWN),
    ],
)
def test_what_the_first_payment_of_a_day_covers_tells_from_when_money_earns(
    waited: timedelta, amount: str, word: Starts
) -> None:
    assert began(FOUR - waited, FOUR, amount).value is word


@pytest.mark.parametrize(
    ("at_hour", "waited", "amount", "word"),
    [
        (9, timedelta(minutes=100), "0.00416666", Starts.NEXT_HOUR),
        (4, timedelta(minutes=90), "0.00416666", Starts.UNKNOWN),
        (9, timedelta(minutes=40), "0.00416666", Starts.UNKNOWN),
        (9, timedelta(hours=20), "0.00416666", Starts.NEXT_DAY),
        (9, timedelta(hours=26), "0.00416666", Starts.UNKNOWN),
        (9, timedelta(hours=30), "0.00416666", Starts.SECOND_DAY),
        (9, timedelta(minutes=100), "0.003", Starts.UNKNOWN),
    ],
)
def test_what_the_first_payment_of_an_hour_covers_tells_from_when_money_earns(
    at_hour: int, waited: timedelta, amount: str, word: Starts
) -> None:
    entered = FOUR.replace(hour=at_hour) - HOUR / 2
    first = entered + waited
    assert began(entered, first, amount, every=Every.HOUR).value is word


def test_money_that_enters_on_the_hour_earns_from_that_hour() -> None:
    assert began(FOUR - 6 * HOUR, FOUR, "0.025").value is Starts.NEXT_HOUR


def test_an_entry_tells_nothing_where_its_first_payment_may_be_for_something_else() -> None:
    first_payment = FOUR
    entered = FOUR - timedelta(hours=40)
    old = replace(record(3, "0.1", RecordKind.INTEREST).record, at=entered - DAY)
    again = replace(record(4, "50").record, at=entered + HOUR)
    assert began(entered, first_payment, "0.1", more=[old]).value is Starts.UNKNOWN
    assert began(entered, first_payment, "0.1", more=[again]).value is Starts.UNKNOWN
    long_ago = replace(old, at=entered - 4 * DAY)
    assert began(entered, first_payment, "0.1", more=[long_ago]).value is Starts.NEXT_DAY
    failed = replace(again, status=RecordStatus.FAILED)
    assert began(entered, first_payment, "0.1", more=[failed]).value is Starts.NEXT_DAY


def test_what_is_not_watched_tells_nothing_and_what_was_known_stays() -> None:
    entered = FOUR - timedelta(hours=40)
    found = began(entered, FOUR, "0.1", basis=Basis.UNWATCHED, before=Starts.SECOND_DAY)
    assert found == (Starts.SECOND_DAY, 0)


def test_entries_that_say_different_things_leave_it_unknown() -> None:
    entries = [(FOUR, timedelta(hours=40)), (FOUR + 10 * DAY, timedelta(hours=60))]
    records, known, steps = [], [], []
    for n, (first, waited) in enumerate(entries):
        records += [
            replace(record(n * 3, "1000").record, at=first - waited),
            replace(record(n * 3 + 1, "0.1", RecordKind.INTEREST).record, at=first),
            replace(record(n * 3 + 2, "1000", RecordKind.REDEEM).record, at=first + HOUR),
        ]
        steps += [(first - waited, "1000"), (first + HOUR, "0")]
    for first, _ in entries:
        found = worked_out(
            paid("0.1", first, None),
            held(*steps),
            looks=hours(FOUR - 10 * DAY, first + HOUR),
        )
        assert found is not None
        known.append(found)
    one = held(*steps).least
    assert starts(
        records,
        one,
        known,
        every=Every.DAY,
        possible=[PLAIN],
        unit=UNIT,
        before=Starts.NEXT_DAY,
    ) == (Starts.UNKNOWN, 0)
