"""An exchange that shows less of its past than was asked for."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from earnd.domain.history import CycleOutcome
from tests.support.practice import flexible, practice


def test_a_history_that_is_refused_for_its_length_is_read_in_windows(tmp_path: Path) -> None:
    """X31: and where that is refused too, what was not read is not taken for nothing."""
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as account:
        account.books.subscribe_by_hand("1002", "500")
        account.clock.advance(timedelta(days=40))
        account.books.change_settings(record_span=timedelta(hours=12))
        report = account.cycle()

        assert report.outcome is CycleOutcome.FAILED_LOOK
        assert "80012" in str(report.error)
        assert account.server.received == []
        account.books.change_settings(record_span=timedelta(days=30))
        assert account.cycle().outcome is CycleOutcome.DONE
        assert account.sql("SELECT amount FROM record_seen WHERE kind = 'subscribe'")[0] == ("500",)


def test_a_position_whose_records_are_too_old_to_be_shown_is_not_touched(tmp_path: Path) -> None:
    """X31: it is there, nothing says how it came about, and so its coin rests."""
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.003")) as account:
        account.coins = "USDT: {reserve: 100, min_apy: 1%, redeem_below_apy: 1%}"
        account.books.change_settings(record_lag=timedelta(days=400))
        account.books.subscribe_by_hand("1002", "500")
        account.cycle()

        assert account.server.received == []
        assert account.books.held("1002") == 500
        assert "audit_holding_drift" in account.findings()
