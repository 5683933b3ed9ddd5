"""Working time: deadlines and durations that count only the hours a workspace is open. Called by cases, tasks and
settings.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from peyvand.core.calendars import weekday_name
from peyvand.core.persian import to_latin_digits, to_persian_digits

Hours = Mapping[int, Sequence[tuple[str, str]]]
Span = tuple[datetime, datetime]

_OFFICE: Final = (("09:00", "17:00"),)
IRANIAN_WEEK: Final[Hours] = {**dict.fromkeys((5, 6, 0, 1, 2), _OFFICE), 3: (("09:00", "13:00"),)}
WESTERN_WEEK: Final[Hours] = dict.fromkeys(range(5), _OFFICE)
_HORIZON: Final = timedelta(days=3 * 366)
_IRAN_LANGUAGES: Final = {"fa": "fa_IR", "en": "en_US"}
_ESTIMATED: Final = {"fa": " (تخمینی)", "en": " (estimated)"}


class HoursError(ValueError):
    """The hours leave no time to count on; the message says which."""


class OfferedHoliday(NamedTuple):
    """A public holiday to offer in settings; `estimated` where the moon decides and the day may still move."""

    day: date
    names: dict[str, str]
    estimated: bool


def add_working_time(
    start: datetime, amount: timedelta, *, hours: Hours, holidays: Collection[date], tz: tzinfo, opened: Collection[date] = ()
) -> datetime:
    """The earliest moment (UTC) by which `amount` of working time has passed since `start`.

    `hours` gives for each weekday (Monday = 0) the open spans in wall time of `tz`, "24:00" allowed as an end;
    weekdays left out and `holidays` are closed. Days of `opened` are open after all: with their weekday's hours, or
    where it has none with those of the last weekday before it that has some.
    Raises HoursError when three years do not hold that much, ValueError for a negative amount.
    """
    if amount < timedelta():
        raise ValueError(f"Cannot add {amount} of working time: it is negative.")
    moment, left = start.astimezone(UTC), amount
    if not left:
        return moment
    for opens, closes in _open_spans(moment, moment + _HORIZON, _Week(hours, holidays, opened), tz):
        if closes - opens >= left:
            return opens + left
        left -= closes - opens
    raise HoursError(_("The business hours leave too little working time. Open at least one weekday in the settings."))


def working_time_between(
    start: datetime, end: datetime, *, hours: Hours, holidays: Collection[date], tz: tzinfo, opened: Collection[date] = ()
) -> timedelta:
    """How much working time lies between two moments; negative when `end` comes first."""
    if end < start:
        return -working_time_between(end, start, hours=hours, holidays=holidays, tz=tz, opened=opened)
    spans = _open_spans(start.astimezone(UTC), end.astimezone(UTC), _Week(hours, holidays, opened), tz)
    return sum((closes - opens for opens, closes in spans), timedelta())


def check_hours(hours: Hours) -> None:
    """Raises HoursError at the first weekday or span that makes no sense: unknown day, end before start, overlap."""
    for weekday, spans in hours.items():
        if weekday not in range(7):
            raise HoursError(f"{weekday} is no weekday: they go from 0 (Monday) to 6 (Sunday).")
        last = -1
        for opens, closes in sorted((_minutes(a), _minutes(b)) for a, b in spans):
            if opens >= closes or opens < last:
                name = weekday_name(weekday, get_language() or "en")
                raise HoursError(_("The hours of %(weekday)s overlap or end before they begin.") % {"weekday": name})
            last = closes


def iranian_holidays(first: date, last: date) -> list[OfferedHoliday]:
    """Iran's public holidays from `first` to `last`, both included, with their names in Persian and English; an admin
    may edit them.
    """
    import holidays  # noqa: PLC0415 - weight: a second to import, needed in settings alone

    years = range(first.year, last.year + 1)
    named = {language: holidays.country_holidays("IR", years=years, language=locale) for language, locale in _IRAN_LANGUAGES.items()}
    offered = []
    for day in sorted(named["fa"]):
        if first <= day <= last:
            estimated = any(_ESTIMATED[language] in named[language][day] for language in named)
            names = {language: "؛ ".join(_parts(named[language][day], language)) for language in named}
            offered.append(OfferedHoliday(day, {"fa": to_persian_digits(names["fa"]), "en": names["en"].replace("؛", ";")}, estimated))
    return offered


def _parts(name: str, language: str) -> list[str]:
    name = name.replace(_ESTIMATED[language], "").replace("؛", ";").replace("عیدنوروز", "عید نوروز")  # written together in the source
    return [part.strip() for part in name.split(";")]


class _Week:
    """The hours of each day: the week's, and what was said of single days."""

    def __init__(self, hours: Hours, closed: Collection[date], opened: Collection[date]) -> None:
        self.hours, self.closed, self.opened = hours, frozenset(closed), frozenset(opened)

    def spans(self, day: date) -> Sequence[tuple[str, str]]:
        """The open spans of a day in wall time."""
        if day in self.opened:
            before = (self.hours.get((day.weekday() - n) % 7, ()) for n in range(7))
            return next((spans for spans in before if spans), ())
        return () if day in self.closed else self.hours.get(day.weekday(), ())


def _open_spans(start: datetime, end: datetime, week: _Week, tz: tzinfo) -> Iterator[Span]:
    """Open spans between two UTC moments, in order, without overlap, cut at both ends."""
    day = start.astimezone(tz).date() - timedelta(days=1)  # a zone may have skipped or repeated a day
    last = end.astimezone(tz).date()
    reached = start
    while day <= last:
        for opens, closes in _day_spans(day, week.spans(day), tz):
            begin, finish = max(opens, reached), min(closes, end)
            if begin < finish:
                yield begin, finish
                reached = finish
        day += timedelta(days=1)


def _day_spans(day: date, spans: Sequence[tuple[str, str]], tz: tzinfo) -> list[Span]:
    return sorted((_moment(day, opens, tz), _moment(day, closes, tz)) for opens, closes in spans)


def _moment(day: date, clock_time: str, tz: tzinfo) -> datetime:
    minutes = _minutes(clock_time)
    day += timedelta(days=minutes // 1440)
    return datetime(day.year, day.month, day.day, minutes % 1440 // 60, minutes % 60, tzinfo=tz).astimezone(UTC)


def _minutes(clock_time: str) -> int:
    hour, _colon, minute = to_latin_digits(clock_time).partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and len(minute) == 2):
        raise HoursError(_("“%(time)s” is not a time of day. Write it like 09:30.") % {"time": clock_time[:20]})
    minutes = int(hour) * 60 + int(minute)
    if int(minute) > 59 or minutes > 1440:
        raise HoursError(_("“%(time)s” is not a time of day. Write it like 09:30.") % {"time": clock_time[:20]})
    return minutes
