"""T2: two daemons on two hosts, each with a ledger of its own, on one account.

Nothing in the exchange's API lets one of them keep the other away. What can be had, and is proven
here: neither takes the other's moves for its own, and each counts the money once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.sandbox import Fault
from tests.support.meanwhile import after_the_first_look
from tests.support.practice import Practice, flexible, practice

MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[tuple[Practice, Practice]]:
    """Two machines with the same key; each keeps its own file."""
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    with practice(here, flexible("1001", "0.05"), flexible("1002", "0.03")) as one:
        # Else each would wait a day after every move of the other's, and the two never meet.
        one.coins = "USDT: {reserve: 100, min_move: 1, min_apy: 1%, respect_person: 0s}"
        yield one, replace(one, directory=there)


def numbers(host: Practice) -> set[str]:
    """The request numbers that a ledger knows."""
    return {row[0] for row in host.sql("SELECT request_no FROM action_now")}


def movements(host: Practice) -> dict[str, str]:
    """Whose each record is, as one host's ledger has it."""
    return dict(
        host.sql(
            "SELECT record_id, attributed_to FROM movement"
            " WHERE kind <> 'interest' AND record_id IS NOT NULL"
        )
    )


def lose_the_request_of(host: Practice) -> None:
    """A cycle of which no subscribe arrives, however often it is tried."""
    host.server.faults.add(Fault("subscribe", "drop_before", times=None))
    host.cycle()
    host.server.faults.clear()


def held(host: Practice) -> Decimal:
    """What a ledger says is held in all products together."""
    rows = host.sql("SELECT amount, verified FROM holding_now")
    assert all(verified for _, verified in rows), "and that it adds up"
    return sum((Decimal(amount) for amount, _ in rows), Decimal(0))


def test_the_moves_of_another_earnd_are_a_persons_and_no_money_is_counted_twice(
    hosts: tuple[Practice, Practice],
) -> None:
    one, other = hosts
    one.cycle()
    for host in (other, one, other, one):
        one.books.deposit("USDT", "250")
        host.cycle()
        one.clock.advance(timedelta(days=1))
    for host in hosts:
        host.cycle()
    for host in hosts:  # interest is put back to work, which the first has not seen yet
        host.cycle()

    assert len(numbers(one)) >= 3
    assert len(numbers(other)) >= 2
    assert not numbers(one) & numbers(other)
    sent = {json.loads(request.body)["requestNo"] for request in one.server.received}
    assert sent == numbers(one) | numbers(other)
    mine, theirs = movements(one), movements(other)
    assert mine.keys() == theirs.keys()
    for record_id, owner in mine.items():
        assert {owner, theirs[record_id]} == {"earnd", "person"}, record_id
    for host in hosts:
        assert set(host.states()) == {"settled"}
        assert held(host) == one.held()
        assert host.findings() == {}
    assert one.books.sums("USDT").balanced


def test_what_the_other_put_in_between_look_and_sending_is_not_there_any_more(
    hosts: tuple[Practice, Practice],
) -> None:
    one, other = hosts

    one.cycle(after_the_first_look(other.cycle))

    assert one.states() == []
    assert other.states() == ["settled"]
    assert ("reserve_limit",) in one.sql("SELECT reason FROM decision_log")
    assert one.idle() >= 100


def test_an_action_in_doubt_is_not_settled_by_the_others_record(
    hosts: tuple[Practice, Practice],
) -> None:
    one, other = hosts
    lose_the_request_of(one)
    assert one.states() == ["unknown"]
    other.cycle()

    assert other.states() == ["settled"]
    for _ in range(5):
        one.clock.advance(12 * MINUTE)
        one.cycle()
        other.cycle()
    # The same idle money, so nearly the same amount: not taken for ours, and not overlooked.
    assert one.states() == ["needs_operator"]
    (why,) = one.sql("SELECT evidence FROM event_log WHERE to_state = 'needs_operator'")
    assert "is close" in why[0]
    assert set(other.states()) == {"settled"}
    assert other.findings() == {}
    assert len(one.books.records()) == 1, "and nothing was put in twice"


def test_a_written_off_action_is_not_late_by_what_the_other_does(
    hosts: tuple[Practice, Practice],
) -> None:
    one, other = hosts
    one.coins = "USDT: {reserve: 500, min_move: 1}"
    lose_the_request_of(one)
    one.clock.advance(QUARTER)
    other.cycle()
    for _ in range(5):
        one.clock.advance(12 * MINUTE)
        one.cycle()

    assert one.states() == ["rejected"], "the wallet changed by what the other's record says"
    assert set(movements(one).values()) == {"person"}
    one.clock.advance(timedelta(days=1))
    one.cycle()
    assert one.states()[0] == "rejected"
    assert one.findings() == {}


def both_lack(one: Practice, other: Practice, more: str) -> list[Decimal]:
    """What is redeemed when both see that the wallet lacks 80, and a redeem takes a while."""
    refill = f"USDT: {{reserve: 100, min_apy: 1%, refill_below: 50, refill_to: 100, {more}}}"
    one.coins = other.coins = refill
    one.cycle()
    other.cycle()
    one.books.change_settings(redeem_takes=timedelta(minutes=40))
    one.books.withdraw("USDT", one.idle() - 20)
    one.cycle()
    other.cycle()
    return [row.amount for row in one.books.records() if row.kind == "redeem"]


@pytest.mark.slow
def test_the_second_takes_the_first_for_a_person_and_brings_nothing_home_again(
    hosts: tuple[Practice, Practice],
) -> None:
    """It rests for as long as it respects what a person did: by default a day."""
    assert both_lack(*hosts, "min_move: 0") == [80]


@pytest.mark.slow
def test_both_may_bring_the_same_shortage_home_and_neither_goes_under_the_reserve(
    hosts: tuple[Practice, Practice],
) -> None:
    one, other = hosts
    redeems = both_lack(one, other, "respect_person: 0s")

    assert len(redeems) == 2, "what the other redeemed is not in this one's ledger as on its way"
    one.clock.advance(timedelta(hours=2))
    for host in hosts:
        host.cycle()
    assert one.idle() >= 100
    assert held(one) == held(other) == one.held()
