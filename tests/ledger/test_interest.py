"""The interest of a day is summed exactly, in plain SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from earnd.domain.money import plain, total
from tests.ledger.story import Life, opened

ANY = st.tuples(st.integers(0, 10**20 - 1), st.integers(0, 10**18 - 1)).map(
    lambda parts: Decimal(f"{parts[0]}.{parts[1]:018d}")
)
SMALL = st.integers(0, 10**6).map(lambda digits: Decimal(digits).scaleb(-18))
CARRIES = st.sampled_from(
    [
        Decimal("0.999999999999999999"),
        Decimal("0.000000000000000001"),
        Decimal("0.000000001"),
        Decimal("0.999999999"),
        Decimal("9999999999.999999999"),
        Decimal("99999999999999999999.999999999999999999"),
        Decimal(0),
        Decimal(10),
    ]
)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A ledger with one cycle, open to a stranger."""
    path: Path = tmp_path_factory.mktemp("interest") / "ledger.db"
    with opened(path) as book:
        Life(book)
    connection = sqlite3.connect(path, isolation_level=None)
    yield connection
    connection.close()


def daily(raw: sqlite3.Connection, amounts: Sequence[Decimal]) -> list[tuple[str, int]]:
    """What the view makes of these amounts."""
    at = "2026-11-22T00:00:00.000Z"
    raw.execute("BEGIN")
    for number, amount in enumerate(amounts):
        raw.execute(
            "INSERT INTO record_seen (record_id, kind, product_id, coin, amount, at, cycle_id,"
            " seen_at) VALUES (?, 'interest', 'p', 'USDT', ?, ?, 1, ?)",
            (str(number), plain(amount), at, at),
        )
    rows = raw.execute("SELECT amount, records FROM interest_daily").fetchall()
    raw.execute("ROLLBACK")
    return rows


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(ANY, SMALL, CARRIES), min_size=1, max_size=40))
@example([Decimal("99999999999999999999.999999999999999999")] * 40)
@example([Decimal("0.999999999999999999"), Decimal("0.000000000000000001")])
@example([Decimal(0)])
def test_the_sum_of_a_day_is_the_exact_sum(raw: sqlite3.Connection, amounts: list[Decimal]) -> None:
    """N10, N11."""
    ((text, records),) = daily(raw, amounts)
    exact = total(amounts)
    assert Decimal(text) == exact
    assert records == len(amounts)
    digits = f"{exact:f}"
    assert text == (digits.rstrip("0").rstrip(".") if "." in digits else digits)


def test_sum_of_sqlite_itself_would_have_been_a_float(raw: sqlite3.Connection) -> None:
    """N10."""
    ((kind, value),) = raw.execute(
        "SELECT typeof(sum(amount)), sum(amount) FROM (SELECT '1234567890.123456789012345678'"
        " AS amount)"
    ).fetchall()
    assert kind == "real"
    assert Decimal(value) != Decimal("1234567890.123456789012345678")


def test_days_coins_and_products_are_kept_apart(life: Life) -> None:
    day = {"kind": "interest"}
    life.seen(
        life.record("1.5", **day),
        life.record("2.25", **day),
        life.record("3", coin="BTC", **day),
        life.record("1000"),
    )
    life.later(days=1)
    life.seen(life.record("4", **day))
    rows = life.sql("SELECT * FROM interest_daily ORDER BY day, coin")
    assert rows == [
        ("2026-11-22", "BTC", "p-BTC", "3", 1),
        ("2026-11-22", "USDT", "p-USDT", "3.75", 2),
        ("2026-11-23", "USDT", "p-USDT", "4", 1),
    ]
