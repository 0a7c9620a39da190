"""One coin's strategy as a phrase for people, without what is at its default."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from earnd.config.needs import show_moment
from earnd.config.numbers import show_percent
from earnd.config.values import show_duration, show_part, show_products
from earnd.domain.money import plain
from earnd.domain.strategy import CoinStrategy, InterestPaid, Rotation, Share, TierRule

_DEFAULT = CoinStrategy()


def in_words(entry: CoinStrategy) -> str:
    """What `earnd check` says of a coin: its mode, and every key that differs from its default."""
    parts = (_money, _needs, _caps, _products, _reading, _rotation, _calm)
    return ", ".join(
        [f"mode {entry.mode.value}", *(word for part in parts for word in part(entry))]
    )


def _money(entry: CoinStrategy) -> Iterator[str]:
    if entry.reserve:
        yield f"reserve {plain(entry.reserve)}"
    if entry.min_move:
        yield f"moves of at least {plain(entry.min_move)}"
    if entry.min_apy.value:
        yield f"into {entry.min_apy} or more"
    if entry.redeem_below_apy.value:
        yield f"out under {entry.redeem_below_apy}"
    if entry.refill_below is not None and entry.refill_to is not None:
        yield f"refill under {plain(entry.refill_below)} to {plain(entry.refill_to)}"


def _needs(entry: CoinStrategy) -> Iterator[str]:
    for need in entry.needs:
        yield f"{plain(need.amount)} by {show_moment(need.by)}"
    if entry.need_lead != _DEFAULT.need_lead:
        yield f"needs brought home {show_duration(entry.need_lead)} before"


def _caps(entry: CoinStrategy) -> Iterator[str]:
    most: tuple[tuple[Decimal | Share | None, str], ...] = (
        (entry.max_per_product, "in one product"),
        (entry.max_total, "in all products"),
        (entry.max_per_action, "in one request"),
        (entry.max_per_day, "a day"),
    )
    for cap, where in most:
        if cap is not None:
            yield f"at most {show_part(cap)} {where}"


def _products(entry: CoinStrategy) -> Iterator[str]:
    if entry.allow is not None:
        yield f"only products {' '.join(show_products(entry.allow))}"
    if entry.deny:
        yield f"never products {' '.join(show_products(entry.deny))}"


def _reading(entry: CoinStrategy) -> Iterator[str]:
    if entry.precision != _DEFAULT.precision:
        yield f"{entry.precision} decimals"
    if not entry.count_additional_apy:
        yield "additional rates not counted"
    if entry.tier_rule is TierRule.WHOLE:
        yield "a tier's rate on all of the amount"
    if entry.interest_paid is not InterestPaid.AUTO:
        yield f"interest paid into the {entry.interest_paid.value}"
    if entry.max_credible_apy != _DEFAULT.max_credible_apy:
        yield f"nothing above {entry.max_credible_apy} believed"


def _rotation(entry: CoinStrategy) -> Iterator[str]:
    wanted, usual = entry.rotation, Rotation()
    if not wanted.on:
        yield "held money stays where it is"
        return
    if wanted.horizon != usual.horizon:
        yield f"moving pays back in {show_duration(wanted.horizon)}"
    if wanted.move_cost is not None:
        yield f"{show_duration(wanted.move_cost)} on the way"
    if wanted.min_gain:
        yield f"for a gain of at least {plain(wanted.min_gain)}"
    if wanted.proof != usual.proof:
        yield f"proven to {show_percent(wanted.proof)}"
    if wanted.cool_down != usual.cool_down:
        yield f"back after {show_duration(wanted.cool_down)}"


def _calm(entry: CoinStrategy) -> Iterator[str]:
    calm = entry.quarantine
    if calm != _DEFAULT.quarantine:
        looks = "1 look" if calm.looks == 1 else f"{calm.looks} looks"
        yield (
            f"odd readings (by a factor of {plain(calm.factor)}) believed after {looks} "
            f"over {show_duration(calm.span)}"
        )
    if entry.respect_person != _DEFAULT.respect_person:
        yield f"rests {show_duration(entry.respect_person)} after a person's move"
