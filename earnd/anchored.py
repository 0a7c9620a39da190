"""The part of `earnd.ports.Ledger` that tells whether it is still the file that earnd wrote."""

from __future__ import annotations

from typing import Protocol


class Anchored(Protocol):
    """The end of a cycle closes a block of a hash chain; a hash kept elsewhere proves the rest."""

    def anchor(self) -> str | None:
        """The newest block and the beginning of its hash; `None` before the first."""
        ...

    def anchor_trouble(self) -> str | None:
        """Why the anchor beside the ledger is not kept; `None` if it is."""
        ...

    def restored_from(self) -> tuple[str, str] | None:
        """The newest block that this run found, and the one that was last written here.

        `None` unless the file was an older copy, or another ledger.
        """
        ...

    def must_reread(self) -> bool:
        """Whether the history must be read whole: no whole look followed a restored copy yet."""
        ...
