"""A request that moves money, frozen before it is sent: what is recorded is what leaves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MoneyRequest:
    """The path and the very bytes of the body; holds no secret and no time."""

    path: str
    body: bytes

    def text(self) -> str:
        """The request as the ledger keeps it: `POST /path {"…"}`."""
        return f"POST {self.path} {self.body.decode()}"
