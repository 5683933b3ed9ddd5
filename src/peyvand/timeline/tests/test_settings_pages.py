"""Own kinds used at once, and operations: what failed, in words, tried again or dismissed."""

from datetime import timedelta

import pytest
from django.test import Client

from peyvand.core import clock, jobs
from peyvand.core.models import Job, JobState
from peyvand.timeline import subscriptions
from peyvand.timeline.models import DeadLetter, Interaction
from peyvand.timeline.services import note_failure, record, record_many
from peyvand.timeline.subscriptions import Subscriber
from peyvand.timeline.types import Item
from peyvand.workspaces.access import pid_of
from peyvand.workspaces.services import create_owner, create_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return create_workspace(name="Narenj", slug="narenj", language="en")


@pytest.fixture
def owner(shop) -> Client:
    client = Client(headers={"accept-language": "en"})
    user = create_owner(workspace=shop, email="alice@example.com", password="four walnut trees").user
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def item(kind="order.placed", **more) -> Item:
    return Item(kind=kind, occurred_at=clock.now() - timedelta(hours=1), source="shop", external_id="1", **more)


def test_an_own_kind_is_recorded_as_soon_as_it_is_declared(owner, shop):
    assert record_many(shop.pk, [item("repair.finished")])[0].status == "rejected"
    given = {"code": "repair.finished", "name_en": "Repair finished", "name_fa": "پایان تعمیر", "field_0": "days", "type_0": "number"}
    assert owner.post("/w/narenj/settings/kinds/", given).status_code == 302
    two, too = item("repair.finished", properties={"days": "two"}), item("repair.finished", properties={"days": 2})
    assert [(outcome.status, outcome.field) for outcome in record_many(shop.pk, [two, too])] == [
        ("rejected", "properties.days"),
        ("recorded", ""),
    ]
    page = owner.get("/w/narenj/settings/kinds/").content.decode()
    assert "Repair finished" in page
    assert "curl" in page


@pytest.mark.parametrize(("code", "why"), [("order.placed", "built in already"), ("Repair", "two words"), ("a.b; drop", "two words")])
def test_a_kind_that_cannot_be_is_refused_with_the_reason(owner, code, why):
    assert why in owner.post("/w/narenj/settings/kinds/", {"code": code}).content.decode()


@pytest.fixture
def failing(monkeypatch):
    """A subscription that fails until it is mended."""
    state = {"broken": True, "seen": []}

    def react(events):
        if state["broken"]:
            raise ValueError("the till is closed")
        state["seen"].extend(event.id for event in events)

    monkeypatch.setattr(subscriptions, "subscribers", lambda: {"till": Subscriber("till", react)})
    return state


def stumbled(shop) -> DeadLetter:
    outcome = record(shop.pk, item())
    note_failure("till", shop.pk, outcome.interaction_id, ValueError("the till is closed"))
    return DeadLetter.objects.get(interaction_id=outcome.interaction_id)


def test_a_dead_letter_is_told_in_words_and_settled_once_it_works(owner, shop, failing):
    letter = stumbled(shop)
    page = owner.get("/w/narenj/settings/operations/").content.decode()
    assert "Placed an order" in page
    assert "the till is closed" in page
    address = f"/w/narenj/settings/operations/letters/{pid_of(shop, letter)}/"
    owner.post(address)
    letter.refresh_from_db()
    assert (letter.settled_at, letter.attempts) == (None, 2)
    failing["broken"] = False
    owner.post("/w/narenj/settings/operations/letters/")
    letter.refresh_from_db()
    assert letter.settled_how == "retried"
    assert failing["seen"] == [Interaction.objects.get().pk]


def test_a_dead_letter_is_dismissed_and_a_foreign_one_is_unknown(owner, shop, failing):
    twin = create_workspace(name="Twin", slug="twin", language="en")
    foreign, mine = stumbled(twin), stumbled(shop)
    for pid in (pid_of(twin, foreign), pid_of(shop, foreign)):
        assert owner.post(f"/w/narenj/settings/operations/letters/{pid}/", {"dismiss": "1"}).status_code == 404
    owner.post(f"/w/narenj/settings/operations/letters/{pid_of(shop, mine)}/", {"dismiss": "1"})
    foreign.refresh_from_db()
    mine.refresh_from_db()
    assert (foreign.settled_how, mine.settled_how) == ("", "dismissed")


def test_a_job_that_was_given_up_is_put_back_and_a_foreign_one_is_not(owner, shop):
    twin = create_workspace(name="Twin", slug="twin", language="en")
    for workspace in (shop, twin):
        jobs.enqueue(name="lost.cause", payload={"secret": "CANARY"}, workspace_id=workspace.pk)
    assert "1 wait" in owner.get("/w/narenj/settings/operations/").content.decode()
    Job.objects.update(state=JobState.DEAD, failed_at=clock.now(), error="ValueError: no")
    mine, foreign = Job.objects.get(workspace_id=shop.pk), Job.objects.get(workspace_id=twin.pk)
    page = owner.get("/w/narenj/settings/operations/").content.decode()
    assert "lost.cause" in page
    assert "CANARY" not in page
    assert owner.post(f"/w/narenj/settings/operations/jobs/{pid_of(shop, foreign)}/").status_code == 404
    owner.post(f"/w/narenj/settings/operations/jobs/{pid_of(shop, mine)}/")
    assert list(Job.objects.filter(state=JobState.DEAD)) == [foreign]
