"""Periods: where days, weeks, months, quarters and years begin and end, wherever one is."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core import periods
from peyvand.core.calendars import date_parts, week_start

TEHRAN = ZoneInfo("Asia/Tehran")
ODD_ZONES = ("America/New_York", "Asia/Kathmandu", "Pacific/Apia", "America/Havana", "Australia/Lord_Howe")
ZONES = st.sampled_from([TEHRAN, UTC, *map(ZoneInfo, ODD_ZONES)])
MOMENTS = st.integers(631_152_000, 2_208_988_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))  # 1990 to 2040
CALENDARS = st.sampled_from(["jalali", "gregorian"])
UNITS = st.sampled_from(["day", "week", "month", "quarter", "year"])
WEDNESDAY = datetime(2026, 11, 18, 7, 10, tzinfo=UTC)  # 27 Aban 1405, 10:40 in Tehran


@pytest.mark.parametrize(
    ("unit", "calendar", "first", "last"),
    [
        ("day", "jalali", date(2026, 11, 18), date(2026, 11, 18)),
        ("week", "jalali", date(2026, 11, 14), date(2026, 11, 20)),
        ("month", "jalali", date(2026, 10, 23), date(2026, 11, 21)),
        ("quarter", "jalali", date(2026, 9, 23), date(2026, 12, 21)),
        ("year", "jalali", date(2026, 3, 21), date(2027, 3, 20)),
        ("week", "gregorian", date(2026, 11, 16), date(2026, 11, 22)),
        ("month", "gregorian", date(2026, 11, 1), date(2026, 11, 30)),
        ("quarter", "gregorian", date(2026, 10, 1), date(2026, 12, 31)),
        ("year", "gregorian", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_begins_and_ends_where_its_calendar_says(unit, calendar, first, last):
    period = periods.period(unit, WEDNESDAY, TEHRAN, calendar)
    assert period.first == first
    assert period.start == datetime(first.year, first.month, first.day, tzinfo=TEHRAN)
    assert period.end.astimezone(TEHRAN).date() == last + timedelta(days=1)
    assert period.start.tzinfo is UTC


def test_the_period_before_and_after():
    assert periods.period("month", WEDNESDAY, TEHRAN, "jalali", -1).first == date(2026, 9, 23)
    assert periods.period("month", WEDNESDAY, TEHRAN, "jalali", -8).first == date(2026, 2, 20)
    assert periods.period("week", WEDNESDAY, TEHRAN, "jalali", 1).first == date(2026, 11, 21)
    assert periods.period("quarter", WEDNESDAY, TEHRAN, "gregorian", -4).first == date(2025, 10, 1)


def test_months_of_a_span_come_in_order_without_gaps():
    found = list(periods.periods("month", date(2026, 9, 1), WEDNESDAY, TEHRAN, "jalali"))
    assert [date_parts(period.first, "jalali").month for period in found] == [6, 7, 8]
    assert all(one.end == other.start for one, other in pairwise(found))
    assert list(periods.periods("day", date(2026, 9, 2), date(2026, 9, 1), TEHRAN, "jalali")) == []


def test_a_day_whose_midnight_was_skipped_begins_at_the_jump():
    assert periods.day_start(date(2021, 3, 22), TEHRAN) == datetime(2021, 3, 21, 20, 30, tzinfo=UTC)
    day = periods.period("day", date(2021, 3, 22), TEHRAN, "jalali")
    assert day.end - day.start == timedelta(hours=23)


def test_the_same_week_last_year_keeps_its_place_in_the_calendar():
    assert periods.same_week_last_year(WEDNESDAY, TEHRAN, "jalali").first == date(2025, 11, 15)
    nowruz = periods.same_week_last_year(date(2026, 3, 23), TEHRAN, "jalali")  # the week of Saturday 1 Farvardin 1405
    assert nowruz.first == date(2025, 3, 22)
    assert periods.same_week_last_year(date(2025, 3, 20), TEHRAN, "jalali").first == date(2024, 3, 16)  # from 30 Esfand of a leap year


@given(MOMENTS, ZONES, CALENDARS, UNITS)
def test_a_moment_lies_in_its_period_and_periods_touch(moment, tz, calendar, unit):
    here, following = periods.period(unit, moment, tz, calendar), periods.period(unit, moment, tz, calendar, 1)
    assert here.start <= moment < here.end == following.start
    assert periods.period(unit, here.start, tz, calendar) == here
    assert periods.period(unit, following.start, tz, calendar, -1) == here


@given(MOMENTS, ZONES, CALENDARS)
def test_the_same_week_last_year_is_a_week_within_four_days_of_the_date(moment, tz, calendar):
    this, last = periods.period("week", moment, tz, calendar), periods.same_week_last_year(moment, tz, calendar)
    assert last.first.weekday() == week_start(calendar)
    assert abs((this.first - last.first).days - 365.25) <= 5
