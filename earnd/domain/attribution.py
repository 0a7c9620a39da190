"""Whose doing a record is: the words of the ledger's `attribution` table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from earnd.domain.ids import ActionId
from earnd.domain.snapshot import Record


class AttributedTo(StrEnum):
    """Every record is attributed exactly once; what has no row yet is `unexplained`."""

    EARND = "earnd"
    INTEREST = "interest"
    AUTO_SUBSCRIBE = "auto_subscribe"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class SeenRecord:
    """A record with its place in the ledger.

    `seq` grows in the order in which earnd saw the records, which is what tells whether one was
    known before an action was sent. `attributed_to` is `None` until somebody is found.
    """

    seq: int
    record: Record
    attributed_to: AttributedTo | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """One record's owner; `action_id` is set exactly when the owner is earnd."""

    seq: int
    attributed_to: AttributedTo
    action_id: ActionId | None = None
