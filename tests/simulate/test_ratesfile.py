"""Files of rates: what they say, and every mistake in them at once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from earnd.errors import ConfigError
from earnd.sandbox import TierSpec
from earnd.simulation.history import Terms
from earnd.simulation.ratesfile import COLUMNS, read_rates

HEADER = ",".join(COLUMNS)


def written(directory: Path, *lines: str) -> Path:
    path = directory / "rates.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    """The mistakes, without the file's name."""
    with pytest.raises(ConfigError) as caught:
        read_rates(path)
    assert caught.value.exit_code == 2
    return [line.removeprefix(f"{path}:") for line in caught.value.problems]


def test_rows_are_changes_and_an_empty_cell_leaves_what_was(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        HEADER,
        "2026-01-01,1001,5%,0-200 @ 5%; 200-1000 @ 0.03,1%,10,1000,true,true,true",
        "2026-01-02T06:30+01:00,1001,,,,,,False,,",
        "2026-01-03T00:00:00Z,1001,0.02,none,,,,,FALSE,false",
    )
    past = read_rates(path)
    tiers = (
        TierSpec(Decimal(0), Decimal(200), Decimal("0.05")),
        TierSpec(Decimal(200), Decimal(1000), Decimal("0.03")),
    )
    first = Terms(Decimal("0.05"), tiers, Decimal("0.01"), Decimal(10), Decimal(1000))
    assert [change.terms for change in past.changes] == [
        first,
        Terms(first.rate, tiers, first.additional, first.minimum, first.maximum, is_open=False),
        Terms(
            Decimal("0.02"),
            (),
            first.additional,
            first.minimum,
            first.maximum,
            is_open=False,
            may_leave=False,
            is_listed=False,
        ),
    ]
    assert past.changes[1].at == datetime(2026, 1, 2, 5, 30, tzinfo=UTC)
    assert past.names == {"1001": "1001"}


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    rows = ["2026-01-02,a,2%", "2026-01-01,b,3%", "2026-01-01,a,1%"]
    forth = read_rates(written(tmp_path, "time,product,rate", *rows))
    assert [change.terms.rate for change in forth.changes] == [
        Decimal("0.01"),
        Decimal("0.03"),
        Decimal("0.02"),
    ]


def test_names_get_numbers_that_no_product_has(tmp_path: Path) -> None:
    rows = ["2026-01-01,Aave,1%", "2026-01-01,2,1%", "2026-01-01,sky,1%", "2026-01-01,007,1%"]
    past = read_rates(written(tmp_path, "time,product,rate", *rows))
    assert past.names == {"1": "Aave", "2": "2", "3": "sky", "007": "007"}


def test_tiers_are_read_from_json_without_a_float_between(tmp_path: Path) -> None:
    cell = '"[[""0"", 200, ""5%""], [200, 0.1e1, 0.030000000000000001]]"'
    path = written(tmp_path, "time,product,rate,tiers", f"2026-01-01,1,0,{cell}")
    assert problems(path) == [
        "2: tiers: write it out, without an exponent; got '0.1e1'",
    ]
    good = cell.replace("0.1e1", "1000")
    past = read_rates(written(tmp_path, "time,product,rate,tiers", f"2026-01-01,1,0,{good}"))
    assert past.changes[0].terms.tiers[1].apy == Decimal("0.030000000000000001")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("yesterday,1,5%", "time: a date or a time with its zone is wanted"),
        ("2026-01-01T10:00,1,5%", "time: a time needs its zone, like 2026-01-31T13:00Z"),
        ("2026-02-30,1,5%", "time: there is no such time (day is out of range for month)"),
        ("2026-01-01,,5%", "product: a product's id or name is wanted; got nothing"),
        ("2026-01-01,1,", "rate: the product's first row says what it pays"),
        ("2026-01-01,1,5", "rate: without a sign this is 500 %; write 5% or a fraction; got '5'"),
        ("2026-01-01,1,-1%", "rate: a rate is wanted, like 2.5% or 0.025; got '-1%'"),
        ("2026-01-01,1,five", "rate: a rate is wanted, like 2.5% or 0.025; got 'five'"),
        ("2026-01-01,1", "3 cells are wanted, there are 2"),
    ],
)
def test_a_wrong_cell_is_told_by_its_line(tmp_path: Path, row: str, told: str) -> None:
    found = problems(written(tmp_path, "time,product,rate", "2026-01-01,9,1%", row))
    assert len(found) == 1
    assert found[0].startswith(f"3: {told}")


@pytest.mark.parametrize(
    ("column", "cell", "told"),
    [
        ("tiers", "0-200", "tiers are wanted, like 0-200 @ 5%; 200-1000 @ 3%; got '0-200'"),
        ("tiers", "0-200 @ 5%; 300-400 @ 1%", "each tier begins where the one before ends"),
        ("tiers", "5-5 @ 5%", "a tier ends above where it begins"),
        ("tiers", "[1]", "JSON tiers are wanted"),
        ("tiers", "[", "JSON tiers are wanted"),
        ("tiers", "[]", "JSON tiers are wanted"),
        ("minimum", "1e3", "write it out, without an exponent"),
        ("maximum", "'1 000'", "an amount is wanted"),
        ("open", "yes", "true or false is wanted; got 'yes'"),
    ],
)
def test_a_wrong_term_is_told(tmp_path: Path, column: str, cell: str, told: str) -> None:
    path = written(tmp_path, f"time,product,rate,{column}", f"2026-01-01,1,1%,{cell}")
    [found] = problems(path)
    assert found.startswith(f"2: {column}: {told}")


def test_all_mistakes_are_told_at_once_up_to_twenty(tmp_path: Path) -> None:
    rows = [f"2026-01-01,{number},x" for number in range(1, 24)]
    found = problems(written(tmp_path, "time,product,rate", *rows))
    assert len(found) == 21
    assert found[0].startswith("2: rate: ")
    assert found[-1].endswith("and 3 more")


def test_two_rows_at_one_moment_contradict_each_other(tmp_path: Path) -> None:
    rows = ["2026-01-01,1,1%", "2026-01-01T00:00Z,1,2%"]
    assert problems(written(tmp_path, "time,product,rate", *rows)) == [
        "3: line 2 is about the same product at the same time"
    ]


def test_limits_that_leave_no_amount_are_told(tmp_path: Path) -> None:
    header = "time,product,rate,minimum,maximum"
    assert problems(written(tmp_path, header, "2026-01-01,1,1%,10,5")) == [
        "2: minimum: 10 is more than the maximum, 5"
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "1: the file is empty; its first line names the columns: time, product, rate"),
        ("time,product,rate\n", "1: there are no rates in it, only a header"),
        ("time,product\n", "1: there is no column 'rate'"),
        ("time,product,rate,rates\n", "1: unknown column 'rates'; did you mean 'rate'?"),
        ("time,product,rate,tvl\n", "1: unknown column 'tvl'; there are time, product"),
        ("time,product,rate,rate\n", "1: there are two columns 'rate'"),
        ('time,product,rate\n2026-01-01,1,"5%" 7\n', "2: this is no CSV"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "rates.csv"
    path.write_text(text)
    assert problems(path)[0].startswith(told)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the rates cannot be read: No such file"):
        read_rates(tmp_path / "nowhere.csv")
    (tmp_path / "latin.csv").write_bytes(
        "time,product,rate\n2026-01-01,Zürich,5%\n".encode("latin-1")
    )
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_rates(tmp_path / "latin.csv")
