"""The exchange's records in memory: those that matter one by one, and the sums of all others.

A cycle asks for them some ten times, and a ledger has tens of thousands of them after some years.
Rows are only ever added, so only new ones are read; and what is old, final and attributed is kept
as its sum (`earnd.domain.sums.divided`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, bindparam, select, text

from earnd.domain.attribution import AttributedTo, SeenRecord
from earnd.domain.ids import Coin, ProductId, RecordId, RequestNo
from earnd.domain.money import total
from earnd.domain.snapshot import Record, RecordKind, RecordStatus, SubscribeType
from earnd.domain.sums import Key, Sums, divided, sum_up, together
from earnd.ledger import views
from earnd.ledger.columns import Moment, moment_text

KEPT: Final = timedelta(days=120)
"""So far back from the newest record all of them are kept, one by one. The longest that anybody
asks of them: what stays in a product cost that ended in the last 90 days, and began some weeks
before (`earnd.domain.measured`)."""

WATCHED: Final = timedelta(days=14)
"""What was seen since an action that ended so lately was planned is kept too; a written-off one is
watched for seven days (`earnd.domain.settling.WATCH`)."""

_STEP: Final = timedelta(days=1)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_AT_ONCE: Final = 500  # keys in one question; SQLite takes some tens of thousands

# An attribution has no key that grows, but each is entered (`entry`).
_NEWEST = text("""
SELECT
  coalesce((SELECT max(record_seq) FROM record_seen), 0) AS seq,
  coalesce((SELECT max(record_status_id) FROM record_status_seen), 0) AS told,
  coalesce((SELECT max(entry_id) FROM entry), 0) AS entered
""")

# By our clock and by the exchange's, whichever is behind: neither alone may make all records old.
_REACHED = text("""
SELECT
  (SELECT seen_at FROM record_seen ORDER BY record_seq DESC LIMIT 1) AS seen_at,
  nullif(max(
    coalesce((SELECT max(at) FROM record_seen WHERE kind = 'subscribe'), ''),
    coalesce((SELECT max(at) FROM record_seen WHERE kind = 'redeem'), ''),
    coalesce((SELECT max(at) FROM record_seen WHERE kind = 'interest'), '')), '') AS at
""").columns(seen_at=Moment, at=Moment)

# The oldest action has known the fewest records, so one is enough.
_UPTO = text("""
SELECT coalesce(
  (SELECT a.known_upto FROM action a WHERE a.action_id = min(
    coalesce((SELECT min(o.action_id) FROM action o WHERE NOT EXISTS (
      SELECT 1 FROM action_event e WHERE e.action_id = o.action_id
        AND e.to_state IN ('settled', 'rejected', 'dropped', 'late'))), 9223372036854775807),
    coalesce((SELECT min(e.action_id) FROM action_event e
      WHERE e.to_state IN ('settled', 'rejected', 'dropped', 'late') AND e.at >= :since),
      9223372036854775807))),
  (SELECT max(record_seq) FROM record_seen))
""")

# Most records are old interest that said nothing unusual. They are summed as they are read; the
# newest by its time is left, so that there is one to show what such records carry.
_PLAIN = """
  r.kind = 'interest' AND r.at < :since AND r.record_seq <= :upto
  AND r.request_no IS NULL AND r.status IS NULL AND r.subscribe_type IS NULL
  AND EXISTS (SELECT 1 FROM attribution w WHERE w.record_seq = r.record_seq)
  AND NOT EXISTS (SELECT 1 FROM record_status_seen s WHERE s.record_seq = r.record_seq)
  AND r.record_seq <> (
    SELECT n.record_seq FROM record_seen n WHERE n.kind = 'interest' ORDER BY n.at DESC LIMIT 1)
"""
_PLAIN_ROWS = text(f"SELECT r.coin, r.product_id, r.amount FROM record_seen r WHERE {_PLAIN}")  # noqa: S608 - ours
_OTHERS = text(f"SELECT r.record_seq FROM record_seen r WHERE NOT ({_PLAIN})")  # noqa: S608 - ours

_OWNERS = text(
    "SELECT record_seq, attributed_to FROM attribution WHERE record_seq IN :seqs"
).bindparams(bindparam("seqs", expanding=True))
_TOLD = text("SELECT record_seq FROM record_status_seen WHERE record_status_id > :told")


@dataclass(slots=True)
class Records:
    """What was read so far, and how far that was."""

    _kept: dict[int, SeenRecord] = field(default_factory=dict)
    _sums: Mapping[Key, Sums] = field(default_factory=dict)
    _seq: int = 0
    _told: int = 0
    _entered: int = -1
    _since: datetime = _NEVER
    _answer: tuple[SeenRecord, ...] = ()

    def read(self, connection: Connection) -> tuple[tuple[SeenRecord, ...], Mapping[Key, Sums]]:
        """The records that matter one by one, as they were seen, and the sums of all others."""
        seq, told, entered = connection.execute(_NEWEST).one()
        if (seq, told, entered) == (self._seq, self._told, self._entered):
            return self._answer, self._sums
        since = self._reach(connection)
        later = {row.record_seq for row in connection.execute(_TOLD, {"told": self._told})}
        changed = {number for number in later if number <= self._seq}
        if not self._seq or not changed <= self._kept.keys():
            self._begin(connection, since)
        else:
            self._go_on(connection, changed)
            if since >= self._since + _STEP:
                self._forget(connection, since)
        self._seq, self._told, self._entered = seq, told, entered
        return self._answer, self._sums

    def _begin(self, connection: Connection, since: datetime) -> None:
        """Everything anew: at first, and when a record says more that was in the sums already."""
        bounds = {"since": moment_text(since), "upto": _upto(connection, since)}
        self._sums = _summed(connection.execute(_PLAIN_ROWS, bounds))
        others = connection.execute(_OTHERS, bounds).scalars()
        self._kept = {seen.seq: seen for seen in by_seq(connection, list(others))}
        self._forget(connection, since)

    def _go_on(self, connection: Connection, changed: Iterable[int]) -> None:
        before = len(self._kept)
        found = [*_after(connection, self._seq), *by_seq(connection, sorted(changed))]
        self._kept.update({seen.seq: seen for seen in found})
        open_ones = [seq for seq, seen in self._kept.items() if seen.attributed_to is None]
        owners = _owners(connection, open_ones)
        for seq, owner in owners.items():
            self._kept[seq] = replace(self._kept[seq], attributed_to=owner)
        if found or owners or len(self._kept) != before:
            self._answer = tuple(self._kept.values())

    def _forget(self, connection: Connection, since: datetime) -> None:
        """What is old enough goes into the sums."""
        self._since = since
        records = tuple(self._kept.values())
        kept, left = divided(records, since=since, upto=_upto(connection, since))
        self._sums = together(self._sums, sum_up(left))
        self._kept = {seen.seq: seen for seen in kept}
        self._answer = kept

    def _reach(self, connection: Connection) -> datetime:
        row = connection.execute(_REACHED).one()
        return _NEVER if row.seen_at is None else min(row.seen_at, row.at) - KEPT


def known_since(
    connection: Connection, kind: RecordKind, since: datetime
) -> tuple[SeenRecord, ...]:
    """All known records of a kind that are dated then or later."""
    view = views.record_now
    statement = select(*view.c).where(view.c.kind == kind, view.c.at >= since)
    rows = connection.execute(statement.order_by(view.c.record_seq)).mappings()
    return tuple(_seen(row) for row in rows)


def by_seq(connection: Connection, seqs: Sequence[int]) -> list[SeenRecord]:
    """The records with these places, in their order; `seqs` grows."""
    view = views.record_now
    found: list[SeenRecord] = []
    for begin in range(0, len(seqs), _AT_ONCE):
        some = view.c.record_seq.in_(seqs[begin : begin + _AT_ONCE])
        statement = select(*view.c).where(some).order_by(view.c.record_seq)
        found += [_seen(row) for row in connection.execute(statement).mappings()]
    return found


def _upto(connection: Connection, since: datetime) -> int:
    lately = since + KEPT - WATCHED if since > _NEVER else since
    found = connection.execute(_UPTO, {"since": moment_text(lately)}).scalar()
    return int(found or 0)


def _summed(rows: Iterable[Any]) -> dict[Key, Sums]:
    amounts: dict[Key, list[Decimal]] = defaultdict(list)
    for coin, product_id, amount in rows:
        amounts[Coin(coin), ProductId(product_id)].append(Decimal(amount))
    return {key: Sums(interest=total(mine)) for key, mine in amounts.items()}


def _after(connection: Connection, seq: int) -> list[SeenRecord]:
    view = views.record_now
    statement = select(*view.c).where(view.c.record_seq > seq).order_by(view.c.record_seq)
    return [_seen(row) for row in connection.execute(statement).mappings()]


def _owners(connection: Connection, seqs: Sequence[int]) -> dict[int, AttributedTo]:
    owners: dict[int, AttributedTo] = {}
    for begin in range(0, len(seqs), _AT_ONCE):
        rows = connection.execute(_OWNERS, {"seqs": seqs[begin : begin + _AT_ONCE]})
        owners |= {row.record_seq: AttributedTo(row.attributed_to) for row in rows}
    return owners


def _seen(row: RowMapping) -> SeenRecord:
    kept, status, owner = row["subscribe_type"], row["status"], row["attributed_to"]
    record = Record(
        record_id=RecordId(row["record_id"]),
        kind=RecordKind(row["kind"]),
        product_id=ProductId(row["product_id"]),
        coin=Coin(row["coin"]),
        amount=row["amount"],
        at=row["at"],
        subscribe_type=SubscribeType(kept) if kept else None,
        request_no=RequestNo(row["request_no"]) if row["request_no"] else None,
        status=RecordStatus(status) if status else None,
    )
    return SeenRecord(row["record_seq"], record, AttributedTo(owner) if owner else None)
