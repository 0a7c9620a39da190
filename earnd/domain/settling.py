"""What became of an action: the proof is a new record that only this action explains.

Everything else is a hint. One absent look proves nothing, because records can lag; so an action
without a trace is waited for, and written off only when two complete looks, well apart and after
patience is over, found nothing, and the wallet and the total per coin agree that nothing moved.
Where the witnesses disagree a person decides. Nothing is concluded from an absence while our clock
is not proven right: how long we have waited is not known then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from earnd.domain.action import RecordedAction, State, Verb
from earnd.domain.answer import Outcome
from earnd.domain.attribution import SeenRecord
from earnd.domain.matching import carries_out, fits, is_unclaimed, numbered_kinds
from earnd.domain.money import plain
from earnd.domain.snapshot import RecordStatus
from earnd.domain.witnesses import Witnesses, testimony

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

UNSEEN_TRANSIT = timedelta(hours=24)
"""How long a redeem is waited for where only the wallet can testify: its money may be on its way
that long, and meanwhile a wallet that is unchanged says nothing."""

MOST_PATIENCE = timedelta(hours=24)
"""However slow a record was once, a coin is not frozen longer than this before a person is told."""

SLOWER = 5
"""A record may be so many times slower than the slowest one that was ever seen."""

ASKED_AGAIN = 2
"""So many times patience must have passed before witnesses that disagree are the last word: what
they said at first may have been a deposit under way, or a record still to come."""

_DONE = (None, RecordStatus.DONE)


@dataclass(frozen=True, slots=True)
class Rules:
    """How long things may take.

    `patience` is how long an unanswered action is waited for; `doubt` is the clocks' error;
    `replay_window` is for how long after its first sending a request may be sent again, zero for
    never; `slowest` is the longest that a record of this kind is known to have stayed away.
    """

    patience: timedelta = timedelta(minutes=30)
    doubt: timedelta = timedelta(seconds=60)
    replay_window: timedelta = timedelta(minutes=2)
    slowest: timedelta = timedelta(0)

    @property
    def waits(self) -> timedelta:
        """Patience, raised by what was learnt: `SLOWER` times the slowest record, within reason."""
        return max(self.patience, min(SLOWER * self.slowest, MOST_PATIENCE))


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


@dataclass(frozen=True, slots=True)
class _Case:
    """An action, and all that its judgement rests on."""

    action: RecordedAction
    now: datetime
    rules: Rules
    witnesses: Witnesses | None
    is_clock_trusted: bool

    @property
    def sent(self) -> datetime:
        return self.action.last_sent_at or self.action.planned_at

    def has_waited(self, long: timedelta) -> bool:
        return self.is_clock_trusted and self.now - self.sent >= long

    def stays(self, why: str, *, absent: bool = False, wants_witnesses: bool = False) -> Conclusion:
        return Conclusion(self.action.state, why, absent=absent, wants_witnesses=wants_witnesses)

    def to_person(self, why: str, evidence: Mapping[str, str] | None = None) -> Conclusion:
        if self.action.state is State.NEEDS_OPERATOR:
            return Conclusion(self.action.state, why)
        return Conclusion(State.NEEDS_OPERATOR, why, evidence=evidence or {})


def judge(
    action: RecordedAction,
    records: Sequence[SeenRecord],
    *,
    now: datetime,
    rules: Rules,
    witnesses: Witnesses | None = None,
    is_clock_trusted: bool = True,
) -> Conclusion:
    """What is known of an action that was sent, after a complete look at its kind of record.

    `is_clock_trusted` says that `now` agrees with the exchange's own clock.
    """
    case = _Case(action, now, rules, witnesses, is_clock_trusted)
    numbered = [seen for seen in records if seen.record.request_no == action.request_no]
    if numbered:
        return _by_number(case, numbered)
    until = min(now, case.sent + LONGEST_EXECUTION)
    kinds = numbered_kinds(records)
    matches = [
        seen
        for seen in records
        if fits(action, seen, until=until, doubt=rules.doubt, numbered=kinds)
    ]
    if len(matches) == 1:
        if matches[0].record.status not in _DONE:
            return _not_final(case, matches[0])
        return _settled(matches[0], "exactly one new record fits")
    if len(matches) > 1:
        found = ", ".join(seen.record.record_id for seen in matches)
        return case.to_person(f"{len(matches)} records fit: {found}")
    return _absent(case, records)


def _settled(seen: SeenRecord, why: str) -> Conclusion:
    evidence = {"record_id": seen.record.record_id}
    return Conclusion(State.SETTLED, why, record_seq=seen.seq, evidence=evidence)


def _by_number(case: _Case, numbered: Sequence[SeenRecord]) -> Conclusion:
    """The number decides; the other fields are a cross-check."""
    seen = numbered[0]
    record = seen.record
    if len(numbered) > 1:
        return case.to_person(f"{len(numbered)} records carry its number")
    if seen.attributed_to is not None:
        return case.to_person(
            f"record {record.record_id} carries its number but is {seen.attributed_to}'s"
        )
    if not carries_out(case.action, seen):
        return case.to_person(
            f"record {record.record_id} carries its number but says {record.kind.value} "
            f"{plain(record.amount)} {record.coin} in {record.product_id}"
        )
    match record.status:
        case None | RecordStatus.DONE:
            return _settled(seen, "a record carries its number")
        case RecordStatus.FAILED if case.action.state is not State.ACCEPTED:
            evidence = {"record_id": record.record_id}
            return Conclusion(State.REJECTED, "its record says that it failed", evidence=evidence)
        case RecordStatus.FAILED:
            return case.to_person(f"accepted, but record {record.record_id} says it failed")
        case RecordStatus.PENDING | RecordStatus.UNCLEAR:
            return _not_final(case, seen)


def _not_final(case: _Case, seen: SeenRecord) -> Conclusion:
    """A record that is not done yet proves nothing; past patience a person should know."""
    status = seen.record.status or RecordStatus.UNCLEAR
    why = f"its record {seen.record.record_id} is {status.value}"
    if not case.has_waited(case.rules.waits):
        return case.stays(why)
    return case.to_person(f"{why} after all this time")


def _absent(case: _Case, records: Sequence[SeenRecord]) -> Conclusion:
    """No record fits: wait, write off, or hand over."""
    action = case.action
    if not case.is_clock_trusted:
        return case.stays("no record yet, and our clock is not proven right")
    if action.state is State.NEEDS_OPERATOR or not case.has_waited(case.rules.waits):
        return case.stays("no record yet", absent=True)
    near = next((seen for seen in records if is_unclaimed(action, seen)), None)
    if near is not None:
        return case.to_person(
            f"no record fits, but new record {near.record.record_id} of "
            f"{plain(near.record.amount)} dated {near.record.at.isoformat()} is close"
        )
    after = [look for look in (*action.absent_looks, case.now) if look >= case.sent]
    if max(after) - min(after) < LOOKS_APART:
        return case.stays("no record in one look; asking again later", absent=True)
    if action.state is State.ACCEPTED:
        return case.to_person("the exchange said yes, but no record of it ever appeared")
    if action.last_outcome == Outcome.SEEN:
        return case.to_person("the exchange knows the number (80013), but shows no record")
    looks = f"{min(after).isoformat()} and {max(after).isoformat()}"
    return _without_a_trace(case, looks)


def _without_a_trace(case: _Case, looks: str) -> Conclusion:
    """Two looks found nothing: the wallet and the total have the last word."""
    action = case.action
    if case.witnesses is None:
        return case.stays("asking the wallet", absent=True, wants_witnesses=True)
    # A total that is gone by now is no witness either: the exchange closes its API in stages.
    has_total = action.baseline.total is not None and case.witnesses.total is not None
    only_wallet = action.verb is Verb.REDEEM and not has_total
    if only_wallet and not case.has_waited(UNSEEN_TRANSIT):
        return case.stays("no record, and redeemed money may still be on its way", absent=True)
    said = testimony(action, case.witnesses)
    evidence = {**said.evidence, "absent_looks": looks}
    if not said.objection:
        why = "it never arrived: no record, and nothing moved"
        return Conclusion(State.REJECTED, why, absent=True, evidence=evidence)
    if not case.has_waited(ASKED_AGAIN * case.rules.waits):
        return case.stays(f"no record, but {said.objection}; asking again later", absent=True)
    if said.is_somebody_elses:
        why = "it never arrived: no record, the total is as it was, and others moved the wallet"
        return Conclusion(State.REJECTED, why, absent=True, evidence=evidence)
    return case.to_person(f"no record ever appeared, but {said.objection}", evidence)
