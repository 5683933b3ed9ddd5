"""Work in no hurry: it rests where others are at work too, and its commits wait for no disk."""

import threading
import time

import pytest
from django.db import connection, transaction
from tests.waiting import PATIENCE

from peyvand.core import clock, giving_way
from peyvand.core.db import is_sqlite
from peyvand.core.giving_way import commit_without_sync, give_way
from peyvand.core.models import Schedule


@pytest.fixture
def rests(monkeypatch):
    """The seconds that were rested for, in order; nobody really rests, as if each rest were over at once."""
    found = []

    def rest(seconds):
        if seconds != giving_way.APART:
            found.append(seconds)
            monkeypatch.setattr(giving_way, "_rest", giving_way._Rest())

    monkeypatch.setattr(giving_way.time, "sleep", rest)
    monkeypatch.setattr(giving_way, "_here", giving_way._Here())
    monkeypatch.setattr(giving_way, "_rest", giving_way._Rest())
    return found


@pytest.mark.django_db(transaction=True)
def test_who_works_alone_does_not_rest(rests):
    Schedule.objects.create(name="alone", last_at=clock.now())
    give_way(5.0)
    assert rests == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("asleep", [True, False], ids=["in the database", "between two statements"])
def test_beside_others_who_work_it_rests_much_longer_than_it_worked(rests, asleep):
    done = threading.Event()

    def work():
        while not done.is_set():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1" if is_sqlite() or not asleep else "SELECT pg_sleep(0.02)")
                done.wait(0.02)
        connection.close()

    beside = threading.Thread(target=work)
    beside.start()
    try:
        end = time.monotonic() + PATIENCE
        while (giving_way._here.share or 0.0) < 0.9 and time.monotonic() < end:
            give_way(0.0)
        rests.clear()
        for worked in (0.01, 7.0):
            give_way(worked)
    finally:
        done.set()
        beside.join(PATIENCE)
    assert rests == [pytest.approx(0.09), pytest.approx(giving_way.LONGEST_REST)]


@pytest.mark.django_db(transaction=True)
def test_who_came_while_it_worked_and_is_gone_again_was_not_met(rests, monkeypatch):
    looks = [False, True] * 10
    monkeypatch.setattr(giving_way, "_somebody_works", looks.pop)
    for _ in range(10):
        give_way(1.0)
    assert (looks, rests) == ([], [])


@pytest.mark.django_db(transaction=True)
def test_where_others_work_now_and_then_it_rests_little(rests, monkeypatch):
    """Whoever rested at every meeting would fall behind for ever at half of what a machine bears."""
    looks = [False, False, False, True] * 50
    monkeypatch.setattr(giving_way, "_others_work", looks.pop)
    for _ in range(100):
        give_way(0.01)  # until the first look counts no more
    rests.clear()
    for _ in range(100):
        give_way(0.01)
    assert sum(rests) < 100 * 0.01, "no longer than it worked"
    looks[:] = [False, True, True, True, True] * 40
    for _ in range(100):
        give_way(0.01)
    rests.clear()
    for _ in range(100):
        give_way(0.01)
    assert sum(rests) > 100 * 0.01 * giving_way.REST * 0.9


@pytest.mark.django_db(transaction=True)
def test_who_is_late_rests_as_long_as_it_worked_whatever_others_rest(rests, monkeypatch):
    monkeypatch.setattr(giving_way, "_others_work", lambda: True)
    give_way(0.2)
    rests.clear()
    give_way(0.01, late=True)
    assert rests == [pytest.approx(0.01)]


@pytest.mark.django_db(transaction=True)
def test_those_who_give_way_do_not_wait_for_one_another(rests):
    inside, seen = threading.Event(), threading.Event()

    def work():
        give_way(0.0)
        with transaction.atomic():
            Schedule.objects.create(name="calm", last_at=clock.now())
            inside.set()
            seen.wait(PATIENCE)
        connection.close()

    beside = threading.Thread(target=work)
    beside.start()
    try:
        assert inside.wait(PATIENCE)
        rests.clear()
        give_way(7.0)
        assert rests == []
    finally:
        seen.set()
        beside.join(PATIENCE)


def test_the_rest_is_that_of_all_threads_together(monkeypatch):
    """Five that rest nine tenths of the time each would work half of it."""
    monkeypatch.setattr(giving_way.time, "monotonic", lambda: 100.0)
    rest = giving_way._Rest()
    assert rest.take(0.5) == pytest.approx(0.5)
    assert rest.take(0.5) == pytest.approx(1.0)
    assert rest.take(60.0) == pytest.approx(giving_way.LONGEST_REST)


@pytest.fixture
def _synced(transactional_db, monkeypatch):
    """Commits wait for the disk as in earnest, which on PostgreSQL those of tests do not."""
    if not is_sqlite():
        options = connection.settings_dict["OPTIONS"]
        monkeypatch.setitem(options, "options", f"{options['options']} -c synchronous_commit=on")
    connection.close()
    yield
    connection.close()


@pytest.mark.usefixtures("_synced")
def test_commits_without_a_sync_are_kept_and_only_of_this_connection():
    commit_without_sync()
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous" if is_sqlite() else "SHOW synchronous_commit")
            assert cursor.fetchone()[0] == (1 if is_sqlite() else "off")
        with transaction.atomic():
            Schedule.objects.create(name="kept", last_at=clock.now())
        assert Schedule.objects.filter(name="kept").exists()
    finally:
        connection.close()
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if is_sqlite() else "SHOW synchronous_commit")
        assert cursor.fetchone()[0] == (2 if is_sqlite() else "on")
