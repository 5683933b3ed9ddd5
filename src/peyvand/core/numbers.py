"""Numbers as people and files write them, read without guessing. Called by forms, imports and `money`."""

import re
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _

from peyvand.core.persian import to_latin_digits

_BLANKS: Final = " \u00a0\u202f\u2009"
_MARKS: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u061c]")
_SIGN: Final = re.compile(r"[+\-−]?")
_PLAIN: Final = re.compile(r"[0-9]+")
_MAX_LENGTH: Final = 60
_MAX_DIGITS: Final = 30


class NumberError(ValueError):
    """The text is no number; the message says what is wrong with it, in the reader's language."""


def parse_number(text: str) -> Decimal:
    """The exact number in `text`: Persian, Arabic or Latin digits, groups of three by , ٬ ، or a blank, decimals
    after . or ٫, a sign before.

    `1.234` is a decimal, `1,234` a group, `1,23` an error; exponents, infinities and percent signs are refused.
    Raises NumberError.
    """
    cleaned = _MARKS.sub("", to_latin_digits(text)).strip()
    if not cleaned or len(cleaned) > _MAX_LENGTH:
        raise NumberError(_error(text))
    sign = _SIGN.match(cleaned)[0]  # type: ignore[index]  # the pattern matches the empty text too
    whole, decimals = _split_decimals(cleaned[len(sign) :].strip(), text)
    digits = _ungrouped(whole, text)
    if len(digits) + len(decimals) > _MAX_DIGITS:
        raise NumberError(_("“%(text)s” is too long for a number.") % {"text": text[:_MAX_LENGTH]})
    return Decimal(f"{'-' if sign in ('-', '−') else ''}{digits}.{decimals or '0'}")


def _split_decimals(body: str, text: str) -> tuple[str, str]:
    body = body.replace("٫", ".")
    whole, point, decimals = body.partition(".")
    if not body or (point and not _PLAIN.fullmatch(decimals)):
        raise NumberError(_error(text))
    return whole or "0", decimals


def _ungrouped(whole: str, text: str) -> str:
    separators = {letter for letter in whole if not letter.isdecimal()}
    if not separators:
        return whole
    if len(separators) > 1 or not separators <= set(f",٬،'{_BLANKS}"):
        raise NumberError(_error(text))
    first, *groups = re.split(r"[^0-9]", whole)
    if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
        raise NumberError(
            _("“%(text)s”: the digits are not grouped in threes, so it is not clear what the separator means.")
            % {"text": text[:_MAX_LENGTH]}
        )
    return first + "".join(groups)


def _error(text: str) -> str:
    return _("“%(text)s” is not a number. Write it like 12500, 12,500 or 12.5.") % {"text": text[:_MAX_LENGTH]}
