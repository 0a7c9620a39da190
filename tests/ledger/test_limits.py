"""The limits of each run are on record, and whatever was sent beyond them is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from earnd.domain.action import State, Verb
from earnd.domain.answer import Outcome
from earnd.domain.ids import Coin
from earnd.domain.reason import Reason
from earnd.domain.strategy import CoinStrategy, Rotation, Share, Strategy
from earnd.ledger import queries
from earnd.ledger.book import Book
from tests.ledger.story import NOON, Life
from tests.support.practice import flexible, practice

USDT = CoinStrategy(
    reserve=Decimal(100),
    max_per_action=Decimal(1000),
    max_per_day=Decimal("1500.5"),
    max_total=Share(Decimal("0.4")),
    respect_person=timedelta(hours=1),
    rotation=Rotation(cool_down=timedelta(minutes=2)),
)
CAPPED = Strategy({Coin("USDT"): USDT})
LIMITS = "SELECT coin, name, value FROM limit_now ORDER BY coin, name"


def findings(life: Life) -> list[str]:
    """What the audit says."""
    return [str(row["what"]) for row in queries.audits(life.book)["audit_limit_exceeded"]]


def sent(
    life: Life,
    amount: str,
    coin: str = "USDT",
    *,
    verb: Verb = Verb.SUBSCRIBE,
    reason: Reason = Reason.BEST_BAND,
) -> None:
    """An action that left, and was rejected after a doubt: it counts."""
    action = life.planned(amount, coin, verb, reason)
    life.answered(action, State.UNKNOWN, Outcome.UNCLEAR)
    life.enter(action, State.REJECTED)


def allowed(life: Life, strategy: Strategy = CAPPED) -> None:
    life.book.record_limits(life.now, strategy)


def test_a_runs_limits_are_written_once_and_again_where_they_change(life: Life) -> None:
    allowed(life)
    expected = [
        ("USDT", "cool_down", "120"),
        ("USDT", "max_per_action", "1000"),
        ("USDT", "max_per_day", "1500.5"),
        ("USDT", "max_total_share", "0.4"),
        ("USDT", "reserve", "100"),
        ("USDT", "respect_person", "3600"),
    ]
    assert life.sql(LIMITS) == expected
    allowed(life)
    assert life.sql("SELECT count(*) FROM limit_in_force") == [(len(expected),)]
    allowed(life, Strategy({Coin("USDT"): replace(USDT, max_total=None, max_per_day=Decimal(2))}))
    newest = life.sql("SELECT coin, name, value, run_id FROM limit_in_force")[len(expected) :]
    run = life.book.run_id
    assert newest == [("USDT", "max_total_share", None, run), ("USDT", "max_per_day", "2", run)]


def test_a_coin_that_is_no_longer_listed_is_under_the_limits_of_all_others(life: Life) -> None:
    others = replace(USDT, max_per_action=Decimal(7))
    allowed(life)
    allowed(life, Strategy({}, others))
    assert life.sql("SELECT value FROM limit_now WHERE name = 'max_per_action'") == [("7",), ("7",)]
    allowed(life, Strategy({}, replace(others, max_per_action=Decimal(8))))
    assert life.sql("SELECT value FROM limit_now WHERE name = 'max_per_action'") == [("8",), ("8",)]
    allowed(life, Strategy({}))
    assert life.sql("SELECT * FROM limit_now") == []


def test_a_coin_with_its_own_entry_takes_nothing_from_the_others(life: Life) -> None:
    own = Strategy({Coin("BTC"): CoinStrategy()}, USDT)
    allowed(life, own)
    sent(life, "5000", "BTC")
    assert findings(life) == []
    sent(life, "1000.00000001", "ETH")
    assert findings(life) == [
        "Action 2, subscribe 1000.00000001 ETH, is more than max_per_action, which was 1000."
    ]


def test_what_is_within_the_limits_is_no_finding(life: Life) -> None:
    allowed(life)
    sent(life, "1000")
    sent(life, "500.5")
    sent(life, "1000", verb=Verb.REDEEM)
    life.later(hours=24)
    sent(life, "1000")
    assert findings(life) == []


def test_a_move_beyond_the_limit_of_one_is_found_to_the_last_digit(life: Life) -> None:
    """I19."""
    allowed(life)
    sent(life, "1000.000000000000000001")
    assert findings(life) == [
        (
            "Action 1, subscribe 1000.000000000000000001 USDT, is more than max_per_action,"
            " which was 1000."
        )
    ]


def test_moves_beyond_the_limit_of_a_day_are_found_to_the_last_digit(life: Life) -> None:
    """I19: the sums are exact, also where a float has no digit left."""
    big = replace(USDT, max_per_action=None, max_per_day=Decimal(90000000000000000000))
    allowed(life, Strategy({Coin("USDT"): big}))
    sent(life, "89999999999999999999.999999999999999999")
    life.later(hours=23, minutes=59)
    sent(life, "0.000000000000000001")
    assert findings(life) == []
    sent(life, "0.000000000000000001")
    assert findings(life) == [
        (
            "Action 3, subscribe 0.000000000000000001 USDT, made it"
            " 90000000000000000000.000000000000000001 within 24 hours, more than max_per_day,"
            " which was 90000000000000000000."
        )
    ]


def test_a_day_is_any_24_hours_and_not_a_date(life: Life) -> None:
    allowed(life)
    sent(life, "1000")
    life.later(hours=23, minutes=59, seconds=59, milliseconds=999)
    sent(life, "501")
    assert findings(life) == [
        (
            "Action 2, subscribe 501 USDT, made it 1501 within 24 hours, more than max_per_day,"
            " which was 1500.5."
        )
    ]
    life.later(milliseconds=1)
    sent(life, "999.5")
    assert len(findings(life)) == 1, "the first is a whole day ago"


def test_what_moved_nothing_does_not_count_for_the_day(life: Life) -> None:
    """As earnd counts: dropped, or refused at its only sending."""
    allowed(life)
    life.answered(life.planned("1000"), State.DROPPED, Outcome.NOT_SENT)
    life.answered(life.planned("1000"), State.REJECTED, Outcome.REFUSED)
    life.settled("1000")
    assert findings(life) == []
    life.settled("501")
    assert len(findings(life)) == 1


def test_a_person_who_brings_all_home_is_not_held_to_the_day(life: Life) -> None:
    allowed(life)
    for _ in range(2):
        sent(life, "1000", verb=Verb.REDEEM, reason=Reason.UNWIND)
    assert findings(life) == []
    sent(life, "1", verb=Verb.REDEEM)
    assert len(findings(life)) == 1, "but what earnd does of its own comes on top of it"


def test_each_move_is_held_to_the_limits_of_its_own_run(
    life: Life, open_book: Callable[..., Book]
) -> None:
    allowed(life)
    sent(life, "1000")
    life.book.close()
    later: Any = open_book(prefix="23456789", started_at=NOON + timedelta(hours=30))
    second = Life(later, now=NOON + timedelta(hours=30))
    allowed(second, Strategy({Coin("USDT"): replace(USDT, max_per_action=Decimal(10))}))
    assert findings(second) == []
    sent(second, "11")
    assert [line.partition(",")[0] for line in findings(second)] == ["Action 2"]


def test_a_ledger_without_a_word_on_limits_has_no_findings(life: Life) -> None:
    sent(life, "1000000")
    assert findings(life) == []


def test_what_is_older_than_ninety_days_is_no_longer_asked_for(life: Life) -> None:
    allowed(life)
    sent(life, "1001")
    life.next_cycle(days=89)
    assert len(findings(life)) == 1
    life.next_cycle(days=2)
    assert findings(life) == []


def test_a_real_cycle_keeps_to_its_limits_and_they_are_on_record(tmp_path: Path) -> None:
    with practice(tmp_path, flexible("1001"), flexible("1002", "0.03")) as account:
        account.coins = "USDT: {reserve: 100, min_move: 1, max_per_action: 300, max_per_day: 500}"
        account.cycles(5, apart=timedelta(hours=7))
        assert account.states().count("settled") >= 3
        assert account.findings() == {}
        rows = account.sql("SELECT DISTINCT name, value FROM limit_in_force WHERE coin = 'USDT'")
        assert {"max_per_action": "300", "max_per_day": "500"}.items() <= dict(rows).items()
        # The same life under limits that nobody had set: each sending is found.
        at: datetime = account.clock.now()
        with account.daemon() as here:
            book: Any = here.parts.ledger
            with book.store.writing() as connection:
                connection.exec_driver_sql("DROP TRIGGER limit_in_force_never_changed")
                connection.exec_driver_sql(
                    "UPDATE limit_in_force SET value = '1' WHERE name = 'max_per_action'"
                )
            found = queries.audits(book)["audit_limit_exceeded"]
            assert len(found) == len(account.states()), at
