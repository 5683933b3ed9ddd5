"""Who works in a brand and which keys it has, through the API; and what somebody with a key tries who wants more than it may."""

import pytest
from django.test import Client

from peyvand.core.vault import unseal
from peyvand.workspaces.models import ApiKey, AuditEntry, CustomRole, Invitation, Member, SingleSignOn
from peyvand.workspaces.services import create_key, put_member
from peyvand.workspaces.tests.provider import CLIENT, SECRET, Provider
from peyvand.workspaces.types import Permission, Scope
from tests.e2e.test_api import Program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def brand():
    return Program()


class Narrow:
    """A program with a key of fewer scopes, or made by somebody else."""

    def __init__(self, brand, scopes, actor=None):
        self.workspace = brand.workspace
        self.key, self.secret = create_key(workspace=brand.workspace, name="narrow", scopes=scopes, actor=actor or brand.owner)

    call, get, post = Program.call, Program.get, Program.post


def refused(answer):
    return answer.status_code, answer.json()["code"]


def agent(brand, email="agent@sofalineh.example", role="agent"):
    return put_member(workspace=brand.workspace, email=email, name="Ali", role=role)


def test_somebody_is_invited_and_the_link_is_told_once(brand):
    body = {"email": "Sara@Sofalineh.example", "role": "agent"}
    made = brand.post("/invitations", body, Idempotency_Key="sara")
    assert made.status_code == 201, made.content
    token = made.json()["address"].rstrip("/").rsplit("/", 1)[-1]
    assert (made.json()["email"], made.json()["role"], made["Cache-Control"]) == ("sara@sofalineh.example", "agent", "no-store")
    assert Client().get(f"/invitation/{token}/").status_code == 200
    again = brand.post("/invitations", body, Idempotency_Key="sara")
    assert refused(again) == (409, "told-once")
    assert Invitation.objects.count() == 1
    listed = brand.get("/invitations")
    assert [one["id"] for one in listed.json()["items"]] == [made.json()["id"]]
    assert token not in listed.content.decode()
    assert brand.call("delete", f"/invitations/{made.json()['id']}").status_code == 204
    assert brand.get("/invitations").json()["items"] == []
    assert Client().get(f"/invitation/{token}/").status_code == 410


def test_a_member_gets_another_role_and_is_removed(brand):
    there = f"/members/{member_id(brand, agent(brand))}"
    assert brand.call("patch", there, {"role": "lead"}).json()["role"] == "lead"
    role = brand.post("/roles", {"names": {"en": "Night shift"}, "permissions": ["cases.work"]}).json()
    assert role["permissions"] == ["pulse.read", "cases.read", "cases.work", "account.own"]
    assert brand.call("patch", there, {"role": role["id"]}).json()["role"] == role["id"]
    in_use = brand.call("delete", f"/roles/{role['id']}")
    assert refused(in_use) == (422, "not-possible")
    assert brand.call("delete", there).json()["is_active"] is False
    assert brand.call("delete", there).status_code == 404
    assert refused(brand.call("patch", there, {"role": "nobody"}))[0] == 404
    changed = AuditEntry.objects.filter(action="member.changed").order_by("pk").last()
    assert changed.actor_label.startswith("me@sofalineh.example · crm (")


def member_id(brand, member):
    return next(one["id"] for one in brand.get("/members").json()["items"] if one["email"] == member.user.email)


def test_the_last_owner_stays(brand):
    owner = member_id(brand, Member.objects.get())
    for answer in (brand.call("delete", f"/members/{owner}"), brand.call("patch", f"/members/{owner}", {"role": "agent"})):
        assert refused(answer) == (422, "not-possible")
    assert Member.objects.get().role == "owner"


def test_an_unknown_role_is_named(brand):
    answer = brand.post("/invitations", {"email": "a@b.example", "role": "king"})
    assert (refused(answer), answer.json()["field"]) == ((422, "invalid"), "role")


def test_a_role_is_made_changed_and_deleted(brand):
    made = brand.post("/roles", {"names": {"en": "Night shift", "fa": "شب"}, "permissions": ["customers.read"]})
    there = f"/roles/{made.json()['id']}"
    changed = brand.call("put", there, {"names": {"en": "Nights"}, "permissions": ["feedback.read"]}, If_Match=brand.get(there)["ETag"])
    assert (changed.status_code, changed.json()["names"]) == (200, {"en": "Nights"})
    assert changed.json()["permissions"] == ["pulse.read", "feedback.read", "account.own"]
    assert refused(brand.post("/roles", {"names": {"en": "nights"}, "permissions": []})) == (422, "not-possible")
    assert refused(brand.post("/roles", {"names": {}, "permissions": []})) == (422, "invalid")
    assert brand.call("delete", there).status_code == 204
    assert brand.get("/roles").json()["items"] == []


def test_a_key_is_made_used_and_revoked(brand):
    made = brand.post("/keys", {"name": "till", "scopes": ["customers.read"]})
    assert made.status_code == 201, made.content
    secret, there = made.json()["secret"], f"/keys/{made.json()['id']}"
    assert Client().get("/api/v1/customers", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert secret not in brand.get("/keys").content.decode() + brand.get(there).content.decode()
    assert brand.call("delete", there).json()["revoked_at"] is not None
    assert Client().get("/api/v1/customers", headers={"Authorization": f"Bearer {secret}"}).status_code == 401


def test_a_key_for_members_lets_nobody_in_who_may_more_than_it(brand):
    """As whoever found a key that was meant to list members: every way to more is tried."""
    thief, ali = Narrow(brand, ["members.manage"]), agent(brand)
    sara = agent(brand, "sara@sofalineh.example", "viewer")
    role = brand.post("/roles", {"names": {"en": "Guard"}, "permissions": ["members.manage"]}).json()["id"]
    ways = [
        thief.post("/invitations", {"email": "thief@evil.example", "role": "owner"}),
        thief.post("/invitations", {"email": "thief@evil.example", "role": "viewer"}),
        thief.call("patch", f"/members/{member_id(brand, sara)}", {"role": "manager"}),
        thief.call("patch", f"/members/{member_id(brand, ali)}", {"role": role}),
        thief.call("delete", f"/members/{member_id(brand, ali)}"),
        thief.post("/roles", {"names": {"en": "All"}, "permissions": [one.value for one in Permission]}),
        thief.call("put", f"/roles/{role}", {"names": {"en": "Guard"}, "permissions": ["export"]}),
    ]
    assert [refused(answer) for answer in ways] == [(422, "not-possible")] * len(ways)
    assert thief.post("/keys", {"name": "more", "scopes": ["read"]}).status_code == 403
    assert not Invitation.objects.exists()
    assert sorted(Member.objects.values_list("role", flat=True)) == ["agent", "owner", "viewer"]
    assert CustomRole.objects.get().permissions == ["pulse.read", "members.manage", "account.own"]
    assert thief.post("/invitations", {"email": "x@sofalineh.example", "role": role}).status_code == 201


def test_nobody_raises_themselves_by_a_key_that_they_made(brand):
    role = brand.post("/roles", {"names": {"en": "Guard"}, "permissions": ["members.manage", "keys.manage"]}).json()["id"]
    held = CustomRole.objects.get()
    guard = agent(brand, "guard@sofalineh.example", held)
    key = Narrow(brand, ["members.manage", "keys.manage"], actor=guard.user)
    me = f"/members/{member_id(brand, guard)}"
    ways = [
        key.call("patch", me, {"role": "owner"}),
        key.call("patch", me, {"role": "agent"}),
        key.call("put", f"/roles/{role}", {"names": {"en": "Guard"}, "permissions": ["members.manage", "keys.manage", "settings.manage"]}),
        key.post("/keys", {"name": "more", "scopes": ["settings.manage"]}),
        key.post("/keys", {"name": "more", "scopes": ["read"]}),
    ]
    assert {refused(answer) for answer in ways} <= {(422, "not-possible"), (422, "invalid")}
    held.refresh_from_db()
    guard.refresh_from_db()
    assert (guard.custom_role_id, "settings.manage" in held.permissions) == (held.pk, False)
    assert ApiKey.objects.filter(name="more").count() == 0


def test_no_key_makes_one_that_may_what_it_may_not(brand):
    narrow = Narrow(brand, ["keys.manage", "customers.read"])
    assert narrow.post("/keys", {"name": "same", "scopes": ["customers.read", "keys.manage"]}).status_code == 201
    for scope in set(Scope) - {Scope.CUSTOMERS_READ, Scope.KEYS_MANAGE}:
        assert refused(narrow.post("/keys", {"name": "more", "scopes": [scope]})) == (422, "not-possible"), scope
    door = Narrow(brand, ["keys.manage", "ingest"])
    assert door.post("/keys", {"name": "site", "scopes": ["snippet"]}).json()["secret"].startswith("pk_")


@pytest.fixture
def provider(settings):
    one = Provider()
    settings.PEYVAND_INTERNAL_HOSTS = [one.host]
    yield one
    one.stop()


def test_the_provider_of_sign_on_is_set_by_a_key_that_may_everything_alone(brand, provider):
    wanted = {"name": "Work", "issuer": provider.issuer, "client_id": CLIENT, "secret": SECRET, "domains": ["sofalineh.example"]}
    assert brand.get("/sign-on").status_code == 404
    thief = Narrow(brand, ["sign_in.manage", "members.manage"])
    assert refused(thief.call("put", "/sign-on", wanted)) == (422, "not-possible")
    made = brand.call("put", "/sign-on", wanted)
    assert made.status_code == 200, made.content
    assert (made.json()["role"], SECRET in made.content.decode()) == ("viewer", False)
    assert made.json()["back"].endswith("/sso/sofalineh/back/")
    kept = brand.call("put", "/sign-on", {**wanted, "secret": "", "role": "agent"}, If_Match=made["ETag"])
    assert (kept.json()["role"], unseal(SingleSignOn.objects.get().sealed)) == ("agent", {"secret": SECRET})
    assert refused(brand.call("put", "/sign-on", {**wanted, "role": "owner"})) == (422, "invalid")
    assert refused(brand.call("put", "/sign-on", {**wanted, "issuer": provider.issuer + "/nobody"})) == (422, "invalid")
    assert refused(thief.call("delete", "/sign-on")) == (422, "not-possible")
    assert brand.call("delete", "/sign-on").status_code == 204
    assert brand.get("/sign-on").status_code == 404
