"""A probe proves how long a number is remembered, and costs what was agreed to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from earnd.cycle import settled_and_seen
from earnd.domain.ids import ProductId
from earnd.probing import AGES, Probe, Prober, Replay
from earnd.sandbox import Fault, Settings
from tests.support.practice import Practice, flexible, practice

MINUTE = timedelta(minutes=1)
TO_FIVE_MINUTES = AGES[:4]


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Practice]:
    with practice(tmp_path, flexible("1001", "0.05")) as ready:
        yield ready


def probe(
    account: Practice, product: str = "1001", *, agreed: bool = True, change: Any = None
) -> Probe:
    """A probe of a process of its own."""
    told: list[Replay] = []
    with account.daemon() as here:
        parts = here.parts if change is None else change(here.parts)
        assert parts.writer is not None
        found = Prober(
            parts,
            parts.writer,
            situation=lambda cycle_id: settled_and_seen(parts, cycle_id),
            agreed=lambda _move, _offer: agreed,
            told=told.append,
        ).run(ProductId(product), TO_FIVE_MINUTES)
    assert told == found.replays
    return found


def known(account: Practice) -> dict[str, str]:
    return dict(account.sql("SELECT name, value FROM capability_now"))


def test_an_exchange_that_remembers_is_proven_to(account: Practice) -> None:
    found = probe(account)

    assert (found.kept, found.forgotten, found.failure) == (timedelta(minutes=5), None, "")
    assert [replay.answer.code for replay in found.replays] == [80013] * 4
    assert account.held() == 1, "the smallest purchase, once"
    assert known(account)["number_kept_s"] == "300"
    assert account.states() == ["settled"]
    assert account.findings() == {}


def test_every_sending_of_a_probe_is_in_the_ledger_with_the_same_bytes(account: Practice) -> None:
    """I2, I4"""
    probe(account)

    arrived = account.server.received
    sends = account.sql("SELECT request FROM attempt UNION ALL SELECT request FROM probe_send")
    assert len(arrived) == len(sends) == 5
    assert len(set(sends)) == 1
    assert {request.body.decode() for request in arrived} == {sends[0][0].split(" ", 2)[2]}


def test_one_that_forgets_is_found_out_at_the_price_of_a_second_purchase(tmp_path: Path) -> None:
    """A1, X7"""
    forgets = Settings(remember_for=timedelta(minutes=1))
    with practice(tmp_path, flexible("1001"), settings=forgets) as account:
        found = probe(account)

        assert (found.kept, found.forgotten) == (timedelta(seconds=30), timedelta(minutes=2))
        assert account.held() == 2
        assert known(account)["number_kept_s"] == "30"
        assert known(account)["number_forgotten_s"] == "120"

        account.server.faults.add(Fault("subscribe", "drop_before"))
        sent = len(account.server.received)
        # The second purchase is nobody's by its number, so it is a person's, who is left in peace.
        account.clock.advance(timedelta(days=1))
        account.cycle(lambda parts: replace(parts, jitter=lambda: 0.999))
        first, *again = account.server.received[sent:]
        for request in again:
            assert request.at - first.at < timedelta(seconds=15), "half of what is proven"


def test_an_exchange_that_says_yes_again_without_doing_it_remembers_too(tmp_path: Path) -> None:
    agrees = Settings(duplicate_answer="agree")
    with practice(tmp_path, flexible("1001"), settings=agrees) as account:
        assert probe(account).kept == timedelta(minutes=5)
        assert account.held() == 1


@pytest.mark.parametrize(
    ("product", "agreed", "why"),
    [
        ("77", True, "does not offer product 77"),
        ("1001", False, "not agreed to"),
    ],
)
def test_without_a_product_or_a_yes_nothing_is_sent(
    account: Practice, product: str, agreed: bool, why: str
) -> None:
    found = probe(account, product, agreed=agreed)

    assert why in found.failure
    assert account.server.received == []


def test_the_limits_hold_for_a_probe_too(account: Practice) -> None:
    account.coins = "USDT: {mode: hold}"

    assert "mode_hold" in probe(account).failure
    assert account.server.received == []


def test_what_is_not_settled_is_not_sent_again(tmp_path: Path) -> None:
    with practice(tmp_path, flexible("1001"), settings=Settings(record_lag=30 * MINUTE)) as account:
        found = probe(account)

        assert "not settled" in found.failure
        assert len(account.server.received) == 1
        account.clock.advance(31 * MINUTE)
        account.cycle()
        assert account.states()[0] == "settled"


def test_a_probe_that_is_paused_or_stopped_ends_there_and_keeps_what_it_proved(
    account: Practice,
) -> None:
    def after(count: int) -> Any:
        return lambda: len(account.server.received) >= count

    paused = probe(account, change=lambda parts: replace(parts, is_paused=after(2)))
    assert (paused.failure, paused.kept) == ("paused", timedelta(seconds=5))
    account.coins = "USDT: {reserve: 10}"
    stopped = probe(account, change=lambda parts: replace(parts, is_stopping=after(5)))
    assert stopped.failure == "asked to stop"
    assert known(account)["number_kept_s"] == "30"


def test_a_reply_that_is_lost_proves_nothing_for_its_age(account: Practice) -> None:
    account.server.faults.add(Fault("subscribe", "drop_after", nth=3))
    found = probe(account)

    outcomes = [replay.answer.outcome.value for replay in found.replays]
    assert outcomes == ["seen", "unclear", "seen", "seen"]
    assert found.kept == timedelta(minutes=5)
