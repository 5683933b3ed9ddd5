"""Jalali and Gregorian dates: names, parts, reading what people and files write. Called by forms, imports and
display; periods live in `periods`.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext_lazy
from persiantools.jdatetime import JalaliDate

from peyvand.core import clock
from peyvand.core.persian import to_latin_digits

Calendar = Literal["jalali", "gregorian"]
CalendarHint = Literal["jalali", "gregorian", "auto"]
Order = Literal["ymd", "dmy", "mdy"]

JALALI_YEARS: Final = range(1200, 1501)
GREGORIAN_YEARS: Final = range(1800, 2201)
_FIRST_JALALI_DAY: Final = date(622, 3, 22)


class DateError(ValueError):
    """The text is no date; the message says what is wrong with it, in the reader's language."""


class Parts(NamedTuple):
    """A date as its calendar writes it."""

    year: int
    month: int
    day: int


_JALALI_MONTHS: Final = (
    pgettext_lazy("Jalali month", "Farvardin"),
    pgettext_lazy("Jalali month", "Ordibehesht"),
    pgettext_lazy("Jalali month", "Khordad"),
    pgettext_lazy("Jalali month", "Tir"),
    pgettext_lazy("Jalali month", "Mordad"),
    pgettext_lazy("Jalali month", "Shahrivar"),
    pgettext_lazy("Jalali month", "Mehr"),
    pgettext_lazy("Jalali month", "Aban"),
    pgettext_lazy("Jalali month", "Azar"),
    pgettext_lazy("Jalali month", "Dey"),
    pgettext_lazy("Jalali month", "Bahman"),
    pgettext_lazy("Jalali month", "Esfand"),
)
_GREGORIAN_MONTHS: Final = (
    pgettext_lazy("month", "January"),
    pgettext_lazy("month", "February"),
    pgettext_lazy("month", "March"),
    pgettext_lazy("month", "April"),
    pgettext_lazy("month", "May"),
    pgettext_lazy("month", "June"),
    pgettext_lazy("month", "July"),
    pgettext_lazy("month", "August"),
    pgettext_lazy("month", "September"),
    pgettext_lazy("month", "October"),
    pgettext_lazy("month", "November"),
    pgettext_lazy("month", "December"),
)
_SHORT_GREGORIAN_MONTHS: Final = (
    pgettext_lazy("short month", "Jan"),
    pgettext_lazy("short month", "Feb"),
    pgettext_lazy("short month", "Mar"),
    pgettext_lazy("short month", "Apr"),
    pgettext_lazy("short month", "May"),
    pgettext_lazy("short month", "Jun"),
    pgettext_lazy("short month", "Jul"),
    pgettext_lazy("short month", "Aug"),
    pgettext_lazy("short month", "Sep"),
    pgettext_lazy("short month", "Oct"),
    pgettext_lazy("short month", "Nov"),
    pgettext_lazy("short month", "Dec"),
)
_WEEKDAYS: Final = (
    pgettext_lazy("weekday", "Monday"),
    pgettext_lazy("weekday", "Tuesday"),
    pgettext_lazy("weekday", "Wednesday"),
    pgettext_lazy("weekday", "Thursday"),
    pgettext_lazy("weekday", "Friday"),
    pgettext_lazy("weekday", "Saturday"),
    pgettext_lazy("weekday", "Sunday"),
)


def date_parts(day: date, calendar: Calendar) -> Parts:
    """Year, month and day of a date in a calendar. Raises DateError before the Jalali year 1."""
    if calendar == "gregorian":
        return Parts(day.year, day.month, day.day)
    if day < _FIRST_JALALI_DAY:
        raise DateError(f"{day.isoformat()} lies before the Jalali calendar begins.")
    jalali = JalaliDate(date(day.year, day.month, day.day))  # type: ignore[no-untyped-call]
    return Parts(jalali.year, jalali.month, jalali.day)


def from_parts(year: int, month: int, day: int, calendar: Calendar) -> date:
    """The date of a year, month and day of a calendar. Raises DateError when there is no such day."""
    try:
        if calendar == "gregorian":
            return date(year, month, day)
        plain = JalaliDate(year, month, day).to_gregorian()  # type: ignore[no-untyped-call]
        return date(plain.year, plain.month, plain.day)
    except (ValueError, OverflowError) as error:
        raise DateError(f"The {calendar} calendar has no day {year}/{month}/{day}.") from error


def month_length(year: int, month: int, calendar: Calendar) -> int:
    """Days in a month."""
    following = (year + 1, 1) if month == 12 else (year, month + 1)
    return (from_parts(*following, 1, calendar) - from_parts(year, month, 1, calendar)).days


@lru_cache(maxsize=256)
def month_name(month: int, calendar: Calendar, language: str, *, short: bool = False) -> str:
    """The name of month 1–12: آبان or Aban, نوامبر or November; `short` shortens where a language does (Nov)."""
    with override(language):
        if calendar == "jalali":
            return str(_JALALI_MONTHS[month - 1])
        return str((_SHORT_GREGORIAN_MONTHS if short else _GREGORIAN_MONTHS)[month - 1])


@lru_cache(maxsize=64)
def weekday_name(weekday: int, language: str) -> str:
    """The name of a weekday, Monday = 0 as in `date.weekday()`."""
    with override(language):
        return str(_WEEKDAYS[weekday])


def week_start(calendar: Calendar) -> int:
    """The weekday a week begins with: Saturday in the Jalali calendar, Monday in the Gregorian."""
    return 5 if calendar == "jalali" else 0


_DATE: Final = r"(?P<a>[0-9]{1,4})(?P<sep>[-/.])(?P<b>[0-9]{1,2})(?P=sep)(?P<c>[0-9]{1,4})"
_NAMED: Final = r"(?P<day>[0-9]{1,2})[ \u200c]?(?:st|nd|rd|th|م|اُم)?[ -](?P<name>[^\W\d_]+)(?:[ \u200c]?ماه)?,?[ -](?P<year>[0-9]{4})"
_TIME: Final = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
_HALF: Final = r"(?: ?(?P<half>am|pm|a\.m\.|p\.m\.|ق\.ظ\.?|ب\.ظ\.?|صبح|عصر))?"
_OFFSET: Final = r"(?: ?(?P<offset>z|[+-][0-9]{2}:?[0-9]{2}))?"
_MOMENT: Final = re.compile(rf"(?:{_DATE}|{_NAMED})(?:(?:t|[ ,،]{{1,3}}|،? ?ساعت | - )(?:{_TIME}{_HALF}{_OFFSET}))?")
# What stands in another place is put where the pattern looks for it: a weekday goes, a time before the date follows it,
# "nov 21, 2026" becomes "21 nov 2026".
_WEEKDAY: Final = re.compile(
    r"(?:(?:یک|دو|سه|چهار|پنج)?[ \u200c]?شنبه|جمعه|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?)[,،]? "
)
_TIME_FIRST: Final = re.compile(r"([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)(?: ?[-,،] ?| )([0-9].*)")
_MONTH_FIRST: Final = re.compile(r"([^\W\d_]+)\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})")
_MAX_LENGTH: Final = 60
_AFTERNOON: Final = ("pm", "p.m.", "ب.ظ", "ب.ظ.", "عصر")


def parse_date(text: str, calendar: CalendarHint = "auto", *, order: Order = "ymd") -> date:
    """The date that `text` says; a time beside it is read and left out. See `parse_datetime`."""
    return _date_of(_match(text), text, calendar, order)


def parse_datetime(text: str, tz: tzinfo, calendar: CalendarHint = "auto", *, order: Order = "ymd") -> datetime:
    """The moment, in UTC, that a person or a file wrote: `۱۴۰۵/۰۸/۳۰`, `1405-08-30 14:20`, `27 Nov 2026 2:05 pm`, ISO
    8601; midnight without a time.

    Digits may be Persian, Arabic or Latin. A time without an offset is wall time in `tz`. `auto` takes the years
    1200–1500 for Jalali. `order` matters
    only where the year does not stand first or has two digits; such a year is read where the calendar is said, as the
    one among the last 79 and the next 20. Raises DateError.
    """
    if calendar != "jalali" and (moment := _iso_moment(text)):
        return (moment if moment.tzinfo else moment.replace(tzinfo=tz)).astimezone(UTC)
    match = _match(text)
    day = _date_of(match, text, calendar, order)
    hour, minute, second, micro = _time_of(match, text)
    zone = _zone_of(match["offset"]) or tz
    return datetime(day.year, day.month, day.day, hour, minute, second, micro, tzinfo=zone).astimezone(UTC)


def _iso_moment(text: str) -> datetime | None:
    """The short way for the millions of timestamps that machines write; all else goes the long way."""
    if not text.isascii() or text[4:5] != "-" or text[7:8] != "-" or text[10:11] not in ("", "T", " "):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.year in GREGORIAN_YEARS else None


def _match(text: str) -> re.Match[str]:
    cleaned = re.sub(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", to_latin_digits(text))
    cleaned = " ".join(cleaned.replace("ي", "ی").replace("ك", "ک").split()).lower() if len(text) <= _MAX_LENGTH else ""
    match = _MOMENT.fullmatch(cleaned) or _MOMENT.fullmatch(_arranged(cleaned))
    if not match:
        raise DateError(
            _("“%(text)s” is not a date. Write it like 2026-11-21, 1405/08/30 or 1405/08/30 14:20.") % {"text": text[:_MAX_LENGTH]}
        )
    return match


def _arranged(cleaned: str) -> str:
    if day := _WEEKDAY.match(cleaned):
        cleaned = cleaned[day.end() :]
    cleaned = _MONTH_FIRST.sub(r"\2 \1 \3", cleaned, count=1)
    if time_first := _TIME_FIRST.fullmatch(cleaned):
        return f"{time_first[2]} {time_first[1]}"
    return cleaned


def _date_of(match: re.Match[str], text: str, calendar: CalendarHint, order: Order) -> date:
    if match["name"]:
        month, named = _month_numbered(match["name"], text)
        if calendar not in ("auto", named):
            raise DateError(_("“%(text)s”: this month belongs to the other calendar.") % {"text": text})
        return _real_date(int(match["year"]), month, int(match["day"]), named, text)
    year, month, day = _ordered(match, text, calendar, order)
    chosen: Calendar = calendar if calendar != "auto" else ("jalali" if year in JALALI_YEARS else "gregorian")
    return _real_date(year, month, day, chosen, text)


def _ordered(match: re.Match[str], text: str, calendar: CalendarHint, order: Order) -> tuple[int, int, int]:
    first, middle, last = match["a"], match["b"], match["c"]
    if len(first) == len(last) == 2 or (min(len(first), len(last)) == 1 and len(match["a" if order == "ymd" else "c"]) == 2):
        if calendar == "auto":
            raise DateError(_("“%(text)s”: the year has two digits, so say which calendar it is of.") % {"text": text})
        year, month, day = {"ymd": (first, middle, last), "dmy": (last, middle, first), "mdy": (last, first, middle)}[order]
        return full_year(int(year), calendar), int(month), int(day)
    if len(first) == 4 and len(last) <= 2:
        return int(first), int(middle), int(last)
    if len(last) == 4 and len(first) <= 2:
        if order == "ymd":
            raise DateError(_("“%(text)s”: the year stands last, so say whether the day or the month comes first.") % {"text": text})
        return (int(last), int(middle), int(first)) if order == "dmy" else (int(last), int(first), int(middle))
    raise DateError(_("“%(text)s”: write the year with four digits.") % {"text": text})


def full_year(two_digits: int, calendar: Calendar) -> int:
    """The year that two digits mean: the one among the last 79 and the next 20, counted from today."""
    now = date_parts(clock.now().date(), calendar).year
    year = now - now % 100 + two_digits
    return year - 100 if year > now + 20 else year + 100 if year < now - 79 else year


def _real_date(year: int, month: int, day: int, calendar: Calendar, text: str) -> date:
    if year not in (JALALI_YEARS if calendar == "jalali" else GREGORIAN_YEARS):
        raise DateError(_("“%(text)s”: the year is out of range.") % {"text": text})
    if not 1 <= month <= 12:
        raise DateError(_("“%(text)s”: a year has no such month.") % {"text": text})
    if not 1 <= day <= month_length(year, month, calendar):
        raise DateError(_("“%(text)s”: this month has no such day.") % {"text": text})
    return from_parts(year, month, day, calendar)


def _time_of(match: re.Match[str], text: str) -> tuple[int, int, int, int]:
    if match["hour"] is None:
        return 0, 0, 0, 0
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise DateError(_("“%(text)s”: there is no such time of day.") % {"text": text})
        hour = hour % 12 + (12 if match["half"] in _AFTERNOON else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise DateError(_("“%(text)s”: there is no such time of day.") % {"text": text})
    return hour, minute, second, int((match["fraction"] or "").ljust(6, "0")[:6])


def _zone_of(offset: str | None) -> tzinfo | None:
    if offset is None:
        return None
    if offset == "z":
        return UTC
    hours, minutes = int(offset[1:3]), int(offset[-2:])
    if hours > 23 or minutes > 59:
        raise DateError(_("%(offset)s is not an offset from UTC.") % {"offset": offset})
    return timezone((1 if offset[0] == "+" else -1) * timedelta(hours=hours, minutes=minutes))


_PERSIAN_MONTHS: Final[dict[str, tuple[int, Calendar]]] = {
    **{
        name: (number, "jalali")
        for number, name in enumerate(
            ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"], 1
        )
    },
    **{
        name: (number, "gregorian")
        for number, name in enumerate(
            ["ژانویه", "فوریه", "مارس", "آوریل", "مه", "ژوئن", "ژوئیه", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر"],
            1,
        )
    },
    "امرداد": (5, "jalali"),
    "می": (5, "gregorian"),
    "جولای": (7, "gregorian"),
}


def _month_numbered(name: str, text: str) -> tuple[int, Calendar]:
    known = _PERSIAN_MONTHS.get(name) or _latin_months().get(name)
    if not known:
        raise DateError(_("“%(text)s”: there is no month called “%(name)s”.") % {"text": text, "name": name})
    return known


@cache
def _latin_months() -> dict[str, tuple[int, Calendar]]:
    with override("en"):
        months: dict[str, tuple[int, Calendar]] = {str(name).lower(): (number, "jalali") for number, name in enumerate(_JALALI_MONTHS, 1)}
        for names in (_GREGORIAN_MONTHS, _SHORT_GREGORIAN_MONTHS):
            months.update({str(name).lower(): (number, "gregorian") for number, name in enumerate(names, 1)})
    return months
