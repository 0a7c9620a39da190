"""The rows that `earnd reconcile` adds up, read from one moment of the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, text

from earnd.domain.balancing import CoinFacts, OpenAction, ProductFacts
from earnd.domain.ids import ActionId, Coin, ProductId
from earnd.domain.money import ZERO, minus, total
from earnd.domain.walletflow import KeptAccount
from earnd.ledger import recordsums, wallet
from earnd.ledger.columns import Moment, Money
from earnd.ledger.recordsums import Sums

_OPENED = text("SELECT record_upto FROM wallet_account ORDER BY wallet_account_id LIMIT 1")

_COINS = text(
    "SELECT coin FROM balance_now UNION SELECT coin FROM wallet_flow"
    " UNION SELECT coin FROM holding_checked UNION SELECT coin FROM opening ORDER BY 1"
)

_WALLETS = text("SELECT coin, available, frozen FROM balance_now").columns(
    available=Money, frozen=Money
)
_FLOWS = text(
    "SELECT f.coin, f.at, f.kind, f.direction, f.amount, f.attributed_to = 'unexplained' AND"
    " f.corrects IS NULL AND NOT EXISTS ("
    "SELECT 1 FROM wallet_flow c WHERE c.corrects = f.wallet_flow_id) AS is_strange"
    " FROM wallet_flow f ORDER BY f.wallet_flow_id"
).columns(at=Moment, amount=Money)
_HOLDINGS = text("SELECT coin, product_id, amount, why FROM holding_checked").columns(amount=Money)
_WORDS = text("SELECT coin, product_id, amount FROM opening").columns(amount=Money)
_SHOWN = text(
    "SELECT coin, product_id, amount FROM position_now WHERE listed AND amount IS NOT NULL"
).columns(amount=Money)
_SAID = text("SELECT coin, amount FROM total_now").columns(amount=Money)
_OPEN = text(
    "SELECT action_id, verb, coin, amount, state FROM action_now"
    " WHERE state NOT IN ('settled', 'rejected', 'dropped', 'late') ORDER BY action_id"
).columns(amount=Money)


def facts(connection: Connection) -> tuple[KeptAccount | None, dict[str, CoinFacts]]:
    """What there is to add up, by coin; without an account of the wallet there is nothing yet."""
    kept = wallet.kept(connection)
    if kept is None:
        return None, {}
    opened = connection.execute(_OPENED).scalar_one()
    records, inside = recordsums.of_records(connection, opened)
    wallets = {
        row["coin"]: total((row["available"], row["frozen"]))
        for row in connection.execute(_WALLETS).mappings()
    }
    flows, unexplained = _flows(connection)
    products = _products(connection, records, inside)
    said = {row.coin: row.amount for row in connection.execute(_SAID)}
    actions = _actions(connection)
    accounts = kept.account.coins
    found = {}
    for coin in connection.execute(_COINS).scalars():
        mine = flows.get(coin, {})
        here = accounts.get(Coin(coin))
        found[coin] = CoinFacts(
            coin=Coin(coin),
            wallet=wallets.get(coin, ZERO),
            opening=mine.get("opening", ZERO),
            deposits=mine.get("deposit", ZERO),
            withdrawals=minus(ZERO, mine.get("withdrawal", ZERO)),
            trades=mine.get("trade", ZERO),
            corrections=mine.get("correction", ZERO),
            interest_to_wallet=minus(_interest(records, coin), _interest(inside, coin)),
            products=products.get(coin, ()),
            said=said.get(coin),
            gaps=() if here is None else here.gaps,
            open_actions=actions.get(coin, ()),
            unexplained=unexplained.get(coin, ()),
            looked_at=kept.account.at if kept.is_current else None,
            is_current=kept.is_current,
        )
    return kept, found


def _interest(sums: Sums, coin: str) -> Decimal:
    """Paid since the first look."""
    return total(
        amount
        for key, amount in sums.items()
        if key.coin == coin and key.kind == "interest" and not key.is_before
    )


def _flows(
    connection: Connection,
) -> tuple[dict[str, dict[str, Decimal]], dict[str, list[tuple[datetime, Decimal]]]]:
    """Per coin the sum of each kind, in less out; and those that are unexplained."""
    sums: dict[str, dict[str, Decimal]] = defaultdict(dict)
    strange: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
    for row in connection.execute(_FLOWS).mappings():
        amount = row["amount"] if row["direction"] == "in" else minus(ZERO, row["amount"])
        of = sums[row["coin"]]
        of[row["kind"]] = total((of.get(row["kind"], ZERO), amount))
        if row["is_strange"]:
            strange[row["coin"]].append((row["at"], amount))
    return sums, strange


def _products(
    connection: Connection, records: Sums, inside: Sums
) -> dict[str, tuple[ProductFacts, ...]]:
    held = {(r.coin, r.product_id): r for r in connection.execute(_HOLDINGS)}
    words = {(r.coin, r.product_id): r.amount for r in connection.execute(_WORDS)}
    shown = {(r.coin, r.product_id): r.amount for r in connection.execute(_SHOWN)}
    keys = {(key.coin, key.product_id) for key in records} | held.keys() | words.keys()
    found: dict[str, list[ProductFacts]] = defaultdict(list)
    for coin, product_id in sorted(keys):

        def of(sums: Sums, kind: str, *, before: bool, at: tuple[str, str]) -> Decimal:
            return sums.get(recordsums.Key(*at, kind, before), ZERO)

        key = (coin, product_id)
        came = total(
            (
                of(records, "subscribe", before=True, at=key),
                of(inside, "interest", before=True, at=key),
            )
        )
        recorded = held.get(key)
        found[coin].append(
            ProductFacts(
                ProductId(product_id),
                before=minus(came, of(records, "redeem", before=True, at=key)),
                word=words.get(key, ZERO),
                subscribed=of(records, "subscribe", before=False, at=key),
                redeemed=of(records, "redeem", before=False, at=key),
                compounded=of(inside, "interest", before=False, at=key),
                inside=total(of(inside, "interest", before=when, at=key) for when in (False, True)),
                recorded=None if recorded is None else recorded.amount,
                shown=shown.get(key),
                why="" if recorded is None else recorded.why,
            )
        )
    return {coin: tuple(products) for coin, products in found.items()}


def _actions(connection: Connection) -> Mapping[str, list[OpenAction]]:
    found: dict[str, list[OpenAction]] = defaultdict(list)
    for row in connection.execute(_OPEN):
        found[row.coin].append(OpenAction(ActionId(row.action_id), row.verb, row.amount, row.state))
    return found
