"""The API as a program uses it: what a key may, in whose name, how often, once only; and that its description is true."""

import datetime as dt
import json

import pytest
from django.test import Client
from django.utils import translation

from peyvand.cases.models import Case
from peyvand.catalogue.services import lay_defaults
from peyvand.core import clock
from peyvand.identities.models import Customer
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import ApiKey, AuditEntry, Member
from peyvand.workspaces.services import create_key, create_owner, create_workspace
from peyvand.workspaces.services.keys import WorkspaceError
from peyvand.workspaces.services.roles import create_role
from peyvand.workspaces.types import Permission, Scope

pytestmark = pytest.mark.django_db(transaction=True)
EVERYTHING = [scope for scope in Scope if scope not in (Scope.SNIPPET, Scope.INGEST)]


class Program:
    """Somebody with a key."""

    def __init__(self, slug="sofalineh", scopes=EVERYTHING):
        self.workspace = create_workspace(name=slug.title(), slug=slug)
        lay_defaults(workspace=self.workspace)
        self.owner = create_owner(workspace=self.workspace, email=f"me@{slug}.example", password="a long enough password").user
        self.key, self.secret = create_key(workspace=self.workspace, name="crm", scopes=scopes, actor=self.owner)

    def call(self, method, path, body=None, **headers):
        given = {"Authorization": f"Bearer {self.secret}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        return getattr(Client(), method)(f"/api/v1{path}", headers=given, **data)

    def get(self, path, **headers):
        return self.call("get", path, **headers)

    def post(self, path, body=None, **headers):
        return self.call("post", path, {} if body is None else body, **headers)


@pytest.fixture
def crm():
    return Program()


@pytest.fixture
def negar(crm):
    made = crm.post("/customers", {"name": "Negar", "identities": [{"type": "phone", "value": "09121234567"}]})
    assert made.status_code == 201, made.content
    return made.json()


def test_a_customer_is_added_changed_and_told(crm, negar):
    there = f"/customers/{negar['id']}"
    assert negar["identities"][0]["value"] == "+989121234567"
    crm.post(f"{there}/identities", {"type": "email", "value": "negar@post.example"})
    crm.post(f"{there}/consents", {"purpose": "marketing", "channel": "email", "granted": True})
    changed = crm.call("patch", there, {"name": "Negar Karimi", "preferences": {"hour": "evening"}})
    assert changed.status_code == 200, changed.content
    told = crm.get(there).json()
    assert (told["name"], told["preferences"]) == ("Negar Karimi", {"hour": "evening"})
    assert [one["type"] for one in told["identities"]] == ["phone", "email"]
    assert [(one["purpose"], one["granted"]) for one in told["consents"]] == [("marketing", True)]
    noted = crm.post(f"{there}/opinions", {"score": 5, "words": "Lovely"})
    assert noted.status_code == 201, noted.content
    assert Interaction.objects.filter(workspace=crm.workspace).exists()
    assert crm.get(f"/interactions?customer={negar['id']}").status_code == 200


def test_without_the_scope_contacts_are_hidden(crm, negar):
    blind = create_key(workspace=crm.workspace, name="wall", scopes=["customers.read"], actor=crm.owner)[1]
    told = Client().get(f"/api/v1/customers/{negar['id']}", headers={"Authorization": f"Bearer {blind}"}).json()
    assert "1234567" not in json.dumps(told)
    assert told["identities"][0]["value"].startswith("+98")


def test_what_a_key_does_stands_in_the_trail_in_its_makers_name(crm, negar):
    entry = AuditEntry.objects.get(workspace=crm.workspace, action="customer.created")
    assert entry.actor == crm.owner
    assert entry.actor_label == f"me@sofalineh.example · crm ({crm.secret[:9]}…)"


def test_pages_follow_one_another_while_others_come_in(crm):
    def add(number):
        assert crm.post("/customers", {"identities": [{"type": "own_id", "value": f"c{number}"}]}).status_code == 201

    for number in range(5):
        add(number)
    first = crm.get("/customers?limit=2&sort=since").json()
    add(5)
    second = crm.get(f"/customers?limit=2&sort=since&after={first['next']}").json()
    third = crm.get(f"/customers?limit=2&sort=since&after={second['next']}").json()
    ids = [one["id"] for part in (first, second, third) for one in part["items"]]
    assert len(ids) == len(set(ids)) == 5
    assert crm.get("/customers?after=nonsense").json()["code"] == "bad-cursor"


def test_a_case_is_opened_worked_and_closed(crm, negar):
    opened = crm.post("/cases", {"customer": negar["id"], "words": "The cup broke", "reason": "packaging"})
    assert opened.status_code == 201, opened.content
    case = opened.json()
    there = f"/cases/{case['id']}"
    assert crm.post(f"{there}/take").json()["owner"] is not None
    due_at = (clock.now() + dt.timedelta(days=2)).isoformat()
    called = crm.post(f"{there}/contacts", {"result": "talked", "promised": "A new cup", "promised_for": due_at})
    assert called.status_code == 200, called.content
    assert crm.post(f"{there}/close", {"outcome": "solved"}).json()["code"] == "not-possible"
    task = next(event["task"] for event in called.json()["events"] if event["task"])
    assert crm.get("/tasks").json()["items"][0]["subject"] == f"case:{case['id']}"
    assert crm.post(f"{there}/promises/{task}", {"kept": True}).status_code == 200
    closed = crm.post(f"{there}/close", {"outcome": "solved", "ask_again": False}).json()
    assert (closed["state"], closed["outcome"]) == ("closed", "solved")
    assert crm.get("/cases?state=closed").json()["items"][0]["id"] == case["id"]
    assert crm.get("/cases?state=open").json()["items"] == []


def test_a_step_on_an_older_state_is_refused(crm, negar):
    case = crm.post("/cases", {"customer": negar["id"], "words": "Late"}).json()
    crm.post(f"/cases/{case['id']}/take")
    Case.objects.update(version=case["version"] + 7)
    stale = crm.post(f"/cases/{case['id']}/close", {"outcome": "solved", "seen": case["version"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "changed-meanwhile")


def test_the_same_call_under_one_key_has_one_effect(crm):
    body = {"identities": [{"type": "own_id", "value": "c1"}]}
    first, again = (crm.post("/customers", body, Idempotency_Key="order-1") for _n in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert Customer.objects.filter(workspace=crm.workspace).count() == 1
    other = crm.post("/customers", {"identities": [{"type": "own_id", "value": "c2"}]}, Idempotency_Key="order-1")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    assert crm.post("/customers", body, Idempotency_Key="گ").json()["code"] == "bad-idempotency-key"


def test_a_key_that_asks_too_often_is_told_when_to_come_again(crm, settings, frozen_clock):
    settings.PEYVAND_API_A_MINUTE = 2
    left = [crm.get("/cases").headers["RateLimit-Remaining"] for _n in range(2)]
    assert left == ["1", "0"]
    refused = crm.get("/cases")
    assert (refused.status_code, refused.json()["code"]) == (429, "too-many-requests")
    assert (refused.headers["RateLimit-Limit"], refused.headers["Retry-After"]) == ("2", refused.headers["RateLimit-Reset"])
    frozen_clock.advance(dt.timedelta(seconds=61))
    assert crm.get("/cases").status_code == 200


def test_a_key_may_no_more_than_its_maker(crm, negar):
    Member.objects.filter(user=crm.owner).update(role="viewer")
    refused = crm.get("/customers")
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    Member.objects.filter(user=crm.owner).update(role="owner", is_active=False)
    assert crm.get("/customers").status_code == 403
    with pytest.raises(WorkspaceError):
        create_key(workspace=crm.workspace, name="mine", scopes=["customers.read"], actor=crm.owner)


def test_a_repeat_is_a_call_like_any_other(crm):
    def again():
        return crm.post("/customers", {"name": "Sara", "identities": [{"type": "phone", "value": "09121112233"}]}, Idempotency_Key="sara")

    first, second = again(), again()
    assert (second.status_code, second.content) == (201, first.content)
    left = [int(one.headers["RateLimit-Remaining"]) for one in (first, second)]
    assert left[0] - left[1] == 1
    maker = Member.objects.filter(user=crm.owner)
    maker.update(is_active=False)
    refused = again()
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "Sara" not in refused.content.decode()
    maker.update(is_active=True, role="viewer")
    assert again().status_code == 403
    maker.update(role="owner")
    ApiKey.objects.filter(pk=crm.key.pk).update(scopes=["customers.read"])
    assert again().status_code == 403
    assert Customer.objects.filter(workspace=crm.workspace).count() == 1


def test_a_repeat_beyond_the_limit_is_refused(crm, settings, frozen_clock):
    settings.PEYVAND_API_A_MINUTE = 1
    body = {"identities": [{"type": "own_id", "value": "c1"}]}
    assert crm.post("/customers", body, Idempotency_Key="c1").status_code == 201
    assert crm.post("/customers", body, Idempotency_Key="c1").status_code == 429
    frozen_clock.advance(dt.timedelta(seconds=61))
    assert crm.post("/customers", body, Idempotency_Key="c1").status_code == 201


def test_a_repeat_tells_no_contacts_that_are_hidden_since(crm):
    body = {"identities": [{"type": "phone", "value": "09121112233"}]}
    assert "09121112233"[1:] in crm.post("/customers", body, Idempotency_Key="sara").content.decode()
    blind = create_role(workspace=crm.workspace, names={"en": "Blind"}, permissions=[Permission.CUSTOMERS_WRITE], actor=crm.owner)
    Member.objects.filter(user=crm.owner).update(role="custom", custom_role=blind)
    again = crm.post("/customers", body, Idempotency_Key="sara")
    assert (again.status_code, again.json()["code"]) == (409, "told-once")
    assert "1112233" not in again.content.decode()


def test_another_brands_ids_are_unknown(crm, negar):
    twin = Program("twin")
    case = crm.post("/cases", {"customer": negar["id"], "words": "Late"}).json()
    for method, path in (
        ("get", f"/customers/{negar['id']}"),
        ("get", f"/cases/{case['id']}"),
        ("post", f"/cases/{case['id']}/take"),
    ):
        assert twin.call(method, path, {} if method == "post" else None).status_code == 404
    assert twin.post("/cases", {"customer": negar["id"], "words": "x"}).json()["code"] == "unknown-customer"
    assert twin.get("/cases").json()["items"] == []


def test_a_key_made_by_nobody_can_still_record_and_read_figures_alone(crm):
    key, _secret = create_key(workspace=crm.workspace, name="till", scopes=["ingest", "read"])
    assert key.scopes == ["ingest", "read"]
    with translation.override("en"), pytest.raises(WorkspaceError, match="under Settings"):
        create_key(workspace=crm.workspace, name="till", scopes=["cases.read"])


def test_problems_are_english_unless_another_language_is_asked_for(crm):
    item = Item(kind="order.placed", occurred_at=clock.now(), customer=CustomerIn(identities=[IdentityIn("own_id", "c1")]))
    record(crm.workspace.pk, item)
    taken = {"identities": [{"type": "own_id", "value": "c1"}]}
    assert crm.post("/customers", taken).json()["detail"].isascii()
    assert not crm.post("/customers", taken, Accept_Language="fa").json()["detail"].isascii()
