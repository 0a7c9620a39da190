"""The wallet's account: exact always, nothing twice, and the same whatever lags."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from earnd.domain.attribution import SeenRecord
from earnd.domain.money import ZERO, total
from earnd.domain.snapshot import RecordKind
from earnd.domain.strategy import InterestPaid
from earnd.domain.walletflow import FlowKind, effect_of
from tests.support.walletworld import Seen
from tests.support.world import USDT, record

AMOUNTS = st.integers(1, 10**12).map(lambda digits: Decimal(digits).scaleb(-8))
KINDS = st.sampled_from(list(RecordKind))
START = Decimal(10**9)


@dataclass(frozen=True)
class Happened:
    """Something in one interval: a record, or a person's move if `kind` is `None`.

    The wallet shows it `wallet_lag` looks later and the history `record_lag`; one of them at once.
    """

    kind: RecordKind | None
    amount: Decimal
    wallet_lag: int = 0
    record_lag: int = 0


RECORDS = st.builds(
    lambda kind, amount, lag, is_wallets: Happened(
        kind, amount, lag if is_wallets else 0, 0 if is_wallets else lag
    ),
    KINDS,
    AMOUNTS,
    st.integers(0, 2),
    st.booleans(),
)
MOVES = st.builds(
    lambda amount, out: Happened(None, -amount if out else amount), AMOUNTS, st.booleans()
)
STORIES = st.lists(st.lists(st.one_of(RECORDS, MOVES), max_size=3), max_size=12)


def effect(event: Happened, seen: SeenRecord | None) -> Decimal:
    return event.amount if seen is None else effect_of(seen.record, InterestPaid.WALLET)


def told(story: list[list[Happened]], minutes: int = 15) -> Seen:
    """The story as it is seen, a look after each interval, and some more until nothing is late."""
    seen = Seen()
    wallet = START
    seen.look(wallet)
    shown: dict[int, list[Decimal]] = {}
    listed: dict[int, list[SeenRecord]] = {}
    seq = 0
    for n, interval in enumerate([*story, [], []]):
        for event in interval:
            found = None
            if event.kind is not None:
                seq += 1
                at = n * minutes + minutes // 2
                found = record(seq, str(event.amount), event.kind, at)
                listed.setdefault(n + event.record_lag, []).append(found)
            shown.setdefault(n + event.wallet_lag, []).append(effect(event, found))
        wallet = total((wallet, *shown.pop(n, ())))
        seen.look(wallet, *listed.pop(n, ()), minutes=minutes)
        assert seen.adds_up()
    return seen


def moves(seen: Seen) -> Counter[Decimal]:
    return Counter(flow.amount for flow in seen.quiet())


@given(STORIES)
def test_opening_effects_flows_and_what_is_open_are_the_wallet_to_the_last_digit(
    story: list[list[Happened]],
) -> None:
    """I16, I17."""
    seen = told(story)
    flows = seen.quiet()

    assert seen.adds_up()
    assert seen.open() == 0
    people = total(e.amount for interval in story for e in interval if e.kind is None)
    assert total(flow.amount for flow in flows) == people


@given(STORIES)
def test_nothing_is_booked_twice(story: list[list[Happened]]) -> None:
    """I9, I16: not one look of a coin, not one correction, and nothing more once it is quiet."""
    seen = told(story)
    flows = seen.quiet()

    looks = Counter(flow.at for flow in flows if flow.kind is not FlowKind.CORRECTION)
    corrected = Counter(flow.corrects for flow in flows if flow.corrects is not None)
    assert max((*looks.values(), *corrected.values()), default=1) == 1
    assert seen.quiet() == flows


@example(
    # When the first deposit is booked, the redeem's money is still on its way, and not the last
    # deposit.
    [
        Happened(None, Decimal(1)),
        Happened(None, Decimal(2)),
        Happened(None, Decimal(-3)),
        Happened(RecordKind.REDEEM, Decimal(4), wallet_lag=2),
        Happened(None, Decimal(5)),
    ]
)
@given(st.lists(st.one_of(RECORDS, MOVES), max_size=6, unique_by=lambda each: abs(each.amount)))
def test_whatever_lags_the_same_flows_are_booked(events: list[Happened]) -> None:
    """X27: one thing between two looks, each seen late by one side; people's moves are all."""
    # Digits that no sum of others makes by chance.
    apart = [
        Happened(
            e.kind, (-1 if e.amount < 0 else 1) * Decimal(7) ** n + n, e.wallet_lag, e.record_lag
        )
        for n, e in enumerate(events, start=1)
    ]
    story = [[event] for event in apart]
    late, prompt = told(story), told([[Happened(e.kind, e.amount)] for e in apart])

    assert moves(prompt) == Counter(e.amount for e in apart if e.kind is None)
    net = total(moves(late).elements())
    assert net == total(moves(prompt).elements())
    assert late.open() == prompt.open() == ZERO
    assert USDT in late.wallets
    if all(_is_alone(apart, n) for n in range(len(apart))):
        assert moves(late) == moves(prompt)


def _is_alone(events: list[Happened], n: int) -> bool:
    """Whether no look shows two changes: then each can be told from all others."""
    mine = n + events[n].wallet_lag
    listed = n + events[n].record_lag
    others = [(m + e.wallet_lag, m + e.record_lag) for m, e in enumerate(events) if m != n]
    return all(mine not in pair and listed not in pair for pair in others)
