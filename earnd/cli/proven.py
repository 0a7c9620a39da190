"""What exactly-once rests on, and how much of it this account's exchange has shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from earnd.config.values import show_duration
from earnd.domain.capability import Capability

NOT_SEEN = "not seen yet"


def _numbered(value: str) -> str:
    return "yes: matched by number" if value == "yes" else "no: matched by amount, time and place"


def _total(value: str) -> str:
    return "yes: a second witness" if value == "yes" else "no: the wallet is the only witness"


def _plain(value: str) -> str:
    return value


def _lasting(value: str) -> str:
    return show_duration(timedelta(seconds=int(value)))


def _kept(value: str) -> str:
    return f"for {_lasting(value)} at least" if value != "0" else "NO"


def _forgotten(value: str) -> str:
    return f"FORGOTTEN after {_lasting(value)}: sent again for half of what is proven only"


ROWS: Sequence[tuple[Capability, str, Callable[[str], str]]] = (
    (Capability.SUBSCRIBE_NUMBERS, "records of subscribes carry our number", _numbered),
    (Capability.REDEEM_NUMBERS, "records of redeems carry our number", _numbered),
    (Capability.STATUS, "records say whether they are done", _plain),
    (Capability.TOTALS, "the exchange says how much is held of a coin", _total),
    (Capability.POSITION_AMOUNTS, "positions say how much they hold", _plain),
    (Capability.SLOWEST_SUBSCRIBE, "slowest record of a subscribe", _lasting),
    (Capability.SLOWEST_REDEEM, "slowest record of a redeem", _lasting),
    (Capability.NUMBER_KEPT, "a number is remembered", _kept),
    (Capability.NUMBER_FORGOTTEN, "a number was forgotten", _forgotten),
)

UNPROVEN = {
    Capability.NUMBER_KEPT: "not proven: the API's word (80013); `earnd probe` proves it",
}
"""What is said of a thing that was never shown, if it is more than `NOT_SEEN`."""

_ONLY_IF_SHOWN = frozenset({Capability.NUMBER_FORGOTTEN})


def what_it_rests_on(capabilities: Sequence[Mapping[str, Any]]) -> list[dict[str, str | None]]:
    """A row for a person per thing to know, from the rows of the view `capability_now`."""
    known = {row["name"]: row for row in capabilities}
    found: list[dict[str, str | None]] = []
    for name, what, words in ROWS:
        row = known.get(name)
        if row is not None:
            found.append({"what": what, "shown": words(row["value"]), "since": row["since"]})
        elif name not in _ONLY_IF_SHOWN:
            shown = UNPROVEN.get(name, NOT_SEEN)
            found.append({"what": what, "shown": shown, "since": None})
    return found
