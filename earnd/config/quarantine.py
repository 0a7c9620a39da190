"""When a reading that looks wrong is believed: `quarantine` of a coin."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Final

from pydantic import Field

from earnd.config.kinds import Written, duration
from earnd.config.numbers import count, factor
from earnd.config.section import Section
from earnd.domain.money import plain
from earnd.domain.strategy import Quarantine

MOST_LOOKS: Final = 100
MOST_FACTOR: Final = 1_000_000

_DEFAULT: Final = Quarantine()

LOOKS: Final = Written(
    count(1, MOST_LOOKS), int, {"type": "integer", "minimum": 1, "maximum": MOST_LOOKS}
)
FACTOR: Final = Written(
    factor(MOST_FACTOR),
    plain,
    {
        "type": ["string", "number"],
        "pattern": r"^[1-9][0-9]{0,6}(\.[0-9]{1,18})?$",
        "exclusiveMinimum": 1,
        "maximum": MOST_FACTOR,
    },
)


class QuarantineSection(Section):
    """When a reading that looks wrong is believed."""

    looks: Annotated[int, LOOKS] = Field(
        default=_DEFAULT.looks,
        description="An odd reading is believed after this many looks that say the same ...",
    )
    span: Annotated[timedelta, duration("0s", "7d")] = Field(
        default=_DEFAULT.span,
        description="... that lie at least this long apart from first to last.",
    )
    factor: Annotated[Decimal, FACTOR] = Field(
        default=_DEFAULT.factor,
        description="A rate that grows or shrinks by more than this factor is odd; so are zero "
        "and a product that is gone.",
    )

    def quarantine(self) -> Quarantine:
        """The section as the domain reads it."""
        return Quarantine(looks=self.looks, span=self.span, factor=self.factor)
