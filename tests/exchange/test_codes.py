from __future__ import annotations

import pytest

from earnd.domain.answer import Outcome
from earnd.domain.cooldown import PERIODS
from earnd.exchange.bitmart.codes import CODES, STATUSES, meaning_of, meaning_of_status

API_PAGE = {
    1000: 200,
    **dict.fromkeys(
        [
            80000, 80001, 80002, 80003, 80004, 80005, 80006, 80007, 80008, 80009, 80010, 80011,
            80012, 80013, 80014, 80015, 80016, 80017, 80018, 80019, 80020, 80021, 80022,
        ],
        400,
    ),
}  # fmt: skip

GATEWAY = {
    **dict.fromkeys([30001, 30002, 30003, 30004, 30005, 30006, 30007, 30008], 401),
    **dict.fromkeys([30010, 30011, 30012], 403),
    **dict.fromkeys([30014, 30018], 503),
    **dict.fromkeys([30016, 30019, 30030, 30031], 200),
    30000: 404,
    30013: 429,
    30017: 418,
}

ACCOUNT = {
    **dict.fromkeys([60000, 60001, 60002, 60008, 60052, 61001, 61004], 400),
    **dict.fromkeys([60026, 60028, 60063, 60029, 61005, 53000, 53001, 53008], 403),
    **dict.fromkeys([53002, 53006, 53007, 53005], 403),
    **dict.fromkeys([60050, 60051, 59002], 500),
    60030: 405,
    60031: 415,
}


def test_every_documented_code_has_a_row_with_its_documented_status() -> None:
    assert {code: row.http_status for code, row in CODES.items()} == API_PAGE | GATEWAY | ACCOUNT


def test_only_1000_says_yes() -> None:
    assert [code for code, row in CODES.items() if row.outcome is Outcome.YES] == [1000]


def test_the_earn_codes_refuse_except_the_two_that_prove_nothing() -> None:
    outcomes = {code: CODES[code].outcome for code in API_PAGE if code != 1000}

    assert outcomes.pop(80013) is Outcome.SEEN
    assert outcomes.pop(80016) is Outcome.UNCLEAR
    assert set(outcomes.values()) == {Outcome.REFUSED}


def test_the_gateway_refuses_before_execution_unless_it_failed() -> None:
    for code, status in GATEWAY.items():
        expected = Outcome.UNCLEAR if status >= 500 else Outcome.NOT_EXECUTED
        assert CODES[code].outcome is expected, code


def test_nothing_that_comes_with_a_server_error_is_certain() -> None:
    for code, row in CODES.items():
        if row.http_status >= 500:
            assert row.outcome is Outcome.UNCLEAR, code


def test_every_row_but_yes_says_what_happened_what_earnd_does_and_what_a_person_can_do() -> None:
    for key, row in (*CODES.items(), *STATUSES.items()):
        assert row.happened.endswith("."), key
        if key != 1000:
            assert row.earnd_does.endswith("."), key
            assert row.you_can.endswith("."), key
        assert "  " not in row.sentence, key


def test_the_sentence_says_how_long_as_the_domain_has_it() -> None:
    for row in CODES.values():
        assert row.lasts == PERIODS.get(row.consequence)
    assert CODES[80001].sentence == (
        "The product does not exist any more. earnd leaves the product alone for 1 hour."
        " Nothing needs doing."
    )
    assert "earnd subscribes nothing for 12 hours." in CODES[80015].sentence


def test_what_was_short_or_closed_is_tried_again_in_a_quarter_of_an_hour() -> None:
    assert CODES[80002].sentence.startswith(
        "The wallet, or the position, had less than was asked for."
        " earnd does not try this again with the coin for 15 minutes. If it happens again, "
    )
    assert CODES[80005].sentence == (
        "The exchange takes no orders at this time of day."
        " earnd does not try this again with the coin for 15 minutes. Nothing needs doing."
    )


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (80003, "with the coin for 15 minutes, and then for 30 days uses fewer decimals."),
        (80004, "leaves the product alone for 15 minutes, and then for 1 hour puts in less."),
        (80006, "leaves the product alone for 15 minutes, and then for 24 hours puts in less."),
        (80010, "puts nothing into the product for 1 hour."),
        (80011, "puts nothing into the product for 12 hours."),
        (80021, "alone for 1 hour, and then for 24 hours puts in more or nothing."),
    ],
)
def test_what_a_refusal_teaches_is_told(code: int, told: str) -> None:
    assert told in CODES[code].earnd_does


def test_what_is_not_certain_is_looked_for() -> None:
    for code in (80013, 80016, 30014, 61001):
        assert "looks in the history" in CODES[code].sentence


@pytest.mark.parametrize(
    ("status", "row"), [(302, 300), (308, 300), (502, 500), (451, 400), (429, 429)]
)
def test_a_status_without_a_row_has_that_of_its_class(status: int, row: int) -> None:
    assert meaning_of_status(status) is STATUSES[row]


def test_every_status_has_a_meaning_and_none_is_certain() -> None:
    for status in range(1000):
        assert meaning_of_status(status).outcome is Outcome.UNCLEAR


def test_a_code_counts_only_with_its_documented_status() -> None:
    assert meaning_of(400, 80002) is CODES[80002]
    assert meaning_of(503, 80002) is STATUSES[503]
    assert meaning_of(429, None) is STATUSES[429]
