"""The median lifetime: of whom, from when to when, and of one brand alone."""

import threading
from datetime import timedelta
from threading import Event

import pytest

from peyvand.core import clock
from peyvand.customers.models import Profile
from peyvand.customers.queries import lifetime
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


@pytest.mark.django_db(transaction=True)
def test_where_counting_takes_long_who_asks_gets_the_last_count_and_one_thread_makes_the_next(workspace, tell, monkeypatch):
    tell(*people(10))
    monkeypatch.setattr(lifetime, "QUICK_SECONDS", -1.0)  # it always takes too long
    counted, go_on, truly = [], Event(), lifetime.lifetimes

    def slowly(workspace_id):
        counted.append(workspace_id)
        assert go_on.wait(10)
        return truly(workspace_id)

    with clock.frozen(START + timedelta(days=71)) as stopped:
        assert lifetime_median(workspace).value == 10.0
        tell(*people(10, 50, 60))
        assert lifetime_median(workspace).value == 10.0  # not due yet
        stopped.advance(timedelta(seconds=61))
        monkeypatch.setattr(lifetime, "lifetimes", slowly)
        assert [lifetime_median(workspace).value for _asker in range(3)] == [10.0] * 3
        go_on.set()
        ended()
        assert lifetime_median(workspace).value == 50.0
        assert counted == [workspace.pk]
        stopped.advance(timedelta(days=2))
        tell(*people(10, 50, 60, 60, 60))
        assert lifetime_median(workspace).value == 60.0  # too old to be shown
        assert counted == [workspace.pk] * 2


@pytest.mark.django_db(transaction=True)
def test_a_count_that_failed_is_tried_again_a_minute_later(workspace, tell, monkeypatch):
    tell(*people(10))
    monkeypatch.setattr(lifetime, "QUICK_SECONDS", -1.0)
    truly = lifetime.lifetimes
    with clock.frozen(START + timedelta(days=71)) as stopped:
        assert lifetime_median(workspace).value == 10.0
        tell(*people(10, 50, 60))
        stopped.advance(timedelta(seconds=61))
        monkeypatch.setattr(lifetime, "lifetimes", lambda _workspace: 1 / 0)
        for _asker in range(2):
            assert lifetime_median(workspace).value == 10.0
            ended()
        monkeypatch.setattr(lifetime, "lifetimes", truly)
        stopped.advance(timedelta(seconds=61))
        assert lifetime_median(workspace).value == 10.0
        ended()
        assert lifetime_median(workspace).value == 50.0


def ended() -> None:
    """Wait until nobody counts."""
    for thread in threading.enumerate():
        if thread.name == "lifetime":
            thread.join(10)


def test_nobody_has_no_lifetime(workspace):
    assert lifetime_median(workspace)[:2] == (0, None)
