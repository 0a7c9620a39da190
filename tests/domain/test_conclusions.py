"""What a conclusion says, word for word: it is what a person reads who has to decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from earnd.domain import witnesses as said_by
from earnd.domain.action import Baseline, RecordedAction, State, Verb
from earnd.domain.attribution import AttributedTo, SeenRecord
from earnd.domain.settling import Conclusion, Rules, judge
from earnd.domain.snapshot import RecordKind, RecordStatus
from earnd.domain.witnesses import Witnesses
from tests.support.world import NOON, action, dec, record

RULES = Rules()
SOON = NOON + timedelta(minutes=1)
LATER = NOON + RULES.patience
MUCH_LATER = NOON + 2 * RULES.patience
UNKNOWN, ACCEPTED = State.UNKNOWN, State.ACCEPTED
SETTLED, REJECTED, PERSON = State.SETTLED, State.REJECTED, State.NEEDS_OPERATOR

ONCE = action()
TWICE = action(absent_looks=(SOON,))
WITH_TOTAL = replace(TWICE, baseline=Baseline(0, dec(1000), dec(500)))
REDEEM = action(verb=Verb.REDEEM, absent_looks=(SOON,))
LOOKS = "2026-03-01T12:01:00+00:00 and 2026-03-01T12:{}:00+00:00"
R1 = {"record_id": "r1"}


def says(*sums: str | None) -> Witnesses:
    """Available, total, and what others did to each."""
    available, whole, *effects = sums
    assert available is not None
    return Witnesses(
        dec(available),
        None if whole is None else dec(whole),
        *(dec(effect) for effect in effects if effect is not None),
    )


NOTHING_MOVED = says("1000", "500", "0", "0")
NO_TOTAL = says("1000", None, "0", "0")
DEPOSIT = says("1050", "500", "0", "0")
MISSING = says("900", None, "0", "0")


BOTH = "the wallet has 900 where 1000 was expected and the total is 600 where 500 was expected"


def evidence(wallet: str, until: str, whole: str | None = None) -> dict[str, str]:
    found = {"wallet_expected": "1000", "wallet_seen": wallet}
    if whole is not None:
        found |= {"total_expected": "500", "total_seen": whole}
    return {**found, "absent_looks": LOOKS.format(until)}


FAILED = RecordStatus.FAILED
PENDING = RecordStatus.PENDING

CASES: dict[
    str, tuple[RecordedAction, list[SeenRecord], datetime, Witnesses | None, Conclusion]
] = {
    "one fits": (
        ONCE,
        [record()],
        SOON,
        None,
        Conclusion(SETTLED, "exactly one new record fits", 1, evidence=R1),
    ),
    "two fit": (
        ONCE,
        [record(1), record(2)],
        SOON,
        None,
        Conclusion(PERSON, "2 records fit: r1, r2"),
    ),
    "its number": (
        ONCE,
        [record(number=1)],
        SOON,
        None,
        Conclusion(SETTLED, "a record carries its number", 1, evidence=R1),
    ),
    "its number twice": (
        ONCE,
        [record(1, number=1), record(2, number=1)],
        SOON,
        None,
        Conclusion(PERSON, "2 records carry its number"),
    ),
    "its number, somebody's": (
        ONCE,
        [record(number=1, owner=AttributedTo.PERSON)],
        SOON,
        None,
        Conclusion(PERSON, "record r1 carries its number but is person's"),
    ),
    "its number on something else": (
        ONCE,
        [record(1, "7.50", number=1, product_id="2")],
        SOON,
        None,
        Conclusion(PERSON, "record r1 carries its number but says subscribe 7.5 USDT in 2"),
    ),
    "its number, failed": (
        ONCE,
        [record(number=1, status=FAILED)],
        SOON,
        None,
        Conclusion(REJECTED, "its record says that it failed", evidence=R1),
    ),
    "accepted, and failed": (
        action(state=ACCEPTED),
        [record(number=1, status=FAILED)],
        SOON,
        None,
        Conclusion(PERSON, "accepted, but record r1 says it failed"),
    ),
    "pending": (
        ONCE,
        [record(status=PENDING)],
        SOON,
        None,
        Conclusion(UNKNOWN, "its record r1 is pending"),
    ),
    "pending with its number": (
        ONCE,
        [record(number=1, status=PENDING)],
        SOON,
        None,
        Conclusion(UNKNOWN, "its record r1 is pending"),
    ),
    "pending for long": (
        ONCE,
        [record(status=PENDING)],
        LATER,
        None,
        Conclusion(PERSON, "its record r1 is pending after all this time"),
    ),
    "early": (ONCE, [], SOON, None, Conclusion(UNKNOWN, "no record yet", absent=True)),
    "near": (
        TWICE,
        [record(1, "99.50")],
        LATER,
        None,
        Conclusion(
            PERSON,
            "no record fits, but new record r1 of 99.5 dated 2026-03-01T12:00:00+00:00 is close",
        ),
    ),
    "one look": (
        ONCE,
        [],
        LATER,
        None,
        Conclusion(UNKNOWN, "no record in one look; asking again later", absent=True),
    ),
    "yes without a record": (
        replace(TWICE, state=ACCEPTED),
        [],
        LATER,
        None,
        Conclusion(PERSON, "the exchange said yes, but no record of it ever appeared"),
    ),
    "known without a record": (
        replace(TWICE, last_outcome="seen"),
        [],
        LATER,
        None,
        Conclusion(PERSON, "the exchange knows the number (80013), but shows no record"),
    ),
    "a redeem on its way": (
        REDEEM,
        [],
        LATER,
        NO_TOTAL,
        Conclusion(UNKNOWN, "no record, and redeemed money may still be on its way", absent=True),
    ),
    "nobody asked": (
        TWICE,
        [],
        LATER,
        None,
        Conclusion(UNKNOWN, "asking the wallet", absent=True, wants_witnesses=True),
    ),
    "nothing moved": (
        WITH_TOTAL,
        [],
        LATER,
        NOTHING_MOVED,
        Conclusion(
            REJECTED,
            "it never arrived: no record, and nothing moved",
            absent=True,
            evidence=evidence("1000", "30", "500"),
        ),
    ),
    "something moved": (
        TWICE,
        [],
        LATER,
        MISSING,
        Conclusion(
            UNKNOWN,
            "no record, but the wallet has 900 where 1000 was expected; asking again later",
            absent=True,
        ),
    ),
    "something moved for good": (
        replace(TWICE, absent_looks=(SOON,)),
        [],
        MUCH_LATER,
        MISSING,
        Conclusion(
            PERSON,
            "no record ever appeared, but the wallet has 900 where 1000 was expected",
            evidence={
                "wallet_expected": "1000",
                "wallet_seen": "900",
                "absent_looks": "2026-03-01T12:01:00+00:00 and 2026-03-01T13:00:00+00:00",
            },
        ),
    ),
    "others moved the wallet": (
        WITH_TOTAL,
        [],
        MUCH_LATER,
        DEPOSIT,
        Conclusion(
            REJECTED,
            "it never arrived: no record, the total is as it was, and others moved the wallet",
            absent=True,
            evidence={
                "wallet_expected": "1000",
                "wallet_seen": "1050",
                "total_expected": "500",
                "total_seen": "500",
                "absent_looks": "2026-03-01T12:01:00+00:00 and 2026-03-01T13:00:00+00:00",
            },
        ),
    ),
    "with a person already": (
        action(state=PERSON),
        [record(1), record(2)],
        SOON,
        None,
        Conclusion(PERSON, "2 records fit: r1, r2"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_conclusion_says_what_was_found_and_what_it_rests_on(name: str) -> None:
    judged, records, now, witnesses, expected = CASES[name]

    assert judge(judged, records, now=now, rules=RULES, witnesses=witnesses) == expected


def test_on_a_clock_that_is_not_proven_that_is_what_is_said() -> None:
    found = judge(TWICE, [], now=LATER, rules=RULES, is_clock_trusted=False)

    assert found == Conclusion(UNKNOWN, "no record yet, and our clock is not proven right")


def test_a_look_at_the_very_moment_of_the_sending_counts() -> None:
    found = judge(action(absent_looks=(NOON,)), [], now=LATER, rules=RULES, witnesses=NO_TOTAL)

    assert found.to is REJECTED


def test_where_subscribe_records_carry_numbers_one_without_is_not_ours() -> None:
    numbered = record(1, "7", number=9)
    found = judge(TWICE, [numbered, record(2)], now=SOON, rules=RULES)
    other = judge(
        TWICE, [record(1, "7", RecordKind.REDEEM, number=9), record(2)], now=SOON, rules=RULES
    )

    assert found.to is UNKNOWN
    assert other.to is SETTLED


@pytest.mark.parametrize(
    ("verb", "said", "expected"),
    [
        (Verb.SUBSCRIBE, says("1000", "500", "0", "0"), ("", False)),
        (
            Verb.SUBSCRIBE,
            says("900", "500", "0", "0"),
            ("the wallet has 900 where 1000 was expected", False),
        ),
        (
            Verb.SUBSCRIBE,
            says("1100", "500", "0", "0"),
            ("the wallet has 1100 where 1000 was expected", True),
        ),
        (
            Verb.REDEEM,
            says("1100", "500", "0", "0"),
            ("the wallet has 1100 where 1000 was expected", False),
        ),
        (
            Verb.REDEEM,
            says("900", "500", "0", "0"),
            ("the wallet has 900 where 1000 was expected", True),
        ),
        (
            Verb.SUBSCRIBE,
            says("900", "600", "0", "0"),
            (BOTH, False),
        ),
        (
            Verb.SUBSCRIBE,
            says("1000", "600", "0", "0"),
            ("the total is 600 where 500 was expected", False),
        ),
    ],
)
def test_a_wallet_that_differs_by_the_very_amount_is_not_taken_for_somebody_elses_doing(
    verb: Verb, said: Witnesses, expected: tuple[str, bool]
) -> None:
    asked = action(verb=verb, total="500")

    found = said_by.testimony(asked, said)

    assert (found.objection, found.is_somebody_elses) == expected
    assert found.evidence["wallet_expected"] == "1000"


def test_without_a_total_nothing_is_somebody_elses() -> None:
    found = said_by.testimony(action(), says("1050", "500", "0", "0"))

    numbers = {"wallet_expected": "1000", "wallet_seen": "1050"}
    why = "the wallet has 1050 where 1000 was expected"
    assert found == said_by.Testimony(why, is_somebody_elses=False, evidence=numbers)
