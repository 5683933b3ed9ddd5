"""What the lists of the console are narrowed and ordered by, programs can ask for, too."""

import datetime as dt

import pytest

from peyvand.cases.models import Case
from peyvand.catalogue.models import Term
from peyvand.channels.models import RefusedAddress
from peyvand.core import clock
from peyvand.customers.models import Profile
from peyvand.identities.models import Identity
from peyvand.workspaces.models import AuditEntry
from peyvand.workspaces.services import create_owner
from tests.e2e.test_api import Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def crm():
    return Program()


def ok(answer, status=200):
    assert answer.status_code == status, answer.content
    return answer.json()


def refused(answer):
    return answer.status_code, answer.json()["code"]


def added(crm, own_id):
    return ok(crm.post("/customers", {"identities": [{"type": "own_id", "value": own_id}]}), 201)["id"]


def opened(crm, own_id, **facts):
    case = ok(crm.post("/cases", {"customer": added(crm, own_id), "words": "Late"}), 201)
    Case.objects.filter(number=case["number"], workspace=crm.workspace).update(**facts)
    return case["id"]


def test_an_address_that_refused_is_told_and_mails_go_there_again(crm):
    made = ok(crm.post("/customers", {"identities": [{"type": "email", "value": "sara@post.example"}]}), 201)
    there, (mail,) = f"/customers/{made['id']}", made["identities"]
    assert mail["refused"] is None
    RefusedAddress.objects.create(identity=Identity.objects.get(), channel_kind="email", reason="550 no such user", at=clock.now())
    assert ok(crm.get(there))["identities"][0]["refused"]["reason"] == "550 no such user"
    for _twice in range(2):
        assert ok(crm.call("delete", f"{there}/identities/{mail['id']}/refusal"))["identities"][0]["refused"] is None
    assert AuditEntry.objects.filter(action="address.lifted").count() == 1
    twin = Program("twin")
    assert twin.call("delete", f"{there}/identities/{mail['id']}/refusal").status_code == 404


def test_cases_come_in_every_order_of_the_page_and_page_by_page(crm):
    now = clock.now()
    first = opened(crm, "a", due_at=now + dt.timedelta(days=3), score_before=2.5)
    second = opened(crm, "b", due_at=now + dt.timedelta(days=1), score_before=None)
    third = opened(crm, "c", due_at=now + dt.timedelta(days=2), score_before=2.25)
    buyer = Case.objects.get(number=2).customer
    Profile.objects.update_or_create(customer=buyer, defaults={"workspace": crm.workspace, "purchase_total": 900})
    wanted = {
        "newest": [third, second, first],
        "due": [second, third, first],
        "score": [third, first, second],
        "value": [second, third, first],
    }
    for order, ids in wanted.items():
        found, after = [], ""
        while True:
            part = ok(crm.get(f"/cases?order={order}&limit=1&after={after}"))
            found += [one["id"] for one in part["items"]]
            after = part["next"]
            if not after:
                break
        assert found == ids, order


def test_cases_are_narrowed_to_a_branch_the_unhappy_and_those_a_figure_is_about(crm):
    vanak = ok(crm.post("/names", {"dimension": "branch", "code": "vanak", "names": {"en": "Vanak"}}), 201)["id"]
    here = opened(crm, "a", branch=Term.objects.get(workspace=crm.workspace, code="vanak").pk)
    now = clock.now()
    closed = {"state": "closed", "closed_at": now, "measure": "nps", "low": 0, "high": 10, "score_before": 3}
    better, worse = opened(crm, "b", **closed, score_after=10), opened(crm, "c", **closed, score_after=2)
    silent = opened(crm, "d", **closed)

    def ids(query):
        return {one["id"] for one in ok(crm.get(f"/cases?{query}"))["items"]}

    assert ids(f"branch={vanak}") == {here}
    assert ids("unhappy=true") == {worse}
    assert ids("lately=closed") == {better, worse, silent}
    assert (ids("lately=answered"), ids("lately=satisfied")) == ({better, worse}, {better})
    assert refused(crm.get("/cases?branch=nowhere")) == (422, "unknown-name")
    figures = ok(crm.get("/follow-up/figures?days=30"))
    assert {name: figures["recovery"][name] for name in ("closed", "answered", "satisfied", "share")} == {
        "closed": 3, "answered": 2, "satisfied": 1, "share": 0.5,
    }  # fmt: skip
    assert figures["first_contact"] == {"median_s": None, "low_s": None, "high_s": None, "n": 0}


def test_tasks_are_those_of_a_customer(crm):
    due_at = (clock.now() + dt.timedelta(days=2)).isoformat()
    for name in ("a", "b"):
        case = opened(crm, name)
        ok(crm.post(f"/cases/{case}/take"))
        ok(crm.post(f"/cases/{case}/promises", {"text": "A new cup", "due_at": due_at}))
    customer = ok(crm.get("/cases"))["items"][0]["customer"]
    told = ok(crm.get(f"/tasks?customer={customer}"))["items"]
    assert {one["customer"] for one in told} == {customer}
    assert len(told) == len(ok(crm.get("/tasks"))["items"]) / 2 > 0
    assert refused(crm.get("/tasks?customer=nobody")) == (422, "unknown-customer")


def test_the_trail_is_read_by_person_and_by_kind_of_thing(crm):
    other = create_owner(workspace=crm.workspace, email="ann@sofalineh.example", password="a long enough password")
    added(crm, "a")
    AuditEntry.objects.create(workspace=crm.workspace, actor=other.user, actor_label="Ann", action="customers.listed")
    members = {one["email"]: one["id"] for one in ok(crm.get("/members"))["items"]}

    def actions(query):
        return {one["action"] for one in ok(crm.get(f"/audit?{query}"))["items"]}

    assert actions("group=customer") == {"customer.created"}
    assert actions(f"member={members['ann@sofalineh.example']}") == {"customers.listed", "member.joined"}
    assert refused(crm.get("/audit?member=nobody")) == (422, "unknown-member")
