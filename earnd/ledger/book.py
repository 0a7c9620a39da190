"""The book: the ledger as the cycle writes it (`earnd.ports.Ledger`).

Each method that writes is one transaction, durable when it returns; none stays open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from earnd.domain.action import Baseline, RecordedAction, State
from earnd.domain.answer import Answer
from earnd.domain.attribution import Attribution
from earnd.domain.history import PastRefusal, SentAmount
from earnd.domain.ids import ActionId, Coin, CycleId, ProductId
from earnd.domain.plan import Hold, Move
from earnd.domain.quarantine import Reading
from earnd.domain.snapshot import Balance, Record, RecordKind, Snapshot
from earnd.errors import LedgerUnwritable
from earnd.ledger import actions, cycles, history, looks, past, reading
from earnd.ledger.lock import WriterLock
from earnd.ledger.promises import Promises

_PUT_BACK = (
    "Stop earnd, put back what was moved or restore the newest backup, and start earnd again;"
    " nothing is sent meanwhile."
)


@dataclass(frozen=True, slots=True)
class Book(Promises):
    """The open ledger of one run; made by `earnd.ledger.engine.open_writer`, closed by `close`.

    Holds the writer's lock for as long as it lives.
    """

    lock: WriterLock
    run_prefix: str
    _past: past.Past = field(default_factory=past.Past)

    @property
    def path(self) -> Path:
        """Where the ledger lies."""
        return self.store.path

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; never while a request is on its way."""
        return self.store.in_transaction

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent moment of the ledger, for `earnd.ledger.queries`."""
        with self.store.reading() as connection:
            yield connection

    def begin_cycle(self, at: datetime, *, trigger: str) -> CycleId:
        """A cycle of this run begins."""
        with self.store.writing() as connection:
            return cycles.begin(connection, self.run_id, at, trigger)

    def record_look(self, cycle_id: CycleId, snapshot: Snapshot) -> None:
        """What was seen; written where it differs from what was last seen."""
        with self.store.writing() as connection:
            looks.record_look(connection, cycle_id, snapshot)

    def record_wallet(
        self, cycle_id: CycleId, at: datetime, balances: Mapping[Coin, Balance]
    ) -> None:
        """The wallet, looked at again within the cycle."""
        with self.store.writing() as connection:
            looks.record_wallet(connection, cycle_id, at, balances)

    def record_holdings(
        self, cycle_id: CycleId, at: datetime, holdings: Sequence[looks.HoldingLike]
    ) -> None:
        """What we hold, as established; written where it differs from what was last known."""
        with self.store.writing() as connection:
            looks.record_holdings(connection, cycle_id, at, holdings)

    def record_history(
        self, cycle_id: CycleId, at: datetime, kind: RecordKind, records: Sequence[Record]
    ) -> int:
        """New rows of the exchange's history; answers how many.

        Raises `SurprisingReply`, and writes nothing, if a row that we have is now different.
        """
        with self.store.writing() as connection:
            return history.record_history(connection, cycle_id, at, kind, records)

    def attribute(
        self, cycle_id: CycleId, at: datetime, attributions: Sequence[Attribution]
    ) -> None:
        """Says whose doing records are; each is said once, by constraint."""
        with self.store.writing(step=True) as connection:
            history.attribute(connection, cycle_id, at, attributions)

    def record_decisions(
        self, cycle_id: CycleId, at: datetime, moves: Sequence[Move], holds: Sequence[Hold]
    ) -> None:
        """What was decided, before any of it is done."""
        with self.store.writing() as connection:
            cycles.record_decisions(connection, cycle_id, at, moves, holds)

    def open_actions(self) -> tuple[RecordedAction, ...]:
        """All actions that are not over, oldest first."""
        return self._memo.answer(self.store, "open_actions", reading.open_actions)

    def written_off(self, since: datetime) -> tuple[RecordedAction, ...]:
        """Actions that were sent and entered `rejected` or `dropped` at or after `since`."""
        return self._memo.answer(
            self.store, ("written_off", since), lambda moment: reading.written_off(moment, since)
        )

    def settled_since(self, since: datetime) -> tuple[RecordedAction, ...]:
        """Actions that entered `settled` at or after `since`."""
        with self.store.reading() as connection:
            return reading.settled_since(connection, since)

    def plan_action(
        self, cycle_id: CycleId, at: datetime, move: Move, baseline: Baseline
    ) -> RecordedAction:
        """Gives a move its identity and its number: the action in state `planned`."""
        with self.store.writing(step=True) as connection:
            action_id = actions.plan(
                connection, cycle_id, at, move, baseline, run_prefix=self.run_prefix
            )
            return reading.one_action(connection, action_id)

    def begin_attempt(self, action_id: ActionId, at: datetime, request: str) -> int:
        """The attempt and the state `sending`, durable before the wire; answers its number.

        Raises `LedgerUnwritable` if the file or its lock is no longer the one that was opened:
        what is written into a deleted file is not written.
        """
        self._refuse_if_displaced()
        with self.store.writing(step=True) as connection:
            attempt = actions.begin_attempt(connection, action_id, at, request)
        self._refuse_if_displaced()
        return attempt

    def end_attempt(self, action_id: ActionId, attempt: int, answer: Answer, to: State) -> None:
        """What came back, and the state that it proves."""
        with self.store.writing(step=True) as connection:
            actions.end_attempt(connection, action_id, attempt, answer, to)

    def enter(
        self,
        action_id: ActionId,
        to: State,
        at: datetime,
        evidence: Mapping[str, str],
        *,
        cycle_id: CycleId | None = None,
        record_seq: int | None = None,
    ) -> None:
        """An action enters a state; with `record_seq` that record is attributed to it."""
        with self.store.writing(step=True) as connection:
            actions.enter(
                connection,
                action_id,
                to,
                at,
                evidence,
                cycle_id=cycle_id,
                record_seq=record_seq,
            )

    def resolve(
        self,
        action_id: ActionId,
        to: State,
        at: datetime,
        *,
        because: str,
        who: str,
        record_seq: int | None = None,
    ) -> None:
        """A person says what became of an action in `needs_operator`, and why.

        Raises `IllegalTransition` for an action in any other state, or for any other outcome than
        `settled` and `rejected`.
        """
        with self.store.writing(step=True) as connection:
            actions.resolve(
                connection, action_id, to, at, because=because, who=who, record_seq=record_seq
            )

    def record_absent_look(self, action_id: ActionId, cycle_id: CycleId, at: datetime) -> None:
        """A complete look at the history that found nothing of this action."""
        with self.store.writing() as connection:
            actions.record_absent_look(connection, action_id, cycle_id, at)

    def sent_since(self, since: datetime) -> tuple[SentAmount, ...]:
        """What was sent at or after `since`, whatever became of it; limits count this."""
        with self.store.reading() as connection:
            return reading.sent_since(connection, since)

    def product_readings(self, since: datetime) -> Mapping[ProductId, tuple[Reading, ...]]:
        """Of each product ever seen what it offered at `since`, and every change of it since."""
        with self.store.reading() as connection:
            return self._past.readings(connection, since)

    def readings_between(
        self, product_id: ProductId, since: datetime, until: datetime
    ) -> tuple[Reading, ...]:
        """The same of one product, as far as it was seen before `until`, which is past."""
        with self.store.reading() as connection:
            return self._past.between(connection, product_id, since, until)

    def looks_since(self, since: datetime) -> tuple[datetime, ...]:
        """When the whole exchange was looked at, at or after `since`, oldest first."""
        with self.store.reading() as connection:
            return self._past.looks(connection, since)

    def refusals_since(self, since: datetime) -> tuple[PastRefusal, ...]:
        """Answers with a code that was not success, at or after `since`, newest last."""
        with self.store.reading() as connection:
            return reading.refusals_since(connection, since)

    def recent_amounts(self, coin: Coin, since: datetime) -> frozenset[Decimal]:
        """Amounts of actions and records of this coin, so that a new one can differ from them."""
        with self.store.reading() as connection:
            return history.recent_amounts(connection, coin, since)

    def copy_to(self, path: Path) -> None:
        """A complete, verified copy in a new file."""
        self.store.copy_to(path)

    def close(self) -> None:
        """Closes the file, then lets go of the lock; doing it twice is harmless."""
        self.store.close()
        self.lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _refuse_if_displaced(self) -> None:
        displaced = self.store.displaced()
        if displaced is not None:
            raise LedgerUnwritable(
                "the file was deleted or replaced while earnd had it open",
                where=str(displaced),
                todo=_PUT_BACK,
            )
        if not self.lock.is_held():
            raise LedgerUnwritable(
                "the lock file was removed, so another earnd may be writing",
                where=str(self.lock.path),
                todo="Stop earnd and start it again; nothing is sent meanwhile.",
            )
