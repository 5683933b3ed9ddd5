"""Numbers as people write them: read exactly or refused with the reason."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core import numbers


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("12500", "12500"), ("۱۲٬۵۰۰", "12500"), ("12,500.75", "12500.75"), ("١٢٬٥٠٠٫٧٥", "12500.75"), ("12 500", "12500"),
        ("1'234'567", "1234567"), ("۱۲،۵۰۰", "12500"), ("-8", "-8"), ("−۸", "-8"), ("+3", "3"), (".5", "0.5"), ("۳٫۵", "3.5"),
        ("1.234", "1.234"), ("0", "0"), ("007", "7"), ("12\u00a0500", "12500"), ("\u200e-5", "-5"), ("- 5", "-5"),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_written(written, number):
    assert numbers.parse_number(written) == Decimal(number)


@pytest.mark.parametrize(
    "written",
    ["", " ", "-", "abc", "1e3", "1E3", "inf", "NaN", "12%", "1.2.3", "12.", ".", "1,234٬567", "۳/۵", "0x10", "\x00", "½", "1_000"],
)
def test_what_is_no_number_is_refused(written, english):
    with pytest.raises(numbers.NumberError, match="is not a number"):
        numbers.parse_number(written)


@pytest.mark.parametrize("written", ["12,5", "1,23,456", "1234,567", ",500", "12,5000"])
def test_a_separator_that_could_mean_two_things_is_not_guessed(written, english):
    with pytest.raises(numbers.NumberError, match="not grouped in threes"):
        numbers.parse_number(written)


def test_endless_digits_are_refused(english):
    with pytest.raises(numbers.NumberError, match="too long"):
        numbers.parse_number("1" * 31)
    with pytest.raises(numbers.NumberError, match="is not a number"):
        numbers.parse_number("1" * 100_000)


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=4))
def test_written_numbers_come_back(number):
    for text in (f"{number:f}", f"{number:,f}", f"{number:,f}".replace(",", "٬").replace(".", "٫")):
        assert numbers.parse_number(text) == number
