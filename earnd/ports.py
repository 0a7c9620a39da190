"""What the cycle asks of the world, as shapes; `wiring.py` alone knows what fills them.

Readers raise `earnd.errors.ExchangeUnavailable`, `SurprisingReply` or `ExchangeRefusedUs`.
A writer raises nothing for what the exchange did: it returns an `Answer`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from earnd.anchored import Anchored
from earnd.domain.action import Baseline, RecordedAction, State, Verb
from earnd.domain.answer import Answer
from earnd.domain.attribution import Attribution
from earnd.domain.capability import Capability
from earnd.domain.history import CycleEnd, PastRefusal, SentAmount
from earnd.domain.holdings import Holding
from earnd.domain.ids import ActionId, Coin, CycleId, EarnId, ProductId, RequestNo
from earnd.domain.plan import Hold, Move
from earnd.domain.priority import Priority
from earnd.domain.product import Product
from earnd.domain.request import MoneyRequest
from earnd.domain.snapshot import (
    Balance,
    Position,
    Record,
    RecordKind,
    ServiceNotice,
    Snapshot,
)
from earnd.promised import Promised
from earnd.readings import Readings
from earnd.standing import Standing
from earnd.wallets import Wallets


class Clock(Protocol):
    """Time; a test's or the demo's may stand still and be moved by hand."""

    def now(self) -> datetime:
        """This moment, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


class ExchangeReader(Protocol):
    """Looks. Every list is complete (all pages, adding up to its total) or an error is raised."""

    def products(self) -> tuple[Product, ...]:
        """All flexible-savings offers."""
        ...

    def positions(self) -> tuple[Position, ...]:
        """All our positions in them."""
        ...

    def balances(self) -> Mapping[Coin, Balance]:
        """The wallet; a coin that is not listed has nothing in it."""
        ...

    def totals(self) -> Mapping[Coin, Decimal] | None:
        """What we hold per coin by the exchange's own sum, or `None` where it does not say."""
        ...

    def records(
        self, kind: RecordKind, *, since: datetime | None, priority: Priority = Priority.LOOK
    ) -> tuple[Record, ...]:
        """The history of one kind from `since` (everything if `None`) until now, oldest first.

        Where the exchange allows only so much, what is less urgent leaves room for the rest.
        """
        ...

    def clock_skew_ms(self) -> int:
        """The exchange's clock minus ours, the round trip taken into account."""
        ...

    def latest_skew_ms(self) -> int:
        """The same as of now and without asking, by the worst that replies since then prove.

        Sees a clock that was set since `clock_skew_ms`; raises `ExchangeUnavailable` before it.
        """
        ...

    def maintenance(self) -> Sequence[ServiceNotice]:
        """The maintenance windows that are running now, of the services we depend on."""
        ...


class ExchangeWriter(Protocol):
    """Makes requests that move money, and sends one, once, on a connection of its own."""

    def subscribe_request(
        self, product_id: ProductId, amount: Decimal, request_no: RequestNo
    ) -> MoneyRequest:
        """Asks to move `amount` from the wallet into the product."""
        ...

    def redeem_request(
        self, earn_id: EarnId, amount: Decimal, request_no: RequestNo
    ) -> MoneyRequest:
        """Asks to move `amount` from the position back into the wallet."""
        ...

    def send(self, request: MoneyRequest) -> Answer:
        """Sends it, and says what came back; raises nothing for what the exchange did."""
        ...


class Log(Protocol):
    """Where events are told; the ledger is the record, this is for operators."""

    def debug(self, event: str, **fields: object) -> object:
        """Of interest when looking for a cause."""
        ...

    def info(self, event: str, **fields: object) -> object:
        """As it should be."""
        ...

    def warning(self, event: str, **fields: object) -> object:
        """Somebody should know."""
        ...

    def error(self, event: str, **fields: object) -> object:
        """Somebody should act."""
        ...


class Ledger(Readings, Promised, Anchored, Standing, Wallets, Protocol):
    """The book: it is told before anything leaves, and again when something came back.

    Every method that writes is one transaction, durable when it returns; none stays open.
    Raises `LedgerUnwritable` if that cannot be had, `IllegalTransition` for a step that the table
    does not know; in both cases nothing was written.
    """

    def begin_cycle(self, at: datetime, *, trigger: str) -> CycleId:
        """A cycle begins; `trigger` is `schedule`, `once`, `plan`, `demo` or the like."""
        ...

    def end_cycle(self, cycle_id: CycleId, end: CycleEnd) -> None:
        """It ended, and how."""
        ...

    def record_look(self, cycle_id: CycleId, snapshot: Snapshot) -> None:
        """What was seen; written where it differs from what was last seen."""
        ...

    def record_wallet(
        self, cycle_id: CycleId, at: datetime, balances: Mapping[Coin, Balance]
    ) -> None:
        """The wallet, looked at again within the cycle."""
        ...

    def record_history(
        self, cycle_id: CycleId, at: datetime, kind: RecordKind, records: Sequence[Record]
    ) -> int:
        """Rows of the exchange's history as seen, new ones only; answers how many were new.

        Raises `SurprisingReply` if a row that we have is now different.
        """
        ...

    def attribute(
        self, cycle_id: CycleId, at: datetime, attributions: Sequence[Attribution]
    ) -> None:
        """Says whose doing records are; each is said once, by constraint."""
        ...

    def record_holdings(self, cycle_id: CycleId, at: datetime, holdings: Sequence[Holding]) -> None:
        """What we hold, as established; written where it differs from what was last established."""
        ...

    def record_decisions(
        self,
        cycle_id: CycleId,
        at: datetime,
        moves: Sequence[Move],
        holds: Sequence[Hold],
    ) -> None:
        """What was decided, before any of it is done."""
        ...

    def open_actions(self) -> tuple[RecordedAction, ...]:
        """All actions that are not over, oldest first."""
        ...

    def written_off(self, since: datetime) -> tuple[RecordedAction, ...]:
        """Actions that were sent and entered `rejected` or `dropped` at or after `since`."""
        ...

    def settled_since(self, since: datetime) -> tuple[RecordedAction, ...]:
        """Actions that entered `settled` at or after `since`."""
        ...

    def record_capabilities(
        self, cycle_id: CycleId, at: datetime, shown: Mapping[Capability, str]
    ) -> None:
        """What the exchange has shown of itself; written where it differs from what was known."""
        ...

    def capabilities(self) -> Mapping[str, str]:
        """The newest word about each `Capability` of which anything is known, by its name."""
        ...

    def begin_probe(self, action_id: ActionId, at: datetime, request: str) -> int:
        """A settled probe is about to be sent once more, on purpose; answers which time this is.

        Durable before the wire. Raises `IllegalTransition` for anything but the settled action of
        a probe, or for other bytes than those of its attempt.
        """
        ...

    def end_probe(self, action_id: ActionId, n: int, answer: Answer) -> None:
        """What came back."""
        ...

    def slowest_record(self, verb: Verb, since: datetime) -> timedelta:
        """The longest that the record of an action settled since then is known to have stayed away.

        From its first sending to the last complete look that did not show it; zero if none did.
        """
        ...

    def plan_action(
        self, cycle_id: CycleId, at: datetime, move: Move, baseline: Baseline
    ) -> RecordedAction:
        """Gives a move its identity and its number: the action in state `planned`."""
        ...

    def begin_attempt(self, action_id: ActionId, at: datetime, request: str) -> int:
        """The attempt and the state `sending`, durable before the wire; answers its number.

        `request` is what will be sent (method, path and body), without secrets.
        """
        ...

    def end_attempt(self, action_id: ActionId, attempt: int, answer: Answer, to: State) -> None:
        """What came back, and the state that it proves."""
        ...

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
        """An action enters a state; with `record_seq` that record is attributed to it.

        The two are one transaction: no action is settled without its record, nor the reverse.
        """
        ...

    def record_absent_look(self, action_id: ActionId, cycle_id: CycleId, at: datetime) -> None:
        """A complete look at the history that found nothing of this action."""
        ...

    def sent_since(self, since: datetime) -> tuple[SentAmount, ...]:
        """What was sent at or after `since`, whatever became of it; limits count this."""
        ...

    def refusals_since(self, since: datetime) -> tuple[PastRefusal, ...]:
        """Answers with a code that was not success, at or after `since`, newest last."""
        ...

    def recent_amounts(self, coin: Coin, since: datetime) -> frozenset[Decimal]:
        """Amounts of actions and records of this coin, so that a new one can differ from them."""
        ...
