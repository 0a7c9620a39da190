"""A history that the exchange answers only piece by piece is read whole all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnd.domain.ids import Coin, ProductId, RecordId
from earnd.domain.snapshot import Record, RecordKind
from earnd.errors import SurprisingReply
from earnd.exchange.bitmart.asking import BadParameter
from earnd.exchange.bitmart.reader import BitmartReader
from earnd.exchange.bitmart.windows import LONGEST, SIZES, Windows
from earnd.ports import ExchangeReader
from tests.support.practice import START, Practice, flexible, practice

DAY = timedelta(days=1)
MS = timedelta(milliseconds=1)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05"), deposit="100000") as account:
        yield account


def ids(reader: ExchangeReader, kind: RecordKind, since: datetime | None = None) -> list[str]:
    return [record.record_id for record in reader.records(kind, since=since)]


def put_in(account: Practice, *moments: datetime) -> None:
    """A subscribe at each of these moments, and then it is 1 November."""
    for moment in moments:
        account.clock.advance_to(moment)
        account.books.subscribe_by_hand("1001", "10")
    account.clock.advance_to(datetime(2026, 11, 1, 12, tzinfo=UTC))


@pytest.mark.parametrize("longest", [timedelta(days=90), 30 * DAY, 20 * DAY, DAY])
def test_a_history_that_is_refused_for_its_length_is_read_in_windows(
    account: Practice, longest: timedelta
) -> None:
    """X31."""
    put_in(account, START + DAY, START + 40 * DAY, START + 41 * DAY)
    with account.daemon() as here:
        reader = here.parts.reader
        whole = {kind: ids(reader, kind) for kind in RecordKind}
        account.books.change_settings(record_span=longest)
        assert {kind: ids(reader, kind) for kind in RecordKind} == whole
        since = START + 40 * DAY
        assert ids(reader, RecordKind.SUBSCRIBE, since) == whole[RecordKind.SUBSCRIBE][1:]
    assert len(whole[RecordKind.SUBSCRIBE]) == 3
    assert len(whole[RecordKind.INTEREST]) > 150


@pytest.mark.parametrize("longest", [30 * DAY, DAY])
def test_records_at_the_edge_of_a_window_are_there_once(
    account: Practice, longest: timedelta
) -> None:
    """X31: to the millisecond, on both sides."""
    now = datetime(2026, 11, 1, 12, tzinfo=UTC)
    edges = sorted(now - n * longest for n in (1, 2, 3))
    put_in(account, *(edge + step * MS for edge in edges for step in (-2, -1, 0, 1, 2)))
    account.books.change_settings(record_span=longest)
    with account.daemon() as here:
        assert len(ids(here.parts.reader, RecordKind.SUBSCRIBE)) == 15
        assert len(ids(here.parts.reader, RecordKind.SUBSCRIBE, edges[0])) == 13
        assert len(ids(here.parts.reader, RecordKind.SUBSCRIBE, edges[0] + MS)) == 12


def test_a_quiet_kind_is_followed_for_as_long_as_another_has_records(account: Practice) -> None:
    """X31: what was put in long ago and left alone is found by the interest it was paid."""
    put_in(account, START)
    account.clock.advance(timedelta(days=300))
    account.books.change_settings(record_span=30 * DAY)
    with account.daemon() as here:
        assert len(ids(here.parts.reader, RecordKind.SUBSCRIBE)) == 1


def test_an_account_without_a_past_is_not_asked_about_for_years(account: Practice) -> None:
    """X31."""
    account.books.change_settings(record_span=30 * DAY)
    asked: list[datetime] = []

    def read(first: datetime | None, last: datetime) -> tuple[Record, ...]:
        if first is None or last - first > 30 * DAY:
            raise BadParameter("too long")
        asked.append(first)
        return ()

    assert Windows().read(None, NOON, read, lambda *_: True) == ()
    assert len(asked) == 7
    asked.clear()
    Windows().read(None, NOON, read, lambda *_: False)
    assert NOON - min(asked) == LONGEST
    with account.daemon() as here:
        assert ids(here.parts.reader, RecordKind.REDEEM) == []


def test_a_window_that_was_set_is_what_is_asked_for(account: Practice) -> None:
    """X31."""
    put_in(account, START + DAY, START + 40 * DAY)
    account.books.change_settings(record_span=10 * DAY)
    with account.daemon() as here:
        reader = here.parts.reader
        assert isinstance(reader, BitmartReader)
        client = reader._client
        fitting = BitmartReader(client, history_window=10 * DAY)
        assert len(ids(fitting, RecordKind.SUBSCRIBE)) == 2
        with pytest.raises(SurprisingReply, match=r"history_window") as refused:
            ids(BitmartReader(client, history_window=11 * DAY), RecordKind.SUBSCRIBE)
    assert "80012" in str(refused.value)


def test_what_is_refused_for_another_reason_is_an_error(account: Practice) -> None:
    """X31: a span of a day is not too long."""
    account.books.change_settings(record_span=DAY / 2)
    put_in(account, START)
    with account.daemon() as here:
        for since in (None, account.clock.now() - 3 * DAY, account.clock.now() - DAY):
            with pytest.raises(SurprisingReply, match="80012"):
                ids(here.parts.reader, RecordKind.SUBSCRIBE, since)


def test_a_cycle_reads_what_appeared_late_across_windows(account: Practice) -> None:
    """X31, H29: with records that show minutes after they are dated."""
    account.books.change_settings(record_span=DAY, record_lag=timedelta(minutes=20))
    account.books.subscribe_by_hand("1001", "500")
    account.cycle()
    assert account.sql("SELECT count(*) FROM record_seen") == [(0,)]
    account.clock.advance(timedelta(minutes=30))
    account.cycle()
    account.clock.advance(40 * DAY)
    account.cycle()
    kept = account.sql("SELECT count(*) FROM record_seen WHERE kind = 'interest'")
    now = account.clock.now()
    seen = [row for row in account.books.records() if row.kind == "interest"]
    assert kept == [(sum(row.visible_at <= now for row in seen),)]
    assert kept[0][0] >= 39


times = st.integers(0, 3 * 10**9).map(lambda ms: NOON - ms * MS)


@given(
    dated=st.lists(times, max_size=12),
    edges=st.lists(st.tuples(st.integers(1, 40), st.integers(-2, 2)), max_size=6),
    since=st.none() | times,
    longest=st.sampled_from([None, 40 * DAY, 30 * DAY, 29 * DAY, 7 * DAY, 2 * DAY, DAY]),
    is_open=st.booleans(),
)
def test_windows_show_what_the_whole_would(
    dated: list[datetime],
    edges: list[tuple[int, int]],
    since: datetime | None,
    longest: timedelta | None,
    is_open: bool,
) -> None:
    """X31: whatever the limit, and whether or not the ends of a span belong to it."""
    dated = [*dated, *(NOON - days * DAY + step * MS for days, step in edges)]
    made = [_record(number, at) for number, at in enumerate(dated) if at < NOON]
    windows = Windows()
    refusals = 0

    def read(first: datetime | None, last: datetime) -> tuple[Record, ...]:
        nonlocal refusals
        if longest is not None and (first is None or last - first > longest):
            refusals += 1
            raise BadParameter("too long")
        low = datetime.min.replace(tzinfo=UTC) if first is None else first
        shown = [row for row in made if low < row.at < last] if is_open else made
        return tuple(row for row in shown if low <= row.at <= last)

    def is_silent(first: datetime, last: datetime) -> bool:
        return not read(first, last)

    wanted = [row for row in made if since is None or row.at > since or not is_open]
    wanted = [row for row in wanted if since is None or row.at >= since]
    for _ in range(2):
        found = windows.read(since, NOON, read, is_silent)
        assert sorted(found, key=str) == sorted(wanted, key=str)
        assert refusals <= len(SIZES)


def _record(number: int, at: datetime) -> Record:
    return Record(
        RecordId(str(number)),
        RecordKind.INTEREST,
        ProductId("1001"),
        Coin("USDT"),
        Decimal(1),
        at,
    )
