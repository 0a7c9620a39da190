"""The book beside a model of it: any steps in any order, legal or not, with deaths in between.

After each step both must agree, and the invariants must hold that are named `I..` after it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from earnd.domain.action import OPEN_STATES, TRANSITIONS, Baseline, State, Verb
from earnd.domain.answer import Answer, Outcome, verdict
from earnd.domain.attribution import AttributedTo, Attribution
from earnd.domain.ids import ActionId, Coin, CycleId, EarnId, ProductId, RecordId
from earnd.domain.plan import Move
from earnd.domain.reason import Reason
from earnd.domain.snapshot import Record, RecordKind, SubscribeType
from earnd.errors import IllegalTransition
from earnd.ledger import actions as steps
from earnd.ledger.book import Book
from earnd.ledger.engine import RunStart, open_writer
from tests.property.book_model import OWNERS, Act, Model, Rec

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
COINS = st.sampled_from(["USDT", "BTC"])
AMOUNTS = st.sampled_from(["5", "7.25"])
PICK = st.integers(0, 99)
TABLES = (
    "run",
    "cycle",
    "action",
    "attempt",
    "attempt_answer",
    "action_event",
    "action_look",
    "record_seen",
    "attribution",
    "operator_note",
)
QUICK = Path("/dev/shm")  # noqa: S108 - memory, if there is such; the tests own their folder in it
THRICE = 3


class Death(Exception):
    """The process ends in the middle of a transaction."""


def opened(path: Path, prefix: str) -> Book:
    run = RunStart(prefix, NOON, "0.1.0", "digest")
    return open_writer(path, mode="live", account_label="main", run=run, patience_ms=50)


@cache
def empty() -> bytes:
    """A new ledger; made once, because to make one takes longer than all else here."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.db"
        opened(path, "99999999").close()
        return path.read_bytes()


class BookMachine(RuleBasedStateMachine):
    """A ledger's life."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=QUICK if QUICK.is_dir() else None))
        self.path = self.folder / "ledger.db"
        self.path.write_bytes(empty())
        self.model = Model()
        self.now = NOON
        self.runs = 0
        self.records_made = 0
        self.backup: Model | None = None
        self.ever_issued: set[str] = set()
        self.rows: dict[str, list[tuple[Any, ...]]] = {}

    @initialize()
    def starts(self) -> None:
        self.runs += 1
        self.book = opened(self.path, str(10_000_000 + self.runs))
        self.cycle: CycleId = self.book.begin_cycle(self.tick(), trigger="once")
        if self.backup is None:
            self.is_backed_up()

    def teardown(self) -> None:
        if hasattr(self, "book"):
            self.book.close()
        shutil.rmtree(self.folder)

    def tick(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        return self.book.store.raw.execute(query).fetchall()

    def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        return {table: self.sql(f"SELECT * FROM {table}") for table in TABLES}  # noqa: S608

    def action(self, pick: int, *states: State) -> tuple[ActionId, Act]:
        """Any action, the open and the newest ones first; one in these states if there is any."""
        acts = self.model.actions
        likely = sorted(acts, key=lambda key: (acts[key].is_open, key), reverse=True)
        wanted = [key for key in likely if acts[key].state in states] or likely
        action_id = wanted[pick % len(wanted)]
        return ActionId(action_id), acts[action_id]

    def expect(self, is_legal: bool, step: Callable[[], object], then: Callable[[], None]) -> None:
        """The book takes a legal step; of any other it says so, and nothing has changed."""
        if is_legal:
            step()
            then()
            return
        before = self.everything()
        with pytest.raises(IllegalTransition):
            step()
        assert self.everything() == before
        assert not self.book.in_transaction

    # -- what earnd does

    @rule(coin=COINS, amount=AMOUNTS, verb=st.sampled_from(Verb))
    def plans(self, coin: str, amount: str, verb: Verb) -> None:
        move = Move(
            verb,
            Coin(coin),
            ProductId(f"p-{coin}"),
            Decimal(amount),
            Reason.BEST_BAND,
            EarnId("e") if verb is Verb.REDEEM else None,
        )
        known = self.book.known_upto()

        def plan() -> None:
            planned = self.book.plan_action(
                self.cycle, self.tick(), move, Baseline(known, Decimal(100), None)
            )
            number = planned.request_no
            assert number not in self.ever_issued, "I1: unique for ever, across restores"
            self.ever_issued.add(number)
            self.model.actions[planned.action_id] = Act(coin, verb, amount, number, known)

        self.expect(self.model.may_plan(coin), plan, lambda: None)

    @precondition(lambda self: self.model.actions)
    @rule(pick=PICK, other_bytes=st.sampled_from([False, False, False, True]))
    def sends(self, pick: int, other_bytes: bool) -> None:
        likely = (State.PLANNED, State.UNKNOWN) if pick % 4 else ()
        action_id, act = self.action(pick, *likely)
        request = f"POST /x {act.number}{' ' if other_bytes and act.requests else ''}"

        def send() -> None:
            attempt = self.book.begin_attempt(action_id, self.tick(), request)
            assert attempt == len(act.requests) + 1

        def then() -> None:
            act.requests.append(request)
            act.states.append(State.SENDING)

        self.expect(self.model.may_send(action_id, request), send, then)

    @precondition(lambda self: self.model.actions)
    @rule(pick=PICK, outcome=st.sampled_from(Outcome))
    def gets_an_answer(self, pick: int, outcome: Outcome) -> None:
        action_id, act = self.action(pick, State.SENDING)
        attempt = max(len(act.requests), 1)
        to = verdict(outcome, clean=attempt == 1)
        self._answers(action_id, act, attempt, outcome, to)

    @rule(coin=COINS, amount=AMOUNTS, outcome=st.sampled_from(Outcome))
    def plans_sends_and_gets_an_answer(self, coin: str, amount: str, outcome: Outcome) -> None:
        """As it mostly is."""
        if self.model.may_plan(coin):
            self.plans(coin, amount, Verb.SUBSCRIBE)
            self.sends(1, other_bytes=False)
            self.gets_an_answer(0, outcome)

    @precondition(lambda self: self.model.actions)
    @rule(
        pick=PICK,
        attempt=st.integers(0, THRICE),
        outcome=st.sampled_from(Outcome),
        to=st.sampled_from(State),
    )
    def gets_any_answer(self, pick: int, attempt: int, outcome: Outcome, to: State) -> None:
        self._answers(*self.action(pick), attempt, outcome, to)

    def _answers(
        self, action_id: ActionId, act: Act, attempt: int, outcome: Outcome, to: State
    ) -> None:
        answer = Answer(outcome, self.tick(), 5, "as received")

        def then() -> None:
            act.outcomes.append(outcome)
            act.states.append(to)

        self.expect(
            self.model.may_answer(action_id, attempt, to),
            lambda: self.book.end_attempt(action_id, attempt, answer, to),
            then,
        )

    @precondition(lambda self: self.model.actions)
    @rule(pick=PICK, to=st.sampled_from(State), proof=st.none() | PICK, person=st.booleans())
    def enters_any_state(self, pick: int, to: State, proof: int | None, person: bool) -> None:
        """Most of these steps are illegal."""
        action_id, act = self.action(pick)
        if person:
            self._resolves(action_id, act, to, proof)
            return
        seq = self._record(action_id, proof)
        self.expect(
            self.model.may_enter(action_id, to, seq),
            lambda: self.book.enter(
                action_id, to, self.tick(), {}, cycle_id=self.cycle, record_seq=seq
            ),
            lambda: self._entered(action_id, act, to, seq),
        )

    @precondition(lambda self: self.model.actions)
    @rule(pick=PICK, which=PICK)
    def takes_a_legal_step(self, pick: int, which: int) -> None:
        """So that lives get somewhere among all that is refused."""
        action_id, act = self.action(pick)
        legal = [
            (to, seq)
            for to in sorted(TRANSITIONS[act.state])
            for seq in (*self.model.records, None)
            if self.model.may_enter(action_id, to, seq)
        ]
        if legal:
            to, seq = legal[which % len(legal)]
            self.book.enter(action_id, to, self.tick(), {}, cycle_id=self.cycle, record_seq=seq)
            self._entered(action_id, act, to, seq)

    @precondition(lambda self: self.model.actions)
    @rule(pick=PICK)
    def looks_and_sees_nothing(self, pick: int) -> None:
        action_id, act = self.action(pick)
        self.book.record_absent_look(action_id, self.cycle, self.tick())
        act.looks += 1

    # -- what the exchange and people do

    @rule(
        coin=COINS,
        amount=AMOUNTS,
        kind=st.sampled_from(["subscribe", "subscribe", "redeem", "interest"]),
        is_auto=st.sampled_from([False, False, True]),
    )
    def a_record_appears(self, coin: str, amount: str, kind: str, is_auto: bool) -> None:
        self.records_made += 1
        self._seen(Rec(f"r{self.records_made}", coin, kind, amount, is_auto))

    @precondition(lambda self: any(act.is_open for act in self.model.actions.values()))
    @rule(pick=PICK)
    def the_record_of_an_action_appears(self, pick: int) -> None:
        waiting = [act for act in self.model.actions.values() if act.is_open]
        act = waiting[pick % len(waiting)]
        self.records_made += 1
        self._seen(Rec(f"r{self.records_made}", act.coin, act.verb, act.amount, is_auto=False))

    @precondition(lambda self: self.model.records)
    @rule(pick=PICK)
    def a_known_record_is_read_again(self, pick: int) -> None:
        seqs = sorted(self.model.records)
        known = self.model.records[seqs[pick % len(seqs)]]
        assert self._write(known) == 0

    @precondition(lambda self: self.model.records)
    @rule(pick=PICK, which=PICK, owner=st.sampled_from([*OWNERS, "earnd"]))
    def a_record_is_attributed(self, pick: int, which: int, owner: str) -> None:
        seqs = sorted(self.model.records)
        seq = seqs[pick % len(seqs)]
        action_id = None
        if owner == "earnd":
            if not self.model.actions:
                return
            action_id, _ = self.action(which)

        def then() -> None:
            if action_id is None:
                self.model.records[seq].owner = owner
            else:
                self.model.own(action_id, seq)

        said = Attribution(seq, AttributedTo(owner), action_id)
        self.expect(
            self.model.may_attribute(seq, owner, action_id),
            lambda: self.book.attribute(self.cycle, self.tick(), [said]),
            then,
        )

    @precondition(lambda self: self._is_any_in(State.UNKNOWN, State.ACCEPTED))
    @rule(pick=PICK)
    def asks_a_person(self, pick: int) -> None:
        action_id, act = self.action(pick, State.UNKNOWN, State.ACCEPTED)
        self.book.enter(action_id, State.NEEDS_OPERATOR, self.tick(), {}, cycle_id=self.cycle)
        act.states.append(State.NEEDS_OPERATOR)

    @precondition(lambda self: self._is_any_in(State.NEEDS_OPERATOR))
    @rule(pick=PICK, to=st.sampled_from([State.SETTLED, State.REJECTED]), proof=st.none() | PICK)
    def a_person_resolves(self, pick: int, to: State, proof: int | None) -> None:
        self._resolves(*self.action(pick, State.NEEDS_OPERATOR), to, proof)

    def _resolves(self, action_id: ActionId, act: Act, to: State, proof: int | None) -> None:
        seq = self._record(action_id, proof)
        self.expect(
            self.model.may_enter(action_id, to, seq, person=True),
            lambda: self.book.resolve(
                action_id, to, self.tick(), because="seen", who="ann", record_seq=seq
            ),
            lambda: self._entered(action_id, act, to, seq),
        )

    # -- ends and beginnings

    @rule(how=st.sampled_from(["stop", "kill", "kill", "within"]), pick=PICK, torn=st.binary())
    def ends_and_begins_again(self, how: str, pick: int, torn: bytes) -> None:
        """Stopped, or killed: nothing is closed, and of what was not committed some is there."""
        if pick % 3:
            return  # often enough, and the dearest thing to do here
        if how == "stop" or not self.model.actions:
            self.book.close()
        else:
            if how == "within":
                self.is_killed_in_a_transaction(pick)
            wal = self.path.with_name("ledger.db-wal")
            left = self.path.read_bytes(), wal.read_bytes() + torn
            self.book.close()
            self.path.write_bytes(left[0])
            wal.write_bytes(left[1])
        self.starts()

    def is_killed_in_a_transaction(self, pick: int) -> None:
        action_id, act = self.action(pick, State.PLANNED, State.UNKNOWN)

        def begin_and_die() -> None:
            with self.book.store.writing(step=True) as connection:
                steps.begin_attempt(connection, action_id, self.tick(), f"POST /x {act.number}")
                raise Death

        with pytest.raises((Death, IllegalTransition)):
            begin_and_die()

    @precondition(lambda self: self.model.actions)
    @rule()
    def is_backed_up(self) -> None:
        copy = self.folder / "backup.db"
        copy.unlink(missing_ok=True)
        self.book.copy_to(copy)
        self.backup = deepcopy(self.model)

    @precondition(lambda self: self.model.actions)
    @rule(pick=PICK)
    def is_restored(self, pick: int) -> None:
        if pick % 2 or self.backup is None:
            return
        self.book.close()
        shutil.copyfile(self.folder / "backup.db", self.path)
        self.model = deepcopy(self.backup)
        self.rows = {}
        self.starts()

    # -- helpers

    def _is_any_in(self, *states: State) -> bool:
        return any(act.state in states for act in self.model.actions.values())

    def _record(self, action_id: ActionId, proof: int | None) -> int | None:
        """A record to prove something with: one that can, or any, or one that is not there."""
        if proof is None:
            return None
        fitting = [seq for seq in self.model.records if self.model.may_own(action_id, seq)]
        choice = [*fitting, *fitting, *self.model.records, 999]
        return choice[proof % len(choice)]

    def _entered(self, action_id: ActionId, act: Act, to: State, seq: int | None) -> None:
        act.states.append(to)
        if seq is not None:
            self.model.own(action_id, seq)

    def _seen(self, rec: Rec) -> None:
        assert self._write(rec) == 1
        self.model.records[self.book.known_upto()] = rec

    def _write(self, rec: Rec) -> int:
        kind = RecordKind(rec.kind)
        number = int(rec.record_id[1:])
        record = Record(
            RecordId(rec.record_id),
            kind,
            ProductId(f"p-{rec.coin}"),
            Coin(rec.coin),
            Decimal(rec.amount),
            NOON + timedelta(seconds=number),
            subscribe_type=SubscribeType.AUTO if rec.is_auto else None,
        )
        return self.book.record_history(self.cycle, self.tick(), kind, [record])

    # -- what must hold after every step

    @invariant()
    def the_book_is_what_the_model_says(self) -> None:
        acts = self.model.actions
        found = self.sql("SELECT action_id, state, attempts, request_no FROM action_now")
        assert found == [
            (key, act.state, len(act.requests), act.number) for key, act in sorted(acts.items())
        ]
        waiting = {action.action_id: action for action in self.book.open_actions()}
        assert waiting.keys() == {key for key, act in acts.items() if act.is_open}
        for key, action in waiting.items():
            act = acts[key]
            assert (action.state, action.attempts) == (act.state, len(act.requests))
            assert (action.coin, action.amount) == (act.coin, Decimal(act.amount))
            assert action.last_outcome == (act.outcomes[-1] if act.outcomes else None)
            assert len(action.absent_looks) == act.looks
            assert action.baseline.known_upto == act.known_upto
        off = {action.action_id for action in self.book.written_off(NOON)}
        assert off == {
            key
            for key, act in acts.items()
            if act.state in (State.REJECTED, State.DROPPED) and act.requests
        }

    @invariant()
    def i1_numbers_are_twenty_digits_and_never_repeat(self) -> None:
        numbers = [number for (number,) in self.sql("SELECT request_no FROM action")]
        assert len(numbers) == len(set(numbers))
        for number in numbers:
            assert len(number) == 20
            assert number.isascii()
            assert number.isdigit()
            assert number[0] != "0"

    @invariant()
    def i5_nothing_is_sent_after_a_yes_a_clean_refusal_or_the_end(self) -> None:
        for key, act in self.model.actions.items():
            lived = [state for (state,) in self._events(key, "to_state")]
            assert lived == act.states
            last_sending = max((n for n, s in enumerate(lived) if s == State.SENDING), default=0)
            never_before = {State.ACCEPTED} | (set(State) - OPEN_STATES)
            assert not never_before & {State(state) for state in lived[:last_sending]}

    @invariant()
    def i6_one_action_at_most_is_open_per_coin(self) -> None:
        coins = [action.coin for action in self.book.open_actions()]
        assert len(coins) == len(set(coins))

    @invariant()
    def i9_and_i10_records_and_owners_are_one_to_one(self) -> None:
        found = self.sql("SELECT record_seq, attributed_to, action_id FROM attribution")
        owned = {seq: rec.owner for seq, rec in self.model.records.items() if rec.owner}
        assert {seq: owner for seq, owner, _ in found} == owned
        assert len(found) == len(owned)
        by_action = {key: act.record for key, act in self.model.actions.items() if act.record}
        assert {key: seq for seq, _, key in found if key is not None} == by_action
        assert len(self.book.records()) == len(self.model.records)

    @invariant()
    def i13_nothing_that_was_written_has_changed(self) -> None:
        now = self.everything()
        for table, before in self.rows.items():
            assert now[table][: len(before)] == before or set(before) <= set(now[table]), table
        self.rows = now

    @invariant()
    def i14_the_state_is_the_fold_of_the_events(self) -> None:
        for key, state, _ in self.sql("SELECT action_id, state, coin FROM action_now"):
            folded = None
            for number, (seq, before, after) in enumerate(
                self._events(key, "seq, from_state, to_state")
            ):
                assert (seq, before) == (number, folded)
                folded = after
            assert folded == state

    @invariant()
    def i15_every_step_is_in_the_table(self) -> None:
        for before, after in self.sql("SELECT from_state, to_state FROM action_event"):
            assert after == State.PLANNED if before is None else after in TRANSITIONS[before]

    def _events(self, key: int, columns: str) -> list[tuple[Any, ...]]:
        return self.sql(
            f"SELECT {columns} FROM action_event WHERE action_id = {key} ORDER BY seq"  # noqa: S608
        )


EVERYWHERE = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


TestTheBook = BookMachine.TestCase
TestTheBook.settings = settings(EVERYWHERE, max_examples=12, stateful_step_count=40)


class LongerLives(BookMachine):
    """The same, for the slow suite."""


TestTheBookAtLength = pytest.mark.slow(LongerLives.TestCase)
TestTheBookAtLength.settings = settings(EVERYWHERE, max_examples=200, stateful_step_count=100)
