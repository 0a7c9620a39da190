"""What payments of interest should have been, and how products pay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Integer, column, insert, table, text

from earnd.domain.ids import Coin, CycleId, ProductId
from earnd.domain.money import minus
from earnd.domain.payment import Every
from earnd.domain.promise import Promise, Rule
from earnd.domain.regime import Additional, PaysInto, Regime, Starts, Tiers
from earnd.ledger.columns import Moment, Money, Words, moment_from, moment_text, storable

interest_promise = table(
    "interest_promise",
    column("interest_promise_id", Integer),
    column("record_seq", Integer),
    column("cycle_id", Integer),
    column("period_from", Moment),
    column("period_to", Moment),
    column("held_low", Money),
    column("held_high", Money),
    column("promised", Money),
    column("promised_low", Money),
    column("promised_high", Money),
    column("additional", Money),
    column("tier_rule", Words),
    column("basis", Words),
)

interest_regime_seen = table(
    "interest_regime_seen",
    column("interest_regime_seen_id", Integer),
    column("cycle_id", Integer),
    column("at", Moment),
    column("product_id", Words),
    column("coin", Words),
    column("pays_into", Words),
    column("every", Words),
    column("pays_at", Words),
    column("starts", Words),
    column("additional", Words),
    column("tier_rule", Words),
    column("payments", Integer),
    column("short", Integer),
)

# Each of these walks from the newest row down, so that it costs as much as what is new.
_KNOWN_BEFORE = text(
    "SELECT record_seq FROM record_seen WHERE cycle_id < :cycle_id ORDER BY record_seq DESC LIMIT 1"
)
_LOOKS = text(
    "SELECT at FROM look WHERE kind = 'full' AND look_id >= coalesce("
    "(SELECT look_id FROM look WHERE kind = 'full' AND at <= :since ORDER BY look_id DESC LIMIT 1),"
    " 0) ORDER BY look_id"
)
_PROMISED = text("SELECT record_seq FROM interest_promise WHERE record_seq >= :least")
_FIRST_SEEN = text(
    "SELECT balance_seen_id, available FROM balance_seen"
    " WHERE coin = :coin AND cycle_id = :cycle_id ORDER BY balance_seen_id LIMIT 1"
).columns(available=Money)
_SEEN_BEFORE = text(
    "SELECT available FROM balance_seen WHERE coin = :coin AND balance_seen_id < :before"
    " ORDER BY balance_seen_id DESC LIMIT 1"
).columns(available=Money)


def known_before(connection: Connection, cycle_id: CycleId) -> int:
    """The highest `record_seq` that was known before a cycle; 0 if none was."""
    return int(connection.execute(_KNOWN_BEFORE, {"cycle_id": cycle_id}).scalar() or 0)


def full_looks(connection: Connection, since: datetime) -> tuple[datetime, ...]:
    """The complete looks from the last one up to `since` on, oldest first."""
    rows = connection.execute(_LOOKS, {"since": moment_text(since)}).scalars()
    return tuple(sorted({moment_from(at) for at in rows}))


def promised(connection: Connection, least: int) -> frozenset[int]:
    """Which records from a `record_seq` on have their promise."""
    return frozenset(connection.execute(_PROMISED, {"least": least}).scalars())


def wallet_change(connection: Connection, cycle_id: CycleId, coin: Coin) -> Decimal | None:
    """What the first change of a coin's wallet in a cycle was; `None` where none was seen."""
    values = {"coin": storable(coin), "cycle_id": cycle_id}
    first = connection.execute(_FIRST_SEEN, values).first()
    if first is None:
        return None
    values = {"coin": storable(coin), "before": first.balance_seen_id}
    before = connection.execute(_SEEN_BEFORE, values).scalar()
    return None if before is None else minus(first.available, before)


def regimes(connection: Connection) -> dict[ProductId, Regime]:
    """How each product pays, as last found."""
    rows = connection.execute(text("SELECT * FROM interest_regime_now"))
    return {ProductId(row.product_id): _regime(row) for row in rows}


def _regime(row: Any) -> Regime:
    return Regime(
        product_id=ProductId(row.product_id),
        coin=Coin(row.coin),
        pays_into=PaysInto(row.pays_into),
        every=Every(row.every),
        pays_at=row.pays_at,
        starts=Starts(row.starts),
        additional=Additional(row.additional),
        tier_rule=Tiers(row.tier_rule),
        payments=row.payments,
        short=bool(row.short),
    )


def record(
    connection: Connection,
    cycle_id: CycleId,
    at: datetime,
    promises: Mapping[int, tuple[Promise, Rule]],
    found: Sequence[Regime],
) -> None:
    """Writes promises, each with the reading that is gone by, and regimes that changed."""
    for seq, (promise, rule) in sorted(promises.items()):
        low, exact, high, _ = promise.bounds[rule]
        row: dict[str, Any] = {
            "record_seq": seq,
            "cycle_id": cycle_id,
            "period_from": promise.period_from,
            "period_to": promise.period_to,
            "held_low": promise.held_low,
            "held_high": promise.held_high,
            "promised": exact,
            "promised_low": low,
            "promised_high": high,
            "additional": promise.additional(rule),
            "tier_rule": rule.tier_rule,
            "basis": promise.basis,
        }
        connection.execute(insert(interest_promise), row)
    for regime in found:
        row = {
            "cycle_id": cycle_id,
            "at": at,
            "product_id": regime.product_id,
            "coin": regime.coin,
            "pays_into": regime.pays_into,
            "every": regime.every,
            "pays_at": regime.pays_at,
            "starts": regime.starts,
            "additional": regime.additional,
            "tier_rule": regime.tier_rule,
            "payments": regime.payments,
            "short": int(regime.short),
        }
        connection.execute(insert(interest_regime_seen), row)
