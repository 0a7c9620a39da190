"""Money is exact text from end to end: Python refuses what is not, and so does SQLite."""

# ruff: noqa: S608 - the SQL is put together from this file's own names only

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, StaticPool, column, create_engine, insert, select, table

from earnd.domain.money import Rate, plain
from earnd.ledger.columns import Moment, Money, RateText, moment_from, moment_text, rate_text

CHECKS = import_module("earnd.migrations.versions.0001_tables")

AMOUNTS = st.tuples(st.integers(0, 10**20 - 1), st.integers(0, 10**18 - 1)).map(
    lambda parts: Decimal(f"{parts[0]}.{parts[1]:018d}")
)
CANONICAL = re.compile(r"(0|[1-9][0-9]{0,19})(\.[0-9]{0,17}[1-9])?")
NEAR_MISSES = st.one_of(
    st.text("0123456789.", max_size=45),
    st.text("0123456789.eE+-_ ,xN", max_size=12),
    st.from_regex(r"\A[0-9]{18,22}(\.[0-9]{16,20})?\Z"),
    AMOUNTS.map(plain),
)

things = table("thing", column("money", Money), column("rate", RateText), column("at", Moment))


@pytest.fixture(scope="module")
def checked() -> Iterator[Callable[[str, str], bool]]:
    """Whether SQLite takes a text where the schema asks for money, a rate or a time."""
    raw = sqlite3.connect(":memory:", isolation_level=None)
    for name, check in (
        ("money", CHECKS.number),
        ("rate", CHECKS.rate),
        ("moment", CHECKS.moment),
        ("word", CHECKS.word),
    ):
        raw.execute(f"CREATE TABLE {name} (value TEXT NOT NULL, {check('value')}) STRICT")

    def takes(name: str, text: str) -> bool:
        try:
            raw.execute(f"INSERT INTO {name} VALUES (?)", (text,))
        except sqlite3.IntegrityError:
            return False
        return True

    yield takes
    raw.close()


@pytest.fixture(scope="module")
def stored() -> Iterator[Connection]:
    """A table with the ledger's types."""
    engine: Engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE thing (money TEXT, rate TEXT, at TEXT) STRICT")
        yield connection
    engine.dispose()


@given(NEAR_MISSES)
@example("007")
@example("0.10")
@example("1.")
@example(".1")
@example("")
@example("0")
@example("0.0")
@example("00")
@example("1e5")
@example("-1")
@example("9" * 20 + "." + "9" * 18)
@example("9" * 21)
@example("0." + "1" * 19)
def test_sqlite_takes_money_written_in_the_one_way_only(
    checked: Callable[[str, str], bool], text: str
) -> None:
    """N9, N16."""
    assert checked("money", text) is bool(CANONICAL.fullmatch(text))


@given(AMOUNTS)
@example(Decimal("0.000000000000000001"))
@example(Decimal("1E+19"))
@example(Decimal("-0"))
@example(Decimal("100.00"))
def test_an_amount_comes_back_as_it_went_in(
    checked: Callable[[str, str], bool], stored: Connection, amount: Decimal
) -> None:
    """N9, N11."""
    assert checked("money", plain(amount))
    stored.execute(insert(things), {"money": amount})
    back = stored.execute(select(things.c.money)).scalar_one()
    stored.rollback()
    assert isinstance(back, Decimal)
    assert back == amount
    assert plain(back) == plain(amount)


@given(st.integers(0, 10**7 - 1), st.integers(0, 10**18 - 1))
def test_a_rate_comes_back_as_it_went_in(
    checked: Callable[[str, str], bool], stored: Connection, whole: int, part: int
) -> None:
    rate = Rate.from_percent(f"{whole}.{part:018d}%")
    assert checked("rate", rate_text(rate))
    stored.execute(insert(things), {"rate": rate})
    back = stored.execute(select(things.c.rate)).scalar_one()
    stored.rollback()
    assert back == rate


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31)))  # noqa: DTZ001 - hypothesis asks for bare ones
def test_a_time_comes_back_cut_to_milliseconds(
    checked: Callable[[str, str], bool], bare: datetime
) -> None:
    at = bare.replace(tzinfo=UTC)
    text = moment_text(at)
    assert checked("moment", text)
    assert len(text) == 24
    assert moment_from(text) == at.replace(microsecond=at.microsecond // 1000 * 1000)


@pytest.mark.parametrize("wrong", [1.5, 1, "1.5", True, Decimal("NaN"), Decimal(-1)], ids=repr)
def test_nothing_but_a_decimal_that_is_an_amount_goes_in(stored: Connection, wrong: Any) -> None:
    """N1, N9."""
    with pytest.raises(Exception, match=r"money is a Decimal|not an amount"):
        stored.execute(insert(things), {"money": wrong})
    stored.rollback()


def test_a_float_that_sqlite_would_turn_into_text_is_at_least_canonical(
    checked: Callable[[str, str], bool],
) -> None:
    assert not checked("money", repr(1e-7))
    assert not checked("money", repr(1e22))


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T17:00:00Z",
        "2026-11-22T17:00:00.000000Z",
        "2026-11-22T17:00:00.000+00:00",
        "2026-11-22 17:00:00.000Z",
        "2026-11-22T17:00:00.000z",
        "2026-91-22T17:00:00.000Z",
        "",
    ],
)
def test_a_time_is_written_in_one_way_only(checked: Callable[[str, str], bool], text: str) -> None:
    """K7."""
    assert not checked("moment", text)


@pytest.mark.parametrize("text", ["", "Two words", "Upper", "1st", "dash-ed", "ä"])
def test_a_word_to_group_by_is_one_word(checked: Callable[[str, str], bool], text: str) -> None:
    assert not checked("word", text)


def test_a_rate_that_no_percentage_writes_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        rate_text(Rate(Decimal("-0.01")))
    with pytest.raises(ValueError, match="beyond"):
        rate_text(Rate(Decimal(1).scaleb(-21)))
    assert rate_text(Rate(Decimal("0.0500"))) == "0.05"
