"""The wallet's account: how far it is counted, what is open, and the flows that were booked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, RowMapping, text
from sqlalchemy.sql.selectable import TextualSelect

from earnd.domain.attribution import SeenRecord
from earnd.domain.ids import Coin, ProductId, RecordId
from earnd.domain.money import ZERO, minus, total
from earnd.domain.snapshot import Record, RecordKind, RecordStatus
from earnd.domain.strategy import InterestPaid
from earnd.domain.walletbook import LONGEST_WAIT
from earnd.domain.walletflow import (
    Booked,
    CoinAccount,
    Flow,
    FlowKind,
    FlowOwner,
    Gap,
    KeptAccount,
    News,
    WalletAccount,
)
from earnd.ledger.columns import Moment, Money, moment_text

_LAST = text(
    "SELECT at, record_upto, status_upto, balance_upto,"
    " (SELECT min(o.wallet_account_id) FROM wallet_account o) AS first"
    " FROM wallet_account ORDER BY wallet_account_id DESC LIMIT 1"
).columns(at=Moment)

_OPENED = text(
    "SELECT at, record_upto FROM wallet_account ORDER BY wallet_account_id LIMIT 1"
).columns(at=Moment)

_UPTO = text(
    "SELECT coalesce((SELECT max(record_seq) FROM record_seen), 0),"
    " coalesce((SELECT max(record_status_id) FROM record_status_seen), 0),"
    " coalesce((SELECT max(balance_seen_id) FROM balance_seen), 0)"
)

# What the account has gone through is followed by what was made of it: `holdings`.
_LOOKED = text(
    "SELECT at FROM look WHERE kind = 'full' AND look_id <"
    " (SELECT max(h.look_id) FROM look h WHERE h.kind = 'holdings')"
    " ORDER BY look_id DESC LIMIT 1"
).columns(at=Moment)

_WALLETS = text(
    "WITH RECURSIVE keys(key) AS (SELECT min(coin) FROM balance_seen"
    " UNION ALL SELECT (SELECT min(t.coin) FROM balance_seen t WHERE t.coin > keys.key)"
    " FROM keys WHERE keys.key IS NOT NULL)"
    " SELECT b.coin, b.available, b.frozen FROM keys JOIN balance_seen b ON b.balance_seen_id ="
    " (SELECT max(t.balance_seen_id) FROM balance_seen t"
    " WHERE t.coin = keys.key AND t.balance_seen_id <= :upto)"
).columns(available=Money, frozen=Money)

_GAPS = text(
    "SELECT coin, from_at, at, direction, amount, record_at, guess_seq, guessed"
    " FROM wallet_open_now ORDER BY coin, at"
).columns(from_at=Moment, at=Moment, amount=Money, record_at=Moment, guessed=Money)

_INTO = text(
    "SELECT coin, goes_to FROM wallet_interest WHERE wallet_interest_id IN"
    " (SELECT max(wallet_interest_id) FROM wallet_interest GROUP BY coin)"
)

_RECORDS = (
    "SELECT record_seq, record_id, kind, product_id, coin, amount, at, status FROM record_now"
)
_TURNED = (
    "SELECT DISTINCT record_seq FROM record_status_seen"
    " WHERE record_status_id > :status_upto AND record_seq <= :record_upto AND status IS NOT NULL"
)
_STATUS_BEFORE = text(
    "SELECT coalesce((SELECT s.status FROM record_status_seen s WHERE s.record_seq = :seq"
    " AND s.record_status_id <= :status_upto AND s.status IS NOT NULL"
    " ORDER BY s.record_status_id DESC LIMIT 1),"
    " (SELECT r.status FROM record_seen r WHERE r.record_seq = :seq))"
)

_FLOWS = text(
    "SELECT wallet_flow_id, coin, from_at, at, direction, amount, kind, attributed_to, by_record"
    " FROM wallet_flow f WHERE f.at >= :since AND f.kind NOT IN ('opening', 'correction')"
    " AND NOT EXISTS (SELECT 1 FROM wallet_flow c WHERE c.corrects = f.wallet_flow_id)"
    " ORDER BY f.wallet_flow_id"
).columns(from_at=Moment, at=Moment, amount=Money)


def kept(connection: Connection) -> KeptAccount | None:
    """The account as it was left, or `None` before the first look."""
    last = connection.execute(_LAST).mappings().first()
    if last is None:
        return None
    uptos = (last["record_upto"], last["status_upto"], last["balance_upto"])
    gaps: dict[Coin, list[Gap]] = defaultdict(list)
    for row in connection.execute(_GAPS).mappings():
        gaps[Coin(row["coin"])].append(_gap(row))
    wallets = {
        Coin(row["coin"]): total((row["available"], row["frozen"]))
        for row in connection.execute(_WALLETS, {"upto": last["balance_upto"]}).mappings()
    }
    account = WalletAccount(
        last["at"],
        last["record_upto"],
        last["status_upto"],
        {
            coin: CoinAccount(wallets.get(coin, ZERO), tuple(gaps.get(coin, ())))
            for coin in sorted(wallets.keys() | gaps.keys())
        },
        {Coin(row.coin): InterestPaid(row.goes_to) for row in connection.execute(_INTO)},
    )
    return KeptAccount(
        account,
        opened_at=connection.execute(_OPENED).one().at,
        looked_at=connection.execute(_LOOKED).scalar_one_or_none() or last["at"],
        is_current=tuple(connection.execute(_UPTO).one()) == uptos,
    )


def _gap(row: RowMapping) -> Gap:
    return Gap(
        row["from_at"],
        row["at"],
        _signed(row),
        row["record_at"],
        row["guess_seq"],
        row["guessed"],
    )


def _signed(row: RowMapping) -> Decimal:
    amount: Decimal = row["amount"]
    return amount if row["direction"] == "in" else minus(ZERO, amount)


def news(connection: Connection, record_upto: int, status_upto: int) -> News:
    """What the history told since, and how far it is told."""
    records_now, statuses_now, _ = connection.execute(_UPTO).one()
    values = {"record_upto": record_upto, "status_upto": status_upto}
    new = _records(connection, "record_seq > :record_upto", values)
    failed, revived = [], []
    for seen in _records(connection, f"record_seq IN ({_TURNED})", values):
        asked = {"seq": seen.seq, "status_upto": status_upto}
        before = connection.execute(_STATUS_BEFORE, asked).scalar_one()
        was_failed, is_failed = (s == RecordStatus.FAILED for s in (before, seen.record.status))
        if is_failed and not was_failed:
            failed.append(seen)
        if was_failed and not is_failed:
            revived.append(seen)
    return News(new, records_now, statuses_now, tuple(failed), tuple(revived))


def _records(
    connection: Connection, condition: str, values: Mapping[str, int | str]
) -> tuple[SeenRecord, ...]:
    statement = _typed(f"{_RECORDS} WHERE {condition} ORDER BY record_seq")
    return tuple(_seen(row) for row in connection.execute(statement, values).mappings())


def _typed(statement: str) -> TextualSelect:
    return text(statement).columns(amount=Money, at=Moment)


def _seen(row: RowMapping) -> SeenRecord:
    record = Record(
        record_id=RecordId(row["record_id"]),
        kind=RecordKind(row["kind"]),
        product_id=ProductId(row["product_id"]),
        coin=Coin(row["coin"]),
        amount=row["amount"],
        at=row["at"],
        status=RecordStatus(row["status"]) if row["status"] else None,
    )
    return SeenRecord(row["record_seq"], record)


def flows_since(connection: Connection, since: datetime) -> tuple[Booked, ...]:
    """Flows booked for looks since then that nothing has taken back."""
    rows = connection.execute(_FLOWS, {"since": moment_text(since)}).mappings()
    return tuple(
        Booked(
            row["wallet_flow_id"],
            Flow(
                Coin(row["coin"]),
                row["from_at"],
                row["at"],
                _signed(row),
                FlowKind(row["kind"]),
                FlowOwner(row["attributed_to"]),
                by_record=bool(row["by_record"]),
            ),
        )
        for row in rows
    )


def redeems_before(connection: Connection, opened_at: datetime) -> Mapping[Coin, Sequence[Decimal]]:
    """Redeems known at the first look that were not long before it, by coin."""
    values = {
        "upto": connection.execute(_OPENED).one().record_upto,
        "since": moment_text(opened_at - LONGEST_WAIT),
    }
    condition = "kind = 'redeem' AND at >= :since AND record_seq <= :upto"
    found: dict[Coin, list[Decimal]] = defaultdict(list)
    for seen in _records(connection, condition, values):
        found[seen.record.coin].append(seen.record.amount)
    return found
