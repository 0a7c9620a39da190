"""Whether held money moves to where it earns more; and if not, what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from earnd.domain.allocation import Allocation
from earnd.domain.homecoming import Homecoming, redeem
from earnd.domain.money import ROUNDING_DOWN, ZERO, floor_to, minus, plain, total
from earnd.domain.placing import Placing
from earnd.domain.plan import Hold, Move
from earnd.domain.reason import Reason
from earnd.domain.strategy import Mode
from earnd.domain.telling import cut_short, gap, rate_text, signed, span_text


def rotation(placing: Placing, home: Homecoming, *, budget: Decimal | None) -> list[Move | Hold]:
    """The redeems of a rotation that pays, or the hold that says why there is none.

    `budget` is what may still be subscribed today: money that could not be put to work again is
    not taken out. Nothing where nothing is held that could move.
    """
    movable = [p for p in placing.among if p.held >= placing.unit and p.exit is None]
    calm = [prospect for prospect in movable if prospect.doubt is None]
    is_shut = placing.strategy.mode is not Mode.ON or placing.situation.shrunk is not None
    if not calm or is_shut or placing.situation.in_transit.get(placing.coin, ZERO) > 0:
        return []
    if not _moves(placing, placing.free):
        return [_best_already(placing)]
    if not placing.strategy.rotation.on:
        return [_held_back(placing, Reason.ROTATION_OFF, placing.free, "rotation_off")]
    if not _moves(placing, placing.priced):
        return [_held_back(placing, Reason.NOT_WORTH_MOVING, placing.free, "price_of_moving")]
    found = placing.priced
    needed = placing.needed(found)
    proof = {}
    if needed.cost > 0 or needed.better_for:
        proven = placing.proven(found, needed)
        proof = {
            "proven": plain(proven.cost),
            "needed": plain(needed.cost),
            "better_for": span_text(proven.better_for),
            "must_last": span_text(needed.better_for),
        }
        if proven.cost < needed.cost or proven.better_for < needed.better_for:
            return [_held_back(placing, Reason.NOT_PROVEN_YET, found, "proof", proof)]
    return list(_redeems(placing, home, found, proof, budget))


def _moves(placing: Placing, found: Allocation) -> bool:
    """Whether an answer takes money out of a product and is worth more than staying."""
    return bool(placing.leaves(found)) and found.worth > placing.pinned.worth


def _redeems(
    placing: Placing,
    home: Homecoming,
    found: Allocation,
    proof: dict[str, str],
    budget: Decimal | None,
) -> Iterator[Move | Hold]:
    """What the answer takes out, no more than may be put in again today."""
    detail = _numbers(placing, found) | proof | {"binding": "none"}
    left = None if budget is None else max(ZERO, minus(budget, placing.spendable))
    by_id = {prospect.product_id: prospect for prospect in placing.among}
    for product_id, amount in sorted(placing.leaves(found).items()):
        part = floor_to(amount if left is None else min(amount, left), placing.precision)
        if left is not None:
            left = minus(left, part)
        if part <= 0 or part < placing.strategy.min_move:
            told = detail | {"binding": "max_per_day"}
            yield Hold(placing.coin, Reason.PER_DAY_LIMIT, product_id, amount, told)
            continue
        yield from redeem(home, by_id[product_id], part, Reason.ROTATE, detail)


def _held_back(
    placing: Placing,
    reason: Reason,
    found: Allocation,
    binding: str,
    proof: dict[str, str] | None = None,
) -> Hold:
    """There is better, but the money stays: what the better is, and what speaks against it."""
    left = placing.leaves(found)
    product_id = max(left, key=lambda key: (left[key], key))
    detail = _numbers(placing, found) | (proof or {}) | {"binding": binding}
    return Hold(placing.coin, reason, product_id, left[product_id], detail)


def _numbers(placing: Placing, found: Allocation) -> dict[str, str]:
    """What an answer would gain and cost."""
    left, entered = placing.leaves(found), placing.enters(found)
    moved = total(left.values())
    gain = placing.gain(found)
    lost = total(
        placing.earns(key, placing.held[key]) - placing.earns(key, found.targets[key])
        for key in left
    )
    won = total(
        placing.earns(key, found.targets[key]) - placing.earns(key, placing.held[key])
        for key in entered
    )
    put = total(entered.values())
    told = {
        "rate": rate_text(ROUNDING_DOWN.divide(max(ZERO, lost), moved)),
        "to": ",".join(sorted(entered)),
        "gain": signed(placing.over_horizon(gain)),
        "cost": plain(placing.cost(found)),
        "horizon": span_text(placing.strategy.rotation.horizon),
        "runner_up": ",".join(sorted(entered)) or "idle",
    }
    rate = ROUNDING_DOWN.divide(won, put) if put else ZERO
    return told | gap(rate, gain, moved) | cut_short(found)


def _best_already(placing: Placing) -> Hold:
    """Held money that could not earn more anywhere, and the best place that it could go to."""
    held = total(placing.held.values())
    earned = total(placing.earns(key, amount) for key, amount in placing.held.items())
    detail = {"binding": "none", "rate": rate_text(ROUNDING_DOWN.divide(earned, held))}
    others = [
        (ROUNDING_DOWN.divide(extra, room), prospect.product_id)
        for prospect in placing.among
        if prospect.is_open and prospect.held <= 0
        if (room := min(held, prospect.ceiling)) > 0
        and (extra := placing.earns(prospect.product_id, room)) >= 0
    ]
    if others:
        rate, name = max(others)
        a_year = minus(earned, floor_to(held * rate, placing.precision))
        detail |= {"runner_up": name} | gap(rate, a_year, held)
    return Hold(placing.coin, Reason.BEST_ALREADY, amount=held, detail=detail)
