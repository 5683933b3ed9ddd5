"""Numbers that belong in no free text, replaced on the way in: bank cards, IBANs, Iranian national ids. Called by every door for texts.

Most texts cost one look. Each look goes through the text once, whatever stands in it.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.utils.translation import gettext as _

from peyvand.core.persian import to_latin_digits


class Number(StrEnum):
    """What is looked for."""

    CARD = "card"
    IBAN = "iban"
    NATIONAL_ID = "national_id"


class _Find(NamedTuple):
    """A number in a text; the surest sorts first."""

    doubt: int
    start: int
    end: int
    kind: Number
    digits: str


Kinds = Collection[Number]
Say = Callable[[Number, str], str]

ALL: Final = frozenset(Number)
# What may stand between two digits of one number, up to four of them: blanks, dashes, dots, marks nobody sees.
_BETWEEN: Final = r"[ \t-\r\-./_\u0085\u00a0\u00ad\u0640\u061c\u2000-\u2015\u2028-\u202f\u205f-\u2069\u2212\u3000\ufeff]"
_SPACED: Final = rf"{_BETWEEN}{{1,4}}+"
_DIGIT: Final = r"[0-9\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]"
_CODE: Final = r"A-Za-z0-9_\u0660-\u0669\u06f0-\u06f9"  # beside these, digits are part of a code
_BEGINS: Final = rf"{_DIGIT}(?:(?<![{_CODE}•]{_DIGIT})|(?<=[Ii][Rr]{_DIGIT}))"  # the digit first: it is what a search finds quickly
_LONG: Final = rf"(?:{_BETWEEN}{{0,4}}+{_DIGIT}){{15}}"
_TEN: Final = rf"{_DIGIT}{{9}}(?![{_CODE}])"
_PARTED: Final = rf"{_DIGIT}{{2}}{_SPACED}(?:{_DIGIT}{{6}}{_SPACED}{_DIGIT}|{_DIGIT}{{3}}{_SPACED}{_DIGIT}{{4}})(?![{_CODE}])"
_ALONE: Final = r'(?<!"\d{10}(?="))(?<!":\d{10})'  # not all of a value
_LOOK: Final = re.compile(rf"{_BEGINS}(?>{_LONG}|{_TEN}|{_PARTED})")
_LOOK_IN_JSON: Final = re.compile(rf"{_BEGINS}(?>{_LONG}|{_TEN}{_ALONE}|{_PARTED})")

_RUN: Final = re.compile(rf"{_DIGIT}(?:{_BETWEEN}{{0,4}}+{_DIGIT}){{9,}}+")
_PIECE: Final = re.compile(rf"{_DIGIT}+")
_STARTS: Final = re.compile(rf"(?<![{_CODE}•])(?<!{_DIGIT}\.)")
_STOPS: Final = re.compile(rf"(?![{_CODE}])(?!\.{_DIGIT})")
_IR: Final = re.compile(rf"(?<![{_CODE}])IR{_BETWEEN}{{0,4}}+\Z", re.IGNORECASE)
_LONGEST_IR: Final = 6
_CARD_LENGTH, _ID_LENGTH, _IBAN_LENGTH = 16, 10, 24
_LEAST, _MOST = 10 ** (_CARD_LENGTH - 1), 10**_IBAN_LENGTH  # of a whole number that may be one
_LENGTHS: Final = frozenset((_CARD_LENGTH, _ID_LENGTH, _IBAN_LENGTH))
_ID_SHAPES: Final = ([10], [3, 6, 1], [3, 3, 4])
_LEAST_PIECE, _MOST_PIECES = 3, 8  # smaller pieces, and more of them, are more often a list of numbers
_KEPT: Final = 4  # last digits that stay of a card or account, by which its owner knows it


def redacted(text: str, kinds: Kinds = ALL, say: Say | None = None) -> str:
    """The text with such numbers replaced by a word and at most their last four digits; the same object where there are none.

    A card's number passes Luhn's check, an IBAN the one of ISO 13616 with or without its IR, a national id its own: other long numbers
    stay as they are. `say` gives the word for a kind and its digits: `marked` in the language of the hour unless told otherwise.
    """
    if not kinds or _LOOK.search(text) is None:
        return text
    parts: list[str] = []
    last = 0
    for one in _found(to_latin_digits(text), kinds):
        parts += [text[last : one.start], (say or marked)(one.kind, one.digits)]
        last = one.end
    return "".join((*parts, text[last:])) if parts else text


def redacted_deep(value: Any, kinds_at: Callable[[str], Kinds], say: Say | None = None, path: str = "") -> Any:
    """The same of every text, whole number and name of a property in a value of JSON; `kinds_at` says what is looked for at a path such
    as `properties.note`. Equal to what was given where nothing was found.
    """
    if isinstance(value, str):
        return _redacted_value(value, kinds_at, say, path)
    if isinstance(value, Mapping):
        return _redacted_object(value, kinds_at, say, path)
    if isinstance(value, list):
        return [redacted_deep(inner, kinds_at, say, path) for inner in value]
    if isinstance(value, int | float) and _LEAST <= value < _MOST and value == int(value):
        kept = _redacted_value(number := str(int(value)), kinds_at, say, path)
        return value if kept is number else kept
    return value


def marked(kind: Number, digits: str) -> str:
    """What stands for a number."""
    last = digits[-_KEPT:]
    if kind == Number.CARD:
        return _("card ••••%(last)s") % {"last": last}
    if kind == Number.IBAN:
        return _("account IR••••%(last)s") % {"last": last}
    return _("national id ••••••••••")


def json_may_hold(text: str) -> bool:
    """Whether an object as JSON has digits enough, standing so, that a closer look is worth it; what holds escapes always has."""
    return "\\" in text or _LOOK_IN_JSON.search(text) is not None


def _redacted_object(value: Mapping[str, Any], kinds_at: Callable[[str], Kinds], say: Say | None, path: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, inner in value.items():
        where = f"{path}.{name}" if path else name
        shown = _redacted_value(name, kinds_at, say, where)
        while shown in kept:  # another card with these last digits
            shown += "•"
        kept[shown] = redacted_deep(inner, kinds_at, say, where)
    return kept


def _redacted_value(text: str, kinds_at: Callable[[str], Kinds], say: Say | None, path: str) -> str:
    """The same of all of a value: ten digits alone are more often an order's or a member's number than a national id."""
    if _LOOK.search(text) is None:
        return text
    kinds = kinds_at(path)
    return redacted(text, [kind for kind in kinds if kind != Number.NATIONAL_ID] if text.strip().isdigit() else kinds, say)


def _found(text: str, kinds: Kinds) -> list[_Find]:
    """The numbers in a text in their order; of two that share digits the surer."""
    every = sorted(one for run in _RUN.finditer(text) for one in _in_run(text, run.start(), run.end()) if one.kind in kinds)
    chosen: list[_Find] = []
    taken = bytearray(len(text))
    for one in every:
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
            chosen.append(one)
    return sorted(chosen, key=lambda one: one.start)


def _in_run(text: str, start: int, end: int) -> Iterator[_Find]:
    """All that may be a number in a run of digits: pieces of it, one after another, with as many digits as one has."""
    pieces = [one.span() for one in _PIECE.finditer(text, start, end)]
    for first, (begin, _end) in enumerate(pieces):
        ir = _IR.search(text, max(begin - _LONGEST_IR, 0), begin)
        if ir is None and not _STARTS.match(text, begin):
            continue
        lengths: list[int] = []
        for at, stop in pieces[first : first + _IBAN_LENGTH]:
            lengths.append(stop - at)
            if (total := sum(lengths)) > _IBAN_LENGTH:
                break
            if total in _LENGTHS and _STOPS.match(text, stop):
                digits = "".join(text[at:stop] for at, stop in pieces[first : first + len(lengths)])
                if ir and total == _IBAN_LENGTH and _is_iban(digits):
                    yield _Find(0, ir.start(), stop, Number.IBAN, digits)
                elif _STARTS.match(text, begin) and (known := _known(digits, lengths)):
                    yield _Find(known[0], begin, stop, known[1], digits)


def _known(digits: str, lengths: list[int]) -> tuple[int, Number] | None:
    """What digits in pieces of these lengths are, and how much doubt is left."""
    if len(digits) == _IBAN_LENGTH:
        return (1, Number.IBAN) if len(lengths) <= _MOST_PIECES and _is_iban(digits) else None
    if len(digits) == _CARD_LENGTH:
        return (2 if lengths in ([16], [4] * 4) else 3, Number.CARD) if min(lengths) >= _LEAST_PIECE and _is_card(digits) else None
    return (4, Number.NATIONAL_ID) if lengths in _ID_SHAPES and _is_national_id(digits) else None


def _is_card(digits: str) -> bool:
    """Luhn's check, ISO 7812; no bank's number begins with 0 or 1, as days and moments do."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and digits[0] not in "01" and len(set(digits)) > 1


def _is_iban(digits: str) -> bool:
    """ISO 13616: IR and its two digits go to the end, letters become 10 to 35, and the rest by 97 is 1."""
    return int(f"{digits[2:]}1827{digits[:2]}") % 97 == 1


def _is_national_id(digits: str) -> bool:
    """The last digit follows from the others, each times its place from the right, modulo 11. One that begins with 9 is a mobile's."""
    rest = sum(int(digit) * (_ID_LENGTH - place) for place, digit in enumerate(digits[:-1])) % 11
    check = int(digits[-1])
    return digits[0] != "9" and len(set(digits)) > 1 and (check == rest if rest < 2 else check == 11 - rest)
