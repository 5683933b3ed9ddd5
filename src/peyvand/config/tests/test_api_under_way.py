"""A call that is done outside of transactions is done once, also where it comes again while the first still runs."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from peyvand.core import clock
from peyvand.edge.models import GivenAnswer
from peyvand.edge.services import LONGEST, UNDER_WAY
from peyvand.webhooks.models import Telling
from peyvand.webhooks.tests.receiver import Receiver, receiving
from peyvand.workspaces.tests.programs import Program
from peyvand.workspaces.types import Scope

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
PATIENCE = 30.0


class Waiting:
    """A machine of others that answers only when it is let."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver, self.reached, self.let = receiver, threading.Event(), threading.Event()
        receiver.meanwhile = self._wait

    def _wait(self) -> None:
        self.reached.set()
        self.let.wait(PATIENCE)


@pytest.fixture
def waiting(settings):
    with receiving() as made:
        settings.PEYVAND_INTERNAL_HOSTS = [made.host]
        yield Waiting(made)


@pytest.fixture
def brand(transactional_db) -> Program:
    return Program()


def trial_of(brand: Program, receiver: Receiver) -> str:
    """The address by which a webhook of this receiver is tried."""
    made = brand.told("post", "/webhooks", {"name": "warehouse", "url": receiver.url})
    return f"/webhooks/{made['id']}/test"


def apart(brand: Program, address: str, key: str):
    """A call from a thread of its own."""
    try:
        return brand.call("post", address, Idempotency_Key=key)
    finally:
        connection.close()


def refused(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_repeat_while_the_first_still_runs_is_told_so_and_has_no_effect(brand, waiting):
    address = trial_of(brand, waiting.receiver)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(apart, brand, address, "once")
        assert waiting.reached.wait(PATIENCE)
        assert refused(brand.call("post", address, Idempotency_Key="once")) == (409, "under-way")
        assert refused(brand.call("post", "/mail/test", Idempotency_Key="once")) == (409, "idempotency-key-reused")
        waiting.let.set()
        answer = first.result()
    assert answer.status_code == 200
    again = brand.call("post", address, Idempotency_Key="once")
    assert (again.status_code, again.json()) == (200, answer.json())
    assert len(waiting.receiver.calls) == Telling.objects.count() == 1


def test_of_many_at_once_one_is_done(brand, waiting):
    address, many = trial_of(brand, waiting.receiver), 8
    with ThreadPoolExecutor(many) as pool:
        calls = [pool.submit(apart, brand, address, "once") for _ in range(many)]
        assert waiting.reached.wait(PATIENCE)
        waiting.let.set()
        answers = [call.result() for call in calls]
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert {answer.json()["id"] for answer in answers if answer.status_code == 200} == {brand.pid(Telling.objects.get().pk)}
    assert {refused(answer) for answer in answers if answer.status_code == 409} <= {(409, "under-way")}
    assert len(waiting.receiver.calls) == 1


def test_who_died_over_it_blocks_a_repeat_for_a_while_and_no_longer(brand, waiting):
    waiting.let.set()
    address = trial_of(brand, waiting.receiver)
    brand.told("post", address, Idempotency_Key="once")
    assert GivenAnswer.objects.update(status=UNDER_WAY, body="", given_at=clock.now() - LONGEST / 2) == 1
    assert refused(brand.call("post", address, Idempotency_Key="once")) == (409, "under-way")
    GivenAnswer.objects.filter(status=UNDER_WAY).update(given_at=clock.now() - 2 * LONGEST)
    for _twice in range(2):
        assert brand.told("post", address, Idempotency_Key="once")["state"] == "told"
    assert len(waiting.receiver.calls) == 2
    assert not GivenAnswer.objects.filter(status=UNDER_WAY).exists()


def test_what_was_refused_leaves_nothing_under_way(brand):
    for _twice in range(2):
        assert brand.call("post", "/webhooks/nothing/test", Idempotency_Key="once").status_code == 404
    assert not GivenAnswer.objects.exists()


def test_a_key_that_may_not_do_it_lays_nothing_down_and_learns_nothing_of_it(brand, waiting):
    address, blind = trial_of(brand, waiting.receiver), Program("twin", scopes=[Scope.READ])
    answer = Client().post(
        f"/api/v1{address}", headers={"Authorization": f"Bearer {blind.secret}", "Idempotency-Key": "once"}, content_type="application/json"
    )
    assert refused(answer) == (403, "forbidden")
    assert not GivenAnswer.objects.exists()
