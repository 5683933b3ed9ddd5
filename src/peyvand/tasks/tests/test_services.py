"""Tasks are opened, given, moved, finished once, and taken away with what they serve."""

import datetime as dt

import pytest

from peyvand.core import clock
from peyvand.tasks.models import Task
from peyvand.tasks.queries import load, open_tasks
from peyvand.tasks.services import assign_tasks, drop_tasks, finish_task, move_task, open_task
from peyvand.workspaces.services import create_workspace, put_member

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def brand(frozen_clock):
    return create_workspace(name="Golestan")


@pytest.fixture
def alice(brand):
    return put_member(workspace=brand, email="alice@brand.example", name="Alice", role="agent")


def task(brand, **more):
    return open_task(workspace=brand, kind="call", due_at=more.pop("due_at", clock.now() + HOUR), **more)


def test_open_tasks_come_by_deadline_and_each_to_its_owner(brand, alice):
    later, sooner = task(brand, owner=alice), task(brand, due_at=clock.now(), subject=("case", 7))
    elsewhere = task(create_workspace(name="Other"))
    assert list(open_tasks(brand)) == [sooner, later]
    assert later.owner == alice
    assert elsewhere not in open_tasks(brand)


def test_a_task_is_finished_once(brand):
    one = task(brand)
    assert finish_task(task=one, outcome="talked") is True
    assert finish_task(task=one, outcome="no_answer") is False
    one.refresh_from_db()
    assert (one.state, one.outcome, one.done_at) == ("done", "talked", clock.now())
    assert move_task(task=one, due_at=clock.now()) is False


def test_what_belongs_to_a_subject_changes_hands_and_goes_with_it(brand, alice):
    mine, other = task(brand, subject=("case", 7)), task(brand, subject=("case", 8))
    done = task(brand, subject=("case", 7))
    finish_task(task=done, outcome="talked")
    assert assign_tasks(workspace=brand, subject=("case", 7), owner=alice) == 1
    assert drop_tasks(workspace=brand, subject=("case", 7)) == 1
    states = dict(Task.objects.values_list("pk", "state"))
    assert states == {mine.pk: "dropped", other.pk: "open", done.pk: "done"}


def test_an_open_task_moves(brand):
    one = task(brand)
    assert move_task(task=one, due_at=clock.now() + 5 * HOUR) is True
    one.refresh_from_db()
    assert one.due_at == clock.now() + 5 * HOUR


def test_a_title_that_is_too_long_is_cut_not_refused(brand):
    assert len(task(brand, title="x" * 500).title) == 200


def test_the_load_of_each_person_tells_what_is_late(brand, alice):
    task(brand, owner=alice)
    task(brand, owner=alice, due_at=clock.now() - HOUR)
    task(brand)
    assert load(brand) == {alice.pk: (2, 1), None: (1, 0)}
