"""Jobs: one waiting a key, leases, back-off, death and retry, schedules; the same on both databases."""

import itertools
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from peyvand.core import clock, jobs, work
from peyvand.core.models import Job, JobState
from peyvand.core.tests.working import work_off


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> jobs.Registry:
    """A registry of this test alone."""
    made = jobs.Registry()
    monkeypatch.setattr(jobs, "registry", lambda: made)
    return made


@pytest.fixture
def done(registry: jobs.Registry) -> list[Any]:
    """What the job `note` was given, in order."""
    seen: list[Any] = []
    registry.acts["note"] = lambda payload: seen.append(payload.get("n"))
    return seen


@pytest.mark.django_db
class TestPuttingDown:
    def test_jobs_are_done_in_the_order_of_their_time_and_forgotten(self, done: list[Any], frozen_clock: clock.Frozen) -> None:
        jobs.enqueue(name="note", payload={"n": 2}, run_at=clock.now() + timedelta(minutes=2))
        jobs.enqueue(name="note", payload={"n": 1}, run_at=clock.now() + timedelta(minutes=1))
        assert work_off() == 0
        frozen_clock.advance(timedelta(minutes=3))
        assert work_off() == 2
        assert done == [1, 2]
        assert not Job.objects.exists()

    def test_one_job_waits_for_a_key_and_the_earlier_time_counts(self, done: list[Any], frozen_clock: clock.Frozen) -> None:
        jobs.enqueue(name="note", key="alice", run_at=clock.now() + timedelta(hours=1))
        jobs.enqueue(name="note", key="alice", run_at=clock.now() + timedelta(minutes=1))
        jobs.enqueue(name="note", key="alice", run_at=clock.now() + timedelta(hours=2))
        jobs.enqueue(name="note", key="bob")
        assert Job.objects.count() == 2
        assert Job.objects.get(key="alice").due_at == clock.now() + timedelta(minutes=1)

    def test_a_key_in_work_does_not_stop_a_new_one(self, registry: jobs.Registry) -> None:
        seen = []

        def again(payload: dict[str, Any]) -> None:
            seen.append(payload["n"])
            if payload["n"] == 1:
                jobs.enqueue(name="again", payload={"n": 2}, key="alice")

        registry.acts["again"] = again
        jobs.enqueue(name="again", payload={"n": 1}, key="alice")
        work_off()
        assert seen == [1, 2]

    def test_a_job_of_a_transaction_that_failed_was_never_put_down(self, done: list[Any]) -> None:
        with pytest.raises(ZeroDivisionError), transaction.atomic():  # noqa: PT012 - what came before the fault is the point
            jobs.enqueue(name="note")
            _ = 1 / 0
        assert not Job.objects.exists()

    def test_a_waiting_job_can_be_taken_back(self, done: list[Any]) -> None:
        jobs.enqueue(name="note", key="alice")
        assert jobs.cancel(name="note", key="alice") is True
        assert jobs.cancel(name="note", key="alice") is False
        assert work_off() == 0


@pytest.mark.django_db
class TestLeases:
    def test_a_job_in_the_hand_of_a_dead_worker_is_done_by_the_next(self, done: list[Any], frozen_clock: clock.Frozen) -> None:
        jobs.enqueue(name="note", payload={"n": 7})
        assert len(jobs.claim("dead/1", limit=5)) == 1  # and then the machine loses power
        assert work_off() == 0
        frozen_clock.advance(jobs.LEASE + timedelta(seconds=1))
        assert work_off() == 1
        assert done == [7]

    def test_a_lease_that_is_renewed_keeps_others_away(self, done: list[Any], frozen_clock: clock.Frozen) -> None:
        jobs.enqueue(name="note")
        jobs.claim("alive/1", limit=5)
        for _ in range(4):
            frozen_clock.advance(jobs.LEASE * 0.9)
            assert jobs.extend("alive/") == 1
            assert work_off() == 0

    def test_who_lost_the_lease_cannot_finish_or_fail_the_job(self, done: list[Any], frozen_clock: clock.Frozen) -> None:
        jobs.enqueue(name="note")
        (stale,) = jobs.claim("slow/1", limit=5)
        frozen_clock.advance(jobs.LEASE * 2)
        (mine,) = jobs.claim("quick/1", limit=5)
        jobs.finish("slow/1", [stale.pk])
        jobs.fail(stale, ValueError("late"))
        assert Job.objects.get().lease == "quick/1"
        jobs.finish("quick/1", [mine.pk])
        assert not Job.objects.exists()

    def test_what_failed_is_noted_without_the_values_a_database_quotes(self, registry: jobs.Registry) -> None:
        def fails(_payload: dict[str, Any]) -> None:
            raise ValueError("duplicate key\nDETAIL:  Key (value)=(sara@mail.example) already exists.")

        registry.acts["fails"] = fails
        jobs.enqueue(name="fails")
        work_off()
        assert Job.objects.get().error == "ValueError: duplicate key"

    def test_what_a_dead_process_held_can_be_given_back_at_once(self, done: list[Any]) -> None:
        jobs.enqueue(name="note")
        jobs.claim("host:17/1", limit=5)
        assert jobs.release("host:1/") == 0
        assert jobs.release("host:17/") == 1
        assert work_off() == 1

    def test_a_stopping_worker_gives_back_what_it_did_not_begin(self, registry: jobs.Registry) -> None:
        stop, seen = threading.Event(), []

        def first(payload: dict[str, Any]) -> None:
            seen.append(payload["n"])
            stop.set()

        registry.acts["first"] = first
        for n in range(3):
            jobs.enqueue(name="first", payload={"n": n})
        work.work("here", stop=stop)
        assert seen == [0]
        assert jobs.due().count() == 2

    def test_long_jobs_wait_in_their_own_lane(self, registry: jobs.Registry, done: list[Any]) -> None:
        registry.acts["import"] = lambda _payload: done.append("import")
        registry.long.add("import")
        jobs.enqueue(name="import")
        jobs.enqueue(name="note", payload={"n": 1})
        assert work.work("here", lane=jobs.Lane.SHORT) == 1
        assert done == [1]
        assert work.work("here", lane=jobs.Lane.LONG) == 1
        assert done == [1, "import"]

    def test_what_waits_for_others_is_taken_one_by_one_and_holds_nothing_else(self, registry: jobs.Registry, done: list[Any]) -> None:
        def slow(_payload: dict[str, Any]) -> None:
            assert jobs.due(lane=jobs.Lane.OUTSIDE).count() == 1  # the second mail is free for another hand
            assert work.work("there", lane=jobs.Lane.SHORT) == 1
            done.append("mail")

        registry.acts["mail"] = slow
        registry.outside.add("mail")
        jobs.enqueue(name="mail")
        jobs.enqueue(name="mail")
        jobs.enqueue(name="note", payload={"n": 1})
        assert work.work("here", lane=jobs.Lane.OUTSIDE) == 1
        assert done == [1, "mail"]

    def test_a_workspace_whose_machine_is_slow_comes_after_all_others(
        self, registry: jobs.Registry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent: list[int] = []
        seconds = itertools.count(step=3)

        def slow_for_the_first(payload: dict[str, Any]) -> None:
            sent.append(payload["w"])
            monkeypatch.setattr(work, "SLOW_SECONDS", 1.0 if payload["w"] == 1 else 100.0)

        registry.acts["mail"] = slow_for_the_first
        registry.outside.add("mail")
        monkeypatch.setattr(work, "_slow", {})
        monkeypatch.setattr(work.time, "monotonic", lambda: float(next(seconds)))
        for workspace in (1, 1, 1, 2, 2, 3):
            jobs.enqueue(name="mail", payload={"w": workspace}, workspace_id=workspace)
        while work.work("here", lane=jobs.Lane.OUTSIDE):
            pass
        assert sent == [1, 2, 2, 3, 1, 1]


@pytest.mark.django_db
class TestFailing:
    def test_a_job_that_always_fails_is_tried_less_and_less_often_then_dead(
        self, registry: jobs.Registry, frozen_clock: clock.Frozen
    ) -> None:
        tries = []

        def fails(payload: dict[str, Any]) -> None:
            tries.append(clock.now())
            raise ValueError("no such address")

        registry.acts["fails"] = fails
        jobs.enqueue(name="fails")
        for _ in range(24 * 60):
            work_off()
            frozen_clock.advance(timedelta(minutes=1))
        assert len(tries) == jobs.TRIES
        job = jobs.dead().get()
        assert job.error == "ValueError: no such address"
        assert job.failed_at == tries[-1]

    def test_the_wait_grows_threefold_with_chance_and_ends_at_an_hour(self) -> None:
        for attempts, seconds in [(1, 5), (2, 15), (3, 45), (20, 3600)]:
            waits = {jobs.wait_after(attempts).total_seconds() for _ in range(50)}
            assert len(waits) > 1
            assert all(seconds / 2 <= wait <= seconds for wait in waits)

    def test_a_dead_job_is_tried_again_when_asked(self, done: list[Any], registry: jobs.Registry) -> None:
        jobs.enqueue(name="unheard of")
        work_off()
        dead = jobs.dead().get()
        assert "no installed app declares a job named 'unheard of'" in dead.error
        registry.acts["unheard of"] = lambda _payload: done.append("heard")
        assert jobs.retry(dead.pk) is True
        assert jobs.retry(dead.pk) is False
        work_off()
        assert done == ["heard"]

    def test_one_that_fails_does_not_hold_up_the_others(self, done: list[Any]) -> None:
        jobs.enqueue(name="unheard of")
        jobs.enqueue(name="note", payload={"n": 1})
        assert work.work("here") == 2
        assert done == [1]

    def test_a_job_whose_worker_died_every_time_is_not_tried_for_ever(self, done: list[Any], frozen_clock: clock.Frozen) -> None:
        jobs.enqueue(name="note")
        for n in range(jobs.TRIES):
            assert jobs.claim(f"dead/{n}", limit=1)
            frozen_clock.advance(jobs.LEASE * 2)
        work_off()
        assert done == []
        assert "the worker died each time" in jobs.dead().get().error

    def test_a_failed_job_makes_way_when_its_key_was_put_down_anew(self, registry: jobs.Registry) -> None:
        def fails(payload: dict[str, Any]) -> None:
            jobs.enqueue(name="fails", payload={"new": True}, key="alice")
            raise ValueError

        registry.acts["fails"] = fails
        jobs.enqueue(name="fails", payload={"new": False}, key="alice")
        work.work("here", limit=1)
        assert [job.payload for job in Job.objects.all()] == [{"new": True}]

    def test_a_job_may_ask_for_another_time_without_blame(self, registry: jobs.Registry, frozen_clock: clock.Frozen) -> None:
        morning = clock.now() + timedelta(hours=10)

        def too_late_at_night(payload: dict[str, Any]) -> None:
            raise jobs.Later(morning)

        registry.acts["message"] = too_late_at_night
        jobs.enqueue(name="message")
        work_off()
        job = Job.objects.get()
        assert (job.due_at, job.attempts, job.state, job.error) == (morning, 0, JobState.WAITING, "")

    def test_a_lost_database_is_not_blamed_on_the_job(self, registry: jobs.Registry) -> None:
        def fails(payload: dict[str, Any]) -> None:
            raise OSError(28, "No space left on device")

        registry.acts["fails"] = fails
        jobs.enqueue(name="fails")
        with pytest.raises(OSError, match="No space"):
            work.work("here")
        assert not jobs.dead().exists()


@pytest.mark.django_db
def test_a_periodic_job_is_put_down_once_an_interval(done: list[Any], registry: jobs.Registry, frozen_clock: clock.Frozen) -> None:
    registry.every["note"] = timedelta(hours=1)
    assert jobs.schedule() == 1
    assert jobs.schedule() == 0
    work_off()
    frozen_clock.advance(timedelta(minutes=59))
    assert jobs.schedule() == 0
    frozen_clock.advance(timedelta(minutes=2))
    assert jobs.schedule() == 1
    work_off()
    assert done == [None, None]


@pytest.mark.django_db
def test_a_clock_that_was_a_year_ahead_stops_no_periodic_job(done: list[Any], registry: jobs.Registry, frozen_clock: clock.Frozen) -> None:
    registry.every["note"] = timedelta(hours=1)
    frozen_clock.advance(timedelta(days=365))
    assert jobs.schedule() == 1
    frozen_clock.advance(-timedelta(days=365))
    work_off()
    assert [jobs.schedule(), jobs.schedule()] == [1, 0]


@pytest.mark.django_db
@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(days=1)])
def test_a_clock_that_jumps_amid_a_job_has_it_done_once(
    done: list[Any], registry: jobs.Registry, frozen_clock: clock.Frozen, jump: timedelta
) -> None:
    registry.acts["jump"] = lambda _payload: done.append(frozen_clock.advance(jump))
    jobs.enqueue(name="jump", key="one")
    assert work.work("worker") == 1
    frozen_clock.advance(timedelta(days=2))
    assert (work_off(), len(done), Job.objects.count()) == (0, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_do_every_job_exactly_once(registry: jobs.Registry) -> None:
    seen: list[int] = []
    registry.acts["note"] = lambda payload: seen.append(payload["n"])
    for n in range(400):
        jobs.enqueue(name="note", payload={"n": n})

    def run(name: str) -> None:
        try:
            while work.work(name):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(f"worker{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(seen) == list(range(400))
    assert not Job.objects.exists()


@pytest.fixture(autouse=True)
def _no_cached_registry() -> Iterator[None]:
    yield
    jobs.registry.cache_clear() if hasattr(jobs.registry, "cache_clear") else None
