"""Dates in two calendars: parts, names, and what people and files write."""

from contextlib import suppress
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from peyvand.core import calendars, clock

TEHRAN, NEW_YORK = ZoneInfo("Asia/Tehran"), ZoneInfo("America/New_York")
THIRTIETH = date(2026, 11, 21)


@pytest.mark.parametrize(
    "written",
    [
        "۱۴۰۵/۰۸/۳۰", "١٤٠٥/٠٨/٣٠", "1405/8/30", "1405-08-30", "1405.08.30", " 1405/08/30 ", "1405/08/30 14:20", "\u200f۱۴۰۵/۰۸/۳۰",
        "۳۰ آبان ۱۴۰۵", "۳۰ آبان ماه ۱۴۰۵", "30 Aban 1405", "2026-11-21", "2026/11/21", "21 Nov 2026", "21 November 2026",
        "21st november, 2026", "۲۱ نوامبر ۲۰۲۶", "2026-11-21T08:00:00Z",
    ],
)  # fmt: skip
def test_one_day_written_in_many_ways(written):
    assert calendars.parse_date(written) == THIRTIETH


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("1405-08-30 14:20", datetime(2026, 11, 21, 10, 50, tzinfo=UTC)),
        ("۱۴۰۵/۰۸/۳۰، ساعت ۱۴:۲۰", datetime(2026, 11, 21, 10, 50, tzinfo=UTC)),
        ("۱۴۰۵/۰۸/۳۰ ۲:۲۰ ب.ظ", datetime(2026, 11, 21, 10, 50, tzinfo=UTC)),
        ("2026-11-21 2:20 PM", datetime(2026, 11, 21, 10, 50, tzinfo=UTC)),
        ("2026-11-21 12:05 am", datetime(2026, 11, 20, 20, 35, tzinfo=UTC)),
        ("2026-11-21 12:05 pm", datetime(2026, 11, 21, 8, 35, tzinfo=UTC)),
        ("2026-11-21T14:20:05.123456Z", datetime(2026, 11, 21, 14, 20, 5, 123456, tzinfo=UTC)),
        ("2026-11-21T14:20:05.5+03:30", datetime(2026, 11, 21, 10, 50, 5, 500000, tzinfo=UTC)),
        ("2026-11-21T14:20:05.123456789+00:00", datetime(2026, 11, 21, 14, 20, 5, 123456, tzinfo=UTC)),
        ("2026-11-21 14:20:00", datetime(2026, 11, 21, 10, 50, tzinfo=UTC)),
        ("2026-11-21 14:20 -0500", datetime(2026, 11, 21, 19, 20, tzinfo=UTC)),
        ("1405/08/30", datetime(2026, 11, 20, 20, 30, tzinfo=UTC)),
        ("1399/01/01 00:30", datetime(2020, 3, 19, 21, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_without_an_offset_is_wall_time_of_the_workspace(written, moment):
    assert calendars.parse_datetime(written, TEHRAN) == moment


def test_a_time_the_clock_jumped_over_moves_on_by_the_jump():
    assert calendars.parse_datetime("2026-03-08 02:30", NEW_YORK) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "order", "day"),
    [
        ("12/1/2010 8:26", "mdy", date(2010, 12, 1)),
        ("12/1/2010", "dmy", date(2010, 1, 12)),
        ("30/08/1405", "dmy", THIRTIETH),
        ("2026-11-21", "dmy", THIRTIETH),
    ],
)
def test_the_order_counts_only_where_the_year_stands_last(written, order, day):
    assert calendars.parse_date(written, order=order) == day


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "is not a date"),
        ("tomorrow", "is not a date"),
        ("2026-W47-6", "is not a date"),
        ("2026-11-21x10:00", "is not a date"),
        ("1405/08/30 14", "is not a date"),
        ("1405/08-30", "is not a date"),
        ("2026-11-21T25:00", "no such time of day"),
        ("2026-11-21 14:60", "no such time of day"),
        ("2026-11-21 13:00 pm", "no such time of day"),
        ("1405/13/01", "no such month"),
        ("1405/12/30", "no such day"),
        ("1405/00/10", "no such month"),
        ("2026-02-29", "no such day"),
        ("05/08/30", "two digits, so say which calendar"),
        ("5/8/3", "four digits"),
        ("2026-11-21-05:00", "is not a date"),
        ("monday", "is not a date"),
        ("405/08/30", "four digits"),
        ("30/08/1405", "stands last"),
        ("1600/01/01", "out of range"),
        ("9999/01/01", "out of range"),
        ("30 Brumaire 1405", "no month called “brumaire”"),
        ("2026-11-21T10:00+99:00", "not an offset"),
        ("\x00", "is not a date"),
        ("1" * 500, "is not a date"),
        ("۱۴۰۵/۰۸/۳۱", "no such day"),
    ],
)
def test_an_error_names_what_is_wrong(written, problem, english):
    with pytest.raises(calendars.DateError, match=problem):
        calendars.parse_datetime(written, TEHRAN)


@pytest.mark.parametrize(
    ("written", "calendar", "order", "day"),
    [
        ("۰۵/۰۸/۳۰", "jalali", "ymd", THIRTIETH),
        ("05/8/30", "jalali", "ymd", THIRTIETH),
        ("30/8/05", "jalali", "dmy", THIRTIETH),
        ("11-21-26", "gregorian", "mdy", THIRTIETH),
        ("99/12/29", "jalali", "ymd", date(2021, 3, 19)),
        ("99/12/29", "gregorian", "ymd", date(1999, 12, 29)),
        ("25/01/01", "jalali", "ymd", date(2046, 3, 21)),
        ("26/01/01", "jalali", "ymd", date(1947, 3, 22)),
    ],
)
def test_a_year_of_two_digits_is_near_where_the_calendar_is_said(written, calendar, order, day):
    with clock.frozen(datetime(2026, 11, 21, tzinfo=UTC)):
        assert calendars.parse_date(written, calendar, order=order) == day


@pytest.mark.parametrize(
    "written",
    [
        "۱۴۰۵/۰۸/۳۰ - ۱۴:۲۰", "۱۴:۲۰ - ۱۴۰۵/۰۸/۳۰", "14:20 1405/08/30", "شنبه، ۳۰ آبان‌ماه ۱۴۰۵ ساعت ۱۴:۲۰",
        "Saturday, November 21, 2026 2:20 pm", "Sat, 21 Nov 2026 14:20:00", "21-Nov-2026 14:20",
    ],
)  # fmt: skip
def test_weekdays_months_and_times_may_stand_first(written):
    assert calendars.parse_datetime(written, TEHRAN) == datetime(2026, 11, 21, 10, 50, tzinfo=UTC)


def test_a_calendar_that_was_said_is_not_guessed(english):
    assert calendars.parse_date("1405/12/29", "jalali") == date(2027, 3, 20)
    with pytest.raises(calendars.DateError, match="out of range"):
        calendars.parse_date("1405/12/29", "gregorian")
    with pytest.raises(calendars.DateError, match="out of range"):
        calendars.parse_date("2026/11/21", "jalali")
    with pytest.raises(calendars.DateError, match="other calendar"):
        calendars.parse_date("30 Aban 1405", "gregorian")


def test_leap_years_have_their_day():
    assert calendars.parse_date("1403/12/30") == date(2025, 3, 20)
    assert calendars.month_length(1403, 12, "jalali") == 30
    assert calendars.month_length(1404, 12, "jalali") == 29
    assert calendars.month_length(2024, 2, "gregorian") == 29


@given(st.dates(date(1821, 3, 21), date(2122, 3, 20)))
def test_every_day_comes_back_from_both_calendars(day):
    jalali = calendars.date_parts(day, "jalali")
    assert (jalali.year, jalali.month, jalali.day) == (JalaliDate(day).year, JalaliDate(day).month, JalaliDate(day).day)
    for calendar in ("jalali", "gregorian"):
        year, month, number = parts = calendars.date_parts(day, calendar)
        assert calendars.from_parts(*parts, calendar) == day
        assert calendars.parse_date(f"{year}/{month}/{number}") == day
        for language in ("fa", "en"):
            assert calendars.parse_date(f"{number} {calendars.month_name(month, calendar, language)} {year}") == day


@given(st.text(max_size=30))
def test_any_text_gives_a_date_or_a_plain_error(text):
    with suppress(calendars.DateError):
        assert calendars.parse_datetime(text, TEHRAN).tzinfo is UTC


def test_months_and_weekdays_have_names_in_both_languages():
    assert [calendars.month_name(8, "jalali", language) for language in ("fa", "en")] == ["آبان", "Aban"]
    assert [calendars.month_name(11, "gregorian", language) for language in ("fa", "en")] == ["نوامبر", "November"]
    assert calendars.month_name(11, "gregorian", "en", short=True) == "Nov"
    assert calendars.month_name(1, "gregorian", "fa", short=True) == "ژانویه"
    assert [calendars.weekday_name(2, language) for language in ("fa", "en")] == ["چهارشنبه", "Wednesday"]
    assert (calendars.week_start("jalali"), calendars.week_start("gregorian")) == (5, 0)


def test_a_day_outside_the_calendar_is_refused():
    with pytest.raises(calendars.DateError, match="no day 1404/12/30"):
        calendars.from_parts(1404, 12, 30, "jalali")
    with pytest.raises(calendars.DateError, match="before the Jalali calendar"):
        calendars.date_parts(date(600, 1, 1), "jalali")
