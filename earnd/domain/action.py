"""The life of an action: its states, the only legal steps between them, and its number.

Everything that decides about steps is in `TRANSITIONS`; the ledger holds the same table as
foreign keys, and a test keeps the two equal. States are named for what is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from earnd.domain.ids import ActionId, Coin, CycleId, EarnId, ProductId, RequestNo


class Verb(StrEnum):
    """What an action asks for."""

    SUBSCRIBE = "subscribe"
    REDEEM = "redeem"


class Actor(StrEnum):
    """Who made an event happen."""

    EARND = "earnd"
    OPERATOR = "operator"


class State(StrEnum):
    """What is known about an action (design section 5)."""

    PLANNED = "planned"
    """Decided and recorded; nothing has left."""
    SENDING = "sending"
    """Committed just before the request; it may or may not have left."""
    UNKNOWN = "unknown"
    """We asked and got no answer that settles it."""
    ACCEPTED = "accepted"
    """The exchange said yes; its effect is not yet seen."""
    SETTLED = "settled"
    """Its effect was seen: one record is attributed to it."""
    REJECTED = "rejected"
    """The exchange refused its only sending, or it is proven never to have happened."""
    DROPPED = "dropped"
    """It never left."""
    NEEDS_OPERATOR = "needs_operator"
    """Patience is over and the witnesses disagree, or two records fit."""
    LATE = "late"
    """Written off, and then its record appeared: counted as done, with an alarm."""


TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.PLANNED: frozenset({State.SENDING, State.DROPPED}),
        State.SENDING: frozenset(
            {State.ACCEPTED, State.SETTLED, State.REJECTED, State.UNKNOWN, State.DROPPED}
        ),
        State.UNKNOWN: frozenset(
            {State.SENDING, State.ACCEPTED, State.SETTLED, State.REJECTED, State.NEEDS_OPERATOR}
        ),
        State.ACCEPTED: frozenset({State.SETTLED, State.NEEDS_OPERATOR}),
        State.NEEDS_OPERATOR: frozenset({State.SETTLED, State.REJECTED}),
        State.REJECTED: frozenset({State.LATE}),
        State.DROPPED: frozenset({State.LATE}),
        State.SETTLED: frozenset(),
        State.LATE: frozenset(),
    }
)

OPEN_STATES = frozenset(
    {State.PLANNED, State.SENDING, State.UNKNOWN, State.ACCEPTED, State.NEEDS_OPERATOR}
)
"""An action in one of these keeps its coin busy."""

WRITTEN_OFF_STATES = frozenset({State.REJECTED, State.DROPPED})
"""Over as far as we know, but a record may still prove us wrong."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was known right before an action was recorded, so that its effect can be told apart.

    `known_upto` is the highest `SeenRecord.seq` after a complete look at the action's kind of
    record: a record with a higher one was not there before. `available` is the wallet and `total`
    the exchange's own sum for the coin, where it gives one.
    """

    known_upto: int
    available: Decimal
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class RecordedAction:
    """An action as the ledger holds it, with what settling needs to know.

    `since` is when it entered `state`. The sending times are `None` while nothing was sent.
    `last_outcome` is the last answer's, by its name; `None` while there is none.
    `absent_looks` are the moments of complete looks that found no record of it. `request` is what
    was sent, `None` while nothing was: it may be sent again with the very same bytes only.
    """

    action_id: ActionId
    cycle_id: CycleId
    request_no: RequestNo
    verb: Verb
    product_id: ProductId
    earn_id: EarnId | None
    coin: Coin
    amount: Decimal
    state: State
    planned_at: datetime
    since: datetime
    baseline: Baseline
    attempts: int = 0
    first_sent_at: datetime | None = None
    last_sent_at: datetime | None = None
    last_outcome: str | None = None
    absent_looks: tuple[datetime, ...] = ()
    request: str | None = None


_RUN_DIGITS = 8
_ACTION_DIGITS = 12


def request_no_for(run_prefix: str, action_id: ActionId) -> RequestNo:
    """Twenty digits: eight drawn when the process started and twelve that are the action's id.

    It can be read off the row, and cannot repeat after a ledger is restored or begun anew.
    Raises `ValueError` if the prefix is not eight digits beginning with 1 to 9, or the id does
    not fit.
    """
    is_prefix = len(run_prefix) == _RUN_DIGITS and run_prefix.isascii() and run_prefix.isdigit()
    if not is_prefix or run_prefix[0] == "0":
        raise ValueError(f"not a run prefix: {run_prefix!r}")
    if not 0 < action_id < 10**_ACTION_DIGITS:
        raise ValueError(f"not an action id: {action_id!r}")
    return RequestNo(f"{run_prefix}{action_id:0{_ACTION_DIGITS}d}")
