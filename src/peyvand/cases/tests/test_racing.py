"""Many at once: workers that read the same answers, agents who reach for the same case."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from peyvand.cases.models import Case
from peyvand.cases.services import CaseError, assign, close, log_contact, policy_of, take
from peyvand.cases.services.reacting import react
from peyvand.cases.subscribers import SUBSCRIBERS
from peyvand.cases.tests.conftest import answer
from peyvand.cases.types import ContactResult, Outcome
from peyvand.catalogue.queries import forget_names
from peyvand.tasks.models import Task
from peyvand.timeline.models import Era
from peyvand.timeline.reading import events, read_ids
from peyvand.timeline.subscriptions import advance
from peyvand.workspaces.services import create_owner, create_workspace, put_member

pytestmark = pytest.mark.django_db(transaction=True)
# On PostgreSQL an open transaction anywhere in the cluster (another run's) holds readers back, but not from rows of an earlier era.
LATER = 1_000_000


@pytest.fixture
def house(transactional_db, frozen_clock):
    forget_names()
    workspace = create_workspace(name="سفالینه", slug="sofal", language="fa")
    create_owner(workspace=workspace, email="owner@brand.example", password="long enough 1")
    policy_of(workspace)
    Era.objects.create(number=LATER)
    yield workspace
    forget_names()


@pytest.fixture
def agents(house):
    return [put_member(workspace=house, email=f"{name}@brand.example", name=name, role="agent") for name in ("Alice", "Bob", "Carol")]


def read_all() -> None:
    """Let the cases' subscription read everything that was recorded."""
    while advance(SUBSCRIBERS[0]):
        pass


def together(*steps: Callable[[], object]) -> list[object]:
    """Run steps at the same moment; what each gave, or the error it raised."""
    came: list[object] = [None] * len(steps)
    start = threading.Barrier(len(steps))

    def run(n: int) -> None:
        try:
            start.wait()
            came[n] = steps[n]()
        except Exception as error:  # noqa: BLE001 - told to the test
            came[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_workers_that_read_the_same_answer_open_one_case(house, agents):
    found = events(read_ids([answer(house)]))
    assert together(*[lambda: react(found)] * 4) == [None] * 4
    assert Case.objects.count() == 1
    assert Task.objects.count() == 1


def test_workers_that_read_different_complaints_number_them_without_gaps(house, agents):
    found = [events(read_ids([answer(house, key=str(n), order=str(n), phone=f"0912000001{n}")])) for n in range(6)]
    came = together(*[lambda one=one: react(one) for one in found])
    assert came == [None] * 6
    assert sorted(Case.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert sorted(Case.objects.values_list("owner__user__name", flat=True)) == ["Alice", "Alice", "Bob", "Bob", "Carol", "Carol"]


def test_two_complaints_about_one_order_at_once_are_one_case(house, agents):
    found = [events(read_ids([answer(house, key=str(n))])) for n in range(3)]
    assert together(*[lambda one=one: react(one) for one in found]) == [None] * 3
    assert Case.objects.count() == 1
    assert Case.objects.get().events.filter(type="again").count() == 2


def test_of_three_agents_who_take_a_case_one_has_it(house, agents):
    answer(house)
    read_all()
    case = assign(case=Case.objects.get(), owner=None, actor=agents[0])
    came = together(*[lambda agent=agent: take(case=case, actor=agent) for agent in agents])
    refused = [one for one in came if isinstance(one, CaseError)]
    assert len(refused) == 2
    assert Case.objects.get().owner.user.name in str(refused[0])


def test_of_two_who_act_on_the_same_page_one_is_told(house, agents):
    answer(house)
    read_all()
    case = Case.objects.get()
    came = together(
        lambda: close(case=case, actor=agents[0], outcome=Outcome.SOLVED, seen=case.version),
        lambda: log_contact(case=case, actor=agents[1], result=ContactResult.TALKED, seen=case.version),
    )
    assert sum(isinstance(one, CaseError) for one in came) == 1
    assert Case.objects.get().version == 1


def test_subscriptions_side_by_side_open_one_case_and_are_both_at_the_end(house, agents):
    answer(house)
    came = together(read_all, read_all)
    assert came == [None, None]
    assert Case.objects.count() == 1
    assert advance(SUBSCRIBERS[0]) == 0
