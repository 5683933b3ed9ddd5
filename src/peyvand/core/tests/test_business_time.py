"""Working time: deadlines that skip nights, Fridays and holidays, in every zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.core import business_time

TEHRAN, NEW_YORK = ZoneInfo("Asia/Tehran"), ZoneInfo("America/New_York")
WEEK = business_time.IRANIAN_WEEK
HOUR = timedelta(hours=1)


def at(day, hour, minute=0, tz=TEHRAN, month=11):
    return datetime(2026, month, day, hour, minute, tzinfo=tz)


def due(start, hours, holidays=(), week=WEEK, tz=TEHRAN):
    return business_time.add_working_time(start, hours * HOUR, hours=week, holidays=holidays, tz=tz)


def test_within_a_day_working_time_is_time():
    assert due(at(18, 10, 40), 2) == at(18, 12, 40)


def test_the_rest_of_the_day_counts_and_the_night_does_not():
    assert due(at(18, 16), 2) == at(19, 10)


def test_thursday_afternoon_and_friday_are_skipped():
    assert due(at(19, 12), 2) == at(21, 10)
    assert due(at(20, 11), 1) == at(21, 10)


def test_an_edited_holiday_is_skipped():
    assert due(at(19, 12), 2, holidays=[date(2026, 11, 21)]) == at(22, 10)


def test_before_opening_counting_waits_for_it():
    assert due(at(18, 3), 1) == at(18, 10)


def test_exactly_to_closing_time_is_still_today():
    assert due(at(18, 9), 8) == at(18, 17)


def test_nothing_added_is_now():
    assert due(at(20, 11), 0) == at(20, 11)


def test_lunch_is_not_working_time():
    week = {2: [("14:00", "18:00"), ("09:00", "13:00")]}
    assert due(at(18, 12), 2, week=week) == at(18, 15)


def test_a_shop_open_round_the_clock_counts_all_time():
    always = dict.fromkeys(range(7), (("00:00", "24:00"),))
    assert due(at(18, 22), 30, week=always) == at(20, 4)


def test_the_hour_a_clock_jumps_over_is_not_worked():
    nights = dict.fromkeys(range(7), (("00:00", "06:00"),))
    start = datetime(2026, 3, 8, 0, 0, tzinfo=NEW_YORK)
    assert business_time.working_time_between(start, start + timedelta(days=1), hours=nights, holidays=(), tz=NEW_YORK) == 5 * HOUR
    autumn = datetime(2026, 11, 1, 0, 0, tzinfo=NEW_YORK)
    assert business_time.working_time_between(autumn, autumn + timedelta(days=1), hours=nights, holidays=(), tz=NEW_YORK) == 7 * HOUR


def test_working_time_of_a_week():
    spent = business_time.working_time_between(at(14, 0), at(21, 0), hours=WEEK, holidays=(), tz=TEHRAN)
    assert spent == 44 * HOUR
    assert business_time.working_time_between(at(21, 0), at(14, 0), hours=WEEK, holidays=(), tz=TEHRAN) == -44 * HOUR
    assert business_time.working_time_between(at(20, 0), at(20, 23), hours=WEEK, holidays=(), tz=TEHRAN) == timedelta()


def test_hours_that_leave_no_time_are_named(english):
    with pytest.raises(business_time.HoursError, match="too little working time"):
        due(at(18, 9), 1, week={})
    with pytest.raises(ValueError, match="negative"):
        due(at(18, 9), -1)


@pytest.mark.parametrize(
    ("week", "problem"),
    [
        ({2: [("17:00", "09:00")]}, "hours of Wednesday overlap or end before"),
        ({2: [("09:00", "13:00"), ("12:00", "17:00")]}, "hours of Wednesday overlap"),
        ({2: [("9", "17:00")]}, "“9” is not a time of day"),
        ({2: [("09:00", "24:30")]}, "“24:30” is not a time of day"),
        ({2: [("09:75", "17:00")]}, "“09:75” is not a time of day"),
        ({7: []}, "7 is no weekday"),
    ],
)
def test_wrong_hours_are_named(week, problem, english):
    with pytest.raises(business_time.HoursError, match=problem):
        business_time.check_hours(week)


def test_good_hours_pass():
    business_time.check_hours({0: [("۰۹:۰۰", "13:00"), ("13:00", "24:00")], 4: []})
    business_time.check_hours(WEEK)
    business_time.check_hours(business_time.WESTERN_WEEK)


ODD_ZONES = ("UTC", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe", "Pacific/Chatham")
ZONES = st.sampled_from([TEHRAN, NEW_YORK, *map(ZoneInfo, ODD_ZONES)])


def spans(half_hours):
    """Opening and closing times in turn, from an even number of different half hours of the day."""
    marks = [f"{mark // 2:02}:{mark % 2 * 30:02}" for mark in sorted(half_hours)]
    return list(zip(marks[::2], marks[1::2], strict=True))


SPANS = st.one_of(*(st.lists(st.integers(0, 48), min_size=size, max_size=size, unique=True) for size in (2, 4))).map(spans)
WEEKS = st.dictionaries(st.integers(0, 6), SPANS, min_size=1)
STARTS = st.integers(1_230_768_000, 1_893_456_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
AMOUNTS = st.integers(0, 60 * 60 * 30).map(lambda seconds: timedelta(seconds=seconds))
HOLIDAYS = st.frozensets(st.dates(date(2009, 1, 1), date(2030, 1, 1)), max_size=5)


RULES = st.fixed_dictionaries({"hours": WEEKS, "holidays": HOLIDAYS, "tz": ZONES})


@given(STARTS, AMOUNTS, AMOUNTS, RULES)
def test_adding_and_measuring_agree(start, amount, more, rules):
    end = business_time.add_working_time(start, amount, **rules)
    assert end >= start
    assert business_time.working_time_between(start, end, **rules) == amount
    assert business_time.add_working_time(end, more, **rules) >= end
    assert business_time.working_time_between(start, business_time.add_working_time(end, more, **rules), **rules) == amount + more
    assert business_time.working_time_between(start, end, **rules) <= end - start


@given(STARTS, WEEKS, ZONES)
def test_a_holiday_holds_no_working_time(start, week, tz):
    day = start.astimezone(tz).date()
    midnight = datetime(day.year, day.month, day.day, tzinfo=tz)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=tz)
    assert business_time.working_time_between(midnight, end, hours=week, holidays=[day], tz=tz) == timedelta()


def test_iranian_holidays_are_offered_in_both_languages():
    offered = business_time.iranian_holidays(date(2026, 3, 21), date(2027, 3, 20))
    names = {holiday.day: holiday.names for holiday in offered}
    assert names[date(2026, 4, 2)] == {"fa": "روز طبیعت", "en": "Nature's Day"}
    assert names[date(2026, 6, 5)]["fa"] == "قیام ۱۵ خرداد"
    assert names[date(2026, 3, 21)]["en"] == "Eid al-Fitr; Nowruz"
    assert offered == sorted(offered)
    assert 20 <= len(offered) <= 35
    later = business_time.iranian_holidays(date(2032, 3, 20), date(2033, 3, 20))
    assert {holiday.estimated for holiday in later} == {True, False}
    assert not any("estimated" in holiday.names["en"] or "تخمینی" in holiday.names["fa"] for holiday in later)


def test_a_day_that_is_open_after_all_counts_even_on_a_closed_weekday():
    friday, tuesday = date(2026, 11, 20), date(2026, 11, 24)
    opened = business_time.add_working_time(at(19, 12), 2 * HOUR, hours=WEEK, holidays=(), tz=TEHRAN, opened=(friday,))
    assert opened == at(20, 10)  # an hour of Thursday, which ends at one, and one of Friday by Thursday's hours
    span = business_time.working_time_between(at(19, 12), at(20, 23), hours=WEEK, holidays=(), tz=TEHRAN, opened=(friday,))
    assert span == 5 * HOUR
    both = business_time.working_time_between(at(24, 0), at(24, 23), hours=WEEK, holidays=(tuesday,), tz=TEHRAN, opened=(tuesday,))
    assert both == 8 * HOUR
