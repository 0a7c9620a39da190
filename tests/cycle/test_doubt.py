"""Answers that prove nothing, and looks that cannot be believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earnd.domain.history import CycleOutcome
from earnd.sandbox import REMOVED, Fault
from tests.support.practice import Practice, flexible, practice

MINUTE = timedelta(minutes=1)

NEVER_AGAIN = "settling: {replay_window: 0s}"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as ready:
        yield ready


APPLIED = [
    Fault("subscribe", "drop_after"),
    Fault("subscribe", "reset_after"),
    Fault("subscribe", "cut_body"),
    Fault("subscribe", "cut_close_framed", cut_at=22),
    Fault("subscribe", "system_error_after"),
    Fault("subscribe", "data_false_after"),
    Fault("subscribe", "data_value", value=1),
    Fault("subscribe", "data_value", value="true"),
    Fault("subscribe", "data_value", value=None),
    Fault("subscribe", "data_value", value={}),
    Fault("subscribe", "garbage"),
    Fault("subscribe", "duplicate_keys"),
    Fault("subscribe", "swap"),
    Fault("subscribe", "status", status=502, apply=True),
    Fault("subscribe", "status", status=200, code=80023, apply=True),
    Fault("subscribe", "status", status=400, code=1000, apply=True),
    Fault("subscribe", "html", status=200, apply=True),
    Fault("subscribe", "html", status=403, apply=True),
    Fault("subscribe", "html", status=503, apply=True),
    Fault("subscribe", "code", code=80013, apply=True),
    Fault("subscribe", "redirect", status=307, apply=True),
    Fault("subscribe", "deliver_twice"),
]

NOT_APPLIED = [replace(fault, apply=False) for fault in APPLIED if fault.kind != "deliver_twice"]


def _named(fault: Fault) -> str:
    detail = fault.code or fault.status or fault.value
    return fault.kind if detail is REMOVED else f"{fault.kind}-{detail}"


@pytest.mark.parametrize("fault", APPLIED, ids=_named)
def test_an_unclear_answer_to_what_was_done_ends_settled_and_nothing_is_sent_twice(
    account: Practice, fault: Fault
) -> None:
    """H6, H7, H18, H19, H20, H26, H27, H30, X1, X2, X3, X4, X9, X10."""
    account.server.faults.add(fault)
    account.cycle()
    account.cycles(4, apart=15 * MINUTE)

    assert account.states()[0] == "settled"
    assert Decimal("899.9") < account.held() <= 900
    subscribes = [row for row in account.books.records() if row.kind == "subscribe"]
    assert len(subscribes) == 1
    assert account.findings() == {}


@pytest.mark.parametrize("fault", NOT_APPLIED, ids=_named)
def test_an_unclear_answer_to_what_was_not_done_freezes_the_coin_until_that_is_proven(
    account: Practice, fault: Fault
) -> None:
    """H6, H7, H20, H26, H30, X1, X2, X9, X10, X18."""
    account.more = NEVER_AGAIN
    account.server.faults.add(fault)
    account.cycle()

    events = account.sql("SELECT to_state FROM event_log WHERE action_id = 1 ORDER BY seq")
    assert ("unknown",) in events
    assert ("rejected",) not in events
    account.clock.advance(5 * MINUTE)
    assert account.cycle().moves == [], "nothing moves in a coin with an action in doubt"
    assert account.held() == 0

    account.cycles(5, apart=12 * MINUTE)
    first = account.states()[0]
    if fault.code == 80013:
        assert first == "needs_operator", "the exchange says it knows the number: for a person"
        assert account.held() == 0
        return
    assert first == "rejected"
    why = account.sql("SELECT evidence FROM event_log WHERE action_id = 1 AND to_state='rejected'")
    assert "absent_looks" in why[0][0]
    account.clock.advance(60 * MINUTE)  # some of these also ask for an hour's pause
    account.cycle()
    assert account.states()[1:] == ["settled"]
    assert Decimal("899.9") < account.held() <= 900
    assert account.findings() == {}


@pytest.mark.parametrize(
    ("code", "state", "reason"),
    [
        (80002, "rejected", "cooling_down"),
        (80004, "rejected", "cooling_down"),
        (80005, "rejected", "cooling_down"),
        (80011, "rejected", "cooling_down"),
        (80016, "unknown", "open_action"),
        (80013, "unknown", "open_action"),
        (30016, "rejected", None),
    ],
)
def test_a_refusal_means_what_the_table_says(
    account: Practice, code: int, state: str, reason: str | None
) -> None:
    """X11, X12."""
    account.more = NEVER_AGAIN
    account.server.faults.add(Fault("subscribe", "code", code=code))
    account.cycle()
    account.clock.advance(MINUTE)

    assert account.states()[0] == state
    account.cycle()
    if reason is not None:
        reasons = account.sql("SELECT DISTINCT reason FROM decision_log WHERE cycle_id = 2")
        assert (reason,) in reasons


def test_a_refused_key_ends_the_cycle_and_is_told(account: Practice) -> None:
    """X16."""
    account.server.faults.add(Fault("product", "code", code=30002))
    report = account.cycle()

    assert report.outcome is CycleOutcome.REFUSED
    assert account.states() == []


LIES: list[Fault] = [
    Fault("product", "malformed_field", path="data.list.0.apy", value="5.00"),
    Fault("product", "malformed_field", path="data.list.0.apy", value=5),
    Fault("product", "malformed_field", path="data.list.0.minPurchaseAmount"),
    Fault("product", "malformed_field", path="data.list.0.maxPurchaseAmount", value="1e5"),
    Fault("product", "malformed_field", path="data.list.1.productId"),
    Fault("product", "malformed_field", path="data.total", value="two"),
    Fault("product", "malformed_field", path="data.list"),
    Fault("product", "malformed_field", path="data"),
    Fault("product", "bad_total", times=4),
    Fault("product", "repeat_id", times=4),
    Fault("product", "nan"),
    Fault("product", "duplicate_keys"),
    Fault("product", "garbage", times=None),
    Fault("product", "html", times=None),
    Fault("product", "status", status=500, times=None),
    Fault("wallet", "malformed_field", path="data.wallet.0.available", value="1,000"),
    Fault("wallet", "malformed_field", path="data.wallet.0.available"),
    Fault("wallet", "malformed_field", path="data.wallet.0.frozen", value=None),
    Fault("record", "malformed_field", path="data.total"),
    Fault("record", "bad_total", times=4),
    Fault("earn", "malformed_field", path="data.list", value={}),
    Fault("earn", "cut_body", times=None),
    Fault("total", "malformed_field", path="data", value="12"),
    Fault("time", "malformed_field", path="data.server_time", value="now"),
    Fault("time", "drop_before", times=None),
    Fault("service", "malformed_field", path="data.service", value=None),
]


@pytest.mark.parametrize("lie", LIES, ids=lambda fault: f"{fault.endpoint}-{_named(fault)}")
def test_a_look_that_cannot_be_believed_moves_nothing(account: Practice, lie: Fault) -> None:
    """H20, X29, N2, N3."""
    account.server.faults.add(lie)
    report = account.cycle()

    assert report.outcome is CycleOutcome.FAILED_LOOK
    assert account.server.received == []
    assert account.states() == []
    outcome, failure = account.sql("SELECT outcome, failure FROM cycle_log")[0]
    assert outcome == "failed_look"
    assert failure
    account.server.faults.clear()
    account.clock.advance(10 * MINUTE)
    assert account.cycle().outcome is CycleOutcome.DONE, "the next look is as good as ever"


def test_products_that_vanish_while_we_hold_some_are_a_failed_look(account: Practice) -> None:
    """X32."""
    account.cycle()
    account.server.faults.add(Fault("product", "empty_list", times=None))
    report = account.cycle()

    assert report.outcome is CycleOutcome.FAILED_LOOK
    assert account.held() > 0


def test_a_clock_that_is_off_sends_nothing(account: Practice) -> None:
    """K1."""
    account.server.faults.add(
        Fault(
            "time",
            "malformed_field",
            path="data.server_time",
            value=account.clock.now_ms() + 60_000,
            times=None,
        )
    )
    account.cycle()

    assert account.server.received == []
    assert ("clock_skew",) in account.sql("SELECT reason FROM decision_log")


def test_a_pause_file_stops_all_sending_and_looking_goes_on(account: Practice) -> None:
    """O6."""
    (account.directory / "pause").touch()
    account.more = "limits: {pause_file: ./pause}"
    report = account.cycle()

    assert report.outcome is CycleOutcome.DONE
    assert account.server.received == []
    assert ("paused",) in account.sql("SELECT reason FROM decision_log")
    (account.directory / "pause").unlink()
    account.cycle()
    assert account.states() == ["settled"]


def test_two_records_that_fit_are_for_a_person(account: Practice) -> None:
    """X19."""

    def twin(request: Any) -> None:
        amount = json.loads(request.body)["amount"]
        account.books.deposit("USDT", amount)
        account.books.subscribe_by_hand("1001", amount)

    account.server.on_receive = twin
    account.server.faults.add(Fault("subscribe", "drop_after"))
    account.cycle()

    assert account.states() == ["needs_operator"]
    assert "audit_stale_unknown" in account.findings()


def test_a_written_off_action_whose_record_appears_is_late_and_counted(account: Practice) -> None:
    """H28: the request is on its way until earnd has written it off, and then it arrives."""
    account.more = NEVER_AGAIN
    account.server.gateway = replace(account.server.gateway, age_ms=3_600_000)
    account.server.faults.add(Fault("subscribe", "park"))
    account.cycle()
    account.coins = "USDT: {mode: hold}"
    account.clock.advance(12 * MINUTE)
    account.cycles(2, apart=18 * MINUTE)
    assert account.states()[0] == "rejected"
    account.server.deliver_parked()
    account.cycle()

    assert account.states()[0] == "late"
    assert "audit_late_action" in account.findings()


def test_an_old_reply_about_the_time_hides_no_record(account: Practice) -> None:
    """H29."""
    account.cycle()
    account.books.subscribe_by_hand("1002", "50")
    stale = Fault(
        "time", "malformed_field", path="data.server_time", value=account.clock.now_ms() - 8000
    )
    account.server.faults.add(stale)
    account.cycle()

    assert ("subscribe", "person") in account.sql("SELECT kind, attributed_to FROM movement")
