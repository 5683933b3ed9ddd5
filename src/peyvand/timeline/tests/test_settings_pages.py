"""Own kinds used at once, and operations: what failed, in words, tried again or dismissed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.translation import override

from peyvand.catalogue.models import Term
from peyvand.core import clock, jobs
from peyvand.core.models import Job, JobState
from peyvand.timeline import subscriptions
from peyvand.timeline.models import DeadLetter, Interaction
from peyvand.timeline.queries import declared_fields, field_labels
from peyvand.timeline.services import declare_kind, note_failure, record, record_many
from peyvand.timeline.subscriptions import Subscriber
from peyvand.timeline.types import Item
from peyvand.workspaces.access import pid_of
from peyvand.workspaces.models import AuditEntry
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


def test_a_job_that_was_given_up_is_discarded_and_the_trail_says_so(owner, shop):
    twin = create_workspace(name="Twin", slug="twin", language="en")
    for workspace in (shop, twin):
        jobs.enqueue(name="lost.cause", workspace_id=workspace.pk)
    mine, foreign = Job.objects.get(workspace_id=shop.pk), Job.objects.get(workspace_id=twin.pk)
    address = f"/w/narenj/settings/operations/jobs/{pid_of(shop, mine)}/"
    assert owner.post(address, {"discard": "1"}).status_code == 404  # it was not given up
    Job.objects.update(state=JobState.DEAD, failed_at=clock.now(), error="ValueError: no")
    assert owner.post(f"/w/narenj/settings/operations/jobs/{pid_of(shop, foreign)}/", {"discard": "1"}).status_code == 404
    owner.post(address, {"discard": "1"})
    assert list(Job.objects.all()) == [foreign]
    assert AuditEntry.objects.get(workspace=shop, action="job.discarded").detail == {"job": "lost.cause"}


def test_an_own_kind_is_changed_and_its_fields_have_names_in_both_languages(owner, shop):
    given = {
        "code": "repair.finished",
        "name_en": "Repair finished",
        "field_0": "on_time",
        "type_0": "yes_no",
        "fa_0": "سر وقت",
        "en_0": "On time",
    }
    owner.post("/w/narenj/settings/kinds/", given)
    term = Term.objects.get(workspace=shop, code="repair.finished")
    assert "already" in owner.post("/w/narenj/settings/kinds/", {"code": "repair.finished"}).content.decode()
    change = f"/w/narenj/settings/kinds/?change={pid_of(shop, term)}"
    page = owner.get(change).content.decode()
    assert all(word in page for word in ("Change “Repair finished”", "سر وقت", "On time"))
    given |= {"code": "something.else", "name_fa": "پایان تعمیر", "field_1": "by", "type_1": "text"}
    assert owner.post(change, given).status_code == 302
    term.refresh_from_db()
    assert (term.code, term.names["fa"], term.details["fields"]) == ("repair.finished", "پایان تعمیر", {"on_time": "yes_no", "by": "text"})
    with override("fa"):
        assert field_labels(term) == {"on_time": "سر وقت", "by": "by"}
    assert list(declared_fields(term)) == ["on_time", "by"]
    assert "&quot;properties&quot;: {&quot;on_time&quot;: true" in owner.get("/w/narenj/settings/kinds/").content.decode()


@pytest.mark.parametrize(("name", "why"), [("On", "Small Latin"), ("customer", "kept for"), ("days", "above already")])
def test_a_field_that_cannot_be_is_refused_beside_it(owner, name, why):
    given = {"code": "repair.finished", "field_0": "days", "type_0": "number", "field_3": name, "type_3": "text"}
    page = owner.post("/w/narenj/settings/kinds/", given).content.decode()
    assert why in page
    assert '<details class="pv-panel-foot" open>' in page


def test_a_kind_of_another_brand_cannot_be_changed(owner, shop):
    twin = create_workspace(name="Twin", slug="twin", language="en")
    theirs = declare_kind(workspace=twin, code="repair.finished", names={"en": "Theirs"}, fields={}, actor=None)
    for pid in (pid_of(twin, theirs), pid_of(shop, theirs)):
        assert owner.get(f"/w/narenj/settings/kinds/?change={pid}").status_code == 404


def test_a_dead_letter_calls_an_own_kind_by_its_name(owner, shop):
    declare_kind(workspace=shop, code="repair.finished", names={"en": "Repair finished"}, fields={}, actor=None)
    outcome = record(shop.pk, item("repair.finished"))
    note_failure("till", shop.pk, outcome.interaction_id, ValueError("no"))
    assert "Repair finished" in owner.get("/w/narenj/settings/operations/").content.decode()
