"""Names of things: distinct types, so that a coin is never passed where a product is meant."""

from __future__ import annotations

from typing import NewType

Coin = NewType("Coin", str)
"""A currency's symbol, upper case, as the exchange writes it (`USDT`)."""

ProductId = NewType("ProductId", str)
"""The exchange's id of one savings offer (`productId`)."""

EarnId = NewType("EarnId", str)
"""The exchange's id of our position in a product (`earnId`); a redeem names it."""

RecordId = NewType("RecordId", str)
"""The exchange's id of one row of its history (`recordId`)."""

RequestNo = NewType("RequestNo", str)
"""Twenty digits, the first not zero: the number that the exchange knows an action by."""

ActionId = NewType("ActionId", int)
"""The ledger's id of one action; the last twelve digits of its request number."""

CycleId = NewType("CycleId", int)
"""The ledger's id of one cycle."""

RunId = NewType("RunId", int)
"""The ledger's id of one life of the process."""
