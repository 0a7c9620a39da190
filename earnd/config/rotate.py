"""When held money moves to where it earns more: `rotate` of a coin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from earnd.config.kinds import AMOUNT, FLAG, Written, duration
from earnd.config.numbers import percent, show_percent
from earnd.config.section import Clash, Section
from earnd.config.values import read_duration, show_duration
from earnd.domain.strategy import Rotation

AUTO: Final = "auto"
MOST_PROOF: Final = 1000

_COST: Final = duration("0s", "30d")
_DEFAULT: Final = Rotation()


def _read_cost(value: object) -> timedelta | None:
    if value is None or value == AUTO:
        return None
    try:
        read_duration(value)
    except ValueError as error:
        raise ValueError(f"auto, or {error}") from None
    span: timedelta = _COST.read(value)
    return span


def _show_cost(value: timedelta | None) -> str:
    return AUTO if value is None else show_duration(value)


MOVE_COST: Final = Written(
    _read_cost,
    _show_cost,
    {"type": "string", "pattern": f"^{AUTO}$|{_COST.schema['pattern']}", "minLength": 2},
)
PROOF: Final = Written(
    percent(MOST_PROOF),
    show_percent,
    {"type": "string", "pattern": r"^[0-9]{1,4}(\.[0-9]{1,18})? ?%$"},
)


class RotateSection(Section):
    """When held money moves to where it earns more."""

    # Not `on`: other readers of YAML take that key for a truth value.
    enabled: Annotated[bool, FLAG] = Field(
        default=_DEFAULT.on,
        description="Whether held money moves to where it earns more; false leaves it where it is.",
    )
    horizon: Annotated[timedelta, duration("1h", "365d")] = Field(
        default=_DEFAULT.horizon,
        description="How long the rates of now are expected to last: moving pays back within it, "
        "or does not happen.",
    )
    move_cost: Annotated[timedelta | None, MOVE_COST] = Field(
        default=_DEFAULT.move_cost,
        description="How long money that moves earns nothing; auto measures it from the interest "
        "paid, and takes 1d until it can.",
    )
    min_gain: Annotated[Decimal, AMOUNT] = Field(
        default=_DEFAULT.min_gain,
        description="The least that leaving a product must gain over the horizon, beyond the "
        "interest lost on the way.",
    )
    proof: Annotated[Decimal, PROOF] = Field(
        default=_DEFAULT.proof,
        description="How much of the price of moving staying must have cost already, and of the "
        "time on the way the better place must have been better; 0% moves at once.",
    )
    cool_down: Annotated[timedelta, duration("0s", "30d")] = Field(
        default=_DEFAULT.cool_down,
        description="How long nothing is put into a product that money was rotated out of.",
    )

    def clashes(self) -> Iterator[Clash]:
        """Money that is on its way for as long as the rates last never earns them."""
        if self.move_cost is not None and self.horizon <= self.move_cost:
            text = f"{show_duration(self.horizon)} is not longer than move_cost, "
            text += f"{show_duration(self.move_cost)}: money would be on its way for all of it"
            yield Clash(("horizon", "move_cost"), text)

    def rotation(self) -> Rotation:
        """The section as the domain reads it."""
        return Rotation(
            on=self.enabled,
            horizon=self.horizon,
            move_cost=self.move_cost,
            min_gain=self.min_gain,
            proof=self.proof,
            cool_down=self.cool_down,
        )
