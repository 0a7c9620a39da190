"""Amounts, rates, durations: what is taken, and what YAML would have made of it silently."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnd.config.values import (
    read_amount,
    read_duration,
    read_flag,
    read_part,
    read_path,
    read_precision,
    read_product_id,
    read_rate,
    show_duration,
    show_part,
    show_rate,
)
from earnd.config.words import read_base_url, read_coin, read_cron, read_label
from earnd.domain.money import Rate, plain
from earnd.domain.strategy import Share

if TYPE_CHECKING:
    from collections.abc import Callable

AMOUNT = r"\A(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?\Z"
READERS: list[Callable[[object], object]] = [
    read_amount,
    read_base_url,
    read_coin,
    read_cron,
    read_duration,
    read_flag,
    read_label,
    read_part,
    read_path,
    read_precision,
    read_product_id,
    read_rate,
]


@given(st.from_regex(AMOUNT))
def test_an_amount_keeps_every_digit_that_was_typed(text: str) -> None:
    assert str(read_amount(text)) == str(Decimal(text))
    assert read_amount(plain(read_amount(text))) == Decimal(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("-5", "never negative"),
        ("+5", "leave out the sign"),
        ("1e3", "without an exponent"),
        ("1_000", "use plain digits"),
        ("1,000", "no thousands separators"),
        ("1 000", "no thousands separators"),
        ("1.5.2", "use plain digits"),
        ("1" * 21, "at most 20 before the point"),
        ("0." + "1" * 19, "18 after it"),
        ("010", "leading zero"),
        ("00.5", "leading zero"),
        ("0o17", "an amount is wanted"),
        ("0x1F", "an amount is wanted"),
        ("1:30", "an amount is wanted"),
        (".5", "zero before the point"),
        ("100 USDT", "leave out the unit"),
        ("5%", "a share has no meaning here"),
        (".nan", "an amount is wanted"),
        ("NaN", "an amount is wanted"),
        (".inf", "an amount is wanted"),
        ("yes", "an amount is wanted"),
        ("true", "an amount is wanted"),
        ("", "an amount is wanted"),
        ("١٠٠", "an amount is wanted"),  # noqa: RUF001 - Arabic digits, which Decimal takes
    ],
)
def test_an_amount_that_is_not_plain_is_refused_with_the_reason(text: str, why: str) -> None:
    """N4."""
    with pytest.raises(ValueError, match="got") as caught:
        read_amount(text)
    assert why in str(caught.value)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("value", [0.5, float("nan"), b"1", object()])
def test_no_reader_takes_a_float_or_what_no_file_holds(
    reader: Callable[[object], object], value: object
) -> None:
    """N1."""
    with pytest.raises(ValueError, match=r"."):
        reader(value)


@pytest.mark.parametrize("reader", [read_amount, read_precision, read_part])
def test_a_truth_value_is_not_a_number(reader: Callable[[object], object]) -> None:
    with pytest.raises(ValueError, match="Python bool"):
        reader(True)


@given(st.text())
@pytest.mark.parametrize("reader", READERS)
def test_any_text_is_read_or_refused_with_a_message(
    reader: Callable[[object], object], text: str
) -> None:
    """N4."""
    try:
        reader(text)
    except ValueError as error:
        assert str(error)  # noqa: PT017 - a text that is right raises nothing


@given(st.from_regex(r"\A(0|[1-9][0-9]{0,6})(\.[0-9]{1,18})? ?%\Z"))
def test_a_rate_is_written_as_it_is_read(text: str) -> None:
    assert read_rate(show_rate(read_rate(text))) == read_rate(text)


def test_a_rate_reads_as_a_fraction_of_a_year() -> None:
    assert read_rate("0.5%") == read_rate("0.5 %") == Rate(Decimal("0.005"))
    assert show_rate(read_rate("1.00%")) == "1%"


@pytest.mark.parametrize("text", ["1", "0.05"])
def test_a_rate_without_its_sign_is_told_to_have_one(text: str) -> None:
    """N12."""
    with pytest.raises(ValueError, match=f"a rate needs its percent sign, like {text}%"):
        read_rate(text)


@pytest.mark.parametrize("text", ["-1%", "%", "1e2%", "1_0%", "one%", "1%%", "1  %"])
def test_a_rate_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a rate is wanted, like 1% or 0\.5%"):
        read_rate(text)


def test_a_part_is_an_amount_or_a_share() -> None:
    assert read_part("40%") == Share(Decimal("0.4"))
    assert read_part("40") == Decimal(40)
    assert show_part(Share(Decimal("0.40"))) == "40%"
    assert show_part(Decimal("0.10")) == "0.1"


@pytest.mark.parametrize("text", ["0%", "101%", "100.000000000000000001%", "0", "-40%"])
def test_a_part_of_nothing_or_of_more_than_all_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"share|0 would stop|a rate is wanted"):
        read_part(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0), ("90s", 90), ("15m", 900), ("2h", 7200), ("1d", 86400), ("1h30m", 5400)],
)
def test_a_duration_reads_with_its_units(text: str, seconds: int) -> None:
    assert read_duration(text) == timedelta(seconds=seconds)


@given(st.integers(min_value=0, max_value=10**9).map(lambda s: timedelta(seconds=s)))
def test_a_duration_is_written_as_it_is_read(span: timedelta) -> None:
    assert read_duration(show_duration(span)) == span


@pytest.mark.parametrize("text", ["", "15", "1:30", "m", "1.5h", "30m1h", "-5m", "5 m", "15min"])
def test_a_duration_without_units_or_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        read_duration(text)


@pytest.mark.parametrize("text", ["yes", "no", "on", "off", "1", "0", "True", "y", ""])
def test_only_two_words_are_true_or_false(text: str) -> None:
    with pytest.raises(ValueError, match="true or false is wanted"):
        read_flag(text)
    assert read_flag("true") is True
    assert read_flag("false") is False


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://api-cloud.bitmart.com", "https://api-cloud.bitmart.com"),
        ("https://api-cloud.bitmart.com/", "https://api-cloud.bitmart.com"),
        ("HTTPS://API.Example.COM:0443", "https://api.example.com:443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost:1", "http://localhost:1"),
    ],
)
def test_an_address_is_https_or_this_machine(text: str, address: str) -> None:
    """O4."""
    assert read_base_url(text) == address


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("http://api.example.com", "https is wanted"),
        ("http://localhost.example.com", "https is wanted"),
        ("http://127.0.0.1.example.com", "https is wanted"),
        ("http://127.1", "https is wanted"),
        ("http://2130706433", "https is wanted"),
        ("http://[::ffff:127.0.0.1]", "https is wanted"),
        ("http://128.0.0.1", "https is wanted"),
        ("ftp://api.example.com", "https is wanted"),
        ("https://h/path", "without a path"),
        ("https://h//", "without a path"),
        ("https://h:0", "a port from 1 to 65535"),
        ("https://h:70000", "a port from 1 to 65535"),
        ("https://", "an address is wanted"),
        ("api.example.com", "an address is wanted"),
        ("https://h h", "an address is wanted"),
        ("https://h\\@evil", "no user, query or fragment"),
        ("https://h?x=1", "no user, query or fragment"),
        ("https://h#x", "no user, query or fragment"),
    ],
)
def test_an_address_of_another_form_is_refused_with_the_reason(text: str, why: str) -> None:
    """O4."""
    with pytest.raises(ValueError, match=r".") as caught:
        read_base_url(text)
    assert why in str(caught.value)


def test_a_password_in_an_address_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="no user") as caught:
        read_base_url("https://me:hunter2@example.com")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["5 4 * * *", "*/15 * * * *", "0 6 * * mon-fri", "0 0 29 2 *"])
def test_a_crontab_has_five_fields(text: str) -> None:
    assert read_cron(text) == text
    assert read_cron(f" {text.replace(' ', '  ')} ") == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("5 4 * *", "five fields are wanted"),
        ("0 5 4 * * *", "five fields are wanted"),
        ("@daily", "five fields are wanted"),
        ("60 4 * * *", "not a crontab"),
        ("5 4 * * xyz", "not a crontab"),
        ("a b c d e", "not a crontab"),
        ("*/0 * * * *", "not a crontab"),
        ("0 0 31 2 *", "no such day ever comes"),
        ("5 4 * * 0", "write weekdays by name"),
        ("5 4 * * 1-5", "write weekdays by name"),
        ("٥ 4 * * *", "five fields are wanted"),  # noqa: RUF001 - an Arabic five
    ],
)
def test_a_crontab_that_is_not_one_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match="got") as caught:
        read_cron(text)
    assert why in str(caught.value)


def test_a_coin_is_upper_case_and_says_how_when_it_is_not() -> None:
    """N18."""
    assert [read_coin(coin) for coin in ("USDT", "1INCH", "NO", "*")] == [
        "USDT",
        "1INCH",
        "NO",
        "*",
    ]
    with pytest.raises(ValueError, match="did you mean 'USDT'"):
        read_coin("usdt")
    for wrong in ("", "US DT", "A" * 21, "USDT\u00a0"):
        with pytest.raises(ValueError, match="a coin's symbol is wanted"):
            read_coin(wrong)


def test_a_path_is_taken_as_written_and_a_home_is_not_guessed() -> None:
    assert str(read_path("a/b")) == "a/b"
    with pytest.raises(ValueError, match="write the path out"):
        read_path("~/ledger.db")


def test_a_long_wrong_value_is_shortened_in_the_message() -> None:
    with pytest.raises(ValueError, match=r"\.\.\.") as caught:
        read_amount("x" * 10_000)
    assert len(str(caught.value)) < 120
