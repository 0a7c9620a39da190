"""The part of `earnd.ports.Ledger` that tells what the products have offered so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from earnd.domain.ids import ProductId
from earnd.domain.quarantine import Reading


class Readings(Protocol):
    """What was seen in complete looks; rows are only added, so an answer about the past stays."""

    def product_readings(self, since: datetime) -> Mapping[ProductId, tuple[Reading, ...]]:
        """Of each product ever seen what it offered at `since`, and every change of it since."""
        ...

    def readings_between(
        self, product_id: ProductId, since: datetime, until: datetime
    ) -> tuple[Reading, ...]:
        """The same of one product, as far as it was seen before `until`, which is past."""
        ...

    def looks_since(self, since: datetime) -> tuple[datetime, ...]:
        """When the whole exchange was looked at, at or after `since`, oldest first."""
        ...
