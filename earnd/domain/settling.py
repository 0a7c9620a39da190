"""What became of an action: the proof is a new record that only this action explains.

Everything else is a hint. One absent look proves nothing, because records can lag; so an action
without a trace is waited for, and written off only when two complete looks, well apart and after
patience is over, found nothing, and the wallet and the total per coin agree that nothing moved.
Where the witnesses disagree a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

from earnd.domain.action import RecordedAction, State, Verb
from earnd.domain.answer import Outcome
from earnd.domain.attribution import SeenRecord
from earnd.domain.money import EXACT, plain, total
from earnd.domain.snapshot import RecordKind, RecordStatus, SubscribeType
from earnd.domain.witnesses import Witnesses

LOOKS_APART = timedelta(minutes=10)
"""Two absent looks closer than this are one: a cache or a lag would answer both."""

LATE_WINDOW = timedelta(hours=1)
"""How long after its sending a written-off action may still have been carried out.

A signed request is refused when its timestamp is a minute old; the rest is a wide margin. The
record may be *seen* much later than that, which `WATCH` covers.
"""

WATCH = timedelta(days=7)
"""How long records are compared with actions that were written off."""

LONGEST_EXECUTION = timedelta(hours=24)
"""How long after its sending an action's record may be dated.

Records are matched without a number by what they say; a person's equal move of a later day must
not be taken for ours. What the exchange carries out later than this is for a person.
"""

_NEAR = Decimal("0.01")
_DONE = (None, RecordStatus.DONE)


@dataclass(frozen=True, slots=True)
class Rules:
    """`patience` is how long an unanswered action is waited for; `doubt` is the clocks' error."""

    patience: timedelta = timedelta(minutes=30)
    doubt: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The state that the evidence leads to; `to` is the present one when nothing is proven.

    `record_seq` is the proof of a `settled`. `absent` says that this complete look found nothing.
    `wants_witnesses` asks for them: with them the same question may have an answer.
    """

    to: State
    why: str
    record_seq: int | None = None
    absent: bool = False
    wants_witnesses: bool = False
    evidence: Mapping[str, str] = field(default_factory=dict)


def kind_of(verb: Verb) -> RecordKind:
    """The list of the history in which an action of this verb shows."""
    return RecordKind.SUBSCRIBE if verb is Verb.SUBSCRIBE else RecordKind.REDEEM


def fits(action: RecordedAction, seen: SeenRecord, *, until: datetime, doubt: timedelta) -> bool:
    """Whether a record can be this action's, judged without a request number.

    Kind, product, coin and exact amount are equal; it is not the auto-subscribe's; it was not
    known before the action was recorded; nobody else's; and its time lies between the first
    sending and `until`, give or take the clocks' doubt.
    """
    record = seen.record
    if action.first_sent_at is None or seen.attributed_to is not None:
        return False
    return (
        _same_place(action, seen)
        and record.amount == action.amount
        and record.request_no is None
        and record.status is not RecordStatus.FAILED
        and action.first_sent_at - doubt <= record.at <= until + doubt
    )


def _same_place(action: RecordedAction, seen: SeenRecord) -> bool:
    record = seen.record
    return (
        record.kind is kind_of(action.verb)
        and record.product_id == action.product_id
        and record.coin == action.coin
        and record.subscribe_type is not SubscribeType.AUTO
        and seen.seq > action.baseline.known_upto
    )


def judge(
    action: RecordedAction,
    records: Sequence[SeenRecord],
    *,
    now: datetime,
    rules: Rules,
    witnesses: Witnesses | None = None,
) -> Conclusion:
    """What is known of an action that was sent, after a complete look at its kind of record."""
    numbered = [seen for seen in records if seen.record.request_no == action.request_no]
    if numbered:
        return _by_number(action, numbered, now, rules)
    until = min(now, _sent(action) + LONGEST_EXECUTION)
    matches = [seen for seen in records if fits(action, seen, until=until, doubt=rules.doubt)]
    if len(matches) == 1:
        if matches[0].record.status not in _DONE:
            return _not_final(action, matches[0], now, rules)
        return Conclusion(
            State.SETTLED,
            "exactly one new record fits",
            record_seq=matches[0].seq,
            evidence={"record_id": matches[0].record.record_id},
        )
    if len(matches) > 1:
        found = ", ".join(seen.record.record_id for seen in matches)
        return _to_person(action, f"{len(matches)} records fit: {found}")
    return _absent(action, records, now, rules, witnesses)


def _by_number(
    action: RecordedAction, numbered: Sequence[SeenRecord], now: datetime, rules: Rules
) -> Conclusion:
    """The number decides; the other fields are a cross-check."""
    seen = numbered[0]
    record = seen.record
    if len(numbered) > 1:
        return _to_person(action, f"{len(numbered)} records carry its number")
    if seen.attributed_to is not None:
        return _to_person(
            action, f"record {record.record_id} carries its number but is {seen.attributed_to}'s"
        )
    if not carries_out(action, seen):
        return _to_person(
            action,
            f"record {record.record_id} carries its number but says {record.kind.value} "
            f"{plain(record.amount)} {record.coin} in {record.product_id}",
        )
    match record.status:
        case None | RecordStatus.DONE:
            return Conclusion(
                State.SETTLED,
                "a record carries its number",
                record_seq=seen.seq,
                evidence={"record_id": record.record_id},
            )
        case RecordStatus.FAILED if action.state is not State.ACCEPTED:
            return Conclusion(
                State.REJECTED,
                "its record says that it failed",
                evidence={"record_id": record.record_id},
            )
        case RecordStatus.FAILED:
            return _to_person(action, f"accepted, but record {record.record_id} says it failed")
        case RecordStatus.PENDING | RecordStatus.UNCLEAR:
            return _not_final(action, seen, now, rules)


def carries_out(action: RecordedAction, seen: SeenRecord) -> bool:
    """Whether a record that carries the action's number says what the action asked for."""
    return _same_place(action, seen) and seen.record.amount == action.amount


def _not_final(action: RecordedAction, seen: SeenRecord, now: datetime, rules: Rules) -> Conclusion:
    """A record that is not done yet proves nothing; past patience a person should know."""
    status = seen.record.status or RecordStatus.UNCLEAR
    why = f"its record {seen.record.record_id} is {status.value}"
    if now - _sent(action) < rules.patience:
        return Conclusion(action.state, why)
    return _to_person(action, f"{why} after all this time")


def _sent(action: RecordedAction) -> datetime:
    return action.last_sent_at or action.planned_at


def _absent(
    action: RecordedAction,
    records: Sequence[SeenRecord],
    now: datetime,
    rules: Rules,
    witnesses: Witnesses | None,
) -> Conclusion:
    """No record fits: wait, write off, or hand over."""
    sent = _sent(action)
    if now - sent < rules.patience or action.state is State.NEEDS_OPERATOR:
        return Conclusion(action.state, "no record yet", absent=True)
    near = next((seen for seen in records if _is_unclaimed(action, seen)), None)
    if near is not None:
        return _to_person(
            action,
            f"no record fits, but new record {near.record.record_id} of "
            f"{plain(near.record.amount)} dated {near.record.at.isoformat()} is close",
        )
    if action.state is State.ACCEPTED:
        return _to_person(action, "the exchange said yes, but no record of it ever appeared")
    if action.last_outcome == Outcome.SEEN:
        return _to_person(action, "the exchange knows the number (80013), but shows no record")
    looks = [*action.absent_looks, now]
    after = [look for look in looks if look >= sent]
    if not after or max(after) - min(after) < LOOKS_APART:
        return Conclusion(action.state, "no record in one look; asking again later", absent=True)
    if witnesses is None:
        return Conclusion(action.state, "asking the wallet", absent=True, wants_witnesses=True)
    objection, evidence = _testimony(action, witnesses)
    evidence["absent_looks"] = f"{min(after).isoformat()} and {max(after).isoformat()}"
    if objection:
        return _to_person(action, f"no record ever appeared, but {objection}", evidence)
    return Conclusion(
        State.REJECTED,
        "it never arrived: no record, and nothing moved",
        absent=True,
        evidence=evidence,
    )


def is_near(action: RecordedAction, seen: SeenRecord) -> bool:
    """Whether a record is this action's but for an amount up to a hundredth away.

    Fees or rounding would look like this. A record with a number is the action's or it is not.
    """
    if not _same_place(action, seen) or seen.record.request_no is not None:
        return False
    with localcontext(EXACT):
        return abs(seen.record.amount - action.amount) <= action.amount * _NEAR


def _is_unclaimed(action: RecordedAction, seen: SeenRecord) -> bool:
    """Whether a new record that nobody owns is so close that the action may be its cause.

    Its time is of no matter: it was not there before the action, and the exchange may date it by
    another clock. With such a record about, nothing is written off.
    """
    return seen.attributed_to is None and is_near(action, seen)


def _testimony(action: RecordedAction, said: Witnesses) -> tuple[str, dict[str, str]]:
    """What speaks against "nothing moved", and the numbers that were compared."""
    expected = total((action.baseline.available, said.wallet_effect))
    evidence = {"wallet_expected": f"{expected:f}", "wallet_seen": plain(said.available)}
    if said.available != expected:
        return f"the wallet has {plain(said.available)} where {expected:f} was expected", evidence
    if said.total is not None and action.baseline.total is not None:
        whole = total((action.baseline.total, said.total_effect))
        evidence |= {"total_expected": f"{whole:f}", "total_seen": plain(said.total)}
        if said.total != whole:
            return f"the total is {plain(said.total)} where {whole:f} was expected", evidence
    return "", evidence


def _to_person(
    action: RecordedAction, why: str, evidence: Mapping[str, str] | None = None
) -> Conclusion:
    if action.state is State.NEEDS_OPERATOR:
        return Conclusion(action.state, why)
    return Conclusion(State.NEEDS_OPERATOR, why, evidence=evidence or {})
