"""Reads one answer as it stands in a file or a table: a number, a blank, or no number at all. Called by scores."""

import math
import re
from decimal import Decimal
from numbers import Real
from typing import Final

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?")
# The Arabic decimal separator and the minus sign become ASCII, marks of direction and joining vanish.
# Digits need no table: float() reads those of every script.
_MARKS: Final = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_PLAIN: Final = str.maketrans({"٫": ".", "−": "-"} | dict.fromkeys(_MARKS))


class NotANumberError(ValueError):
    """The answer is there but is no finite number."""


def read_answer(answer: object) -> float | None:
    """Return the answer as a float, or None where it is missing: None, NaN, blank text, the word "nan".

    Text may carry digits of any script, Persian ones as well. Nothing is guessed: "8 of 10", "8,5", "true", "NA"
    and infinity raise NotANumberError.
    """
    if answer is None:
        return None
    if isinstance(answer, str):
        return _read_text(answer)
    if isinstance(answer, bool) or not isinstance(answer, Real | Decimal):
        raise NotANumberError(f"{answer!r} is no number")
    return _finite(float(answer))


def _read_text(answer: str) -> float | None:
    text = answer.translate(_PLAIN).strip().lower()
    if text in {"", "nan"}:
        return None
    if not _NUMBER.fullmatch(text):
        raise NotANumberError(f"{answer!r} is no number")
    return _finite(float(text))


def _finite(number: float) -> float | None:
    if math.isnan(number):
        return None
    if math.isinf(number):
        raise NotANumberError("infinity is no answer")
    return number
