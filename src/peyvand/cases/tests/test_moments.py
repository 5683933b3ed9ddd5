"""Times to choose from follow the brand's week, and nothing else is accepted."""

import datetime as dt

import pytest

from peyvand.cases.moments import FARTHEST, later_choices, promise_choices, read_moment, working_days
from peyvand.cases.services.policy import working_seconds
from peyvand.cases.tests.conftest import TEHRAN
from peyvand.core import clock
from peyvand.core.reader import ENGLISH, use_reader
from peyvand.workspaces.queries.days import works_on
from peyvand.workspaces.services import put_holiday

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reader():
    with use_reader(ENGLISH):
        yield


def days_of(choices):
    return [dt.datetime.fromisoformat(value).astimezone(TEHRAN).date() for value, _text in choices]


def test_every_choice_is_understood_when_it_comes_back(brand):
    for value, _text in [*later_choices(brand), *promise_choices(brand)]:
        assert read_moment(value) == dt.datetime.fromisoformat(value)


def test_fridays_and_holidays_are_not_offered(brand):
    put_holiday(workspace=brand, date=dt.date(2026, 6, 17), names={}, off=True, actor=None)
    offered = set(days_of(promise_choices(brand)))
    assert dt.date(2026, 6, 15) in offered
    assert not {dt.date(2026, 6, 17), dt.date(2026, 6, 19)} & offered


def test_a_brand_that_is_never_open_still_has_days_to_choose(brand):
    brand.business_hours = {}
    brand.save()
    assert len(promise_choices(brand)) == 15


def test_a_promise_late_in_the_day_can_still_be_for_today(brand, frozen_clock):
    frozen_clock.move_to(dt.datetime(2026, 6, 15, 20, tzinfo=TEHRAN))
    first = promise_choices(brand)[0][0]
    assert read_moment(first).astimezone(TEHRAN) == dt.datetime(2026, 6, 15, 23, 59, tzinfo=TEHRAN)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-06-16", "2026-06-16T10:00:00", "2026-99-16T10:00:00+00:00", "2020-01-01T00:00:00+00:00"]
)
def test_what_is_no_moment_to_come_is_nothing(text, frozen_clock):
    assert read_moment(text) is None


def test_what_is_too_far_off_is_nothing(frozen_clock):
    assert read_moment((clock.now() + FARTHEST + dt.timedelta(days=1)).isoformat()) is None


def test_working_days_leave_out_fridays_and_holidays_and_are_at_least_one(brand):
    put_holiday(workspace=brand, date=dt.date(2026, 6, 20), names={}, off=True, actor=None)
    count = working_days(brand)
    assert count(dt.date(2026, 6, 15), dt.date(2026, 6, 18)) == 3
    assert count(dt.date(2026, 6, 18), dt.date(2026, 6, 21)) == 1
    assert count(dt.date(2026, 6, 18), dt.date(2026, 6, 20)) == 1


def test_a_friday_on_which_the_brand_works_is_one_for_deadlines_choices_and_mails_alike(brand):
    friday = dt.date(2026, 6, 19)
    noon = dt.datetime(2026, 6, 19, 12, tzinfo=TEHRAN)
    assert not works_on(brand, friday)
    assert working_seconds(brand, noon - dt.timedelta(hours=12), noon + dt.timedelta(hours=11)) == 0
    put_holiday(workspace=brand, date=friday, names={}, off=False, actor=None)
    assert works_on(brand, friday)
    assert friday in days_of(promise_choices(brand))
    assert working_seconds(brand, noon - dt.timedelta(hours=12), noon + dt.timedelta(hours=11)) > 0
