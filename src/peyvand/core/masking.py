"""Phone numbers and e-mail addresses hidden inside other texts, for readers whose role does not need them.

People write them where nobody asked: in a comment, as a member number, in a field of their own. Called wherever such a
text is shown, exported, or made into what a search by anybody finds: else they could be guessed digit by digit.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from peyvand.core import emails
from peyvand.core.persian import to_latin_digits

_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]+@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}")
# Digits that belong together, with what stands between them. Words of other scripts are often written to a number without a space.
_DIGITS: Final = re.compile(r"(?<![A-Za-z_\d+])\+?\d(?:[ \-().\u00a0\u200c\u2010-\u2014\u2066-\u2069]{0,2}\d)*+(?![A-Za-z_])")
_DIGIT: Final = re.compile(r"\d")
_GROUP: Final = re.compile(r"\+?\d+")
_SHORTEST, _LONGEST = 10, 15
_DIALLED: Final = re.compile(r"\+\d{8,15}|00\d{8,13}|0\d{9,10}|9\d{9}|98\d{10}")
_HEAD, _TAIL = 4, 2


def readable(text: str, *, sees: bool) -> str:
    """The text as a reader may have it: whole for those who see contacts, with contacts hidden for the rest."""
    return text if sees else without_contacts(text)


def without_contacts_within(value: Any) -> Any:
    """The same of plain values of JSON, however deep: contacts hidden in every text, also where one is the name of a field."""
    if isinstance(value, str):
        return without_contacts(value)
    if isinstance(value, dict):
        return {without_contacts(name): without_contacts_within(inner) for name, inner in value.items()}
    return [without_contacts_within(inner) for inner in value] if isinstance(value, list | tuple) else value


def without_contacts(text: str) -> str:
    """The text with the middle of each phone number and the name of each e-mail address hidden."""
    if "@" in text:
        text = _EMAIL.sub(lambda found: emails.mask(found[0]), text)
    if not _DIGIT.search(text):
        return text
    latin = to_latin_digits(text)
    if len(latin) != len(text):  # never so far; better too little shown than the wrong letters hidden
        text = latin
    for run in _DIGITS.finditer(latin):
        for start, end in _numbers(latin, run.start(), run.end()):
            text = text[:start] + _hidden(text[start:end]) + text[end:]
    return text


def _numbers(latin: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where phone numbers stand among digits; other numbers may stand beside them."""
    groups = list(_GROUP.finditer(latin, start, end))
    n = 0
    while n < len(groups):
        until = _end_of_number(groups, n) if _may_begin(latin, groups[n], start) else 0
        if until:
            yield groups[n].start(), groups[until - 1].end()
        n = until or n + 1


def _may_begin(latin: str, group: re.Match[str], start: int) -> bool:
    """Whether a number may begin here: not in the middle of a date or code, unless it stands there whole."""
    return group.start() == start or latin[group.start() - 1] in " \u00a0(" or len(group[0]) >= _SHORTEST


def _end_of_number(groups: Sequence[re.Match[str]], n: int) -> int:
    """Behind which group the longest phone number that begins with the n-th one ends; 0 where none does."""
    digits, found = "", 0
    for place in range(n, min(n + _LONGEST, len(groups))):
        digits += groups[place][0]
        if len(digits) > _LONGEST + 1:
            break
        if _DIALLED.fullmatch(digits):
            found = place + 1
    return found


def _hidden(number: str) -> str:
    """The same writing with dots in place of all digits but the first few and the last two."""
    places = [n for n, letter in enumerate(number) if letter.isdigit()]
    kept = {*places[:_HEAD], *places[-_TAIL:]}
    return "".join("•" if letter.isdigit() and n not in kept else letter for n, letter in enumerate(number))
