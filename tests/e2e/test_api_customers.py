"""Companies, people who may be one, values that many share, and stages of relationships, through the API."""

import datetime as dt

import pytest
from django.test import Client

from peyvand.core import clock
from peyvand.customers.models import StageMove
from peyvand.customers.services.consents import set_consent
from peyvand.customers.services.lifecycle import note_moves
from peyvand.customers.tests.telling import follow
from peyvand.identities.models import Customer, LinkConflict, SharedValue
from peyvand.identities.types import IdentityType
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.services import create_key
from tests.e2e.test_api import Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def crm():
    return Program()


def added(crm, own_id, **more):
    made = crm.post("/customers", {"name": own_id.title(), "identities": [{"type": "own_id", "value": own_id}], **more})
    assert made.status_code == 201, made.content
    return made.json()["id"]


def refused(answer):
    return answer.status_code, answer.json()["code"]


def ok(answer, status=200):
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_company_is_made_found_changed_and_has_people(crm):
    made = ok(crm.post("/companies", {"name": "Anar Tile", "own_id": "k-7", "city": "Yazd", "employees": 120}), 201)
    there = f"/companies/{made['id']}"
    assert (made["city"], made["employees"], made["people"], made["merged_into"]) == ("Yazd", 120, 0, None)
    assert [one["id"] for one in ok(crm.get("/companies?q=anar"))["items"]] == [made["id"]]
    assert ok(crm.get("/companies?q=nobody"))["items"] == []
    changed = crm.call("patch", there, {"name": "Anar Ceramics", "note": "call 09121234567"}, If_Match=crm.get(there)["ETag"])
    assert (ok(changed)["name"], changed.json()["own_id"], changed.json()["city"]) == ("Anar Ceramics", "k-7", "Yazd")
    assert refused(crm.post("/companies", {"own_id": "k-7"})) == (422, "not-possible")
    assert refused(crm.post("/companies", {})) == (422, "not-possible")
    sara = added(crm, "sara")
    assert ok(crm.call("put", f"/customers/{sara}/company", {"company": made["id"]}))["company"]["id"] == made["id"]
    assert [one["customer"] for one in ok(crm.get(f"{there}/people"))["items"]] == [sara]
    assert ok(crm.get(f"/customers?company={made['id']}"))["items"][0]["id"] == sara
    assert ok(crm.call("put", f"/customers/{sara}/company", {"company": None}))["company"] is None
    assert [one["customer"] for one in ok(crm.get(f"{there}/people?former=true"))["items"]] == [sara]
    assert refused(crm.call("put", f"/customers/{sara}/company", {"company": "nobody"})) == (422, "unknown-company")


def test_two_companies_become_one_and_two_again(crm):
    anar, other = (ok(crm.post("/companies", {"name": name}), 201)["id"] for name in ("Anar", "Anar Tile"))
    whole = ok(crm.post(f"/companies/{anar}/merge", {"other": other}))
    assert whole["merged"] == [other]
    assert ok(crm.get(f"/companies/{other}"))["merged_into"] == anar
    assert [one["id"] for one in ok(crm.get("/companies"))["items"]] == [anar]
    assert refused(crm.post(f"/companies/{anar}/merge", {"other": other})) == (422, "not-possible")
    assert ok(crm.post(f"/companies/{other}/separate"))["merged_into"] is None
    assert refused(crm.post(f"/companies/{other}/separate")) == (422, "not-possible")


def test_pages_of_companies_follow_one_another(crm):
    for number in range(5):
        ok(crm.post("/companies", {"name": f"Company {number}"}), 201)
    first = ok(crm.get("/companies?limit=3"))
    rest = ok(crm.get(f"/companies?limit=3&after={first['next']}"))
    assert [one["name"] for one in first["items"] + rest["items"]] == [f"Company {n}" for n in (4, 3, 2, 1, 0)]
    assert rest["next"] == ""


def test_two_customers_become_one_and_two_again_with_the_history_of_it(crm):
    sara, sahar = added(crm, "sara"), added(crm, "sahar")
    one = ok(crm.post(f"/customers/{sara}/merge", {"other": sahar}))
    assert sorted(way["value"] for way in one["identities"]) == ["sahar", "sara"]
    assert ok(crm.get(f"/customers/{sahar}"))["id"] == sara
    (done,) = ok(crm.get(f"/customers/{sara}/merges"))["items"]
    assert (done["kept"], done["other"], done["undone_at"]) == (sara, sahar, None)
    assert refused(crm.post(f"/customers/{sara}/merge", {"other": sahar})) == (422, "unknown-customer")
    undone = ok(crm.post(f"/customers/{sara}/merges/{done['id']}/undo"))
    assert undone["undone_by"] == str(crm.owner)
    assert ok(crm.get(f"/customers/{sahar}"))["id"] == sahar
    assert refused(crm.post(f"/customers/{sara}/merges/{done['id']}/undo")) == (422, "not-possible")


@pytest.fixture
def pair(crm):
    sara, sahar = added(crm, "sara"), added(crm, "sahar")
    kept, other = (Customer.objects.get(name=name) for name in ("Sara", "Sahar"))
    met = {"kept_type": IdentityType.OWN_ID, "kept_value": "sara", "other_type": IdentityType.PHONE, "other_value": "+989121234567"}
    LinkConflict.objects.create(workspace=crm.workspace, kept=kept, other=other, **met)
    return sara, sahar


def test_a_pair_is_said_to_be_one_then_two_again(crm, pair):
    sara, sahar = pair
    (waiting,) = ok(crm.get("/pairs"))["items"]
    assert (waiting["kept"], waiting["other"], waiting["other_by"]["value"]) == (sara, sahar, "+989121234567")
    there = f"/pairs/{waiting['id']}"
    same = ok(crm.call("put", f"{there}/decision", {"decision": "same", "stays": sahar}))
    assert (same["decision"], same["kept"], same["other"], same["can_be_undone"]) == ("same", sahar, sahar, True)
    assert ok(crm.get("/pairs"))["items"] == []
    assert refused(crm.call("put", f"{there}/decision", {"decision": "apart"})) == (422, "not-possible")
    assert ok(crm.call("put", f"{there}/decision", {"decision": "undo"}))["decision"] == "apart"
    assert ok(crm.get("/pairs?decision=apart"))["items"][0]["kept"] == sara


def test_of_a_pair_stays_one_of_the_two_and_contacts_are_hidden_without_the_scope(crm, pair):
    (waiting,) = ok(crm.get("/pairs"))["items"]
    answer = crm.call("put", f"/pairs/{waiting['id']}/decision", {"decision": "same", "stays": added(crm, "mina")})
    assert (refused(answer), LinkConflict.objects.get().decision) == ((422, "unknown-customer"), "open")
    blind = Program("twin", scopes=["customers.write"])
    assert ok(blind.get("/pairs"))["items"] == []
    assert blind.get(f"/pairs/{waiting['id']}").status_code == 404
    masked = Program.__new__(Program)
    masked.secret = ok(crm.post("/keys", {"name": "blind", "scopes": ["customers.write"]}), 201)["secret"]
    assert "1234567" not in masked.get("/pairs").content.decode()


def test_a_value_that_many_share_names_nobody_until_it_is_personal_again(crm):
    made = ok(crm.post("/shared-values", {"type": "phone", "value": "02188776655", "note": "The shop in Tehran"}), 201)
    assert (made["value"], made["state"]) == ("+982188776655", "shared")
    there = f"/shared-values/{made['id']}"
    assert ok(crm.call("put", there, {"state": "personal"}))["state"] == "personal"
    assert ok(crm.get("/shared-values"))["items"] == []
    assert ok(crm.call("put", there, {"state": "shared"}))["id"] == made["id"]
    assert refused(crm.post("/shared-values", {"type": "phone", "value": "12"})) == (422, "not-possible")
    assert SharedValue.objects.count() == 1


def test_what_was_recorded_is_taken_back_by_its_own_maker_within_half_an_hour(crm, frozen_clock):
    sara = added(crm, "sara")
    noted, late = (ok(crm.post(f"/customers/{sara}/notes", {"note": f"n{n}"}), 201) for n in range(2))
    twin = Program("twin")
    theirs = added(twin, "sara")
    assert twin.post(f"/customers/{theirs}/undo", {"undo": noted["undo"]}).status_code == 404
    assert crm.post(f"/customers/{sara}/undo", {"undo": noted["undo"]}).status_code == 204
    assert refused(crm.post(f"/customers/{sara}/undo", {"undo": noted["undo"]})) == (422, "not-possible")
    frozen_clock.advance(dt.timedelta(minutes=31))
    assert crm.post(f"/customers/{sara}/undo", {"undo": late["undo"]}).status_code == 404
    assert Interaction.objects.filter(workspace=crm.workspace).count() >= 1


def test_rules_of_relationships_are_read_changed_and_kept_within_their_limits(crm):
    usual = ok(crm.get("/lifecycle"))
    assert usual == {"risk_days": 180, "lost_days": 365, "hurt_days": 90, "loyal_purchases": 4}
    assert ok(crm.call("put", "/lifecycle", {**usual, "risk_days": 60})) == {**usual, "risk_days": 60}
    for field, value in (("loyal_purchases", 1), ("lost_days", 100), ("risk_days", 10**9)):
        answer = crm.call("put", "/lifecycle", {**usual, field: value})
        assert (refused(answer), answer.json()["field"]) == ((422, "invalid"), field)


@pytest.mark.django_db  # inside one transaction, so that what others do on the same server holds nothing up
def test_a_relationship_tells_how_it_moved_and_why(crm):
    bought = Item(kind="order.placed", occurred_at=clock.now(), customer=CustomerIn(identities=[IdentityIn("own_id", "sara")], name="Sara"))
    record(crm.workspace.pk, bought)
    follow()
    note_moves()
    sara = ok(crm.get("/customers"))["items"][0]["id"]
    (move,) = ok(crm.get(f"/customers/{sara}/stages"))["items"]
    assert (move["from_stage"], move["to_stage"], move["cause"]) == (None, "first_time", "bought")
    flows = ok(crm.get("/stages/flow?days=7"))
    assert (flows["moves"], flows["placed"]) == ([], [{"stage": "first_time", "customers": 1}])


def test_moves_of_a_relationship_are_told_page_by_page(crm):
    there, found, now = f"/customers/{added(crm, 'sara')}/stages", Customer.objects.get(name="Sara"), clock.now()
    moves = [("", "first_time", 9), ("first_time", "at_risk", 5), ("at_risk", "repeat", 5), ("repeat", "lost", 1)]
    for before, after, days in moves:
        at = now - dt.timedelta(days=days)
        StageMove.objects.create(workspace=crm.workspace, customer=found, at=at, from_stage=before, to_stage=after, cause="quiet")
    told, after = [], ""
    for _page in range(4):
        part = ok(crm.get(f"{there}?limit=1&after={after}"))
        told += [one["to_stage"] for one in part["items"]]
        after = part["next"]
    assert (told, after) == (["lost", "repeat", "at_risk", "first_time"], "")
    whole = ok(crm.get(there))
    assert ([one["to_stage"] for one in whole["items"]], whole["next"]) == (told, "")
    first = ok(crm.get(f"{there}?limit=1"))["next"]
    assert refused(crm.get(f"/customers/{added(crm, 'sahar')}/stages?after={first}")) == (400, "bad-cursor")


def test_what_a_customer_agreed_to_is_told_page_by_page_with_who_noted_it(crm):
    sara = added(crm, "sara")
    there, found = f"/customers/{sara}/consents", Customer.objects.get(name="Sara")
    for channel, granted, note in (("sms", True, ""), ("sms", True, "again"), ("email", True, "call 09121234567"), ("sms", False, "")):
        ok(crm.post(there, {"purpose": "marketing", "channel": channel, "granted": granted, "note": note}), 201)
    set_consent(customer=found, purpose="survey", channel="email", granted=False, source="unsubscribe")
    first = ok(crm.get(f"{there}/history?limit=2"))
    rest = ok(crm.get(f"{there}/history?limit=2&after={first['next']}"))
    assert [(one["purpose"], one["channel"], one["granted"], one["source"], one["by"]) for one in first["items"] + rest["items"]] == [
        ("survey", "email", False, "unsubscribe", None),
        ("marketing", "sms", False, "api", str(crm.owner)),
        ("marketing", "email", True, "api", str(crm.owner)),
        ("marketing", "sms", True, "api", str(crm.owner)),
    ]
    assert (rest["next"], rest["items"][0]["note"]) == ("", "call 09121234567")
    assert refused(crm.get(f"/customers/{added(crm, 'sahar')}/consents/history?after={first['next']}")) == (400, "bad-cursor")
    assert crm.get(f"/customers/{'0' * 13}/consents/history").status_code == 404


def test_what_was_noted_beside_a_word_hides_contacts_from_who_may_not_see_them(crm):
    there = f"/customers/{added(crm, 'sara')}/consents"
    ok(crm.post(there, {"purpose": "service", "granted": False, "note": "call 09121234567"}), 201)
    blind = create_key(workspace=crm.workspace, name="wall", scopes=["customers.read"], actor=crm.owner)[1]
    told = ok(Client().get(f"/api/v1{there}/history", headers={"Authorization": f"Bearer {blind}"}))
    assert [one["note"] for one in told["items"]] == ["call 0912•••••67"]


def test_words_of_who_was_merged_into_a_customer_are_theirs(crm):
    sara, sahar = added(crm, "sara"), added(crm, "sahar")
    ok(crm.post(f"/customers/{sahar}/consents", {"purpose": "marketing", "channel": "sms", "granted": True}), 201)
    ok(crm.post(f"/customers/{sara}/merge", {"other": sahar}))
    ok(crm.post(f"/customers/{sara}/consents", {"purpose": "marketing", "channel": "sms", "granted": True}), 201)
    assert len(ok(crm.get(f"/customers/{sara}/consents/history"))["items"]) == 1
