"""The strategy: from what was seen to what should be moved, and why the rest should not.

`decide` is pure: the same situation gives the same plan. Every coin that has money, or that the
strategy names, gets at least one move or one hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, localcontext

from earnd.domain.action import Verb
from earnd.domain.filling import best_to_keep, cheapest_to_take
from earnd.domain.holdings import Holding
from earnd.domain.ids import Coin, ProductId
from earnd.domain.money import EXACT, NO_RATE, ZERO, floor_to, plain, total
from earnd.domain.plan import Hold, Move, Plan
from earnd.domain.product import Product
from earnd.domain.reason import Reason
from earnd.domain.situation import Situation
from earnd.domain.strategy import CoinStrategy, Mode
from earnd.domain.subscribing import Subscribing


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
    with localcontext(EXACT):
        redeeming = list(_redeems(situation, coin, strategy))
        if any(isinstance(step, Move) for step in redeeming):
            return redeeming
        return (
            redeeming
            + Subscribing(
                coin=coin,
                strategy=strategy,
                available=situation.available(coin),
                products=tuple(p for p in situation.snapshot.products if p.coin == coin),
                held=_held(situation, coin),
                cooldowns=situation.cooldowns,
                fresh_interest=situation.fresh_interest.get(coin, ZERO),
                sent_today=situation.sent_today.get((coin, Verb.SUBSCRIBE), ZERO),
            ).steps()
        )


def _held(situation: Situation, coin: Coin) -> Mapping[ProductId, Decimal]:
    return {row.product_id: row.amount for row in situation.holdings.of(coin)}


def _redeems(situation: Situation, coin: Coin, strategy: CoinStrategy) -> Iterator[Move | Hold]:
    """What to bring home: first what pays too little, then what the wallet lacks."""
    products = {product.product_id: product for product in situation.snapshot.products}
    leaving: dict[ProductId, Decimal] = {}
    for holding in situation.holdings.of(coin):
        product = products.get(holding.product_id)
        if holding.amount <= 0:
            continue
        if product is None:
            # Nobody leaves on an absence.
            yield Hold(coin, Reason.PRODUCT_NOT_LISTED, holding.product_id, holding.amount)
            continue
        for step in _leave(holding, product, strategy, situation):
            if isinstance(step, Move):
                leaving[holding.product_id] = step.amount
            yield step
    yield from _refill(situation, coin, strategy, products, leaving)


def _leave(
    holding: Holding, product: Product, strategy: CoinStrategy, situation: Situation
) -> Iterator[Move | Hold]:
    floor = strategy.redeem_below_apy
    if floor <= NO_RATE:
        return
    problem = product.tiers_problem()
    if problem is not None:
        yield Hold(
            holding.coin,
            Reason.TIERS_UNCLEAR,
            holding.product_id,
            holding.amount,
            {"why": problem},
        )
        return
    paying = _as_held(product)
    bands = paying.bands(count_additional=strategy.count_additional_apy)
    keep = best_to_keep(bands, holding.amount, floor)
    if keep == holding.amount:
        return
    if keep < product.minimum:
        # Nothing says that a position may be left under the minimum purchase.
        keep = ZERO
    amount = floor_to(holding.amount - keep, strategy.precision)
    if amount <= 0:
        return
    rate = paying.rate_on_next(keep, count_additional=strategy.count_additional_apy)
    detail = {
        "rate": str(rate if rate is not None else NO_RATE),
        "redeem_below_apy": str(floor),
        "keep": plain(keep),
    }
    yield from _redeem(situation, strategy, holding, amount, Reason.RATE_UNDER_FLOOR, detail)


def _as_held(product: Product) -> Product:
    """The product as the money in it sees it: a maximum limits purchases, not what is paid."""
    return replace(product, maximum=Decimal("Infinity"))


def _refill(
    situation: Situation,
    coin: Coin,
    strategy: CoinStrategy,
    products: Mapping[ProductId, Product],
    leaving: Mapping[ProductId, Decimal],
) -> Iterator[Move | Hold]:
    """Brings idle back up to `refill_to` from where the least yield is lost."""
    coming = situation.in_transit.get(coin, ZERO)
    if coming > 0:
        yield Hold(coin, Reason.IN_TRANSIT, amount=coming)
    if strategy.refill_below is None or strategy.refill_to is None:
        return
    idle = situation.available(coin) + coming + total(leaving.values())
    if floor_to(strategy.refill_below - idle, strategy.precision) <= 0:
        return
    need = floor_to(max(strategy.refill_to - idle, strategy.min_move), strategy.precision)
    detail = {
        "idle": plain(idle),
        "refill_below": plain(strategy.refill_below),
        "refill_to": plain(strategy.refill_to),
    }
    rows = {
        row.product_id: row
        for row in situation.holdings.of(coin)
        if floor_to(row.amount, strategy.precision) > 0 and row.product_id not in leaving
    }
    obstacles = {
        product_id: obstacle
        for product_id, row in rows.items()
        if (obstacle := _obstacle(situation, row, row.amount, detail)) is not None
    }
    sources = {
        product_id: (
            _as_held(products[product_id]).bands(count_additional=strategy.count_additional_apy)
            if product_id in products
            else (),
            floor_to(row.amount, strategy.precision),
        )
        for product_id, row in rows.items()
        if product_id not in obstacles
    }
    taken = cheapest_to_take(need, sources)
    for product_id, part in taken.items():
        row = rows[product_id]
        least = products[product_id].minimum if product_id in products else ZERO
        takes_all = ZERO < row.amount - part < least
        told = (
            {**detail, "whole": f"the rest would be under {plain(least)}"} if takes_all else detail
        )
        amount = row.amount if takes_all else part
        yield from _redeem(situation, strategy, row, amount, Reason.REFILL, told)
    if total(taken.values()) < need:
        yield from obstacles.values()
    if not rows:
        yield Hold(coin, Reason.NOTHING_TO_REFILL_FROM, amount=need, detail=detail)


def _redeem(  # noqa: PLR0917 - what, how much, why, and by which rules
    situation: Situation,
    strategy: CoinStrategy,
    holding: Holding,
    amount: Decimal,
    reason: Reason,
    detail: Mapping[str, str],
) -> Iterator[Move | Hold]:
    """The redeem itself, unless something stands in its way; never more than the limits let."""
    coin, product_id = holding.coin, holding.product_id
    obstacle = _obstacle(situation, holding, amount, detail)
    if obstacle is not None:
        yield obstacle
        return
    allowed, limit = amount, Reason.UNDER_MIN_MOVE
    if strategy.max_per_action is not None and strategy.max_per_action < allowed:
        allowed, limit = strategy.max_per_action, Reason.PER_ACTION_LIMIT
    if strategy.max_per_day is not None:
        left = strategy.max_per_day - situation.sent_today.get((coin, Verb.REDEEM), ZERO)
        if left < allowed:
            allowed, limit = left, Reason.PER_DAY_LIMIT
    allowed = floor_to(allowed, strategy.precision)
    if allowed <= 0 or (reason is not Reason.REFILL and allowed < strategy.min_move):
        why = Reason.UNDER_MIN_MOVE if amount < strategy.min_move else limit
        yield Hold(coin, why, product_id, amount, detail)
        return
    yield Move(Verb.REDEEM, coin, product_id, allowed, reason, holding.earn_id, detail)


def _obstacle(
    situation: Situation, holding: Holding, amount: Decimal, detail: Mapping[str, str]
) -> Hold | None:
    """What keeps money in a product however much it is wanted."""
    coin, product_id = holding.coin, holding.product_id
    if holding.earn_id is None:
        return Hold(coin, Reason.POSITION_UNKNOWN, product_id, amount, detail)
    until = situation.cooldowns.on(Verb.REDEEM, coin, product_id)
    if until is not None:
        told = {**detail, "until": until.at.isoformat(), "code": str(until.code)}
        return Hold(coin, Reason.COOLING_DOWN, product_id, amount, told)
    return None
