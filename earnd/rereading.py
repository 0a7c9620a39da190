"""Reading the exchange's history again, from where it could have changed.

What is new is recorded. What is missing that was there before is recorded too, and freezes its
coin until it is back. And a history that shows nothing of ours is not used at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from earnd.domain.action import RecordedAction
from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import CycleId
from earnd.domain.money import plain
from earnd.domain.priority import Priority
from earnd.domain.settling import WATCH
from earnd.domain.snapshot import Position, Record, RecordKind
from earnd.domain.vanished import doubt_of_account, unlisted
from earnd.errors import AskedToStop, SurprisingReply
from earnd.parts import Parts

OVERLAP = timedelta(days=2)
"""How far behind the newest known record the history is read again: records can come late."""

ALL_KINDS = (RecordKind.SUBSCRIBE, RecordKind.REDEEM, RecordKind.INTEREST)


@dataclass(frozen=True, slots=True)
class Chapter:
    """The history of one kind from `since` (its beginning if `None`) until `at`, read whole."""

    kind: RecordKind
    since: datetime | None
    at: datetime
    records: tuple[Record, ...]


def read_history(
    parts: Parts,
    cycle_id: CycleId,
    kinds: Iterable[RecordKind],
    priority: Priority = Priority.SETTLE,
) -> None:
    """Reads the history from where it could have changed, and records what is new and what is gone.

    Raises what the reader raises, and `SurprisingReply` for what looks like another account's
    history; of that nothing is recorded.
    """
    keep_history(parts, cycle_id, tuple(chapters(parts, kinds, priority)))


def chapters(parts: Parts, kinds: Iterable[RecordKind], priority: Priority) -> Iterator[Chapter]:
    """The history of each of these kinds, one question after the other; records nothing.

    What is looked at for its own sake is not begun when we were asked to stop: `AskedToStop`.
    """
    at = parts.clock.now()
    watched = [
        *parts.ledger.open_actions(),
        *parts.ledger.written_off(at - WATCH),
    ]
    anew = parts.ledger.must_reread()
    for kind in kinds:
        if priority is not Priority.SETTLE and parts.is_stopping():
            raise AskedToStop("asked to stop")
        since = None if anew else _since(parts, kind, watched)
        is_first = since is None and priority is Priority.LOOK
        urgency = Priority.HISTORY if is_first else priority
        began = parts.clock.now()
        records = parts.reader.records(kind, since=since, priority=urgency)
        yield Chapter(kind, since, began, records)


def keep_history(
    parts: Parts,
    cycle_id: CycleId,
    read: Sequence[Chapter],
    positions: Sequence[Position] | None = None,
) -> None:
    """Records what is new in what was read, what is gone from it, and what is back.

    Raises `SurprisingReply`, and records nothing, if it cannot be the history of the ledger's
    account, or if a row that we have is different now. `positions` help to tell whose it is.
    """
    known = [seen for chapter in read for seen in _should_be_in(parts, chapter)]
    missing = unlisted(known, [record for chapter in read for record in chapter.records])
    _refuse_another_account(parts, known, missing, positions)
    before = parts.ledger.known_upto()
    marks = {chapter.kind: parts.ledger.watermark(chapter.kind) for chapter in read}
    is_new = False
    for chapter in read:
        new = parts.ledger.record_history(cycle_id, chapter.at, chapter.kind, chapter.records)
        is_new = is_new or new > 0
    if is_new:
        late = [seen for seen in parts.ledger.records() if seen.seq > before]
        _tell_of_late_ones(parts, late, marks)
    _note_gone(parts, cycle_id, known, missing)


def _since(parts: Parts, kind: RecordKind, watched: Iterable[RecordedAction]) -> datetime | None:
    """From when to read: behind the newest known record and before every action that is watched.

    And from the oldest record that is gone, to see whether it is back.
    """
    watermark = parts.ledger.watermark(kind)
    if watermark is None:
        return None
    earliest = min((action.planned_at for action in watched), default=watermark)
    lost = [gone.record.at for gone in parts.ledger.beyond().gone if gone.record.kind is kind]
    return min([watermark - OVERLAP, earliest - timedelta(hours=1), *lost])


def _should_be_in(parts: Parts, chapter: Chapter) -> tuple[SeenRecord, ...]:
    """The known records that a second reading of this part of the history must show."""
    watermark = parts.ledger.watermark(chapter.kind)
    if watermark is None:
        return ()
    # Read from its beginning, the history may lack what the exchange forgot long ago.
    known = parts.ledger.known_since(chapter.kind, chapter.since or watermark - OVERLAP)
    # A record may bear a time that is later than ours; then nobody asked for it.
    return tuple(seen for seen in known if seen.record.at <= chapter.at)


def _refuse_another_account(
    parts: Parts,
    known: Sequence[SeenRecord],
    missing: Sequence[SeenRecord],
    positions: Sequence[Position] | None,
) -> None:
    if known and len(missing) < len(known):
        return
    doubt = doubt_of_account(
        known,
        missing,
        positions_known={each.earn_id for each in parts.ledger.positions_listed()},
        positions_listed={each.earn_id for each in positions or ()},
    )
    if doubt:
        label = parts.ledger.account()
        raise SurprisingReply(
            f"{doubt}: is the key of another account in use?",
            where=f"the history of {label} (account.label)",
            todo="Nothing of it is recorded and nothing is moved. Put the key of that account back,"
            " or give another account a label and a ledger of its own.",
        )


def _note_gone(
    parts: Parts, cycle_id: CycleId, known: Sequence[SeenRecord], missing: Sequence[SeenRecord]
) -> None:
    away = {gone.seq for gone in parts.ledger.beyond().gone}
    absent = {seen.seq for seen in missing}
    newly = [seen for seen in missing if seen.seq not in away]
    back = [seen for seen in known if seen.seq in away and seen.seq not in absent]
    parts.ledger.record_gone(
        cycle_id,
        parts.clock.now(),
        gone_now=[seen.seq for seen in newly],
        back=[seen.seq for seen in back],
    )
    for seen in newly:
        parts.log.warning("record.gone", **_fields(seen), todo="its coin rests until it is back")
    for seen in back:
        parts.log.info("record.back", **_fields(seen))


def _tell_of_late_ones(
    parts: Parts, new: Iterable[SeenRecord], marks: dict[RecordKind, datetime | None]
) -> None:
    """Records that came behind newer ones of their kind; others may have come late unseen."""
    for seen in new:
        mark = marks.get(seen.record.kind)
        if mark is not None and seen.record.at < mark:
            late_s = (parts.clock.now() - seen.record.at) // timedelta(seconds=1)
            parts.log.info("record.late", **_fields(seen), late_s=late_s)


def _fields(seen: SeenRecord) -> dict[str, str]:
    record = seen.record
    return {
        "kind": record.kind.value,
        "record": record.record_id,
        "coin": record.coin,
        "amount": plain(record.amount),
        "at": f"{record.at:%Y-%m-%dT%H:%M:%SZ}",
    }
