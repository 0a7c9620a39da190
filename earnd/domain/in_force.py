"""The limits that a strategy sets, each with a name: what the ledger keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from earnd.domain.ids import Coin
from earnd.domain.strategy import CoinStrategy, Share, Strategy

EVERY_COIN: Final = "*"
"""Stands for all coins that have no entry of their own."""

NAMES: Final = (
    "reserve",
    "max_total",
    "max_total_share",
    "max_per_action",
    "max_per_day",
    "respect_person",
    "cool_down",
)

Limits: TypeAlias = Mapping[str, Mapping[str, Decimal | None]]
"""Per coin the value of every name in `NAMES`; `None` is no such limit."""


def limits_in_force(strategy: Strategy, known: Iterable[str] = ()) -> Limits:
    """What `earnd.domain.limits` holds each coin to under this strategy.

    Amounts in the coin; `max_total_share` is a fraction of all there is; `respect_person` and
    `cool_down` are whole seconds. `known` are coins that had limits before: one that is no longer
    listed is under those of `EVERY_COIN` now, or under none because nothing of it is moved.
    """
    others = _of(strategy.for_all_others)
    coins = sorted({*known, *strategy.coins})
    return {coin: _of(strategy.for_coin(Coin(coin))) for coin in coins} | {EVERY_COIN: others}


def _of(entry: CoinStrategy | None) -> Mapping[str, Decimal | None]:
    if entry is None:
        return dict.fromkeys(NAMES)
    cap = entry.max_total
    values = (
        entry.reserve,
        None if isinstance(cap, Share) else cap,
        cap.fraction if isinstance(cap, Share) else None,
        entry.max_per_action,
        entry.max_per_day,
        _seconds(entry.respect_person),
        _seconds(entry.rotation.cool_down),
    )
    return dict(zip(NAMES, values, strict=True))


def _seconds(span: timedelta) -> Decimal:
    return Decimal(span // timedelta(seconds=1))
