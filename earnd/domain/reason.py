"""Why something was done or left undone: an enumeration, so that an auditor can GROUP BY it.

A sentence for a person is made from the reason and its data by `earnd.cli`; free text is never
what a decision rests on.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Each member's comment is what it says of a move or a hold."""

    # Moves.
    BEST_BAND = "best_band"
    """Idle money goes to the band that pays most."""
    COMPOUND = "compound"
    """The same, where the idle money is interest that was paid into the wallet: nine tenths
    of it or more."""
    RATE_UNDER_FLOOR = "rate_under_floor"
    """What it earns there fell under `redeem_below_apy`."""
    REFILL = "refill"
    """Idle fell under `refill_below`; brought back up to `refill_to`."""
    NEED = "need"
    """The strategy names a moment by which so much is to be idle."""
    ROTATE = "rotate"
    """It earns more elsewhere, by enough to pay for moving it."""
    UNWIND = "unwind"
    """A person brings everything home."""
    PROBE = "probe"
    """`earnd probe` asked for it, to learn how long the exchange remembers a number."""

    # Holds by the strategy.
    COIN_NOT_MANAGED = "coin_not_managed"
    MODE_HOLD = "mode_hold"
    MODE_REDEEM_ONLY = "mode_redeem_only"
    NOTHING_IDLE = "nothing_idle"
    KEPT_AS_RESERVE = "kept_as_reserve"
    UNDER_MIN_MOVE = "under_min_move"
    UNDER_PRODUCT_MINIMUM = "under_product_minimum"
    UNDER_MIN_APY = "under_min_apy"
    NO_PRODUCT = "no_product"
    PRODUCTS_FULL = "products_full"
    MAX_PER_PRODUCT = "max_per_product"
    """There is room, but the strategy lets no product hold more."""
    MAX_PER_ACTION_TOO_SMALL = "max_per_action_too_small"
    """One action may not carry what the product takes at least."""
    PRODUCT_NOT_LISTED = "product_not_listed"
    """Something is held in a product that is offered no more: there is no rate to judge it by."""
    IN_TRANSIT = "in_transit"
    """Redeemed already; the wallet does not show it yet."""
    NOTHING_TO_REFILL_FROM = "nothing_to_refill_from"
    BEST_ALREADY = "best_already"
    """Held money earns as much as it can: nothing better has room, even if moving were free."""
    NOT_WORTH_MOVING = "not_worth_moving"
    """There is better, but not by enough to pay back the price of moving within the horizon."""
    NOT_PROVEN_YET = "not_proven_yet"
    """There is better, but staying has not yet cost what moving would."""
    ROTATION_OFF = "rotation_off"
    """There is better, but the strategy says that held money is not rotated."""
    MAX_TOTAL = "max_total"
    """There is room, but the strategy lets no more of the coin be put to work."""
    KEPT_FOR_NEED = "kept_for_need"
    """Idle for a moment that the strategy names."""
    JUST_LEFT = "just_left"
    """Money was rotated out of it a short while ago."""
    NOTHING_HELD = "nothing_held"
    """There is nothing to bring home."""

    # Holds by doubt.
    OPEN_ACTION = "open_action"
    HOLDING_UNVERIFIED = "holding_unverified"
    TIERS_UNCLEAR = "tiers_unclear"
    COOLING_DOWN = "cooling_down"
    POSITION_UNKNOWN = "position_unknown"
    RATE_NOT_CREDIBLE = "rate_not_credible"
    QUARANTINED = "quarantined"
    """Its latest reading looks wrong and is not believed yet."""
    LIST_SHRUNK = "list_shrunk"
    """Most products are missing from the list: it is not believed yet."""
    MOVED_BY_PERSON = "moved_by_person"
    """A person moved money of this coin by hand; that is respected for a while."""

    # Holds by the limits.
    RESERVE_LIMIT = "reserve_limit"
    REFILL_NOT_NEEDED = "refill_not_needed"
    """A second look at the wallet found more in it than the first."""
    PER_ACTION_LIMIT = "per_action_limit"
    PER_DAY_LIMIT = "per_day_limit"
    CLOCK_SKEW = "clock_skew"
    MAINTENANCE = "maintenance"
    STALE_DATA = "stale_data"
    PAUSED = "paused"
    STOPPED_BY_EXCHANGE = "stopped_by_exchange"

    NEXT_CYCLE = "next_cycle"
    """Its turn comes after the effect of what was just done has been seen."""

    # Why a planned action never left.
    DRY_RUN = "dry_run"
    SHUTTING_DOWN = "shutting_down"
    NEVER_LEFT = "never_left"
    """The process ended between the plan and the sending."""
