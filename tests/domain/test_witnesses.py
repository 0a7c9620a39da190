from __future__ import annotations

import pytest

from earnd.domain.action import State, Verb
from earnd.domain.snapshot import RecordKind
from earnd.domain.witnesses import in_transit
from tests.support.world import action, dec, record

REDEEM = action("80", Verb.REDEEM, State.SETTLED, available="20")
ITS_RECORD = record(1, "80", RecordKind.REDEEM)


@pytest.mark.parametrize(
    ("idle", "coming"),
    [
        ("20", "80"),
        ("100", "0"),
        ("20.00000001", "0"),
        ("150", "0"),
    ],
    ids=["not there yet", "arrived", "in part, so it was something else", "and more came"],
)
def test_a_redeem_is_in_transit_until_the_wallet_shows_all_of_it(idle: str, coming: str) -> None:
    """X27."""
    found = in_transit([REDEEM], [ITS_RECORD], available=dec(idle), interest_into_wallet=True)

    assert found == dec(coming)


def test_interest_that_came_meanwhile_is_not_taken_for_the_redeem() -> None:
    records = [ITS_RECORD, record(2, "5", RecordKind.INTEREST)]

    assert in_transit([REDEEM], records, available=dec(25), interest_into_wallet=True) == 80
    assert in_transit([REDEEM], records, available=dec(105), interest_into_wallet=True) == 0


def test_of_two_redeems_only_what_is_missing_counts() -> None:
    later = action("30", Verb.REDEEM, State.SETTLED, 2, available="100", known_upto=1)
    records = [ITS_RECORD, record(2, "30", RecordKind.REDEEM)]

    both = in_transit([REDEEM, later], records, available=dec(20), interest_into_wallet=True)
    second = in_transit([REDEEM, later], records, available=dec(100), interest_into_wallet=True)
    none = in_transit([REDEEM, later], records, available=dec(130), interest_into_wallet=True)

    assert [both, second, none] == [dec(110), dec(30), dec(0)]


def test_never_more_is_in_transit_than_was_redeemed() -> None:
    """A person took the money out, and more with it."""
    found = in_transit([REDEEM], [ITS_RECORD], available=dec(0), interest_into_wallet=True)

    assert found == 80
