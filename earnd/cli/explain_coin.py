"""`earnd explain COIN`: where its money is, what was decided, and what would change that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from earnd.cli.changes import what_would_move_it
from earnd.cli.reasons import in_full, in_utc, sentence
from earnd.cli.show import decision_line
from earnd.cli.why_not import Decided, Offer, WhyNot, offers, on_average
from earnd.domain.money import ZERO, plain, total
from earnd.domain.strategy import CoinStrategy
from earnd.ledger import explaining, queries

Facts = dict[str, Any]
_Row = queries.Row

LESSONS: Final[Mapping[str, str]] = {
    "product_rests": "product {product_id} is left alone ({verb})",
    "coin_rests": "the coin is left alone ({verb})",
    "everything_rests": "nothing is tried at all ({verb})",
    "most": "at most half of {amount} is put into product {product_id} at once",
    "tight": "held money is not moved into product {product_id}",
    "least": "at least twice {amount} is put into product {product_id}, or nothing",
    "decimals": "amounts have fewer decimals than {amount}",
}
"""What a refusal taught, by the `kind` of `lesson_log`."""


def about(coin: str, facts: explaining.CoinFacts, strategy: CoinStrategy | None) -> Facts:
    """All of it for programs; amounts are text, and the keys are always there."""
    decided = [decided_from(row) for row in facts.decisions]
    seen = offers(coin, facts.products, facts.tiers, facts.holdings, strategy)
    idle = ZERO if facts.balance is None else Decimal(str(facts.balance["available"]))
    everything = total((idle, *(offer.held for offer in seen)))
    why_not = WhyNot(seen, decided, everything, strategy)
    by_id = {offer.product_id: offer for offer in seen}
    return {
        "coin": coin,
        "cycle": facts.cycle,
        "later_cycles": facts.later,
        "strategy_known": strategy is not None,
        "idle": plain(idle),
        "frozen": "0" if facts.balance is None else facts.balance["frozen"],
        "held": [_held(row, by_id.get(str(row["product_id"]))) for row in facts.holdings],
        "earns": on_average(seen),
        "keep_idle": _kept(facts.decisions),
        "decisions": decisions(facts.decisions, facts.actions),
        "products": [_product(offer, why_not) for offer in seen],
        "doubts": [_doubt(row, facts.cycle) for row in facts.doubted],
        "rests": facts.lessons,
        "open_actions": facts.open_actions,
    }


def _kept(rows: Sequence[_Row]) -> str | None:
    """What was to stay idle, where a decision says so: the reserve, a refill's mark and needs."""
    told = (detail_of(row).get("keep_idle", "0") for row in rows)
    return next((keep for keep in told if keep != "0"), None)


def decided_from(row: _Row) -> Decided:
    """A row of `decision_log`."""
    product_id, amount = row["product_id"], row["amount"]
    return Decided(
        str(row["verdict"]),
        None if product_id is None else str(product_id),
        None if amount is None else str(amount),
        str(row["reason"]),
        detail_of(row),
    )


def detail_of(row: _Row) -> dict[str, str]:
    """The numbers that a decision rests on; none where they cannot be read."""
    try:
        found = json.loads(str(row["detail"] or "{}"))
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def decisions(rows: Sequence[_Row], actions: Sequence[_Row]) -> list[Facts]:
    """The decisions of one cycle with their words, each with the action that it became."""
    left = list(actions)
    found = []
    for row in rows:
        key = (row["verdict"], row["coin"], row["product_id"])
        became = next(
            (one for one in left if (one["verb"], one["coin"], one["product_id"]) == key), None
        )
        if became is not None:
            left.remove(became)
        found.append(_decision(row, became))
    return found


def _decision(row: _Row, became: _Row | None) -> Facts:
    detail, reason, verdict = detail_of(row), str(row["reason"]), row["verdict"]
    return {
        "at": row["at"],
        "verdict": verdict,
        "coin": row["coin"],
        "product_id": row["product_id"],
        "amount": row["amount"],
        "reason": reason,
        "why": in_full(reason, detail),
        "detail": detail,
        "binding": detail.get("binding"),
        "runner_up": detail.get("runner_up"),
        "gap_per_year": detail.get("gap_per_year"),
        "gap_bp": detail.get("gap_bp"),
        "would_move": what_would_move_it(reason, detail) if verdict == "hold" else None,
        "action_id": None if became is None else became["action_id"],
        "state": None if became is None else became["state"],
    }


def _held(row: _Row, offer: Offer | None) -> Facts:
    return {
        "product_id": row["product_id"],
        "amount": row["amount"],
        "rate": None if offer is None or not offer.listed else offer.average,
        "verified": bool(row["verified"]),
        "why": row["why"],
    }


def _product(offer: Offer, why_not: WhyNot) -> Facts:
    return {
        "product_id": offer.product_id,
        "listed": offer.listed,
        "rates": offer.rates(),
        "minimum": plain(offer.product.minimum),
        "maximum": plain(offer.product.maximum),
        "held": plain(offer.held),
        "next_rate": str(offer.next_rate),
        "why": why_not.about(offer),
    }


def _doubt(row: _Row, cycle: _Row | None) -> Facts:
    detail, reason = detail_of(row), str(row["reason"])
    return {
        "product_id": row["product_id"],
        "at": row["at"],
        "now": cycle is not None and row["cycle_id"] == cycle["cycle_id"],
        "reason": reason,
        "why": sentence(reason, detail),
        "detail": detail,
    }


def in_words(told: Facts) -> Iterator[str]:
    """The same for a person, line by line."""
    yield from _heading(told)
    yield ""
    yield "where it is"
    yield from (f"  {line}" for line in _places(told))
    yield ""
    yield "what was decided, and why"
    yield from (f"  {decision_words(row)}" for row in _once(told["decisions"]))
    if told["products"]:
        yield ""
        yield "its products, and why no more is in each"
        for row in told["products"]:
            yield f"  {row['product_id']} pays {row['rates']}: {row['why']}"
    moving = [row for row in told["decisions"] if row["would_move"]]
    if moving:
        yield ""
        yield "what would make it move"
        yield from (f"  {line}" for line in _changes(moving))
    yield from _what_is_special(told)


def _heading(told: Facts) -> Iterator[str]:
    cycle = told["cycle"]
    if cycle is None:
        yield f"{told['coin']}: no cycle has decided anything about it yet"
        return
    when = in_utc(str(cycle["began_at"]))
    yield f"{told['coin']} in cycle {cycle['cycle_id']}, {when}"
    for row in told["later_cycles"]:
        outcome = str(row["outcome"]).replace("_", " ")
        count = "one cycle" if row["cycles"] == 1 else f"{row['cycles']} cycles"
        yield f"{count} since then decided nothing about it: {outcome}"


def _places(told: Facts) -> Iterator[str]:
    keep = told["keep_idle"]
    # Where less is idle than is to stay, a hold says so.
    is_part = keep is not None and Decimal(keep) < Decimal(told["idle"])
    yield f"{told['idle']} idle in the wallet" + (f", {keep} of it to stay" if is_part else "")
    if told["frozen"] != "0":
        yield f"{told['frozen']} frozen in the wallet"
    for row in told["held"]:
        rate = f" at {row['rate']}" if row["rate"] else ", which is not offered any more"
        verified = "verified" if row["verified"] else f"NOT VERIFIED: {row['why']}"
        yield f"{row['amount']} in product {row['product_id']}{rate}, {verified}"
    if len(told["held"]) > 1 and told["earns"]:
        yield f"all that is held earns {told['earns']} a year"


def _once(rows: Sequence[Facts]) -> Iterator[Facts]:
    """Decisions without those that repeat another, for no amount of their own."""
    told = {(row["product_id"], row["why"]) for row in rows if row["amount"] is not None}
    for row in rows:
        if row["amount"] is not None or (row["product_id"], row["why"]) not in told:
            yield row


def decision_words(row: Facts) -> str:
    """A decision on its line, and the action that it became."""
    words = decision_line(row["verdict"], row["coin"], row["product_id"], row["amount"], row["why"])
    if row["action_id"] is not None:
        words += f" (action {row['action_id']}, {row['state']})"
    return words


def _changes(moving: Sequence[Facts]) -> Iterator[str]:
    """What would move each, once where several decisions say the same."""
    told = set()
    for row in moving:
        if (row["product_id"], row["would_move"]) in told:
            continue
        told.add((row["product_id"], row["would_move"]))
        where = f"product {row['product_id']}" if row["product_id"] else ""
        what = str(row["amount"] or "") + (" in " if row["amount"] and where else "") + where
        yield f"{what or row['coin']}: {row['would_move']}"


def _what_is_special(told: Facts) -> Iterator[str]:
    """Past doubts, rests and open actions, where there are any; doubts of now are decisions."""
    past = [row for row in told["doubts"] if not row["now"]]
    if past:
        yield ""
        yield "what was not believed lately"
        for row in past:
            where = f"product {row['product_id']}" if row["product_id"] else "the list"
            yield f"  {where}, on {in_utc(str(row['at']))}: {row['why']}"
    if told["rests"]:
        yield ""
        yield "what refusals taught"
        for row in told["rests"]:
            pattern = LESSONS.get(str(row["kind"]), "{kind} ({verb})")
            yield (
                f"  {pattern.format(**row)} until {in_utc(str(row['until']))}:"
                f" action {row['action_id']} was refused with code {row['code']}"
            )
    if told["open_actions"]:
        yield ""
        yield "what is not over"
        for row in told["open_actions"]:
            yield (
                f"  action {row['action_id']}: {row['verb']} {row['amount']}, product"
                f" {row['product_id']}, {row['state']} since {in_utc(str(row['since']))}"
            )
