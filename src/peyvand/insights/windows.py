"""The spans Pulse looks at: this week, month, 90 days, year, everything; against last year or the time before. Called by board."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from peyvand.core import clock
from peyvand.core.calendars import Calendar, date_parts, from_parts, month_length
from peyvand.core.periods import Unit, day_start, first_day, periods, same_week_last_year, shifted
from peyvand.insights.questions import Span
from peyvand.workspaces.models import Workspace

Length = Literal["week", "month", "quarter", "year", "all"]
Against = Literal["lastyear", "previous"]
LENGTHS: Final[tuple[Length, ...]] = ("week", "month", "quarter", "year", "all")
AGAINST: Final[tuple[Against, ...]] = ("lastyear", "previous")
QUARTER_DAYS: Final = 90
# how the trend of each length is drawn: places of the axis, and how many up to now
TREND: Final[dict[Length, tuple[Unit, int]]] = {
    "week": ("week", 12),
    "month": ("month", 12),
    "quarter": ("week", 13),
    "year": ("month", 12),
}
LONG: Final[tuple[Unit, ...]] = ("week", "month", "quarter", "year")
MOST_PLACES: Final = 30


@dataclass(frozen=True, slots=True)
class Window:
    """A length of time up to today and, unless it is everything, the same length of an earlier time.

    `first` and `last` are its local dates (`last` is today), `then_first` and `then_last` those of the earlier one. With
    `as_of` an earlier day is looked at as if it were today, and what was recorded later is left out.
    """

    length: Length
    against: Against
    zone: ZoneInfo
    calendar: Calendar
    first: dt.date | None
    last: dt.date
    then_first: dt.date | None = None
    then_last: dt.date | None = None
    as_of: dt.datetime | None = None

    @property
    def span(self) -> Span:
        """The window itself."""
        if self.first is None:
            return Span(until=day_start(self.last + dt.timedelta(days=1), self.zone))
        return _span(self.first, self.last, self.zone)

    @property
    def before(self) -> Span | None:
        """What it is compared with."""
        if self.then_first is None or self.then_last is None:
            return None
        return _span(self.then_first, self.then_last, self.zone)

    def axis(self, days: Collection[dt.date] = ()) -> "Axis":
        """The places of the trend; where everything is looked at, as long as there are answers: `days` are theirs."""
        if self.length == "all":
            return _long_axis(min(days, default=self.last), max(days, default=self.last), self)
        unit, count = TREND[self.length]
        last = first_day(unit, self.last, self.calendar)
        places = tuple(shifted(unit, last, back, self.calendar) for back in range(1 - count, 1))
        ghosts: tuple[dt.date, ...] = ()
        if self.against == "lastyear" and unit == "month":
            ghosts = tuple(shifted(unit, place, -12, self.calendar) for place in places)
        elif self.against == "lastyear":
            ghosts = tuple(same_week_last_year(place, self.zone, self.calendar).first for place in places)
        return Axis(unit, places, ghosts)

    def spread(self, unit: Unit, places: Sequence[dt.date]) -> Span:
        """From the first of these places to the end of the last one."""
        return Span(day_start(places[0], self.zone), day_start(shifted(unit, places[-1], 1, self.calendar), self.zone))


@dataclass(frozen=True, slots=True)
class Axis:
    """The first date of each place of a trend, oldest first, and the same places a year earlier (none: not compared)."""

    unit: Unit
    places: tuple[dt.date, ...]
    ghosts: tuple[dt.date, ...] = ()


def window(workspace: Workspace, length: Length, against: Against, day: dt.date | None = None) -> Window:
    """The window of this length up to today, or as it stood at the end of an earlier `day`; what it is compared with has
    as many days as it has had.
    """
    zone, calendar = ZoneInfo(workspace.time_zone), cast("Calendar", workspace.calendar)
    today = clock.today(zone)
    as_of = None if day is None or day >= today else end_of(day, zone)
    if as_of is not None and day is not None:
        today = day
    if length == "all":
        return Window(length, against, zone, calendar, None, today, as_of=as_of)
    if length == "quarter":
        first = today - dt.timedelta(days=QUARTER_DAYS - 1)
    else:
        first = first_day(cast("Unit", length), today, calendar)
    then_first = _then(length, against, first, zone, calendar)
    then_last = then_first + (today - first)
    if length != "quarter":  # a month or year that was shorter has fewer days
        then_last = min(then_last, shifted(cast("Unit", length), then_first, 1, calendar) - dt.timedelta(days=1))
    return Window(length, against, zone, calendar, first, today, then_first, then_last, as_of)


def end_of(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The last microsecond of a day: what was recorded then was recorded on it, at the midnight after it no more."""
    return day_start(day + dt.timedelta(days=1), zone) - dt.timedelta(microseconds=1)


def _then(length: Length, against: Against, first: dt.date, zone: ZoneInfo, calendar: Calendar) -> dt.date:
    if against == "lastyear":
        return same_week_last_year(first, zone, calendar).first if length == "week" else year_before(first, calendar)
    if length == "quarter":
        return first - dt.timedelta(days=QUARTER_DAYS)
    return shifted(cast("Unit", length), first, -1, calendar)


def _long_axis(first: dt.date, last: dt.date, window: Window) -> Axis:
    places: tuple[dt.date, ...] = ()
    for unit in LONG:
        places = tuple(one.first for one in periods(unit, first, last, window.zone, window.calendar))
        if len(places) <= MOST_PLACES:
            return Axis(unit, places)
    return Axis("year", places[-MOST_PLACES:])


def year_before(day: dt.date, calendar: Calendar) -> dt.date:
    """The same date of last year, or the last of its month."""
    year, month, number = date_parts(day, calendar)
    return from_parts(year - 1, month, min(number, month_length(year - 1, month, calendar)), calendar)


def _span(first: dt.date, last: dt.date, zone: ZoneInfo) -> Span:
    return Span(day_start(first, zone), day_start(last + dt.timedelta(days=1), zone))
