"""The median lifetime: of whom, from when to when, and of one brand alone."""

from datetime import timedelta

import pytest

from peyvand.core import clock
from peyvand.customers.models import Profile
from peyvand.customers.queries.filters import Filters, narrowed
from peyvand.customers.queries.lifetime import forget, lifetime_median
from peyvand.customers.tests.telling import START, event, order, who


@pytest.fixture(autouse=True)
def _nothing_remembered():
    forget()


def people(*days: int):
    return [item for n, day in enumerate(days) for item in _between(who(f"0912000{n:04d}"), day)]


def _between(person, day):
    return order(person, 0), event("branch.visited", person, day)


def test_it_is_the_median_of_days_from_first_to_last_sight(workspace, tell, frozen_clock):
    with clock.frozen(START + timedelta(days=71)):
        tell(*people(0, 10, 20, 30, 40, 50, 60, 70))
        found = lifetime_median(workspace)
    assert (found.n, found.value, found.low, found.high) == (8, 35.0, 0.0, 70.0)


def test_the_lost_the_unknown_and_other_brands_are_left_out(workspace, other_workspace, tell):
    with clock.frozen(START + timedelta(days=101)):
        tell(*people(100), order(who("09130000000"), -800), event("site.visited", who(device="x" * 16), -1))
        tell(*people(5), to=other_workspace)
        found = lifetime_median(workspace)
        kept = narrowed(Profile.objects.filter(workspace=workspace, merged=False), Filters(kept=True))
        assert kept.count() == found.n == 1
    assert (found.value, found.low) == (100.0, None)


def test_nobody_has_no_lifetime(workspace):
    assert lifetime_median(workspace)[:2] == (0, None)
