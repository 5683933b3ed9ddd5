"""How one answer is read: numbers, blanks, and what is never guessed."""

import math
from decimal import Decimal

import numpy as np
import pytest

from peyvand.measures.answers import NotANumberError, read_answer


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        (9, 9), (8.5, 8.5), (Decimal("7.50"), 7.5), (np.int8(3), 3), (np.float32(2.5), 2.5),
        ("9", 9), (" 9 ", 9), ("9.0", 9), ("+3", 3), ("-2", -2), ("−2", -2), (".5", 0.5), ("1e1", 10),
        ("۹", 9), ("١٠", 10), ("۸٫۵", 8.5), ("\u200f۷\u200f", 7), ("\ufeff4", 4),
    ],
)  # fmt: skip
def test_numbers_are_read_in_any_digits(answer, number):
    assert read_answer(answer) == number


@pytest.mark.parametrize("answer", [None, "", "  ", "\u200c", "nan", "NaN", math.nan, np.float64("nan"), Decimal("NaN")])
def test_blanks_and_nan_are_missing(answer):
    assert read_answer(answer) is None


@pytest.mark.parametrize(
    "answer", ["good", "8 of 10", "8,5", "1,000", "1_0", "NA", "null", "true", "inf", "1e999", "٪۵", True, False, math.inf, [5], b"5"]
)
def test_what_is_no_plain_number_is_refused_not_guessed(answer):
    with pytest.raises(NotANumberError):
        read_answer(answer)
