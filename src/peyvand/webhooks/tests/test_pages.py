"""The settings of webhooks: made, tested, changed, told again, removed, each noted; another brand's are out of reach."""

import json
import re

from django.test import Client

from peyvand.timeline.tests.conftest import make_workspace
from peyvand.webhooks.models import Endpoint, Telling
from peyvand.webhooks.services import secrets_of
from peyvand.webhooks.tests.conftest import tell
from peyvand.workspaces.access import pid_of
from peyvand.workspaces.models import AuditEntry, User
from peyvand.workspaces.services import create_key, create_owner, create_role, put_member
from peyvand.workspaces.types import Permission as P

HOME = "/w/sofalineh/settings/webhooks/"


def page_of(endpoint):
    return f"{HOME}{pid_of(endpoint.workspace, endpoint)}/"


def test_a_webhook_is_made_and_its_secret_shown_once(console, brand, receiver):
    answer = console.post(HOME, {"name": "Warehouse", "url": receiver.url, "scope": "some", "kinds": ["order.placed"]})
    endpoint = Endpoint.objects.get()
    (shown,) = set(re.findall(r"whsec_[\w-]+", answer.content.decode()))
    assert shown == secrets_of(endpoint)[0]
    assert shown not in endpoint.sealed
    assert (endpoint.kinds, endpoint.personal, endpoint.is_active) == (["order.placed"], False, True)
    assert "whsec_" not in console.get(HOME).content.decode()
    assert AuditEntry.objects.filter(workspace=brand, action="webhook.made").count() == 1


def test_an_address_inside_and_no_kinds_are_refused_with_the_reason(console, brand):
    for form, words in (
        ({"url": "https://169.254.169.254/", "scope": "all"}, "private network"),
        ({"url": "http://example.com/", "scope": "all"}, "must begin with https://"),
        ({"url": "https://example.com/", "scope": "some"}, "Tick one kind"),
    ):
        answer = console.post(HOME, {"name": "x", **form})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_a_test_says_what_came_back(console, webhook, receiver):
    answer = console.post(f"{page_of(webhook)}test/", follow=True).content.decode()
    assert "The test arrived: it answered 200." in answer
    assert json.loads(receiver.calls[0].body)["interaction"] is None
    receiver.status = 404
    assert "it answered 404" in console.post(f"{page_of(webhook)}test/", follow=True).content.decode()
    assert Telling.objects.filter(state="waiting").count() == 0


def test_what_was_given_up_is_seen_and_told_again(console, webhook, receiver, happens):
    happens()
    Telling.objects.update(state="dead", error="No answer came in time.", ended_at="2026-06-15T09:30:00Z")
    assert "No answer came in time." in console.get(page_of(webhook)).content.decode()
    console.post(f"{page_of(webhook)}again/")
    tell(webhook)
    assert Telling.objects.get().state == "told"
    telling = pid_of(webhook.workspace, Telling.objects.get())
    console.post(f"{page_of(webhook)}again/{telling}/")
    tell(webhook)
    assert len({call.headers["peyvand-delivery"] for call in receiver.calls}) == 1
    assert len(receiver.calls) == 2


def test_secrets_change_without_a_gap(console, webhook):
    old = secrets_of(webhook)
    shown = re.findall(r"whsec_[\w-]+", console.post(f"{page_of(webhook)}secret/").content.decode())[0]
    webhook.refresh_from_db()
    assert secrets_of(webhook) == [shown, *old]
    console.post(f"{page_of(webhook)}secret/", {"drop": "1"})
    webhook.refresh_from_db()
    assert secrets_of(webhook) == [shown]


def test_it_is_switched_off_and_removed(console, webhook, receiver):
    form = {"name": "Warehouse", "url": receiver.url, "scope": "all"}
    assert console.post(page_of(webhook), form).status_code == 302
    webhook.refresh_from_db()
    assert (webhook.name, webhook.is_active) == ("Warehouse", False)
    console.post(f"{page_of(webhook)}remove/")
    assert not Endpoint.objects.exists()


def test_another_brands_webhook_is_out_of_reach(webhook):
    twin = make_workspace("Twin")
    user = create_owner(workspace=twin, email="her@twin.example", password="a long enough password").user
    stranger = Client()
    stranger.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    there = page_of(webhook).replace("/sofalineh/", "/twin/")
    for address in (there, f"{there}test/", f"{there}remove/", f"{there}again/", f"{there}secret/"):
        assert stranger.post(address).status_code == 404
    assert Endpoint.objects.exists()


def with_role(brand, owner, *permissions) -> User:
    """Somebody who may do these alone."""
    name = "-".join(sorted(permissions)).replace(".", "-")
    role = create_role(workspace=brand, names={"en": name[:40]}, permissions=permissions, actor=owner)
    return put_member(workspace=brand, email=f"{name[:40]}@sofalineh.example", name="Eve", role=role).user


def browser_of(user) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_nobody_has_told_elsewhere_what_they_may_not_read(brand, owner, webhook, receiver):
    blind, reader = (
        with_role(brand, owner, P.SETTINGS_MANAGE),
        with_role(brand, owner, P.SETTINGS_MANAGE, P.CUSTOMERS_READ, P.FEEDBACK_READ),
    )
    hers = {"name": "Mine", "url": receiver.url, "scope": "all"}
    for user, form, words in (
        (blind, hers, "Read answers"),
        (reader, hers | {"personal": "on"}, "See phone numbers and e-mail addresses"),
    ):
        answer = browser_of(user).post(HOME, form)
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
    Endpoint.objects.filter(pk=webhook.pk).update(personal=True)
    for user in (blind, reader):
        answer = browser_of(user).post(page_of(webhook), hers | {"url": "https://evil.example/", "is_active": "on"})
        assert answer.status_code == 422
    kept = Endpoint.objects.get()
    assert (kept.url, kept.personal, kept.name) == (receiver.url, True, "warehouse")
    assert browser_of(reader).post(HOME, hers).status_code == 200
    assert Endpoint.objects.count() == 2
    browser_of(blind).post(f"{page_of(webhook)}remove/")
    assert Endpoint.objects.get().name == "Mine"


def test_a_key_has_told_elsewhere_only_what_it_may_read(brand, owner, webhook, receiver):
    def asked(scopes, method, path, **said):
        secret = create_key(workspace=brand, name="ops", scopes=scopes, actor=owner)[1]
        body = json.dumps({"name": "Mine", "url": receiver.url, **said})
        headers = {"Authorization": f"Bearer {secret}"}
        return getattr(Client(), method)(f"/api/v1{path}", body, content_type="application/json", headers=headers).status_code

    Endpoint.objects.filter(pk=webhook.pk).update(personal=True)
    here, reads = f"/webhooks/{pid_of(brand, webhook)}", ["settings.manage", "customers.read", "feedback.read"]
    assert asked(["settings.manage"], "post", "/webhooks") == 422
    assert asked(reads, "post", "/webhooks", personal=True) == 422
    assert asked(reads, "put", here, url="https://evil.example/") == 422
    assert Endpoint.objects.get().url == receiver.url
    assert asked(reads, "post", "/webhooks") == 201
    assert asked([*reads, "contacts.see"], "put", here, personal=True) == 200
