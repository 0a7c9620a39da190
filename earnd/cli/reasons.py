"""A sentence for every reason, and what else was possible, from the data of a decision.

The ledger holds the reason and the data; these words are made for reading only. What stands in
brackets is left out where a number for it is missing: an older ledger knows less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Final

from earnd.domain.reason import Reason

SENTENCES: Final[Mapping[Reason, str]] = {
    Reason.BEST_BAND: "the best that is open to it[: {bands}]",
    Reason.COMPOUND: "interest[ of {fresh_interest}] put back to work[: {bands}]",
    Reason.RATE_UNDER_FLOOR: "[pays {rate} now, ]under the floor[ of {redeem_below_apy}]",
    Reason.REFILL: (
        "[only {idle} idle, under {refill_below}: ]brought back up[ to {refill_to}][; {whole}]"
    ),
    Reason.NEED: "[{need} ]must lie idle[ by {by}][; {idle} does now][; {whole}]",
    Reason.ROTATE: (
        "it earns more elsewhere"
        "[: {gap_per_year} a year more ({gap_bp} bp) in {places} than at {rate}]"
        "[; that is {gain} in {horizon}, and moving costs {cost}]"
        "[; staying has cost {proven} so far]"
    ),
    Reason.UNWIND: "everything comes home",
    Reason.PROBE: "to learn how long the exchange remembers a number",
    Reason.COIN_NOT_MANAGED: "the strategy does not name this coin",
    Reason.MODE_HOLD: "the strategy says hold",
    Reason.MODE_REDEEM_ONLY: "the strategy says redeem-only: nothing new is subscribed",
    Reason.NOTHING_IDLE: "nothing lies idle",
    Reason.KEPT_AS_RESERVE: (
        "all[ of the {available}] that is idle is kept[ ({keep_idle} are to stay)]"
    ),
    Reason.KEPT_FOR_NEED: "kept idle for a need[ of {need}][ ({keep_idle} are to stay)]",
    Reason.UNDER_MIN_MOVE: "what could be moved is under min_move",
    Reason.UNDER_PRODUCT_MINIMUM: "what could be moved is under the smallest purchase",
    Reason.UNDER_MIN_APY: "nothing with room pays min_apy",
    Reason.NO_PRODUCT: "the exchange offers no product for it that the strategy allows",
    Reason.PRODUCTS_FULL: "every product that may be used is full",
    Reason.MAX_PER_PRODUCT: "max_per_product lets no product hold more",
    Reason.MAX_TOTAL: "max_total lets no more of it be put to work",
    Reason.MAX_PER_ACTION_TOO_SMALL: (
        "max_per_action is too small"
        "[: it is {max_per_action}, and one purchase is at least {least}]"
    ),
    Reason.PRODUCT_NOT_LISTED: "the exchange offers it no more; its rate is not known",
    Reason.IN_TRANSIT: "redeemed already; the wallet does not show it yet",
    Reason.REFILL_NOT_NEEDED: "a second look at the wallet found enough in it",
    Reason.NOTHING_TO_REFILL_FROM: (
        "[{idle} idle, under {refill_below}, but ][{need} must lie idle by {by}, but ]"
        "nothing to redeem"
    ),
    Reason.BEST_ALREADY: "it earns as much as it can[: {rate}]",
    Reason.NOT_WORTH_MOVING: (
        "[{places} would earn {gap_per_year} a year more ({gap_bp} bp), but ]moving would not pay"
        "[: it would bring {gain} in {horizon} and cost {cost}]"
    ),
    Reason.NOT_PROVEN_YET: (
        "[{places} would earn {gap_per_year} a year more ({gap_bp} bp), but ]"
        "[moving costs {cost}, and ]it waits until staying has cost enough[: {proven} of {needed}]"
        "[, and until that has been so for {must_last}: now for {better_for}]"
    ),
    Reason.ROTATION_OFF: (
        "[{places} would earn {gap_per_year} a year more ({gap_bp} bp), but ]"
        "the strategy says that held money stays (rotate.enabled)"
    ),
    Reason.JUST_LEFT: "money was moved out of it[ at {at}]; nothing is put back[ before {until}]",
    Reason.NOTHING_HELD: "there is nothing to bring home",
    Reason.OPEN_ACTION: "an action in this coin is not over yet[: action {action} is {state}]",
    Reason.HOLDING_UNVERIFIED: "what is held does not add up, so it is not touched[: {why}]",
    Reason.TIERS_UNCLEAR: "its tiers cannot be relied on[: {why}]",
    Reason.COOLING_DOWN: "refused[ with code {code}] lately; left alone[ until {until}]",
    Reason.POSITION_UNKNOWN: "the position to redeem from is not known",
    Reason.RATE_NOT_CREDIBLE: "[{rate} is ]above max_credible_apy[, {max_credible_apy}]",
    Reason.QUARANTINED: (
        "not believed yet[: {odd}][ since {since}][, {seen_rate} after {trusted_rate}]"
        "[; seen in {looks} of {needed_looks} looks][; not believed before {until}]"
    ),
    Reason.LIST_SHRUNK: (
        "most products are missing from the list[ ({has} of {had} are there)]"
        "[; not believed before {until}]"
    ),
    Reason.MOVED_BY_PERSON: "a person moved some of it[ at {at}]; left alone[ until {until}]",
    Reason.RESERVE_LIMIT: "the reserve would be broken",
    Reason.PER_ACTION_LIMIT: "more than max_per_action; the rest follows in later cycles",
    Reason.PER_DAY_LIMIT: "max_per_day is used up",
    Reason.CLOCK_SKEW: "our clock and the exchange's differ too much",
    Reason.MAINTENANCE: "the exchange is under maintenance",
    Reason.STALE_DATA: "what was seen is too old to act upon",
    Reason.PAUSED: "the pause file exists",
    Reason.STOPPED_BY_EXCHANGE: "the exchange asked for a pause in this cycle",
    Reason.NEXT_CYCLE: "its turn comes in the next cycle",
    Reason.DRY_RUN: "dry run: nothing is sent",
    Reason.SHUTTING_DOWN: "earnd was asked to stop",
    Reason.NEVER_LEFT: "the process ended before it was sent",
}

BINDS: Final[Mapping[str, str]] = {
    "money": "that is all there is to move",
    "product_full": "the product takes no more",
    "max_per_product": "max_per_product lets it hold no more",
    "max_total": "max_total lets no more be put to work",
    "max_per_action": "max_per_action lets one action carry no more",
    "max_per_day": "max_per_day lets no more be moved today",
    "reserve": "the rest is to stay idle",
    "need": "the rest is kept for a need",
    "min_apy": "more would earn less than min_apy",
    "min_move": "what is left is under min_move",
    "product_minimum": "what is left is under the smallest purchase",
    "price_of_moving": "moving would not pay",
    "proof": "staying has not cost enough yet",
    "rotation_off": "held money is not rotated",
    "quarantine": "what was seen is not believed yet",
    "cooling_down": "a refusal still counts",
    "person": "a person's hand is respected",
    "mode": "the strategy's mode",
    "none": "nothing",
}
"""What kept it from being more."""

_ODD: Final = {
    "zero": "it is shown to pay nothing",
    "fell": "it is shown to pay far less",
    "rose": "it is shown to pay far more",
    "vanished": "it is missing from the list",
}
_MOMENTS: Final = frozenset({"at", "by", "since", "until"})
_ROUNDED: Final = frozenset({"gap_per_year", "gain", "cost", "proven", "needed"})
_SELF_TOLD: Final = frozenset(
    {Reason.ROTATE, Reason.NOT_WORTH_MOVING, Reason.NOT_PROVEN_YET, Reason.ROTATION_OFF}
)
_PART: Final = re.compile(r"\[([^]]*)\]|([^[]+)")
_KEY: Final = re.compile(r"\{([a-z_]+)\}")


def sentence(reason: str, detail: Mapping[str, str]) -> str:
    """The reason in words; a reason that this version does not know stays as it is."""
    try:
        pattern = SENTENCES[Reason(reason)]
    except ValueError:
        return reason
    known = dict(_shown(detail))
    parts = ((optional or always, bool(optional)) for optional, always in _PART.findall(pattern))
    return "".join(
        _KEY.sub(lambda match: known[match[1]], part)
        for part, is_optional in parts
        if not is_optional or all(key in known for key in _KEY.findall(part))
    )


def in_short(reason: str, detail: Mapping[str, str]) -> str:
    """The beginning of the sentence, for where many follow each other."""
    return sentence(reason, detail).partition("; ")[0]


def in_full(reason: str, detail: Mapping[str, str]) -> str:
    """The reason, what else was possible, and what kept it from being more."""
    return "; ".join((sentence(reason, detail), *instead(reason, detail)))


def instead(reason: str, detail: Mapping[str, str]) -> Iterator[str]:
    """What the runner-up would earn, what was wanted but blocked, and what a move is bound by."""
    if reason not in _SELF_TOLD:
        yield from _runner_up(detail)
    binding = detail.get("binding", "none")
    if "bands" in detail and binding in BINDS and binding not in ("money", "none"):
        yield BINDS[binding]
    if "wanted" in detail:
        yield f"it wanted to {detail['wanted']}"
    if "search_gap" in detail:
        most = rounded(detail["search_gap"])
        yield f"the search was cut short: the best earns at most {most} a year more"


def _runner_up(detail: Mapping[str, str]) -> Iterator[str]:
    name, rate = detail.get("runner_up"), detail.get("runner_up_rate")
    if not name:
        return
    if name == "idle":
        what = "left idle it"
    elif name == "stay":
        what = "to stay"
    else:
        what = f"product {name}" + (f" at {rate}" if rate else "")
    gap = detail.get("gap_per_year")
    if gap is None:
        if rate:
            yield f"{what} has room"
        return
    lead = rounded(gap.removeprefix("-"))
    bp = detail.get("gap_bp", "").removeprefix("-")
    points = f" ({_basis_points(bp)} bp)" if bp else ""
    if lead == "0":
        yield f"{what} would earn as much"
    else:
        yield f"{what} would earn {lead} a year {'more' if gap[:1] == '-' else 'less'}{points}"


def _shown(detail: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The data as sentences write it, without what says nothing."""
    for key, value in detail.items():
        text = str(value)
        if not text or text == "None":
            continue
        if key in _MOMENTS:
            text = in_utc(text)
        elif key == "gap_bp":
            text = _basis_points(text)
        elif key in _ROUNDED:
            text = rounded(text)
        elif key == "bands":
            text = text.replace("; ", ", ")
        yield key, text
    if detail.get("to"):
        yield "places", products(detail["to"].split(","))
    if detail.get("oddity") in _ODD:
        yield "odd", _ODD[detail["oddity"]]


def _basis_points(text: str) -> str:
    """Fractions of one matter only where there are few."""
    whole, _, _ = text.partition(".")
    return whole if len(whole) > 1 else rounded(text)


def products(names: list[str]) -> str:
    """`product 1`, `products 1 and 2`, `products 1, 2 and 3`."""
    *most, last = names
    return f"products {', '.join(most)} and {last}" if most else f"product {last}"


def in_utc(text: str) -> str:
    """A moment as a person reads it, `2026-05-01 12:00 UTC`; what is none stays as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def rounded(text: str) -> str:
    """A number cut to two decimals, or to three digits where it is less than one."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite() or not value:
        return text
    places = 2 if abs(value) >= 1 else 2 - value.adjusted()
    cut = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN)
    shown = format(cut, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown
