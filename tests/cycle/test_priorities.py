"""Settling before looks, looks before history: who uses what the exchange allows."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from earnd.domain.answer import Outcome
from earnd.domain.history import CycleOutcome
from earnd.domain.ids import ProductId, RequestNo
from earnd.domain.priority import Priority
from earnd.domain.snapshot import RecordKind
from earnd.sandbox import Fault, Settings
from tests.support.practice import START, flexible, practice

HOUR = timedelta(hours=1)
RECORDS = "/newearn/cloud/v1/saving/record"
SUBSCRIBE = "/newearn/cloud/v1/saving/subscribe"


def test_a_long_first_history_leaves_room_to_settle_what_is_sent_after_it(tmp_path: Path) -> None:
    """H25: thousands of rows at half the pace, then a look for the sending without any wait."""
    hourly = Settings(interest_every="hour")
    with practice(tmp_path, flexible("1001"), deposit="2000", settings=hourly) as account:
        account.books.subscribe_by_hand("1001", "1000")
        account.clock.advance(3000 * HOUR)
        account.server.faults.add(Fault("subscribe", "drop_after"))
        began = account.clock.now()
        assert account.cycle().outcome is CycleOutcome.DONE
        assert account.states() == ["settled"]
        ((rows,),) = account.sql("SELECT count(*) FROM record_seen WHERE kind = 'interest'")
        assert rows > 2990

        arrivals = account.server.arrivals
        sent = next(n for n, each in enumerate(arrivals) if each.path == SUBSCRIBE)
        history = [each.at for each in arrivals[:sent] if each.path == RECORDS]
        assert len(history) > 30
        early = [at for at in history if at < history[-1]]
        for at in early:
            assert sum(at <= each < at + timedelta(seconds=2) for each in early) <= 4
        assert history[-1] - began < timedelta(minutes=1)

        looked = next(each.at for each in arrivals[sent:] if each.path == RECORDS)
        assert looked == arrivals[sent].at == history[-1], "nobody waited any more"
        assert history[0] > START


def test_a_sending_waits_for_no_reading(tmp_path: Path) -> None:
    """However much is read, the window of a subscribe is its own."""
    with practice(tmp_path, flexible("1001")) as account, account.daemon() as here:
        writer = here.parts.writer
        assert writer is not None
        for kind in (*RecordKind, *RecordKind, *RecordKind):
            here.parts.reader.records(kind, since=None, priority=Priority.SETTLE)
        before = account.clock.now()
        request = writer.subscribe_request(
            ProductId("1001"), Decimal(10), RequestNo("12345678000000000001")
        )
        assert writer.send(request).outcome is Outcome.YES
        assert account.clock.now() == before
