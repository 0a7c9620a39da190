"""The ledger as a few dictionaries: what the book should be, without a database."""

from __future__ import annotations

from dataclasses import dataclass, field

from earnd.domain.action import OPEN_STATES, TRANSITIONS, State

OWNERS = ("person", "auto_subscribe", "interest")


@dataclass
class Act:
    """An action, with all the states that it was in."""

    coin: str
    verb: str
    amount: str
    number: str
    known_upto: int
    states: list[State] = field(default_factory=lambda: [State.PLANNED])
    requests: list[str] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    looks: int = 0
    record: int | None = None

    @property
    def state(self) -> State:
        return self.states[-1]

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


@dataclass
class Rec:
    """A row of the exchange's history, and whose doing it is."""

    record_id: str
    coin: str
    kind: str
    amount: str
    is_auto: bool
    owner: str | None = None


@dataclass
class Model:
    """What the book should hold; each `may_` says whether the book must take a step."""

    actions: dict[int, Act] = field(default_factory=dict)
    records: dict[int, Rec] = field(default_factory=dict)

    def may_plan(self, coin: str) -> bool:
        """One open action per coin."""
        return not any(act.coin == coin and act.is_open for act in self.actions.values())

    def may_send(self, action_id: int, request: str) -> bool:
        """From `planned` or `unknown`, and again with the same bytes only."""
        act = self.actions[action_id]
        is_same = not act.requests or act.requests[0] == request
        return State.SENDING in TRANSITIONS[act.state] and is_same

    def may_answer(self, action_id: int, attempt: int, to: State) -> bool:
        """To the sending that is under way; no answer settles anything."""
        act = self.actions[action_id]
        return (
            act.state is State.SENDING
            and attempt == len(act.requests)
            and to in TRANSITIONS[State.SENDING] - {State.SETTLED}
        )

    def may_enter(
        self, action_id: int, to: State, seq: int | None, *, person: bool = False
    ) -> bool:
        """A step of the table; `settled` and `late` with the record that proves it."""
        act = self.actions[action_id]
        if to not in TRANSITIONS[act.state] or to is State.SENDING:
            return False
        if person and (act.state is not State.NEEDS_OPERATOR):
            return False
        if seq is None:
            return person or to not in (State.SETTLED, State.LATE)
        return to in (State.SETTLED, State.LATE) and self.may_own(action_id, seq)

    def may_own(self, action_id: int, seq: int) -> bool:
        """A record of what the action asked for, new since, and neither of them taken."""
        act, rec = self.actions[action_id], self.records.get(seq)
        return (
            rec is not None
            and rec.owner is None
            and act.record is None
            and seq > act.known_upto
            and not rec.is_auto
            and (rec.coin, rec.kind, rec.amount) == (act.coin, act.verb, act.amount)
        )

    def may_attribute(self, seq: int, owner: str, action_id: int | None) -> bool:
        """Once; interest is interest, and only a finished action has a record given to it."""
        rec = self.records[seq]
        if rec.owner is not None or (owner == "interest") != (rec.kind == "interest"):
            return False
        if owner != "earnd":
            return True
        assert action_id is not None
        is_over = self.actions[action_id].state in (State.SETTLED, State.LATE)
        return is_over and self.may_own(action_id, seq)

    def own(self, action_id: int, seq: int) -> None:
        """The record is the action's."""
        self.actions[action_id].record = seq
        self.records[seq].owner = "earnd"
