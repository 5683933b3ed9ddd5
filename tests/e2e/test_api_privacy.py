"""Giving and forgetting a person, how long things are kept, and stopping all sending, through the API."""

import datetime as dt
import io
import json
import zipfile

import pytest
from django.test import Client

from peyvand.channels.models import BulkApproval, Outgoing, SendingStop
from peyvand.channels.services import send
from peyvand.channels.services.approving import may_write_to
from peyvand.channels.types import Message, Purpose
from peyvand.core import clock, work
from peyvand.core.ids import public_id
from peyvand.identities.models import Customer, Identity
from peyvand.privacy.models import Erasure, RetentionRule
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import AuditEntry, Member
from tests.e2e.test_api import Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def guard():
    return Program()


@pytest.fixture
def sara(guard):
    long_ago = clock.now() - dt.timedelta(days=400)
    named = CustomerIn(identities=[IdentityIn("email", "sara@post.example")], name="Sara Karimi")
    record(guard.workspace.pk, Item(kind="order.placed", occurred_at=long_ago, customer=named))
    return f"/customers/{public_id(bytes(guard.workspace.id_key), Customer.objects.get(workspace=guard.workspace).pk)}"


def ok(answer, status=200):
    assert answer.status_code == status, answer.content
    return answer.json() if status != 204 else None


def refused(answer):
    return answer.status_code, answer.json()["code"]


def test_everything_kept_of_a_person_is_given_and_that_it_was_is_noted(guard, sara):
    assert ok(guard.get(f"{sara}/kept"))["interactions"] == 1
    given = guard.post(f"{sara}/archive", Idempotency_Key="sara")
    assert (given.status_code, given["Content-Type"], given["Cache-Control"]) == (200, "application/zip", "no-store")
    told = json.loads(zipfile.ZipFile(io.BytesIO(given.content)).read("person.json"))
    assert "sara@post.example" in json.dumps(told)
    assert AuditEntry.objects.get(action="person.exported").actor == guard.owner
    assert refused(guard.post(f"{sara}/archive", Idempotency_Key="sara")) == (409, "told-once")
    assert AuditEntry.objects.filter(action="person.exported").count() == 1


def test_a_person_is_forgotten_only_by_whoever_says_that_they_mean_it(guard, sara):
    assert refused(guard.post(f"{sara}/erasure", {"sure": False})) == (422, "invalid")
    assert refused(guard.post(f"{sara}/erasure", {})) == (400, "invalid")
    assert not Erasure.objects.exists()
    asked = ok(guard.post(f"{sara}/erasure", {"sure": True}), 202)
    assert (asked["state"], asked["asked_by"], asked["finished_at"]) == ("asked", str(guard.owner), None)
    for path in (sara, f"{sara}/kept"):
        assert guard.get(path).status_code == 404
    assert guard.post(f"{sara}/erasure", {"sure": True}).status_code == 404
    work.work("test")
    work.work("test")
    state = ok(guard.get(f"/erasures/{asked['id']}"))["state"]
    assert state != "asked"
    assert ok(guard.get("/erasures"))["items"][0]["id"] == asked["id"]
    assert not Identity.objects.filter(workspace=guard.workspace).exists()
    assert Interaction.objects.filter(workspace=guard.workspace, identity=None).count() == 1


def test_an_erasure_tells_until_when_backups_hold_the_person(guard, sara, settings, tmp_path):
    settings.PEYVAND_BACKUP_FOLDER = tmp_path
    made = (clock.now() - dt.timedelta(days=1)).replace(microsecond=0)
    (tmp_path / f"before-upgrade-1.0.0-{made:%Y%m%d-%H%M%S}.tar.gz").write_bytes(b"old")
    asked = ok(guard.post(f"{sara}/erasure", {"sure": True}), 202)
    assert (asked["left"], dt.datetime.fromisoformat(asked["backups_until"])) == (["backups"], made + dt.timedelta(days=30))
    (tmp_path / f"before-upgrade-1.0.0-{made:%Y%m%d-%H%M%S}.tar.gz").unlink()
    told = ok(guard.get(f"/erasures/{asked['id']}"))
    assert (told["left"], told["backups_until"]) == ([], None)


def test_a_key_whose_maker_may_not_guard_privacy_does_none_of_it(guard, sara):
    Member.objects.filter(user=guard.owner).update(role="agent")
    for method, path in (("post", f"{sara}/erasure"), ("post", f"{sara}/archive"), ("put", "/sending"), ("get", "/retention")):
        assert refused(guard.call(method, path, {} if method != "get" else None)) == (403, "forbidden")
    assert not Erasure.objects.exists()


def test_how_long_things_are_kept_is_counted_first_then_set_and_lifted(guard, sara):
    rule = {"kind": "order.placed", "months": 12, "loss": "person"}
    assert ok(guard.post("/retention/count", rule)) == {"interactions": 1, "records": 0}
    assert ok(guard.post("/retention/count", {**rule, "months": 24})) == {"interactions": 0, "records": 0}
    assert not RetentionRule.objects.exists()
    made = ok(guard.call("put", "/retention", rule))
    rest = ok(guard.call("put", "/retention", {"kind": None, "months": 60, "loss": "texts"}))
    assert ok(guard.call("put", "/retention", {**rule, "months": 18}))["id"] == made["id"]
    listed = ok(guard.get("/retention"))["items"]
    assert [(one["kind"], one["months"], one["loss"]) for one in listed] == [("order.placed", 18, "person"), (None, 60, "texts")]
    assert refused(guard.call("put", "/retention", {**rule, "kind": "nobody.knows"})) == (422, "unknown-name")
    assert ok(guard.call("delete", f"/retention/{rest['id']}"), 204) is None
    assert RetentionRule.objects.count() == 1


def test_other_records_have_rules_of_their_own_through_the_api(guard, sara):
    rule = {"record": "audit", "months": 24, "loss": "whole"}
    assert ok(guard.post("/retention/count", rule)) == {"interactions": 0, "records": 0}
    made = ok(guard.call("put", "/retention", rule))
    assert (made["record"], made["kind"], made["months"], made["last_taken"]) == ("audit", None, 24, 0)
    listed = ok(guard.get("/retention"))
    assert [one["record"] for one in listed["items"]] == ["audit"]
    assert {"record": "audit", "losses": ["whole"], "least": 12} in listed["records"]
    for wrong, code in (({"months": 11}, "invalid"), ({"loss": "texts"}, "invalid"), ({"record": "none"}, "unknown-name")):
        assert refused(guard.call("put", "/retention", {**rule, **wrong})) == (422, code)
    assert refused(guard.call("put", "/retention", {**rule, "kind": "order.placed"})) == (422, "invalid")
    assert RetentionRule.objects.get().months == 24


def test_all_sending_is_stopped_and_goes_on(guard, sara):
    assert ok(guard.get("/sending")) == {"stopped": False, "reason": "", "at": None, "by": None, "waiting": []}
    stopped = ok(guard.call("put", "/sending", {"stopped": True, "reason": "A wrong price in a mail"}))
    assert (stopped["stopped"], stopped["reason"], stopped["by"]) == (True, "A wrong price in a mail", str(guard.owner))
    assert SendingStop.objects.count() == 1
    for key in ("case:1:1", "case:1:2"):
        send(workspace=guard.workspace, customer=Customer.objects.get(), purpose=Purpose.SERVICE, message=Message("text"), key=key)
    Outgoing.objects.update(state="queued", address="sara@post.ir")
    (waiting,) = ok(guard.get("/sending"))["waiting"]
    assert (waiting["purpose"], waiting["messages"], waiting["void"]) == ("service", 2, 0)
    assert refused(guard.call("put", "/sending", {"stopped": False, "drop": ["service"]})) == (422, "invalid")
    assert refused(guard.call("put", "/sending", {"stopped": True, "drop": ["service"]})) == (422, "invalid")
    let_go = {"stopped": False, "drop": ["service"], "reason": "Out of date"}
    assert ok(guard.call("put", "/sending", let_go)) == {"stopped": False, "reason": "", "at": None, "by": None, "waiting": []}
    assert not SendingStop.objects.exists()
    assert set(Outgoing.objects.values_list("state", "error")) == {("held", "Out of date")}


def test_what_wants_to_write_to_many_waits_for_one_word(guard):
    rules = {"approve_above": 100, "approve_by_another": False, "card": ["terminal", "terminal", " till "], "iban": [], "national_id": []}
    assert ok(guard.call("put", "/privacy-rules", rules)) == {**rules, "card": ["terminal", "till"]}
    assert ok(guard.get("/privacy-rules"))["approve_above"] == 100
    guard.workspace.refresh_from_db()
    assert not may_write_to(workspace=guard.workspace, subject="survey:1", recipients=500, sent=lambda _since: 0, label="After delivery")
    (waiting,) = ok(guard.get("/approvals"))["items"]
    there = f"/approvals/{waiting['id']}/approve"
    assert ok(guard.post(there))["approved_at"] is not None
    assert refused(guard.post(there)) == (409, "changed-meanwhile")
    assert may_write_to(workspace=guard.workspace, subject="survey:1", recipients=500, sent=lambda _since: 0) == 500
    assert BulkApproval.objects.get().approved_by == guard.owner


def test_what_wants_to_write_to_many_is_refused_with_a_reason_or_left_to_another(guard):
    ok(guard.call("put", "/privacy-rules", {"approve_above": 100, "approve_by_another": True}))
    guard.workspace.refresh_from_db()
    asked = {"workspace": guard.workspace, "subject": "survey:1", "recipients": 500, "sent": lambda _since: 0}
    assert not may_write_to(**asked, label="After delivery", begun_by=guard.owner)
    (waiting,) = ok(guard.get("/approvals"))["items"]
    assert (waiting["begun_by"], waiting["refused_at"]) == (str(guard.owner), None)
    assert refused(guard.post(f"/approvals/{waiting['id']}/approve")) == (422, "not-possible")
    assert refused(guard.post(f"/approvals/{waiting['id']}/refuse", {"reason": ""}))[1] == "invalid"
    told = ok(guard.post(f"/approvals/{waiting['id']}/refuse", {"reason": "A wrong text"}))
    assert (told["reason"], told["approved_at"]) == ("A wrong text", None)
    assert refused(guard.post(f"/approvals/{waiting['id']}/refuse", {"reason": "Again"})) == (409, "changed-meanwhile")
    assert ok(guard.get("/approvals"))["items"] == []


def test_nothing_of_another_brand_is_given_forgotten_or_approved(guard, sara):
    twin = Program("twin")
    key = {"Authorization": f"Bearer {twin.secret}"}
    for path, said in ((f"{sara}/archive", {}), (f"{sara}/erasure", {"sure": True})):
        assert Client().post(f"/api/v1{path}", json.dumps(said), "application/json", headers=key).status_code == 404
    assert not Erasure.objects.exists()
