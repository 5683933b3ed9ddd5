"""Days, weeks, months, quarters and years in a time zone and a calendar, as spans of UTC moments. Called by figures,
rollups, charts and reports.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal, NamedTuple

from peyvand.core.calendars import Calendar, date_parts, from_parts, month_length, week_start

Unit = Literal["day", "week", "month", "quarter", "year"]
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Period(NamedTuple):
    """From `start` up to but without `end`, both in UTC; `first` is the local date it begins with."""

    start: datetime
    end: datetime
    first: date


def day_start(day: date, tz: tzinfo) -> datetime:
    """The moment a local date begins, in UTC; where the clock jumps over midnight, the moment of the jump."""
    return datetime.combine(day, time(), tzinfo=tz).astimezone(UTC)


def first_day(unit: Unit, day: date, calendar: Calendar) -> date:
    """The first date of the day, week, month, quarter or year in which `day` lies."""
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=(day.weekday() - week_start(calendar)) % 7)
    year, month, _ = date_parts(day, calendar)
    span = _MONTHS[unit]
    return from_parts(year, month - (month - 1) % span, 1, calendar)


def shifted(unit: Unit, first: date, count: int, calendar: Calendar) -> date:
    """The first date of the period `count` units after (before, when negative) the one that begins with `first`."""
    if unit in ("day", "week"):
        return first + timedelta(days=count * (7 if unit == "week" else 1))
    year, month, _ = date_parts(first, calendar)
    months = year * 12 + month - 1 + count * _MONTHS[unit]
    return from_parts(months // 12, months % 12 + 1, 1, calendar)


def period(unit: Unit, moment: datetime | date, tz: tzinfo, calendar: Calendar, offset: int = 0) -> Period:
    """The period in which a moment (or local date) lies; `offset` −1 is the one before it."""
    first = shifted(unit, first_day(unit, local_date(moment, tz), calendar), offset, calendar)
    return _from_first(unit, first, tz, calendar)


def periods(unit: Unit, since: datetime | date, until: datetime | date, tz: tzinfo, calendar: Calendar) -> Iterator[Period]:
    """Every period from the one `since` lies in to the one `until` lies in, in order."""
    first, last = first_day(unit, local_date(since, tz), calendar), local_date(until, tz)
    while first <= last:
        yield _from_first(unit, first, tz, calendar)
        first = shifted(unit, first, 1, calendar)


def same_week_last_year(moment: datetime | date, tz: tzinfo, calendar: Calendar) -> Period:
    """The week of last year whose beginning is nearest to this week's beginning in the calendar: the same week around
    Nowruz or New Year.
    """
    year, month, day = date_parts(first_day("week", local_date(moment, tz), calendar), calendar)
    then = from_parts(year - 1, month, min(day, month_length(year - 1, month, calendar)), calendar)
    return _from_first("week", first_day("week", then + timedelta(days=3), calendar), tz, calendar)


def local_date(moment: datetime | date, tz: tzinfo) -> date:
    """The date a moment falls on in a time zone; a plain date stays itself."""
    return moment.astimezone(tz).date() if isinstance(moment, datetime) else moment


def _from_first(unit: Unit, first: date, tz: tzinfo, calendar: Calendar) -> Period:
    return Period(day_start(first, tz), day_start(shifted(unit, first, 1, calendar), tz), first)
