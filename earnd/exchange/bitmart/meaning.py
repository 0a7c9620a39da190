"""What a code or a status of BitMart means: for the request, for the daemon, for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from earnd.domain.answer import Consequence, Outcome
from earnd.domain.cooldown import PERIODS
from earnd.domain.lessons import SPANS


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of `earnd.exchange.bitmart.codes`.

    `http_status` is the documented one; `outcome` is that of a send whose reply is well formed and
    comes with that status.
    """

    name: str
    http_status: int
    outcome: Outcome
    consequence: Consequence
    happened: str
    you_can: str

    @property
    def lasts(self) -> timedelta | None:
        """How long the consequence holds, by the domain; `None` if it is over with the cycle."""
        return PERIODS.get(self.consequence)

    @property
    def earnd_does(self) -> str:
        """What earnd does about it, in a sentence that is made from the consequence."""
        if self.outcome in (Outcome.UNCLEAR, Outcome.SEEN):
            return "earnd looks in the history for what became of it."
        period = "" if self.lasts is None else f" for {_in_words(self.lasts)}"
        span = SPANS.get(self.consequence)
        then = "" if span is None else f", and then for {_in_words(span)}"
        return {
            Consequence.NONE: "",
            Consequence.NEXT_CYCLE: "earnd decides anew in the next cycle.",
            Consequence.WAIT: f"earnd does not try this again with the coin{period}.",
            Consequence.NOT_NOW: f"earnd does not try this again with the coin{period}.",
            Consequence.QUOTA_GONE: f"earnd leaves the product alone{period}{then} puts in less.",
            Consequence.CAP_REACHED: f"earnd leaves the product alone{period}{then} puts in less.",
            Consequence.MINIMUM_HIGHER: (
                f"earnd leaves the product alone{period}{then} puts in more or nothing."
            ),
            Consequence.NOT_ON_SALE: f"earnd puts nothing into the product{period}.",
            Consequence.HOLD_PRODUCT: f"earnd leaves the product alone{period}.",
            Consequence.CLOSED: f"earnd puts nothing into the product{period}.",
            Consequence.TOO_PRECISE: (
                f"earnd does not try this again with the coin{period}{then} uses fewer decimals."
            ),
            Consequence.HOLD_COIN: f"earnd leaves the coin alone{period}.",
            Consequence.STOP_SUBSCRIBING: f"earnd subscribes nothing{period}.",
            Consequence.STOP_REDEEMING: f"earnd redeems nothing{period}.",
            Consequence.BACK_OFF: "earnd sends nothing more in this cycle.",
            Consequence.STOP_ALL: f"earnd moves nothing{period}.",
            Consequence.FIX_CLOCK: "earnd moves nothing until that is mended.",
            Consequence.FIX_CREDENTIALS: "earnd moves nothing until that is mended.",
        }[self.consequence]

    @property
    def sentence(self) -> str:
        """What a person reads: what happened, what earnd does, what they can do."""
        return " ".join(part for part in (self.happened, self.earnd_does, self.you_can) if part)


def _in_words(period: timedelta) -> str:
    if period.days > 1:
        number, unit = period.days, "day"
    elif period % timedelta(hours=1):
        number, unit = period // timedelta(minutes=1), "minute"
    else:
        number, unit = period // timedelta(hours=1), "hour"
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
