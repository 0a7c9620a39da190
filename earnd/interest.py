"""Interest: what was paid is held against what was promised, and how it is paid is told.

Only products that were paid since the last cycle are looked at, and nothing here moves money or
changes what the strategy goes by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from earnd.domain.attribution import SeenRecord
from earnd.domain.holdings import Holding, Holdings
from earnd.domain.ids import CycleId
from earnd.domain.inferring import (
    Evidence,
    Inferred,
    grew_by,
    infer,
    latest_payments,
    looked_back,
    pays_into,
)
from earnd.domain.money import plain
from earnd.domain.payment import is_paid
from earnd.domain.promise import Promise, Rule
from earnd.domain.quarantine import Reading
from earnd.domain.regime import Additional, PaysInto, Regime, Tiers
from earnd.domain.snapshot import Snapshot
from earnd.domain.strategy import CoinStrategy, InterestPaid
from earnd.domain.sums import Sums
from earnd.parts import Parts

A_MOMENT = timedelta(milliseconds=1)
"""The ledger keeps no less."""


def hold_to_promises(
    parts: Parts,
    cycle_id: CycleId,
    snapshot: Snapshot,
    records: Sequence[SeenRecord],
    holdings: Holdings,
) -> None:
    """Works out what the payments that came to light should have been, and how they are made.

    To be asked after the look is recorded and the holdings are established. What is not verified
    is left for the product's next payment. Raises `LedgerError`.
    """
    news = _news(records, parts.ledger.known_before(cycle_id))
    fresh = {seen.seq: seen.record.product_id for seen in news if is_paid(seen.record)}
    if not fresh or fresh.keys() <= parts.ledger.promised(min(fresh)):
        return
    here = _Here(parts, cycle_id, snapshot, records, holdings, news)
    known = parts.ledger.regimes()
    promises: dict[int, tuple[Promise, Rule]] = {}
    changed: list[tuple[Inferred, Regime]] = []
    at = parts.clock.now()
    for holding in holdings.rows:
        if holding.product_id not in fresh.values() or not holding.verified:
            continue
        before = known.get(holding.product_id, Regime(holding.product_id, holding.coin))
        found = infer(here.evidence(holding, before.pays_into), before, at)
        promises |= _by_seq(found, here.strategy(holding))
        if replace(found.regime, payments=before.payments) != before:
            changed.append((found, before))
    done = parts.ledger.promised(min(promises, default=0))
    promises = {seq: one for seq, one in promises.items() if seq not in done}
    if promises or changed:
        parts.ledger.record_interest(cycle_id, at, promises, [found.regime for found, _ in changed])
    for found, before in changed:
        _tell(parts, found, before)


def _news(records: Sequence[SeenRecord], known: int) -> list[SeenRecord]:
    """The records that this cycle was the first to see; they stand last."""
    found: list[SeenRecord] = []
    for seen in reversed(records):
        if seen.seq <= known:
            break
        found.append(seen)
    return found


@dataclass(frozen=True, slots=True)
class _Here:
    """What is known in this look; `news` are the records that this cycle was the first to see."""

    parts: Parts
    cycle_id: CycleId
    snapshot: Snapshot
    records: Sequence[SeenRecord]
    holdings: Holdings
    news: Sequence[SeenRecord]

    def strategy(self, holding: Holding) -> CoinStrategy:
        return self.parts.strategy.for_coin(holding.coin) or CoinStrategy()

    def evidence(self, holding: Holding, into: PaysInto) -> Evidence:
        """All that there is about one product; `into` is where its interest went so far."""
        coin, product_id, ledger = holding.coin, holding.product_id, self.parts.ledger
        mine = [seen for seen in self.records if seen.record.product_id == product_id]
        change = ledger.wallet_change(self.cycle_id, coin)
        into = pays_into(
            coin,
            self.holdings,
            self.snapshot,
            mine,
            setting=self.strategy(holding).interest_paid,
            witnessed=grew_by(change, coin, self.news),
            before=into,
        )
        since = looked_back(latest_payments(mine)[0])
        earlier = ledger.beyond().before.get((coin, product_id), Sums())
        looks = ledger.full_looks(since)

        def readings_between(first: datetime, last: datetime) -> Sequence[Reading]:
            # The last look's own reading is among them.
            return ledger.readings_between(product_id, first, last + A_MOMENT)

        is_grown = self.holdings.interest_into.get(coin) is InterestPaid.PRODUCT
        return Evidence(holding, is_grown, mine, earlier.interest, readings_between, looks, into)


def _by_seq(found: Inferred, strategy: CoinStrategy) -> dict[int, tuple[Promise, Rule]]:
    rule = found.regime.rule(strategy.tier_rule, additional=strategy.count_additional_apy)
    return {promise.payment.seq: (promise, rule) for promise in found.promises}


def _tell(parts: Parts, found: Inferred, before: Regime) -> None:
    """Says what is new to whoever should know it."""
    now, lacks = found.regime, found.short
    if now.short and not before.short and lacks is not None:
        parts.log.warning(
            "interest.short",
            product_id=now.product_id,
            coin=now.coin,
            paid=plain(lacks.paid),
            promised=plain(lacks.promised),
            payments=lacks.payments,
            since=f"{lacks.since:%Y-%m-%dT%H:%M:%SZ}",
            todo="compare with the product's page; `earnd audit` shows it for as long as it lasts",
        )
    if before.short and not now.short:
        parts.log.warning("interest.short_no_more", product_id=now.product_id, coin=now.coin)
    _tell_what_reads_otherwise(parts, now, before)


def _tell_what_reads_otherwise(parts: Parts, now: Regime, before: Regime) -> None:
    strategy = parts.strategy.for_coin(now.coin)
    if strategy is None:
        return
    wanted = []
    if now.tier_rule not in (Tiers.UNKNOWN, before.tier_rule):
        is_said = now.tier_rule.value == strategy.tier_rule.value
        wanted += [] if is_said else [f"tier_rule: {now.tier_rule}"]
    if now.additional not in (Additional.UNKNOWN, before.additional):
        is_said = (now.additional is Additional.PAID) == strategy.count_additional_apy
        words = "true" if now.additional is Additional.PAID else "false"
        wanted += [] if is_said else [f"count_additional_apy: {words}"]
    if wanted:
        parts.log.warning(
            "interest.reads_otherwise",
            product_id=now.product_id,
            coin=now.coin,
            payments=now.payments,
            todo=f"what is paid says {' and '.join(wanted)} under the coin in the strategy",
        )
