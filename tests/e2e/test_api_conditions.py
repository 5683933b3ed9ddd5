"""ETags: what did not change is not sent again, and a change can ask that nothing changed since its program looked."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from peyvand.core import walls
from peyvand.customers.services.people import rename
from peyvand.identities.models import Customer, Identity
from peyvand.timeline.models import Interaction
from tests.e2e.test_api import Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def crm():
    return Program()


@pytest.fixture
def negar(crm):
    made = crm.post("/customers", {"name": "Negar", "identities": [{"type": "own_id", "value": "c1"}]})
    return f"/customers/{made.json()['id']}"


def name_of(crm, there):
    return crm.get(there).json()["name"]


def test_what_a_program_has_already_is_not_sent_again(crm, negar):
    first = crm.get(negar)
    again = crm.get(negar, If_None_Match=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert "RateLimit-Remaining" in again.headers
    packed = crm.get(negar, If_None_Match=f'"other", W/{first["ETag"]}')
    assert packed.status_code == 304
    crm.call("patch", negar, {"name": "Negar Karimi"})
    changed = crm.get(negar, If_None_Match=first["ETag"])
    assert (changed.status_code, changed.json()["name"]) == (200, "Negar Karimi")
    assert changed["ETag"] != first["ETag"]


def test_a_change_on_what_was_read_is_done_and_tells_the_next_tag(crm, negar):
    read = crm.get(negar)["ETag"]
    done = crm.call("patch", negar, {"name": "Negar Karimi"}, If_Match=read)
    assert (done.status_code, done["ETag"]) == (200, crm.get(negar)["ETag"])
    assert crm.call("patch", negar, {"name": "Negin"}, If_Match=done["ETag"]).status_code == 200
    assert crm.call("patch", negar, {"name": "Nasim"}, If_Match="*").status_code == 200


def test_a_change_on_what_changed_since_is_refused_in_words(crm, negar):
    read = crm.get(negar)["ETag"]
    crm.call("patch", negar, {"name": "Negar Karimi"})
    refused = crm.call("patch", negar, {"name": "Nobody"}, If_Match=read)
    assert (refused.status_code, refused.json()["code"]) == (412, "changed-meanwhile")
    assert refused.json()["detail"] == f"This changed since you read it. Nothing was done: read /api/v1{negar} again, then decide."
    assert refused["ETag"] == crm.get(negar)["ETag"]
    assert name_of(crm, negar) == "Negar Karimi"


def test_a_step_is_measured_by_the_thing_above_it(crm, negar):
    read = crm.get(negar)["ETag"]
    word = {"purpose": "marketing", "granted": True}
    assert crm.post(f"{negar}/consents", word, If_Match=read).status_code == 201
    assert crm.post(f"{negar}/consents", {**word, "granted": False}, If_Match=read).status_code == 412
    assert [one["granted"] for one in crm.get(negar).json()["consents"]] == [True]


def test_what_is_not_there_and_what_may_not_be_read_are_answered_as_ever(crm, negar):
    assert crm.call("patch", "/customers/nobody", {"name": "x"}, If_Match='"a"').status_code == 404
    blind = Program("blind", scopes=["customers.write"])
    refused = blind.call("patch", negar, {"name": "x"}, If_Match='"a"')
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


def test_one_conditional_call_counts_once(crm, negar):
    before = int(crm.get(negar)["RateLimit-Remaining"])
    assert int(crm.call("patch", negar, {"name": "x"}, If_Match='"a"')["RateLimit-Remaining"]) == before - 1


def test_a_repeat_of_a_conditional_change_gets_its_first_answer(crm, negar):
    read = crm.get(negar)["ETag"]
    first, again = (crm.call("patch", negar, {"name": "Nasim"}, If_Match=read, Idempotency_Key="once") for _n in range(2))
    assert (first.status_code, again.status_code, first.content == again.content) == (200, 200, True)


def test_of_many_who_change_what_they_read_one_wins(crm, negar):
    read = crm.get(negar)["ETag"]

    def change(number):
        try:
            return crm.call("patch", negar, {"name": f"Nasim {number}"}, If_Match=read).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as several:
        answers = sorted(several.map(change, range(5)))
    assert answers == [200, 412, 412, 412, 412]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "left"),
    [
        ("post", "/customers", {"name": "Sara", "identities": [{"type": "phone", "value": "09121112233"}]}, 201, (2, 3, 0)),
        ("post", "{negar}/notes", {"note": "Called back"}, 201, (1, 2, 1)),
        ("delete", "{negar}/identities/{second}", None, 200, (1, 1, 0)),
    ],
)
def test_one_call_sent_fifty_times_at_once_has_one_effect_and_one_answer(crm, negar, method, path, body, status, left):
    known = crm.post(f"{negar}/identities", {"type": "phone", "value": "09124445566"}).json()["identities"]
    [second] = [one["id"] for one in known if one["type"] == "phone"]
    told = Interaction.objects.count()

    def call(_number):
        try:
            answer = crm.call(method, path.format(negar=negar, second=second), body, Idempotency_Key="once")
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as several:
        answers = Counter(several.map(call, range(50)))
    assert [(one[0], n) for one, n in answers.items()] == [(status, 50)]
    assert (Customer.objects.count(), Identity.objects.count(), Interaction.objects.count() - told) == left


def test_a_change_asked_for_on_what_was_read_fifty_times_at_once_is_one(crm, negar):
    read = crm.get(negar)["ETag"]

    def change(_number):
        try:
            answer = crm.call("patch", negar, {"name": "Nasim"}, If_Match=read, Idempotency_Key="once")
            return answer.status_code, answer.content
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as several:
        answers = Counter(several.map(change, range(50)))
    assert [(one[0], n) for one, n in answers.items()] == [(200, 50)]


def test_a_change_that_waits_for_another_one_sees_what_it_did(crm, negar):
    read, held, answer = crm.get(negar)["ETag"], threading.Event(), []

    def other():
        held.wait(10)
        answer.append(crm.call("patch", negar, {"name": "Nobody"}, If_Match=read))
        connection.close()

    waiting = threading.Thread(target=other)
    waiting.start()
    with walls.inside(crm.workspace.pk), transaction.atomic():
        rename(customer=Customer.objects.get(), name="By hand", actor=crm.owner)
        held.set()
        waiting.join(1)
        assert answer == []
    waiting.join(20)
    assert (answer[0].status_code, name_of(crm, negar)) == (412, "By hand")
