"""Money: exact minor units, Toman and Rial, and amounts as people write them."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core import money


@pytest.mark.parametrize(
    ("written", "currency", "unit", "minor"),
    [
        ("۱۲٬۵۰۰ تومان", "IRR", "rial", 125_000),
        ("۱۲٬۵۰۰ تومان", "IRR", "toman", 125_000),
        ("125000 ریال", "IRR", "toman", 125_000),
        ("125000 ريال", "IRR", "toman", 125_000),
        ("12500", "IRR", "toman", 125_000),
        ("12500", "IRR", "rial", 12_500),
        ("12,500.00", "IRR", "rial", 12_500),
        ("12.5 تومن", "IRR", "rial", 125),
        ("تومان ۱۲٬۵۰۰", "IRR", "rial", 125_000),
        ("12500 IRT", "IRR", "rial", 125_000),
        ("IRR 12500", "IRR", "toman", 12_500),
        ("-۱۲٬۵۰۰", "IRR", "rial", -12_500),
        ("12,500.00", "EUR", "rial", 1_250_000),
        ("€ 12.50", "EUR", "rial", 1250),
        ("12.50 €", "EUR", "rial", 1250),
        ("12.5 eur", "EUR", "rial", 1250),
        ("$12.50", "USD", "rial", 1250),
        ("۱۲٫۵۰ دلار", "USD", "rial", 1250),
        ("1500", "JPY", "rial", 1500),
        ("1.234", "KWD", "rial", 1234),
    ],
)
def test_an_amount_is_read_into_minor_units(written, currency, unit, minor):
    assert money.parse_amount(written, currency, unit) == minor


@pytest.mark.parametrize(
    ("written", "currency", "problem"),
    [
        ("", "EUR", "is not an amount of money"),
        ("free", "EUR", "is not an amount of money"),
        ("1e3", "EUR", "is not"),
        ("12,5", "EUR", "not grouped in threes"),
        ("12.505", "EUR", "has more decimals than EUR allows"),
        ("12.5", "IRR", "has more decimals than IRR allows"),
        ("12500 تومان", "EUR", "“تومان” is not EUR"),
        ("$5", "EUR", "“\\$” is not EUR"),
        ("5 ریال", "EUR", "“ریال” is not EUR"),
        ("5", "XXQ", "not the ISO code"),
        ("9" * 19, "IRR", "too large"),
        ("۱۲ هزار تومان", "IRR", "is not IRR"),
        ("1" * 200, "EUR", "is not an amount of money"),
        ("5 € 6", "EUR", "is not an amount of money"),
    ],
)
def test_an_error_names_what_is_wrong(written, currency, problem, english):
    with pytest.raises(money.MoneyError, match=problem):
        money.parse_amount(written, currency)


def test_numbers_become_minor_units_without_the_noise_of_floats(english):
    assert money.to_minor(0.1 + 0.2, "EUR") == 30
    assert money.to_minor(Decimal("12.50"), "EUR") == 1250
    assert money.to_minor(12_500, "IRR", "toman") == 125_000
    assert money.to_minor(29.99, "BRL") == 2999
    for wrong in (float("nan"), float("inf"), 12.505, Decimal("0.001"), 1e30):
        with pytest.raises(money.MoneyError):
            money.to_minor(wrong, "EUR")


@given(st.integers(-(2**62), 2**62), st.sampled_from(["EUR", "JPY", "KWD", "IRR", "USD"]))
def test_what_is_shown_reads_back(minor, currency):
    shown = money.shown_amount(minor, currency, "rial")
    assert money.to_minor(shown.value, currency) == minor
    if currency == "IRR":
        assert money.to_minor(money.shown_amount(minor, currency, "toman").value, currency, "toman") == minor


@given(st.text(max_size=30))
def test_any_text_gives_an_amount_or_a_plain_error(text):
    with suppress(money.MoneyError):
        assert isinstance(money.parse_amount(text, "IRR", "toman"), int)


def test_currencies_in_use_can_be_offered():
    assert {"IRR", "EUR", "USD", "AED", "TRY"} <= set(money.currencies())
    assert not {"DEM", "XAU"} & set(money.currencies())
    assert money.currency_name("EUR", "fa") == "یورو"
    assert money.currency_name("EUR", "en") == "Euro"
    assert money.currency_name("EUR", "zz") == "EUR"
    assert [money.exponent(code) for code in ("IRR", "EUR", "JPY", "KWD", "DEM")] == [0, 2, 0, 3, 2]
