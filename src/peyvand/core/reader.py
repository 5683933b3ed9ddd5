"""Who reads: language, calendar, digits, time zone, currency. The edge sets the active reader for a request, jobs and
mails for their addressee.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, get_language_info, override

from peyvand.core.calendars import Calendar
from peyvand.core.money import RialUnit

Digits = Literal["persian", "latin"]


@dataclass(frozen=True, slots=True)
class Reader:
    """How one person wants to read; everything shown follows it."""

    language: str = "fa"
    calendar: Calendar = "jalali"
    digits: Digits = "persian"
    tz: str = "Asia/Tehran"
    currency: str = "IRR"
    rial_shown_as: RialUnit = "toman"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz)

    @property
    def rtl(self) -> bool:
        return _rtl(self.language)

    @property
    def direction(self) -> Literal["rtl", "ltr"]:
        return "rtl" if self.rtl else "ltr"


PERSIAN: Final = Reader()
ENGLISH: Final = Reader(language="en", calendar="gregorian", digits="latin")

_active: ContextVar[Reader | None] = ContextVar("peyvand_reader", default=None)


def active_reader() -> Reader:
    """The reader of what is being made now; the usual one of Django's language where nobody said."""
    return _active.get() or usual_reader(get_language() or PERSIAN.language)


def usual_reader(language: str) -> Reader:
    """How people of a language read unless they said otherwise: Persian with Jalali dates, the rest as English does."""
    return PERSIAN if language.split("-", maxsplit=1)[0] == "fa" else replace(ENGLISH, language=language)


def set_reader(reader: Reader) -> Token[Reader | None]:
    """Make a reader active until `reset_reader`; for middleware, which cannot wrap. The language of Django's gettext
    stays the caller's.
    """
    return _active.set(reader)


def reset_reader(token: Token[Reader | None]) -> None:
    """Go back to the reader before `set_reader`."""
    _active.reset(token)


@contextmanager
def use_reader(reader: Reader) -> Iterator[Reader]:
    """Write for `reader` inside the block: its formats and its language (Django's gettext included)."""
    token = _active.set(reader)
    try:
        with override(reader.language):
            yield reader
    finally:
        _active.reset(token)


def speaking(reader: Reader) -> AbstractContextManager[None]:
    """Django's gettext in the reader's language inside the block; costs nothing where it is that already."""
    return nullcontext() if get_language() == reader.language else override(reader.language)


@lru_cache(maxsize=64)
def _rtl(language: str) -> bool:
    try:
        return bool(get_language_info(language)["bidi"])
    except KeyError:
        return False
