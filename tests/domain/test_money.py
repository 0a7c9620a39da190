from __future__ import annotations

from decimal import Decimal, Inexact, InvalidOperation, localcontext

import pytest

from earnd.domain.money import Amount, Rate, floor_to, minus, parse_amount, plain, total
from tests.support.world import BTC, USDT, dec

TOO_KIND = [
    "",
    " ",
    "1 ",
    " 1",
    "1\n",
    "+1",
    "-1",
    "-0",
    "1e5",
    "1E-7",
    "1_000",
    "1,000",
    ".5",
    "5.",
    "0x10",
    "NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "\u0661\u0662",
    "\uff11",
    "1" * 21,
    "1." + "1" * 19,
    "1.2.3",
    "null",
]


@pytest.mark.parametrize("text", TOO_KIND)
def test_refuses_what_decimal_would_take_too_kindly(text: str) -> None:
    """N2, N4."""
    with pytest.raises(ValueError, match="plain digits"):
        parse_amount(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0.0000001", "0.0000001"),
        ("1E-7", "0.0000001"),
        ("1E+5", "100000"),
        ("1.50", "1.5"),
        ("100", "100"),
        ("-0", "0"),
        ("0E-30", "0"),
        ("0E+40", "0"),
        ("99999999999999999999.999999999999999999", "99999999999999999999.999999999999999999"),
    ],
)
def test_an_amount_is_written_in_one_way(value: str, text: str) -> None:
    """N5, N16."""
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize(
    "value", ["-1", "NaN", "sNaN", "Infinity", "1E+20", "1E-19", "1E-99999999", "1E+99999999"]
)
def test_what_the_api_could_not_carry_is_not_written(value: str) -> None:
    """N6."""
    with pytest.raises(ValueError, match="amount"):
        plain(Decimal(value))


def test_a_sum_of_the_longest_amounts_loses_no_digit() -> None:
    """N7, N11."""
    longest = parse_amount("99999999999999999999.999999999999999999")

    assert total([longest, longest]) == Decimal("199999999999999999999.999999999999999998")
    assert minus(longest, Decimal("1E-18")) == Decimal("99999999999999999999.999999999999999998")


def test_a_sum_that_cannot_be_exact_raises() -> None:
    """N7."""
    with pytest.raises(Inexact):
        total([Decimal("1E+90"), Decimal("1E-18")])


def test_cutting_goes_down_on_both_sides_of_zero() -> None:
    """N8."""
    assert floor_to(dec("1.999"), 2) == dec("1.99")
    assert floor_to(dec("-1.991"), 2) == dec("-2.00")
    assert floor_to(dec("7"), 2) == dec("7")


def test_an_amount_knows_its_coin() -> None:
    two, three = Amount(USDT, dec(2)), Amount(USDT, dec(3))

    assert two + three == Amount(USDT, dec(5))
    assert two - three == Amount(USDT, dec(-1))
    assert two < three
    assert three >= two
    assert str(two) == "2 USDT"


def test_coins_are_never_mixed() -> None:
    for mix in (
        lambda: Amount(USDT, dec(1)) + Amount(BTC, dec(1)),
        lambda: Amount(USDT, dec(1)) - Amount(BTC, dec(1)),
        lambda: Amount(USDT, dec(1)) < Amount(BTC, dec(1)),
        lambda: Amount(USDT, dec(1)) <= Amount(BTC, dec(1)),
    ):
        with pytest.raises(TypeError, match="same coin"):
            mix()
    assert Amount(USDT, dec(1)) != Amount(BTC, dec(1))


@pytest.mark.parametrize("value", [1, 0.5, "1", None, Decimal("NaN"), Decimal("Infinity")])
def test_amounts_and_rates_are_made_of_finite_decimals_only(value: object) -> None:
    with pytest.raises(TypeError):
        Amount(USDT, value)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Rate(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "value"), [("5.00%", "0.05"), ("0%", "0"), ("12.5 %", "0.125"), ("0.01%", "0.0001")]
)
def test_a_rate_is_a_fraction_of_a_year(text: str, value: str) -> None:
    assert Rate.from_percent(text) == Rate(dec(value))


@pytest.mark.parametrize(
    "text",
    [
        "5",
        "0.05",
        "5%%",
        "-5%",
        "+5%",
        "5e1%",
        "%",
        "",
        "\u0665%",
        "5\n%",
        "5\u3000%",
        "NaN%",
        "5% ",
    ],
)
def test_a_rate_without_its_percent_sign_or_with_anything_else_is_refused(text: str) -> None:
    """N12."""
    with pytest.raises(ValueError, match="percent sign"):
        Rate.from_percent(text)


def test_rates_compare_add_and_are_written_in_percent() -> None:
    assert Rate(dec("0.05")) > Rate(dec("0.049"))
    assert Rate(dec("0.05")) + Rate(dec("0.01")) == Rate(dec("0.06"))
    assert str(Rate(dec("0.05"))) == "5.00%"
    assert str(Rate(dec("0.00125"))) == "0.125%"


def test_the_context_around_is_of_no_matter() -> None:
    """N7."""
    long = parse_amount("12345678901234567890.123456789012345678")
    with localcontext() as context:
        context.prec = 5
        assert total([long, long]) == Decimal("24691357802469135780.246913578024691356")
        assert floor_to(long, 17) == Decimal("12345678901234567890.12345678901234567")
        assert plain(long) == "12345678901234567890.123456789012345678"


def test_what_no_context_can_hold_is_refused_rather_than_cut() -> None:
    with pytest.raises(InvalidOperation):
        floor_to(Decimal("1E+95"), 18)
