"""Calls of the API that take long keep nobody from writing meanwhile, though they are to be done once."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import resolve
from tests.silent import waiting_for

from peyvand.core import clock
from peyvand.core.models import Schedule
from peyvand.surveys.services import lay_default_survey
from peyvand.webhooks.models import Telling
from peyvand.webhooks.tests.receiver import Receiver, receiving
from peyvand.workspaces.bearer import OUTSIDE
from peyvand.workspaces.tests.programs import Program

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def receiver(settings):
    """A machine of others that writes to the database itself before it answers."""

    def write() -> None:
        Schedule.objects.create(name="meanwhile", last_at=clock.now())
        connection.close()

    with receiving() as made:
        settings.PEYVAND_INTERNAL_HOSTS = [made.host]
        made.meanwhile = write
        yield made


def test_a_silent_receiver_keeps_nobody_from_writing(receiver: Receiver):
    brand = Program()
    made = brand.told("post", "/webhooks", {"name": "warehouse", "url": receiver.url})
    address = f"/webhooks/{made['id']}"
    tag = brand.call("get", address)["ETag"]
    for headers in ({"Idempotency_Key": "once"}, {"If_Match": tag}):
        told = brand.told("post", f"{address}/test", **headers)
        assert (told["state"], told["status"]) == ("told", 200), "what was written meanwhile waited for nobody"
        Schedule.objects.get(name="meanwhile").delete()
    assert brand.told("post", f"{address}/test", Idempotency_Key="once")["state"] == "told"
    assert len(receiver.calls) == Telling.objects.count() == 2, "a repeat has no second effect"
    assert brand.call("post", f"{address}/test", If_Match='"another"').status_code == 412


def test_these_are_done_outside_of_transactions():
    resolve("/api/openapi.json")  # loads every operation
    assert sorted(OUTSIDE) == [
        ("POST", "/mail/test"),
        ("POST", "/surveys/<survey>/test"),
        ("POST", "/webhooks/<webhook>/test"),
        ("PUT", "/customer-fields/<field>"),
        ("PUT", "/sign-on"),
    ]


def test_who_would_wait_while_another_page_of_the_brand_does_is_told_so_at_once_and_nothing_was_done(receiver: Receiver):
    brand = Program()
    webhook = brand.told("post", "/webhooks", {"name": "warehouse", "url": receiver.url})["id"]
    survey = brand.pid(lay_default_survey(brand.workspace, actor=brand.owner).pk)
    console = Client(headers={"accept": "text/html", "referer": "http://testserver/w/sofalineh/settings/"})
    console.force_login(brand.owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    calls = ("/mail/test", f"/surveys/{survey}/test", f"/webhooks/{webhook}/test")
    pages = ("settings/email/test/", f"surveys/{survey}/test/", f"settings/webhooks/{webhook}/test/")
    with waiting_for(brand.workspace.pk):
        for path in calls:
            answer = brand.call("post", path)
            assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "busy", "2")
        for path in pages:
            for language, words in (("en", "Nothing was done"), ("fa", "کاری انجام نشد")):
                page = console.post(f"/w/sofalineh/{path}", headers={"accept-language": language})
                assert (page.status_code, "Refresh" in page) == (503, False), path
                assert words in page.content.decode()
                assert 'href="/w/sofalineh/settings/"' in page.content.decode()
    assert (len(receiver.calls), Telling.objects.count()) == (0, 0)
    assert brand.told("post", calls[2])["state"] == "told"
