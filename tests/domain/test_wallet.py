"""What the wallet did beyond the records: what is a lag, what is booked, and as whose."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from earnd.domain.action import State, Verb
from earnd.domain.ids import Coin
from earnd.domain.snapshot import RecordKind, RecordStatus
from earnd.domain.strategy import InterestPaid
from earnd.domain.walletbook import LONGEST_WAIT, wait_for
from earnd.domain.walletflow import Flow, FlowKind, Gap, Switch
from earnd.domain.walletmatch import merged
from tests.support.walletworld import HOUR, Seen
from tests.support.world import NOON, USDT, action, record

BTC = Coin("BTC")


def told(flows: list[Flow]) -> list[tuple[str, Decimal, str]]:
    """The kind, the amount and the owner of each."""
    return [(flow.kind.value, flow.amount, flow.attributed_to.value) for flow in flows]


def opened(wallet: str = "1000") -> Seen:
    seen = Seen()
    seen.look(wallet)
    return seen


def test_what_is_there_at_the_first_look_is_the_opening() -> None:
    seen = Seen()

    first = seen.look({USDT: Decimal(1000), BTC: Decimal(0)}, record(1, "500"))

    assert told(first) == [("opening", Decimal(1000), "opening")]
    assert seen.adds_up()
    assert seen.quiet() == []


def test_a_deposit_is_booked_once_it_has_lasted_and_another_look_has_seen_it() -> None:
    """I16."""
    seen = opened()

    assert seen.look("1050") == []
    assert seen.look("1050", minutes=59) == []
    assert told(seen.look("1050", minutes=1)) == [("deposit", Decimal(50), "person")]
    assert seen.flows[-1].from_at == NOON
    assert seen.flows[-1].at == NOON + timedelta(minutes=30)
    assert seen.quiet() == seen.flows[1:]


@pytest.mark.parametrize("is_late", ["the record", "the money"])
def test_a_side_that_lags_leaves_nothing_behind(is_late: str) -> None:
    """X27."""
    seen = opened()
    redeem = record(1, "200", RecordKind.REDEEM, 20)
    if is_late == "the record":
        seen.look("1200")
        seen.look("1200", redeem)
    else:
        seen.look("1000", redeem)
        seen.look("1200")

    assert not seen.open()
    assert seen.quiet() == []


def test_two_records_that_lag_behind_one_look_close_together() -> None:
    seen = opened()
    seen.look("850", minutes=10)
    seen.look("850", record(1, "100", minutes=5), minutes=10)
    assert seen.open() == -50
    seen.look("850", record(2, "50", minutes=6), minutes=10)

    assert not seen.open()


def test_any_few_that_add_up_close_though_a_deposit_lies_between() -> None:
    seen = opened()
    seen.look("850", minutes=10)
    seen.look("857", minutes=10)
    seen.look("857", record(1, "100", minutes=5), minutes=10)
    seen.look("857", record(2, "50", minutes=6), minutes=10)

    assert told(seen.quiet()) == [("deposit", Decimal(7), "person")]


def test_money_that_came_and_went_is_two_flows_and_a_stale_reading_none() -> None:
    seen = opened()
    seen.look("1100")
    seen.look("1000")
    assert [flow.amount for flow in seen.quiet()] == [100, -100]

    stale = opened()
    stale.look("0", minutes=3)
    stale.look("1000", minutes=3)
    assert stale.quiet() == []


def test_a_deposit_in_the_look_of_a_subscribe_whose_record_lags_is_the_rest() -> None:
    seen = opened()
    seen.look("950")
    seen.look("950", record(1, "100", minutes=10))

    assert told(seen.quiet()) == [("deposit", Decimal(50), "person")]


def test_a_deposit_in_the_look_of_late_redeemed_money_is_the_rest() -> None:
    seen = opened()
    seen.look("1000", record(1, "200", RecordKind.REDEEM, 20))
    seen.look("1230", minutes=50)

    assert told(seen.quiet()) == [("deposit", Decimal(30), "person")]


def test_what_no_change_of_the_wallet_can_hold_is_booked_for_itself() -> None:
    """A redeem whose money somebody took at once; and a withdrawal hours before."""
    seen = opened()
    seen.look("990")
    seen.quiet(3)
    seen.look("990", record(1, "200", RecordKind.REDEEM, 240))
    seen.look("989")
    seen.look("1000")

    amounts = [flow.amount for flow in seen.quiet()]
    assert amounts == [-10, -200, -1, 11]
    assert seen.adds_up()


def test_a_coin_for_another_in_one_look_is_a_trade() -> None:
    seen = opened()
    seen.look({USDT: Decimal(400), BTC: Decimal("0.01")})

    assert [flow.kind for flow in seen.quiet()] == [FlowKind.TRADE, FlowKind.TRADE]
    assert seen.adds_up()
    assert seen.adds_up(BTC)

    both = opened()
    both.look({USDT: Decimal(1400), BTC: Decimal("0.01")})
    assert [flow.kind for flow in both.quiet()] == [FlowKind.DEPOSIT, FlowKind.DEPOSIT]


def test_a_record_that_comes_later_takes_back_what_was_booked_for_it() -> None:
    """X22: a person's move by hand, listed long after."""
    seen = opened()
    seen.look("1200")
    seen.quiet(2)
    assert [flow.amount for flow in seen.flows[1:]] == [200]
    flows = seen.look("1200", record(1, "200", RecordKind.REDEEM, 20))

    assert told(flows) == [("correction", Decimal(-200), "person")]
    assert flows[0].corrects == 1
    assert seen.quiet() == seen.flows[1:]
    assert seen.adds_up()


def test_money_that_comes_later_takes_back_the_withdrawal_it_was_taken_for() -> None:
    seen = opened()
    seen.look("1000", record(1, "200", RecordKind.REDEEM, 20))
    seen.quiet(2)
    assert [flow.amount for flow in seen.flows[1:]] == [-200]

    assert told(seen.look("1200")) == [("correction", Decimal(200), "person")]


def test_a_withdrawal_takes_back_no_deposit_and_a_record_none_from_before_it() -> None:
    seen = opened()
    seen.look("1200")
    seen.quiet(2)
    seen.look("1000")
    assert [flow.kind.value for flow in seen.quiet()] == ["deposit", "withdrawal"]

    other = opened()
    other.look("1200")
    other.quiet(2)
    other.look("1200", record(1, "200", RecordKind.REDEEM, 400), minutes=300)
    assert [flow.kind.value for flow in other.quiet()] == ["deposit", "withdrawal"]


def test_nothing_is_booked_that_an_open_action_could_have_done() -> None:
    seen = opened()
    sent = action("100", sent_at=NOON + timedelta(minutes=10))
    unsent = action("100", sent_at=None)

    seen.look("900", actions=[sent])
    for _ in range(5):
        assert seen.look("900", minutes=60, actions=[sent]) == []
    assert told(seen.look("900", actions=[unsent])) == [("withdrawal", Decimal(-100), "person")]


def test_what_happened_after_all_that_an_open_action_can_do_is_booked() -> None:
    seen = opened()
    sent = action("100", state=State.NEEDS_OPERATOR)
    seen.look("1000", minutes=200, actions=[sent])
    seen.look("1050", actions=[sent])

    assert told(seen.look("1050", minutes=60, actions=[sent]))[0][:2] == ("deposit", Decimal(50))


@pytest.mark.parametrize(
    ("verb", "wallet", "owner"),
    [
        (Verb.SUBSCRIBE, "900", "unexplained"),
        (Verb.SUBSCRIBE, "1100", "person"),
        (Verb.REDEEM, "1100", "unexplained"),
        (Verb.REDEEM, "1099.99", "person"),
    ],
)
def test_what_a_written_off_action_would_have_done_is_not_a_persons(
    verb: Verb, wallet: str, owner: str
) -> None:
    seen = opened()
    lost = [
        action("100", verb, State.REJECTED),
        action("100", verb, State.REJECTED, 2, coin=BTC),
        action("100", verb, State.DROPPED, 3, sent_at=None),
    ]
    seen.look(wallet)
    flows = seen.look(wallet, minutes=60, written_off=lost)

    assert [flow.attributed_to.value for flow in flows] == [owner]


def test_a_record_from_before_the_first_look_belongs_to_the_opening() -> None:
    """The subscribe had left the wallet, and its record was listed only later."""
    seen = opened()
    seen.look("1000", record(1, "100", minutes=-10))

    assert told(seen.quiet() or seen.flows[1:]) == [("opening", Decimal(100), "opening")]
    assert seen.adds_up()


def test_money_that_was_on_its_way_at_the_first_look_belongs_to_the_opening() -> None:
    """X27."""
    seen = Seen(on_the_way={USDT: [Decimal(300)]})
    seen.look("1000", record(1, "300", RecordKind.REDEEM, -10))
    seen.look("1300")
    seen.look("1305", minutes=300)
    seen.look("1605", minutes=300)
    seen.quiet()

    assert [(f.kind.value, f.amount) for f in seen.flows[1:]] == [
        ("opening", Decimal(300)),
        ("deposit", Decimal(5)),
        ("deposit", Decimal(300)),
    ]


def test_interest_goes_where_it_is_said_to_go_and_no_flow_comes_of_a_change() -> None:
    seen = opened()
    seen.look("1001", record(1, "1", RecordKind.INTEREST, 20))
    seen.readings = {USDT: InterestPaid.PRODUCT}
    seen.look("1001", record(2, "2", RecordKind.INTEREST, 50))
    seen.look("1001", record(3, "3", RecordKind.INTEREST, 80))
    seen.readings = {USDT: InterestPaid.WALLET}
    seen.look("1001")
    seen.look("1005", record(4, "4", RecordKind.INTEREST, 140))

    assert seen.quiet() == []
    assert seen.switches == [
        Switch(USDT, 2, InterestPaid.PRODUCT),
        Switch(USDT, 4, InterestPaid.WALLET),
    ]
    assert seen.adds_up()


def test_a_ledger_begun_where_interest_goes_into_products_knows_it_from_the_first_look() -> None:
    seen = Seen(readings={USDT: InterestPaid.PRODUCT})
    old = [record(n, "1", RecordKind.INTEREST, -n) for n in (1, 2)]
    seen.look("1000", *old, record(3, "1", RecordKind.INTEREST, coin=BTC))
    seen.look("1000", record(4, "1", RecordKind.INTEREST, 20))

    assert seen.switches == [Switch(USDT, 1, InterestPaid.PRODUCT)]
    assert seen.quiet() == []


def test_where_nothing_says_it_the_wallet_does() -> None:
    seen = Seen(readings={})
    seen.look("1000")
    seen.look("1000", record(1, "1", RecordKind.INTEREST, 20))
    seen.look("1000", record(2, "2", RecordKind.INTEREST, 50))
    assert not seen.switches
    seen.look("1000", minutes=60)
    assert seen.switches == [Switch(USDT, 1, InterestPaid.PRODUCT)]
    seen.look("1000", record(3, "3", RecordKind.INTEREST, 150))
    seen.look("1004", record(4, "4", RecordKind.INTEREST, 180))

    assert seen.switches[1:] == [Switch(USDT, 4, InterestPaid.WALLET)]
    assert seen.quiet() == []
    assert seen.adds_up()


def test_a_guess_is_over_when_it_is_said_where_interest_goes() -> None:
    seen = Seen(readings={})
    seen.look("1000")
    seen.look("1000", record(1, "1", RecordKind.INTEREST, 20))
    seen.readings = {USDT: InterestPaid.PRODUCT}
    seen.look("1000")
    assert not seen.open()

    other = Seen(readings={})
    other.look("1000")
    other.look("1003", record(1, "1", RecordKind.INTEREST, 20))
    other.readings = {USDT: InterestPaid.WALLET}
    other.look("1003")
    assert [flow.amount for flow in other.quiet()] == [2]


def test_a_guess_that_the_wallet_does_not_bear_out_is_kept() -> None:
    seen = Seen(readings={})
    seen.look("1000")
    seen.look("1007", record(1, "1", RecordKind.INTEREST, 20))

    assert [flow.amount for flow in seen.quiet()] == [6]
    assert not seen.switches


def test_what_failed_moved_nothing_whenever_that_is_told() -> None:
    seen = opened()
    lost = record(1, "100", minutes=20, status=RecordStatus.FAILED)
    seen.look("1000", lost, record(2, "1", RecordKind.INTEREST, status=RecordStatus.FAILED))
    assert not seen.open()

    pending = record(3, "50", minutes=50, status=RecordStatus.PENDING)
    seen.look("950", pending)
    now = replace(pending, record=replace(pending.record, status=RecordStatus.FAILED))
    seen.look("1000", failed=[now])
    assert not seen.open()
    seen.look("950", revived=[pending])
    assert not seen.open()


def test_looks_of_one_moment_are_one_look() -> None:
    seen = opened()
    seen.look("1100", record(1, "5", minutes=1), minutes=0)
    seen.look("1107", record(2, "5", minutes=2), minutes=0)
    seen.look("1100", record(3, "1", minutes=3), minutes=0)
    assert [gap.amount for gap in seen.account.coins[USDT].gaps] == [111] if seen.account else False
    seen.look("989", minutes=0)

    assert not seen.open()


def test_a_gap_among_many_is_closed_by_its_pair() -> None:
    seen = opened()
    wallet = Decimal(1000)
    for n in range(14):
        wallet += Decimal(1).scaleb(-n)
        seen.look(wallet, minutes=1)
    seen.look(wallet, record(1, "0.001", RecordKind.REDEEM, 5), minutes=1)

    assert seen.account is not None
    assert len(seen.account.coins[USDT].gaps) == 13


def test_the_wait_grows_with_the_slowest_record_up_to_a_day() -> None:
    assert wait_for(HOUR, []) == HOUR
    assert wait_for(HOUR, [HOUR, 2 * HOUR]) == 3 * HOUR
    assert wait_for(HOUR, [timedelta(days=3)]) == LONGEST_WAIT


def test_a_record_put_to_the_very_change_that_it_made_leaves_nothing() -> None:
    at = NOON + HOUR
    wallet = Gap(NOON, at, Decimal(-100))
    listed = Gap(at, at + HOUR, Decimal(100), at)

    assert merged([wallet, listed], HOUR, lambda gap: gap is listed) == ()
    assert merged([wallet, listed], HOUR, lambda gap: gap is wallet) == ()
    assert merged([wallet, listed], HOUR, lambda _: False) == (wallet, listed)


def test_what_a_written_off_action_can_no_longer_have_done_is_a_persons() -> None:
    seen = opened()
    lost = [action("100", Verb.SUBSCRIBE, State.REJECTED)]
    seen.look("1000", minutes=90, written_off=lost)
    seen.look("900", written_off=lost)

    assert told(seen.look("900", minutes=60, written_off=lost)) == [
        ("withdrawal", Decimal(-100), "person")
    ]
