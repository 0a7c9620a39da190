"""What others do with the same account, and what the exchange does with its offers and habits."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from earnd.domain.action import Verb
from earnd.domain.money import floor_to
from earnd.domain.plan import Move
from earnd.sandbox import ProductSpec, Refusal
from tests.simulation.account import Account
from tests.simulation.worlds import MINUTE, World, draw_rate

Deed = Callable[[Account, Random], str]
"""Does something and says what it was."""


def do_something(account: Account, world: World, rng: Random) -> str:
    """One deed of a person or of the exchange; a refused one is told as such."""
    deeds: list[Deed] = [
        *(_deposit,) * 5,
        *(_withdraw,) * 2,
        withdraw_most,
        _subscribe,
        *(_subscribe_what_is_idle,) * 2,
        _redeem,
        _redeem_all,
        _force_redeem,
        *(_change_rate,) * 3,
        _stop_or_start,
        _auto_subscribe,
        _freeze,
        _change_quota,
        _change_lag,
        _pause,
    ]
    if world.twins:
        deeds += [twin] * 8
    if world.winding_down:
        deeds += [close_a_product] * 4
    return done(rng.choice(deeds), account, rng)


def done(deed: Deed, account: Account, rng: Random) -> str:
    """What became of a deed."""
    try:
        return deed(account, rng)
    except (Refusal, ValueError) as refusal:
        return f"{getattr(deed, '__name__', 'a deed').strip('_')} refused: {refusal}"


def twin(account: Account, rng: Random) -> str:
    """A person makes the newest move of earnd once more, by hand."""
    if not account.face.received:
        return "nothing to imitate"
    received = rng.choice(account.face.received[-2:])
    body = json.loads(received.body)
    amount = Decimal(body["amount"])
    if received.endpoint == "subscribe":
        if account.idle() < amount:
            account.books.deposit("USDT", amount)
        record = account.books.subscribe_by_hand(body["productId"], amount)
        account.imitated.add(record.record_id)
        return f"person subscribes the same {amount} to {body['productId']}"
    product_id = next(
        each.product_id for each in account.books.positions() if each.earn_id == body["earnId"]
    )
    record = account.books.redeem_by_hand(product_id, amount)
    account.imitated.add(record.record_id)
    return f"person redeems the same {amount} from {product_id}"


def anticipate(account: Account, moves: Sequence[Move]) -> str:
    """A person who read the same news makes the very move that earnd has decided on."""
    if not moves:
        return "nothing is decided that anybody could do"
    move = moves[0]
    amount = Decimal(format(move.amount, "f"))
    if move.verb is Verb.SUBSCRIBE:
        if account.idle() < 2 * amount:
            account.books.deposit("USDT", amount)
        account.books.subscribe_by_hand(move.product_id, amount)
        return f"person decides the same and subscribes {amount} to {move.product_id}"
    account.books.redeem_by_hand(move.product_id, amount)
    return f"person decides the same and redeems {amount} from {move.product_id}"


def close_a_product(account: Account, rng: Random) -> str:
    """The exchange ends a product: first nothing goes in, then all comes out, then it is gone."""
    spec = _any_product(account, rng)
    if spec.selling:
        account.books.change_product(spec.product_id, selling=False)
        return f"{spec.product_id} closes"
    account.books.force_redeem(spec.product_id)
    account.books.change_product(spec.product_id, listed=False)
    return f"{spec.product_id} is closed, and what was in it is given back"


def _some(rng: Random, most: Decimal) -> Decimal:
    return floor_to(most * Decimal(rng.randint(1, 100)) / 100, rng.choice((0, 2, 8)))


def _any_product(account: Account, rng: Random) -> ProductSpec:
    return rng.choice(account.books.products())


def _deposit(account: Account, rng: Random) -> str:
    amount = rng.choice(("10", "123.456", "1000", "7777.77777777", "0.5"))
    account.books.deposit("USDT", amount)
    return f"deposit {amount}"


def _withdraw(account: Account, rng: Random) -> str:
    amount = _some(rng, account.idle())
    account.books.withdraw("USDT", amount)
    return f"withdraw {amount}"


def withdraw_most(account: Account, rng: Random) -> str:
    amount = floor_to(account.idle() * Decimal(rng.randint(80, 100)) / 100, 8)
    account.books.withdraw("USDT", amount)
    return f"withdraw most: {amount}"


def _subscribe(account: Account, rng: Random) -> str:
    product_id = _any_product(account, rng).product_id
    amount = _some(rng, account.idle())
    account.books.subscribe_by_hand(product_id, amount)
    return f"person subscribes {amount} to {product_id}"


def _subscribe_what_is_idle(account: Account, rng: Random) -> str:
    """The round sum that earnd would move, were it not for its mark."""
    best = max(account.books.products(), key=lambda spec: (spec.selling, spec.apy))
    amount = floor_to(account.idle() - account.strategy.reserve, rng.choice((2, 8)))
    account.books.subscribe_by_hand(best.product_id, amount)
    return f"person subscribes all that is idle, {amount}, to {best.product_id}"


def _redeem(account: Account, rng: Random) -> str:
    product_id = _any_product(account, rng).product_id
    amount = _some(rng, account.books.held(product_id))
    account.books.redeem_by_hand(product_id, amount)
    return f"person redeems {amount} from {product_id}"


def _redeem_all(account: Account, rng: Random) -> str:
    product_id = _any_product(account, rng).product_id
    amount = account.books.held(product_id)
    account.books.redeem_by_hand(product_id, amount)
    return f"person redeems all {amount} from {product_id}"


def _force_redeem(account: Account, rng: Random) -> str:
    product_id = _any_product(account, rng).product_id
    record = account.books.force_redeem(product_id)
    return f"exchange gives back {record.amount if record else 'nothing'} of {product_id}"


def _change_rate(account: Account, rng: Random) -> str:
    spec = _any_product(account, rng)
    rate = draw_rate(rng)
    tiers = tuple(replace(tier, apy=draw_rate(rng)) for tier in spec.tiers)
    account.books.change_product(spec.product_id, apy=rate, tiers=tiers)
    return f"{spec.product_id} pays {rate} {[str(tier.apy) for tier in tiers]}"


def _stop_or_start(account: Account, rng: Random) -> str:
    spec = _any_product(account, rng)
    selling, listed = rng.random() < 0.6, rng.random() < 0.8
    account.books.change_product(spec.product_id, selling=selling, listed=listed)
    return f"{spec.product_id} selling {selling} listed {listed}"


def _auto_subscribe(account: Account, rng: Random) -> str:
    product_id, on = _any_product(account, rng).product_id, rng.random() < 0.4
    account.books.set_auto(on, product_id)
    return f"auto-subscribe of {product_id} {on}"


def _freeze(account: Account, rng: Random) -> str:
    frozen = account.books.balance("USDT").frozen
    if frozen:
        account.books.unfreeze("USDT", frozen)
        return f"unfreeze {frozen}"
    amount = _some(rng, account.idle())
    account.books.freeze("USDT", amount)
    return f"freeze {amount}"


def _change_quota(account: Account, rng: Random) -> str:
    spec = _any_product(account, rng)
    quota = rng.choice((None, Decimal(20), Decimal(5000)))
    account.books.change_product(spec.product_id, quota=quota)
    return f"{spec.product_id} quota {quota}"


def _change_lag(account: Account, rng: Random) -> str:
    """Records written from now on show sooner or later than those before them."""
    lag = rng.choice((0, 0, 2, 8, 20)) * MINUTE
    account.books.change_settings(record_lag=lag)
    return f"records lag {lag}"


def _pause(account: Account, _rng: Random) -> str:
    if account.paused_at is not None:
        account.pause_file.unlink()
        account.paused_at = None
        return "the pause is over"
    account.pause_file.touch()
    account.paused_at = account.clock.now()
    return "paused"


def unpause(account: Account) -> None:
    """Whoever paused it, it goes on."""
    if account.paused_at is not None:
        _pause(account, Random(0))


def draw_gap(rng: Random, per_day: int, *, in_doubt: bool) -> timedelta:
    """How long until the next cycle: by the world's rhythm, and sooner while something is open."""
    if in_doubt and rng.random() < 0.8:
        return timedelta(minutes=rng.choice((0, 1, 3, 11, 20, 45)), seconds=rng.randint(0, 59))
    usual = 24 * 60 / per_day
    return timedelta(minutes=rng.uniform(0.3, 1.7) * usual, seconds=rng.randint(0, 59))
