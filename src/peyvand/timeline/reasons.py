"""What msgspec says of a value that does not fit, in the reader's language. Called by checking and by imports.

In English its own words stay: programs that read answers of the API know them.
"""

import re
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_TYPES: Final[dict[str, str | Promise]] = {
    "str": _("`str`"),
    "int": _("`int`"),
    "float": _("`float`"),
    "bool": _("`bool`"),
    "object": _("`object`"),
    "array": _("`array`"),
    "null": _("`null`"),
}
_REASONS: Final[tuple[tuple[re.Pattern[str], str | Promise], ...]] = (
    (re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<given>[^`]*)`"), _("Expected %(wanted)s, got %(given)s")),
    (re.compile(r"Expected `str` of length <= (?P<most>\d+)"), _("Expected `str` of length <= %(most)s")),
    (re.compile(r"Expected `str` of length >= (?P<least>\d+)"), _("Expected `str` of length >= %(least)s")),
    (re.compile(r"Expected `(?P<wanted>int|float)` <= (?P<most>\S+)"), _("Expected %(wanted)s <= %(most)s")),
    (re.compile(r"Expected `(?P<wanted>int|float)` >= (?P<least>\S+)"), _("Expected %(wanted)s >= %(least)s")),
    (re.compile(r"Expected `str` matching regex '(?P<form>.*)'"), _("Expected `str` matching regex '%(form)s'")),
    (re.compile(r"Expected `datetime` with a timezone component"), _("Expected `datetime` with a timezone component")),
)


def in_words(reason: str) -> str:
    """A reason of msgspec as a person reads it; one that is not known stays as it is."""
    for pattern, words in _REASONS:
        if found := pattern.fullmatch(reason):
            parts = {name: _types(text) if name in {"wanted", "given"} else text for name, text in found.groupdict().items()}
            return str(words) % parts
    return reason


def _types(text: str) -> str:
    """Types as msgspec joins them: `int | null`."""
    names = text.split(" | ")
    if len(names) == 1:
        return str(_TYPES.get(text, f"`{text}`"))
    return f"`{' | '.join(str(_TYPES.get(name, name)).strip('`') for name in names)}`"
