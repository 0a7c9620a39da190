"""Whether a request may be sent again: the same number, the same bytes, a new attempt.

A request that was lost earns nothing until its patience is over, and sending it again under its
own number is what the number is for: an exchange that has carried it out refuses the second. That
memory is the exchange's word and may be short, so every other door is closed first. Nothing here
looks at the strategy and the limits; whoever sends asks them too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from earnd.domain.action import RecordedAction, State, Verb
from earnd.domain.answer import Outcome
from earnd.domain.attribution import SeenRecord
from earnd.domain.matching import is_unclaimed
from earnd.domain.settling import Rules
from earnd.domain.witnesses import Witnesses, testimony

MOST_ATTEMPTS = 4
"""The first sending and three more."""

LONGEST_REPLAY = timedelta(minutes=10)
"""Nobody documents how long a number is remembered; this is the most that is ever relied on."""

_BACKOFF = timedelta(seconds=2)
_LONGEST_BACKOFF = timedelta(seconds=60)

_AMBIGUOUS = (None, Outcome.UNCLEAR, Outcome.NOT_SENT)
"""Answers after which it may be tried again: none, none that was clear, or it did not leave."""


def longest_backoff(attempts: int) -> timedelta:
    """The longest wait before the next attempt, doubling up to a minute.

    Full jitter: the wait is drawn anew from zero up to this.
    """
    doubled: int = 2**attempts
    return min(_LONGEST_BACKOFF, _BACKOFF * doubled)


def forbids_resend(action: RecordedAction, *, now: datetime, rules: Rules) -> str:
    """Why this action is not to be sent again, before anything is asked; empty if it may be.

    `now` must be of a clock that is proven right.
    """
    if action.state is not State.UNKNOWN:
        return f"it is {action.state.value}"
    if action.first_sent_at is None or action.last_sent_at is None:
        return "it was never sent"
    if action.last_outcome not in _AMBIGUOUS:
        return f"the last answer was {action.last_outcome}"
    if action.attempts >= MOST_ATTEMPTS:
        return f"it was sent {action.attempts} times"
    window = min(rules.replay_window, LONGEST_REPLAY)
    age = now - action.first_sent_at
    if not timedelta(0) <= age < window:
        return "it is too old"
    if now - action.last_sent_at < rules.slowest:
        return "records were known to be slower than this, so their absence says nothing"
    return ""


def evidence_forbids(action: RecordedAction, records: Sequence[SeenRecord], said: Witnesses) -> str:
    """Why it may have been carried out, after a complete look without a match; empty if nothing
    speaks for it.

    The wallet must be as it was, and so must the total where there is one; a redeem needs the
    total, since its money may be on its way.
    """
    if any(is_unclaimed(action, seen) for seen in records):
        return "a new record is close"
    has_total = said.total is not None and action.baseline.total is not None
    if action.verb is Verb.REDEEM and not has_total:
        return "only the wallet can be asked, and redeemed money may be on its way"
    return testimony(action, said).objection
