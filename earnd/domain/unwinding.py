"""Everything of a coin brought home: what can go goes, and all that is left says what keeps it.

What keeps it is one of two kinds. Some of it passes: an action whose effect is about to be seen, a
refusal that says "not at this time". The rest does not pass by waiting: a person has to do
something, or the exchange has to change its mind. Which is which is said by `outlook`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from earnd.domain.action import State, Verb
from earnd.domain.answer import Consequence
from earnd.domain.holdings import Holding
from earnd.domain.ids import Coin
from earnd.domain.money import ZERO, floor_to, plain, total
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation

FOR_NOW: Final = frozenset(
    {
        Consequence.WAIT,
        Consequence.NOT_NOW,
        Consequence.QUOTA_GONE,
        Consequence.CAP_REACHED,
        # The next one has fewer decimals.
        Consequence.TOO_PRECISE,
    }
)
"""Refusals of a redeem that are expected to pass by waiting."""


class Outlook(StrEnum):
    """What will become of money that is held back, if nobody does anything."""

    HOME = "home"
    """There is none."""
    SOON = "soon"
    """Waiting helps."""
    DOUBTFUL = "doubtful"
    """What is held does not add up. Lists of the exchange that are a little behind look the same,
    so that only several looks tell."""
    STUCK = "stuck"
    """Waiting does not help, or not for long."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one look says of the coins that are brought home: what can go now, and what cannot."""

    situation: Situation
    moves: tuple[Move, ...]
    holds: tuple[Hold, ...]

    @property
    def is_home(self) -> bool:
        """Whether nothing is left but what is finer than a request can name."""
        return not self.moves and all(outlook(hold) is Outlook.HOME for hold in self.holds)

    @property
    def is_open(self) -> bool:
        """Whether an action in one of these coins is not over."""
        return any(hold.reason is Reason.OPEN_ACTION for hold in self.holds)

    @property
    def held(self) -> dict[Coin, Decimal]:
        """What lies in products, as far as it is known, of each coin that is brought home."""
        leaves = self.situation.strategy.leaves
        rows = [row for row in self.situation.holdings.rows if leaves(row.coin) and row.amount > 0]
        coins = sorted({row.coin for row in rows})
        return {coin: total(row.amount for row in rows if row.coin == coin) for coin in coins}

    def has(self, what: Outlook) -> bool:
        """Whether something is held back with this outlook."""
        return any(outlook(hold) is what for hold in self.holds)


def unwinding_steps(situation: Situation, coin: Coin) -> list[Move | Hold]:
    """A redeem of all there is of the coin, and a hold with its reason for what cannot go now.

    Each redeem is of at most `max_per_action`; the rest follows when its effect has been seen.
    """
    action = situation.busy.get(coin)
    if action is not None:
        detail = {"action": str(action.action_id), "state": action.state.value}
        return [Hold(coin, Reason.OPEN_ACTION, action.product_id, action.amount, detail)]
    rows = [row for row in situation.holdings.of(coin) if row.amount > 0 or not row.verified]
    problem = situation.holdings.drift.get(coin)
    if problem is not None:
        return list(_unverified(coin, rows, problem))
    steps = [_step(situation, row) for row in rows]
    coming = situation.in_transit.get(coin, ZERO)
    if coming > 0:
        steps.append(Hold(coin, Reason.IN_TRANSIT, amount=coming))
    return steps or [Hold(coin, Reason.NOTHING_HELD)]


def outlook(hold: Hold) -> Outlook:
    """Whether waiting helps with a hold of `unwinding_steps`, or of the limits."""
    match hold.reason:
        case Reason.NOTHING_HELD:
            return Outlook.HOME
        case Reason.HOLDING_UNVERIFIED | Reason.POSITION_UNKNOWN:
            return Outlook.DOUBTFUL
        case Reason.OPEN_ACTION:
            waits = hold.detail.get("state") != State.NEEDS_OPERATOR
        case Reason.COOLING_DOWN:
            # A limit that strikes between two looks does not say; the next look does.
            told = hold.detail.get("consequence")
            waits = told is None or Consequence(told) in FOR_NOW
        case Reason.IN_TRANSIT | Reason.STALE_DATA | Reason.NEXT_CYCLE:
            waits = True
        case _:
            waits = False
    return Outlook.SOON if waits else Outlook.STUCK


def standing_of(situation: Situation, plan: Plan) -> Standing:
    """What a plan that was made of this situation says of the coins that are brought home."""
    leaves = situation.strategy.leaves
    moves = tuple(move for move in plan.moves if leaves(move.coin))
    holds = [hold for hold in plan.holds if leaves(hold.coin)]
    known = {move.coin for move in moves} | {hold.coin for hold in holds}
    # All that there is of a coin may be on its way: then a plan has no word about it.
    doubted = {row.coin for row in situation.holdings.rows if not row.verified}
    for coin in sorted((situation.busy.keys() | situation.in_transit.keys() | doubted) - known):
        if leaves(coin):
            steps = unwinding_steps(situation, coin)
            holds.extend(step for step in steps if isinstance(step, Hold))
    return Standing(situation, moves, tuple(holds))


def _unverified(coin: Coin, rows: list[Holding], problem: str) -> Iterator[Hold]:
    """One product that does not add up freezes its coin, as it does in every cycle."""
    reason = Reason.HOLDING_UNVERIFIED
    for row in rows:
        yield Hold(coin, reason, row.product_id, row.amount, {"why": row.why or problem})
    if not rows:
        yield Hold(coin, reason, detail={"why": problem})


def _step(situation: Situation, row: Holding) -> Move | Hold:
    coin, product_id = row.coin, row.product_id
    if not row.verified:
        why = {"why": row.why or "its witnesses do not agree"}
        return Hold(coin, Reason.HOLDING_UNVERIFIED, product_id, row.amount, why)
    if not row.earn_id:
        return Hold(coin, Reason.POSITION_UNKNOWN, product_id, row.amount)
    precision = situation.precision_of(coin)
    amount = floor_to(row.amount, precision)
    if amount <= 0:
        dust = {"dust": plain(row.amount), "precision": str(precision)}
        return Hold(coin, Reason.NOTHING_HELD, product_id, row.amount, dust)
    until = situation.cooldowns.on(Verb.REDEEM, coin, product_id)
    if until is not None:
        detail = {
            "until": until.at.isoformat(),
            "code": str(until.code),
            "consequence": until.consequence.value,
        }
        return Hold(coin, Reason.COOLING_DOWN, product_id, row.amount, detail)
    strategy = situation.strategy.for_coin(coin)
    if strategy is not None and strategy.max_per_action is not None:
        amount = min(amount, floor_to(strategy.max_per_action, precision))
    if amount <= 0:
        return Hold(coin, Reason.PER_ACTION_LIMIT, product_id, row.amount)
    held = {"held": plain(row.amount)}
    return Move(Verb.REDEEM, coin, product_id, amount, Reason.UNWIND, row.earn_id, held)
