"""The ledger as somebody else reads it, kept up to date row by row, for the oracle."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.simulation.account import Account

OPEN = frozenset({"planned", "sending", "unknown", "accepted", "needs_operator"})
WRITTEN_OFF = frozenset({"rejected", "dropped"})
PROVEN = frozenset({"settled", "late"})
WATCHED = timedelta(days=9)
"""How long a written-off action may still change; two days more than earnd looks."""


@dataclass(frozen=True, slots=True)
class Event:
    """A state that an action entered."""

    seq: int
    before: str | None
    state: str
    at: datetime
    evidence: str | None
    actor: str
    attempt: int | None
    record_seq: int | None

    @property
    def why(self) -> str:
        """The reason that the ledger gives."""
        return str(json.loads(self.evidence or "{}").get("why", self.evidence))


@dataclass(frozen=True, slots=True)
class Sending:
    """An attempt, and what came of it."""

    attempt: int
    at: datetime
    request: str
    outcome: str | None
    code: int | None


@dataclass(slots=True)
class Told:
    """An action as the ledger tells it."""

    action_id: int
    number: str
    verb: str
    product_id: str
    amount: Decimal
    events: list[Event] = field(default_factory=list)
    attempts: list[Sending] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)

    @property
    def state(self) -> str:
        return self.events[-1].state

    @property
    def planned_at(self) -> datetime:
        return self.events[0].at

    @property
    def is_over(self) -> bool:
        """Whether nothing of it can change any more."""
        return self.state in PROVEN or (self.state in WRITTEN_OFF and not self.attempts)

    def __str__(self) -> str:
        return (
            f"action {self.action_id} ({self.number}), {self.verb} {self.amount} "
            f"{self.product_id}, {self.state}"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A record as the ledger has it."""

    seq: int
    record_id: str
    kind: str
    product_id: str
    coin: str
    amount: Decimal
    at: datetime
    has_number: bool


@dataclass(slots=True)
class News:
    """What has been written since the last look."""

    actions: list[Told] = field(default_factory=list)
    events: list[tuple[Told, Event]] = field(default_factory=list)
    records: list[Row] = field(default_factory=list)
    owners: list[tuple[Row, str, int | None]] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)
    """What should never have changed, and did."""


@dataclass(slots=True)
class Mirror:
    """See the module. Start with a new one when the ledger is another file."""

    account: Account
    actions: dict[int, Told] = field(default_factory=dict)
    by_number: dict[str, Told] = field(default_factory=dict)
    live: set[int] = field(default_factory=set)
    records: dict[int, Row] = field(default_factory=dict)
    seq_of: dict[str, int] = field(default_factory=dict)
    owners: dict[int, tuple[str, int | None]] = field(default_factory=dict)
    owned: dict[int, list[Row]] = field(default_factory=dict)
    _unowned: set[int] = field(default_factory=set)
    _last_action: int = 0
    _last_record: int = 0
    _last_look: int = 0

    def refresh(self) -> News:
        """Reads what is new."""
        news = News()
        self._read_actions(news)
        self._read_records(news)
        return news

    def _read_actions(self, news: News) -> None:
        sql = self.account.sql
        for action_id, number, verb, product_id, amount in sql(
            "SELECT action_id, request_no, verb, product_id, amount FROM action"
            " WHERE action_id > ? ORDER BY action_id",
            self._last_action,
        ):
            told = Told(action_id, number, verb, product_id, Decimal(amount))
            self._last_action = told.action_id
            self.actions[told.action_id] = self.by_number[told.number] = told
            self.live.add(told.action_id)
            news.actions.append(told)
        if not self.live:
            return
        lowest = min(self.live)
        self._read_events(news, lowest)
        self._read_attempts(news, lowest)
        for look, action_id, at in sql(
            "SELECT action_look_id, action_id, at FROM action_look WHERE action_look_id > ?"
            " ORDER BY action_look_id",
            self._last_look,
        ):
            self._last_look = look
            self.actions[action_id].looks.append(moment(at))
        now = self.account.clock.now()
        for action_id in list(self.live):
            told = self.actions[action_id]
            if told.is_over or (told.state in WRITTEN_OFF and now - told.events[-1].at > WATCHED):
                self.live.discard(action_id)

    def _read_events(self, news: News, lowest: int) -> None:
        found: dict[int, list[Event]] = {}
        for action_id, seq, before, state, at, *more in self.account.sql(
            "SELECT action_id, seq, from_state, to_state, at, evidence, actor, attempt, record_seq"
            " FROM action_event WHERE action_id >= ? ORDER BY action_id, seq",
            lowest,
        ):
            event = Event(seq, before, state, moment(at), *more)
            found.setdefault(action_id, []).append(event)
        for action_id, events in found.items():
            told = self.actions[action_id]
            known = len(told.events)
            if events[:known] != told.events:
                news.rewritten.append(f"the events of {told}")
            news.events += [(told, event) for event in events[known:]]
            told.events = events

    def _read_attempts(self, news: News, lowest: int) -> None:
        found: dict[int, list[Sending]] = {}
        for action_id, attempt, at, request, outcome, code in self.account.sql(
            "SELECT t.action_id, t.attempt, t.sent_at, t.request, r.outcome, r.code FROM attempt t"
            " LEFT JOIN attempt_answer r USING (action_id, attempt)"
            " WHERE t.action_id >= ? ORDER BY t.action_id, t.attempt",
            lowest,
        ):
            sending = Sending(attempt, moment(at), request, outcome, code)
            found.setdefault(action_id, []).append(sending)
        for action_id, attempts in found.items():
            told = self.actions[action_id]
            for old, new in zip(told.attempts, attempts, strict=False):
                same = (old.attempt, old.at, old.request) == (new.attempt, new.at, new.request)
                if not same or old.outcome not in {None, new.outcome}:
                    news.rewritten.append(f"an attempt of {told}")
            told.attempts = attempts

    def _read_records(self, news: News) -> None:
        sql = self.account.sql
        for seq, record_id, kind, product_id, coin, amount, at, number in sql(
            "SELECT record_seq, record_id, kind, product_id, coin, amount, at, request_no"
            " FROM record_seen WHERE record_seq > ? ORDER BY record_seq",
            self._last_record,
        ):
            row = Row(
                seq, record_id, kind, product_id, coin, Decimal(amount), moment(at), bool(number)
            )
            self._last_record = seq
            self.records[seq] = row
            self.seq_of[record_id] = seq
            self._unowned.add(seq)
            news.records.append(row)
        if not self._unowned:
            return
        for seq, owner, action_id in sql(
            "SELECT record_seq, attributed_to, action_id FROM attribution WHERE record_seq >= ?",
            min(self._unowned),
        ):
            if seq in self._unowned:
                self._unowned.discard(seq)
                self.owners[seq] = (owner, action_id)
                row = self.records[seq]
                if action_id is not None:
                    self.owned.setdefault(action_id, []).append(row)
                news.owners.append((row, owner, action_id))

    def unowned(self) -> list[Row]:
        """Records that are nobody's so far."""
        return [self.records[seq] for seq in sorted(self._unowned)]


def moment(text: str) -> datetime:
    """A time of the ledger."""
    return datetime.fromisoformat(text)


def newest_record(account: Account) -> int:
    """The highest place of a record in the ledger."""
    rows: list[tuple[Any, ...]] = account.sql(
        "SELECT coalesce(max(record_seq), 0) FROM record_seen"
    )
    return int(rows[0][0])
