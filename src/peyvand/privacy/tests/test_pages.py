"""The pages: exporting and forgetting one person, and the switch that stops all sending."""

import datetime as dt
import io
import json
import zipfile

import pytest
from django.test import Client

from peyvand.channels.models import BulkApproval, Outgoing
from peyvand.channels.services import deliver, resume_sending, send, stop_sending
from peyvand.channels.types import Message, Purpose
from peyvand.core import clock, jobs
from peyvand.core.ids import public_id
from peyvand.core.tests.working import work_off
from peyvand.identities.models import Customer
from peyvand.privacy.models import Erasure
from peyvand.privacy.tests.canaries import MAIL, PERSIAN, PHONE, live
from peyvand.surveys.models import Invitation
from peyvand.surveys.services.sending import send_due
from peyvand.timeline.models import Interaction
from peyvand.timeline.services import record
from peyvand.timeline.types import CustomerIn, IdentityIn, Item
from peyvand.workspaces.models import AuditEntry, Workspace
from peyvand.workspaces.services import create_owner, create_workspace, put_member

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def browser(workspace: Workspace, role: str = "owner") -> Client:
    client = Client()
    owner = workspace.members.get(role="owner")
    if role != "owner":
        owner = put_member(workspace=workspace, email=f"{role}@brand.example", name=role, role=role)
    client.force_login(owner.user, backend=BACKEND)
    return client


def pid(customer: Customer) -> str:
    return public_id(bytes(customer.workspace.id_key), customer.pk)


def test_an_export_holds_what_every_app_keeps(brand):
    customer = live(brand)
    answer = browser(brand).post(f"/w/sofal/customers/{pid(customer)}/privacy/export/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        told = json.loads(archive.read("person.json"))
        page = archive.read("person.html").decode()
    sections = told["sections"]
    wanted = {"names", "identities", "profile", "consents", "interactions", "cases", "case_events", "responses", "answers", "messages"}
    assert wanted <= sections.keys()
    values = {one["value"] for one in sections["identities"]}
    assert {MAIL, "+98" + PHONE[1:]} <= values
    assert any(one["kind"] == "order.placed" and one["amount"] == 1_250_000 for one in sections["interactions"])
    assert "Somebody Else" not in json.dumps(told)
    assert 'dir="rtl"' in page
    assert PERSIAN in page
    assert AuditEntry.objects.filter(action="person.exported", target_id=customer.pk).count() == 1


def test_forgetting_asks_first_and_then_the_page_is_gone(brand, no_waiting):
    customer = live(brand)
    client, page = browser(brand), f"/w/sofal/customers/{pid(customer)}/privacy/"
    assert client.post(page).status_code == 422
    assert not Erasure.objects.exists()
    assert client.post(page, {"sure": "on"}).status_code == 302
    work_off()
    assert Erasure.objects.get().state == Erasure.State.DONE
    assert client.get(f"/w/sofal/customers/{pid(customer)}/").status_code == 410
    assert client.get(f"/w/sofal/customers/{pid(customer)}/edit/").status_code == 404
    assert client.get(page).status_code == 404
    listed = client.get("/w/sofal/settings/privacy/")
    assert listed.status_code == 200
    assert PERSIAN not in listed.content.decode()
    trail = client.get("/w/sofal/settings/audit/").content.decode()
    assert PERSIAN not in trail


def test_who_may_not_cannot_and_strangers_find_nothing(brand):
    customer = live(brand)
    agent = browser(brand, "agent")
    for address in ("", "export/"):
        assert agent.post(f"/w/sofal/customers/{pid(customer)}/privacy/{address}", {"sure": "on"}).status_code == 403
    other = create_workspace(name="Limu", slug="limu")
    create_owner(workspace=other, email="limu@brand.example", password="long enough 1")
    assert browser(other).post(f"/w/limu/customers/{pid(customer)}/privacy/", {"sure": "on"}).status_code == 404
    assert not Erasure.objects.exists()


def mail(brand: Workspace, key: str) -> Outgoing:
    known = CustomerIn(identities=[IdentityIn("email", MAIL)])
    told = record(brand.pk, Item(kind="site.visited", occurred_at=clock.now(), customer=known, source="shop", external_id="one"))
    customer = Interaction.objects.select_related("identity__customer").get(pk=told.interaction_id).identity.customer
    return send(workspace=brand, customer=customer, purpose=Purpose.SERVICE, message=Message("text", "subject"), key=key)


def test_what_is_queued_waits_while_sending_is_stopped_and_leaves_once_afterwards(brand):
    owner = brand.members.get().user
    before = mail(brand, "before")
    stop_sending(workspace=brand, reason="wrong text", actor=owner)
    stop_sending(workspace=brand, reason="again", actor=owner)
    deliver(before.pk)
    during = mail(brand, "during")
    work_off()
    assert set(Outgoing.objects.filter(key__in=("before", "during")).values_list("state", flat=True)) == {"queued"}
    page = browser(brand).get("/w/sofal/")
    assert "wrong text" in page.content.decode()
    resume_sending(workspace=brand, actor=owner)
    resume_sending(workspace=brand, actor=owner)
    work_off()
    assert set(Outgoing.objects.filter(pk__in=(before.pk, during.pk)).values_list("state", flat=True)) == {"sent"}
    assert not jobs.due().exists()
    trail = AuditEntry.objects.filter(action__startswith="sending.").order_by("pk")
    assert list(trail.values_list("action", flat=True)) == ["sending.stopped", "sending.resumed"]


def planned(brand: Workspace, number: int) -> None:
    """So many customers who are to be asked now."""
    survey = brand.surveys.earliest("pk")
    survey.is_active = True
    survey.save()
    for n in range(number):
        known = CustomerIn(identities=[IdentityIn("email", f"c{n}@post.example")])
        told = record(brand.pk, Item(kind="site.visited", occurred_at=clock.now(), customer=known, source="shop", external_id=f"c{n}"))
        Invitation.objects.create(workspace=brand, survey=survey, customer_id=told.customer_id, nonce=str(n), send_at=clock.now())


def test_more_than_so_many_wait_for_somebody_to_agree(brand):
    with clock.frozen(dt.datetime(2026, 6, 16, 8, 30, tzinfo=dt.UTC)) as frozen:  # Tuesday noon in Tehran
        client = browser(brand)
        assert client.post("/w/sofal/settings/privacy/", {"approve_above": "2", "card": "terminal، note"}).status_code == 302
        brand.refresh_from_db()
        assert brand.preferences["unredacted"] == {"card": ["note", "terminal"]}
        planned(brand, 3)
        send_due()
        send_due()
        assert not Outgoing.objects.exists()
        asked = BulkApproval.objects.get()
        assert (asked.recipients, asked.approved_at) == (3, None)
        page = f"/w/sofal/settings/privacy/approve/{public_id(bytes(brand.id_key), asked.pk)}/"
        other = create_workspace(name="Limu", slug="limu")
        create_owner(workspace=other, email="limu@brand.example", password="long enough 1")
        assert browser(other).post(page.replace("sofal", "limu")).status_code == 404
        assert client.post(page).status_code == 302
        assert client.post(page).status_code == 302
        send_due()
        assert Outgoing.objects.filter(workspace=brand).count() == 3
        assert AuditEntry.objects.filter(action="sending.approved").count() == 1
        frozen.advance(dt.timedelta(days=1, hours=1))
        Invitation.objects.update(state="planned", message=None)
        Outgoing.objects.all().delete()
        send_due()
        assert not Outgoing.objects.exists()


def test_up_to_so_many_go_without_a_word(brand):
    with clock.frozen(dt.datetime(2026, 6, 16, 8, 30, tzinfo=dt.UTC)):
        brand.preferences = {"approve_above": 3}
        brand.save()
        planned(brand, 3)
        send_due()
        assert (Outgoing.objects.count(), BulkApproval.objects.count()) == (3, 0)
