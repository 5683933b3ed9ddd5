"""Phone numbers and e-mail addresses hidden inside other texts, for readers whose role does not need them.

People write them where nobody asked: in a comment, as a member number, in a field of their own. Called wherever such a
text is shown or exported.
"""

import re
from typing import Final

from peyvand.core import emails
from peyvand.core.persian import to_latin_digits

_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[\w-]{2,63}")
_NUMBER: Final = re.compile(r"(?<![\w+])\+?\d(?:[ \-().\u200c\u2066-\u2069]{0,2}\d){9,14}(?!\w)")
_DIALLED: Final = re.compile(r"\+\d{8,15}|00\d{8,13}|0\d{9,10}|9\d{9}|98\d{10}")
_HEAD, _TAIL = 4, 2


def readable(text: str, *, sees: bool) -> str:
    """The text as a reader may have it: whole for those who see contacts, with contacts hidden for the rest."""
    return text if sees else without_contacts(text)


def without_contacts(text: str) -> str:
    """The text with the middle of each phone number and the name of each e-mail address hidden."""
    if "@" in text:
        text = _EMAIL.sub(lambda found: emails.mask(found[0]), text)
    latin = to_latin_digits(text)
    if len(latin) != len(text):  # never so far; better too little shown than the wrong letters hidden
        text = latin
    for found in _NUMBER.finditer(latin):
        if _DIALLED.fullmatch(re.sub(r"[^\d+]", "", found[0])):
            text = text[: found.start()] + _hidden(text[found.start() : found.end()]) + text[found.end() :]
    return text


def _hidden(number: str) -> str:
    """The same writing with dots in place of all digits but the first few and the last two."""
    places = [n for n, letter in enumerate(number) if letter.isdigit()]
    kept = {*places[:_HEAD], *places[-_TAIL:]}
    return "".join("•" if letter.isdigit() and n not in kept else letter for n, letter in enumerate(number))
