"""Whose doing each record is: earnd's, interest's, the exchange's own, or a person's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from earnd.domain.action import RecordedAction, Verb
from earnd.domain.answer import Outcome
from earnd.domain.attribution import AttributedTo, Attribution, SeenRecord
from earnd.domain.ids import Coin
from earnd.domain.matching import carries_out, fits, is_near, numbered_kinds
from earnd.domain.money import ZERO, total
from earnd.domain.settling import LATE_WINDOW
from earnd.domain.snapshot import RecordKind, RecordStatus, SubscribeType


@dataclass(frozen=True, slots=True)
class Attributed:
    """What was found out about the records that had no owner.

    `late` are written-off actions whose record appeared after all, each with that record's `seq`;
    two records for one action leave the second to a person.
    """

    owners: tuple[Attribution, ...]
    late: tuple[tuple[RecordedAction, int], ...]


def attribute(
    records: Sequence[SeenRecord],
    open_actions: Sequence[RecordedAction],
    written_off: Sequence[RecordedAction],
    *,
    doubt: timedelta,
) -> Attributed:
    """An owner for every record that has none, except those an open action may still claim.

    A record that carries the number of a written-off action, but failed or says something else
    than the action asked, is nobody's: it stays unexplained until a person has looked at it.
    """
    owners: list[Attribution] = []
    late: list[tuple[RecordedAction, int]] = []
    waiting = list(written_off)
    numbered = numbered_kinds(records)
    for seen in records:
        if seen.attributed_to is not None:
            continue
        record = seen.record
        if record.kind is RecordKind.INTEREST:
            owners.append(Attribution(seen.seq, AttributedTo.INTEREST))
        elif record.subscribe_type is SubscribeType.AUTO:
            owners.append(Attribution(seen.seq, AttributedTo.AUTO_SUBSCRIBE))
        elif not any(_may_claim(action, seen) for action in open_actions):
            action = next((a for a in waiting if _was_it(a, seen, doubt, numbered)), None)
            if action is None and _is_strange(seen, written_off):
                continue
            if action is None:
                owners.append(Attribution(seen.seq, AttributedTo.PERSON))
            else:
                waiting.remove(action)
                late.append((action, seen.seq))
    return Attributed(tuple(owners), tuple(late))


def _may_claim(action: RecordedAction, seen: SeenRecord) -> bool:
    """Whether an action that is not over, or a person on its behalf, may yet claim a record."""
    if seen.record.request_no is not None:
        return seen.record.request_no == action.request_no
    return is_near(action, seen)


def _was_it(
    action: RecordedAction,
    seen: SeenRecord,
    doubt: timedelta,
    numbered: frozenset[RecordKind],
) -> bool:
    """Whether a record proves that a written-off action happened.

    Of a redeem that was refused on its only sending, only a record of that very moment is ours
    without a number: a refusal may answer a second delivery of a request that was carried out, but
    a person who later redeems everything by hand asks for the same amount. A subscribe's amount
    bears our own mark.
    """
    if seen.record.request_no is not None:
        has_number = seen.record.request_no == action.request_no
        is_failed = seen.record.status is RecordStatus.FAILED
        return has_number and not is_failed and carries_out(action, seen)
    if action.last_sent_at is None:
        return False
    is_common = action.verb is Verb.REDEEM and _was_refused(action)
    until = action.last_sent_at + (timedelta(0) if is_common else LATE_WINDOW)
    return fits(action, seen, until=until, doubt=doubt, numbered=numbered)


def _was_refused(action: RecordedAction) -> bool:
    refusals = (Outcome.REFUSED, Outcome.NOT_EXECUTED)
    return action.attempts == 1 and action.last_outcome in refusals


def _is_strange(seen: SeenRecord, written_off: Sequence[RecordedAction]) -> bool:
    """Whether a record has the number of an action that is over, but does not carry it out."""
    number = seen.record.request_no
    return number is not None and any(action.request_no == number for action in written_off)


def fresh_interest(records: Sequence[SeenRecord]) -> Mapping[Coin, Decimal]:
    """Interest per coin that came after the last subscribe of that coin, as far as is at hand.

    The ledger keeps older records as sums; interest that has lain idle for longer counts as money
    like any other.
    """
    last: dict[Coin, datetime] = {}
    for seen in records:
        record = seen.record
        if record.kind is RecordKind.SUBSCRIBE and record.status is not RecordStatus.FAILED:
            last[record.coin] = max(record.at, last.get(record.coin, record.at))
    found: dict[Coin, Decimal] = {}
    for seen in records:
        record = seen.record
        before = last.get(record.coin)
        if record.kind is RecordKind.INTEREST and (before is None or record.at > before):
            found[record.coin] = total((found.get(record.coin, ZERO), record.amount))
    return found


def moved_by_person(records: Sequence[SeenRecord]) -> Mapping[Coin, datetime]:
    """When a person last moved money of each coin by hand, by the time of the record."""
    found: dict[Coin, datetime] = {}
    for seen in records:
        record = seen.record
        if seen.attributed_to is not AttributedTo.PERSON or record.status is RecordStatus.FAILED:
            continue
        found[record.coin] = max(record.at, found.get(record.coin, record.at))
    return found
