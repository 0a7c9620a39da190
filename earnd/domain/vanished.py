"""What a second reading of the history no longer shows.

A history only grows. Where a record that was there is not there any more, a copy over there lags,
the exchange took it back, or it is the history of somebody else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import EarnId
from earnd.domain.snapshot import Record

FEWEST = 3
"""So many records do not vanish together from the account that they were made in."""

FEWEST_POSITIONS = 2
"""The same of positions; their ids are the exchange's, and one of them may change for reasons of
its own."""


def unlisted(known: Sequence[SeenRecord], listed: Iterable[Record]) -> tuple[SeenRecord, ...]:
    """Those of the known records that are not among the listed."""
    there = {(record.kind, record.record_id) for record in listed}
    return tuple(seen for seen in known if (seen.record.kind, seen.record.record_id) not in there)


def doubt_of_account(
    known: Sequence[SeenRecord],
    missing: Sequence[SeenRecord],
    *,
    positions_known: Collection[EarnId] = (),
    positions_listed: Collection[EarnId] = (),
) -> str:
    """What says that this is not the history of the ledger's account, or nothing.

    `known` are the records that should be listed, `missing` those of them that are not. While one
    of them is listed it is the account's. Otherwise it is not if they were `FEWEST` or more, or if
    there are positions and all are strange where `FEWEST_POSITIONS` or more were known: an account
    that was emptied lists none, and its records say how that came about.
    """
    if len(missing) < len(known):
        return ""
    if len(known) >= FEWEST:
        return f"none of the {len(known)} records known of late is in the history any more"
    are_strange = positions_listed and not set(positions_known) & set(positions_listed)
    if are_strange and len(positions_known) >= FEWEST_POSITIONS:
        return f"none of the {len(positions_known)} positions known is listed, but others are"
    return ""
