"""The cycle holds what was paid against what was promised, writes it down and tells."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from earnd.cycle import run_cycle
from earnd.domain.money import Rate
from earnd.domain.product import Product
from earnd.ports import ExchangeReader
from earnd.sandbox import Settings
from tests.support.practice import Practice, flexible, practice, tiered

EVERY = timedelta(hours=6)


class Boasting:
    """A reader that finds all as it is, but for the rates that the list boasts of."""

    def __init__(self, reader: ExchangeReader, rates: Mapping[str, Rate]) -> None:
        self._reader = reader
        self._rates = rates

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def products(self) -> tuple[Product, ...]:
        return tuple(
            replace(product, rate=self._rates.get(product.product_id, product.rate))
            for product in self._reader.products()
        )


def days(account: Practice, count: int, **boasted: str) -> None:
    """So many days with a cycle every six hours, in one life of the process."""
    rates = {name.removeprefix("_"): Rate.from_percent(text) for name, text in boasted.items()}
    with account.daemon() as here:
        reader = cast("ExchangeReader", Boasting(here.parts.reader, rates))
        for _ in range(count * 4):
            run_cycle(replace(here.parts, reader=reader), "once")
            account.clock.advance(EVERY)


def told(account: Practice, event: str) -> list[dict[str, Any]]:
    """The lines of the log about one kind of event."""
    lines = [json.loads(line) for line in account.log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == event]


def test_what_pays_less_than_it_promises_is_told_once_and_is_a_finding_until_it_pays_again(
    tmp_path: Path,
) -> None:
    with practice(tmp_path, flexible("1001", "0.05")) as account:
        days(account, 5)
        assert not account.findings()
        account.books.change_product("1001", apy=Decimal("0.0475"))
        days(account, 5, _1001="5%")
        (alarm,) = told(account, "interest.short")
        assert (alarm["level"], alarm["product_id"], alarm["payments"]) == ("warning", "1001", 3)
        assert Decimal(alarm["paid"]) < Decimal(alarm["promised"])
        assert alarm["since"] == "2026-05-07T04:00:00Z"
        assert list(account.findings()) == ["audit_paid_less"]
        assert not told(account, "interest.short_no_more")
        account.books.change_product("1001", apy=Decimal("0.05"))
        days(account, 3)
        assert len(told(account, "interest.short")) == 1
        assert len(told(account, "interest.short_no_more")) == 1
        assert not account.findings()


def test_every_payment_that_could_be_promised_is_written_once_with_its_promise(
    tmp_path: Path,
) -> None:
    with practice(tmp_path, flexible("1001", "0.05")) as account:
        days(account, 6)
        rows = account.sql(
            "SELECT count(*), sum(r.amount = p.promised), count(DISTINCT r.record_seq)"
            " FROM record_seen r LEFT JOIN interest_promise p ON p.record_seq = r.record_seq"
            " WHERE r.kind = 'interest'"
        )
        assert rows == [(5, 5, 5)]
        words = account.sql(
            "SELECT pays_into, every, pays_at, additional, tier_rule, short FROM"
            " interest_regime_now"
        )
        assert words == [("wallet", "day", "04:00", "unknown", "unknown", 0)]
        assert len(account.sql("SELECT 1 FROM interest_regime_seen")) <= 3


def test_a_product_that_reads_otherwise_than_the_strategy_is_told_once(tmp_path: Path) -> None:
    product = replace(
        tiered("1001", ("0", "500", "0.10"), ("500", "100000", "0.02")),
        additional_apy=Decimal("0.03"),
    )
    settings = Settings(tier_rule="whole", count_additional_apy=False)
    with practice(tmp_path, product, settings=settings) as account:
        account.coins = "USDT: {reserve: 100, min_move: 1, min_apy: 1%, mode: hold}"
        account.cycle()
        account.books.subscribe_by_hand("1001", "800")
        days(account, 7)
        (line,) = told(account, "interest.reads_otherwise")
        assert line["todo"] == (
            "what is paid says tier_rule: whole and count_additional_apy: false under the coin"
            " in the strategy"
        )
        ((promised, paid),) = account.sql(
            "SELECT promised, paid FROM interest_against_promise ORDER BY day DESC LIMIT 1"
        )
        assert promised == paid


def test_what_the_strategy_goes_by_is_not_told_and_not_changed(tmp_path: Path) -> None:
    product = replace(flexible("1001", "0.05"), additional_apy=Decimal("0.03"))
    with practice(tmp_path, product) as account:
        days(account, 6)
        assert account.sql("SELECT additional FROM interest_regime_now") == [("paid",)]
        assert not told(account, "interest.reads_otherwise")


def test_a_coin_that_is_not_managed_is_held_to_its_promise_too(tmp_path: Path) -> None:
    product = replace(flexible("1001", "0.05"), additional_apy=Decimal("0.03"))
    settings = Settings(count_additional_apy=False)
    with practice(tmp_path, product, settings=settings) as account:
        account.coins = "BTC: {}"
        account.books.subscribe_by_hand("1001", "800")
        days(account, 6)
        assert account.sql("SELECT additional FROM interest_regime_now") == [("not_paid",)]
        assert not told(account, "interest.reads_otherwise")
