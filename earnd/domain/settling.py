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
from decimal import Decimal

from earnd.domain.action import RecordedAction, State, Verb
from earnd.domain.answer import Outcome
from earnd.domain.attribution import SeenRecord
from earnd.domain.money import ZERO, minus, plain, total
from earnd.domain.snapshot import RecordKind, RecordStatus, SubscribeType

LOOKS_APART = timedelta(minutes=10)
"""Two absent looks closer than this are one: a cache or a lag would answer both."""

LATE_WINDOW = timedelta(hours=1)
"""How long after its sending a written-off action may still have been carried out.

A signed request is refused when its timestamp is a minute old; the rest is a wide margin. The
record may be *seen* much later than that, which `WATCH` covers.
"""

WATCH = timedelta(days=7)
"""How long records are compared with actions that were written off."""

_NEAR = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Rules:
    """`patience` is how long an unanswered action is waited for; `doubt` is the clocks' error."""

    patience: timedelta = timedelta(minutes=30)
    doubt: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What else there is to ask about one coin.

    `available` is the wallet now, `total` the exchange's sum per coin now (`None` where it gives
    none), `wallet_effect` and `total_effect` what all other records since the baseline did to
    them. `None` for the whole means that nobody was asked yet.
    """

    available: Decimal
    total: Decimal | None
    wallet_effect: Decimal
    total_effect: Decimal


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
        return _by_number(action, numbered)
    matches = [seen for seen in records if fits(action, seen, until=now, doubt=rules.doubt)]
    if len(matches) == 1:
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


def _by_number(action: RecordedAction, numbered: Sequence[SeenRecord]) -> Conclusion:
    """The number decides; the other fields are a cross-check."""
    seen = numbered[0]
    record = seen.record
    if len(numbered) > 1:
        return _to_person(action, f"{len(numbered)} records carry its number")
    same = (
        record.kind is kind_of(action.verb)
        and record.product_id == action.product_id
        and record.coin == action.coin
        and record.amount == action.amount
    )
    if not same:
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
            return Conclusion(action.state, f"its record is {record.status.value}")


def _absent(
    action: RecordedAction,
    records: Sequence[SeenRecord],
    now: datetime,
    rules: Rules,
    witnesses: Witnesses | None,
) -> Conclusion:
    """No record fits: wait, write off, or hand over."""
    sent = action.last_sent_at or action.planned_at
    if now - sent < rules.patience or action.state is State.NEEDS_OPERATOR:
        return Conclusion(action.state, "no record yet", absent=True)
    near = next((seen for seen in records if _near(action, seen, now, rules)), None)
    if near is not None:
        return _to_person(
            action,
            f"no record fits, but {near.record.record_id} of {plain(near.record.amount)} is close",
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

    Fees or rounding over there would look like this; it is never settled silently.
    """
    apart = abs(minus(seen.record.amount, action.amount))
    return _same_place(action, seen) and apart <= action.amount * _NEAR


def _near(action: RecordedAction, seen: SeenRecord, now: datetime, rules: Rules) -> bool:
    if action.first_sent_at is None or seen.attributed_to is not None:
        return False
    earliest = action.first_sent_at - rules.doubt
    return is_near(action, seen) and earliest <= seen.record.at <= now + rules.doubt


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


def witnesses_for(
    action: RecordedAction,
    records: Sequence[SeenRecord],
    *,
    available: Decimal,
    total_now: Decimal | None,
    interest_into_wallet: bool,
) -> Witnesses:
    """What the wallet and the total say now, and what the other records explain of it."""
    wallet, held = [ZERO], [ZERO]
    for seen in records:
        record = seen.record
        is_new = seen.seq > action.baseline.known_upto and record.coin == action.coin
        if not is_new or record.status is RecordStatus.FAILED:
            continue
        match record.kind:
            case RecordKind.SUBSCRIBE:
                wallet.append(-record.amount)
                held.append(record.amount)
            case RecordKind.REDEEM:
                wallet.append(record.amount)
                held.append(-record.amount)
            case RecordKind.INTEREST:
                (wallet if interest_into_wallet else held).append(record.amount)
    return Witnesses(available, total_now, total(wallet), total(held))
