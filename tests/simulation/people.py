"""What others do with the same account, and what the exchange does with its offers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from earnd.domain.money import floor_to
from earnd.sandbox import ProductSpec, Refusal
from tests.simulation.worlds import World, draw_rate
from tests.support.practice import Practice

Deed = Callable[[Practice, Random], str]
"""Does something and says what it was."""


def do_something(account: Practice, world: World, rng: Random) -> str:
    """One deed of a person or of the exchange; a refused one is told as such."""
    deeds: list[Deed] = [
        *(_deposit,) * 5,
        _withdraw,
        _subscribe,
        _redeem,
        _redeem_all,
        _force_redeem,
        *(_change_rate,) * 3,
        _stop_or_start,
        _auto_subscribe,
        _freeze,
        _change_quota,
    ]
    if world.twins:
        deeds += [twin] * 8
    deed = rng.choice(deeds)
    try:
        return deed(account, rng)
    except (Refusal, ValueError) as refusal:
        return f"{deed.__name__.strip('_')} refused: {refusal}"


def twin(account: Practice, rng: Random) -> str:
    """The person makes the newest move of earnd once more, by hand."""
    if not account.server.received:
        return "nothing to imitate"
    received = rng.choice(account.server.received[-2:])
    body = json.loads(received.body)
    amount = Decimal(body["amount"])
    if received.endpoint == "subscribe":
        if account.idle() < amount:
            account.books.deposit("USDT", amount)
        account.books.subscribe_by_hand(body["productId"], amount)
        return f"person subscribes the same {amount} to {body['productId']}"
    product_id = next(
        each.product_id for each in account.books.positions() if each.earn_id == body["earnId"]
    )
    account.books.redeem_by_hand(product_id, amount)
    return f"person redeems the same {amount} from {product_id}"


def _some(rng: Random, most: Decimal) -> Decimal:
    return floor_to(most * Decimal(rng.randint(1, 100)) / 100, rng.choice((0, 2, 8)))


def _any_product(account: Practice, rng: Random) -> ProductSpec:
    return rng.choice(account.books.products())


def _deposit(account: Practice, rng: Random) -> str:
    amount = rng.choice(("10", "123.456", "1000", "7777.77777777", "0.5"))
    account.books.deposit("USDT", amount)
    return f"deposit {amount}"


def _withdraw(account: Practice, rng: Random) -> str:
    amount = _some(rng, account.idle())
    account.books.withdraw("USDT", amount)
    return f"withdraw {amount}"


def _subscribe(account: Practice, rng: Random) -> str:
    product_id = _any_product(account, rng).product_id
    amount = _some(rng, account.idle())
    account.books.subscribe_by_hand(product_id, amount)
    return f"person subscribes {amount} to {product_id}"


def _redeem(account: Practice, rng: Random) -> str:
    product_id = _any_product(account, rng).product_id
    amount = _some(rng, account.books.held(product_id))
    account.books.redeem_by_hand(product_id, amount)
    return f"person redeems {amount} from {product_id}"


def _redeem_all(account: Practice, rng: Random) -> str:
    product_id = _any_product(account, rng).product_id
    amount = account.books.held(product_id)
    account.books.redeem_by_hand(product_id, amount)
    return f"person redeems all {amount} from {product_id}"


def _force_redeem(account: Practice, rng: Random) -> str:
    product_id = _any_product(account, rng).product_id
    record = account.books.force_redeem(product_id)
    return f"exchange gives back {record.amount if record else 'nothing'} of {product_id}"


def _change_rate(account: Practice, rng: Random) -> str:
    spec = _any_product(account, rng)
    rate = draw_rate(rng)
    tiers = tuple(replace(tier, apy=draw_rate(rng)) for tier in spec.tiers)
    account.books.change_product(spec.product_id, apy=rate, tiers=tiers)
    return f"{spec.product_id} pays {rate} {[str(tier.apy) for tier in tiers]}"


def _stop_or_start(account: Practice, rng: Random) -> str:
    spec = _any_product(account, rng)
    selling, listed = rng.random() < 0.6, rng.random() < 0.8
    account.books.change_product(spec.product_id, selling=selling, listed=listed)
    return f"{spec.product_id} selling {selling} listed {listed}"


def _auto_subscribe(account: Practice, rng: Random) -> str:
    product_id, on = _any_product(account, rng).product_id, rng.random() < 0.4
    account.books.set_auto(on, product_id)
    return f"auto-subscribe of {product_id} {on}"


def _freeze(account: Practice, rng: Random) -> str:
    frozen = account.books.balance("USDT").frozen
    if frozen:
        account.books.unfreeze("USDT", frozen)
        return f"unfreeze {frozen}"
    amount = _some(rng, account.idle())
    account.books.freeze("USDT", amount)
    return f"freeze {amount}"


def _change_quota(account: Practice, rng: Random) -> str:
    spec = _any_product(account, rng)
    quota = rng.choice((None, Decimal(20), Decimal(5000)))
    account.books.change_product(spec.product_id, quota=quota)
    return f"{spec.product_id} quota {quota}"


def draw_pause(rng: Random) -> timedelta:
    """How long until the next cycle; sometimes no time passes at all."""
    minutes = rng.choice((0, 1, rng.randint(5, 40), rng.randint(5, 40), rng.randint(30, 360)))
    if rng.random() < 0.03:
        minutes = rng.randint(1440, 4000)
    return timedelta(minutes=minutes, seconds=rng.randint(0, 59))
