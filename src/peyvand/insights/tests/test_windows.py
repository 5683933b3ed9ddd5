"""Spans of time as people of each calendar mean them."""

import datetime as dt

import pytest

from peyvand.core import clock
from peyvand.insights.windows import window
from peyvand.workspaces.models import Workspace

MONDAY = dt.datetime(2026, 6, 15, 9, 30, tzinfo=dt.UTC)  # 25 Khordad 1405
PERSIAN = Workspace(calendar="jalali", time_zone="Asia/Tehran")
WESTERN = Workspace(calendar="gregorian", time_zone="Europe/Berlin")


@pytest.fixture(autouse=True)
def _monday():
    with clock.frozen(MONDAY):
        yield


def dates(found):
    return [None if day is None else day.isoformat() for day in (found.first, found.last, found.then_first, found.then_last)]


@pytest.mark.parametrize(
    ("workspace", "length", "against", "expected"),
    [
        (PERSIAN, "week", "previous", ["2026-06-13", "2026-06-15", "2026-06-06", "2026-06-08"]),
        (WESTERN, "week", "previous", ["2026-06-15", "2026-06-15", "2026-06-08", "2026-06-08"]),
        (PERSIAN, "month", "previous", ["2026-05-22", "2026-06-15", "2026-04-21", "2026-05-15"]),
        (PERSIAN, "month", "lastyear", ["2026-05-22", "2026-06-15", "2025-05-22", "2025-06-15"]),
        (WESTERN, "month", "lastyear", ["2026-06-01", "2026-06-15", "2025-06-01", "2025-06-15"]),
        (PERSIAN, "quarter", "previous", ["2026-03-18", "2026-06-15", "2025-12-18", "2026-03-17"]),
        (PERSIAN, "year", "lastyear", ["2026-03-21", "2026-06-15", "2025-03-21", "2025-06-15"]),
        (PERSIAN, "all", "lastyear", [None, "2026-06-15", None, None]),
    ],
)
def test_a_span_up_to_today_is_compared_with_as_many_days_of_before(workspace, length, against, expected):
    assert dates(window(workspace, length, against)) == expected


def test_the_same_week_of_last_year_begins_on_the_same_weekday():
    found = window(PERSIAN, "week", "lastyear")
    assert found.first.weekday() == found.then_first.weekday() == 5
    assert found.last - found.first == found.then_last - found.then_first


def test_the_trend_of_a_month_is_twelve_jalali_months_with_those_of_a_year_before():
    axis = window(PERSIAN, "month", "lastyear").axis()
    assert (axis.unit, len(axis.places), len(axis.ghosts)) == ("month", 12, 12)
    assert axis.places[-1].isoformat() == "2026-05-22"
    assert axis.ghosts[-1].isoformat() == "2025-05-22"


def test_the_trend_of_everything_is_as_long_as_there_are_answers():
    years_ago = [dt.date(2016, 10, 1), dt.date(2018, 10, 17)]
    axis = window(WESTERN, "all", "previous").axis(years_ago)
    assert (axis.unit, axis.places[0].isoformat(), axis.places[-1].isoformat()) == ("month", "2016-10-01", "2018-10-01")
    assert window(WESTERN, "all", "previous").axis([dt.date(2001, 1, 1), dt.date(2026, 6, 1)]).unit == "year"


@pytest.mark.parametrize(
    ("workspace", "day", "length", "against", "then"),
    [
        (PERSIAN, "2025-03-20", "month", "lastyear", ["2024-02-20", "2024-03-19"]),  # 30 Esfand 1403; 1402 had 29
        (PERSIAN, "2025-03-20", "year", "lastyear", ["2023-03-21", "2024-03-19"]),
        (WESTERN, "2024-02-29", "month", "lastyear", ["2023-02-01", "2023-02-28"]),
        (WESTERN, "2024-12-31", "year", "previous", ["2023-01-01", "2023-12-31"]),
    ],
)
def test_on_a_leap_day_last_year_ends_where_the_year_before_did(workspace, day, length, against, then):
    assert dates(window(workspace, length, against, dt.date.fromisoformat(day)))[2:] == then
