"""Which record of the exchange's history is whose: by its number, or by what it says.

The records of the API page carry no request number, and then a record is an action's if kind,
product, coin, exact amount and time agree, and it was not there before. Newer replies carry the
number. Once one record of a kind has shown one, the account's records of that kind are told apart
by it alone: a record without a number is then somebody else's, however well it fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from earnd.domain.action import RecordedAction, Verb
from earnd.domain.attribution import SeenRecord
from earnd.domain.money import EXACT
from earnd.domain.snapshot import RecordKind, RecordStatus, SubscribeType

_NEAR = Decimal("0.01")


def kind_of(verb: Verb) -> RecordKind:
    """The list of the history in which an action of this verb shows."""
    return RecordKind.SUBSCRIBE if verb is Verb.SUBSCRIBE else RecordKind.REDEEM


def numbered_kinds(records: Iterable[SeenRecord]) -> frozenset[RecordKind]:
    """The kinds of record that carry request numbers on this account, as far as was seen."""
    return frozenset(seen.record.kind for seen in records if seen.record.request_no is not None)


def fits(
    action: RecordedAction,
    seen: SeenRecord,
    *,
    until: datetime,
    doubt: timedelta,
    numbered: frozenset[RecordKind] = frozenset(),
) -> bool:
    """Whether a record can be this action's, judged without a request number.

    Kind, product, coin and exact amount are equal; it is not the auto-subscribe's; it was not
    known before the action was recorded; nobody else's; and its time lies between the first
    sending and `until`, give or take the clocks' doubt. Of a kind in `numbered` none fits.
    """
    record = seen.record
    if action.first_sent_at is None or seen.attributed_to is not None:
        return False
    return (
        _same_place(action, seen)
        and record.amount == action.amount
        and record.request_no is None
        and record.kind not in numbered
        and record.status is not RecordStatus.FAILED
        and action.first_sent_at - doubt <= record.at <= until + doubt
    )


def carries_out(action: RecordedAction, seen: SeenRecord) -> bool:
    """Whether a record that carries the action's number says what the action asked for."""
    return _same_place(action, seen) and seen.record.amount == action.amount


def is_near(action: RecordedAction, seen: SeenRecord) -> bool:
    """Whether a record is this action's but for an amount up to a hundredth away.

    Fees or rounding would look like this. A record with a number is the action's or it is not.
    """
    if not _same_place(action, seen) or seen.record.request_no is not None:
        return False
    with localcontext(EXACT):
        return abs(seen.record.amount - action.amount) <= action.amount * _NEAR


def is_unclaimed(action: RecordedAction, seen: SeenRecord) -> bool:
    """Whether a new record that nobody owns is so close that the action may be its cause.

    Its time is of no matter: it was not there before the action, and the exchange may date it by
    another clock. With such a record about, nothing is written off and nothing is sent again.
    """
    return seen.attributed_to is None and is_near(action, seen)


def _same_place(action: RecordedAction, seen: SeenRecord) -> bool:
    record = seen.record
    return (
        record.kind is kind_of(action.verb)
        and record.product_id == action.product_id
        and record.coin == action.coin
        and record.subscribe_type is not SubscribeType.AUTO
        and seen.seq > action.baseline.known_upto
    )
