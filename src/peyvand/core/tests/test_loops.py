"""Loops: come round when something changed, heal after a failure, end when told."""

import threading
import time

import pytest
from django.db import connection
from tests.waiting import PATIENCE, until

from peyvand.core import clock, loops
from peyvand.core.db import is_sqlite
from peyvand.core.loops import Loop, run_loop
from peyvand.core.models import Schedule


def running(loop: Loop) -> tuple[threading.Thread, threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=run_loop, args=(loop, stop), daemon=True)
    thread.start()
    return thread, stop


@pytest.mark.django_db(transaction=True)
def test_a_commit_wakes_a_loop_that_would_have_slept_for_an_hour() -> None:
    rounds: list[float] = []
    thread, stop = running(Loop("waits", 3600, lambda: rounds.append(0), on_change=True))
    until(lambda: len(rounds) == 1)
    time.sleep(0.25)
    if is_sqlite():  # PostgreSQL's mark moves with every transaction of the server, those of other tests too
        assert len(rounds) <= 2, "it does not run where nothing happens"
    before = len(rounds)
    Schedule.objects.create(name="news", last_at=clock.now())
    until(lambda: len(rounds) > before)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_where_something_is_committed_all_the_time_a_loop_looks_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    marks, waits = iter("abcdeeeeff"), []  # of each round: the one before it, then one a look

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout)
            if len(waits) == 7:
                self.set()
            return self.is_set()

    monkeypatch.setattr(loops, "change_mark", lambda: next(marks, "f"))
    run_loop(Loop("looks", 3600, lambda: None, on_change=True), Stop())
    assert waits == [0.1, 0.2, 0.4, 0.1, 0.1, 0.1, 0.1]


@pytest.mark.django_db(transaction=True)
def test_a_loop_that_has_more_to_do_goes_on_at_once() -> None:
    left = [5]

    def work() -> bool:
        left[0] -= 1
        return left[0] > 0

    thread, stop = running(Loop("busy", 3600, work))
    until(lambda: left[0] == 0)
    stop.set()
    thread.join(PATIENCE)
    assert left == [0]


@pytest.mark.django_db(transaction=True)
def test_a_loop_heals_by_itself_after_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LONGEST_REST", 0.02)
    tries: list[int] = []

    def work() -> None:
        tries.append(len(tries))
        if len(tries) < 4:
            raise ValueError("not yet")

    thread, stop = running(Loop("stumbles", 3600, work))
    until(lambda: len(tries) == 4)
    time.sleep(0.1)
    assert len(tries) == 4, "then it rests again as it should"
    stop.set()
    thread.join(PATIENCE)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_loop_outlives_an_outage_of_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LONGEST_REST", 0.0)
    tries = [0]

    def work() -> None:
        tries[0] += 1
        if tries[0] <= 3000:  # with half a minute between: a day
            raise OSError("the store is away")

    monkeypatch.setattr(loops, "_note", lambda *_told: None)
    thread, stop = running(Loop("waits for the store", 3600, work))
    until(lambda: tries[0] == 3001)
    assert thread.is_alive()
    stop.set()
    thread.join(PATIENCE)


class Panic(BaseException):
    """As a library written in Rust raises it: no Exception."""


@pytest.mark.django_db(transaction=True)
def test_a_panic_of_a_library_does_not_end_a_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LONGEST_REST", 0.02)
    tries: list[int] = []

    def work() -> None:
        tries.append(0)
        if len(tries) == 1:
            raise Panic

    thread, stop = running(Loop("panics", 3600, work))
    until(lambda: len(tries) == 2)
    stop.set()
    thread.join(PATIENCE)
