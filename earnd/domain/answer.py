"""What came back for one sending, as the adapter understood it, and what that proves.

The adapter reduces every reply, and every way of not getting one, to an `Answer`.
`verdict` is the one place that turns an answer into a state of the action.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from earnd.domain.action import State


class Outcome(StrEnum):
    """What an answer says about this one sending."""

    NOT_SENT = "not_sent"
    """It provably never left: no name, refused, unreachable, connect time-out, TLS handshake."""
    YES = "yes"
    """HTTP 200, code 1000, `data` exactly true."""
    SEEN = "seen"
    """80013: the number is known over there; nobody documents what became of it."""
    REFUSED = "refused"
    """A documented business refusal, well formed."""
    NOT_EXECUTED = "not_executed"
    """The gateway refused it before it could be carried out."""
    UNCLEAR = "unclear"
    """Anything else: time-outs, resets, 3xx, 5xx, HTML, 80016, `data` not true, unknown codes."""


class Consequence(StrEnum):
    """What a code means beyond the one action, in order of weight.

    For how long is said by `earnd.domain.cooldown`, and what else is learnt by
    `earnd.domain.lessons`.
    """

    NONE = "none"
    NEXT_CYCLE = "next_cycle"
    WAIT = "wait"
    """The coin rests for a quarter of an hour."""
    NOT_NOW = "not_now"
    """The exchange takes no such orders at this time; the coin rests as long."""
    QUOTA_GONE = "quota_gone"
    """The product has less room left, for everybody, than was asked for."""
    CAP_REACHED = "cap_reached"
    """It takes less from this account than was asked for."""
    MINIMUM_HIGHER = "minimum_higher"
    """It takes more at once, or nothing."""
    NOT_ON_SALE = "not_on_sale"
    """It is not sold at this time."""
    HOLD_PRODUCT = "hold_product"
    CLOSED = "closed"
    """It is sold no more."""
    TOO_PRECISE = "too_precise"
    """The amount has more decimals than the coin admits."""
    HOLD_COIN = "hold_coin"
    STOP_SUBSCRIBING = "stop_subscribing"
    STOP_REDEEMING = "stop_redeeming"
    BACK_OFF = "back_off"
    STOP_ALL = "stop_all"
    FIX_CLOCK = "fix_clock"
    FIX_CREDENTIALS = "fix_credentials"


@dataclass(frozen=True, slots=True)
class Answer:
    """The evidence of one sending; what is `None` was not in the reply.

    `detail` says in a sentence what was received; it holds no secret.
    """

    outcome: Outcome
    answered_at: datetime
    latency_ms: int
    detail: str
    http_status: int | None = None
    code: int | None = None
    message: str | None = None
    trace: str | None = None
    consequence: Consequence = Consequence.NONE


def verdict(outcome: Outcome, *, clean: bool) -> State:
    """The state an action enters on this outcome (design section 5).

    `clean` says that no earlier sending of the same action may have left: only then does a
    refusal prove that nothing happened.
    """
    match outcome:
        case Outcome.YES:
            return State.ACCEPTED
        case Outcome.SEEN | Outcome.UNCLEAR:
            return State.UNKNOWN
        case Outcome.NOT_SENT:
            return State.DROPPED if clean else State.UNKNOWN
        case Outcome.REFUSED | Outcome.NOT_EXECUTED:
            return State.REJECTED if clean else State.UNKNOWN
        case _:
            assert_never(outcome)
