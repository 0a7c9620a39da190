"""How much we hold in each product.

The exchange's positions carry no amount, so a holding is what its records add up to: subscribed,
less redeemed, plus interest where interest is paid into the product. It is verified only when all
its witnesses agree: the records, the position rows, the optional amount in them, and the
exchange's own total per coin. Where records are missing, a person's word of what was held before
them counts as one. A coin that does not add up is frozen: nothing is redeemed or
subscribed in it until it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import Coin, EarnId, ProductId
from earnd.domain.money import ZERO, minus, plain, total
from earnd.domain.snapshot import Position
from earnd.domain.strategy import InterestPaid
from earnd.domain.sums import NOTHING_BEYOND, Beyond, Gone, Sums, all_sums

_TELL = "if that lasts, `earnd opening` is how to say what was held before"


@dataclass(frozen=True, slots=True)
class Holding:
    """So much in one product; `why` says what speaks against it when it is not verified."""

    coin: Coin
    product_id: ProductId
    earn_id: EarnId | None
    amount: Decimal
    verified: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Holdings:
    """All holdings, the coins that do not add up with the reason, and where interest is paid."""

    rows: tuple[Holding, ...]
    drift: Mapping[Coin, str]
    interest_into: Mapping[Coin, InterestPaid]

    def of(self, coin: Coin) -> tuple[Holding, ...]:
        """The holdings in one coin."""
        return tuple(row for row in self.rows if row.coin == coin)

    def in_product(self, product_id: ProductId) -> Decimal:
        """What is held in a product; zero where nothing is."""
        return total(row.amount for row in self.rows if row.product_id == product_id)


def establish(
    records: Sequence[SeenRecord],
    positions: Sequence[Position],
    totals: Mapping[Coin, Decimal] | None,
    interest_paid: Callable[[Coin], InterestPaid],
    beyond: Beyond = NOTHING_BEYOND,
) -> Holdings:
    """Holdings from everything that was ever recorded, cross-checked with this look.

    What the records at hand do not tell is in `beyond`: the sums of older ones, what a person said
    was held before the first, and those that the exchange lists no longer, which freeze their coin.

    `interest_paid` is the strategy's word per coin. `auto` takes the reading that the total per
    coin confirms; without a total it counts the principal only, which is true under both
    readings as a lower bound, and a redeem never asks for more.
    """
    sums = all_sums(records, beyond)
    gone = {lost.record.coin: _lost(lost) for lost in reversed(beyond.gone)}
    coins = {coin for coin, _ in sums} | {position.coin for position in positions}
    if totals is not None:
        coins |= {coin for coin, amount in totals.items() if amount > 0}
    rows: list[Holding] = []
    drift: dict[Coin, str] = {}
    into: dict[Coin, InterestPaid] = {}
    for coin in sorted(coins):
        mine = {product_id: value for (owner, product_id), value in sums.items() if owner == coin}
        here = [position for position in positions if position.coin == coin]
        said = _said(here) if totals is None else totals.get(coin, ZERO)
        into[coin], mismatch = _interest_reading(mine, said, interest_paid(coin))
        mismatch = gone.get(coin, mismatch)
        coin_rows = _rows(coin, mine, here, into[coin], mismatch)
        problem = mismatch or next((row.why for row in coin_rows if not row.verified), "")
        if problem:
            drift[coin] = problem
        rows.extend(coin_rows)
    return Holdings(tuple(rows), drift, into)


def _said(positions: Sequence[Position]) -> Decimal | None:
    """What the positions say we hold in all, where every one of them says so."""
    amounts = [position.amount for position in positions if position.amount is not None]
    return total(amounts) if amounts and len(amounts) == len(positions) else None


def _lost(lost: Gone) -> str:
    record = lost.record
    return (
        f"{record.kind.value} record {record.record_id} of {plain(record.amount)} is not listed any"
        f" more, since {lost.since:%Y-%m-%dT%H:%M:%SZ}"
    )


def _interest_reading(
    sums: Mapping[ProductId, Sums], said: Decimal | None, setting: InterestPaid
) -> tuple[InterestPaid, str]:
    """Where interest goes, and what speaks against it."""
    principal = total(entry.principal() for entry in sums.values())
    compounded = total(entry.compounded() for entry in sums.values())
    if setting is InterestPaid.AUTO:
        if said is None and _is_only_true_with_interest(sums):
            return InterestPaid.PRODUCT, ""
        if said is None or said == principal:
            return InterestPaid.WALLET, ""
        if said == compounded:
            return InterestPaid.PRODUCT, ""
        return InterestPaid.WALLET, (
            f"the exchange says {plain(said)} in all, the records say {principal:f}"
            + (f" (or {compounded:f} with interest)" if compounded != principal else "")
        )
    expected = compounded if setting is InterestPaid.PRODUCT else principal
    if said is not None and said != expected:
        return setting, f"the exchange says {plain(said)} in all, the records say {expected:f}"
    return setting, ""


def _is_only_true_with_interest(sums: Mapping[ProductId, Sums]) -> bool:
    """Whether more was redeemed than subscribed, and interest explains it."""
    is_short = any(entry.principal() < 0 for entry in sums.values())
    return is_short and all(entry.compounded() >= 0 for entry in sums.values())


def _rows(
    coin: Coin,
    sums: Mapping[ProductId, Sums],
    positions: Sequence[Position],
    into: InterestPaid,
    mismatch: str,
) -> list[Holding]:
    rows = []
    for product_id in sorted(sums.keys() | {position.product_id for position in positions}):
        entry = sums.get(product_id)
        here = [position for position in positions if position.product_id == product_id]
        amount = ZERO
        if entry is not None:
            amount = entry.compounded() if into is InterestPaid.PRODUCT else entry.principal()
        why = _objection(entry, here, amount) or mismatch
        earn_id = here[0].earn_id if len(here) == 1 else None
        rows.append(Holding(coin, product_id, earn_id, max(amount, ZERO), not why, why))
    return rows


def _objection(entry: Sums | None, here: Sequence[Position], amount: Decimal) -> str:
    """What speaks against one product's sum, or nothing."""
    if entry is None:
        return f"there is a position, but no record of how it came about; {_TELL}"
    if amount < 0:
        short = minus(ZERO, amount)
        what = f"the records redeem {short:f} more than they subscribe"
        return f"{what}; older ones are missing; {_TELL}"
    if here and entry.interest > 0 and entry.subscribed == 0 and entry.opening == 0:
        return f"interest was paid, but no record says on what; older ones are missing; {_TELL}"
    if entry.unsettled:
        return "one of its records is not final"
    if len(here) > 1:
        return f"{len(here)} positions in one product; which one to redeem from is for a person"
    if amount > 0 and not here:
        return "the records say that something is held, but there is no position"
    shown = here[0].amount if here else None
    if shown is not None and shown != amount:
        return f"the position says {plain(shown)}, the records say {amount:f}"
    return ""
