"""An older copy in the ledger's place is noticed and told, and the history is read whole again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from earnd.cycle import run_cycle
from earnd.domain.priority import Priority
from earnd.domain.snapshot import Record, RecordKind
from earnd.errors import ExchangeUnavailable, LedgerError
from earnd.ledger import anchors
from earnd.ledger.engine import open_reader
from earnd.ledger.verify import verify
from earnd.parts import Parts
from tests.ledger.story import opened
from tests.support.practice import START, Practice, flexible, practice

DAY = timedelta(days=1)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), flexible("1002", "0.03")) as ready:
        yield ready


@pytest.fixture
def copy(account: Practice, tmp_path: Path) -> Path:
    """A backup, after which more was sent."""
    account.cycle()
    copy = tmp_path / "copy.db"
    with closing(open_reader(account.ledger)) as reader:
        reader.copy_to(copy)
    account.books.deposit("USDT", "500")
    account.clock.advance(DAY)
    account.cycle()
    assert account.states() == ["settled", "settled"]
    return copy


class Asked:
    """A reader that notes from when the history of subscribes, of which there are some, is read."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self.since: list[datetime | None] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def records(
        self, kind: RecordKind, *, since: datetime | None, priority: Priority = Priority.LOOK
    ) -> tuple[Record, ...]:
        if kind is RecordKind.SUBSCRIBE:
            self.since.append(since)
        found: tuple[Record, ...] = self._reader.records(kind, since=since, priority=priority)
        return found


def told(account: Practice, event: str) -> list[dict[str, Any]]:
    """The log's lines about it."""
    lines = map(json.loads, account.log.getvalue().splitlines())
    return [line for line in lines if line["event"] == event]


def test_a_restored_copy_is_noticed_and_nothing_is_sent_twice(
    account: Practice, copy: Path
) -> None:
    """L19, C15."""
    before = {received.request_no for received in account.server.received}
    known = anchors.read(account.ledger)
    held = account.held()
    shutil.copy(copy, account.ledger)
    found = verify(copy).head
    assert found is not None
    assert known is not None
    assert "no block" in verify(account.ledger).findings[0].what

    assert account.cycle().moves == []
    assert account.held() == held
    assert account.sql(
        "SELECT found_block, found_hash, expected_block, expected_hash FROM restoration"
    ) == [(*found, *known)]
    (line,) = told(account, "ledger.restored")
    assert (line["level"], line["found"], line["expected"]) == (
        "warning",
        found.anchor,
        known.anchor,
    )
    assert account.sql("SELECT count(*) FROM movement WHERE attributed_to = 'unexplained'") == [
        (0,)
    ]
    account.books.deposit("USDT", "250")
    account.clock.advance(2 * DAY)
    account.cycle()
    after = [received.request_no for received in account.server.received]
    assert len(after) == len(set(after)) == 3
    assert before < set(after)
    assert account.held() > held
    assert account.findings() == {}
    assert len(account.sql("SELECT * FROM restoration")) == 1, "it is noticed once"
    assert verify(account.ledger).is_whole


def test_the_history_is_read_whole_until_a_whole_look_followed(
    account: Practice, copy: Path
) -> None:
    """L19: what is sent waits for it, since settling and looking come first."""
    asked: list[Asked] = []

    def unavailable() -> None:
        raise ExchangeUnavailable("gone for now")

    def ask(parts: Parts) -> Parts:
        reader: Any = Asked(parts.reader)
        asked.append(reader)
        return replace(parts, reader=reader)

    def blind(parts: Parts) -> Parts:
        reader: Any = Asked(parts.reader)
        asked.append(reader)
        reader.balances = unavailable
        return replace(parts, reader=reader)

    account.cycle(ask)
    assert None not in asked[-1].since
    shutil.copy(copy, account.ledger)
    account.cycle(blind)
    assert set(asked[-1].since) == {None}
    account.cycle(ask)
    assert set(asked[-1].since) == {None}
    account.cycle(ask)
    assert asked[-1].since
    assert None not in asked[-1].since


def test_in_one_life_too_the_history_is_read_whole_once(account: Practice, copy: Path) -> None:
    shutil.copy(copy, account.ledger)
    with account.daemon() as here:
        reader: Any = Asked(here.parts.reader)
        parts = replace(here.parts, reader=reader)
        run_cycle(parts, "schedule")
        whole = len(reader.since)
        assert set(reader.since) == {None}
        run_cycle(parts, "schedule")
        assert None not in reader.since[whole:]
        assert not here.parts.ledger.must_reread()


def test_an_older_copy_that_knows_an_action_as_sent_finds_its_record(
    account: Practice, tmp_path: Path
) -> None:
    """L19: the copy was made between the sending and the answer."""
    copy = tmp_path / "copy.db"

    def copied(parts: Parts) -> Parts:
        def take(_received: object) -> None:
            parts.ledger.copy_to(copy)  # type: ignore[attr-defined] # it is a book

        account.server.on_receive = take
        return parts

    account.cycle(copied)
    account.server.on_receive = lambda _received: None
    account.clock.advance(DAY)
    account.cycle()
    shutil.copy(copy, account.ledger)
    assert account.states() == ["sending"]
    account.cycle()
    assert account.states() == ["settled"]
    assert len(account.server.received) == 1
    assert account.held() > Decimal(0)


def test_a_ledger_that_was_deleted_is_not_begun_anew_by_itself(account: Practice) -> None:
    """O8."""
    account.cycle()
    account.ledger.unlink()
    beside = anchors.beside(account.ledger)
    with pytest.raises(LedgerError, match=r"the ledger is gone, but ledger\.db\.anchor") as refused:
        opened(account.ledger, started_at=START)
    assert "1:" in refused.value.what
    for way in ("backup", "earnd rebuild", "remove that file"):
        assert way in refused.value.todo
    assert not account.ledger.exists()
    beside.write_text("nonsense")
    with pytest.raises(LedgerError, match="the ledger is gone"):
        opened(account.ledger, started_at=START)
    beside.unlink()
    opened(account.ledger, started_at=START).close()


def test_every_cycle_tells_its_anchor_and_that_it_could_not_be_kept(account: Practice) -> None:
    account.cycle()
    (line,) = told(account, "cycle.finished")
    assert account.sql("SELECT anchor FROM chain_log") == [(line["anchor"],)]
    assert told(account, "anchor.not_kept") == []
    anchors.beside(account.ledger).unlink()
    anchors.beside(account.ledger).mkdir()
    account.cycle()
    (line,) = told(account, "anchor.not_kept")
    assert line["level"] == "warning"
    assert "ledger.db.anchor" in line["why"]
