"""What refusals teach the next plan, each for a while.

When something may be tried again at all is `earnd.domain.cooldown`; this is how much, and how
finely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from earnd.domain.ids import Coin, ProductId


@dataclass(frozen=True, slots=True)
class Lesson:
    """A bound that a refusal with `code` set at `learnt_at`; it counts until `until`."""

    value: Decimal
    learnt_at: datetime
    until: datetime
    code: int | None


@dataclass(frozen=True, slots=True)
class Lessons:
    """What is known from refusals that still count.

    `most` is the most to put into a product at once, `least` the least, and `decimals` how many
    of them an amount of a coin may have.
    """

    most: Mapping[ProductId, Lesson] = field(default_factory=dict)
    least: Mapping[ProductId, Lesson] = field(default_factory=dict)
    decimals: Mapping[Coin, Lesson] = field(default_factory=dict)
