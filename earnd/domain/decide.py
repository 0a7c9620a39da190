"""The strategy: from what was seen to what should be moved, and why the rest should not.

`decide` is pure: the same situation gives the same plan. Every coin that has money, or that the
strategy names, gets at least one move or one hold.
"""

from __future__ import annotations

from decimal import localcontext

from earnd.domain.action import Verb
from earnd.domain.homecoming import Homecoming
from earnd.domain.ids import Coin
from earnd.domain.investing import Investing
from earnd.domain.money import EXACT
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.prospect import prospects
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.strategy import CoinStrategy, Mode
from earnd.domain.unwinding import unwinding_steps


def decide(situation: Situation) -> Plan:
    """What to do now: redeems first, then subscribes, and a hold for what is left alone.

    A coin that has something to redeem is not subscribed in the same plan: the wallet is looked
    at again first.
    """
    steps = [step for coin in _coins(situation) for step in _decide_coin(situation, coin)]
    moves = [step for step in steps if isinstance(step, Move)]
    moves.sort(key=lambda move: move.verb is not Verb.REDEEM)
    return Plan(tuple(moves), tuple(step for step in steps if isinstance(step, Hold)))


def _coins(situation: Situation) -> list[Coin]:
    """Every coin with money in it, and every one that the strategy names."""
    with_money = {
        coin
        for coin, balance in situation.snapshot.balances.items()
        if balance.available > 0 or balance.frozen > 0
    }
    held = {row.coin for row in situation.holdings.rows if row.amount > 0}
    return sorted(
        with_money | held | situation.holdings.drift.keys() | situation.strategy.coins.keys()
    )


def _decide_coin(situation: Situation, coin: Coin) -> list[Move | Hold]:
    if situation.strategy.leaves(coin):
        return unwinding_steps(situation, coin)
    strategy = situation.strategy.for_coin(coin)
    if strategy is None:
        return [Hold(coin, Reason.COIN_NOT_MANAGED)]
    if strategy.mode is Mode.HOLD:
        return [Hold(coin, Reason.MODE_HOLD)]
    action = situation.busy.get(coin)
    if action is not None:
        detail = {"action": str(action.action_id), "state": action.state.value}
        return [Hold(coin, Reason.OPEN_ACTION, action.product_id, action.amount, detail)]
    problem = situation.holdings.drift.get(coin)
    if problem is not None:
        return [Hold(coin, Reason.HOLDING_UNVERIFIED, detail={"why": problem})]
    respected = _respected(situation, coin, strategy)
    if respected is not None:
        return [respected]
    with localcontext(EXACT):
        among = prospects(situation, coin, strategy)
        precision = situation.precision_of(coin)
        home = Homecoming(situation, coin, strategy, among, precision)
        steps = list(home.steps())
        if any(isinstance(step, Move) for step in steps):
            return steps
        return steps + Investing(situation, coin, strategy, among, precision).steps()


def _respected(situation: Situation, coin: Coin, strategy: CoinStrategy) -> Hold | None:
    """What a person moved by hand is left as it is for a while."""
    at = situation.by_person.get(coin)
    if at is None or situation.now >= at + strategy.respect_person:
        return None
    until = at + strategy.respect_person
    detail = {"at": at.isoformat(), "until": until.isoformat(), "binding": "person"}
    return Hold(coin, Reason.MOVED_BY_PERSON, detail=detail)
