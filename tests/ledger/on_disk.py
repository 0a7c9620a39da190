"""A practice account whose ledger lies on a disk that something happens to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from tests.support.practice import Practice, flexible, practice

FRAME = 24 + 4096
"""One page in the -wal, with its header."""


@contextmanager
def a_new_account(folder: Path) -> Iterator[Practice]:
    """An account on which one cycle places 900, then 100 more arrive."""
    folder.mkdir(exist_ok=True)
    with practice(folder, flexible("1001", "0.05"), flexible("1002", "0.03")) as ready:
        ready.server.on_receive = lambda received: assert_is_on_disk(ready, received.request_no)
        ready.cycle()
        ready.books.deposit("USDT", "100")
        ready.clock.advance(timedelta(minutes=15))
        yield ready


def assert_is_on_disk(account: Practice, number: str | None) -> None:
    """The ledger, read by somebody else, has the attempt that has just arrived over there.

    A lost request is sent again under its number, and each sending is an attempt of its own; one
    more may be there whose sync failed, and which never left.
    """
    arrived = sum(received.request_no == number for received in account.server.received)
    with closing(sqlite3.connect(f"file:{account.ledger}?mode=ro", uri=True)) as stranger:
        found = stranger.execute(
            "SELECT count(*) FROM attempt JOIN action USING (action_id) WHERE request_no = ?",
            (number,),
        ).fetchone()
    assert found[0] >= arrived >= 1, f"{number} is on the wire and not in the ledger"


def assert_goes_on(account: Practice, sent_before: int) -> None:
    """With the disk whole again, everything is done once, and nobody finds anything."""
    account.cycles(4, apart=timedelta(minutes=20))
    numbers = [received.request_no for received in account.server.received]
    assert len(numbers) == len(set(numbers)) == sent_before + 1
    # `rejected`: a sync that failed may leave an attempt in the file that was never sent.
    assert set(account.states()) <= {"settled", "dropped", "rejected"}
    assert account.states().count("settled") == len(numbers)
    assert 999 < account.held() <= 1000
    assert account.findings() == {}
