"""What an account's exchange has shown of itself: learnt from what it says, never assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

from earnd.domain.action import Verb
from earnd.domain.attribution import SeenRecord
from earnd.domain.matching import kind_of, numbered_kinds
from earnd.domain.snapshot import RecordKind, Snapshot

UNPROVEN_WINDOW = timedelta(minutes=2)
"""How long a number is taken to be remembered on the exchange's word alone, code 80013."""


class Capability(StrEnum):
    """A thing to know. Values are `yes`, `no`, or whole seconds."""

    SUBSCRIBE_NUMBERS = "subscribe_records_numbered"
    """Records of subscribes carry request numbers, so that they are matched by them alone."""
    REDEEM_NUMBERS = "redeem_records_numbered"
    """The same of redeems."""
    STATUS = "records_have_status"
    """Records say whether they are done."""
    TOTALS = "total_per_coin"
    """The exchange says how much is held of a coin: a second witness."""
    POSITION_AMOUNTS = "positions_have_amount"
    """Positions say how much they hold."""
    SLOWEST_SUBSCRIBE = "slowest_subscribe_record_s"
    """The longest that the record of a subscribe is known to have stayed away."""
    SLOWEST_REDEEM = "slowest_redeem_record_s"
    """The same of a redeem."""
    NUMBER_KEPT = "number_kept_s"
    """A number was refused as known so long after its first sending (`earnd probe`)."""
    NUMBER_FORGOTTEN = "number_forgotten_s"
    """A number was carried out again so long after its first sending (`earnd probe`)."""


_NUMBERS = {
    RecordKind.SUBSCRIBE: Capability.SUBSCRIBE_NUMBERS,
    RecordKind.REDEEM: Capability.REDEEM_NUMBERS,
}
SLOWEST = {
    Verb.SUBSCRIBE: Capability.SLOWEST_SUBSCRIBE,
    Verb.REDEEM: Capability.SLOWEST_REDEEM,
}


def learnt(
    records: Sequence[SeenRecord], snapshot: Snapshot, slowest: Mapping[Verb, timedelta]
) -> dict[Capability, str]:
    """What a look shows; what it shows nothing of is left out."""
    found = {Capability.TOTALS: _yes_or_no(snapshot.totals is not None)}
    if snapshot.positions:
        amounts = [position.amount is not None for position in snapshot.positions]
        found[Capability.POSITION_AMOUNTS] = _yes_or_no(all(amounts))
    numbered = numbered_kinds(records)
    kinds = {seen.record.kind for seen in records}
    for kind, capability in _NUMBERS.items():
        if kind in kinds:
            found[capability] = _yes_or_no(kind in numbered)
    if kinds:
        has_status = any(seen.record.status is not None for seen in records)
        found[Capability.STATUS] = _yes_or_no(has_status)
    for verb, capability in SLOWEST.items():
        if kind_of(verb) in kinds:
            found[capability] = str(slowest[verb] // timedelta(seconds=1))
    return found


def trusted_window(setting: timedelta, known: Mapping[str, str]) -> timedelta:
    """For how long after its first sending a number may be relied upon to be remembered.

    Half of what a probe has proven, and never more than `setting`. Without a probe the exchange's
    word is taken for `UNPROVEN_WINDOW`; once a number was forgotten, only the proof counts.
    """
    proven = timedelta(seconds=int(known.get(Capability.NUMBER_KEPT, "0"))) / 2
    if Capability.NUMBER_FORGOTTEN in known:
        return min(setting, proven)
    return min(setting, max(proven, UNPROVEN_WINDOW))


def _yes_or_no(is_so: bool) -> str:
    return "yes" if is_so else "no"
