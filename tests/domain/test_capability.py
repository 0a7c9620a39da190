"""What is learnt of an account, and how far a number is relied upon."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from earnd.domain.action import Verb
from earnd.domain.attribution import SeenRecord
from earnd.domain.capability import Capability, learnt, trusted_window
from earnd.domain.snapshot import Position, RecordKind, RecordStatus, Snapshot
from tests.support.world import NOON, dec, position, record

SLOWEST = {
    Verb.SUBSCRIBE: timedelta(seconds=7, milliseconds=900),
    Verb.REDEEM: timedelta(minutes=2),
}


def known(
    *records: SeenRecord, positions: tuple[Position, ...] = (), totals: bool = False
) -> dict[str, str]:
    seen = Snapshot(NOON, (), positions, {}, totals={} if totals else None)
    return {key.value: value for key, value in learnt(records, seen, SLOWEST).items()}


def test_of_an_account_without_records_and_positions_only_the_totals_are_known() -> None:
    assert known() == {"total_per_coin": "no"}
    assert known(totals=True) == {"total_per_coin": "yes"}


def test_numbers_and_delays_are_learnt_for_each_kind_of_record_that_was_seen() -> None:
    plain, numbered = record(1), record(2, number=1)
    redeem = record(3, kind=RecordKind.REDEEM)
    none = {"total_per_coin": "no", "records_have_status": "no"}
    subscribe = {"slowest_subscribe_record_s": "7"}

    assert known(plain) == {**none, **subscribe, "subscribe_records_numbered": "no"}
    assert known(plain, numbered) == {**none, **subscribe, "subscribe_records_numbered": "yes"}
    assert known(redeem) == {
        **none,
        "redeem_records_numbered": "no",
        "slowest_redeem_record_s": "120",
    }
    assert known(numbered, redeem)["redeem_records_numbered"] == "no"


def test_one_record_with_a_status_shows_that_there_are_such() -> None:
    assert known(record(1), record(2, status=RecordStatus.DONE))["records_have_status"] == "yes"


def test_positions_have_amounts_if_all_of_them_have() -> None:
    with_amount, without = position("1", amount="5"), position("2", earn_id="e2")

    assert known(positions=(with_amount,))["positions_have_amount"] == "yes"
    assert known(positions=(with_amount, without))["positions_have_amount"] == "no"
    assert known(positions=(without,))["positions_have_amount"] == "no"
    zero = replace(with_amount, amount=dec(0))
    assert known(positions=(zero,))["positions_have_amount"] == "yes"


@pytest.mark.parametrize(
    ("setting_s", "kept_s", "forgotten", "trusted_s"),
    [
        (600, None, False, 120),
        (60, None, False, 60),
        (600, 100, False, 120),
        (600, 240, False, 120),
        (600, 400, False, 200),
        (100, 400, False, 100),
        (600, None, True, 0),
        (600, 100, True, 50),
        (600, 400, True, 200),
        (60, 400, True, 60),
        (0, 400, False, 0),
    ],
)
def test_a_number_is_relied_upon_for_half_of_what_was_proven_or_two_minutes_on_its_word(
    setting_s: int, kept_s: int | None, forgotten: bool, trusted_s: float
) -> None:
    found: dict[str, str] = {}
    if kept_s is not None:
        found[Capability.NUMBER_KEPT] = str(kept_s)
    if forgotten:
        found[Capability.NUMBER_FORGOTTEN] = "1000"

    window = trusted_window(timedelta(seconds=setting_s), found)

    assert window == timedelta(seconds=trusted_s)
