"""Somebody who looks at the ledger for hours, beside an earnd at work."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.support.practice import flexible, practice


def test_whoever_reads_for_long_holds_up_nothing_and_sees_one_moment(tmp_path: Path) -> None:
    """T8, L30: the file beside the ledger grows meanwhile, and is gone after earnd and they are."""
    with practice(tmp_path, flexible("1001", "0.05")) as account:
        account.cycle()
        log = account.ledger.with_name("ledger.db-wal")
        uri = f"file:{account.ledger}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as person:
            person.execute("BEGIN")
            before = person.execute("SELECT count(*) FROM cycle_log").fetchall()
            sizes = []
            for _ in range(3):
                account.books.deposit("USDT", "50")
                assert account.cycle().tally.sent == 1
                sizes.append(log.stat().st_size)
            assert person.execute("SELECT count(*) FROM cycle_log").fetchall() == before
            assert sizes == sorted(sizes)
            assert sizes[0] < sizes[-1]
            person.execute("COMMIT")
        account.cycle()

        assert not log.exists()
        assert account.states() == ["settled"] * 4
        assert account.findings() == {}
