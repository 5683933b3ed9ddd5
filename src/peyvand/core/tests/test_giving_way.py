"""Work in no hurry: it rests where others are at work too, and its commits wait for no disk."""

import threading
import time

import pytest
from django.db import connection, transaction

from peyvand.core import clock, db
from peyvand.core.db import commit_without_sync, give_way, is_sqlite
from peyvand.core.models import Schedule


@pytest.fixture
def rests(monkeypatch):
    """The seconds that were rested for, in order; nobody really rests."""
    found = []
    monkeypatch.setattr(db.time, "sleep", found.append)
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
        end = time.monotonic() + 20
        while not rests and time.monotonic() < end:
            give_way(0.01)
        while len(rests) < 3 and time.monotonic() < end:
            give_way(7.0)
    finally:
        done.set()
        beside.join(20)
    assert rests == [pytest.approx(0.09), db.LONGEST_REST, db.LONGEST_REST]


@pytest.mark.django_db(transaction=True)
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
