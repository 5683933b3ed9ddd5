"""Numbers that belong in no free text, replaced on the way in: bank cards, IBANs, Iranian national ids. Called by every door for texts.

A text without eight digits in a row costs one look. Each look goes through the text once, whatever stands in it.
"""

import re
from collections.abc import Callable, Collection, Mapping
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _

from peyvand.core.persian import to_latin_digits


class Number(StrEnum):
    """What is looked for."""

    CARD = "card"
    IBAN = "iban"
    NATIONAL_ID = "national_id"


ALL: Final = frozenset(Number)
_BETWEEN: Final = r"[ \-.\u00a0\u200c\u2010-\u2014]"  # one of these may stand between two digits
_MAY_HOLD: Final = re.compile(rf"\d(?:{_BETWEEN}?\d){{9}}")
# Digits that belong together; letters and further digits on either side make them part of a code.
_DIGITS: Final = re.compile(rf"(?<![A-Za-z0-9_])\d(?:{_BETWEEN}?\d){{9,}}+(?![A-Za-z0-9_])")
_IBAN: Final = re.compile(rf"(?<![A-Za-z0-9_])IR{_BETWEEN}?\d(?:{_BETWEEN}?\d){{23}}(?![A-Za-z0-9_])", re.IGNORECASE)
_NO_DIGIT: Final = re.compile(r"\D+")
_CARD_LENGTH, _ID_LENGTH = 16, 10
_KEPT: Final = 4  # last digits that stay of a card or account, by which its owner knows it


def redacted(text: str, kinds: Collection[Number] = ALL) -> str:
    """The text with such numbers replaced by a word and at most their last four digits; the same object where there are none.

    A card's number passes Luhn's check, an IBAN the one of ISO 13616, a national id its own: other long numbers stay as they are.
    """
    if not kinds or _MAY_HOLD.search(text) is None:
        return text
    latin = to_latin_digits(text)
    if len(latin) != len(text):
        return text
    found: list[tuple[int, int, str]] = []
    if Number.IBAN in kinds:
        found += [(one.start(), one.end(), _iban(one[0])) for one in _IBAN.finditer(latin) if _is_iban(one[0])]
    for one in _DIGITS.finditer(latin):
        mark = _mark(_NO_DIGIT.sub("", one[0]), kinds)
        if mark and not any(start <= one.start() < end for start, end, _word in found):
            found.append((one.start(), one.end(), mark))
    for start, end, mark in sorted(found, reverse=True):
        text = text[:start] + mark + text[end:]
    return text


def redacted_deep(value: Any, kinds_at: Callable[[str], frozenset[Number]], path: str = "") -> Any:
    """The same of every text in a value of JSON; `kinds_at` says what is looked for at a path such as `properties.note`."""
    if isinstance(value, str):
        # A text of ten digits alone is more often an order's or a member's number: one in eleven passes for a national id.
        return redacted(value, kinds_at(path) - {Number.NATIONAL_ID} if value.strip().isdigit() else kinds_at(path))
    if isinstance(value, Mapping):
        return {name: redacted_deep(inner, kinds_at, f"{path}.{name}" if path else str(name)) for name, inner in value.items()}
    if isinstance(value, list):
        return [redacted_deep(inner, kinds_at, path) for inner in value]
    return value


def may_hold(text: str) -> bool:
    """Whether a text, JSON too, has so many digits in a row that a closer look is worth it."""
    return _MAY_HOLD.search(text) is not None


def _mark(digits: str, kinds: Collection[Number]) -> str:
    if len(digits) == _CARD_LENGTH and Number.CARD in kinds and _passes_luhn(digits):
        return _("card ••••%(last)s") % {"last": digits[-_KEPT:]}
    if len(digits) == _ID_LENGTH and Number.NATIONAL_ID in kinds and digits[0] != "9" and _is_national_id(digits):  # 9: a mobile's
        return _("national id ••••••••••")
    return ""


def _iban(text: str) -> str:
    return _("account IR••••%(last)s") % {"last": _NO_DIGIT.sub("", text)[-_KEPT:]}


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def _is_iban(text: str) -> bool:
    """ISO 13616: the first four signs go to the end, letters become 10 to 35, and the rest by 97 is 1."""
    digits = _NO_DIGIT.sub("", text)
    return int(f"{digits[2:]}1827{digits[:2]}") % 97 == 1


def _is_national_id(digits: str) -> bool:
    """The last digit follows from the others, each times its place from the right, modulo 11."""
    rest = sum(int(digit) * (_ID_LENGTH - place) for place, digit in enumerate(digits[:-1])) % 11
    check = int(digits[-1])
    return len(set(digits)) > 1 and (check == rest if rest < 2 else check == 11 - rest)
