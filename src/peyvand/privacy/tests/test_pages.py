"""The pages: exporting and forgetting one person, and the switch that stops all sending."""

import datetime as dt
import io
import json
import zipfile

import pytest
from django.test import Client
from django.utils.translation import override

from peyvand.channels.models import BulkApproval, Outgoing
from peyvand.channels.services import approve, deliver, may_write_to, resume_sending, send, stop_sending
from peyvand.channels.services.approving import NotByWhoBeganError
from peyvand.channels.types import Message, Purpose
from peyvand.core import clock, display, jobs
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
from peyvand.workspaces.models import AuditEntry, Member, User, Workspace
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
    assert "گام ۱ از ۴: از سوابق برداشته می‌شود" in client.get("/w/sofal/settings/privacy/").content.decode()
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


def test_the_page_tells_what_still_holds_somebody_and_until_when(brand, settings, data_folder, tmp_path):
    settings.PEYVAND_BACKUP_FOLDER = tmp_path
    Erasure.objects.create(workspace=brand, customer=1, state=Erasure.State.DONE, finished_at=clock.now(), left=["before_restore"])
    client, page = browser(brand), "/w/sofal/settings/privacy/"
    aside, told = "(*.before-restore)", "نسخه‌های پشتیبان در پوشهٔ همین نصب هنوز او را دارند."
    said = client.get(page).content.decode()
    assert (aside in said, told in said) == (False, False), "neither is there"
    (data_folder / "files.before-restore").mkdir()
    made = clock.now() - dt.timedelta(days=1)
    (tmp_path / f"left-by-return-1.0.0-{made:%Y%m%d-%H%M%S}.tar.gz").write_bytes(b"old")
    said = client.get(page).content.decode()
    with override("fa"):
        assert (aside in said, told in said, display.day(made + dt.timedelta(days=30)) in said) == (True, True, True)


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
    said, to_agent = browser(brand).get("/w/sofal/").content.decode(), browser(brand, "agent").get("/w/sofal/").content.decode()
    assert all("wrong text" in page for page in (said, to_agent))
    lift = 'href="/w/sofal/settings/privacy/sending/"'
    assert (lift in said, lift in to_agent) == (True, False)
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


class Sender:
    """Something that writes to many: as many as it may, of those who wait."""

    def __init__(self, brand, **rules):
        self.brand, self.left = brand, []
        brand.preferences = {"approve_above": 2, **rules}
        brand.save()

    def may(self, recipients: int, begun_by=None) -> int:
        return may_write_to(
            workspace=self.brand,
            subject="survey:after",
            recipients=recipients,
            sent=lambda since: sum(at >= since for at in self.left),
            begun_by=begun_by,
        )

    def write(self, recipients: int) -> int:
        allowed = self.may(recipients)
        self.left += [clock.now()] * allowed
        return allowed

    def agree(self, actor=None) -> bool:
        return approve(approval=BulkApproval.objects.get(approved_at=None), actor=actor or self.brand.members.get().user)


def test_a_word_for_some_is_none_for_more(brand, frozen_clock):
    sender = Sender(brand)
    assert sender.write(3) == 0
    assert sender.agree()
    frozen_clock.advance(dt.timedelta(seconds=30))
    assert [sender.may(3), sender.may(2), sender.write(300)] == [3, 2, 3]
    assert [(one.recipients, one.approved_at is None) for one in BulkApproval.objects.order_by("pk")] == [(3, False), (297, True)]
    assert sender.write(400) == 0
    assert sender.agree()
    frozen_clock.advance(dt.timedelta(seconds=30))
    assert [sender.write(150), sender.write(350)] == [150, 250]


def test_the_number_is_of_a_day_and_not_of_a_moment(brand, frozen_clock):
    sender = Sender(brand)
    assert [sender.write(1) for _n in range(4)] == [1, 1, 0, 0]
    assert BulkApproval.objects.get().recipients == 1
    frozen_clock.advance(dt.timedelta(days=1, seconds=1))
    assert sender.write(1) == 1
    assert not BulkApproval.objects.exists(), "a question that is none any more is taken back"


def test_a_word_ends_after_a_day(brand, frozen_clock):
    sender = Sender(brand)
    sender.may(5)
    sender.agree()
    frozen_clock.advance(dt.timedelta(days=1, seconds=1))
    assert sender.may(5) == 0
    assert BulkApproval.objects.filter(approved_at=None).count() == 1


def test_another_person_than_who_began_it_must_agree_where_the_brand_wants_that(brand):
    sender = Sender(brand, approve_by_another=True)
    me = brand.members.get().user
    other = create_owner(workspace=brand, email="azadeh@brand.example", password="long enough 2").user
    sender.may(5, begun_by=me)
    with pytest.raises(NotByWhoBeganError):
        sender.agree(me)
    client = Client()
    client.force_login(me, backend=BACKEND)
    page = client.get("/w/sofal/settings/privacy/").content.decode()
    assert ("/settings/privacy/approve/" in page, "/settings/privacy/refuse/" in page) == (False, True)
    assert sender.agree(other)
    assert sender.may(5) == 5


def test_those_who_may_agree_are_told_once_and_in_their_language(brand, settings, mailoutbox):
    settings.PEYVAND_MAIL_READY = True
    User.objects.filter(pk=brand.members.get().user_id).update(language="fa")
    create_owner(workspace=brand, email="ann@brand.example", password="long enough 2", name="Ann")
    User.objects.filter(email="ann@brand.example").update(language="en")
    viewer = create_owner(workspace=brand, email="viewer@brand.example", password="long enough 3")
    Member.objects.filter(pk=viewer.pk).update(role="viewer")
    sender = Sender(brand)
    sender.may(1200)
    sender.may(1300)
    work_off()
    told = {mail.to[0]: f"{mail.subject} {mail.body}" for mail in mailoutbox}
    assert (len(mailoutbox), len(told), "viewer@brand.example" in told) == (2, 2, False)
    assert "1,200 people" in told["ann@brand.example"]
    assert "۱٬۲۰۰ نفر" in next(text for to, text in told.items() if to != "ann@brand.example")
    assert all("/w/sofal/settings/privacy/" in text for text in told.values())


def test_who_waited_when_somebody_refused_is_never_written_to(brand):
    with clock.frozen(dt.datetime(2026, 6, 16, 8, 30, tzinfo=dt.UTC)) as frozen:  # Tuesday noon in Tehran
        client = browser(brand)
        brand.preferences = {"approve_above": 2}
        brand.save()
        planned(brand, 3)
        send_due()
        edit = f"/w/sofal/surveys/{public_id(bytes(brand.id_key), brand.surveys.earliest('pk').pk)}/"
        waits = [client.get(page).content.decode() for page in ("/w/sofal/surveys/", edit)]
        assert all("/w/sofal/settings/privacy/" in page and "pv-note warn" in page for page in waits)
        page = f"/w/sofal/settings/privacy/refuse/{public_id(bytes(brand.id_key), BulkApproval.objects.get().pk)}/"
        assert client.get(page).status_code == 200
        assert client.post(page, {"reason": " "}).status_code == 422
        frozen.advance(dt.timedelta(minutes=1))
        for _twice in range(2):
            assert client.post(page, {"reason": "The text is <b>wrong</b>"}).status_code == 302
        assert client.post(page.replace("refuse", "approve")).status_code == 302
        send_due()
        send_due()
        assert (Outgoing.objects.count(), BulkApproval.objects.count()) == (0, 1)
        assert list(Invitation.objects.values_list("state", flat=True)) == ["held"] * 3
        refused = AuditEntry.objects.get(action="sending.refused")
        assert refused.detail == {"recipients": 3, "reason": "The text is <b>wrong</b>"}
        assert not AuditEntry.objects.filter(action="sending.approved").exists()
        assert "The text is &lt;b&gt;wrong" in client.get(edit).content.decode()
        frozen.advance(dt.timedelta(minutes=1))
        Invitation.objects.update(state="planned", send_at=clock.now())
        send_due()
        assert BulkApproval.objects.filter(refused_at=None).get().recipients == 3


def test_many_by_and_by_are_as_many_as_at_once(brand):
    """Three due each half minute were thirty mails and nobody was asked."""
    with clock.frozen(dt.datetime(2026, 6, 16, 8, 30, tzinfo=dt.UTC)) as frozen:
        brand.preferences = {"approve_above": 3}
        brand.save()
        planned(brand, 30)
        for n, invitation in enumerate(Invitation.objects.order_by("pk")):
            Invitation.objects.filter(pk=invitation.pk).update(send_at=clock.now() + dt.timedelta(seconds=30 * (n // 3)))
        for _run in range(10):
            send_due()
            frozen.advance(dt.timedelta(seconds=30))
        assert (Outgoing.objects.count(), BulkApproval.objects.get().recipients) == (3, 27)
        BulkApproval.objects.update(recipients=10)
        approve(approval=BulkApproval.objects.get(), actor=brand.members.get().user)
        frozen.advance(dt.timedelta(seconds=30))
        for _run in range(3):
            send_due()
            frozen.advance(dt.timedelta(seconds=30))
        assert Outgoing.objects.count() == 13
        assert BulkApproval.objects.get(approved_at=None).recipients == 17


def test_up_to_so_many_go_without_a_word(brand):
    with clock.frozen(dt.datetime(2026, 6, 16, 8, 30, tzinfo=dt.UTC)):
        brand.preferences = {"approve_above": 3}
        brand.save()
        planned(brand, 3)
        send_due()
        assert (Outgoing.objects.count(), BulkApproval.objects.count()) == (3, 0)
