"""What the wallet and the totals say about an action, when the history says nothing of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from earnd.domain.action import RecordedAction, Verb
from earnd.domain.attribution import SeenRecord
from earnd.domain.money import ZERO, minus, plain, total
from earnd.domain.snapshot import RecordKind, RecordStatus

TRANSIT = timedelta(hours=1)
"""How long redeemed money may be on its way before its absence is a person's withdrawal."""


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
                wallet.append(minus(ZERO, record.amount))
                held.append(record.amount)
            case RecordKind.REDEEM:
                wallet.append(record.amount)
                held.append(minus(ZERO, record.amount))
            case RecordKind.INTEREST:
                (wallet if interest_into_wallet else held).append(record.amount)
    return Witnesses(available, total_now, total(wallet), total(held))


@dataclass(frozen=True, slots=True)
class Testimony:
    """What the witnesses say to "nothing moved", and the numbers that were compared.

    `objection` is empty if they agree. `is_somebody_elses` says that the total per coin, asked
    before and after, agrees all the same, and that what the wallet differs by is not the action's
    amount: then somebody else paid in or out, or traded.
    """

    objection: str
    is_somebody_elses: bool
    evidence: Mapping[str, str]


def testimony(action: RecordedAction, said: Witnesses) -> Testimony:
    """What speaks against "nothing moved": the wallet, and the total where there is one."""
    expected = total((action.baseline.available, said.wallet_effect))
    evidence = {"wallet_expected": f"{expected:f}", "wallet_seen": plain(said.available)}
    objections = []
    if said.available != expected:
        objections.append(f"the wallet has {plain(said.available)} where {expected:f} was expected")
    agrees = False
    if said.total is not None and action.baseline.total is not None:
        whole = total((action.baseline.total, said.total_effect))
        evidence |= {"total_expected": f"{whole:f}", "total_seen": plain(said.total)}
        agrees = said.total == whole
        if not agrees:
            objections.append(f"the total is {plain(said.total)} where {whole:f} was expected")
    out = action.verb is Verb.SUBSCRIBE
    ours = minus(expected, action.amount) if out else total((expected, action.amount))
    return Testimony(
        " and ".join(objections),
        is_somebody_elses=agrees and said.available not in (expected, ours),
        evidence=evidence,
    )


def in_transit(
    redeems: Sequence[RecordedAction],
    records: Sequence[SeenRecord],
    *,
    available: Decimal,
    interest_into_wallet: bool,
) -> Decimal:
    """How much of some settled redeems of one coin the wallet does not show yet.

    The record of a redeem can be there before its money is. What the wallet lacks is compared
    with all that the records explain since each redeem; less than a whole redeem is not its delay.
    A person's withdrawal looks the same, which is why only redeems younger than `TRANSIT` are
    asked about.
    """
    lacking = [ZERO]
    for redeem in redeems:
        said = witnesses_for(
            redeem,
            records,
            available=available,
            total_now=None,
            interest_into_wallet=interest_into_wallet,
        )
        missing = minus(total((redeem.baseline.available, said.wallet_effect)), available)
        if missing >= redeem.amount:
            lacking.append(missing)
    return min(max(lacking), total(redeem.amount for redeem in redeems))
