from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from earnd.sandbox import Books, ProductSpec, RecordFilter, Refusal, VirtualClock
from tests.sandbox.raw_client import new_number


def code_of(call: Callable[[], object]) -> int:
    with pytest.raises(Refusal) as refused:
        call()
    return refused.value.code


def test_a_subscribe_moves_money_from_the_wallet_into_the_product(books: Books) -> None:
    record = books.subscribe("1001", "100.5", new_number())
    assert record is not None
    assert record.amount == Decimal("100.5")
    assert books.balance("USDT").available == Decimal("19899.5")
    assert books.held("1001") == Decimal("100.5")


def test_a_redeem_moves_it_back_and_the_position_keeps_its_id(books: Books) -> None:
    books.subscribe("1001", "100", new_number())
    books.redeem("200001", "100", new_number())
    assert books.balance("USDT").available == 20000
    books.subscribe("1001", "7", new_number())
    assert [row["earnId"] for row in books.position_rows()] == ["200001"]


def test_an_empty_position_can_be_left_out_of_the_list(books: Books) -> None:
    books.subscribe("1001", "100", new_number())
    books.redeem("200001", "100", new_number())
    assert len(books.position_rows()) == 1
    books.change_settings(list_empty_positions=False)
    assert books.position_rows() == []


def test_a_refused_order_changes_nothing(books: Books) -> None:
    before = books.journal()
    assert code_of(lambda: books.subscribe("1001", "30000", new_number())) == 80002
    assert books.journal() == before
    assert books.records() == []
    assert books.positions() == []


def test_a_request_number_is_never_executed_twice(books: Books) -> None:
    number = new_number()
    books.subscribe("1001", "100", number)
    assert code_of(lambda: books.subscribe("1001", "100", number)) == 80013
    assert code_of(lambda: books.subscribe("1002", "5", number)) == 80013
    assert code_of(lambda: books.redeem("200001", "5", number)) == 80013
    assert len(books.records()) == 1


def test_a_repeat_may_be_answered_with_yes_and_is_not_executed_either(books: Books) -> None:
    books.change_settings(duplicate_answer="agree")
    number = new_number()
    assert books.subscribe("1001", "100", number) is not None
    assert books.subscribe("1001", "100", number) is None
    assert books.held("1001") == 100


def test_a_number_is_remembered_for_a_day_and_not_longer(books: Books, clock: VirtualClock) -> None:
    number = new_number()
    books.subscribe("1001", "100", number)
    clock.advance(timedelta(hours=24) - timedelta(microseconds=1))
    assert code_of(lambda: books.subscribe("1001", "100", number)) == 80013
    clock.advance(timedelta(microseconds=1))
    books.subscribe("1001", "100", number)
    assert books.held("1001") == 200


def test_a_number_may_be_remembered_for_ever_or_not_at_all(
    books: Books, clock: VirtualClock
) -> None:
    number = new_number()
    books.change_settings(remember_for=None)
    books.subscribe("1001", "100", number)
    clock.advance(timedelta(days=10_000))
    assert code_of(lambda: books.subscribe("1001", "100", number)) == 80013
    books.change_settings(remember_for=timedelta(0))
    books.subscribe("1001", "100", number)
    books.subscribe("1001", "100", number)
    assert books.held("1001") == 300


def test_a_refused_number_is_free_again_unless_refusals_burn_it(books: Books) -> None:
    number = new_number()
    assert code_of(lambda: books.subscribe("1001", "30000", number)) == 80002
    books.subscribe("1001", "100", number)
    books.change_settings(burn_refused=True)
    burnt = new_number()
    assert code_of(lambda: books.subscribe("1001", "30000", burnt)) == 80002
    assert code_of(lambda: books.subscribe("1001", "100", burnt)) == 80013


def test_business_checks_may_speak_before_the_number_is_looked_up(books: Books) -> None:
    number = new_number()
    books.subscribe("1001", "15000", number)
    assert code_of(lambda: books.subscribe("1001", "15000", number)) == 80013
    books.change_settings(dedupe="last")
    assert code_of(lambda: books.subscribe("1001", "15000", number)) == 80002
    books.deposit("USDT", "15000")
    assert code_of(lambda: books.subscribe("1001", "15000", number)) == 80013
    assert books.held("1001") == 15000


def test_numbers_may_be_known_per_endpoint(books: Books) -> None:
    books.change_settings(number_scope="endpoint")
    number = new_number()
    books.subscribe("1001", "100", number)
    books.redeem("200001", "40", number)
    assert code_of(lambda: books.redeem("200001", "40", number)) == 80013
    assert books.held("1001") == 60


def test_a_record_may_show_late(books: Books, clock: VirtualClock) -> None:
    books.change_settings(record_lag=timedelta(minutes=10))
    books.subscribe("1001", "100", new_number())
    wanted = RecordFilter(kind="subscribe")
    clock.advance(timedelta(minutes=10) - timedelta(microseconds=1))
    assert books.record_rows(wanted) == []
    clock.advance(timedelta(microseconds=1))
    assert len(books.record_rows(wanted)) == 1


def test_records_may_carry_the_number_and_a_status(books: Books) -> None:
    number = new_number()
    books.subscribe("1001", "100", number)
    wanted = RecordFilter(kind="subscribe")
    assert {"requestNo", "status"}.isdisjoint(books.record_rows(wanted)[0])
    books.change_settings(records_with_request_no=True, record_status="SUCCESS")
    row = books.record_rows(wanted)[0]
    assert (row["requestNo"], row["status"]) == (number, "SUCCESS")


def test_records_of_a_span_include_both_ends(books: Books, clock: VirtualClock) -> None:
    books.subscribe("1001", "1", new_number())
    now = clock.now_ms()
    inside = RecordFilter(kind="subscribe", start_ms=now, end_ms=now)
    assert len(books.record_rows(inside)) == 1
    assert books.record_rows(RecordFilter(kind="subscribe", start_ms=now + 1)) == []
    assert books.record_rows(RecordFilter(kind="subscribe", end_ms=now - 1)) == []


def test_a_span_may_be_limited(books: Books) -> None:
    books.change_settings(record_span=timedelta(days=90))
    longest = 90 * 86_400_000
    assert books.record_rows(RecordFilter(kind="redeem", start_ms=0, end_ms=longest)) == []
    too_long = RecordFilter(kind="redeem", start_ms=0, end_ms=longest + 1)
    assert code_of(lambda: books.record_rows(too_long)) == 80012


def test_positions_may_carry_an_amount(books: Books) -> None:
    books.subscribe("1001", "100", new_number())
    assert "amount" not in books.position_rows()[0]
    books.change_settings(positions_with_amount=True)
    assert books.position_rows()[0]["amount"] == "100"


def test_redeemed_money_may_be_on_its_way_for_a_while(books: Books, clock: VirtualClock) -> None:
    books.change_settings(redeem_takes=timedelta(hours=3))
    books.subscribe("1001", "100", new_number())
    books.redeem("200001", "60", new_number())
    assert books.balance("USDT").available == 19900
    assert books.sums("USDT").in_transit == 60
    assert books.sums("USDT").balanced
    clock.advance(timedelta(hours=3))
    assert books.balance("USDT").available == 19960
    assert books.sums("USDT").in_transit == 0


def test_all_of_a_position_may_leave_though_it_is_finer_than_an_order(
    books: Books, clock: VirtualClock
) -> None:
    books.change_settings(interest_paid="product", interest_every="hour")
    books.subscribe("1101", "123.456789", new_number())
    clock.advance(timedelta(hours=5))
    held = books.held("1101")
    assert held != held.quantize(Decimal("0.000001"))
    assert code_of(lambda: books.redeem("200001", "1.0000001", new_number())) == 80003
    books.redeem("200001", str(held), new_number())
    assert books.held("1101") == 0


def test_auto_subscribe_takes_the_whole_wallet_at_its_hour(
    books: Books, clock: VirtualClock
) -> None:
    books.freeze("USDC", "100")
    books.set_auto(True, "1101")
    clock.advance_to(datetime(2026, 5, 26, 2, 0, tzinfo=UTC))
    assert books.balance("USDC").available == 0
    assert books.held("1101") == 400
    row = books.record_rows(RecordFilter(kind="subscribe"))[0]
    assert (row["subscribeType"], row["amount"]) == ("AUTO", "400")
    assert books.position_rows()[0]["autoSubscribe"] is True
    assert books.balance("USDT").available == 20000


def test_auto_subscribe_stays_within_what_the_product_admits(
    books: Books, clock: VirtualClock
) -> None:
    books.change_product("1002", user_limit=Decimal(300))
    books.set_auto(True, "1002")
    clock.advance(timedelta(days=3))
    assert books.held("1002") == 300


def test_a_person_and_the_exchange_leave_records_like_any_other(books: Books) -> None:
    books.subscribe_by_hand("1001", "100")
    books.redeem_by_hand("1001", "30")
    books.stop_product("1001", listed=False)
    books.force_redeem("1001")
    assert books.force_redeem("1001") is None
    assert [(record.kind, str(record.amount), record.by) for record in books.records()] == [
        ("subscribe", "100", "person"),
        ("redeem", "30", "person"),
        ("redeem", "70", "exchange"),
    ]
    assert "1001" not in [row["productId"] for row in books.product_rows()]


def test_the_quota_shrinks_with_subscribing_and_grows_with_redeeming(books: Books) -> None:
    books.change_product("1002", quota=Decimal(500))
    books.subscribe("1002", "400", new_number())
    assert code_of(lambda: books.subscribe("1002", "101", new_number())) == 80004
    books.redeem("200001", "50", new_number())
    books.subscribe("1002", "150", new_number())
    assert books.held("1002") == 500


def test_the_maximum_bounds_what_is_held_or_each_order(books: Books) -> None:
    books.change_product("1002", maximum=Decimal(100))
    books.subscribe("1002", "100", new_number())
    assert code_of(lambda: books.subscribe("1002", "1", new_number())) == 80006
    books.change_settings(max_purchase_counts="order")
    books.subscribe("1002", "100", new_number())
    assert code_of(lambda: books.subscribe("1002", "101", new_number())) == 80006
    assert books.held("1002") == 200


def test_orders_are_refused_in_the_closed_window_only(books: Books, clock: VirtualClock) -> None:
    books.change_settings(
        closed_from=timedelta(hours=3, minutes=55), closed_until=timedelta(hours=4, minutes=15)
    )
    for hour, minute, open_ in ((3, 54, True), (3, 55, False), (4, 14, False), (4, 15, True)):
        clock.advance_to(datetime(2026, 5, 26, hour, minute, tzinfo=UTC))
        if open_:
            books.subscribe("1001", "1", new_number())
        else:
            assert code_of(lambda: books.subscribe("1001", "1", new_number())) == 80005
            assert code_of(lambda: books.redeem("200001", "1", new_number())) == 80005


def test_nobody_takes_out_more_than_is_there(books: Books) -> None:
    with pytest.raises(ValueError, match="withdraw"):
        books.withdraw("USDT", "20000.00000001")
    with pytest.raises(ValueError, match="unfreeze"):
        books.unfreeze("USDT", "1")
    with pytest.raises(ValueError, match="amount"):
        books.deposit("USDT", "-1")
    assert books.balance("USDT").available == 20000


def test_an_amount_of_38_digits_is_moved_without_losing_one(books: Books) -> None:
    books.open_product(
        ProductSpec(product_id="9", coin="SHIB", apy=Decimal(0), maximum=Decimal(10) ** 20)
    )
    fine = "12345678901234567890.12345678"
    books.deposit("SHIB", fine + "9876543211")
    books.subscribe("9", fine, new_number())
    assert books.balance("SHIB").available == Decimal("0.000000009876543211")
    assert books.held("9") == Decimal(fine)
    assert books.sums("SHIB").balanced
