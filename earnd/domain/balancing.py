"""The sum of one coin, on both sides: what was there, came and went, and where it is now.

    opening + deposits - withdrawals + trades + interest = wallet + holdings + in flight

Every term is taken from rows of the ledger; what the two sides differ by is in flight or a
difference, and each part of it is named with its likely cause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from earnd.domain.ids import ActionId, Coin, ProductId
from earnd.domain.money import ZERO, minus, total
from earnd.domain.walletflow import Gap

LONGEST_OPEN = timedelta(days=1)
"""What has been open for longer, while there were looks, is no lag."""


class Verdict(StrEnum):
    """How a coin stands."""

    BALANCED = "balanced"
    IN_FLIGHT = "in flight"
    DIFFERENCE = "DIFFERENCE"


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What the records say of one product, and what its other witnesses do.

    `before` is what they add up to at the first look, `word` what a person said was there before
    them; the rest came after. `recorded` is the holding as earnd last established it, `shown` the
    amount in the position; `None` where there is none. `why` is what spoke against the holding.
    `inside` is all interest that ever was paid into it, which `before` and `compounded` have too.
    """

    product_id: ProductId
    before: Decimal = ZERO
    word: Decimal = ZERO
    subscribed: Decimal = ZERO
    redeemed: Decimal = ZERO
    compounded: Decimal = ZERO
    inside: Decimal = ZERO
    recorded: Decimal | None = None
    shown: Decimal | None = None
    why: str = ""

    @property
    def held(self) -> Decimal:
        """What is held now, by the records."""
        came = total((self.before, self.word, self.subscribed, self.compounded))
        return minus(came, self.redeemed)


@dataclass(frozen=True, slots=True)
class OpenAction:
    """An action that is not over."""

    action_id: ActionId
    verb: str
    amount: Decimal
    state: str


@dataclass(frozen=True, slots=True)
class CoinFacts:
    """What the ledger has of one coin; `trades` and `corrections` are in less out.

    `gaps` is what was left open at the last look, `unexplained` what was booked so and never taken
    back. `said` is the exchange's own sum. `is_current` says that nothing was written since the
    wallet was last held against the records, at `looked_at`.
    """

    coin: Coin
    wallet: Decimal = ZERO
    opening: Decimal = ZERO
    deposits: Decimal = ZERO
    withdrawals: Decimal = ZERO
    trades: Decimal = ZERO
    corrections: Decimal = ZERO
    interest_to_wallet: Decimal = ZERO
    products: Sequence[ProductFacts] = ()
    said: Decimal | None = None
    gaps: Sequence[Gap] = ()
    open_actions: Sequence[OpenAction] = ()
    unexplained: Sequence[tuple[datetime, Decimal]] = ()
    looked_at: datetime | None = None
    is_current: bool = True


@dataclass(frozen=True, slots=True)
class Remark:
    """A part of what the sides differ by, or a witness that does not agree: what, and why.

    `amount` is how much less of it is where it should be; `verdict` what it makes of the coin.
    """

    what: str
    cause: str
    amount: Decimal
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Statement:
    """One coin's sum. `left` and `right` are the terms with their signs; `right` lacks the flight.

    `in_flight` is what is on its way: with it both sides are equal, always.
    """

    coin: Coin
    left: tuple[tuple[str, Decimal], ...]
    right: tuple[tuple[str, Decimal], ...]
    in_flight: Decimal
    remarks: tuple[Remark, ...]

    @property
    def sum(self) -> Decimal:
        """What either side adds up to."""
        return total(amount for _, amount in self.left)

    @property
    def verdict(self) -> Verdict:
        """The gravest of the remarks, or balanced."""
        found = {remark.verdict for remark in self.remarks}
        if Verdict.DIFFERENCE in found:
            return Verdict.DIFFERENCE
        return Verdict.IN_FLIGHT if Verdict.IN_FLIGHT in found else Verdict.BALANCED


def statement(facts: CoinFacts) -> Statement:
    """Both sides of one coin, and what is to be said about them."""
    left = _left(facts)
    right = (
        ("wallet", facts.wallet),
        *((f"held in {each.product_id}", each.held) for each in facts.products),
    )
    here = total(amount for _, amount in right)
    in_flight = minus(total(amount for _, amount in left), here)
    remarks = (*_on_the_way(facts, in_flight), *_witnesses(facts), *_booked(facts))
    return Statement(facts.coin, left, right, in_flight, remarks)


def _left(facts: CoinFacts) -> tuple[tuple[str, Decimal], ...]:
    products = facts.products
    terms = (
        ("in the wallet at the first look", facts.opening),
        *((f"held in {p.product_id} at the first look", p.before) for p in products),
        *((f"held in {p.product_id} before its records, by a person's word", p.word)
          for p in products),
        ("deposits", facts.deposits),
        ("withdrawals", minus(ZERO, facts.withdrawals)),
        ("trades", facts.trades),
        ("taken back, because a record explains it", facts.corrections),
        ("interest paid into the wallet", facts.interest_to_wallet),
        ("interest paid into products", total(p.compounded for p in products)),
    )  # fmt: skip
    always = {"in the wallet at the first look", "deposits", "withdrawals"}
    return tuple((name, amount) for name, amount in terms if amount or name in always)


def _on_the_way(facts: CoinFacts, in_flight: Decimal) -> tuple[Remark, ...]:
    """What is open, each with its cause, and what the account cannot say anything of."""
    remarks = [_of_gap(facts, gap) for gap in facts.gaps]
    rest = total((in_flight, *(gap.amount for gap in facts.gaps)))
    if rest and not facts.is_current:
        cause = "seen after the last look that was gone through whole; the next cycle does that"
        remarks.append(Remark("not gone through yet", cause, rest, Verdict.IN_FLIGHT))
    elif rest:
        cause = "the rows do not add up to what was kept open; please report it"
        remarks.append(Remark("of which nothing is known", cause, rest, Verdict.DIFFERENCE))
    return tuple(remarks)


def _of_gap(facts: CoinFacts, gap: Gap) -> Remark:
    span = f"since {gap.at:%Y-%m-%dT%H:%M:%SZ}"
    acting = ", ".join(
        f"action {a.action_id} ({a.verb} {a.amount:f}, {a.state})" for a in facts.open_actions
    )
    is_old = facts.looked_at is not None and facts.looked_at - gap.at > LONGEST_OPEN
    verdict = Verdict.DIFFERENCE if is_old and not acting else Verdict.IN_FLIGHT
    what, cause = _told(gap)
    if acting:
        cause = f"{cause}; it may be of {acting}"
    return Remark(f"{what} {span}", cause, minus(ZERO, gap.amount), verdict)


def _told(gap: Gap) -> tuple[str, str]:
    if gap.record_at is not None and gap.amount < ZERO:
        return (
            "in the records and not in the wallet",
            "redeemed money or interest on its way, or somebody took it",
        )
    if gap.record_at is not None:
        return (
            "gone by the records and still in the wallet",
            "the wallet shows it later, or somebody paid in",
        )
    if gap.amount < ZERO:
        return (
            "gone from the wallet without a record",
            "its record may yet come; if not, it is booked as a withdrawal",
        )
    return (
        "come into the wallet without a record",
        "its record may yet come; if not, it is booked as a deposit",
    )


def _witnesses(facts: CoinFacts) -> tuple[Remark, ...]:
    """Those of the holdings that do not say what the records say."""
    remarks = []
    for each in facts.products:
        where = f"what is held in {each.product_id}"
        if each.why:
            remarks.append(_doubt(facts, f"{where} is not verified", each.why, ZERO))
        elif each.inside and each.recorded == minus(each.held, each.inside):
            cause = "nothing but the wallet says that interest stays there, so earnd counts none"
            remarks.append(
                Remark(
                    f"is in {each.product_id} beyond the holding",
                    cause,
                    each.inside,
                    Verdict.BALANCED,
                )
            )
        elif each.recorded is not None and each.recorded != each.held:
            cause = f"earnd last established {each.recorded:f}"
            difference = minus(each.held, each.recorded)
            remarks.append(
                _doubt(facts, f"{where} is {each.held:f} by the rows", cause, difference)
            )
        if each.shown is not None and each.shown != each.held and not each.why:
            difference = minus(each.held, each.shown)
            cause = "a record that is not listed yet, or one that is missing"
            remarks.append(_doubt(facts, f"the position says {each.shown:f}", cause, difference))
    held = total(each.held for each in facts.products)
    is_doubted = any(each.why for each in facts.products)
    if facts.said is not None and facts.said != held and not is_doubted:
        cause = "a record that is not listed yet, or one that is missing"
        what = f"the exchange says {facts.said:f} of it is held in all"
        remarks.append(_doubt(facts, what, cause, minus(held, facts.said)))
    return tuple(remarks)


def _doubt(facts: CoinFacts, what: str, cause: str, amount: Decimal) -> Remark:
    """A difference, unless an action that is not over, or what is open, may be all of it."""
    is_open = bool(facts.open_actions) or not facts.is_current
    opened = total(gap.amount for gap in facts.gaps)
    is_same = bool(amount) and amount == opened
    verdict = Verdict.IN_FLIGHT if is_open or is_same else Verdict.DIFFERENCE
    return Remark(what, cause, amount, verdict)


def _booked(facts: CoinFacts) -> tuple[Remark, ...]:
    return tuple(
        Remark(
            f"{'came in' if amount > ZERO else 'left'} unexplained, seen {at:%Y-%m-%dT%H:%M:%SZ}",
            "an action of earnd would have done just that, and its record is missing:"
            " see `earnd audit`",
            abs(amount),
            Verdict.DIFFERENCE,
        )
        for at, amount in facts.unexplained
    )
