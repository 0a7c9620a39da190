"""What refusals teach the next plan, each for a while.

When something may be tried again at all is `earnd.domain.cooldown`; this is how much, and how
finely. Both are derived anew from the refusals in the ledger whenever they are asked for: there is
no other memory that could be lost, or disagree with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from earnd.domain.action import Verb
from earnd.domain.answer import Consequence
from earnd.domain.history import PastRefusal, SentAmount
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import EXACT, ZERO, floor_to, minus, plain, total

SPANS: Mapping[Consequence, timedelta] = {
    # Quotas open and close through the day.
    Consequence.QUOTA_GONE: timedelta(hours=1),
    # What an account may hold is seldom changed, and found again in ten tries or so.
    Consequence.CAP_REACHED: timedelta(hours=24),
    # The list of products shows a new minimum sooner or later.
    Consequence.MINIMUM_HIGHER: timedelta(hours=24),
    # A coin's decimals change next to never, and each try at finer ones costs a refusal.
    Consequence.TOO_PRECISE: timedelta(days=30),
}
"""How long a refusal teaches. A lesson ends by this and, but for `most`, by nothing else: no later
success can contradict it, since nothing is sent that does."""

TIGHT: Mapping[Consequence, timedelta] = {
    Consequence.QUOTA_GONE: timedelta(days=2),
    Consequence.CAP_REACHED: timedelta(days=30),
}
"""Until when only idle money looks for room in a product that had too little, once the lesson of
that is over.

Held money that is turned away has lost the interest of its way there and back, a day or two of it.
To look for room once in this time costs a small part of what it earns; each day, all of it.
"""

MOST_SPAN = max(SPANS[Consequence.QUOTA_GONE], SPANS[Consequence.CAP_REACHED])
LONGEST_LESSON = max(*SPANS.values(), *TIGHT.values())


@dataclass(frozen=True, slots=True)
class Lesson:
    """A bound that a refusal with `code` set at `learnt_at`; it counts until `until`."""

    value: Decimal
    learnt_at: datetime
    until: datetime
    code: int | None


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is known from refusals that still count.

    `most` is the most to put into a product at once, `least` the least, and `decimals` how many
    of them an amount of a coin may have. `tight` are the products that held money is not moved
    into, with the amount that found no room.
    """

    most: Mapping[ProductId, Lesson] = field(default_factory=dict)
    least: Mapping[ProductId, Lesson] = field(default_factory=dict)
    decimals: Mapping[Coin, Lesson] = field(default_factory=dict)
    tight: Mapping[ProductId, Lesson] = field(default_factory=dict)


def lessons(refusals: Sequence[PastRefusal], sent: Sequence[SentAmount], now: datetime) -> Lessons:
    """What refusals of the past still teach at `now`; of several lessons the strictest counts.

    `refusals` reach back by `LONGEST_LESSON`, and `sent`, which is what was sent and not refused,
    by `MOST_SPAN`.
    """
    most: dict[ProductId, Lesson] = {}
    least: dict[ProductId, Lesson] = {}
    decimals: dict[Coin, Lesson] = {}
    for past in sorted(refusals, key=lambda past: past.at):
        consequence = Consequence(past.consequence)
        span = SPANS.get(consequence)
        if span is None or past.at + span <= now:
            continue
        if consequence is Consequence.TOO_PRECISE:
            coarser = one_decimal_less(past.amount)
            if coarser is not None:
                lesson = _lesson(Decimal(coarser), past, span)
                decimals[past.coin] = _smaller(decimals.get(past.coin), lesson)
        elif past.verb is Verb.REDEEM:
            # The other words are about what goes in.
            continue
        elif consequence is Consequence.MINIMUM_HIGHER:
            # Twice, so that a minimum far away is found in few tries.
            lesson = _lesson(EXACT.multiply(past.amount, Decimal(2)), past, span)
            known = least.get(past.product_id)
            least[past.product_id] = lesson if known is None else max(lesson, known, key=_value)
        else:
            left = _still_refused(past, sent)
            if left > 0:
                # The room is somewhere between nothing and this: half of it is tried.
                lesson = _lesson(EXACT.divide(left, Decimal(2)), past, span)
                most[past.product_id] = _smaller(most.get(past.product_id), lesson)
    return Lessons(most, least, decimals, _tight(refusals, now))


def _tight(refusals: Sequence[PastRefusal], now: datetime) -> dict[ProductId, Lesson]:
    found: dict[ProductId, Lesson] = {}
    for past in sorted(refusals, key=lambda past: past.at):
        consequence = Consequence(past.consequence)
        span = TIGHT.get(consequence)
        if span is None or past.verb is Verb.REDEEM:
            continue
        if past.at + SPANS[consequence] <= now < past.at + span:
            found[past.product_id] = _later(
                found.get(past.product_id), _lesson(past.amount, past, span)
            )
    return found


def _later(known: Lesson | None, found: Lesson) -> Lesson:
    return found if known is None or found.until >= known.until else known


def one_decimal_less(amount: Decimal) -> int | None:
    """The decimals of an amount less one; `None` if cut to that it would be nothing, or the same.

    Then it was not for its decimals that it was refused, or nobody can know.
    """
    _, _, part = plain(amount).partition(".")
    if not part or floor_to(amount, len(part) - 1) == 0:
        return None
    return len(part) - 1


def _still_refused(past: PastRefusal, sent: Sequence[SentAmount]) -> Decimal:
    """The refused amount, less what has gone in since: that much more has no room by now.

    Nothing is left when as much as was refused has gone in: the bound is not what it was.
    """
    moved = [one for one in sent if one.product_id == past.product_id and one.at > past.at]
    went_in = total(one.amount for one in moved if one.verb is Verb.SUBSCRIBE)
    came_out = total(one.amount for one in moved if one.verb is Verb.REDEEM)
    return max(ZERO, minus(total((past.amount, came_out)), went_in))


def _lesson(value: Decimal, past: PastRefusal, span: timedelta) -> Lesson:
    return Lesson(value, past.at, past.at + span, past.code)


def _smaller(known: Lesson | None, found: Lesson) -> Lesson:
    """Of equal ones the later, which counts for longer."""
    return found if known is None or found.value <= known.value else known


def _value(lesson: Lesson) -> Decimal:
    return lesson.value
